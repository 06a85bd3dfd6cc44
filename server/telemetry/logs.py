"""Log lines on stderr, as text for people or as JSON for programs, each with its request's id.

Modules log ids, kinds and durations: never a question, a name of the data, an amount or a token.
"""

from __future__ import annotations

import json
import logging
import sys
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import IO, Literal

from erp_adapters.tracing import trace_id

REQUEST: ContextVar[str] = ContextVar("plantwright_request", default="")
"""Id of the HTTP request that is being answered; empty outside of one."""

OURS = ("server", "agents", "tools", "policies", "erp_adapters", "plantwright", "eval")
_TELLING = ("method", "route", "status", "ms", "subject", "answer", "outcome", "incident")
"""Members that a line may carry besides its message; others are not written."""


class _Handler(logging.StreamHandler[IO[str]]):
    """Ours, so that a second call replaces it."""


class JsonLines(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as a line."""
        moment = datetime.fromtimestamp(record.created, UTC)
        held: dict[str, object] = {
            "time": moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        held |= _place()
        held |= {name: getattr(record, name) for name in _TELLING if hasattr(record, name)}
        if record.exc_info:
            held["traceback"] = self.formatException(record.exc_info)
        return json.dumps(held, ensure_ascii=False, default=str)


class Text(logging.Formatter):
    """A line for people, without line breaks of others' making."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as a line."""
        moment = datetime.fromtimestamp(record.created).astimezone()
        said = " ".join(record.getMessage().split())
        told = [f"{name}={getattr(record, name)}" for name in _TELLING if hasattr(record, name)]
        told += [f"{name}={value}" for name, value in _place().items()]
        line = f"{moment:%H:%M:%S} {record.levelname.lower():7} {said} {' '.join(told)}".rstrip()
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line


def configure(kind: Literal["text", "json"], stream: IO[str] | None = None) -> None:
    """Write the program's lines from `info` on, and those of packages from `warning` on."""
    handler = _Handler(stream or sys.stderr)
    handler.setFormatter(JsonLines() if kind == "json" else Text())
    root = logging.getLogger()
    root.handlers = [one for one in root.handlers if not isinstance(one, _Handler)]
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    for name in OURS:
        logging.getLogger(name).setLevel(logging.INFO)


def _place() -> dict[str, str]:
    """Ids of the request and of the trace, where there are any."""
    held = {"request": request} if (request := REQUEST.get()) else {}
    if trace := trace_id():
        held["trace"] = trace
    return held

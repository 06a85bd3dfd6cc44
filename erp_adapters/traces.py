"""What a confirmed change of days leaves in a text of the system's, by which it is found again."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Final
from urllib.parse import quote, unquote

_TRACE: Final = re.compile(
    r"(?P<marker>PW-[A-Z0-9]{20,32}) (?:(?P<line>\d+) )?(?P<days>\d{4}-\d\d-\d\d(?:/\d{4}-\d\d-\d\d)?)"
    r" (?P<requester>\S+)"
)


@dataclass(frozen=True, slots=True)
class Trace:
    """One change of days."""

    marker: str
    days: tuple[date, ...]
    """The day on which a delivery is due; of a production order those of its start and its end."""
    requester: str
    line: str = ""
    """Of a purchase order, as people write it."""

    def __str__(self) -> str:
        line = f"{self.line} " if self.line else ""
        return f"{self.marker} {line}{'/'.join(map(str, self.days))} {quote(self.requester, safe='@')}"


def traced(text: str, trace: Trace) -> str:
    """The text with one more trace, on a line of its own."""
    return f"{text.rstrip()}\n{trace}".lstrip("\n")


def traces(text: str) -> tuple[Trace, ...]:
    """What a text tells of, oldest first."""
    return tuple(
        Trace(
            found["marker"],
            tuple(map(date.fromisoformat, found["days"].split("/"))),
            unquote(found["requester"]),
            found["line"] or "",
        )
        for found in _TRACE.finditer(text)
    )

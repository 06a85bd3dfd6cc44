"""Several changes in one call that are all made or none: `$batch` with a change set."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message
from email.policy import HTTP
from typing import Any, Final
from uuid import uuid4

from erp_adapters.http import Content

_CRLF: Final = "\r\n"


@dataclass(frozen=True, slots=True)
class Change:
    """One change of a change set."""

    method: str
    path: str
    """Below the service."""
    body: Mapping[str, Any]
    etag: str = ""
    """As it was read; SAP refuses where it is another by then."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What one part of a batch was answered."""

    status: int
    text: str


def packed(changes: Sequence[Change], language: str) -> Content:
    """The body of a `$batch` call with one change set."""
    outer, inner = f"batch_{uuid4().hex}", f"changeset_{uuid4().hex}"
    parts = []
    for number, change in enumerate(changes, 1):
        data = json.dumps(change.body)
        heads = {
            "Content-Type": "application/json",
            "Accept": "application/json",
            "Accept-Language": language,
            "Content-Length": str(len(data.encode())),
            **({"If-Match": change.etag} if change.etag else {}),
        }
        parts += [
            f"--{inner}",
            "Content-Type: application/http",
            "Content-Transfer-Encoding: binary",
            f"Content-ID: {number}",
            "",
            f"{change.method} {change.path} HTTP/1.1",
            *(f"{name}: {value}" for name, value in heads.items()),
            "",
            data,
        ]
    lines = [
        f"--{outer}",
        f"Content-Type: multipart/mixed; boundary={inner}",
        "",
        *parts,
        f"--{inner}--",
        "",
        f"--{outer}--",
        "",
    ]
    return Content(_CRLF.join(lines).encode(), f"multipart/mixed; boundary={outer}")


def unpacked(text: str, content_type: str) -> tuple[Answer, ...]:
    """The answers in a `$batch` reply; none where it is not one. A refused change set has a single one."""
    whole = message_from_bytes(f"Content-Type: {content_type}{_CRLF}{_CRLF}{text}".encode(), policy=HTTP)
    return tuple(found for part in whole.walk() if (found := _answer(part)) is not None)


def _answer(part: Message) -> Answer | None:
    if part.get_content_type() != "application/http":
        return None
    payload = part.get_payload(decode=True)
    text = payload.decode(errors="replace") if isinstance(payload, bytes) else ""
    line, _, rest = text.lstrip().partition("\n")
    words = line.split()
    if len(words) < 2 or not words[0].startswith("HTTP/") or not words[1].isdigit():
        return None
    body = rest.replace("\r\n", "\n").partition("\n\n")[2]
    return Answer(int(words[1]), body.strip())

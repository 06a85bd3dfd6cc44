"""What SAP says went wrong: error envelopes of both versions, of Gateway's XML, and its pages."""

from __future__ import annotations

import json
import re
from html import unescape
from typing import Any

_XML = re.compile(r"<code>(?P<code>.*?)</code>.*?<message[^>]*>(?P<text>.*?)</message>", re.DOTALL)
_PAGE = re.compile(
    r"<title[^>]*>\s*(?P<title>.*?)\s*</title>(?:.*?<p[^>]*class=\"detailText\"[^>]*>(?P<text>.*?)</p>)?",
    re.DOTALL | re.IGNORECASE,
)
_TAGS = re.compile(r"<[^>]+>")
_MOST_DETAILS = 4
_LONGEST = 600


def said(text: str) -> str:
    """The message in an answer's body, with those of its details; empty where it has none that is known."""
    head = text.lstrip()[:1]
    if head == "{":
        try:
            return _of_json(json.loads(text))
        except (ValueError, RecursionError):
            return ""
    if head != "<":
        return ""
    if found := _XML.search(text):
        return _plain(f"{found['text']} ({found['code']})")
    if found := _PAGE.search(text):
        return _plain(" - ".join(part for part in (found["title"], found["text"]) if part))
    return ""


def _of_json(body: Any) -> str:
    error = body.get("error") if isinstance(body, dict) else None
    if not isinstance(error, dict):
        return ""
    texts = [_message(error)]
    inner = error.get("innererror")
    details = (inner or {}).get("errordetails") if isinstance(inner, dict) else None
    for detail in [*(details or []), *(error.get("details") or [])]:
        if isinstance(detail, dict) and detail.get("severity", "error") == "error":
            texts.append(_message(detail))
    told = list(dict.fromkeys(text for text in texts if text))
    if len(told) > _MOST_DETAILS:
        told = [*told[:_MOST_DETAILS], f"and {len(told) - _MOST_DETAILS} more"]
    code = error.get("code")
    return _plain("; ".join(told) + (f" ({code})" if code else ""))


def _message(error: dict[str, Any]) -> str:
    message = error.get("message")
    if isinstance(message, dict):
        message = message.get("value")
    return str(message or "").strip()


def _plain(text: str) -> str:
    found = " ".join(unescape(_TAGS.sub(" ", text)).split())
    return found if len(found) <= _LONGEST else found[:_LONGEST] + "…"

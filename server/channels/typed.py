"""What a person can type beside questions: who they are, what they want to be told, and a fresh start."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import time
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class LinkMe:
    """A code that says who they are."""

    code: str


@dataclass(frozen=True, slots=True)
class UnlinkMe:
    """Their account is to be nobody's."""


@dataclass(frozen=True, slots=True)
class Fresh:
    """Another conversation from here on."""


@dataclass(frozen=True, slots=True)
class WhatWaits:
    """What waits for them, now."""


@dataclass(frozen=True, slots=True)
class Notices:
    """Whether they are told what waits for them."""

    wanted: bool


@dataclass(frozen=True, slots=True)
class Digest:
    """When they get a digest; None for none."""

    at: time | None


@dataclass(frozen=True, slots=True)
class Quiet:
    """Between which times of day they are told nothing unasked; the same twice for never."""

    since: time
    till: time


@dataclass(frozen=True, slots=True)
class Help:
    """What can be typed."""


Typed: TypeAlias = LinkMe | UnlinkMe | Fresh | WhatWaits | Notices | Digest | Quiet | Help

_TIME = r"([01]?\d|2[0-3])[:.]([0-5]\d)"
_CODE = re.compile(r"(?:link|verbinden|vincular|lier)\s+([A-Za-z0-9]{5}-?[A-Za-z0-9]{5})", re.IGNORECASE)
_DIGEST = re.compile(rf"digest\s+(?:off|{_TIME})", re.IGNORECASE)
_QUIET = re.compile(rf"quiet\s+(?:off|{_TIME}\s*(?:-|–|to)\s*{_TIME})", re.IGNORECASE)
_WORDS: dict[str, Typed] = {
    "help": Help(),
    "hilfe": Help(),
    "ayuda": Help(),
    "aide": Help(),
    "unlink": UnlinkMe(),
    "new": Fresh(),
    "waiting": WhatWaits(),
    "notices on": Notices(True),
    "notices off": Notices(False),
}


def typed(text: str) -> Typed | None:
    """What was typed, where it is nothing but one of these; None for a question."""
    words = " ".join(text.split())
    if known := _WORDS.get(words.lower()):
        return known
    if found := _CODE.fullmatch(words):
        return LinkMe(found[1])
    if found := _DIGEST.fullmatch(words):
        return Digest(_time(found[1], found[2]))
    if found := _QUIET.fullmatch(words):
        since, till = _time(found[1], found[2]), _time(found[3], found[4])
        never = time(0, 0)
        return Quiet(since or never, till or never)
    return None


def _time(hour: str | None, minute: str | None) -> time | None:
    return None if hour is None or minute is None else time(int(hour), int(minute))

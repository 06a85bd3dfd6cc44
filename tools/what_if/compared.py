"""What suppositions of a kind come to: tables whose first row is the data as it is, and what to say of it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import assert_never

from tools.languages import said
from tools.results import SourceShare, Table
from tools.what_if.arguments import Supposition

AS_IS = "as is"


@dataclass(frozen=True, slots=True)
class Compared:
    """The part of an answer that one engine gives."""

    site: str
    tables: tuple[Table, ...]
    sentence: str
    words: tuple[str, ...]
    """What was supposed, one by one."""
    caveats: tuple[str, ...]
    suggestions: tuple[str, ...]
    """Questions and sentences that go on from it, those that make a draft first."""
    records: tuple[str | SourceShare, ...]


def digest(parts: Iterable[object]) -> str:
    """Names what an engine was given: the same figures come of the same inputs."""
    found = hashlib.sha256()
    for one in parts:
        found.update(repr(one).encode())
        found.update(b"\n")
    return found.hexdigest()[:16]


def short(one: Supposition) -> str:
    """What is supposed in few words, for the row of a table."""
    match one.kind:
        case "demand" | "price":
            assert one.rise is not None
            share = f"{one.rise.normalize():+f} %".replace("-", "−")
            return share if one.about is None else f"{one.about} {share}"
        case "delivery_late":
            return f"{one.about} {said('[[number]] days later', number=one.days)}"
        case "machine_down" | "crew_absent":
            return str(one.about)
        case _:
            assert_never(one.kind)


def changed(one: Supposition) -> str:
    """`up by 10 %` in a clause of its own, for what rises or falls."""
    assert one.rise is not None
    number = f"{abs(one.rise).normalize():f}"
    return said("up by [[number]] %" if one.rise > 0 else "down by [[number]] %", number=number)

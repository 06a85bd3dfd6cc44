"""The ERP's documents and the audit's entries set against each other, both ways.

A document with our marker that no entry is about was written past the executor, or its entry was never kept;
an entry without its document says that something was written which is not there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, TypeAlias

from erp_adapters.records import PostedDocument
from policies.audit.chain import Entry

MatchKind: TypeAlias = Literal["not_on_record", "not_in_the_erp", "twice", "differs", "said_not_written"]
MARKED = "PW-"
"""What the marker of every document begins with that we wrote; others are no concern of ours."""
_WRITES = frozenset({"execution", "reconciliation"})
_SENDS = frozenset({"dispatch", "unknown_outcome", "refusal"})


@dataclass(frozen=True, slots=True)
class Written:
    """A write that is on record, or that was begun."""

    position: int
    at: datetime
    proposal: str
    site: str
    marker: str
    """Empty where the contents were erased, so that it cannot be told."""
    number: str
    """Empty where it was only sent, or found not to be there."""
    outcome: Literal["written", "sent", "not_written", "erased"]
    cancels: str = ""
    """Marker of the document that it took back; empty where it created one."""


@dataclass(frozen=True, slots=True)
class Mismatch:
    """Something that is on one side only, or is not the same on both."""

    kind: MatchKind
    site: str
    proposal: str
    number: str
    what: str


@dataclass(frozen=True, slots=True)
class Matching:
    """What came of setting both sides against each other."""

    documents: int
    """Documents with our marker."""
    entries: int
    """Writes on record."""
    matched: int
    erased: int
    """Writes on record that nobody can read any more."""
    mismatches: tuple[Mismatch, ...]


Marker: TypeAlias = Callable[[str, str, str], str]
"""The marker of a proposal's id and digest, and of the part where it has several."""
Differences: TypeAlias = Callable[[str, PostedDocument], Sequence[str]]
"""What of a document is not as the proposal with that id was confirmed."""


Reader: TypeAlias = Callable[[Entry], Mapping[str, Any] | None]
"""Opens an entry, as `sealing.contents_of` does; None where it was erased."""


def written(entries: Iterable[Entry], read: Reader, marker: Marker) -> tuple[Written, ...]:
    """What is on record about writes, the latest word on each proposal, or on each part of it.

    Args:
        entries: of the chain.
        read: opens an entry.
        marker: how markers are made.
    """
    latest: dict[tuple[str, str], Written] = {}
    for entry in entries:
        if entry.kind not in _WRITES | _SENDS or not entry.proposal:
            continue
        held = read(entry)
        found = _written(entry, held, marker)
        place = entry.proposal, str((held or {}).get("part") or "")
        before = latest.get(place)
        # A word about a call, such as a second dispatch, takes nothing back that was written.
        if before is None or before.outcome != "written" or found.outcome in ("written", "not_written"):
            latest[place] = found
    return tuple(latest.values())


def _written(entry: Entry, held: Mapping[str, Any] | None, marker: Marker) -> Written:
    def one(outcome: Literal["written", "sent", "not_written", "erased"], number: str, mark: str) -> Written:
        back = str((held or {}).get("cancels") or "")
        return Written(entry.position, entry.at, entry.proposal, entry.site, mark, number, outcome, back)

    if held is None:
        return one("erased", "", "")
    number = str(held.get("number") or "")
    mark = marker(entry.proposal, str(held.get("digest") or ""), str(held.get("part") or ""))
    if entry.kind in _WRITES and number:
        return one("written", number, mark)
    if entry.kind == "reconciliation" or entry.kind == "refusal":
        return one("not_written", "", mark)
    return one("sent", "", mark)


def match(
    documents: Iterable[PostedDocument], record: Sequence[Written], differing: Differences | None = None
) -> Matching:
    """Both sides against each other.

    Args:
        documents: of every site that is looked at.
        record: what is on record of these sites.
        differing: compares a document with what was confirmed.
    """
    by_marker: dict[str, list[PostedDocument]] = defaultdict(list)
    for document in documents:
        if document.marker.startswith(MARKED):
            by_marker[document.marker].append(document)
    known = {each.marker: each for each in record if each.marker and not each.cancels}
    found: list[Mismatch] = []
    matched = 0
    for mark, posted in sorted(by_marker.items()):
        wrong = _documents(mark, posted, known.get(mark), differing)
        matched += not wrong
        found += wrong
    for each in record:
        if each.cancels:
            posted = by_marker.get(each.cancels, [])
            stands = not posted or not all(one.is_cancelled for one in posted)
            if each.outcome == "written" and stands:
                what = f"event {each.position} says that document {each.number!r} was taken back; it is not"
                found.append(Mismatch("not_in_the_erp", each.site, each.proposal, each.number, what))
        elif each.outcome == "written" and each.marker not in by_marker:
            what = f"event {each.position} says that document {each.number!r} was written; the ERP has none"
            found.append(Mismatch("not_in_the_erp", each.site, each.proposal, each.number, what))
    return Matching(
        sum(map(len, by_marker.values())),
        sum(each.outcome == "written" and not each.cancels for each in record),
        matched,
        sum(each.outcome == "erased" for each in record),
        tuple(found),
    )


def _documents(
    mark: str, posted: Sequence[PostedDocument], entry: Written | None, differing: Differences | None
) -> list[Mismatch]:
    numbers = ", ".join(repr(each.number) for each in posted)
    first = posted[0]
    proposal = entry.proposal if entry else ""

    def one(kind: MatchKind, what: str) -> list[Mismatch]:
        return [Mismatch(kind, first.site, proposal, first.number, what)]

    if len(posted) > 1:
        return one("twice", f"the ERP has {len(posted)} documents of one confirmation ({mark}): {numbers}")
    if entry is None:
        return one("not_on_record", f"document {numbers} carries the marker {mark} and is not on record")
    if entry.outcome == "sent":
        return one(
            "not_on_record",
            f"document {numbers} is there; the last word on record is event {entry.position}: sent",
        )
    if entry.outcome == "not_written":
        return one(
            "said_not_written",
            f"document {numbers} is there; event {entry.position} says that none was written",
        )
    wrong = [
        name
        for name, is_wrong in (("number", first.number != entry.number), ("site", first.site != entry.site))
        if is_wrong
    ]
    wrong += differing(entry.proposal, first) if differing else ()
    if wrong:
        return one("differs", f"document {numbers} is not as event {entry.position} says: {', '.join(wrong)}")
    return []


def summary(matching: Matching) -> Iterable[str]:
    """What a person reads."""
    yield (
        f"{matching.documents} documents of ours in the ERP, {matching.entries} writes on record,"
        f" {matching.matched} matched"
    )
    if matching.erased:
        yield f"{matching.erased} writes on record are about erased persons; nothing can be said of them"
    for each in matching.mismatches:
        yield f"MISMATCH at {each.site}: {each.what}"
    if not matching.mismatches:
        yield "Every document is on record, and everything on record is in the ERP."

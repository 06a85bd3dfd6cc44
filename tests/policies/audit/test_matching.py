"""ERP documents and audit entries are set against each other, both ways."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from erp_adapters.records import PostedDocument, Quantity, StockTransfer
from policies.audit.chain import Entry
from policies.audit.matching import Matching, match, summary, written
from tests.policies.audit.conftest import NOON

KEY = UUID(int=7)


def marker(proposal: str, digest: str, part: str) -> str:
    return f"PW-{proposal}-{digest}" + (f"-{part}" if part else "")


def document(number: str, mark: str, site: str = "KAS") -> PostedDocument:
    held = StockTransfer(site, "LEI", "planner", "M-1", "M-1", Quantity(Decimal(5), "PC"), NOON.date())
    return PostedDocument("stock_transfer", number, site, mark, held, NOON)


class Record:
    """Entries with contents beside them, as if opened."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.held: dict[int, Mapping[str, Any] | None] = {}

    def add(
        self, kind: str, proposal: str, held: Mapping[str, Any] | None = None, *, erased: bool = False
    ) -> None:
        place = len(self.entries) + 1
        at = NOON + timedelta(seconds=place)
        self.entries.append(Entry(place, b"", b"", kind, at, KEY, KEY, proposal, "KAS", b""))
        self.held[place] = None if erased else {"digest": "d", **(held or {})}

    def against(self, *documents: PostedDocument) -> Matching:
        return match(documents, written(self.entries, lambda entry: self.held[entry.position], marker))


def executed() -> Record:
    record = Record()
    for kind in ("proposal", "confirmation", "dispatch"):
        record.add(kind, "p")
    record.add("execution", "p", {"number": "100"})
    return record


def test_each_part_of_a_proposal_is_matched_by_itself() -> None:
    """Two orders of one confirmation are two documents: one that is missing, or too many, is named."""
    record = Record()
    for part in ("4711", "4712"):
        record.add("dispatch", "p", {"part": part})
        record.add("execution", "p", {"part": part, "number": part[-1]})
    first, second = document("1", "PW-p-d-4711"), document("2", "PW-p-d-4712")
    assert record.against(first, second).mismatches == ()
    assert [each.kind for each in record.against(first).mismatches] == ["not_in_the_erp"]
    assert [each.kind for each in record.against(first, second, second).mismatches] == ["twice"]


def test_a_write_that_both_sides_know_matches() -> None:
    found = executed().against(document("100", "PW-p-d"), document("7", "somebody else's"), document("8", ""))
    assert (found.documents, found.entries, found.matched, found.mismatches) == (1, 1, 1, ())
    assert list(summary(found))[-1].startswith("Every document is on record")


@pytest.mark.parametrize(
    ("documents", "kind", "words"),
    [
        ([], "not_in_the_erp", "event 4 says that document '100' was written"),
        ([document("100", "PW-p-d"), document("101", "PW-p-d")], "twice", "2 documents of one confirmation"),
        ([document("99", "PW-p-d")], "differs", "number"),
        ([document("100", "PW-p-d", "LEI")], "differs", "site"),
        ([document("100", "PW-p-d"), document("5", "PW-forged")], "not_on_record", "is not on record"),
    ],
)
def test_each_difference_is_found(documents: list[PostedDocument], kind: str, words: str) -> None:
    found = executed().against(*documents)
    assert [each.kind for each in found.mismatches] == [kind]
    assert words in found.mismatches[0].what
    assert any(line.startswith("MISMATCH") for line in summary(found))


def test_a_document_whose_sending_alone_is_on_record_is_found() -> None:
    record = Record()
    record.add("dispatch", "p")
    record.add("unknown_outcome", "p", {"number": ""})
    assert record.against().mismatches == ()
    assert [each.kind for each in record.against(document("1", "PW-p-d")).mismatches] == ["not_on_record"]


def test_what_a_person_reconciled_is_the_last_word() -> None:
    record = Record()
    record.add("unknown_outcome", "p")
    record.add("reconciliation", "p", {"number": "100", "outcome": "found"})
    record.add("unknown_outcome", "q")
    record.add("reconciliation", "q", {"number": "", "outcome": "not_written"})
    assert record.against(document("100", "PW-p-d")).mismatches == ()
    found = record.against(document("100", "PW-p-d"), document("101", "PW-q-d"))
    assert [each.kind for each in found.mismatches] == ["said_not_written"]


def test_what_differs_from_what_was_confirmed_is_found() -> None:
    record = executed()
    known = written(record.entries, lambda entry: record.held[entry.position], marker)
    found = match([document("100", "PW-p-d")], known, lambda proposal, posted: ["quantity"])
    assert [each.kind for each in found.mismatches] == ["differs"]
    assert "quantity" in found.mismatches[0].what


def test_a_write_about_somebody_who_was_erased_is_counted_and_not_accused() -> None:
    record = Record()
    record.add("execution", "p", erased=True)
    found = record.against()
    assert (found.erased, found.mismatches) == (1, ())


@given(st.lists(st.integers(0, 15), unique=True), st.lists(st.integers(0, 15), max_size=20))
def test_every_write_on_one_side_only_is_named(on_record: list[int], in_erp: list[int]) -> None:
    record = Record()
    for number in on_record:
        record.add("execution", f"p{number}", {"number": str(number)})
    found = record.against(*(document(str(number), f"PW-p{number}-d") for number in in_erp))
    wrong = {(each.kind, each.number) for each in found.mismatches}
    twice = {number for number in in_erp if in_erp.count(number) > 1}
    assert wrong == (
        {("not_in_the_erp", str(number)) for number in set(on_record) - set(in_erp)}
        | {("twice", str(number)) for number in twice}
        | {("not_on_record", str(number)) for number in set(in_erp) - set(on_record) - twice}
    )


def test_what_is_on_record_as_taken_back_is_cancelled_in_the_erp() -> None:
    """Cancelled, it agrees with both entries; where it stands it is named; the other marker is not sought."""
    record = executed()
    record.add("execution", "q", {"number": "100", "cancels": "PW-p-d"})
    stands = document("100", "PW-p-d")
    assert record.against(replace(stands, is_cancelled=True)).mismatches == ()
    [found] = record.against(stands).mismatches
    assert (found.kind, found.number) == ("not_in_the_erp", "100")

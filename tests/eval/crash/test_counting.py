"""The count of a crash test finds what it is for: each way of breaking the promise is named."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

import psycopg

from erp_adapters.demo.erp import DemoErp, Fault
from erp_adapters.records import Document
from eval.crash.children import Child, Said, confirm, propose, until, work
from eval.crash.counting import count
from eval.crash.running import Lane
from policies.drafts.proposal import Proposal


class Here:
    """Takes an answer where no other process is needed."""

    def __init__(self) -> None:
        self.said: list[object] = []

    def send(self, said: object) -> None:
        """Keep it."""
        self.said.append(said)

    def only(self) -> Said:
        """What was said."""
        (said,) = self.said
        assert isinstance(said, Said)
        return said


def ask(lane: Lane, number: int, *, confirmed: bool = True) -> Said:
    """A hold as two persons bring it about."""
    draft = lane.plants.draft("quality_hold", number)
    day = lane.plants.days[draft.site]
    propose(here := Here(), lane.where, "planner", draft, day, "")
    if confirmed:
        confirm(after := Here(), lane.where, "buyer", here.only(), day, "")
        return after.only()
    return here.only()


def _answer(child: Child) -> Said:
    assert child.ended(30)
    said = child.answer()
    assert isinstance(said, Said)
    return said


def write(lane: Lane, said: Said, *, faults: tuple[Fault, ...] = (), requester: str = "") -> str:
    """Write the document past the program; its number."""
    row = lane.app.execute(
        "select canonical, marker from app.proposal where id = %s", (said.proposal,)
    ).fetchone()
    assert row
    canonical, marker = row
    proposal = Proposal.model_validate_json(canonical)
    document: Document = proposal.draft.document(requester or proposal.requester)

    async def call() -> str:
        async with DemoErp.open(lane.where.erp, faults=faults) as erp:
            return (await erp.create(document, marker)).number

    return asyncio.run(call())


def marker_of_document(lane: Lane, number: str) -> str:
    """What the ERP has as its marker."""
    row = lane.erp.execute("select marker from demo_erp.document where doc_no = %s", (number,)).fetchone()
    assert row
    return str(row[0])


def work_until(lane: Lane, done: Callable[[], bool]) -> None:
    """Let a worker live until then."""
    worker = Child(work, lane.where, "")
    try:
        assert until(done, 30) is not None
    finally:
        worker.kill()


def claim(lane: Lane, said: Said, state: str, number: str = "") -> None:
    """Say a state that the program did not bring about; only whoever owns the tables can."""
    with psycopg.connect(lane.where.owner) as owner:
        owner.execute("alter table app.proposal disable trigger user")
        owner.execute(
            "update app.proposal set state = %s, document_number = %s where id = %s",
            (state, number, said.proposal),
        )
        owner.execute("alter table app.proposal enable trigger user")


def problems(lane: Lane, said: Said) -> str:
    """What the count says."""
    return "; ".join(count(lane.app, lane.erp, said.proposal).problems)


def test_each_broken_promise_is_named(lane: Lane) -> None:
    """Lost, doubled, altered, misnumbered, written though refused or not confirmed, stuck, or gone."""

    def fine(said: Said) -> None:
        claim(lane, said, "executed", write(lane, said))

    def a_persons(said: Said) -> None:
        claim(lane, said, "needs_reconciliation")

    def lost(said: Said) -> None:
        claim(lane, said, "executed", "1")

    def twice(said: Said) -> None:
        write(lane, said)
        claim(lane, said, "executed", write(lane, said))

    def doubled(said: Said) -> None:
        claim(lane, said, "executed", write(lane, said, faults=(Fault("duplicate_delivery"),)))

    def altered(said: Said) -> None:
        claim(lane, said, "executed", write(lane, said, requester="somebody else"))

    def misnumbered(said: Said) -> None:
        write(lane, said)
        claim(lane, said, "executed", "4711")

    def refused(said: Said) -> None:
        write(lane, said)
        claim(lane, said, "refused")

    def stuck(said: Said) -> None:
        assert said.state == "confirmed"

    cases: list[tuple[Callable[[Said], None], str]] = [
        (fine, ""),
        (a_persons, ""),
        (lost, "lost: executed, and the ERP has nothing"),
        (twice, "written by 2 calls; executed, and the ERP has 2 documents"),
        (doubled, "executed, and the ERP has 2 documents"),
        (altered, "executed, and the ERP has something else than was shown"),
        (refused, "refused, and the ERP has 1 documents"),
        (stuck, "stuck: still confirmed"),
    ]
    for number, (act, words) in enumerate(cases):
        said = ask(lane, number)
        act(said)
        assert problems(lane, said) == words
    said = ask(lane, 50)
    misnumbered(said)
    assert "executed as '4711'" in problems(lane, said)
    said = ask(lane, 51, confirmed=False)
    assert problems(lane, said) == ""
    write(lane, said)
    assert problems(lane, said) == "awaiting_confirmation, and the ERP has 1 documents"
    assert problems(lane, replace(said, proposal=UUID(int=0))) == "the proposal is gone"


def test_what_nobody_confirmed_is_a_stray(lane: Lane) -> None:
    """A document whose marker belongs to no confirmation is found, whichever way it came in."""
    recorded = ask(lane, 0)
    work_until(lane, lambda: not problems(lane, recorded))
    assert lane.amiss() == ()
    unconfirmed = write(lane, ask(lane, 1, confirmed=False))
    stray, unrecorded = lane.amiss()
    assert (
        stray
        == f"document {unconfirmed} carries {marker_of_document(lane, unconfirmed)!r}, which nobody confirmed"
    )
    assert "is not on record" in unrecorded


def test_a_worker_brings_a_confirmed_draft_to_its_end(lane: Lane) -> None:
    """The processes of a crash test do what the program's do; a failpoint kills as kill -9 does."""
    dying = Child(work, lane.where, "called")
    said = ask(lane, 3)
    assert dying.ended(30)
    assert dying.was_killed()
    assert problems(lane, said) == "stuck: still dispatching"
    work_until(lane, lambda: not problems(lane, said))
    assert count(lane.app, lane.erp, said.proposal).documents == 1


def test_a_person_who_asks_again_after_a_death_is_answered(lane: Lane) -> None:
    """The server died between the commit and the answer: asking again shows the same draft."""
    draft = lane.plants.draft("purchase_requisition", 5)
    day = lane.plants.days[draft.site]
    first = Child(propose, lane.where, "planner", draft, day, "proposed")
    assert first.ended(30)
    assert first.was_killed()
    assert first.answer() is None
    said = _answer(Child(propose, lane.where, "planner", draft, day, ""))
    assert lane.app.execute("select count(*) from app.proposal").fetchone() == (1,)
    second = Child(confirm, lane.where, "buyer", said, day, "confirmed")
    assert second.ended(30)
    assert second.was_killed()
    assert _answer(Child(confirm, lane.where, "buyer", said, day, "")).state == "confirmed"

"""A thread waits for each draft; it guards nothing, so nothing that is done to it confirms anything."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from uuid import UUID

import pytest
from langgraph.checkpoint.memory import InMemorySaver

from agents.flows.confirming import outcome_of, outcome_text
from agents.flows.waiting import Waiting
from erp_adapters.store.ids import new_id
from tools.languages import LANGUAGES, said, speaking


@dataclass(frozen=True)
class Row:
    state: str
    version: int = 1
    document_number: str = ""
    reason: str = ""


@dataclass
class Kept:
    """Rows of drafts, as a desk keeps them: a stand-in."""

    rows: dict[UUID, Row] = field(default_factory=dict)
    read: int = 0

    async def state_of(self, series: UUID) -> Row | None:
        self.read += 1
        return self.rows.get(series)

    def becomes(self, series: UUID, state: str, **more: str) -> None:
        self.rows[series] = replace(self.rows[series], state=state, **more)  # type: ignore[arg-type]


@pytest.fixture
def kept() -> Kept:
    return Kept()


@pytest.fixture
def series(kept: Kept) -> UUID:
    found = new_id()
    kept.rows[found] = Row("awaiting_confirmation")
    return found


@pytest.fixture
def waiting(kept: Kept) -> Waiting:
    return Waiting(kept, InMemorySaver())


async def test_a_thread_waits_and_says_what_became_of_the_draft(
    waiting: Waiting, kept: Kept, series: UUID
) -> None:
    """It begins without reading anything, waits while nothing happens, and ends with the row's outcome."""
    await waiting.begin(series)
    assert await waiting.waits(series)
    assert kept.read == 0
    assert await waiting.wake(series) == Row("awaiting_confirmation")
    assert await waiting.waits(series)
    kept.becomes(series, "executed", document_number="1550513")
    outcome = await waiting.wake(series)
    assert outcome is not None
    assert outcome_text(outcome) == "The draft was confirmed and written: document 1550513."
    assert not await waiting.waits(series)


async def test_waking_confirms_nothing(waiting: Waiting, kept: Kept, series: UUID) -> None:
    """Trap: a resume by another user is accepted. Here it only reads the row, however often and by whom."""
    await waiting.begin(series)
    for _ in range(5):
        await waiting.wake(series)
    assert kept.rows[series].state == "awaiting_confirmation"
    assert await waiting.waits(series)


async def test_many_at_once_read_and_do_nothing_else(waiting: Waiting, kept: Kept, series: UUID) -> None:
    """Trap: eight concurrent resumes ran the write node eight times. There is no write node."""
    await waiting.begin(series)
    kept.becomes(series, "executed", document_number="7")
    found = await asyncio.gather(*(waiting.wake(series) for _ in range(8)))
    assert {one.document_number for one in found if one} == {"7"}
    assert kept.rows[series].state == "executed"


async def test_beginning_twice_leaves_one_thread(waiting: Waiting, kept: Kept, series: UUID) -> None:
    """Trap: what stands before an interrupt runs again. Nothing stands there."""
    await waiting.begin(series)
    await waiting.begin(series)
    assert kept.read == 0
    kept.becomes(series, "rejected", reason="not needed")
    await waiting.wake(series)
    assert not await waiting.waits(series)


async def test_drafts_wait_apart(waiting: Waiting, kept: Kept, series: UUID) -> None:
    """Trap: an approval for one was delivered to another. Each draft has a thread of its own."""
    other = new_id()
    kept.rows[other] = Row("awaiting_confirmation")
    await waiting.begin(series)
    await waiting.begin(other)
    kept.becomes(series, "executed", document_number="7")
    await waiting.wake(series)
    assert not await waiting.waits(series)
    assert await waiting.waits(other)
    assert (await waiting.wake(other)) == Row("awaiting_confirmation")


async def test_a_lost_thread_is_begun_again(kept: Kept, series: UUID) -> None:
    """The row is the truth: a sweeper makes threads anew where a checkpoint was lost, and only there."""
    lost = Waiting(kept, InMemorySaver())
    assert not await lost.waits(series)
    assert await lost.wake(series) == Row("awaiting_confirmation")
    assert await lost.sweep([series]) == 1
    assert await lost.sweep([series]) == 0
    assert await lost.waits(series)


async def test_another_process_goes_on_with_a_thread(kept: Kept, series: UUID) -> None:
    """Any worker may wake a thread that another began."""
    saver = InMemorySaver()
    await Waiting(kept, saver).begin(series)
    kept.becomes(series, "expired")
    other = Waiting(kept, saver)
    outcome = await other.wake(series)
    assert outcome is not None
    assert "expired without a confirmation" in outcome_text(outcome)
    assert not await other.waits(series)


async def test_a_draft_that_is_gone_ends_its_thread(waiting: Waiting, kept: Kept, series: UUID) -> None:
    """After an erasure nothing waits for ever."""
    await waiting.begin(series)
    kept.rows.clear()
    assert await waiting.wake(series) is None
    assert not await waiting.waits(series)


async def test_a_checkpoint_holds_an_id_and_a_state(kept: Kept, series: UUID) -> None:
    """No draft, no digest, no name: results live under row-level security and nowhere else."""
    saver = InMemorySaver()
    waiting = Waiting(kept, saver)
    await waiting.begin(series)
    await waiting.wake(series)
    values = [
        dict(found.checkpoint["channel_values"])
        async for found in saver.alist({"configurable": {"thread_id": f"draft:{series}"}})
    ]
    names = {name for one in values for name in one if not name.startswith(("__", "branch"))}
    assert names <= {"series", "state", "version"}


@pytest.mark.slow
def test_every_state_has_its_words_in_every_language() -> None:
    """What is over and what is not, said in the language of the conversation."""
    states = ("executed", "refused", "rejected", "expired", "superseded", "needs_reconciliation", "confirmed")
    assert {state for state in states if outcome_of(state).is_over} == {
        "executed", "refused", "rejected", "expired", "superseded",
    }  # fmt: skip
    assert not outcome_of("something new").is_over
    for language in LANGUAGES[1:]:
        with speaking(language):
            for state in states:
                assert said(outcome_of(state).text) != outcome_of(state).text

"""The book of runs in the database: what replicas tell each other, under each person's own scope."""

from __future__ import annotations

from uuid import uuid4

import pytest

from agents.conversations import PostgresConversations, StoredAnswer
from erp_adapters.caller import Caller
from erp_adapters.store.session import Store
from server.errors import Problem
from server.runs.book import Entered, Entry, Found, PostgresRuns, Refused
from tests.server.stand_in import person, ranking


@pytest.fixture
async def book(store: Store) -> PostgresRuns:
    return PostgresRuns(store)


@pytest.fixture
def caller() -> Caller:
    """Somebody new, so that tests do not count each other's runs."""
    return person(f"planner-{uuid4().hex[:8]}", "Planner")


def entry(conversation: str | None = None, request: str = "d") -> Entry:
    return Entry(f"run-{uuid4()}", conversation or str(uuid4()), str(uuid4()), request)


async def test_run_ends_with_the_answer_that_is_kept(
    store: Store, book: PostgresRuns, caller: Caller
) -> None:
    """Nothing more is written when a turn ends well: the kept answer is the end."""
    entered = entry()
    assert await book.enter(caller, entered, 4) == Entered()
    living = await book.find(caller, entered.id)
    assert living is not None
    assert (living.state, living.lives, living.answer) == ("running", True, None)
    conversations = PostgresConversations(store)
    await conversations.open(caller, entered.conversation, "Top five", 1)
    answer = ranking().model_copy(
        update={"id": entered.answer, "conversation": entered.conversation, "alternatives": ()}
    )
    await conversations.save(caller, StoredAnswer(answer))
    ended = await book.find(caller, entered.id)
    assert ended is not None
    assert (ended.state, ended.lives, ended.answer) == ("finished", False, answer)


async def test_conversation_has_one_run_and_a_person_so_many(book: PostgresRuns, caller: Caller) -> None:
    """Counted in the database, so that it holds over all replicas; a run that has ended counts no more."""
    first = entry()
    assert await book.enter(caller, first, 2) == Entered()
    assert await book.enter(caller, entry(first.conversation), 2) == Refused("conversation")
    assert await book.enter(caller, entry(), 2) == Entered()
    assert await book.enter(caller, entry(), 2) == Refused("person")
    await book.end(caller, first.id, "stopped", None)
    assert await book.enter(caller, entry(first.conversation), 2) == Entered()


async def test_known_run_is_found_and_not_begun_again(book: PostgresRuns, caller: Caller) -> None:
    """With the digest of what it was asked, and however many runs there are."""
    entered = entry(request="digest")
    await book.enter(caller, entered, 1)
    again = await book.enter(caller, entered, 1)
    assert isinstance(again, Found)
    assert (again.request, again.answer_id) == ("digest", entered.answer)


async def test_ends_that_no_conversation_keeps_are_kept_here(book: PostgresRuns, caller: Caller) -> None:
    """A refused question's answer, and what went wrong."""
    refused, failed = entry(), entry()
    for each in (refused, failed):
        await book.enter(caller, each, 4)
    answer, problem = ranking(), Problem("Database unavailable", 503, "it was lost", "abc")
    await book.end(caller, refused.id, "finished", answer)
    await book.end(caller, failed.id, "failed", problem)
    kept = [await book.find(caller, each.id) for each in (refused, failed)]
    assert kept[0] is not None
    assert kept[1] is not None
    assert (kept[0].answer, kept[1].problem) == (answer, problem)


async def test_nobody_sees_or_stops_anothers_run(book: PostgresRuns, caller: Caller) -> None:
    """Row-level security holds where a route would not."""
    other = person("mallory", "Mallory")
    entered = entry()
    await book.enter(caller, entered, 4)
    assert await book.find(other, entered.id) is None
    await book.stop(other, entered.id)
    assert await book.lives(caller, entered.id) is False
    await book.stop(caller, entered.id)
    assert await book.lives(caller, entered.id) is True
    assert await book.enter(other, entered, 4) == Entered()

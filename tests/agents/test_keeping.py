"""An answer and what led to it stand in one transaction; where only one of them can be kept, that one is."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from uuid import UUID

import psycopg
import pytest

from agents.conversations import PostgresConversations, StoredAnswer
from agents.copilot import Copilot
from agents.keeping import Kept, KeptTogether
from agents.models.protocol import Turn
from erp_adapters.caller import Caller
from erp_adapters.errors import RecordNotFound
from erp_adapters.store import ADMIN_ROLE, OWNER_ROLE
from erp_adapters.store.session import Store
from policies.audit.chain import Entry
from policies.audit.event import AuditEvent
from policies.audit.keys import AuditKeys
from policies.audit.reading import subject_keys, tables
from policies.audit.sealing import Sealed, contents_of
from policies.audit.trail import PostgresTrail
from tests.agents.scripted import ScriptedModel, calls
from tests.agents.toy import PLANNER, NoStore, ScrapArguments, registry
from tests.conftest import Database
from tools.results import ToolResult

SCRAP = calls("scrap", ScrapArguments(top=3))
TEXT = "{{r0.tables[0].rows[0].name}} had {{r0.tables[0].rows[0].scrapped}}."


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> AuditKeys:
    return AuditKeys.kept_in(tmp_path_factory.mktemp("audit"))


@pytest.fixture
async def trail(database: Database, keys: AuditKeys) -> AsyncIterator[PostgresTrail]:
    async with await PostgresTrail.open(database.dsn(), keys) as trail:
        yield trail


def copilot(store: Store, trail: PostgresTrail) -> Copilot:
    kept = PostgresConversations(store)
    return Copilot(
        NoStore(),
        registry(),
        ScriptedModel(SCRAP, [TEXT]),
        trail=trail,
        conversations=kept,
        keeping=KeptTogether(kept, trail),
    )


def transactions(database: Database, keys: AuditKeys, answer: str) -> tuple[set[str], list[str]]:
    """In which transactions the answer was kept, and each of the events about it."""
    with tables(database.dsn(OWNER_ROLE)) as (source, connection):
        known = subject_keys(connection, keys.wrapping)
        about = [
            position
            for position, entry in enumerate(source.entries, 1)
            if isinstance(entry, Entry) and (contents_of(entry, known) or {}).get("answer") == answer
        ]
    with psycopg.connect(database.dsn(ADMIN_ROLE)) as connection:
        rows = connection.execute("select xmin::text from app.answer where id = %s", (UUID(answer),))
        events = connection.execute(
            "select xmin::text from audit.event where position = any(%s)", (about,)
        ).fetchall()
        return {str(row[0]) for row in rows}, [str(row[0]) for row in events]


class _Pondering(ScriptedModel):
    """Takes its time to write."""

    async def compose(self, turn: Turn, results: Sequence[ToolResult]) -> AsyncIterator[str]:
        await asyncio.sleep(0.05)
        async for clause in super().compose(turn, results):
            yield clause


class _Told:
    """Keeps together, and tells how much of what it keeps had been sealed before."""

    def __init__(self, kept: KeptTogether) -> None:
        self._kept = kept
        self.was_ready: list[bool] = []

    async def sealed(self, events: Sequence[AuditEvent]) -> Sequence[Sealed]:
        return await self._kept.sealed(events)

    async def keep(self, caller: Caller, kept: StoredAnswer, events: Sequence[AuditEvent | Sealed]) -> Kept:
        self.was_ready = [isinstance(one, Sealed) for one in events]
        return await self._kept.keep(caller, kept, events)


async def test_what_a_turn_puts_on_record_is_sealed_while_its_model_writes(
    database: Database, store: Store, keys: AuditKeys, trail: PostgresTrail
) -> None:
    """All but the answer, which nobody knows before: whoever waits for it does not wait for that too."""
    kept = PostgresConversations(store)
    told = _Told(KeptTogether(kept, trail))
    model = _Pondering(SCRAP, [TEXT])
    asked = Copilot(NoStore(), registry(), model, trail=trail, conversations=kept, keeping=told)
    answer = await asked.ask(PLANNER, "What was scrapped, by reason?")
    assert told.was_ready == [True, True, True, False]
    stood, events = transactions(database, keys, answer.id)
    assert (len(stood), len(events)) == (1, 4)
    assert set(events) == stood


async def test_a_key_that_was_erased_while_a_model_wrote_seals_nothing_more(
    database: Database, store: Store, keys: AuditKeys, trail: PostgresTrail
) -> None:
    """What was sealed under it ahead is not kept: it is sealed anew."""
    kept = PostgresConversations(store)
    told = _Told(KeptTogether(kept, trail))

    class Erasing(_Pondering):
        async def compose(self, turn: Turn, results: Sequence[ToolResult]) -> AsyncIterator[str]:
            async for clause in super().compose(turn, results):
                async with await PostgresTrail.open(database.dsn(OWNER_ROLE), keys) as owner:
                    await owner.erase(PLANNER.subject, "asked to")
                yield clause

    model = Erasing(SCRAP, [TEXT])
    asked = Copilot(NoStore(), registry(), model, trail=trail, conversations=kept, keeping=told)
    answer = await asked.ask(PLANNER, "What was scrapped, by reason?")
    assert told.was_ready == [True, True, True, False]
    stood, events = transactions(database, keys, answer.id)
    assert (len(stood), len(events)) == (1, 4)


async def test_one_transaction_keeps_the_answer_and_all_its_events(
    database: Database, store: Store, keys: AuditKeys, trail: PostgresTrail
) -> None:
    answer = await copilot(store, trail).ask(PLANNER, "What was scrapped, by reason?")
    kept, events = transactions(database, keys, answer.id)
    assert len(kept) == 1
    assert len(events) == 4
    assert set(events) == kept
    assert (await PostgresConversations(store).answer(PLANNER, answer.id)).answer == answer


@pytest.mark.slow
async def test_turns_at_the_same_time_are_each_kept_and_on_record_once(
    database: Database, store: Store, keys: AuditKeys, trail: PostgresTrail
) -> None:
    asked = copilot(store, trail)
    answers = await asyncio.gather(*(asked.ask(PLANNER, "What was scrapped, by reason?") for _ in range(12)))
    for answer in answers:
        kept, events = transactions(database, keys, answer.id)
        assert (len(kept), len(events)) == (1, 4)
        assert not answer.caveats


async def test_an_answer_that_cannot_be_on_record_is_kept_and_says_so(
    database: Database, store: Store, keys: AuditKeys, trail: PostgresTrail
) -> None:
    trail._note("the second place is full")
    answer = await copilot(store, trail).ask(PLANNER, "What was scrapped, by reason?")
    assert [caveat for caveat in answer.caveats if "not on record" in caveat]
    kept, events = transactions(database, keys, answer.id)
    assert (len(kept), events) == (1, [])


async def test_an_answer_that_cannot_be_kept_is_on_record_and_says_so(
    database: Database, store: Store, keys: AuditKeys, trail: PostgresTrail
) -> None:
    with psycopg.connect(database.dsn(OWNER_ROLE), autocommit=True) as connection:
        connection.execute("alter table app.answer add constraint is_full check (false) not valid")
        try:
            answer = await copilot(store, trail).ask(PLANNER, "What was scrapped, by reason?")
        finally:
            connection.execute("alter table app.answer drop constraint is_full")
    assert [caveat for caveat in answer.caveats if "could not be kept" in caveat]
    kept, events = transactions(database, keys, answer.id)
    assert (kept, len(events)) == (set(), 4)
    with pytest.raises(RecordNotFound):
        await PostgresConversations(store).answer(PLANNER, answer.id)


async def test_a_key_that_was_erased_meanwhile_costs_neither_answer_nor_record(
    database: Database, store: Store, keys: AuditKeys, trail: PostgresTrail
) -> None:
    asked = copilot(store, trail)
    await asked.ask(PLANNER, "What was scrapped, by reason?")
    async with await PostgresTrail.open(database.dsn(OWNER_ROLE), keys) as owner:
        await owner.erase(PLANNER.subject, "asked to")
    answer = await asked.ask(PLANNER, "What was scrapped, by reason?")
    kept, events = transactions(database, keys, answer.id)
    assert (len(kept), len(events)) == (1, 4)

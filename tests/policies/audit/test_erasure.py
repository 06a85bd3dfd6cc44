"""An erasure makes a person's events unreadable for good, and the chain proves itself all the same."""

from __future__ import annotations

import asyncio
from uuid import UUID

import psycopg
import pytest

from erp_adapters.errors import PolicyError
from erp_adapters.store import OWNER_ROLE
from policies.audit.chain import Entry
from policies.audit.reading import subject_keys, tables
from policies.audit.sealing import opened
from policies.audit.trail import PostgresTrail
from tests.policies.audit.conftest import SECRET, Home, event
from tests.policies.audit.test_trail import checked


def readable(home: Home) -> list[str]:
    """Who each event is about, as far as somebody with every key can tell."""
    told = []
    with tables(home.owner) as (source, connection):
        keys = subject_keys(connection, home.keys.wrapping)
        for entry in source.entries:
            assert isinstance(entry, Entry)
            key = keys[entry.about]
            if key is None:
                told.append("?")
            else:
                opened(entry.sealed, entry.header, key)
                told.append(key.subject)
    return told


async def erase(home: Home, subject: str) -> UUID | None:
    async with await home.trail(home.database.dsn(OWNER_ROLE)) as owner:
        return await owner.erase(subject, "asked for by letter of 3 December")


async def test_an_erased_person_cannot_be_read_any_more_and_the_chain_is_intact(
    home: Home, trail: PostgresTrail
) -> None:
    await trail.append([event(1), event(2, about="buyer", actor="buyer"), event(3, actor="buyer")])
    assert readable(home) == ["planner", "buyer", "planner"]
    erased = await erase(home, "buyer")
    assert erased is not None
    assert readable(home) == ["planner", "?", "planner", "system"]
    assert checked(home).findings == []
    with psycopg.connect(home.owner) as connection:
        assert connection.execute(
            "select tag, wrapped from audit.subject_key where key_id = %s", (erased,)
        ).fetchall() == [(None, None)]


async def test_a_process_that_still_knows_the_key_takes_a_new_one(home: Home, trail: PostgresTrail) -> None:
    await trail.append([event(1)])
    erased = await erase(home, "planner")
    await trail.append([event(2)])
    async with await psycopg.AsyncConnection.connect(home.database.dsn()) as connection:
        async with connection.transaction():
            await trail.append_in(connection, [event(3)])
        await erase(home, "planner")
        async with connection.transaction():
            await trail.append_in(connection, [event(4)])
    assert readable(home) == ["?", "system", "?", "?", "system", "planner"]
    with tables(home.owner) as (source, _):
        abouts = [entry.about for entry in source.entries if isinstance(entry, Entry)]
    assert abouts[0] == erased
    assert len({abouts[0], abouts[2], abouts[5]}) == 3
    await trail.witness()
    assert checked(home).findings == []


async def test_an_erasure_amid_appends_loses_none_of_them(home: Home, trail: PostgresTrail) -> None:
    appending = [asyncio.create_task(trail.append([event(number)])) for number in range(50)]
    await asyncio.sleep(0)
    erasures = [erase(home, "planner") for _ in range(3)]
    results = await asyncio.gather(
        *appending,
        *erasures,
        *(trail.append([event(number)]) for number in range(50)),
        return_exceptions=True,
    )
    assert [each for each in results if isinstance(each, BaseException)] == []
    await trail.witness()
    assert checked(home).findings == []


async def test_a_key_that_is_gone_without_an_erasure_is_found(home: Home, trail: PostgresTrail) -> None:
    await trail.append([event(1)])
    await trail.witness()
    with psycopg.connect(home.owner) as connection:
        connection.execute("update audit.subject_key set tag = null, wrapped = null, erased_at = now()")
    assert {each.kind for each in checked(home).findings} == {"contents"}


async def test_somebody_unknown_and_the_program_itself_are_not_erased(
    home: Home, trail: PostgresTrail
) -> None:
    await trail.append([event(1, actor="system")])
    assert await erase(home, "nobody") is None
    with pytest.raises(PolicyError, match="no person"):
        await erase(home, "system")
    assert readable(home) == ["planner"]


async def test_the_applications_login_erases_nobody(home: Home, trail: PostgresTrail) -> None:
    await trail.append([event(1)])
    with pytest.raises(PolicyError):
        await trail.erase("planner", "because")
    assert readable(home) == ["planner"]
    assert SECRET not in str(checked(home))

"""Sessions in the database: found only by their secret, ended when they should be, and quick to look up."""

from __future__ import annotations

import asyncio
import statistics
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from erp_adapters.store import APP_ROLE, OWNER_ROLE, WORKER_ROLE, Person, Store, save_people
from server.sessions import PANEL_PREFIX, StoredSessions
from server.settings import Settings
from tests.conftest import Database


@dataclass
class Clock:
    """A wall clock that tests turn."""

    ahead: timedelta = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def sessions(database: Database, store: Store, clock: Clock) -> StoredSessions:
    save_people(database.dsn(OWNER_ROLE), [Person("ben", "Ben", ("buyer",), ("KAS",), ("10",), locale="de")])
    return StoredSessions(store, Settings(session_idle_hours=8, session_hours=12), clock)


async def test_a_secret_stands_for_its_person(sessions: StoredSessions) -> None:
    """With everything that the people table says of them."""
    made = await sessions.begin("ben")
    held = await sessions.held(made.secret)
    assert held is not None
    assert held.caller is not None
    caller = held.caller
    assert (caller.subject, caller.name, caller.locale) == ("ben", "Ben", "de")
    assert (caller.roles, caller.sites, caller.companies) == ({"buyer"}, {"KAS"}, {"10"})
    for other in ("", "x", made.secret + "x", made.secret[:-1], "ü", "x" * 5000):
        assert await sessions.held(other) is None


async def test_a_session_ends_after_hours_without_a_request(sessions: StoredSessions, clock: Clock) -> None:
    """Every request begins the eight hours anew, up to twelve in all."""
    made = await sessions.begin("ben")
    clock.ahead = timedelta(hours=7, minutes=59)
    assert await sessions.held(made.secret)
    clock.ahead = timedelta(hours=11, minutes=59)
    assert await sessions.held(made.secret)
    clock.ahead = timedelta(hours=12, seconds=1)
    assert await sessions.held(made.secret) is None
    left = await sessions.begin("ben")
    clock.ahead += timedelta(hours=8, seconds=1)
    assert await sessions.held(left.secret) is None


async def test_signing_in_again_ends_what_was_there_before(sessions: StoredSessions) -> None:
    """In that browser; others stay."""
    first, other = await sessions.begin("ben"), await sessions.begin("ben")
    second = await sessions.begin("ben", before=first.secret)
    assert await sessions.held(first.secret) is None
    assert await sessions.held(second.secret)
    assert await sessions.held(other.secret)
    await sessions.end(other.secret)
    assert await sessions.held(other.secret) is None
    assert await sessions.held(second.secret)


async def test_a_panel_s_token_lives_an_hour_and_ends_with_its_session(
    sessions: StoredSessions, clock: Clock
) -> None:
    """It is made by a session alone, keeps the session awake, and makes no other token."""
    made = await sessions.begin("ben")
    panel = await sessions.hand_over(made.secret, "https://erp.example")
    assert panel is not None
    assert panel.secret.startswith(PANEL_PREFIX)
    held = await sessions.held(panel.secret)
    assert held is not None
    assert (held.origin, held.subject) == ("https://erp.example", "ben")
    assert await sessions.hand_over(panel.secret, "https://erp.example") is None
    assert await sessions.hand_over("x", "https://erp.example") is None
    await sessions.end(panel.secret, everywhere=True)
    assert await sessions.held(made.secret)
    again = await sessions.hand_over(made.secret, "https://erp.example")
    assert again is not None
    clock.ahead = timedelta(hours=1, seconds=1)
    assert await sessions.held(again.secret) is None
    late = await sessions.hand_over(made.secret, "https://erp.example")
    assert late is not None
    await sessions.end(made.secret)
    assert await sessions.held(late.secret) is None


async def test_a_panel_s_token_outlives_no_session(sessions: StoredSessions, clock: Clock) -> None:
    """Its hour is cut off where the session ends."""
    made = await sessions.begin("ben")
    for hours in (6, 11.5):
        clock.ahead = timedelta(hours=hours)
        assert await sessions.held(made.secret)
    panel = await sessions.hand_over(made.secret, "https://erp.example")
    assert panel is not None
    assert panel.expires_at == made.expires_at


async def test_everywhere_is_every_browser_of_that_person(
    sessions: StoredSessions, database: Database
) -> None:
    """And of nobody else; a secret that is none ends nothing."""
    save_people(database.dsn(OWNER_ROLE), [Person("pia", "Pia", ("planner",), ("KAS",))])
    here, there, pia = [await sessions.begin(who) for who in ("ben", "ben", "pia")]
    await sessions.end("x", everywhere=True)
    assert await sessions.held(there.secret)
    await sessions.end(here.secret, everywhere=True)
    assert await sessions.held(there.secret) is None
    assert await sessions.held(pia.secret)


async def test_who_is_not_active_has_no_roles(sessions: StoredSessions, database: Database) -> None:
    """The session says who it was; what they may is nothing."""
    made, nobody = await sessions.begin("ben"), await sessions.begin("nobody")
    save_people(database.dsn(OWNER_ROLE), [Person("ben", "Ben", ("buyer",), ("KAS",), active=False)])
    for secret in (made.secret, nobody.secret):
        held = await sessions.held(secret)
        assert held is not None
        assert held.caller is None


async def test_what_has_expired_is_cleared_away(
    sessions: StoredSessions, database: Database, clock: Clock
) -> None:
    """By the next sign-in: the table does not grow for ever."""
    await sessions.begin("ben")
    clock.ahead = timedelta(days=2)
    await sessions.begin("ben")
    with psycopg.connect(database.dsn(OWNER_ROLE)) as connection:
        (count,) = connection.execute("select count(*) from app.session where expires_at < %s", (clock(),))
    assert count == (0,)


@pytest.mark.parametrize("role", [APP_ROLE, WORKER_ROLE])
async def test_a_login_of_the_program_finds_no_session_by_looking(
    sessions: StoredSessions, database: Database, role: str
) -> None:
    """Neither reading, changing nor adding rows is theirs; the secret itself stands nowhere."""
    made = await sessions.begin("ben")
    with psycopg.connect(database.dsn(role), autocommit=True) as connection:
        for statement in (
            "select * from app.session",
            "update app.session set subject = 'admin'",
            "delete from app.session",
            "insert into app.session values ('\\x00', 'admin', 'browser', '', null, now(), now(), now())",
            "truncate app.session",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement)
    with psycopg.connect(database.dsn(OWNER_ROLE)) as connection:
        rows = connection.execute("select s::text from app.session s").fetchall()
    assert rows
    assert not any(made.secret in str(row) or made.secret.encode().hex() in str(row) for row in rows)


async def test_a_lookup_costs_what_reading_its_person_costs(sessions: StoredSessions, store: Store) -> None:
    """It is one statement with the person in it; looking a session up first adds no second one."""
    made = await sessions.begin("ben")
    looking, reading = [], []
    for _ in range(60):
        begun = time.perf_counter()
        assert await sessions.held(made.secret)
        between = time.perf_counter()
        assert await store.caller("ben")
        looking.append(between - begun)
        reading.append(time.perf_counter() - between)
    assert statistics.median(looking) < 1.5 * statistics.median(reading)


async def test_lookups_at_once_are_one_person_s(sessions: StoredSessions) -> None:
    """Twenty requests of a page that opens neither wait for nor spoil each other."""
    made = await sessions.begin("ben")
    found = await asyncio.gather(*(sessions.held(made.secret) for _ in range(20)))
    assert {held.subject for held in found if held} == {"ben"}
    assert all(found)

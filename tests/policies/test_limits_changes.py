"""Limits change by two people of two trades, from a moment on; every process knows within a second."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from erp_adapters.caller import Caller
from erp_adapters.errors import AuditUnavailable, ConfigurationError, Denied, DraftInvalid, RecordNotFound
from erp_adapters.store import Store
from erp_adapters.store.people import Person, save_people
from policies.engine import CedarPolicy
from policies.in_force import PolicyInForce, Timeline
from policies.limits_changes import ChangeRecord, acting, changes, decide, propose
from tests.policies.asked import asked, caller
from tests.policies.recorded import Recorded

CHANGE = """
[[limit]]
site = "KAS"
kind = "purchase_requisition"
currency = "JPY"
confirm = {buyer = 1_000_000}
"""
EVERYWHERE = CHANGE.replace('"KAS"', '"*"')
PACKAGED = CedarPolicy.packaged()


@pytest.fixture(autouse=True)
def people(owner_dsn: str) -> None:
    with psycopg.connect(owner_dsn) as connection:
        # The trigger keeps them from everybody; only who owns the table can take it off.
        connection.execute("alter table app.limits_change disable trigger user")
        connection.execute("delete from app.limits_change")
        connection.execute("alter table app.limits_change enable trigger user")
        connection.execute("delete from erp.site")
        for code in ("KAS", "BRE"):
            connection.execute(
                "insert into erp.site (site, source_system, source_key, load_id, name, time_zone, currency)"
                " values (%s, 'x', %s, gen_random_uuid(), %s, 'Europe/Berlin', 'EUR')",
                (code, code, code),
            )
    both = ("KAS", "BRE")
    save_people(
        owner_dsn,
        [
            Person("controller", "C", ("controller",), both),
            Person("controller.two", "C", ("controller",), both),
            Person("admin", "A", ("admin",), both),
            Person("admin.kas", "A", ("admin",), ("KAS",)),
            Person("chief", "X", ("admin", "controller"), both),
            Person("buyer", "B", ("buyer",), both),
        ],
    )


async def proposed(
    dsn: str, store: Store, by: str, content: str = CHANGE, trail: Recorded | None = None, **given: Any
) -> ChangeRecord:
    now = datetime.now(UTC)
    who = await store.caller(by)
    async with acting(dsn, who) as connection:
        return await propose(
            connection,
            who,
            content,
            effective_from=given.get("effective_from", now + timedelta(milliseconds=1)),
            note="why",
            policy=PACKAGED,
            trail=trail or Recorded(),
            at=now,
        )


async def decided(
    dsn: str, store: Store, by: str, record: ChangeRecord, what: Any = "approved", **given: Any
) -> ChangeRecord:
    who = await store.caller(by)
    async with acting(dsn, who) as connection:
        return await decide(
            connection,
            who,
            record.version,
            what,
            digest=given.get("digest", record.digest),
            policy=PACKAGED,
            trail=given.get("trail") or Recorded(),
            at=datetime.now(UTC),
        )


async def test_a_controller_and_an_administrator_change_limits(dsn: str, store: Store) -> None:
    """A proposal changes nothing; the approval does, and both are on record with their content."""
    trail = Recorded()
    record = await proposed(dsn, store, "controller", trail=trail)
    assert (record.status, record.in_force_from) == ("proposed", None)
    approved = await decided(dsn, store, "admin", record, trail=trail)
    assert approved.status == "approved"
    assert approved.decided_by == "admin"
    assert approved.in_force_from is not None
    assert [(event.kind, event.actor, event.payload["decision"]) for event in trail.events] == [
        ("limits_change", "controller", "proposed"),
        ("limits_change", "admin", "approved"),
    ]
    assert trail.events[1].payload["content"] == CHANGE


@pytest.mark.parametrize(
    ("by", "because"),
    [
        ("controller", "two people"),
        ("controller.two", "one is a controller and one an administrator"),
        ("buyer", "are changed by a controller and an administrator"),
        ("admin.kas", "who have every site"),
    ],
)
async def test_nobody_else_approves(dsn: str, store: Store, by: str, because: str) -> None:
    """Not the proposer, not a second controller, not a buyer, not somebody without every site it is about."""
    record = await proposed(dsn, store, "controller", EVERYWHERE)
    with pytest.raises(Denied, match=because):
        await decided(dsn, store, by, record)
    async with acting(dsn, await store.caller("admin")) as connection:
        assert [r.status for r in await changes(connection)] == ["proposed"]


async def test_two_trades_in_one_person_are_still_one_person(dsn: str, store: Store) -> None:
    """Who is both controller and administrator proposes or approves, never both."""
    record = await proposed(dsn, store, "chief")
    with pytest.raises(Denied, match="two people"):
        await decided(dsn, store, "chief", record)
    assert (await decided(dsn, store, "controller", record)).status == "approved"


async def test_a_buyer_proposes_no_limits(dsn: str, store: Store) -> None:
    """Proposing is refused in the database, by who the people table says one is."""
    with pytest.raises(Denied, match="'buyer' is a buyer"):
        await proposed(dsn, store, "buyer")


async def test_the_people_table_decides_not_the_caller(dsn: str, store: Store) -> None:
    """A caller who claims to be a controller is believed by nothing in the database."""
    forged = Caller("buyer", "B", frozenset({"controller", "admin"}), frozenset({"KAS", "BRE"}), frozenset())
    now = datetime.now(UTC)
    with pytest.raises(Denied):
        async with acting(dsn, forged) as connection:
            await propose(
                connection,
                forged,
                CHANGE,
                effective_from=now,
                note="",
                policy=PACKAGED,
                trail=Recorded(),
                at=now,
            )


async def test_an_approval_is_of_what_was_shown(dsn: str, store: Store) -> None:
    """The digest that the person saw has to be the one that is kept; a second decision is refused."""
    record = await proposed(dsn, store, "controller")
    with pytest.raises(DraftInvalid, match="not what was shown"):
        await decided(dsn, store, "admin", record, digest="sha256:" + "0" * 64)
    await decided(dsn, store, "admin", record, "rejected")
    with pytest.raises(DraftInvalid, match="rejected already"):
        await decided(dsn, store, "admin", record)


async def test_without_an_audit_nothing_changes(dsn: str, store: Store) -> None:
    """Where it cannot be put on record, it is neither proposed nor approved."""
    with pytest.raises(AuditUnavailable):
        await proposed(dsn, store, "controller", trail=Recorded(fails=True))
    record = await proposed(dsn, store, "controller")
    with pytest.raises(AuditUnavailable):
        await decided(dsn, store, "admin", record, trail=Recorded(fails=True))
    async with acting(dsn, await store.caller("admin")) as connection:
        assert [(r.version, r.status) for r in await changes(connection)] == [(1, "proposed")]


async def test_what_cannot_be_is_not_proposed(dsn: str, store: Store) -> None:
    """The past, signers whom no policy admits, limits that are not there, amounts that are none."""
    with pytest.raises(DraftInvalid, match="which has passed"):
        await proposed(dsn, store, "controller", effective_from=datetime(2020, 1, 1, tzinfo=UTC))
    with pytest.raises(ConfigurationError, match="no policy lets inventory sign"):
        await proposed(dsn, store, "controller", CHANGE.replace("buyer", "inventory"))
    with pytest.raises(ConfigurationError, match="to withdraw"):
        await proposed(
            dsn, store, "controller", CHANGE.replace("[[limit]]", "[[withdraw]]").replace("confirm", "#")
        )
    with pytest.raises(ConfigurationError, match="admin"):
        await proposed(dsn, store, "controller", CHANGE.replace("buyer", "admin"))
    with pytest.raises(RecordNotFound, match="no change 99"):
        await decided(
            dsn,
            store,
            "admin",
            ChangeRecord(
                99, "", "", (), datetime.now(UTC), "", "proposed", "", datetime.now(UTC), None, None
            ),
        )


@pytest.mark.parametrize(
    "statement",
    [
        "update app.limits_change set content = 'x'",
        "update app.limits_change set status = 'proposed', decided_by = null, decided_at = null",
        "update app.limits_change set effective_from = now()",
        "delete from app.limits_change",
        "truncate app.limits_change",
    ],
)
async def test_what_was_decided_stays(dsn: str, store: Store, owner_dsn: str, statement: str) -> None:
    """Not even the owner of the table edits or deletes a change; the application may not touch it at all."""
    await decided(dsn, store, "admin", await proposed(dsn, store, "controller"))
    with psycopg.connect(owner_dsn) as connection, pytest.raises(psycopg.errors.RaiseException, match="kept"):
        connection.execute(statement.encode())
    with psycopg.connect(dsn) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(statement.encode())


async def test_a_change_takes_effect_within_a_second(dsn: str, store: Store) -> None:
    """A process that watches decides by the new limits and under a new hash; the old moment keeps the old."""
    buyer, before = caller("buyer"), datetime.now(UTC)
    async with PolicyInForce.watching(dsn) as policy:
        old = policy.hash(before)
        assert not policy.decide(asked(buyer, "confirm", currency="JPY", at=before)).allowed
        await decided(dsn, store, "admin", await proposed(dsn, store, "controller"))
        since = time.monotonic()
        while not policy.decide(asked(buyer, "confirm", currency="JPY", at=datetime.now(UTC))).allowed:
            assert time.monotonic() - since < 1.0
            await asyncio.sleep(0.01)
        assert policy.hash(datetime.now(UTC)) != old
        assert policy.hash(before) == old == PACKAGED.digest
        assert not policy.decide(asked(buyer, "confirm", currency="JPY", at=before)).allowed


async def test_a_change_waits_for_its_day(dsn: str, store: Store) -> None:
    """Approved today for tomorrow: today's hash stays, tomorrow's is another."""
    later = datetime.now(UTC) + timedelta(days=1)
    await decided(dsn, store, "admin", await proposed(dsn, store, "controller", effective_from=later))
    async with PolicyInForce.watching(dsn) as policy:
        assert policy.hash(later - timedelta(seconds=1)) == PACKAGED.digest
        assert policy.hash(later) != PACKAGED.digest


async def test_limits_edited_in_the_database_stop_everything_but_reading(
    dsn: str, store: Store, owner_dsn: str
) -> None:
    """Content that is not what was digested: no draft is decided by it, and questions are still answered."""
    await decided(dsn, store, "admin", await proposed(dsn, store, "controller"))
    async with PolicyInForce.watching(dsn, every_s=0.05) as policy:
        with psycopg.connect(owner_dsn) as connection:
            connection.execute("alter table app.limits_change disable trigger user")
            connection.execute("update app.limits_change set content = replace(content, '1_000', '9_000')")
            connection.execute("alter table app.limits_change enable trigger user")
        await proposed(dsn, store, "controller", CHANGE.replace("JPY", "SEK"))
        await asyncio.sleep(0.5)
        now = datetime.now(UTC)
        decision = policy.decide(asked(caller("planner"), "propose", at=now))
        assert (decision.allowed, decision.policies) == (False, ("limits",))
        assert "not what was proposed" in decision.reason
        assert policy.decide(asked(caller("buyer"), "read", "answer", at=now)).allowed
    with pytest.raises(ConfigurationError, match="not what was proposed"):
        async with PolicyInForce.watching(dsn):
            pass


async def test_limits_that_cannot_be_read_are_not_trusted_for_long() -> None:
    """A process cut off from the database stops deciding about drafts; reading goes on."""
    clock = [0.0]
    policy = PolicyInForce(Timeline.of(PACKAGED, ()), lambda: clock[0])
    assert policy.decide(asked(caller("planner"), "propose")).allowed
    clock[0] = 16.0
    decision = policy.decide(asked(caller("planner"), "propose"))
    assert not decision.allowed
    assert "could not be read for 15 seconds" in decision.reason
    assert policy.decide(asked(caller("buyer"), "read", "answer")).allowed


async def test_the_watch_outlives_a_lost_connection(dsn: str, store: Store, owner_dsn: str) -> None:
    """The server ends the connection; the next change is still seen."""
    async with PolicyInForce.watching(dsn, every_s=0.05) as policy:
        await asyncio.sleep(0.1)
        with psycopg.connect(dsn) as connection:
            connection.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity"
                " where pid <> pg_backend_pid() and datname = current_database()"
                " and query like '%limits_change%'"
            )
        await decided(dsn, store, "admin", await proposed(dsn, store, "controller"))
        for _ in range(100):
            if policy.hash(datetime.now(UTC)) != PACKAGED.digest:
                return
            await asyncio.sleep(0.02)
        pytest.fail("the change was not seen within two seconds")

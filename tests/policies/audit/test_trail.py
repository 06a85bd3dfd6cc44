"""Events are kept whole, once and in one chain, whoever appends at once and wherever a process dies."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest
from psycopg.rows import dict_row

from erp_adapters.errors import AuditUnavailable, ConfigurationError
from erp_adapters.store import ADMIN_ROLE, OWNER_ROLE
from erp_adapters.store.provision import WORKER_ROLE
from policies.audit.contents import check_contents
from policies.audit.keys import AuditKeys
from policies.audit.reading import tables
from policies.audit.trail import Often, PostgresTrail
from policies.audit.verify import Report, verify, witnesses
from tests.policies.audit.conftest import NOON, SECRET, Home, event


def count(home: Home) -> int:
    with psycopg.connect(home.owner) as connection:
        row = connection.execute("select count(*) from audit.event").fetchone()
    assert row is not None
    return int(row[0])


async def test_events_of_one_call_stand_together_in_their_order(home: Home, trail: PostgresTrail) -> None:
    groups = [[1, 2, 3], [4, 5], [6]]
    places = await asyncio.gather(*(trail.append([event(n) for n in group]) for group in groups))
    with tables(home.owner) as (source, _):
        kept = [getattr(entry, "proposal", "") for entry in source.entries]
    assert len(kept) == 6
    for group, place in zip(groups, places, strict=True):
        assert kept[place - len(group) : place] == [f"p-{n}" for n in group]


async def test_callers_at_once_share_transactions_and_each_gets_its_own_place(
    home: Home, trail: PostgresTrail
) -> None:
    places = await asyncio.gather(*(trail.append([event(number)]) for number in range(300)))
    assert sorted(places) == list(range(1, 301))
    with psycopg.connect(home.owner) as connection:
        row = connection.execute("select count(distinct xmin::text) from audit.event").fetchone()
    assert row is not None
    assert row[0] < 30, "each had a transaction of its own"
    assert home.report().is_intact is False, "no checkpoint yet"
    await trail.witness()
    assert home.report().is_intact


async def test_an_event_in_a_callers_transaction_falls_with_it(home: Home, trail: PostgresTrail) -> None:
    await trail.append([event(1)])
    async with await psycopg.AsyncConnection.connect(home.database.dsn(), row_factory=dict_row) as connection:
        async with connection.transaction(force_rollback=True):
            assert await trail.append_in(connection, [event(2, actor="new", about="newer")]) == 2
        assert count(home) == 1
        async with connection.transaction():
            assert await trail.append_in(connection, [event(3), event(4)]) == 3
        assert await trail.append([event(5)]) == 4
    await trail.witness()
    assert home.report().is_intact


async def test_an_event_that_was_committed_after_its_checkpoint_gets_another_one(home: Home) -> None:
    async with await home.trail(often=Often(1, 0.1)) as trail:
        async with await psycopg.AsyncConnection.connect(home.database.dsn()) as connection:
            await trail.append_in(connection, [event(1)])
            await asyncio.sleep(0.3)
        for _ in range(100):
            if (last := home.log.last()) is not None:
                break
            await asyncio.sleep(0.05)
        assert last is not None
        assert last.position == 1


async def test_the_head_is_held_until_the_callers_transaction_ends(home: Home, trail: PostgresTrail) -> None:
    """Otherwise two transactions would both follow the same event."""
    async with await psycopg.AsyncConnection.connect(home.database.dsn()) as connection:
        async with connection.transaction():
            await trail.append_in(connection, [event(1)])
            other = asyncio.create_task(trail.append([event(2)]))
            await asyncio.sleep(0.2)
            assert not other.done()
        assert await other == 2


PROGRAM = """
import asyncio, sys
from datetime import UTC, datetime
from pathlib import Path
from policies.audit.checkpoints import CheckpointLog
from policies.audit.event import AuditEvent
from policies.audit.keys import AuditKeys
from policies.audit.trail import Often, PostgresTrail

async def main(dsn, folder, name, count):
    keys = AuditKeys.kept_in(Path(folder))
    log = CheckpointLog(Path(folder) / "checkpoints.jsonl", keys.signing)
    async with await PostgresTrail.open(dsn, keys, log=log, often=Often(16, 0.05)) as trail:
        async def one(number):
            payload = {"number": number}
            event = AuditEvent("tool_call", datetime.now(UTC), name, name, payload, f"{name}-{number}")
            print(await trail.append([event]), number, flush=True)
        print("ready", flush=True)
        sys.stdin.readline()
        for begin in range(0, int(count), 10):
            await asyncio.gather(*(one(number) for number in range(begin, begin + 10)))

asyncio.run(main(*sys.argv[1:]))
"""


def process(home: Home, name: str, count: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, home.database.dsn(), str(home.folder), name, str(count)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def go(processes: list[subprocess.Popen[str]]) -> None:
    for each in processes:
        assert each.stdout is not None
        assert each.stdin is not None
        assert each.stdout.readline() == "ready\n"
    for each in processes:
        assert each.stdin is not None
        each.stdin.write("\n")
        each.stdin.flush()


def checked(home: Home) -> Report:
    seen = witnesses(home.file, home.keys.public)
    with tables(home.owner) as (source, connection):
        report = verify(source, seen, home.keys.public)
        check_contents(connection, home.keys.wrapping, report)
    return report


def test_several_processes_keep_one_chain_and_one_file_of_checkpoints(home: Home) -> None:
    processes = [process(home, name, 200) for name in ("anna", "ben", "anna")]
    go(processes)
    places = []
    for each in processes:
        out, _ = each.communicate(timeout=60)
        assert each.returncode == 0
        places += [int(line.split()[0]) for line in out.splitlines()]
    assert sorted(places) == list(range(1, 601))
    report = checked(home)
    assert report.findings == []
    assert (report.events, report.witnessed) == (600, 600)


@pytest.mark.parametrize("after", [0.02, 0.1, 0.25, 0.4])
async def test_a_process_that_is_killed_leaves_a_chain_that_holds_whatever_it_was_told_is_kept(
    home: Home, after: float
) -> None:
    one = process(home, "anna", 100_000)
    go([one])
    time.sleep(after)  # noqa: ASYNC251
    os.kill(one.pid, signal.SIGKILL)
    out, _ = one.communicate(timeout=60)
    # What it was writing as it died may have gone out in part: only a whole line has told anybody anything.
    told = [line.split() for line in out.splitlines(keepends=True) if line.endswith("\n")]
    with tables(home.owner) as (source, _):
        kept = {entry.position: entry.proposal for entry in source.entries if not hasattr(entry, "line")}
    assert all(kept[int(place)] == f"anna-{number}" for place, number in told)
    async with await home.trail() as trail:
        await trail.append([event(1)])
    assert checked(home).findings == []


async def test_a_database_that_ends_in_the_middle_leaves_a_chain_that_goes_on(home: Home) -> None:
    async with await home.trail() as trail:
        await trail.append([event(1)])
        with psycopg.connect(home.database.dsn(ADMIN_ROLE)) as connection:
            connection.execute(
                "select pg_terminate_backend(pid, 5000) from pg_stat_activity"
                " where datname = current_database() and usename = 'plantwright_app'"
            )
        assert await trail.append([event(2)]) == 2
    assert home.report().is_intact


async def test_without_a_database_nothing_is_said_to_be_kept(home: Home) -> None:
    trail = await home.trail()
    with home.tampering() as connection:
        connection.execute("drop function audit.append")
        connection.commit()
    with pytest.raises(AuditUnavailable, match="nothing is written until it can"):
        await trail.append([event(1)])
    async with await psycopg.AsyncConnection.connect(home.database.dsn()) as own:
        with pytest.raises(AuditUnavailable):
            async with own.transaction():
                await trail.append_in(own, [event(1)])
    await trail.close()
    with pytest.raises(AuditUnavailable, match="closed"):
        await trail.append([event(1)])


async def test_no_database_at_all_is_said_when_the_trail_is_opened(home: Home) -> None:
    with pytest.raises(AuditUnavailable):
        await asyncio.wait_for(
            PostgresTrail.open("host=/nowhere user=plantwright_app dbname=none", home.keys), 15
        )


async def test_while_no_checkpoint_can_be_kept_nothing_is(home: Home) -> None:
    async with await home.trail(often=Often(1, 0.05)) as trail:
        await trail.append([event(1)])
        await trail.witness()
        aside = home.file.rename(home.folder / "aside")
        home.file.mkdir()
        await refused(trail, "no checkpoint of the audit can be kept")
        home.file.rmdir()
        aside.rename(home.file)
        for _ in range(100):
            with suppress(AuditUnavailable):
                await trail.append([event(3)])
                break
            await asyncio.sleep(0.05)
    assert home.report().is_intact


async def refused(trail: PostgresTrail, why: str) -> None:
    async def until_refused() -> None:
        while True:
            await trail.append([event(1)])
            await asyncio.sleep(0.02)

    with pytest.raises(AuditUnavailable, match=why):
        await asyncio.wait_for(until_refused(), 10)


async def test_checkpoints_that_vanish_while_the_program_runs_stop_it_from_keeping_more(home: Home) -> None:
    async with await home.trail(often=Often(1, 0.05)) as trail:
        for number in (1, 2, 3):
            await trail.append([event(number)])
            await trail.witness()
        lines = home.file.read_bytes().splitlines(keepends=True)
        assert len(lines) > 1
        home.file.write_bytes(lines[0])
        await refused(trail, "checkpoints were taken away")


async def test_a_rewrite_while_the_program_runs_stops_it_from_keeping_more(home: Home) -> None:
    async with await home.trail(often=Often(1, 0.05)) as trail:
        await trail.append([event(1)])
        await trail.witness()
        with home.tampering() as connection:
            connection.execute("update audit.event set hash = sha256(hash)")
        await refused(trail, "the audit was rewritten")


@pytest.mark.parametrize(
    "spoilt",
    [
        {"payload": {"price": 1e400}},
        {"payload": {"price": object()}},
        {"payload": {"text": "\ud800"}},
        {"payload": {"number": 2**60}},
        {"site": "K\0S"},
        {"site": "\ud800"},
        {"proposal": "p" * 65},
        {"at": NOON.replace(tzinfo=None)},
    ],
)
async def test_an_event_that_cannot_be_kept_is_refused_and_takes_nobody_elses_along(
    trail: PostgresTrail, spoilt: dict[str, object]
) -> None:
    results = await asyncio.gather(
        trail.append([event(1)]),
        trail.append([event(2), event(3, **spoilt)]),
        trail.append([event(4)]),
        return_exceptions=True,
    )
    assert isinstance(results[1], AuditUnavailable)
    assert sorted(each for each in results if isinstance(each, int)) == [1, 2]


async def test_nobody_but_functions_that_add_may_touch_it(home: Home, trail: PostgresTrail) -> None:
    await trail.append([event(1)])
    statements = [
        "select * from audit.event",
        "select * from audit.subject_key",
        "insert into audit.event select * from audit.event",
        "update audit.event set site = ''",
        "update audit.head set position = 0",
        "update audit.subject_key set tag = null, wrapped = null, erased_at = now()",
        "delete from audit.event",
        "truncate audit.event",
        "alter table audit.event disable trigger all",
        "drop trigger kept on audit.event",
    ]
    for role in (home.database.dsn(), home.database.dsn(WORKER_ROLE)):
        for statement in statements:
            with psycopg.connect(role) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "update audit.event set site = ''",
        "delete from audit.event",
        "truncate audit.event",
        "update audit.head set position = position - 1",
        "update audit.head set hash = sha256(hash)",
        "delete from audit.head",
        "update audit.subject_key set wrapped = wrapped || wrapped",
        "delete from audit.subject_key",
        "update audit.chain set id = gen_random_uuid()",
        "update audit.chain set key_tag = null",
    ],
)
async def test_the_owner_changes_nothing_by_accident_either(
    home: Home, trail: PostgresTrail, statement: str
) -> None:
    await trail.append([event(1)])
    with psycopg.connect(home.owner) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(statement)


@pytest.mark.parametrize("role", [OWNER_ROLE, WORKER_ROLE])
async def test_the_worker_and_the_owner_may_append(home: Home, role: str) -> None:
    async with await home.trail(home.database.dsn(role)) as trail:
        assert await trail.append([event(1)]) == 1


async def test_another_wrapping_key_is_refused(home: Home, trail: PostgresTrail, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="put the key file that belongs to it back"):
        await PostgresTrail.open(home.database.dsn(), AuditKeys.kept_in(tmp_path / "others"))


async def test_an_event_behind_the_last_checkpoint_that_nobody_with_the_keys_wrote_is_found(
    home: Home, trail: PostgresTrail
) -> None:
    await trail.append([event(1)])
    await trail.witness()
    with psycopg.connect(home.database.dsn()) as connection:
        # What a stolen login could do: everything that it may.
        connection.execute(
            "select audit.append('{proposal}', array[now()], array[k.key_id], array[k.key_id], '{p}',"
            " '{KAS}', array[decode(repeat('00', 40), 'hex')], array[sha256('x')])"
            " from audit.key_of(%s) k",
            (home.keys.wrapping.digest("planner"),),
        )
    kinds = {each.kind for each in checked(home).findings}
    assert "contents" in kinds


async def test_what_is_sealed_can_be_read_nowhere_in_the_database(home: Home, trail: PostgresTrail) -> None:
    await trail.append([event(1), event(2, actor="buyer@example.com")])
    await trail.witness()
    with psycopg.connect(home.owner) as connection:
        for table in ("event", "subject_key", "head", "chain"):
            rows = str(connection.execute(f"select t::text from audit.{table} t").fetchall())
            for text in (SECRET, "buyer@example.com", "planner"):
                assert text not in rows
                assert text.encode().hex() not in rows


async def test_what_is_kept_survives_a_power_cut_whatever_the_session_was_set_to(
    home: Home, trail: PostgresTrail
) -> None:
    async with await psycopg.AsyncConnection.connect(home.database.dsn()) as connection:
        await connection.execute("set synchronous_commit = off")
        await connection.commit()
        await trail.append_in(connection, [event(1)])
        shown = await (await connection.execute("show synchronous_commit")).fetchone()
        assert shown == ("on",)

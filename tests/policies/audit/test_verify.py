"""Every edit, deletion, truncation, reorder, rewrite and rollback of the audit is found."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from erp_adapters.errors import AuditUnavailable
from policies.audit.chain import Entry, genesis, link_of
from policies.audit.checkpoints import Checkpoint, signed
from policies.audit.keys import AuditKeys
from policies.audit.reading import Source, entries_of, export, tables, write_export
from policies.audit.verify import Report, Witnesses, verify, witnesses
from tests.policies.audit.conftest import NOON, Home, event

Tamper = psycopg.Connection[tuple[Any, ...]]


async def filled(home: Home, count: int = 12, first: int = 1) -> None:
    """A home with events and a checkpoint in their middle and at their end."""
    for numbers in (range(first, first + count // 2), range(first + count // 2, first + count)):
        async with await home.trail() as trail:
            for number in numbers:
                await trail.append([event(number)])


def rechained(connection: Tamper) -> None:
    """The chain computed anew over what the table holds now, as a thorough forger does."""
    chain = connection.execute("select id from audit.chain").fetchone()
    assert chain is not None
    place, hash = 0, genesis(chain[0])
    for entry in list(entries_of(connection)):
        place += 1
        link = link_of(entry.leaf, place, hash)
        connection.execute(
            "update audit.event set position = %s, previous = %s, hash = %s where position = %s",
            (-place, hash, link, entry.position),
        )
        hash = link
    connection.execute("update audit.event set position = -position")
    connection.execute("update audit.head set position = %s, hash = %s", (place, hash))


COLUMNS = {
    "position": "position + 1000",
    "previous": "sha256(previous)",
    "hash": "sha256(hash)",
    "kind": "'switch'",
    "at": "at + interval '1 microsecond'",
    "actor": "gen_random_uuid()",
    "about": "gen_random_uuid()",
    "proposal": "proposal || '0'",
    "site": "'LEI'",
    "sealed": "sealed || '\\x00'::bytea",
}


async def test_an_untouched_audit_is_intact_and_witnessed_to_its_end(home: Home) -> None:
    await filled(home)
    report = home.report()
    assert report.is_intact
    assert (report.events, report.last, report.witnessed) == (12, 12, 12)


def test_an_audit_without_events_is_intact(home: Home) -> None:
    assert home.report().is_intact


async def test_an_edit_of_each_column_is_found(home: Home) -> None:
    await filled(home)
    with home.tampering() as connection:
        there = connection.execute(
            "select attname from pg_attribute where attrelid = 'audit.event'::regclass and attnum > 0"
        )
        assert {name for (name,) in there} == COLUMNS.keys()
    for column, value in COLUMNS.items():
        for position in (1, 5, 12):
            with home.tampering() as connection:
                kept = connection.execute(
                    "select * from audit.event where position = %s", (position,)
                ).fetchone()
                assert kept is not None
                connection.execute(
                    f"update audit.event set {column} = {value} where position = %s", (position,)
                )
            assert not home.report().is_intact, (column, position)
            with home.tampering() as connection:
                connection.execute(
                    "delete from audit.event where position in (%s, %s + 1000)", (position,) * 2
                )
                marks = ", ".join(["%s"] * len(kept))
                connection.execute(f"insert into audit.event values ({marks})", kept)
    assert home.report().is_intact


async def test_an_event_that_was_put_in_is_found(home: Home) -> None:
    await filled(home)
    with home.tampering() as connection:
        connection.execute("update audit.event set position = position + 1000 where position > 6")
        connection.execute("update audit.event set position = position - 999 where position > 6")
        connection.execute(
            "insert into audit.event select 7, previous, hash, kind, at, actor, about, proposal, site, sealed"
            " from audit.event where position = 6"
        )
    assert not home.report().is_intact


@pytest.mark.parametrize("position", [1, 2, 6, 7, 11])
async def test_a_deletion_is_found_and_named(home: Home, position: int) -> None:
    await filled(home)
    with home.tampering() as connection:
        connection.execute("delete from audit.event where position = %s", (position,))
    assert ("missing", position) in [(each.kind, each.position) for each in home.report().findings]


@pytest.mark.parametrize("kept", [0, 1, 6, 11])
async def test_a_truncation_is_found_with_its_head_set_back_as_well(home: Home, kept: int) -> None:
    await filled(home)
    with home.tampering() as connection:
        connection.execute("delete from audit.event where position > %s", (kept,))
    assert {each.kind for each in home.report().findings} == {"head", "cut_off"}
    with home.tampering() as connection:
        rechained(connection)
    assert {each.kind for each in home.report().findings} == {"cut_off"}


async def test_a_reorder_is_found(home: Home) -> None:
    await filled(home)
    with home.tampering() as connection:
        connection.execute("update audit.event set position = -9 where position = 4")
        connection.execute("update audit.event set position = 4 where position = 9")
        connection.execute("update audit.event set position = 9 where position = -9")
    assert {each.position for each in home.report().findings} >= {4, 9}


async def test_a_rewrite_of_the_whole_chain_is_found(home: Home) -> None:
    await filled(home)
    with home.tampering() as connection:
        connection.execute("update audit.event set site = 'LEI' where position = 3")
        rechained(connection)
    findings = home.report().findings
    assert {each.kind for each in findings} == {"rewritten"}
    assert {each.position for each in findings} == {6, 12}


async def test_a_rewrite_under_a_new_chain_is_found(home: Home) -> None:
    await filled(home)
    with home.tampering() as connection:
        connection.execute("update audit.chain set id = gen_random_uuid()")
        rechained(connection)
    assert {each.kind for each in home.report().findings} >= {"rewritten"}


async def test_a_database_that_was_set_back_is_found_and_stays_found_when_it_grows_again(home: Home) -> None:
    await filled(home)
    with home.tampering() as connection:
        connection.execute("create table kept as select * from audit.event")
        connection.execute("create table kept_head as select * from audit.head")
    await filled(home, first=20)
    with home.tampering() as connection:
        connection.execute("truncate audit.event, audit.head")
        connection.execute("insert into audit.event select * from kept")
        connection.execute("insert into audit.head select * from kept_head")
    assert {each.kind for each in home.report().findings} == {"cut_off"}

    # Without the second place the program cannot know; verification still does.
    unseen = Home(home.database, home.folder / "elsewhere", home.keys)
    await filled(unseen, count=30, first=40)
    assert {each.kind for each in home.report().findings} == {"rewritten"}


async def test_nothing_is_kept_on_a_database_that_was_set_back(home: Home) -> None:
    await filled(home)
    with home.tampering() as connection:
        connection.execute("delete from audit.event where position > 8")
        rechained(connection)
    async with await home.trail() as trail:
        with pytest.raises(AuditUnavailable, match="was set back"):
            await trail.append([event(1)])


async def test_a_head_that_was_taken_away_is_found(home: Home) -> None:
    await filled(home)
    with home.tampering() as connection:
        connection.execute("delete from audit.head")
    assert {each.kind for each in home.report().findings} == {"head"}


@pytest.mark.parametrize(
    "tamper",
    [
        lambda lines: lines[1:],
        lambda lines: [lines[0], lines[2]],
        lambda lines: [lines[1], lines[0], lines[2]],
        lambda lines: [lines[0].replace(b'"position":4', b'"position":5'), *lines[1:]],
        lambda lines: [*lines[:2], lines[2][:-9] + b'00000000"}'[-9:]],
        lambda lines: [*lines, b"{}"],
        lambda lines: [*lines, b'{"a":' * 5000],
        lambda lines: [*lines, lines[2]],
    ],
)
async def test_tampering_with_the_checkpoints_is_found(
    home: Home, tamper: Callable[[list[bytes]], list[bytes]]
) -> None:
    for first in (1, 5, 9):
        async with await home.trail() as trail:
            await trail.append([event(number) for number in range(first, first + 4)])
    lines = home.file.read_bytes().splitlines()
    assert len(lines) == 3
    assert home.report().is_intact
    home.file.write_bytes(b"\n".join(tamper(lines)) + b"\n")
    assert "checkpoint" in {each.kind for each in home.report().findings}


async def test_checkpoints_of_a_forger_are_found(home: Home, tmp_path: Path) -> None:
    await filled(home)
    forger = AuditKeys.kept_in(tmp_path / "forger")
    with home.tampering() as connection:
        connection.execute("update audit.event set site = 'LEI' where position = 3")
        rechained(connection)
        chain, position, hash = connection.execute("select * from audit.latest()").fetchone() or ()
    home.file.write_bytes(signed(forger.signing, chain, position, hash, NOON, "").line + b"\n")
    assert {each.kind for each in home.report().findings} == {"checkpoint", "unwitnessed"}


async def test_an_audit_without_its_checkpoints_is_not_called_intact(home: Home) -> None:
    await filled(home)
    home.file.unlink()
    assert {each.kind for each in home.report().findings} == {"unwitnessed"}


async def test_a_half_written_checkpoint_is_no_tampering_and_the_next_one_follows_it(home: Home) -> None:
    await filled(home)
    with home.file.open("ab") as handle:
        handle.write(b'{"at":"2026')
    report = home.report()
    assert report.is_intact
    assert any("half written" in note for note in report.notes)
    await filled(home, first=20)
    assert home.report().is_intact
    assert home.report().witnessed == 24


async def test_events_after_the_latest_checkpoint_are_named_as_such(home: Home) -> None:
    async with await home.trail() as trail:
        await trail.append([event(1)])
        await trail.witness()
        await trail.append([event(2), event(3)])
        report = home.report()
        assert report.is_intact
        assert report.notes == ["2 events are later than the latest checkpoint"]


def exported(home: Home, file: Path) -> list[bytes]:
    with tables(home.owner) as (source, _), file.open("wb") as out:
        write_export(out, source, home.log.last())
    return file.read_bytes().splitlines()


def offline(home: Home, file: Path) -> Report:
    """A verification that has nothing but three files."""
    with export(file) as (source, ending):
        return verify(source, witnesses(home.file, home.keys.public), home.keys.public, ending)


async def test_an_export_is_verified_without_the_database(home: Home, tmp_path: Path) -> None:
    await filled(home)
    file = tmp_path / "export.jsonl"
    exported(home, file)
    report = offline(home, file)
    assert report.is_intact
    assert report.witnessed == 12
    # A year later there are more checkpoints; the export is still what it was.
    await filled(home, first=20)
    later = offline(home, file)
    assert later.is_intact
    assert later.notes == ["2 checkpoints are later than this export"]


@pytest.mark.parametrize(
    "tamper",
    [
        lambda lines: lines[:-1],
        lambda lines: lines[:-2],
        lambda lines: [*lines[:-3], lines[-1]],
        lambda lines: [*lines[:7], lines[-1]],
        lambda lines: [*lines[:3], *lines[4:]],
        lambda lines: [*lines[:3], lines[4], lines[3], *lines[5:]],
        lambda lines: [*lines[:3], lines[3], lines[3], *lines[4:]],
        lambda lines: [lines[0], lines[1].replace(b"KAS", b"LEI"), *lines[2:]],
        lambda lines: [lines[0], b"{", *lines[2:]],
        lambda lines: [lines[0], b"[1]", *lines[2:]],
        lambda lines: [lines[0], b"\xff\xfe", *lines[2:]],
        lambda lines: [lines[0], b'{"position":' + b"9" * 5000 + b"}", *lines[2:]],
        lambda lines: [lines[0], b"[" * 100_000, *lines[2:]],
        lambda lines: [*lines, lines[3]],
    ],
)
async def test_tampering_with_an_export_is_found(
    home: Home, tmp_path: Path, tamper: Callable[[list[bytes]], list[bytes]]
) -> None:
    await filled(home)
    file = tmp_path / "export.jsonl"
    lines = exported(home, file)
    file.write_bytes(b"\n".join(tamper(lines)) + b"\n")
    assert not offline(home, file).is_intact


# A chain in memory: many more ways to spoil one than a database is fast enough for.
CHAIN = UUID("00000000-0000-7000-8000-000000000001")


def chain(count: int) -> list[Entry]:
    made: list[Entry] = []
    hash = genesis(CHAIN)
    for place in range(1, count + 1):
        bare = Entry(place, hash, b"", "proposal", NOON, CHAIN, CHAIN, f"p-{place}", "KAS", bytes([place]))
        made.append(
            Entry(*(getattr(bare, name) if name != "hash" else bare.link for name in Entry.__slots__))
        )
        hash = made[-1].hash
    return made


def judged(entries: list[Entry], whole: list[Entry], keys: AuditKeys, every: int) -> Report:
    seen: list[Checkpoint] = []
    for place in sorted({*range(every, len(whole) + 1, every), len(whole)}):
        before = seen[-1].digest if seen else ""
        seen.append(signed(keys.signing, CHAIN, place, whole[place - 1].hash, NOON, before))
    return verify(Source(CHAIN, 1, iter(entries)), Witnesses(tuple(seen)), keys.public)


def relinked(entries: list[Entry]) -> list[Entry]:
    made: list[Entry] = []
    hash = genesis(CHAIN)
    for place, entry in enumerate(entries, start=1):
        link = link_of(entry.leaf, place, hash)
        made.append(Entry(place, hash, link, *(getattr(entry, name) for name in Entry.__slots__[3:])))
        hash = link
    return made


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> AuditKeys:
    return AuditKeys.kept_in(tmp_path_factory.mktemp("keys"))


@pytest.mark.slow
@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_whatever_becomes_of_any_entries_is_found(keys: AuditKeys, data: st.DataObject) -> None:
    """Deleted, doubled, moved or swapped, with the chain left broken or computed anew: it is found."""
    whole = chain(data.draw(st.integers(1, 25)))
    every = data.draw(st.integers(1, 10))
    assert judged(whole, whole, keys, every).is_intact
    places = data.draw(st.lists(st.integers(0, len(whole) - 1), max_size=30))
    entries = [whole[place] for place in places]
    is_linked = data.draw(st.booleans())
    if is_linked:
        entries = relinked(entries)
    # Events that properly follow the last checkpoint are how a chain grows.
    is_whole = entries[: len(whole)] == whole and (is_linked or len(entries) == len(whole))
    assert judged(entries, whole, keys, every).is_intact == is_whole


def test_an_export_is_verified_by_a_program_that_can_open_no_socket(home: Home, tmp_path: Path) -> None:
    """Three files are all that a verification needs."""
    asyncio.run(filled(home))
    file = tmp_path / "export.jsonl"
    exported(home, file)
    program = (
        "import socket, sys\n"
        "from pathlib import Path\n"
        "from policies.audit.keys import public_key\n"
        "from policies.audit.reading import export\n"
        "from policies.audit.verify import verify, witnesses\n"
        "socket.socket = None\n"
        "key = public_key(Path(sys.argv[3]))\n"
        "with export(Path(sys.argv[1])) as (source, ending):\n"
        "    print(verify(source, witnesses(Path(sys.argv[2]), key), key, ending).is_intact)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(file), str(home.file), str(home.folder / "signing.pub")],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "True\n"

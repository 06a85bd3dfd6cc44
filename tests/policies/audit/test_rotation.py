"""A key that was changed leaves a record that verifies as a whole, and is of no use to whoever has it."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from erp_adapters.errors import AuditUnavailable, ConfigurationError
from policies.audit.checkpoints import CheckpointLog, last_checkpoint, signed
from policies.audit.keys import NEXT_SIGNING, PUBLIC, SIGNING, WRAPPING, AuditKeys, public_key
from policies.audit.reading import tables
from policies.audit.rotation import rotate_signing, rotate_wrapping
from policies.audit.verify import Report, verify, witnesses
from tests.policies.audit.conftest import SECRET, Home, event
from tests.policies.audit.test_erasure import readable

pytestmark = pytest.mark.slow


async def put(home: Home, *numbers: int) -> None:
    async with await home.trail() as trail:
        await trail.append([event(number) for number in numbers])


def again(home: Home) -> Home:
    """The home as a program that is started anew finds it."""
    return Home(home.database, home.folder, AuditKeys.kept_in(home.folder))


def seen_with(home: Home, key: Path) -> Report:
    public = public_key(key)
    with tables(home.owner) as (source, _):
        return verify(source, witnesses(home.file, public), public)


async def test_a_changed_signing_key_verifies_with_either_key(home: Home, tmp_path: Path) -> None:
    """An auditor who kept the first key, or was given the last one, sees one whole record."""
    await put(home, 1, 2)
    first = tmp_path / "kept.pub"
    first.write_bytes((home.folder / PUBLIC).read_bytes())
    secret = (home.folder / SIGNING).read_bytes()
    for _ in range(2):
        done = await rotate_signing(home.owner, home.folder, home.file)
        assert done.before != done.after
        await put(again(home), 3)
    assert secret not in [each.read_bytes() for each in home.folder.iterdir()]
    for key in (first, home.folder / PUBLIC):
        report = seen_with(home, key)
        assert report.findings == []
        assert "the signing key was changed 2 times" in report.notes
        assert report.witnessed == report.last == 6


async def test_a_key_that_was_changed_signs_nothing_any_more(home: Home, tmp_path: Path) -> None:
    """Whoever has the old key by now can neither add to the file nor forge a line of it."""
    await put(home, 1)
    old = home.keys
    await rotate_signing(home.owner, home.folder, home.file)
    last = last_checkpoint(home.file)
    assert last is not None
    stolen = CheckpointLog(home.file, old.signing)
    with pytest.raises(AuditUnavailable, match="signed with another key"):
        stolen.add(last.chain, last.position + 1, b"x" * 32, datetime.now(UTC))
    forged = signed(old.signing, last.chain, last.position, last.hash, datetime.now(UTC), last.digest)
    home.file.write_bytes(home.file.read_bytes() + forged.line + b"\n")
    report = seen_with(home, home.folder / PUBLIC)
    lines = len(home.file.read_bytes().splitlines())
    assert [each.what for each in report.findings] == [
        f"the checkpoint in line {lines} was signed with another key"
    ]


async def test_a_program_that_runs_stops_writing_until_it_has_the_new_key(home: Home) -> None:
    async with await home.trail() as trail:
        await trail.append([event(1)])
        await trail.witness()
        await rotate_signing(home.owner, home.folder, home.file)
        await trail.append([event(2)])
        with pytest.raises(AuditUnavailable, match="started anew"):
            await trail.witness()
        with pytest.raises(AuditUnavailable, match="started anew"):
            await trail.append([event(3)])
    await put(again(home), 4)
    assert again(home).report().findings == []


async def test_an_interrupted_change_goes_on_where_it_was(home: Home) -> None:
    """Killed after the last checkpoint of the old key, and before the new one was in its place."""
    await put(home, 1)
    closed = home.folder
    signing = (closed / SIGNING).read_bytes()
    await rotate_signing(home.owner, closed, home.file)
    os.rename(closed / SIGNING, closed / NEXT_SIGNING)
    (closed / SIGNING).write_bytes(signing)
    lines = home.file.read_bytes().splitlines()
    home.file.write_bytes(b"\n".join(lines[:-1]) + b"\n")
    done = await rotate_signing(home.owner, closed, home.file)
    assert last_checkpoint(home.file).key == done.after  # type: ignore[union-attr]
    assert len(home.file.read_bytes().splitlines()) == len(lines)
    assert again(home).report().findings == []


async def test_a_successor_that_did_not_accept_is_found(home: Home, tmp_path: Path) -> None:
    """Somebody with the key of the record cannot make a stranger's key vouch for it."""
    await put(home, 1)
    other = AuditKeys.kept_in(tmp_path / "other")
    last = last_checkpoint(home.file)
    assert last is not None
    CheckpointLog(home.file, home.keys.signing).hand_over(
        other.signing, last.chain, last.position, last.hash, datetime.now(UTC)
    )
    text = home.file.read_bytes()
    accepted = text.split(b'"accepted":"')[1][:128]
    home.file.write_bytes(text.replace(accepted, b"0" * 128))
    report = home.report()
    assert [each.kind for each in report.findings] == ["checkpoint"]
    assert "did not accept" in report.findings[0].what


async def test_a_changed_wrapping_key_opens_everything_and_the_one_before_nothing(home: Home) -> None:
    await put(home, 1)
    async with await home.trail() as trail:
        await trail.append([event(2, about="buyer", actor="buyer")])
    before = home.keys.wrapping
    done = await rotate_wrapping(home.owner, home.folder, home.file)
    assert done.kept is not None
    assert AuditKeys.kept_in(home.folder).wrapping != before
    assert readable(again(home)) == ["planner", "buyer", "system"]
    assert readable(home) == ["?", "?", "?"]
    with pytest.raises(ConfigurationError, match="another wrapping key"):
        await home.trail()
    await put(again(home), 3)
    assert again(home).report().findings == []
    assert SECRET not in repr(done)


async def test_the_wrapping_key_is_not_changed_under_a_program_that_runs(home: Home) -> None:
    """It would wrap the next person's key with the one that it has in memory."""
    async with await home.trail() as trail:
        await trail.append([event(1)])
        with pytest.raises(ConfigurationError, match="stop them all"):
            await rotate_wrapping(home.owner, home.folder, home.file)
        await trail.append([event(2)])
    assert readable(home) == ["planner", "planner"]


async def test_an_interrupted_change_of_the_wrapping_key_goes_on(home: Home) -> None:
    """Killed between the database and the file: nothing is lost, and the same command ends it."""
    await put(home, 1)
    secret = (home.folder / WRAPPING).read_bytes()
    await rotate_wrapping(home.owner, home.folder, home.file)
    os.rename(home.folder / WRAPPING, home.folder / "wrapping.next")
    (home.folder / WRAPPING).write_bytes(secret)
    with pytest.raises(ConfigurationError, match="another wrapping key"):
        await again(home).trail()
    await rotate_wrapping(home.owner, home.folder, home.file)
    assert readable(again(home)) == ["planner", "system"]


async def test_only_the_owner_wraps_anew(home: Home) -> None:
    """The program's login cannot, whatever it sets."""
    await put(home, 1)
    for role in ("plantwright_app", "plantwright_worker"):
        with (
            psycopg.connect(home.database.dsn(role)) as connection,
            pytest.raises(psycopg.errors.InsufficientPrivilege),
        ):
            connection.execute("select audit.rewrap('', '', '{}', '{}', '{}')")

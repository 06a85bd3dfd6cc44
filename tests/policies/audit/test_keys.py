"""Keys are made once, closed to others, and never silently replaced."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from erp_adapters.errors import AuditUnavailable, ConfigurationError, PolicyError
from policies.audit.chain import header
from policies.audit.checkpoints import CheckpointLog, parsed
from policies.audit.keys import PUBLIC, SIGNING, WRAPPING, AuditKeys, public_key
from policies.audit.sealing import new_key, opened, seal, unwrapped, wrapped
from tests.policies.audit.conftest import NOON, event

ID = UUID("00000000-0000-7000-8000-000000000001")


def test_keys_are_kept_closed_to_others_and_stay_the_same(tmp_path: Path) -> None:
    folder = tmp_path / "audit"
    keys = AuditKeys.kept_in(folder)
    assert sorted(each.name for each in folder.iterdir()) == sorted([WRAPPING, SIGNING, PUBLIC])
    assert {each.stat().st_mode & 0o777 for each in folder.iterdir()} == {0o600}
    again = AuditKeys.kept_in(folder)
    assert again.wrapping == keys.wrapping
    assert again.public.public_bytes_raw() == keys.public.public_bytes_raw()
    assert public_key(folder / PUBLIC).public_bytes_raw() == keys.public.public_bytes_raw()


def test_processes_that_start_together_agree_on_the_keys(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: AuditKeys.kept_in(tmp_path / "audit"), range(8)))
    assert len({each.wrapping.secret for each in made}) == 1
    assert len({each.public.public_bytes_raw() for each in made}) == 1
    assert len(list((tmp_path / "audit").iterdir())) == 3


@pytest.mark.parametrize("name", [WRAPPING, SIGNING])
@pytest.mark.parametrize("content", [b"", b"nonsense", b"\xff" * 32, b"00" * 31])
def test_a_spoilt_key_is_refused_and_not_replaced(tmp_path: Path, name: str, content: bytes) -> None:
    AuditKeys.kept_in(tmp_path)
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ConfigurationError, match=name):
        AuditKeys.kept_in(tmp_path)
    assert (tmp_path / name).read_bytes() == content


def test_no_secret_shows_in_what_is_printed(tmp_path: Path) -> None:
    keys = AuditKeys.kept_in(tmp_path)
    key = new_key(ID, "planner")
    assert keys.wrapping.secret.hex() not in repr(keys)
    assert key.secret.hex() not in repr(key)
    assert str(key.secret) not in repr(key)


TEXT = st.text(st.characters(exclude_categories=("Cs",)), max_size=40)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.slow
@given(payload=st.dictionaries(TEXT, JSON, max_size=5), flip=st.integers(0, 10_000))
def test_what_was_sealed_comes_back_and_any_changed_bit_is_noticed(
    payload: dict[str, object], flip: int
) -> None:
    key = new_key(ID, "planner")
    sealed = seal(event(1, payload=payload), key, key)
    head = header("proposal", event(1).at, ID, ID, "p-1", "KAS")
    assert opened(sealed.contents, head, key) == payload
    spoilt = bytearray(sealed.contents)
    spoilt[flip % len(spoilt)] ^= 1 << flip % 8
    with pytest.raises(PolicyError):
        opened(bytes(spoilt), head, key)
    for name in head:
        with pytest.raises(PolicyError):
            opened(sealed.contents, {**head, name: head[name] + "x"}, key)
    with pytest.raises(PolicyError):
        opened(sealed.contents, head, new_key(ID, "planner"))


def test_a_wrapped_key_opens_only_under_its_own_id_and_wrapping_key(tmp_path: Path) -> None:
    wrapping = AuditKeys.kept_in(tmp_path / "a").wrapping
    key = new_key(ID, "planner")
    text = wrapped(key, wrapping)
    assert unwrapped(ID, text, wrapping) == key
    assert b"planner" not in text
    for id, other in (
        (UUID(int=2), wrapping),
        (ID, AuditKeys.kept_in(tmp_path / "b").wrapping),
    ):
        with pytest.raises(PolicyError):
            unwrapped(id, text, other)


def test_a_checkpoint_comes_back_from_its_line(tmp_path: Path) -> None:
    keys = AuditKeys.kept_in(tmp_path)
    log = CheckpointLog(tmp_path / "second" / "place.jsonl", keys.signing)
    assert log.last() is None
    first = log.add(ID, 5, b"h" * 32, NOON)
    second = log.add(ID, 9, b"i" * 32, datetime.now(UTC))
    assert log.add(ID, 9, b"i" * 32, NOON) == second
    assert second.previous == first.digest
    assert log.last() == second == parsed(second.line)
    assert second.is_signed_by(keys.public)
    assert log.file.stat().st_mode & 0o777 == 0o600


def test_a_second_place_that_holds_something_else_is_left_as_it_is(tmp_path: Path) -> None:
    keys = AuditKeys.kept_in(tmp_path)
    file = tmp_path / "place.jsonl"
    file.write_bytes(b"a shopping list\n")
    with pytest.raises(AuditUnavailable, match="no checkpoint"):
        CheckpointLog(file, keys.signing).add(ID, 1, b"h" * 32, NOON)
    assert file.read_bytes() == b"a shopping list\n"

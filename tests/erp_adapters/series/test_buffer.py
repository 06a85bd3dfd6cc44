"""What a site collects is on its disk until the service has it, in its order, and never too much."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from erp_adapters.errors import StoreUnavailable
from erp_adapters.series.batch import Batch, micros
from erp_adapters.series.buffer import Buffer
from erp_adapters.series.wire import parts, received, sent

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
ROOM = 2**20


def batch(*minutes: int, source: str = "hall", values: float = 1.5) -> Batch:
    number = len(minutes)
    return Batch(
        source,
        1,
        ("warm", "state"),
        np.array([n % 2 for n in range(number)], np.int32),
        np.array([micros(NOON + timedelta(minutes=n)) for n in minutes]),
        np.array([float("nan") if n % 5 == 4 else values + n for n in range(number)]),
        np.array([n % 3 for n in range(number)], np.uint8),
        NOON + timedelta(hours=1),
        is_history=True,
    )


@pytest.fixture
def buffer(tmp_path: Path) -> Iterator[Buffer]:
    with Buffer.open(tmp_path / "b.db", ROOM) as made:
        yield made


def same(one: Batch, other: Batch) -> bool:
    columns = ("which", "at", "values", "qualities")
    return (one.signals, one.arrived_at, one.is_history) == (
        other.signals,
        other.arrived_at,
        other.is_history,
    ) and all(
        np.array_equal(getattr(one, of), getattr(other, of), equal_nan=of == "values") for of in columns
    )


def test_a_batch_travels_as_it_was_collected() -> None:
    """Order, NaN, qualities and what it is come through; what is too long travels in pieces."""
    given = batch(3, 1, 2, 1, 0)
    assert same(received("hall", sent(given), NOON + timedelta(hours=2)), given)
    pieces = parts(given, 2)
    assert [len(piece) for piece in pieces] == [2, 2, 1]
    assert np.concatenate([piece.at for piece in pieces]).tolist() == given.at.tolist()
    assert [piece.signals for piece in pieces] == [("warm", "state"), ("warm", "state"), ("warm",)]
    ahead = received("hall", sent(given), NOON)
    assert ahead.arrived_at == NOON


@pytest.mark.parametrize(
    ("spoiled", "why"),
    [
        (lambda good: b"\x02" + good[1:], "of another release"),
        (lambda good: good[:40], "ends before"),
        (lambda good: good[:-9], "less than whole|cannot be read"),
        (lambda good: good.replace(b'"number":5', b'"number":4'), "more samples|has others"),
        (lambda good: good.replace(b'"number":5', b'"number":6'), "has others"),
        (lambda good: good.replace(b'["warm","state"]', b'["warm","warm" ]'), "names one twice"),
        (lambda good: good.replace(b'"sequence":1', b'"sequence":0'), "sequence"),
        (lambda good: sent(replace(batch(1), at=np.array([-1]))), "cannot be"),
        (lambda good: sent(replace(batch(1), qualities=np.array([9], np.uint8))), "cannot be"),
        (lambda good: sent(replace(batch(1), which=np.array([7], np.int32))), "does not name"),
    ],
)
def test_what_is_no_batch_is_refused_by_name(spoiled: object, why: str) -> None:
    """Whoever has a certificate cannot make the service fall over."""
    assert callable(spoiled)
    with pytest.raises(ValueError, match=why):
        received("hall", spoiled(sent(batch(1, 2, 3, 4, 5))), NOON + timedelta(hours=2))


def test_what_was_taken_is_there_after_the_end_in_its_order(tmp_path: Path) -> None:
    """A program that ends loses nothing, and numbers never come twice, even on a new disk."""
    with Buffer.open(tmp_path / "b.db", ROOM) as first:
        first.declare("hall", b"{}")
        first.put(batch(1, 2))
        first.put(batch(3, source="paint"))
    with Buffer.open(tmp_path / "b.db", ROOM) as second:
        taken = []
        while (piece := second.next()) is not None:
            taken.append(piece)
            second.done(piece.number)
        assert [(piece.source, piece.kind) for piece in taken] == [
            ("hall", "signals"),
            ("hall", "batch"),
            ("paint", "batch"),
        ]
        assert second.last("hall") == {
            "warm": NOON + timedelta(minutes=1),
            "state": NOON + timedelta(minutes=2),
        }
        assert second.standing().bytes == 0
    with Buffer.open(tmp_path / "new disk.db", ROOM) as third:
        third.put(batch(4))
        piece = third.next()
        assert piece is not None
        assert piece.number > taken[-1].number


def test_a_full_buffer_takes_nothing_and_throws_nothing_away(buffer: Buffer) -> None:
    """What does not fit is said, so that its source's own history can tell of it later."""
    noise = np.random.default_rng(1)
    big = replace(batch(*range(20_000)), values=noise.random(20_000))
    buffer.put(big)
    kept, each = 1, buffer.standing().bytes
    while buffer.standing().bytes + each <= ROOM:
        buffer.put(big)
        kept += 1
    with pytest.raises(StoreUnavailable, match="the buffer is full: 1 MiB wait"):
        buffer.put(big)
    before = buffer.standing()
    assert (before.batches, before.samples) == (kept, kept * 20_000)
    assert 0 < before.bytes <= ROOM
    piece = buffer.next()
    assert piece is not None
    buffer.done(piece.number)
    buffer.put(big)
    assert buffer.standing().batches == kept


def test_what_the_service_refuses_holds_nothing_up_and_is_kept(buffer: Buffer) -> None:
    """A batch that is refused lies aside with the reason until somebody has it tried again."""
    buffer.put(batch(1))
    buffer.put(batch(2))
    first = buffer.next()
    assert first is not None
    buffer.set_aside(first.number, "no batch")
    second = buffer.next()
    assert second is not None
    assert second.number > first.number
    assert (buffer.standing().set_aside, buffer.refusals()) == (1, ["no batch"])
    assert buffer.take_up() == 1
    again = buffer.next()
    assert again is not None
    assert again.number == first.number

"""Samples as bytes: moments by their differences, values byte by byte, both compressed; hours as they are."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from erp_adapters.series.batch import Moments, Qualities, Values

_HEAD: Final = b"\x01"
"""Which packing it is: another one would begin with another byte."""
BUCKETS: Final = 12
"""Times of five minutes in an hour."""
HOUR: Final = np.dtype(
    [
        ("number", "<u4", BUCKETS),
        ("useless", "<u4", BUCKETS),
        ("total", "<f8", BUCKETS),
        ("low", "<f8", BUCKETS),
        ("high", "<f8", BUCKETS),
    ]
)
"""Five minutes at a time: samples that count, samples that do not, their sum, least and most."""


def packed(at: Moments, values: Values, qualities: Qualities) -> bytes:
    """One signal's samples in the order of time."""
    return next(packed_rows(at, values, qualities, np.array([0]), np.array([len(at)])))


def packed_rows(
    at: Moments,
    values: Values,
    qualities: Qualities,
    starts: NDArray[np.intp],
    ends: NDArray[np.intp],
) -> Iterator[bytes]:
    """Stretches of samples, each of one signal in the order of time, packed one by one.

    What can be done for all of them at once is: with many signals a stretch has only a few samples.
    """
    steps = np.zeros(len(at), "<i8")
    steps[1:] = at[1:] - at[:-1]
    steps[starts] = 0
    moved = steps.view(np.uint8).reshape(-1, 8)
    told = values.astype("<f8").view(np.uint8).reshape(-1, 8)
    said = qualities.astype(np.uint8).tobytes()
    for start, end, first in zip(starts.tolist(), ends.tolist(), at[starts].tolist(), strict=True):
        # Like bytes of neighbours are alike, so that they stand together before they are compressed.
        columns = np.concatenate((moved[start:end], told[start:end])).T.tobytes()
        body = zlib.compress(columns + said[start:end], 1)
        yield _HEAD + first.to_bytes(8, "little", signed=True) + body


def unpacked(data: bytes, most: int | None = None) -> tuple[Moments, Values, Qualities]:
    """The samples that were packed.

    Args:
        most: of samples that are unpacked, where whoever packed them is not believed to have sent a few.

    Raises:
        ValueError: another version of the program packed them, or nobody did.
    """
    if data[:1] != _HEAD:
        raise ValueError(
            f"samples that begin with {data[:1]!r} were packed by another version of the program"
        )
    told = zlib.decompress(data[9:]) if most is None else _bounded(data[9:], 17 * most)
    body = np.frombuffer(told, np.uint8)
    number = len(body) // 17
    columns = np.ascontiguousarray(body[: 16 * number].reshape(8, 2 * number).T)
    steps, bits = columns.reshape(-1).view("<i8").reshape(2, number)
    at = int.from_bytes(data[1:9], "little", signed=True) + np.cumsum(steps)
    return at.astype(np.int64), bits.copy().view("<f8"), body[16 * number :].copy()


def _bounded(data: bytes, most: int) -> bytes:
    opened = zlib.decompressobj()
    told = opened.decompress(data, most)
    if opened.unconsumed_tail or len(told) % 17:
        raise ValueError("it has more samples than it says, or less than whole ones")
    return told


def hours(rows: list[bytes]) -> NDArray[np.void]:
    """Hours as they are kept, one after the other."""
    return np.frombuffer(b"".join(rows), HOUR)


def empty_hours(number: int) -> NDArray[np.void]:
    """Hours in which nothing came yet."""
    made = np.zeros(number, HOUR)
    made["low"], made["high"] = np.inf, -np.inf
    return made

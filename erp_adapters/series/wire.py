"""A batch as it travels from a site: a head that says what it is, and columns packed as they are kept."""

from __future__ import annotations

import zlib
from datetime import UTC, datetime
from typing import Annotated, Final

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from erp_adapters.series.batch import BAD, Batch, micros, moment
from erp_adapters.series.packing import packed, unpacked

MOST_SAMPLES: Final = 50_000
"""Of one batch that travels: what is sent anew after a break is small."""
MOST_BYTES: Final = 4 * 1024 * 1024
_HEAD: Final = b"\x01"
_LATEST: Final = micros(datetime(2200, 1, 1, tzinfo=UTC))


class _Head(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    sequence: Annotated[int, Field(ge=1, lt=2**62)]
    signals: Annotated[tuple[Annotated[str, Field(min_length=1, max_length=200)], ...], Field(min_length=1)]
    number: Annotated[int, Field(ge=1, le=MOST_SAMPLES)]
    arrived_at: Annotated[int, Field(ge=0, lt=_LATEST)]
    is_history: bool


def sent(batch: Batch) -> bytes:
    """The batch as bytes; its source is where it is sent to."""
    head = _Head(
        sequence=batch.sequence,
        signals=batch.signals,
        number=len(batch),
        arrived_at=micros(batch.arrived_at),
        is_history=batch.is_history,
    ).model_dump_json()
    which = zlib.compress(batch.which.astype("<i4").tobytes(), 1)
    told = head.encode()
    return b"".join(
        [
            _HEAD,
            len(told).to_bytes(4, "little"),
            told,
            len(which).to_bytes(4, "little"),
            which,
            packed(batch.at, batch.values, batch.qualities),
        ]
    )


def received(source: str, body: bytes, now: datetime) -> Batch:
    """The batch that somebody at a site sent; a clock there that is ahead is not believed.

    Raises:
        ValueError: it is none; says what is wrong.
    """
    if body[:1] != _HEAD:
        raise ValueError("it is no batch, or of another release: bring both programs to the same one")
    try:
        told, rest = _part(body[1:])
        head = _Head.model_validate_json(told)
        which, rest = _part(rest)
        columns = zlib.decompressobj().decompress(which, 4 * head.number)
        places = np.frombuffer(columns, "<i4").astype(np.int32)
        at, values, qualities = unpacked(rest, head.number)
    except ValidationError as error:
        first = error.errors()[0]
        raise ValueError(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from error
    except (zlib.error, IndexError) as error:
        raise ValueError(f"its columns cannot be read: {error}") from error
    if not len(places) == len(at) == len(values) == len(qualities) == head.number:
        raise ValueError(f"it says {head.number} samples and has others")
    if places.min() < 0 or places.max() >= len(head.signals) or len(set(head.signals)) < len(head.signals):
        raise ValueError("it has samples of a signal that it does not name, or names one twice")
    if at.min() < 0 or at.max() >= _LATEST or qualities.max() > BAD:
        raise ValueError("it has a moment or a quality that cannot be")
    arrived_at = min(moment(head.arrived_at), now)
    return Batch(
        source, head.sequence, head.signals, places, at, values, qualities, arrived_at, head.is_history
    )


def parts(batch: Batch, most: int = MOST_SAMPLES) -> list[Batch]:
    """The batch in pieces that may travel, in the same order, all under its own number."""
    if len(batch) <= most:
        return [batch]
    pieces = []
    for begin in range(0, len(batch), most):
        part = slice(begin, begin + most)
        places, which = np.unique(batch.which[part], return_inverse=True)
        pieces.append(
            Batch(
                batch.source,
                batch.sequence,
                tuple(batch.signals[place] for place in places),
                which.astype(np.int32),
                batch.at[part],
                batch.values[part],
                batch.qualities[part],
                batch.arrived_at,
                batch.is_history,
            )
        )
    return pieces


def _part(body: bytes) -> tuple[bytes, bytes]:
    length = int.from_bytes(body[:4], "little")
    if len(body) < 4 + length:
        raise ValueError("it ends before it should")
    return body[4 : 4 + length], body[4 + length :]

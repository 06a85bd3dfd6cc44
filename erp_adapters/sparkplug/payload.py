"""Payloads of Sparkplug B, read and written by the message types that its specification prints.

The types are described here and not generated, so that no release of protobuf's compiler is tied to the one
that is installed. What is not needed of them (templates, data sets, properties) is left out, and skipped.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any, Final

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.message import DecodeError

from erp_adapters.errors import ErpUnavailable

REBIRTH: Final = "Node Control/Rebirth"
BOOLEAN: Final = 11
_SIGNED: Final = {1: 8, 2: 16, 3: 32, 4: 64}
"""Data types that are sent as the bits of an unsigned number, and how many bits they have."""
_UINT32, _UINT64, _FLOAT, _DOUBLE, _BOOL, _STRING, _MESSAGE = 13, 4, 2, 1, 8, 9, 11
_METRIC: Final = (
    ("name", 1, _STRING),
    ("alias", 2, _UINT64),
    ("timestamp", 3, _UINT64),
    ("datatype", 4, _UINT32),
    ("is_historical", 5, _BOOL),
    ("is_null", 7, _BOOL),
    ("int_value", 10, _UINT32),
    ("long_value", 11, _UINT64),
    ("float_value", 12, _FLOAT),
    ("double_value", 13, _DOUBLE),
    ("boolean_value", 14, _BOOL),
    ("string_value", 15, _STRING),
)


@dataclass(frozen=True, slots=True)
class Metric:
    """A value of an edge node or a device."""

    name: str
    """Empty where only the alias of its birth is sent."""
    alias: int | None
    at: datetime | None
    datatype: int
    is_historical: bool
    value: float | int | bool | str | None
    """None where it has none, or one that is no number and no text."""


@dataclass(frozen=True, slots=True)
class Payload:
    """A message's content."""

    at: datetime | None
    seq: int | None
    metrics: tuple[Metric, ...]


def decoded(data: bytes) -> Payload:
    """What a message says.

    Raises:
        ErpUnavailable: it is no payload of Sparkplug B.
    """
    message = _payload()()
    try:
        message.ParseFromString(data)
    except DecodeError as error:
        raise ErpUnavailable("a message is no payload of Sparkplug B") from error
    return Payload(
        _moment(message, "timestamp"),
        int(message.seq) if message.HasField("seq") else None,
        tuple(_metric(each) for each in message.metrics),
    )


def rebirth(now: datetime) -> bytes:
    """The one thing that is ever published: that an edge node say again what it has."""
    message = _payload()()
    message.timestamp = int(now.timestamp() * 1000)
    metric = message.metrics.add()
    metric.name, metric.timestamp, metric.datatype = REBIRTH, message.timestamp, BOOLEAN
    metric.boolean_value = True
    return bytes(message.SerializeToString())


def _metric(given: Any) -> Metric:
    kind = given.WhichOneof("value")
    datatype = int(given.datatype)
    value: float | int | bool | str | None = None
    if kind is not None and not given.is_null:
        value = getattr(given, kind)
        bits = _SIGNED.get(datatype)
        if bits is not None and isinstance(value, int) and value >= 1 << (bits - 1):
            value -= 1 << (32 if kind == "int_value" else 64) if bits >= 32 else 1 << bits
    return Metric(
        given.name,
        int(given.alias) if given.HasField("alias") else None,
        _moment(given, "timestamp"),
        datatype,
        bool(given.is_historical),
        value,
    )


def _moment(of: Any, field: str) -> datetime | None:
    if not of.HasField(field):
        return None
    seconds, rest = divmod(int(getattr(of, field)), 1000)
    try:
        return datetime.fromtimestamp(seconds, UTC).replace(microsecond=1000 * rest)
    except (OverflowError, ValueError, OSError):
        return None


@cache
def _payload() -> Any:
    file = descriptor_pb2.FileDescriptorProto(
        name="plantwright/sparkplug_b.proto", package="plantwright.sparkplug"
    )
    payload = file.message_type.add(name="Payload")
    metric = payload.nested_type.add(name="Metric")
    metric.oneof_decl.add(name="value")
    for name, number, kind in _METRIC:
        field = metric.field.add(name=name, number=number, type=kind, label=1)
        if number >= 10:
            field.oneof_index = 0
    payload.field.add(name="timestamp", number=1, type=_UINT64, label=1)
    payload.field.add(
        name="metrics", number=2, type=_MESSAGE, label=3, type_name=".plantwright.sparkplug.Payload.Metric"
    )
    payload.field.add(name="seq", number=3, type=_UINT64, label=1)
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("plantwright.sparkplug.Payload"))

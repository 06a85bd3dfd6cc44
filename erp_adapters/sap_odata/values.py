"""Values as OData writes them, version 2 and version 4, and back: dates, moments, exact figures, literals."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Final, Literal, TypeAlias
from urllib.parse import quote

from erp_adapters.errors import ErpUnavailable
from erp_adapters.ports import Cell

Version: TypeAlias = Literal[2, 4]
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_TICKS: Final = re.compile(r"/Date\((?P<ms>-?\d+)(?P<offset>[+-]\d{4})?\)/")
_NUMBERS: Final = frozenset({"Edm.Decimal", "Edm.Double", "Edm.Single"})
_COUNTS: Final = frozenset({"Edm.Int16", "Edm.Int32", "Edm.Int64", "Edm.Byte"})


def cell(value: object, kind: str, name: str) -> Cell:
    """The value of a property whose type its metadata names; an empty text is nothing.

    Args:
        value: as JSON has it.
        kind: such as `Edm.Decimal`.
        name: of the property, for messages.

    Raises:
        ErpUnavailable: it is no such value.
    """
    if value is None or value == "":
        return None
    try:
        match kind:
            case "Edm.Boolean" if isinstance(value, bool):
                return value
            case "Edm.String" | "Edm.Guid" | "Edm.Time" | "Edm.TimeOfDay" | "Edm.Duration" if isinstance(
                value, str
            ):
                return value
            case _ if kind in _NUMBERS:
                return _figure(value)
            case _ if kind in _COUNTS and not isinstance(value, bool):
                return int(str(value))
            case "Edm.DateTime" | "Edm.Date" if isinstance(value, str):
                return _day(value)
            case "Edm.DateTimeOffset" if isinstance(value, str):
                return moment(value)
    except (ValueError, InvalidOperation, OverflowError) as error:
        raise ErpUnavailable(f"SAP sent {value!r} as {name!r}, which is no {kind}") from error
    raise ErpUnavailable(f"SAP sent {value!r} as {name!r}, which is no {kind}")


def _figure(value: object) -> Decimal:
    # A binary fraction would not be the figure that the system keeps; as text, or in V4 as a JSON number
    # whose shortest form is that figure, it is.
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError(value)
    figure = Decimal(repr(value) if isinstance(value, float) else str(value))
    if not figure.is_finite():
        raise ValueError(value)
    return figure


def _day(text: str) -> date:
    if found := _TICKS.fullmatch(text):
        return (_EPOCH + timedelta(milliseconds=int(found["ms"]))).date()
    return date.fromisoformat(text[:10])


def moment(text: str) -> datetime:
    """The moment of `/Date(...)/`, with or without an offset, or of an ISO text with one."""
    if found := _TICKS.fullmatch(text):
        # The offset says where it was noted down; the figure is UTC already.
        return _EPOCH + timedelta(milliseconds=int(found["ms"]))
    read = datetime.fromisoformat(text)
    if read.tzinfo is None:
        raise ValueError(f"{text!r} names no time zone")
    return read.astimezone(UTC)


def literal(value: Cell, kind: str, version: Version) -> str:
    """The value as `$filter` and keys have it."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case str():
            quoted = "'" + value.replace("'", "''") + "'"
            return f"guid{quoted}" if kind == "Edm.Guid" and version == 2 else quoted
        case Decimal():
            return f"{value:f}" + ("m" if version == 2 else "")
        case int():
            return str(value)
        case datetime():
            text = value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")
            return f"datetimeoffset'{text}Z'" if version == 2 else f"{text}Z"
        case date():
            return f"datetime'{value.isoformat()}T00:00:00'" if version == 2 else value.isoformat()


def written_day(value: date, version: Version) -> str:
    """The day as a request's JSON has it."""
    if version == 4:
        return value.isoformat()
    since = datetime.combine(value, time(), UTC) - _EPOCH
    return f"/Date({since // timedelta(milliseconds=1)})/"


def escaped(text: str) -> str:
    """The text as a part of an address."""
    return quote(text, safe="$'(),=:*/;!")

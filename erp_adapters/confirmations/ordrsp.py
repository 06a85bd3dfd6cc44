"""Order responses of EDIFACT (ORDRSP, of the directories D.93A to D.21B): lines as suppliers confirm them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Final, TypeAlias

from erp_adapters.confirmations.line import ConfirmedLine, Decision
from erp_adapters.errors import SourceUnreadable

_Segment: TypeAlias = tuple[str, Sequence[Sequence[str]]]
"""Its tag, and its elements with their components."""

_HEAD: Final[dict[str, Decision]] = {"27": "rejected", "29": "accepted", "4": "changed"}
"""What BGM says of the whole: not accepted, accepted without amendment, changed."""
_ACTION: Final[dict[str, Decision]] = {
    "2": "rejected",
    "3": "changed",
    "5": "accepted",
    "6": "changed",
    "7": "rejected",
}
"""What LIN says of a line: deleted, changed, accepted, accepted with amendment, not accepted."""
_CONFIRMED: Final = ("113", "194", "21", "12")
"""Qualifiers of a quantity, the one that says most of what will come first; 21 is what was ordered."""
_DELIVERED: Final = frozenset({"2", "10", "17", "35", "67", "69", "76", "358"})
"""Qualifiers of days on which goods are there or leave: asked for, estimated, promised, planned."""
_NET: Final = frozenset({"AAA", "AAB", "CAL"})
_FORMATS: Final = {"102": "%Y%m%d", "203": "%Y%m%d%H%M", "204": "%Y%m%d%H%M%S", "101": "%y%m%d"}


@dataclass(slots=True)
class _Line:
    number: str
    action: str
    material: str = ""
    order_line: str = ""
    quantities: dict[str, tuple[Decimal, str]] = field(default_factory=dict)
    price: Decimal | None = None
    day: date | None = None


@dataclass(slots=True)
class _Message:
    number: str
    reference: str = ""
    decision: str = ""
    told_on: date | None = None
    order: str = ""
    currency: str = ""
    day: date | None = None
    lines: list[_Line] = field(default_factory=list)


def order_responses(text: str, name: str) -> list[ConfirmedLine]:
    """Every line of every ORDRSP of an interchange; messages of other kinds are passed over.

    Raises:
        SourceUnreadable: it is no whole interchange, or a line says what cannot be; the message names where.
    """
    found: list[ConfirmedLine] = []
    for message in _messages(segments(text, name), name):
        if _at(message[0], 1) == "ORDRSP":
            found += _lines_of(_read(message, name), name)
    return found


def segments(text: str, name: str) -> list[_Segment]:
    """The segments of an interchange, by its own service characters (UNA) or the usual ones.

    Raises:
        SourceUnreadable: it begins as none, or its last segment has no end.
    """
    # pydifact 0.2.3 warns of files that its package lacks, and counts neither segments nor messages.
    text = text.strip()
    component, element, release, end = ":", "+", "?", "'"
    if text.startswith("UNA") and len(text) > 9:
        component, element, release, end = text[3], text[4], text[6], text[8]
        text = text[9:].lstrip()
    if not text.startswith("UNB"):
        raise SourceUnreadable(f"{name!r} is no EDIFACT interchange: it begins with {text[:20]!r}, not UNB")
    found: list[_Segment] = []
    elements, components, held = list[list[str]](), list[str](), ""
    characters = iter(text)
    for character in characters:
        if character == release:
            held += next(characters, "")
        elif character in (component, element, end):
            components.append(held)
            held = ""
            if character != component:
                elements.append(components)
                components = []
            if character == end:
                found.append((elements[0][0].strip(), elements[1:]))
                elements = []
        elif character not in "\r\n":
            held += character
    if held.strip() or components or elements:
        raise SourceUnreadable(f"{name!r} was cut: its last segment, {held[:20]!r}, has no end")
    return found


def _messages(interchange: Sequence[_Segment], name: str) -> Iterator[list[_Segment]]:
    """The messages of one interchange, whose trailers say how many segments and messages there are."""
    inside: list[_Segment] = []
    count = 0
    has_ended = False
    for segment in interchange:
        tag = segment[0]
        if tag == "UNH":
            inside = [segment]
        elif tag == "UNT":
            said, number = _at(segment, 0), _at(segment, 1)
            if not inside or number != _at(inside[0], 0) or said != str(len(inside) + 1):
                raise SourceUnreadable(
                    f"{name!r}: message {number!r} was cut: it says {said} segments and has {len(inside) + 1}"
                )
            count += 1
            yield inside
            inside = []
        elif tag == "UNZ":
            has_ended = True
            if _at(segment, 0) != str(count) or inside:
                raise SourceUnreadable(
                    f"{name!r} was cut: it says {_at(segment, 0)} messages and has {count}"
                )
        elif inside:
            inside.append(segment)
    if not has_ended:
        raise SourceUnreadable(f"{name!r} was cut: it has no end (UNZ)")


def _read(inside: Sequence[_Segment], name: str) -> _Message:
    message = _Message(_at(inside[0], 0))
    line: _Line | None = None
    for segment in inside:
        where = f"{name!r}, message {message.number}" + (f", line {line.number}" if line else "")
        match segment[0]:
            case "BGM":
                message.reference, message.decision = _at(segment, 1, 0), _at(segment, 2)
            case "LIN":
                line = _Line(_at(segment, 0), _at(segment, 1))
                message.lines.append(line)
                if _at(segment, 2, 1) in ("BP", "IN"):
                    line.material = _at(segment, 2, 0)
            case "PIA" if line is not None:
                for at in range(1, len(segment[1])):
                    if _at(segment, at, 1) in ("BP", "IN"):
                        line.material = _at(segment, at, 0)
            case "RFF" if _at(segment, 0, 0) == "ON":
                if line is None or not message.order:
                    message.order = message.order or _at(segment, 0, 1)
                if line is not None:
                    line.order_line = _at(segment, 0, 2) or line.order_line
            case "RFF" if _at(segment, 0, 0) == "LI" and line is not None:
                line.order_line = _at(segment, 0, 1)
            case "CUX":
                message.currency = _at(segment, 0, 1)
            case "QTY" if line is not None:
                figure = _number(_at(segment, 0, 1), where)
                line.quantities[_at(segment, 0, 0)] = (figure, _at(segment, 0, 2))
            case "PRI" if line is not None and _at(segment, 0, 0) in _NET:
                per = _number(_at(segment, 0, 4) or "1", where)
                if per == 0:
                    raise SourceUnreadable(f"{where}: a price for nothing")
                line.price = _number(_at(segment, 0, 1), where) / per
            case "DTM":
                _dated(message, line, segment, where)
            case _:
                pass
    return message


def _dated(message: _Message, line: _Line | None, segment: _Segment, where: str) -> None:
    kind = _at(segment, 0, 0)
    if kind != "137" and kind not in _DELIVERED:
        return
    day = _day(_at(segment, 0, 1), _at(segment, 0, 2), where)
    if kind == "137":
        message.told_on = message.told_on or day
    elif line is None:
        message.day = day
    else:
        line.day = day


def _lines_of(message: _Message, name: str) -> Iterator[ConfirmedLine]:
    where = f"{name!r}, message {message.number}"
    if not message.order:
        raise SourceUnreadable(f"{where}: it names no order of ours (RFF+ON)")
    if message.told_on is None:
        raise SourceUnreadable(f"{where}: it has no date of its own (DTM+137)")
    for line in message.lines:
        amount = next((line.quantities[one] for one in _CONFIRMED if one in line.quantities), None)
        decision = _ACTION.get(line.action) or _HEAD.get(message.decision)
        if decision is None:
            raise SourceUnreadable(
                f"{where}, line {line.number}: neither the line nor the whole says whether it is taken"
                f" (LIN {line.action!r}, BGM {message.decision!r})"
            )
        yield ConfirmedLine(
            key=f"{name}/{message.number}/{line.number}",
            order=message.order,
            line=line.order_line or line.number,
            material=line.material,
            reference=message.reference,
            decision=decision,
            quantity=None if amount is None else amount[0],
            unit="" if amount is None else amount[1],
            unit_price=line.price,
            currency=message.currency,
            delivered_on=line.day or message.day,
            told_on=message.told_on,
        )


def _at(segment: _Segment, element: int, component: int = 0) -> str:
    elements = segment[1]
    held = elements[element] if element < len(elements) else ()
    return held[component] if component < len(held) else ""


def _number(text: str, where: str) -> Decimal:
    try:
        found = Decimal(text.replace(",", "."))
    except InvalidOperation:
        raise SourceUnreadable(f"{where}: {text!r} is no number") from None
    if not found.is_finite():
        raise SourceUnreadable(f"{where}: {text!r} is no number")
    return found


def _day(text: str, form: str, where: str) -> date:
    try:
        return datetime.strptime(text, _FORMATS[form]).replace(tzinfo=UTC).date()
    except (ValueError, KeyError):
        raise SourceUnreadable(f"{where}: {text!r} is no day in the format {form!r}") from None

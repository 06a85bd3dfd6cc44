"""Confirmations in CSV files with a head line of stated names."""

from __future__ import annotations

import csv
import io
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Final, get_args

from erp_adapters.confirmations.line import ConfirmedLine, Decision
from erp_adapters.errors import SourceUnreadable

COLUMNS: Final = (
    *("order", "line", "material", "reference", "decision", "quantity", "unit", "unit_price", "currency"),
    *("delivered_on", "told_on"),
)
"""What a file has to have; days as 2026-12-15, figures with a point."""


def confirmed_in_table(text: str, name: str) -> list[ConfirmedLine]:
    """Every line of a file.

    Raises:
        SourceUnreadable: it lacks a column, or a cell says what cannot be; the message names the line.
    """
    reader = csv.DictReader(io.StringIO(text), delimiter=";" if ";" in text.partition("\n")[0] else ",")
    if missing := [column for column in COLUMNS if column not in (reader.fieldnames or ())]:
        raise SourceUnreadable(f"{name!r} has no column {', '.join(missing)}; it needs {', '.join(COLUMNS)}")
    found = []
    for row in reader:
        where = f"{name!r}, line {reader.line_num}"
        cells = {column: (row[column] or "").strip() for column in COLUMNS}
        decision = next((one for one in get_args(Decision) if one == cells["decision"]), None)
        if decision is None or not cells["order"]:
            raise SourceUnreadable(
                f"{where}: an order, and {', '.join(get_args(Decision))} as the decision are needed,"
                f" not {cells['decision']!r}"
            )
        told = _day(cells["told_on"], where)
        if told is None:
            raise SourceUnreadable(f"{where}: told_on is empty")
        found.append(
            ConfirmedLine(
                key=f"{name}/{reader.line_num}",
                order=cells["order"],
                line=cells["line"],
                material=cells["material"],
                reference=cells["reference"],
                decision=decision,
                quantity=_number(cells["quantity"], where),
                unit=cells["unit"],
                unit_price=_number(cells["unit_price"], where),
                currency=cells["currency"],
                delivered_on=_day(cells["delivered_on"], where),
                told_on=told,
            )
        )
    return found


def _number(text: str, where: str) -> Decimal | None:
    if not text:
        return None
    try:
        found = Decimal(text)
    except InvalidOperation:
        raise SourceUnreadable(f"{where}: {text!r} is no number with a point") from None
    if not found.is_finite():
        raise SourceUnreadable(f"{where}: {text!r} is no number")
    return found


def _day(text: str, where: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise SourceUnreadable(f"{where}: {text!r} is no day such as 2026-12-15") from None

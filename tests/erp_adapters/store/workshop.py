"""A small source in three files, with its mapping, for tests of loading."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import psycopg

TEXT = """
source: workshop
version: 3
site: {code: W1, name: Workshop, country: DE, time_zone: Europe/Berlin, currency: EUR}
as_of: {latest: [{file: stock, column: counted}], because: the last count}
plausible_dates: {first: 2000-01-01, last: 2040-12-31}
max_quarantined_share: 0.25
files:
  parts:
    file: parts.csv
    table: Part
    columns: {id: integer required, number: text, name: text, cost: decimal, kind: text}
  stock:
    file: stock.csv
    table: Stock
    columns: {part: integer required, place: text required, quantity: decimal required, counted: date}
  bookings:
    file: bookings.csv
    table: Booking
    columns: {id: integer required, firm: text required, day: date required, amount: decimal required}
records:
  - record: material
    file: parts
    key: [id]
    currency: {constant: EUR}
    units: {standard_cost: EUR}
    fields:
      material_id: id
      number: number
      name: name
      standard_cost: cost
      is_made: {lookup: parts, key: id, by: id, value: {constant: true}}
      product_line: {enum: kind, values: {a: alpha, b: beta}}
    quality:
      - {rule: no_cost, severity: flag, when: {missing: [cost]}, reason: no cost}
      - {rule: twin, severity: pass, when: {duplicate: [name]}, reason: the name is there twice}
  - record: stock
    file: stock
    key: [part, place]
    fields: {material_id: part, location_id: place, quantity: quantity, counted_on: counted}
    quality:
      - {rule: orphan, severity: quarantine, when: {orphan: material, by: [part]}, reason: no such part}
      - rule: negative
        severity: flag
        when: {compare: quantity, op: "<", to: {constant: 0}}
        reason: below zero
  - record: ledger_line
    file: bookings
    key: [id]
    company: firm
    currency: {constant: EUR}
    fields:
      line_id: id
      posted_on: day
      account_id: {constant: "4000"}
      scenario: {constant: actual}
      amount: amount
"""
FILES = {
    "parts.csv": [
        "id,number,name,cost,kind",
        "1,P-1,Bolt,2.5,a",
        "2,P-2,bolt,,b",
        "3,P-3,Nut,1,a",
        "4,P-4,Pin,1,",
    ],
    "stock.csv": ["part,place,quantity,counted", "1,A,5,2025-03-01", "2,A,-1,2025-03-02", "3,B,0,", "4,B,2,"],
    "bookings.csv": [
        "id,firm,day,amount",
        "1,10,2025-01-05,100.10",
        "2,10,2025-01-31,0.20",
        "3,20,2025-02-01,7",
    ],
}


def change(folder: Path, file: str, line: int, text: str) -> None:
    """Replace one line of a file, counted from 1 with its header."""
    lines = FILES[file].copy()
    lines[line - 1 : line] = [text]
    (folder / file).write_text("\n".join(lines) + "\n", encoding="utf-8")


def content(owner: psycopg.Connection[Any]) -> list[tuple[Any, ...]]:
    return owner.execute(
        "select source_key, flags::text, material_id, number, name, standard_cost from erp.material"
        " union all select source_key, flags::text, material_id, location_id, shelf, quantity from erp.stock"
        " union all select source_key, '', company, account_id, month::text, amount from erp.ledger_period"
        " order by 1, 3, 5"
    ).fetchall()

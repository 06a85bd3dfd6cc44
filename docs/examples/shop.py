"""A small database of somebody else's, with the files that let it be read again and again: `docs/sync.md`."""

from __future__ import annotations

import sqlite3
import sys
from contextlib import closing
from pathlib import Path

SYSTEMS = """\
[shop]
adapter = "sql"
source = "shop.yaml"
plants = { NOR = "1000" }
every = "1h"
events = "env:SHOP_EVENTS"
[shop.reads.NOR]
name = "Nord"
country = "DE"
time_zone = "Europe/Berlin"
currency = "EUR"
"""
SOURCE = """\
url: sqlite:///{folder}/shop.db
mapping: mapping.yaml
tables:
  materials:
    table: items
    key: [item]
    columns: {{name: descr, unit: uom, cost: price, changed_on: changed_at}}
    changed: {{column: changed_at, overlap: 0}}
    site: plant
    total: price
  stock:
    select: select item || '/' || place as id, item, place, qty, plant from stock where qty <> 0
    key: [id]
    columns: {{item: item, place: place, quantity: qty}}
    site: plant
"""
MAPPING = """\
source: shop
version: 1
as_of: {latest: [{file: materials, column: changed_on}], because: it is read as it is now}
plausible_dates: {first: 2000-01-01, last: 2050-12-31}
files:
  materials:
    file: materials.csv
    table: items
    columns: {key: text required, name: text, unit: text, cost: decimal, changed_on: date}
  stock:
    file: stock.csv
    table: stock
    columns: {key: text required, item: text, place: text, quantity: decimal}
records:
- record: material
  file: materials
  key: [key]
  currency: {site: currency}
  units: {standard_cost: per unit}
  fields:
    material_id: key
    number: key
    name: name
    sell_start_on: changed_on
    base_unit: unit
    standard_cost: cost
- record: stock
  file: stock
  key: [key]
  fields: {material_id: item, location_id: place, quantity: quantity}
"""
TABLES = """
drop table if exists items;
drop table if exists stock;
create table items (item text primary key, descr text, uom text, price real, changed_at text, plant text);
create table stock (item text, place text, qty real, plant text);
insert into items values
    ('A1', 'Axle', 'PC', 12.5, '2026-11-01 08:00:00', '1000'),
    ('B2', 'Bolt', 'PC', 0.25, '2026-11-01 08:00:00', '1000'),
    ('Z9', 'Elsewhere', 'PC', 1, '2026-11-01 08:00:00', '2000');
insert into stock values ('A1', 'W', 40, '1000'), ('B2', 'W', 900, '1000');
"""


def make(folder: Path) -> None:
    """Put the database and its files into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "systems.toml").write_text(SYSTEMS)
    (folder / "shop.yaml").write_text(SOURCE.format(folder=folder))
    (folder / "mapping.yaml").write_text(MAPPING)
    with closing(sqlite3.connect(folder / "shop.db")) as shop, shop:
        shop.executescript(TABLES)


if __name__ == "__main__":
    make(Path(sys.argv[1]).absolute())

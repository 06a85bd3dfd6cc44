"""A made-up enterprise of eight sites with faults whose place is known.

It is made by words and numbers of its own, not by those of the demo, so that what finds faults is fitted to
neither.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, TypeAlias
from uuid import UUID

import psycopg
from psycopg import sql

SOURCE = "seeded"
LOAD = UUID(int=1)
AS_OF = date(2026, 3, 31)
SITES = {
    "S1": ("DE", "Europe/Berlin", "EUR", 1.0),
    "S2": ("US", "America/Chicago", "USD", 1.1),
    "S3": ("PL", "Europe/Warsaw", "PLN", 4.3),
    "S4": ("CZ", "Europe/Prague", "CZK", 25.0),
    "S5": ("MX", "America/Mexico_City", "MXN", 20.0),
    "S6": ("IT", "Europe/Rome", "EUR", 1.0),
    "S7": ("CA", "America/Toronto", "CAD", 1.5),
    "S8": ("DE", "Europe/Berlin", "EUR", 1.0),
}
"""Country, zone, currency and how many of it a euro is."""
Value: TypeAlias = "str | int | float | bool | date | datetime | list[float | None] | None"


@dataclass(frozen=True, slots=True)
class Seed:
    """A fault that was put in."""

    kind: str
    site: str
    record: str
    source_key: str


@dataclass
class Sheets:
    """Rows by record, and the faults among them."""

    rows: dict[str, list[dict[str, Value]]] = field(default_factory=lambda: defaultdict(list))
    seeds: list[Seed] = field(default_factory=list)

    def add(self, site: str, record: str, key: str, **values: Value) -> None:
        """One row."""
        self.rows[record].append(
            {
                "site": site,
                "source_system": SOURCE,
                "source_key": f"{record}/{key}",
                "load_id": str(LOAD),
                **values,
            }
        )

    def seed(self, kind: str, site: str, record: str, key: str) -> None:
        """Remember a fault."""
        self.seeds.append(Seed(kind, site, record, f"{record}/{key}"))


def seeded(materials: int = 1000, seed: int = 7, step_minutes: int = 60) -> Sheets:
    """The enterprise."""
    from eval.benchmarks.seeded_machines import add_machines
    from eval.benchmarks.seeded_plant import SeededPlant

    sheets = Sheets()
    for place, (site, (country, zone, currency, worth)) in enumerate(SITES.items()):
        sheets.add(
            site,
            "site",
            site,
            name=site,
            country=country,
            time_zone=zone,
            currency=currency,
            as_of=datetime(2026, 3, 31, 12, tzinfo=UTC),
        )
        for other, (_, _, to, rate) in SITES.items():
            if to != currency and all(SITES[s][2] != to for s in list(SITES)[: list(SITES).index(other)]):
                sheets.add(
                    site,
                    "fx_rate",
                    f"{currency}/{to}",
                    from_currency=currency,
                    to_currency=to,
                    valid_on=AS_OF,
                    closing_rate=round(rate / worth, 6),
                )
        plant = SeededPlant(sheets, random.Random(f"{seed} {site}"), site, country, currency, worth, place)
        plant.build(materials)
        add_machines(sheets, random.Random(f"{seed} machines {site}"), site, place, step_minutes)
    return sheets


def store(connection: psycopg.Connection[tuple[Any, ...]], sheets: Sheets) -> None:
    """Put the rows into a migrated database without rows."""
    connection.execute(
        "insert into erp.load (load_id, source_system, site, finished_at, status) "
        "values (%s, %s, 'S1', now(), 'loaded')",
        (LOAD, SOURCE),
    )
    for record, rows in sheets.rows.items():
        columns = sorted({column for row in rows for column in row})
        names = sql.SQL(", ").join(map(sql.Identifier, columns))
        table, stage = sql.Identifier("erp", record), sql.Identifier(f"stage_{record}")
        # COPY is refused under row-level security, so rows go through a table without.
        connection.execute(
            sql.SQL("create temp table {} as select {} from {} limit 0").format(stage, names, table)
        )
        with connection.cursor().copy(sql.SQL("copy {} ({}) from stdin").format(stage, names)) as copy:
            for row in _in_order(rows, columns):
                copy.write_row(row)
        connection.execute(
            sql.SQL("insert into {} ({}) select {} from {}").format(table, names, names, stage)
        )
        connection.execute(sql.SQL("drop table {}").format(stage))
        connection.execute(sql.SQL("analyze {}").format(table))


def _in_order(rows: Iterable[dict[str, Value]], columns: Sequence[str]) -> Iterable[list[Value]]:
    for row in rows:
        yield [row.get(column) for column in columns]

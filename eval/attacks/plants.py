"""Two small plants in a scratch store: one asks, the other is somebody else's."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from typing import Any
from uuid import UUID

import psycopg
import yaml
from psycopg import sql

from erp_adapters.caller import Caller

ASKING = Caller("paula", "Paula", frozenset({"planner"}), frozenset({"KS"}), frozenset({"1000"}))
"""Who asks: the planner of Kassel, who may see nothing of Lyon."""
OTHER_SITE = "LY"
FOREIGN = (
    *("Leather saddle", "Selles Idéale", "Atelier Saône", "Déplacements", "Entrepôt", "Sellerie"),
    *("SA-77", "8123", "6211"),
)
"""Words and figures that only Lyon's rows hold."""

_LOADED = datetime(2025, 6, 11, 4, tzinfo=UTC)
_LOADS = {
    "KS": UUID("01970000-0000-7000-8000-000000000001"),
    "LY": UUID("01970000-0000-7000-8000-000000000002"),
}
_SITES = (("KS", "Kassel", "Europe/Berlin"), ("LY", "Lyon", "Europe/Paris"))


def build(owner_dsn: str) -> None:
    """Fill an empty, migrated store with both plants."""
    with psycopg.connect(owner_dsn) as connection:
        for site, name, zone in _SITES:
            as_of = datetime(2025, 6, 10, 10, tzinfo=UTC)
            place = {"site": site, "name": name, "time_zone": zone, "currency": "EUR", "as_of": as_of}
            _put(connection, "site", place, "site/1")
            connection.execute(
                "insert into erp.load (load_id, source_system, site, finished_at, status, rows, as_of)"
                " values (%s, 'legacy', %s, %s, 'loaded', 40, %s)",
                (_LOADS[site], site, _LOADED, as_of),
            )
        for table, rows in _tables().items():
            for number, row in enumerate(rows, 1):
                _put(connection, table, row, f"{table}/{number}")


@cache
def texts() -> frozenset[str]:
    """Every text that the plants hold by nature."""
    return frozenset(
        value
        for rows in _tables().values()
        for row in rows
        for value in row.values()
        if isinstance(value, str)
    )


def _tables() -> dict[str, list[dict[str, object]]]:
    written = files("eval.attacks").joinpath("plants.yaml").read_text(encoding="utf-8")
    found: dict[str, list[dict[str, object]]] = yaml.safe_load(written)
    return found


def _put(connection: psycopg.Connection[Any], table: str, row: dict[str, object], key: str) -> None:
    full = {"source_system": "legacy", "source_key": key, "load_id": _LOADS[str(row["site"])]} | row
    connection.execute(
        sql.SQL("insert into erp.{} ({}) values ({})").format(
            sql.Identifier(table),
            sql.SQL(", ").join(map(sql.Identifier, full)),
            sql.SQL(", ").join(sql.Placeholder() * len(full)),
        ),
        list(full.values()),
    )

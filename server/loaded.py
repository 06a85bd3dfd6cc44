"""Which sources a home holds, before there is anybody to read it as."""

from __future__ import annotations

import psycopg

from erp_adapters.store.failures import translated


def loaded_systems(owner_dsn: str) -> tuple[str, ...]:
    """Names of the source systems with a complete load."""
    with translated(), psycopg.connect(owner_dsn) as connection:
        rows = connection.execute(
            "select distinct source_system from erp.load where status = 'loaded' order by 1"
        ).fetchall()
    return tuple(str(row[0]) for row in rows)

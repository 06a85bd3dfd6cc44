"""What a SQL source's cells mean in the store: the mapping that its file names."""

from __future__ import annotations

from pathlib import Path

from erp_adapters.sql.source import SqlSource
from erp_adapters.store.consistency import read_mapping
from erp_adapters.store.syncing.plan import Made, Plan, plan


def sql_plan(source: SqlSource, folder: Path) -> Plan:
    """How the mapping's files are filled from the source.

    Args:
        source: the file of the source.
        folder: where that file lies.

    Raises:
        ConfigurationError: the mapping cannot be read, or reads what the source's file does not name.
    """
    totals = {
        capability.value: next(cell for cell, column in table.columns.items() if column == table.total)
        for capability, table in source.tables.items()
        if table.total is not None
    }
    made = {name: Made(each.of.value, each.each) for name, each in source.made.items()}
    return plan(read_mapping(folder / source.mapping), frozenset(source.tables), made=made, totals=totals)

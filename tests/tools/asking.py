"""Running a tool the way the agent does, and checking what every result owes its reader."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from erp_adapters.caller import Caller
from erp_adapters.store import Store
from tools.registry import Tool, ToolContext
from tools.results import Cell, Table, ToolResult

REFERENCE = re.compile(r"\{\{(figures|tables)\[(\d+)\](?:\.rows\[(\d+)\]\.(\w+)|\.count)?\}\}")


@dataclass(frozen=True)
class Asking:
    """Somebody at a store."""

    store: Store
    caller: Caller

    async def __call__(self, tool: Tool[Any], **arguments: object) -> ToolResult:
        """The tool's result, after the checks that hold for all of them."""
        result = await self.unchecked(tool, **arguments)
        check(result)
        return result

    async def unchecked(self, tool: Tool[Any], **arguments: object) -> ToolResult:
        """The tool's result as it is."""
        async with self.store.reading(self.caller) as tx:
            return await tool.run(tool.arguments(**arguments), ToolContext(self.caller, tx))


def check(result: ToolResult) -> None:
    """References resolve, no digit stands in a sentence, figures have their evidence, cells fit columns."""
    assert result.reading
    for at in REFERENCE.finditer(result.sentence):
        kind, index, row, column = at.groups()
        if kind == "figures":
            assert int(index) < len(result.figures), result.sentence
        elif row is not None:
            cell(result.tables[int(index)], int(row), column)
        else:
            assert int(index) < len(result.tables), result.sentence
    plain = REFERENCE.sub("", result.sentence)
    assert result.sentence
    assert not re.search(r"\d|[{}]", plain), plain
    known = {proof.id for proof in result.evidence}
    assert known
    assert all(figure.evidence in known for figure in result.figures)
    for proof in result.evidence:
        assert proof.sources
        assert proof.loaded_at is None or proof.loaded_at.tzinfo is not None
    for table in result.tables:
        names = [column.name for column in table.columns]
        assert len(set(names)) == len(names)
        assert table.total_rows is not None
        assert table.truncated == (len(table.rows) < table.total_rows)
        for each in table.rows:
            assert len(each) == len(names)
            for value, column in zip(each, table.columns, strict=True):
                if column.kind in ("quantity", "money", "percent", "rate"):
                    assert value is None or isinstance(value, Decimal)
                    assert not isinstance(value, Decimal) or "E" not in str(value)
    for suggestion in result.suggestions:
        assert suggestion.strip()


def cell(table: Table, row: int, column: str) -> Cell:
    """One cell by the machine name of its column."""
    return table.rows[row][[each.name for each in table.columns].index(column)]


def column(table: Table, name: str) -> list[Cell]:
    """All cells of a column."""
    return [cell(table, row, name) for row in range(len(table.rows))]


def by(table: Table, key: str, value: str) -> dict[Cell, Cell]:
    """One column by another."""
    return dict(zip(column(table, key), column(table, value), strict=True))


def number(result: ToolResult, label: str) -> Decimal:
    """The figure of that label."""
    return next(figure.value for figure in result.figures if figure.label == label)


def day(text: str) -> date:
    return date.fromisoformat(text)


TWO_SITES, TWO_COMPANIES = ("KAS", "GRV"), ("1000", "2000")

ENTER_TWO_PLANTS = (
    b"select app.enter_scope('test', '{KAS,GRV}'::text[], '{1000,2000}'::text[], 60000, '{planner}'::text[])"
)
"""What puts a statement of a test's own under the scope of those two."""


def of_two_plants(caller: Caller) -> Caller:
    """Somebody at Kassel, in euro, and Greenville, in dollars, and at none of the demo's other plants."""
    return replace(caller, sites=frozenset(TWO_SITES), companies=frozenset(TWO_COMPANIES))

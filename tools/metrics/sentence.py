"""A query's result in one sentence, by reference: its numbers are put in by the renderer."""

from __future__ import annotations

from tools.languages import said
from tools.metrics.catalogue import Catalogue
from tools.metrics.labels import Labels
from tools.metrics.query import MetricQuery
from tools.results import Column, Table

_FEW = 3
_SITE = ("site", "site_name")
_TIME = frozenset({"day", "week", "month", "quarter", "year"})
_WORDS = frozenset({"text", "id", "flag", "date"})
_HIGHEST = "[[name]] is highest in [[label]] with [[value]]; the table has all {{tables[0].count}} rows."
_LOWEST = "[[name]] is lowest in [[label]] with [[value]]; the table has all {{tables[0].count}} rows."


def sentence(table: Table, query: MetricQuery, catalogue: Catalogue) -> str:
    """What stands at the top of the table, or all of it where it is short."""
    if not table.rows:
        return said("Nothing matches: the answer is an empty list.")
    names = [column for column in table.columns if column.kind == "text" and column.name != "currency"]
    numbers = [column for column in table.columns if column.kind not in _WORDS]
    if len(table.rows) == 1:
        return _one(names, numbers, table)
    if names and len(numbers) == 1 and len(table.rows) <= _FEW:
        each = [f"{_value(numbers[0], table, row)} ({_name(names, row)})" for row in range(len(table.rows))]
        return _capital(said("[[label]]: [[values]].", label=numbers[0].label, values=", ".join(each)))
    if query.by and query.by[0].grain in _TIME:
        first, last = (_cell(table.columns[0], row) for row in (0, len(table.rows) - 1))
        return said("The table goes from [[first]] to [[last]].", first=first, last=last)
    ordered = next((column for column in numbers if query.order and column.name == query.order[0].by), None)
    if names and ordered:
        value = _value(ordered, table, 0)
        if _in_currencies(ordered, table):
            # Amounts of different currencies have an order in the table, and none in what they are worth.
            text = "The first of {{tables[0].count}} rows is [[name]] with [[value]]."
        elif query.order[0].descending:
            text = _HIGHEST
        else:
            text = _LOWEST
        return said(text, name=_name(names, 0), label=ordered.label, value=value)
    if query.rows_of and query.output == "rows":
        things = Labels(catalogue).plural(query.rows_of)
        return _capital(said("[[things]] found: {{tables[0].count}}.", things=things))
    return said("The table has {{tables[0].count}} rows.")


def _one(names: list[Column], numbers: list[Column], table: Table) -> str:
    labels = {column.label for column in numbers}
    if len(labels) < len(numbers):
        return (
            said("[[name]] has its figures in the table.", name=_cell(names[0], 0))
            if names
            else said("The figures are in the table.")
        )
    each = [
        said("[[label]]: [[value]]", label=column.label, value=_value(column, table, 0)) for column in numbers
    ]
    head = ", ".join(_cell(column, 0) for column in names)
    return _capital("; ".join(part for part in (head, ", ".join(each)) if part) + ".")


def _name(names: list[Column], row: int) -> str:
    """`Finished goods store, Kassel`: what the row is called, with the site that tells it from its like."""
    site = next((column for column in names[1:] if column.name in _SITE), None)
    return _cell(names[0], row) + (f", {_cell(site, row)}" if site else "")


def _value(column: Column, table: Table, row: int) -> str:
    currency = next((each for each in table.columns if each.name == "currency"), None)
    beside = f" {_cell(currency, row)}" if currency and column.kind == "money" else ""
    return _cell(column, row) + beside


def _in_currencies(column: Column, table: Table) -> bool:
    return column.kind == "money" and any(each.name == "currency" for each in table.columns)


def _cell(column: Column, row: int) -> str:
    return f"{{{{tables[0].rows[{row}].{column.name}}}}}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]

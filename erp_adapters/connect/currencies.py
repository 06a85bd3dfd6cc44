"""Columns that say in which currency amounts are."""

from __future__ import annotations

from collections.abc import Iterator

from erp_adapters.connect.proposing import RecordProposal
from erp_adapters.connect.relations import Link, Relations
from erp_adapters.connect.seen import SeenColumn, SeenTable
from erp_adapters.connect.vocabulary import meanings


def beside_amounts(
    record: RecordProposal, relations: Relations
) -> Iterator[tuple[tuple[Link, ...], SeenColumn]]:
    """Where an amount is looked up, its currency stands beside it."""
    for found in record.fields.values():
        if found.wanted.role == "money" and found.chosen and found.chosen.path:
            for column in relations.by_name[found.chosen.table].columns:
                if _is_currency(column):
                    yield found.chosen.path, column


def currencies(table: SeenTable, relations: Relations) -> Iterator[tuple[tuple[Link, ...], SeenColumn]]:
    """Those of a table, then those that its references lead to."""
    for column in table.columns:
        if _is_currency(column):
            yield (), column
    for link in relations.links(table.name):
        if not _spoken_of(link.column) & {"currency", "company", "order"} or link.table == table.name:
            continue
        other = relations.by_name[link.table]
        for column in other.columns:
            if _is_currency(column) or (
                "currency" in _spoken_of(link.column) and _is_code_of_currency(column)
            ):
                yield (link,), column
        for further in relations.links(other.name):
            if "currency" in _spoken_of(further.column) and further.table not in (other.name, table.name):
                for column in relations.by_name[further.table].columns:
                    if _is_code_of_currency(column):
                        yield (link, further), column


def _spoken_of(name: str) -> frozenset[str]:
    return frozenset().union(*meanings(name))


def _is_code_of_currency(column: SeenColumn) -> bool:
    """Three capital letters in every row."""
    return bool(column.samples) and all(
        len(text) == 3 and text.isalpha() and text.isupper() for text in column.samples
    )


def _is_currency(column: SeenColumn) -> bool:
    return _is_code_of_currency(column) and "currency" in _spoken_of(column.name)

"""Codes of a source as the few words that a record takes, where the source says what they mean."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cache
from importlib import resources

import yaml

from erp_adapters.connect.relations import Relations
from erp_adapters.connect.seen import SeenColumn, SeenTable
from erp_adapters.connect.vocabulary import folded, meanings

_MOST = 40
"""Different values from which on it is no code."""


@dataclass(frozen=True, slots=True)
class Code:
    """One value of a column, how often it is there, and what it is taken to mean."""

    value: str
    rows: int
    label: str
    """What another table calls it; empty where none does."""
    word: str
    """The record's word; empty where nobody can say."""


@cache
def _known(place: str) -> dict[str, str]:
    text = resources.files("erp_adapters.connect").joinpath("words.yaml").read_text(encoding="utf-8")
    held = yaml.safe_load(text)["codes"].get(place, {})
    return {str(said): word for word, every in held.items() for said in str(every).split()}


def codes_of(place: str, table: SeenTable, column: SeenColumn, relations: Relations) -> tuple[Code, ...]:
    """Every code of a column; none where it holds too many different values to be codes.

    Args:
        place: `record.field` that takes the words.
    """
    if not 0 < len(column.distinct) <= _MOST:
        return ()
    labels = _labels(table, column, relations)
    counted = Counter(column.values)
    return tuple(
        Code(value, counted[value], labels.get(value, ""), _word(place, labels.get(value, value)))
        for value in sorted(column.distinct)
    )


def _word(place: str, said: str) -> str:
    known = _known(place)
    return known.get("-".join(folded(said).casefold().split())) or known.get(
        folded(said).casefold().split(" ")[0], ""
    )


def _labels(table: SeenTable, column: SeenColumn, relations: Relations) -> dict[str, str]:
    """What the table that the codes refer to calls each of them."""
    for link in relations.links(table.name):
        if link.column != column.name:
            continue
        other = relations.by_name[link.table]
        keys = other.column(link.key).values
        for named in other.columns:
            if any("name" in meaning for meaning in meanings(named.name)):
                return dict(zip(keys, named.values, strict=True))
    return {}

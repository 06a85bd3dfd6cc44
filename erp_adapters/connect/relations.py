"""How the tables of a source hang together: by declared keys, or by values that are found elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from erp_adapters.connect.seen import SeenColumn, SeenTable
from erp_adapters.connect.vocabulary import Meaning, meanings

_CONTAINED = 0.95
"""Share of a column's values that are found in a key, from which on it may refer to it."""
_FEW = 3
"""Different values that say little, as they are found in any key."""


@dataclass(frozen=True)
class Link:
    """A column whose values are keys of another table."""

    column: str
    table: str
    key: str
    is_declared: bool
    strength: float
    """From 0 to 1."""


@dataclass
class Relations:
    """What refers to what."""

    tables: Sequence[SeenTable]
    _contained: dict[tuple[int, int], float] = field(default_factory=dict)

    @cached_property
    def by_name(self) -> dict[str, SeenTable]:
        return {table.name: table for table in self.tables}

    @cached_property
    def _declared(self) -> dict[tuple[str, str], tuple[str, str]]:
        return {
            (table.name, reference.columns[0]): (reference.table, reference.to[0])
            for table in self.tables
            for reference in table.references
            if len(reference.columns) == 1
        }

    def contained(self, column: SeenColumn, key: SeenColumn) -> float:
        """Share of the column's different values that are among the key's."""
        pair = (id(column), id(key))
        if pair not in self._contained:
            own = column.distinct
            share = len(own & key.distinct) / len(own) if own else 0.0
            if (
                share < _CONTAINED
                and own
                and any(text[:1] == "0" for text in (*column.samples[:50], *key.samples[:50]))
            ):
                stripped = {text.lstrip("0") for text in key.distinct}
                share = sum(text.lstrip("0") in stripped for text in own) / len(own)
            self._contained[pair] = share
        return self._contained[pair]

    @cached_property
    def _links(self) -> dict[str, list[Link]]:
        keys = [
            (table, column) for table in self.tables for column in table.columns if table.stands_alone(column)
        ]
        return {table.name: list(self._of(table, keys)) for table in self.tables}

    def links(self, table: str) -> list[Link]:
        """What a table refers to, the surest first."""
        return self._links[table]

    def _of(self, table: SeenTable, keys: list[tuple[SeenTable, SeenColumn]]) -> Iterator[Link]:
        found = []
        for column in table.columns:
            declared = self._declared.get((table.name, column.name))
            for other, key in keys:
                if other.name == table.name and key.name == column.name:
                    continue
                is_declared = declared == (other.name, key.name)
                strength = 1.0 if is_declared else self._strength(table, column, other, key)
                if strength > 0.5:
                    found.append(Link(column.name, other.name, key.name, is_declared, strength))
        yield from sorted(found, key=lambda link: -link.strength)

    def _strength(self, table: SeenTable, column: SeenColumn, other: SeenTable, key: SeenColumn) -> float:
        """How sure it is that a column refers to a key; by names first, as a small number is in any key."""
        named = _named_alike(column.name, other.name, key.name)
        if not named:
            return 0.0
        share = self.contained(column, key)
        if share < _CONTAINED or column.orders:
            return 0.0
        is_same = column.name.casefold() == key.name.casefold()
        few = 0.15 if len(column.distinct) <= _FEW and not is_same else 0.0
        own = 0.1 if other.name == table.name else 0.0
        return named * share - few - own

    def is_referred_to(self, table: str, column: str) -> bool:
        """Other tables have its values under the same name, or by a declared key."""
        return any(
            link.table == table and link.key == column and link.strength >= 0.7
            for name, links in self._links.items()
            if name != table
            for link in links
        )


def _named_alike(column: str, table: str, key: str) -> float:
    if column.casefold() == key.casefold():
        return 0.95
    spoken = meanings(key)[0] | meanings(table)[0]
    best = 0.0
    for one in meanings(column):
        about = _things(one)
        if about and about <= spoken:
            best = max(best, 0.85 if about >= _things(meanings(table)[0]) else 0.6)
        elif about > _things(meanings(table)[0]) and _things(meanings(table)[0]):
            # `from currency`, `parent account`: one of them in a role.
            best = max(best, 0.75)
    return best


def _things(meaning: Meaning) -> Meaning:
    return meaning - {"id", "number", "code", "name", "header", "line"}

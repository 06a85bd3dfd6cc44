"""Columns of tables that a table refers to: where what is wanted stands elsewhere, as a category's name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from erp_adapters.connect.canon import Wanted
from erp_adapters.connect.fitting import fit
from erp_adapters.connect.relations import Link, Relations
from erp_adapters.connect.seen import SeenColumn, SeenTable
from erp_adapters.connect.vocabulary import TOKENS, Meaning, likeness, meanings

POSSIBLE: Final = 0.45
"""Score from which on a column is named as a candidate."""
_SHOWN: Final = 4
_EACH_STEP: Final = 0.03
_DEEPEST: Final = 2


@dataclass(frozen=True)
class Candidate:
    """A column that may fill a field."""

    column: str
    score: float
    why: str
    path: tuple[Link, ...] = ()
    """Through which tables it is reached; empty for the record's own."""

    @property
    def table(self) -> str:
        """The table in which it stands; empty for the record's own."""
        return self.path[-1].table if self.path else ""


def looked_up(wanted: Wanted, table: SeenTable, relations: Relations) -> list[Candidate]:
    """Columns that are reached from a table and whose table's and own name together say what is wanted."""
    if wanted.refers_to or wanted.role in ("key", "part"):
        return []
    best: dict[tuple[str, str], Candidate] = {}
    within = meanings(table.name)[0]
    for path in _paths(table.name, relations):
        other = relations.by_name[path[-1].table]
        sure = min(link.strength for link in path) ** 0.5
        for column in other.columns:
            if other.name == table.name or column.name == path[-1].key:
                continue
            named = _named(wanted, other, column, within)
            if named < POSSIBLE:
                continue
            valued = fit(wanted, other, column, relations, None, name_score=1.0).score
            score = named * valued * sure - _EACH_STEP * (len(path) - 1)
            at = (other.name, column.name)
            if score >= POSSIBLE and (at not in best or best[at].score < score):
                by = ", then ".join(f"{link.column} in {link.table}" for link in path)
                best[at] = Candidate(column.name, score, f"{column.name!r} of {other.name}, by {by}", path)
    return sorted(best.values(), key=lambda candidate: -candidate.score)[:_SHOWN]


def _named(wanted: Wanted, other: SeenTable, column: SeenColumn, within: Meaning) -> float:
    """How much the names of a column and of its table say together what is wanted."""
    spoken = meanings(column.name)
    if wanted.role == "code" and any("name" in each for each in spoken):
        return 0.0
    best = 0.0
    for number, phrase in enumerate(wanted.names):
        for said in meanings(phrase):
            for of in meanings(other.name):
                for one in spoken:
                    # Of a column that says nothing itself it is not enough that its table does.
                    if not (one - within) & said and "name" not in one:
                        continue
                    whole = (one | of) - {"code", "id"}
                    if not said - within - TOKENS <= whole:
                        continue
                    meant = said | {"name"} if "name" in whole else said
                    best = max(best, likeness(whole, meant, within) - 0.01 * number)
    return best


def _paths(table: str, relations: Relations, depth: int = _DEEPEST) -> Iterator[tuple[Link, ...]]:
    for link in relations.links(table):
        if link.table == table or link.strength < 0.6:
            continue
        yield (link,)
        if depth > 1:
            for further in _paths(link.table, relations, depth - 1):
                if further[-1].table != table:
                    yield (link, *further)

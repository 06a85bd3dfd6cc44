"""How well one column fits one field: by its name, its values, and what they refer to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from erp_adapters.connect.canon import Wanted
from erp_adapters.connect.relations import Relations
from erp_adapters.connect.seen import SeenColumn, SeenTable
from erp_adapters.connect.vocabulary import TOKENS, best_likeness, meanings

_KEYS: Final = TOKENS - {"name"}


@dataclass(frozen=True, slots=True)
class Fit:
    """A score from 0 to 1, and what it rests on."""

    score: float
    why: str


def fit(
    wanted: Wanted,
    table: SeenTable,
    column: SeenColumn,
    relations: Relations,
    target: tuple[SeenTable, SeenColumn] | None,
    name_score: float | None = None,
) -> Fit:
    """How well a column fits a field.

    Args:
        wanted: the field.
        table: where the column stands.
        column: the one that is looked at.
        relations: of all tables.
        target: where the key stands that the field refers to, as far as known.
        name_score: what its name is worth, where somebody else has judged that.
    """
    named = (
        best_likeness(column.name, wanted.names, meanings(table.name)[0])
        if name_score is None
        else name_score
    )
    said = []
    if named >= 0.5:
        said.append(f"called like it ({named:.2f})")
    elif named >= 0.3:
        said.append(f"called a little like it ({named:.2f})")
    named, more = _by_relation(wanted, table, column, relations, target, named)
    said += more
    if named < 0.3:
        return Fit(0.0, "")
    valued, why = _by_values(wanted, table, column)
    if why:
        said.append(why)
    return Fit(round(max(0.0, min(1.0, named * valued)), 3), "; ".join(said))


def _by_relation(
    wanted: Wanted,
    table: SeenTable,
    column: SeenColumn,
    relations: Relations,
    target: tuple[SeenTable, SeenColumn] | None,
    named: float,
) -> tuple[float, list[str]]:
    """The worth of the name, once it is known what the values refer to."""
    if wanted.refers_to and target is not None:
        to, key = target
        if (to.name, key.name) == (table.name, column.name):
            return 0.0, []
        link = next(
            (
                each
                for each in relations.links(table.name)
                if (each.column, each.table, each.key) == (column.name, to.name, key.name)
            ),
            None,
        )
        share = relations.contained(column, key)
        if link is not None and (link.is_declared or column.name.casefold() == key.name.casefold()):
            how = "declared to refer to" if link.is_declared else "named and filled like"
            return max(named, 0.5 + 0.45 * named if named >= 0.5 else 0.8), [f"{how} {to.name}.{key.name}"]
        if share >= 0.95:
            return min(1.0, named + 0.08), [f"its values are in {to.name}.{key.name}"]
        if share < 0.5 and column.distinct:
            return named * 0.5, [f"only {share:.0%} of its values are in {to.name}.{key.name}"]
    if wanted.role == "key":
        bonus, said = 0.0, []
        if table.stands_alone(column):
            bonus += 0.05
            said.append("a value of its own in every row")
            if meanings(column.name)[0] & _KEYS and 0.3 <= named < 0.7:
                bonus += 0.2
        if relations.is_referred_to(table.name, column.name):
            bonus += 0.25
            said.append("other tables refer to it")
        if (column.name,) == table.key:
            bonus += 0.2
            said.append("the table's key")
        return min(1.0, named + bonus) if named >= 0.3 else named, said
    return named, []


def _by_values(wanted: Wanted, table: SeenTable, column: SeenColumn) -> tuple[float, str]:
    """What the values let it be, from 0 to 1."""
    if not column.samples:
        return (0.8, "empty here") if column.rows else (0.7, "no rows here")
    few = 0.6 if wanted.role in ("key", "part") and column.empty_share > 0.02 else 1.0
    match wanted.kind:
        case "number":
            if table.decimals in column.signs and not column.is_padded:
                return few * (0.5 if "ymd" in column.orders else 1.0), "numbers"
            return 0.0, "no numbers"
        case "integer":
            return (
                (1.0, "whole numbers") if column.is_integer or column.is_padded else (0.0, "no whole numbers")
            )
        case "date":
            if table.dates in column.orders:
                return few, "days"
            return (0.3, f"days, but not written as {table.dates}") if column.orders else (0.0, "no days")
        case "time":
            return (1.0, "times of day") if column.is_time else (0.0, "no times of day")
        case "flag":
            if column.pair is not None:
                return 1.0, "yes and no"
            return (
                (0.6, f"codes {', '.join(sorted(column.distinct)[:4])}")
                if len(column.distinct) <= 6
                else (0.0, "neither yes nor no")
            )
        case "text":
            return few * _as_text(wanted, table, column), "" if few == 1 else "often empty"


def _as_text(wanted: Wanted, table: SeenTable, column: SeenColumn) -> float:
    if column.is_time or (column.orders and column.orders != {"ymd"}):
        return 0.2
    is_fraction = bool(column.signs) and not column.is_integer and not column.is_padded
    if wanted.role == "label" and not wanted.code:
        return 1.0 if column.is_text else 0.6
    if wanted.role == "text":
        return 0.4 if is_fraction else 1.0 if column.is_text else 0.8
    if is_fraction:
        return 0.3
    if wanted.role == "key" and not table.stands_alone(column):
        return 0.8
    return 0.65 if column.has_blanks else 1.0

"""A compiled statement in the words of an engine that a customer already has."""

from __future__ import annotations

import re
from collections.abc import Mapping, Set
from datetime import date
from typing import Literal, NamedTuple

import sqlglot
from sqlglot import exp

from tools.metrics.compiler import CompiledQuery

Engine = Literal["duckdb"]
_QUARTER = '%Y-"Q"Q'
_FORMATS = {'%G-"W"%V': "%G-W%V", "I%u FM%uay": "%u %A"}
"""Of weeks and weekdays, by what sqlglot makes of Postgres' formats."""
_UNITS = {"%Y-%m": "MONTH", "%Y": "YEAR"}


class Written(NamedTuple):
    """A statement for another engine, with the parameters that it names."""

    sql: str
    parameters: dict[str, object]


def written_for(engine: Engine, compiled: CompiledQuery) -> Written:
    """The same statement for another engine; it gives the same rows.

    Records are added up before what they are grouped by is joined to them: an engine that reads columns adds
    ten million lines up faster than it joins an account's name to each.
    """
    named = re.sub(r"%\((\w+)\)s", r":\1", compiled.sql).replace("%%", "%")
    tree = sqlglot.parse_one(named, read="postgres")
    _with_days(tree, compiled.parameters)
    for select in list(tree.find_all(exp.Select)):
        _EarlySums(select).apply()
    _with_dates_written(tree)
    sql = tree.sql(dialect=engine)
    return Written(sql, {name: value for name, value in compiled.parameters.items() if f"${name}" in sql})


def _with_days(tree: exp.Expr, parameters: Mapping[str, object]) -> None:
    """Days as they are in place of parameters, so that conditions can be compared with each other."""
    for place in list(tree.find_all(exp.Placeholder)):
        value = parameters.get(place.name)
        if isinstance(value, date):
            place.replace(exp.Literal.string(value.isoformat()))


def _with_dates_written(tree: exp.Expr) -> None:
    """Quarters, weeks and weekdays in DuckDB's formats; those of Postgres would come out as they stand."""
    for told in list(tree.find_all(exp.TimeToStr)):
        form = told.text("format")
        if form == _QUARTER:
            parts = _text_of(told.this, "%Y"), exp.Literal.string("-Q"), exp.Quarter(this=told.this.copy())
            told.replace(exp.DPipe(this=exp.DPipe(this=parts[0], expression=parts[1]), expression=parts[2]))
        elif form in _FORMATS:
            told.replace(_text_of(told.this, _FORMATS[form]))


def _text_of(day: exp.Expr, form: str) -> exp.TimeToStr:
    return exp.TimeToStr(this=day.copy(), format=exp.Literal.string(form))


class _Unfit(Exception):
    """A statement that cannot be added up in two steps; it stays as it is."""


class _EarlySums:
    """Puts a SELECT that adds up the keys and sums of its records in place of the records."""

    def __init__(self, select: exp.Select) -> None:
        self._select = select
        self._alias = ""
        self._keys: dict[str, tuple[str, exp.Expr]] = {}
        self._parts: dict[str, tuple[str, exp.Expr]] = {}
        self._replaced: list[tuple[exp.Expr, exp.Expr]] = []

    def apply(self) -> None:
        """Changes the statement where its aggregates allow it."""
        records = self._records()
        if records is None:
            return
        try:
            self._look()
            early, late = self._conditions()
        except _Unfit:
            return
        for old, new in self._replaced:
            old.replace(new)
        inner = exp.select(
            *(exp.alias_(what, name) for name, what in (*self._keys.values(), *self._parts.values()))
        ).from_(records.copy())
        if early:
            inner = inner.where(*early)
        inner = inner.group_by(*(exp.Literal.number(number + 1) for number in range(len(self._keys))))
        records.replace(exp.Subquery(this=inner, alias=exp.TableAlias(this=exp.to_identifier(self._alias))))
        self._select.set("where", exp.Where(this=exp.and_(*late)) if late else None)

    def _records(self) -> exp.Table | None:
        """The table of the records; None where they are not grouped, or something else stands there."""
        source, group = self._select.args.get("from_"), self._select.args.get("group")
        if source is None or group is None or not isinstance(source.this, exp.Table):
            return None
        if self._select.find(exp.Window, exp.Subquery, exp.Exists) or self._select.args.get("having"):
            return None
        self._alias = source.this.alias
        return source.this

    def _look(self) -> None:
        """Takes down what the groups and joins take from the records, and what is added up of them."""
        for projection in self._select.expressions:
            if projection.find(exp.AggFunc):
                continue
            if self._is_own(projection.unalias()):
                self._key(projection.unalias())
            else:
                self._columns_as_keys(projection)
        for join in self._select.args.get("joins") or ():
            self._columns_as_keys(join)
        for projection in self._select.expressions:
            for aggregate in list(projection.find_all(exp.AggFunc)):
                self._aggregate(aggregate)
        if not self._keys:
            raise _Unfit

    def _conditions(self) -> tuple[list[exp.Expr], list[exp.Expr]]:
        """What is asked of the records themselves, and what can be asked of their sums only."""
        early, late = [], []
        for test in _all_of(self._select.args.get("where")):
            if not self._is_own(test):
                self._columns_as_keys(test)
                late.append(test)
            elif keyed := [each for each in test.walk() if self._is_computed_key(each)]:
                # It is computed once, for the groups.
                self._key(keyed[0])
                late.append(test)
            else:
                early.append(test)
        for _, part in self._parts.values():
            _without(part, {test.sql() for test in early})
        return [test.copy() for test in early], late

    def _aggregate(self, aggregate: exp.AggFunc) -> None:
        whole = aggregate.parent if isinstance(aggregate.parent, exp.Filter) else aggregate
        if not self._is_own(whole) or whole.find(exp.Distinct):
            raise _Unfit
        if self._is_of_currency(whole):
            self._columns_as_keys(whole)
            return
        part = self._of_sums(_named(self._parts, "part", whole))
        match aggregate:
            case exp.Sum():
                self._replaced.append((whole, exp.Sum(this=part)))
            case exp.Count():
                counted = exp.func("coalesce", exp.Sum(this=part), exp.Literal.number(0))
                self._replaced.append((whole, counted))
            case exp.Min() | exp.Max():
                self._replaced.append((whole, type(aggregate)(this=part)))
            case _:
                raise _Unfit

    @staticmethod
    def _is_of_currency(aggregate: exp.Expr) -> bool:
        """True where it only tells whether records are of one currency, which their sums tell as well."""
        if not isinstance(aggregate.this, exp.Column) or aggregate.this.name != "currency":
            return False
        return isinstance(aggregate, exp.Min | exp.Max) or (
            isinstance(aggregate, exp.Count) and isinstance(aggregate.parent, exp.GT)
        )

    def _is_own(self, part: exp.Expr) -> bool:
        """True where something is of the records alone."""
        return all(column.table == self._alias for column in part.find_all(exp.Column))

    def _columns_as_keys(self, part: exp.Expr) -> None:
        for column in part.find_all(exp.Column):
            if column.table == self._alias:
                self._key(column)

    def _key(self, part: exp.Expr) -> None:
        if isinstance(part, exp.Column):
            # It keeps its name, so that joins and conditions find it where they did.
            self._keys.setdefault(part.sql(), (part.name, part.copy()))
        elif unit := _unit_of(part):
            # A month is told apart as a day and written out for the groups alone.
            self._replaced.append(
                (part.this, self._of_sums(_named(self._keys, "key", _cut(part.this, unit))))
            )
        else:
            self._replaced.append((part, self._of_sums(_named(self._keys, "key", part))))

    def _is_computed_key(self, part: exp.Expr) -> bool:
        if isinstance(part, exp.Column):
            return False
        unit = _unit_of(part)
        return (_cut(part.this, unit) if unit else part).sql() in self._keys

    def _of_sums(self, name: str) -> exp.Column:
        return exp.column(name, table=self._alias)


def _named(found: dict[str, tuple[str, exp.Expr]], word: str, part: exp.Expr) -> str:
    """The name that a part goes by; the same part has one name."""
    return found.setdefault(part.sql(), (f"{word}_{len(found) + 1}", part.copy()))[0]


def _all_of(where: exp.Expr | None) -> list[exp.Expr]:
    """The conditions that all have to hold."""
    if where is None:
        return []
    return [*where.this.flatten()] if isinstance(where.this, exp.And) else [where.this]


def _without(aggregate: exp.Expr, known: Set[str]) -> None:
    """Takes from an aggregate's filter what holds for every record anyway."""
    if isinstance(aggregate, exp.Filter):
        left = [test for test in _all_of(aggregate.expression) if test.sql() not in known]
        if left:
            aggregate.expression.set("this", exp.and_(*left))
        else:
            aggregate.replace(aggregate.this)


def _unit_of(part: exp.Expr) -> str:
    """The unit of time that a text tells; empty where it tells something else."""
    return _UNITS.get(part.text("format"), "") if isinstance(part, exp.TimeToStr) else ""


def _cut(day: exp.Expr, unit: str) -> exp.Expr:
    return exp.TimestampTrunc(this=day.copy(), unit=exp.var(unit))

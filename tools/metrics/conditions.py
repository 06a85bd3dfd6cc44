"""Query filters as SQL conditions on one entity's rows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Literal, assert_never

from tools.errors import QueryInvalid
from tools.metrics.catalogue import Catalogue, EntityField
from tools.metrics.expressions import Source
from tools.metrics.query import (
    AnyTest,
    ContainsTest,
    DateTest,
    FieldTest,
    Filter,
    NamedTest,
    NullTest,
    RelatedTest,
    ValidTest,
    ValueTest,
)

_DIGITS = 60
"""More digits than any amount has; the database would refuse far more."""


class Parameters:
    """Values of a statement, bound by name; no value ever becomes part of the SQL text."""

    def __init__(self) -> None:
        self.values: dict[str, object] = {}

    def bind(self, value: object) -> str:
        """The placeholder for a value.

        Raises:
            QueryInvalid: it is text that no database holds.
        """
        if isinstance(value, str) and "\x00" in value:
            raise QueryInvalid(f"{value!r} contains a null character, which no text of the data does")
        name = f"p{len(self.values) + 1}"
        self.values[name] = value
        return f"%({name})s"


class Conditions:
    """Translates filters; each applies to a source if the source can reach what it names."""

    def __init__(self, catalogue: Catalogue, parameters: Parameters) -> None:
        self._catalogue = catalogue
        self._parameters = parameters
        self.tables: set[str] = set()
        self._subselects = 0

    def applies(self, test: Filter, entity: str) -> bool:
        """True where an entity's rows can be tested for it."""
        paths = self._catalogue.paths[entity]
        match test:
            case ValueTest() | ContainsTest() | NullTest() | FieldTest():
                first = test.path.split("/")
                if len(first) > 1 and first[0] not in self._catalogue.entity(entity).links:
                    return False
                return first[-1].partition(".")[0] in paths
            case NamedTest():
                return test.entity in paths
            case DateTest():
                if test.entity:
                    return test.entity in paths and bool(self._role(test, test.entity))
                return bool(self._role(test, entity))
            case ValidTest():
                return test.entity in paths and self._catalogue.entity(test.entity).validity is not None
            case RelatedTest():
                if test.entity not in self._catalogue.entities:
                    return not test.of or test.of in paths
                return bool(self._catalogue.paths[test.entity].get(test.of or entity)) and (
                    not test.of or test.of in paths
                )
            case AnyTest():
                return all(self.applies(part, entity) for part in test.of)
            case _:
                assert_never(test)

    def sql(self, tests: Sequence[Filter], source: Source) -> str:
        """All tests joined with `and`; empty where there are none."""
        return " and ".join(self.one(test, source) for test in tests)

    def one(self, test: Filter, source: Source) -> str:
        """One test as an SQL condition.

        Raises:
            QueryInvalid: it names what the source cannot reach.
        """
        match test:
            case ValueTest():
                return self._value(test, source)
            case ContainsTest():
                return self._contains(test, source)
            case NullTest():
                return f"{source.field(test.path)} is {'' if test.missing else 'not '}null"
            case FieldTest():
                return self._against_field(test, source)
            case NamedTest():
                return self._named(test, source)
            case DateTest():
                return self._date(test, source)
            case ValidTest():
                return self._valid(test, source)
            case RelatedTest():
                return self._related(test, source)
            case AnyTest():
                return "(" + " or ".join(self.one(part, source) for part in test.of) + ")"
            case _:
                assert_never(test)

    def _value(self, test: ValueTest, source: Source) -> str:
        left, field = source.field(test.path), self._field(test.path)
        if test.op not in ("=", "<>"):
            if len(test.values) > 1:
                raise QueryInvalid(f"{test.op} takes one value, not {len(test.values)}")
            if field.kind == "flag":
                raise QueryInvalid(f"{field.label!r} is true or false; it cannot be {test.op} anything")
        values = [self._bound(field, value) for value in test.values]
        if len(values) == 1:
            return f"{left} {'is distinct from' if test.op == '<>' else test.op} {values[0]}"
        listed = f"{left} in ({', '.join(values)})"
        return listed if test.op == "=" else f"({listed}) is not true"

    def _bound(self, field: EntityField, value: object) -> str:
        """The placeholder for a field's value, cast to what the field holds."""
        exact = value_of(field, value)
        cast = "::numeric" if isinstance(exact, Decimal) else "::date" if isinstance(exact, date) else ""
        return self._parameters.bind(exact) + cast

    def _field(self, path: str) -> EntityField:
        entity, _, name = path.split("/")[-1].partition(".")
        return self._catalogue.entity(entity).fields[name]

    def _contains(self, test: ContainsTest, source: Source) -> str:
        left, field = source.field(test.path), self._field(test.path)
        if form_of(field) != "text":
            raise QueryInvalid(f"{field.label!r} is no text that could contain {test.text!r}")
        text = test.text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        return f"{left} ilike {self._parameters.bind(f'%{text}%')}"

    def _against_field(self, test: FieldTest, source: Source) -> str:
        left, right = source.field(test.path), source.field(test.other)
        one, other = self._field(test.path), self._field(test.other)
        if form_of(one) != form_of(other):
            raise QueryInvalid(f"{one.label!r} cannot be compared with {other.label!r}")
        return f"{left} {test.op} {right}"

    def _named(self, test: NamedTest, source: Source) -> str:
        entity = self._catalogue.entities.get(test.entity)
        if entity is None or test.condition not in entity.conditions:
            raise QueryInvalid(f"{test.entity!r} has no condition {test.condition!r}")
        route = source.route_to(test.entity, test.via)
        if route is None:
            raise QueryInvalid(f"{test.condition!r} does not apply to {source.entity!r}")
        sql = f"({source.expression(entity.conditions[test.condition].sql, route)})"
        return f"{sql} is not true" if test.negated else sql

    def _role(self, test: DateTest, entity: str) -> str:
        dates = self._catalogue.entity(entity).dates
        if test.role:
            return test.role if test.role in dates else ""
        return self._catalogue.entity(entity).default_date

    def _date(self, test: DateTest, source: Source) -> str:
        entity = test.entity or source.entity
        route = self._catalogue.paths[source.entity].get(entity)
        role = self._role(test, entity)
        if route is None or not role:
            plural = self._catalogue.entity(source.entity).plural
            raise QueryInvalid(f"{plural} have no date {test.role or 'of their own'!r}")
        column = self.date_field(source, route, entity, role)
        parts = []
        if test.start:
            parts.append(f"{column} >= {self._parameters.bind(test.start)}::date")
        if test.end and test.end < date.max:
            # Half-open, so that times during the last day count.
            after = self._parameters.bind(test.end + timedelta(days=1))
            parts.append(f"{column} < {after}::date")
        return " and ".join(parts) or f"{column} is not null"

    def _valid(self, test: ValidTest, source: Source) -> str:
        route = self._catalogue.paths[source.entity].get(test.entity)
        validity = self._catalogue.entity(test.entity).validity
        if route is None or validity is None:
            raise QueryInvalid(f"{test.entity!r} records have no validity that could be tested here")
        start, end = (source.field_at(route, name) for name in validity)
        on = f"{self._parameters.bind(test.on)}::date"
        return f"{start} <= {on} and ({end} is null or {end} >= {on})"

    def date_field(self, source: Source, route: tuple[str, ...], entity: str, role: str) -> str:
        """SQL of a date role's column."""
        field = self._catalogue.entity(entity).dates[role].field
        if "." not in field:
            return source.field_at(route, field)
        *links, name = field.split(".")
        return source.field_at((*route, *links), name)

    def _related(self, test: RelatedTest, source: Source) -> str:
        if test.entity not in self._catalogue.entities:
            raise QueryInvalid(f"there is no entity {test.entity!r}")
        target = test.of or source.entity
        route = self._catalogue.paths[source.entity].get(target)
        back = self._catalogue.paths[test.entity].get(target)
        if route is None or not back:
            raise QueryInvalid(f"{test.entity!r} records do not refer to {target!r}")
        self._subselects += 1
        inner = Source(self._catalogue, test.entity, f"x{self._subselects}", source.conversion)
        condition = self.sql(test.where, inner)
        outer = source.joined(route)
        pairs = [(f"{inner.alias}.site", f"{outer}.site")] if target != "site" else []
        pairs += [(own, f"{outer}.{theirs}") for own, theirs in inner.referring(back)]
        self.tables |= inner.tables
        if test.at_least > 1:
            # Counted once for all of them, not again for each.
            theirs = ", ".join(pair[0] for pair in pairs)
            counted = (
                f"select {theirs} {inner.from_clause()}{f' where {condition}' if condition else ''}"
                f" group by {theirs} having count(*) >= {test.at_least:d}"
            )
            sql = f"({', '.join(pair[1] for pair in pairs)}) in ({counted})"
            return f"({sql}) is not true" if test.negated else sql
        matched = [f"{one} = {other}" for one, other in pairs]
        where = " and ".join([*matched, *([condition] if condition else [])])
        return f"{'not ' if test.negated else ''}exists (select 1 {inner.from_clause()} where {where})"


def form_of(field: EntityField) -> Literal["number", "date", "flag", "text"]:
    """What a field's values are to the database; only like can be compared with like."""
    if field.is_number:
        return "number"
    return field.kind if field.kind in ("date", "flag") else "text"


def value_of(field: EntityField, value: object) -> Decimal | date | bool | str:
    """A query's value as what the field holds.

    Raises:
        QueryInvalid: the field holds no such values.
    """
    match form_of(field):
        case "number" if not isinstance(value, bool):
            try:
                number = Decimal(str(value))
            except InvalidOperation:
                number = Decimal("nan")
            if number.is_finite() and abs(number.adjusted()) < _DIGITS:
                return number
        case "date":
            try:
                return date.fromisoformat(str(value))
            except ValueError:
                pass
        case "flag" if str(value).lower() in ("true", "false"):
            return str(value).lower() == "true"
        case "text" if not isinstance(value, bool):
            return f"{value:f}" if isinstance(value, Decimal) else str(value)
    wanted = {"number": "a number", "date": "a date such as 2024-03-31", "flag": "true or false"}
    raise QueryInvalid(f"{field.label!r} is {wanted.get(form_of(field), 'a text')}, not {value!r}")

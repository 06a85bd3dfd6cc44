"""Catalogue expressions as SQL: field names and link paths become joined columns, aggregates take filters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

import sqlglot
from sqlglot import exp

from tools.errors import QueryInvalid
from tools.metrics.catalogue import Catalogue, Link, Total

_FILTER = "__own_filter__"


class Conversion(Protocol):
    """Joins what says at which rate a record's amounts are converted."""

    def joined(self, source: Source, clauses: list[str]) -> str:
        """SQL of the rate; the joins that it takes are added to the clauses."""


@lru_cache(maxsize=4096)
def parsed(sql: str) -> exp.Expr:
    """The tree of an expression; shared, so copy it before a change."""
    return sqlglot.parse_one(sql, read="postgres")


class Source:
    """The FROM clause of one entity, growing a join for every link that an expression follows."""

    def __init__(
        self, catalogue: Catalogue, entity: str, alias: str, conversion: Conversion | None = None
    ) -> None:
        self.catalogue = catalogue
        self.conversion = conversion
        """What amounts are converted to, if anything."""
        self.entity = entity
        self.alias = alias
        self.tables: set[str] = {entity}
        self._joins: dict[tuple[str, ...], str] = {}
        self._clauses: list[str] = []
        self._rate = ""

    @property
    def rate(self) -> str:
        """SQL of the rate that amounts were converted at; empty where none was."""
        return self._rate

    def converting(self) -> str:
        """SQL of a record's rate, with the joins that find it; empty where amounts stay as they are."""
        if self.conversion is not None and not self._rate:
            self._rate = self.conversion.joined(self, self._clauses)
        return self._rate

    def _converted(self, sql: str, kind: str) -> str:
        rate = self.converting() if kind == "money" else ""
        return f"({sql} * {rate})" if rate else sql

    def from_clause(self) -> str:
        """`from erp.x as a left join ...` with every join asked for so far."""
        head = f"from erp.{self.catalogue.entity(self.entity).table} as {self.alias}"
        return "\n  ".join((head, *self._clauses))

    def path_to(self, path: str) -> tuple[tuple[str, ...], str, str]:
        """Links, entity and field of a query path, as seen from this entity.

        Raises:
            QueryInvalid: there is no such entity, link or field from here.
        """
        *links, last = path.split("/")
        entity, _, name = last.partition(".")
        if entity not in self.catalogue.entities:
            raise QueryInvalid(f"there is no entity {entity!r}")
        route = self._explicit(links, entity) if links else self.catalogue.paths[self.entity].get(entity)
        if route is None:
            raise QueryInvalid(f"{self.catalogue.entity(self.entity).plural} do not refer to {entity!r}")
        if name not in self.catalogue.entity(entity).fields:
            raise QueryInvalid(f"{entity!r} has no field {name!r}")
        return route, entity, name

    def route_to(self, entity: str, via: str = "") -> tuple[str, ...] | None:
        """The chain of links to an entity, through a link of one's own where it is named; None without one.

        Raises:
            QueryInvalid: several links lead there, and none is named.
        """
        if via:
            return self._explicit([via], entity)
        own = self.catalogue.entity(self.entity).links
        direct = [name for name, link in own.items() if link.to == entity]
        if len(direct) > 1:
            singular = self.catalogue.entity(self.entity).singular
            raise QueryInvalid(
                f"a {singular} has several {self.catalogue.entity(entity).plural}:"
                f" say via which, {' or '.join(direct)}"
            )
        return self.catalogue.paths[self.entity].get(entity)

    def _explicit(self, links: list[str], entity: str) -> tuple[str, ...] | None:
        here = self.entity
        for link in links:
            found = self.catalogue.entity(here).links.get(link)
            if found is None:
                return None
            here = found.to
        rest = self.catalogue.paths[here].get(entity)
        return None if rest is None else (*links, *rest)

    def joined(self, route: tuple[str, ...]) -> str:
        """Alias of the entity at the end of a chain of links, joining what is not joined yet."""
        if not route:
            return self.alias
        if route in self._joins:
            return self._joins[route]
        parent = self.joined(route[:-1])
        link = self.catalogue.entity(self._entity_at(route[:-1])).links[route[-1]]
        alias = f"{self.alias}_{'_'.join(route)}"
        pairs = [(theirs, self._own(route[:-1], own)) for own, theirs in link.via.items()]
        if link.to != "site":
            pairs.insert(0, ("site", f"{parent}.site"))
        table = f"erp.{self.catalogue.entity(link.to).table}"
        if link.valid_on:
            self._clauses.append(self._in_force(link, alias, pairs, self._own(route[:-1], link.valid_on)))
        else:
            on = " and ".join(f"{alias}.{theirs} = {own}" for theirs, own in pairs)
            self._clauses.append(f"left join {table} as {alias} on {on}")
        self._joins[route] = alias
        self.tables.add(link.to)
        return alias

    def _own(self, route: tuple[str, ...], column: str) -> str:
        """A column of the record at the end of a route, or of one that it refers to: `order.supplier_id`."""
        *links, name = column.split(".")
        return f"{self.joined((*route, *links))}.{name}"

    def _in_force(self, link: Link, alias: str, pairs: Sequence[tuple[str, str]], day: str) -> str:
        """The join to the one record that was valid on a day."""
        other = self.catalogue.entity(link.to)
        assert other.validity is not None
        start, end = other.validity
        tests = [f"v.{theirs} = {own}" for theirs, own in pairs]
        tests += [f"v.{start} <= {day}", f"(v.{end} is null or v.{end} >= {day})"]
        return (
            f"left join lateral (select v.* from erp.{other.table} as v where {' and '.join(tests)}"
            f" order by v.{start} desc, v.{other.key} limit 1) as {alias} on true"
        )

    def referring(self, route: tuple[str, ...]) -> list[tuple[str, str]]:
        """SQL of what refers to the entity at the end of a route, each with the column that it refers to.

        The columns stand in what the last link starts from: no join to the entity itself is needed, unless
        it has to be looked up.
        """
        link = self.catalogue.entity(self._entity_at(route[:-1])).links[route[-1]]
        if link.valid_on:
            key = self.catalogue.entity(link.to).key
            return [(f"{self.joined(route)}.{key}", key)]
        return [(self._own(route[:-1], own), theirs) for own, theirs in link.via.items()]

    def _totalled(self, route: tuple[str, ...], name: str, total: Total) -> str:
        """Alias of the other table's sums, joined once for each record at the end of a route."""
        key = (*route, f"TOTAL_{name}")
        if key not in self._joins:
            parent = self.joined(route)
            alias = f"{parent}_of_{name}"
            pairs = {"site": "site", **total.via}
            theirs = ", ".join(pairs.values())
            sums = f"select {theirs}, {total.value} as total from erp.{total.table} group by {theirs}"
            on = " and ".join(f"{alias}.{other} = {parent}.{own}" for own, other in pairs.items())
            self._clauses.append(f"left join ({sums}) as {alias} on {on}")
            self._joins[key] = alias
        return self._joins[key]

    def _entity_at(self, route: tuple[str, ...]) -> str:
        here = self.entity
        for link in route:
            here = self.catalogue.entity(here).links[link].to
        return here

    def field(self, path: str) -> str:
        """SQL of a query path."""
        route, entity, name = self.path_to(path)
        return self._converted(self.field_at(route, name), self.catalogue.entity(entity).fields[name].kind)

    def field_at(self, route: tuple[str, ...], name: str) -> str:
        """SQL of a field of the entity at the end of a route."""
        field = self.catalogue.entity(self._entity_at(route)).fields.get(name)
        if field is not None and field.total is not None:
            total = f"{self._totalled(route, name, field.total)}.total"
            return f"coalesce({total}, 0)" if field.is_number else total
        if field is None or not field.sql:
            return f"{self.joined(route)}.{name}"
        return f"({self.expression(field.sql, route)})"

    def expression(
        self, sql: str, route: tuple[str, ...] = (), own_filter: str = "", *, converted: bool = False
    ) -> str:
        """A catalogue expression as SQL; `own_filter` limits each of its aggregates.

        Args:
            converted: its amounts are converted, where the source converts any.
        """
        form = _form(sql, bool(own_filter))
        text = form.text
        for place, column in enumerate(form.columns):
            # A condition compares amounts as they are kept.
            found = self._column(column.parts, route, converted=converted and not column.inside)
            text = text.replace(_place(place), column.text if found is None else found)
        return text.replace("%", "%%").replace(_FILTER, own_filter)

    def _column(self, parts: tuple[str, ...], route: tuple[str, ...], *, converted: bool) -> str | None:
        """SQL of a column of a catalogue expression; None for one of a sub-select inside it."""
        if parts[0] == "this":
            return f"{self.joined(route)}.{parts[1]}"
        *links, name = parts
        here = self._entity_at(route)
        for link in links:
            found = self.catalogue.entity(here).links.get(link)
            if found is None:
                return None
            here = found.to
        sql = self.field_at((*route, *links), name)
        field = self.catalogue.entity(here).fields.get(name)
        if converted and field is not None:
            sql = self._converted(sql, field.kind)
        return _written(sql.replace("%%", "%"))


@dataclass(frozen=True, slots=True)
class _Column:
    """A column that a catalogue expression names."""

    parts: tuple[str, ...]
    text: str
    """As it stands there."""
    inside: bool
    """True in a condition or a sub-select."""


@dataclass(frozen=True, slots=True)
class _Form:
    """A catalogue expression with a place for each column that it names, to be filled in as text."""

    text: str
    columns: tuple[_Column, ...]


def _place(number: int) -> str:
    return f"__column_{number}__"


@lru_cache(maxsize=4096)
def _form(sql: str, limited: bool) -> _Form:
    holder = exp.Paren(this=parsed(sql).copy())
    columns = []
    for place, column in enumerate(list(holder.find_all(exp.Column))):
        inside = column.find_ancestor(exp.Where) or column.find_ancestor(exp.Select)
        parts = tuple(part.name for part in column.parts)
        columns.append(_Column(parts, str(column.sql(dialect="postgres")), inside is not None))
        column.replace(exp.column(_place(place)))
    if limited:
        _limit_aggregates(holder)
    return _Form(str(holder.this.sql(dialect="postgres")), tuple(columns))


@lru_cache(maxsize=4096)
def _written(sql: str) -> str:
    """SQL as the compiler writes it."""
    return str(parsed(sql).sql(dialect="postgres"))


def _limit_aggregates(holder: exp.Expr) -> None:
    condition = exp.column(_FILTER)
    for aggregate in list(holder.find_all(exp.AggFunc)):
        if aggregate.find_ancestor(exp.Subquery) or aggregate.find_ancestor(exp.Select):
            continue
        within: exp.Expr = aggregate
        if isinstance(within.parent, exp.WithinGroup):
            within = within.parent
        if isinstance(within.parent, exp.Filter):
            where = within.parent.expression
            where.set("this", exp.And(this=exp.Paren(this=where.this), expression=condition.copy()))
        else:
            within.replace(exp.Filter(this=within.copy(), expression=exp.Where(this=condition.copy())))

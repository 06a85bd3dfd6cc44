"""What a check is given: typed rows of the sites that are looked at, on one connection."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeAlias, TypeVar

import psycopg
from psycopg.rows import class_row

from erp_adapters.store.checks.finding import Found

Connection: TypeAlias = "psycopg.Connection[tuple[Any, ...]]"
RowT = TypeVar("RowT")


@dataclass(frozen=True, slots=True)
class Plant:
    """A site that is looked at."""

    site: str
    name: str
    currency: str
    time_zone: str
    unit_system: str
    as_of: datetime
    """Business now."""

    @property
    def today(self) -> date:
        """The day of business now."""
        return self.as_of.date()


_PLANTS = """
select site, name, currency, time_zone, unit_system, coalesce(as_of, now()) as as_of from erp.site
where %(sites)s::text[] is null or site = any(%(sites)s) order by site
"""


class Look:
    """One look through the data of some sites."""

    def __init__(self, connection: Connection, sites: Sequence[str] | None = None) -> None:
        self.connection = connection
        wanted = None if sites is None else list(sites)
        with connection.cursor(row_factory=class_row(Plant)) as cursor:
            self.plants = {plant.site: plant for plant in cursor.execute(_PLANTS, {"sites": wanted})}
        self.sites = list(self.plants)
        self._read: dict[Callable[[Look], list[Any]], list[Any]] = {}

    def rows(self, row: type[RowT], sql: str, params: Mapping[str, object] | None = None) -> list[RowT]:
        """All rows of a statement as instances of a dataclass; `%(sites)s` are the sites looked at."""
        with self.connection.cursor(row_factory=class_row(row)) as cursor:
            return cursor.execute(sql.encode(), {"sites": self.sites, **(params or {})}).fetchall()

    def once(self, read: Callable[[Look], list[RowT]]) -> list[RowT]:
        """What a reader gives of this look, read once for all checks that need it."""
        if read not in self._read:
            self._read[read] = read(self)
        return self._read[read]

    def counts(self, sql: str, params: Mapping[str, object] | None = None) -> dict[str, int]:
        """A statement's numbers by site; zero for sites that it does not name."""
        found = self.connection.execute(sql.encode(), {"sites": self.sites, **(params or {})}).fetchall()
        return {**dict.fromkeys(self.sites, 0), **{str(site): int(number) for site, number in found}}


@dataclass(frozen=True, slots=True)
class Check:
    """A check by name."""

    name: str
    find: Callable[[Look], Found]
    across_sites: bool = False
    """True where rows of one site are held against those of others: it always looks at all of them."""

"""Who people are now, and what day it is at a site: asked again at the moment of writing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Protocol

from erp_adapters.caller import Caller
from erp_adapters.errors import RecordNotFound
from erp_adapters.store.session import ReadTransaction, Store


class People(Protocol):
    """The people table and the sites' calendars."""

    async def person(self, subject: str) -> Caller | None:
        """The person as they are now; None where nobody active has that subject."""
        ...

    async def substitute(self, subject: str, acting_for: str) -> Caller | None:
        """The person with the roles of the one they stand in for; None where they do so no more."""
        ...

    async def business_date(self, caller: Caller, site: str) -> date:
        """The site's day."""
        ...

    async def closed_period(self, caller: Caller, site: str, day: date) -> str:
        """Name of the fiscal period of that day where it is closed in every ledger seen; empty otherwise."""
        ...


async def day_at(tx: ReadTransaction, site: str) -> date | None:
    """The site's day by its data and its clocks; None where the caller sees no such site."""
    found = await tx.fetch(
        "select (coalesce(as_of, now()) at time zone time_zone)::date from erp.site where site = %(site)s",
        {"site": site},
    )
    for (day,) in found.rows:
        assert isinstance(day, date), "a column of dates"
        return day
    return None


class StorePeople:
    """People and calendars as the operational store has them."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def person(self, subject: str) -> Caller | None:
        """The person as they are now; None where nobody active has that subject."""
        try:
            return await self._store.caller(subject)
        except RecordNotFound:
            return None

    async def substitute(self, subject: str, acting_for: str) -> Caller | None:
        """The person with the roles of the one they stand in for; None where they do so no more."""
        person = await self.person(subject)
        if person is None:
            return None
        async with self._store.reading(person) as tx:
            found = await tx.fetch(
                "select roles, sites from app.stands_in_for() where subject = %(principal)s",
                {"principal": acting_for},
            )
        for roles, sites in found.rows:
            assert isinstance(roles, list), "a column of codes"
            assert isinstance(sites, list), "a column of codes"
            return replace(person, roles=frozenset(roles), sites=person.sites & frozenset(sites))
        return None

    async def business_date(self, caller: Caller, site: str) -> date:
        """The day of the site's data where it has one of its own, as in a demo; otherwise today there."""
        async with self._store.reading(caller) as tx:
            return await day_at(tx, site) or datetime.now(UTC).date()

    async def closed_period(self, caller: Caller, site: str, day: date) -> str:
        """Name of the fiscal period of that day where it is closed in every ledger seen; empty otherwise."""
        async with self._store.reading(caller) as tx:
            found = await tx.fetch(
                "select min(period) from erp.fiscal_period where site = %(site)s"
                " and %(day)s between starts_on and ends_on having bool_and(status = 'closed')",
                {"site": site, "day": day},
            )
        return str(found.rows[0][0]) if found.rows and found.rows[0][0] is not None else ""

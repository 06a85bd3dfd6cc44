"""The sites that a person may see, each with its rules in force and what awaits a decision."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from erp_adapters.store.calendars import FiscalCalendar
from erp_adapters.store.rulebook import RulesVersion, rules_versions
from erp_adapters.store.session import ReadTransaction


@dataclass(frozen=True, slots=True)
class Site:
    """One site as it was last loaded."""

    code: str
    name: str
    country: str | None
    time_zone: str
    currency: str
    unit_system: str
    as_of: datetime | None
    fiscal_calendar: str
    """How its fiscal periods run, in a word."""
    rules: RulesVersion | None
    """Those in force."""
    proposed: tuple[int, ...]
    """Versions of its rules that await a decision."""


_SITES = """
select s.site, s.name, s.country, s.time_zone, s.currency, s.unit_system, s.as_of,
       (select min(c.fiscal_calendar) from erp.company c where c.site = s.site)
from erp.site s order by s.site
"""


async def sites(tx: ReadTransaction) -> tuple[Site, ...]:
    """Every site in the caller's scope that something was loaded for, by code."""
    versions = await rules_versions(tx)
    return tuple(_site(row, versions) for row in (await tx.fetch(_SITES)).rows)


def _site(row: Sequence[object], versions: Sequence[RulesVersion]) -> Site:
    code, name, country, zone, currency, units, as_of, calendar = row
    own = [version for version in versions if version.site == code]
    approved = next((version for version in own if version.status == "approved"), None)
    fiscal = approved.rules.calendar if approved else None
    return Site(
        code=str(code),
        name=str(name),
        country=None if country is None else str(country),
        time_zone=str(zone),
        currency=str(currency),
        unit_system=str(units),
        as_of=as_of if isinstance(as_of, datetime) else None,
        fiscal_calendar=_in_a_word(fiscal) if fiscal else _WORDS.get(str(calendar), str(calendar or "")),
        rules=approved,
        proposed=tuple(version.version for version in own if version.status == "proposed"),
    )


_WORDS = {"calendar": "calendar months"}


def _in_a_word(calendar: FiscalCalendar) -> str:
    if calendar.kind != "months":
        return calendar.kind
    return "calendar months" if calendar.first_month == 1 else f"months from {calendar.first_month}"

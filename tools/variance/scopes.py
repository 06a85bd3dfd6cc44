"""Which companies, accounts and cost centres an explanation is of, by whatever name they were asked for."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace

from tools.errors import ToolError
from tools.languages import said
from tools.languages.forms import joined
from tools.ledger import below_account_on, below_company
from tools.naming import Kind, Thing, all_sites, one, site_of
from tools.presenting import several
from tools.registry import ToolContext
from tools.rows import Queries
from tools.variance.ledger import Place, place_of

_NAMED = 4
_CURRENCIES = "select currency as code from erp.site group by 1 order by count(*) desc, 1"
_COMPANY_NAMES = """
select c.company, c.name, exists (
           select from erp.ledger_period l where l.site = c.site and l.company = c.company) as has_ledger
from erp.company c where c.site = %(site)s and c.company = any(%(ids)s) order by 1
"""
_BELOW_CENTRE = """
with recursive below(id) as (
    select %(top)s::text
    union select c.cost_centre_id from erp.cost_centre c join below on c.parent_id = below.id
    where c.site = %(site)s
) select id from below
"""


@dataclass(frozen=True, slots=True)
class _Code:
    code: str


@dataclass(frozen=True, slots=True)
class _Company:
    company: str
    name: str
    has_ledger: bool


@dataclass(frozen=True, slots=True)
class _Id:
    id: str


@dataclass(frozen=True, slots=True)
class Places:
    """The companies that are meant, and what they are called together."""

    places: tuple[Place, ...]
    name: str
    notes: tuple[str, ...] = ()


async def places_meant(
    queries: Queries,
    context: ToolContext,
    *,
    site: str | None,
    further: Sequence[str],
    company: str | None,
    group: bool,
) -> Places:
    """The companies meant: one plant's, several plants', one company with those below it, or all.

    Raises:
        ToolError: one of them is not there, or not the caller's to see; or none is named of several.
    """
    if company is not None:
        return await _of_company(queries, context, company, site)
    sites = {each.site: each for each in await all_sites(context.tx)}
    if group:
        if not sites:
            raise ToolError(said("no plant that you may see"))
        codes = list(sites)
    else:
        named = [site, *further] if site is not None else list(further)
        known = [await site_of(context.tx, each) for each in named]
        codes = list(dict.fromkeys(each for each in known if each is not None))
        if not codes and len(sites) == 1:
            codes = list(sites)
        if not codes:
            listed = ", ".join(each.name for each in sites.values())
            raise ToolError(said("name the plant: [[sites]]", sites=listed))
    places = tuple([await place_of(queries, code) for code in codes])
    if group and len(places) == 1:
        note = said("Of the group you may see [[site]] alone: this is its cost.", site=places[0].name)
        return Places(places, places[0].name, (note,))
    if group:
        return Places(places, said("the group"))
    names = [each.name for each in places]
    return Places(places, joined(names) if len(names) <= _NAMED else several(names))


async def _of_company(queries: Queries, context: ToolContext, company: str, site: str | None) -> Places:
    named = await one(context.tx, Kind.COMPANY, company, site)
    home = await place_of(queries, named.thing.site)
    ids = await below_company(queries, named.thing)
    asked = {"site": named.thing.site, "ids": ids}
    found = await queries.rows(_Company, _COMPANY_NAMES, asked)
    # Companies that only hold others together keep no books, and are no gap in the sum.
    kept = [each for each in found if each.has_ledger] or found
    places = tuple(replace(home, company=each.company, name=each.name) for each in kept)
    return Places(places, named.thing.name, named.caveats)


async def currency_meant(
    queries: Queries, context: ToolContext, text: str | None, places: Sequence[Place]
) -> tuple[str, bool]:
    """The currency asked for, and True; or the one that most sites keep their books in, and False."""
    if text is None:
        found = await queries.rows(_Code, _CURRENCIES)
        return found[0].code, False
    if re.fullmatch(r"[A-Za-z]{3}", text):
        return text.upper(), True
    return (await one(context.tx, Kind.CURRENCY, text, places[0].site)).thing.id, True


async def below_centre(queries: Queries, centre: Thing) -> tuple[str, ...]:
    """Ids of a cost centre and of all below it."""
    found = await queries.rows(_Id, _BELOW_CENTRE, {"site": centre.site, "top": centre.id})
    return tuple(each.id for each in found)


async def at_each_site(
    context: ToolContext,
    kind: Kind,
    text: str | None,
    sites: Sequence[str],
    members: Callable[[Thing], Awaitable[Sequence[str]]],
) -> tuple[dict[str, frozenset[str]] | None, tuple[str, ...]]:
    """What is called so at each of the sites, with what is below it; None where nothing was named.

    Raises:
        ToolError: it is called so at none of them.
    """
    if text is None:
        return None, ()
    found: dict[str, frozenset[str]] = {}
    notes: list[str] = []
    last: ToolError | None = None
    for site in dict.fromkeys(sites):
        try:
            named = await one(context.tx, kind, text, site)
        except ToolError as unnamed:
            last = unnamed
            continue
        found[site] = frozenset(await members(named.thing))
        notes += named.caveats
    if not found and last is not None:
        raise last
    return found, tuple(dict.fromkeys(notes))


__all__ = ["Places", "at_each_site", "below_account_on", "below_centre", "currency_meant", "places_meant"]

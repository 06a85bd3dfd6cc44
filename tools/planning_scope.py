"""Whose materials a planning question is about: a site's, a product's, a controller's, or one's own."""

from __future__ import annotations

from dataclasses import dataclass

from erp_adapters.caller import Caller
from tools.errors import ToolError
from tools.languages import said
from tools.naming import Kind, Site, Thing, all_sites, one, site_of
from tools.rows import Queries
from tools.structures import lines_below

Key = tuple[str, str]
"""Site and id of a material."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Which materials a question is about."""

    site: Site | None
    materials: frozenset[Key] | None
    """None for all of the site or of all sites."""
    words: tuple[str, ...]
    """What was chosen, for the reading."""
    notes: tuple[str, ...]


async def scope_of(
    queries: Queries,
    *,
    site: str | None,
    material: str | None = None,
    product: str | None = None,
) -> Scope:
    """The site and the materials that are named.

    Raises:
        ToolError: a name fits none or several.
    """
    code = await site_of(queries.tx, site)
    sites = {each.site: each for each in await all_sites(queries.tx)}
    if not sites:
        raise ToolError(said("no site is open to you, so there is nothing to plan"))
    at = sites[code] if code else next(iter(sites.values())) if len(sites) == 1 else None
    if material is not None:
        named = await one(queries.tx, Kind.MATERIAL, material, code)
        words = (said("for [[thing]]", thing=named.thing),)
        return Scope(sites[named.thing.site], frozenset({_key(named.thing)}), words, named.caveats)
    if product is not None:
        named = await one(queries.tx, Kind.MATERIAL, product, code)
        where = sites[named.thing.site]
        lines = await lines_below(queries, where.site, named.thing.id, where.today)
        parts = {(where.site, line.component_id) for line in lines}
        words = (said("for [[thing]] and all parts in it", thing=named.thing),)
        return Scope(where, frozenset({_key(named.thing), *parts}), words, named.caveats)
    return Scope(at, None, (), ())


def _key(thing: Thing) -> Key:
    return thing.site, thing.id


async def controllers_of(queries: Queries, caller: Caller) -> tuple[str, ...]:
    """The MRP controller codes of the caller."""
    found = await queries.tx.fetch(
        "select mrp_controllers from erp.person where subject = %(subject)s", {"subject": caller.subject}
    )
    codes = found.rows[0][0] if found.rows else []
    return tuple(sorted(map(str, codes))) if isinstance(codes, list) else ()


def place(scope: Scope) -> str:
    """The site for a reading."""
    return said("at [[site]]", site=scope.site.site) if scope.site else said("at all sites")

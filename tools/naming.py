"""The one material, supplier, account or the like that a person means, or a question back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import Enum

from erp_adapters.store.session import ReadTransaction
from tools.errors import ToolError
from tools.languages import said
from tools.matching import Fit, Match, fitting, meant
from tools.metrics.sites import SITES
from tools.presenting import several
from tools.rows import rows

_OFFERED = 5
_NAME_CHARACTERS = 80
"""Longest name inside a reading or a caveat, which a language model reads as ours."""
_PREFIXES = ("id", "code", "name")


@dataclass(frozen=True, slots=True)
class Thing:
    """Something of a site that has a name."""

    site: str
    id: str
    code: str
    name: str

    def __str__(self) -> str:
        name = self.name if len(self.name) <= _NAME_CHARACTERS else f"{self.name[: _NAME_CHARACTERS - 1]}…"
        return f"{name} ({self.code or self.id})"


@dataclass(frozen=True, slots=True)
class Site:
    """A site with its own business today."""

    site: str
    name: str
    currency: str
    today: date


@dataclass(frozen=True, slots=True)
class _Kind:
    noun: str
    table: str
    id: str
    code: str = "''"
    name: str = "name"


class Kind(Enum):
    """Kinds of things that people name in a question."""

    MATERIAL = _Kind("material", "material", "material_id", "number")
    SUPPLIER = _Kind("supplier", "supplier", "supplier_id", "coalesce(number, '')")
    ACCOUNT = _Kind("account", "account", "account_id", "coalesce(code, '')")
    COMPANY = _Kind("company", "company", "company")
    COST_CENTRE = _Kind("cost centre", "cost_centre", "cost_centre_id")
    CURRENCY = _Kind("currency", "currency", "currency")

    @property
    def noun(self) -> str:
        """What people call such a thing."""
        return self.value.noun

    @property
    def record(self) -> str:
        """The canonical record that holds such things."""
        return self.value.table


class Unnamed(ToolError):
    """Nothing is called so; the message lists what is near."""


@dataclass(frozen=True, slots=True)
class Named:
    """The one thing that a text names."""

    thing: Thing
    caveats: tuple[str, ...]
    """Says what was taken for what, where the text was not the thing's id, code or name."""


async def site_of(tx: ReadTransaction, text: str | None) -> str | None:
    """Code of the site that the text names; None where it names none.

    Raises:
        ToolError: the caller sees no such site.
    """
    if text is None:
        return None
    sites = await all_sites(tx)
    found = meant(fitting(text, [Thing(site.site, site.site, "", site.name) for site in sites]))
    if len(found) != 1:
        known = ", ".join(f"{site.site} ({site.name})" for site in sites) or said("none")
        raise ToolError(
            said("no site [[asked]] that you may see; there is [[known]]", asked=repr(text), known=known)
        )
    return found[0].thing.site


async def all_sites(tx: ReadTransaction) -> list[Site]:
    """The sites that the caller sees, by code."""
    return await rows(tx, Site, SITES)


async def site_by_code(tx: ReadTransaction, code: str) -> Site:
    """The site of a thing that was found there."""
    return next(site for site in await all_sites(tx) if site.site == code)


async def candidates(
    tx: ReadTransaction, kind: Kind, text: str, site: str | None = None
) -> list[Match[Thing]]:
    """Everything that the text may mean, best first; the exact ones alone where there are any."""
    only, wanted = _prefixed(text)
    things = await _things(tx, kind, site)
    if only:
        return [Match(thing, Fit.EXACT, 100.0) for thing in things if getattr(thing, only) == wanted]
    return fitting(wanted, things)


async def called(tx: ReadTransaction, kind: Kind, text: str, site: str | None = None) -> list[Match[Thing]]:
    """As `candidates`; those alone whose id, code or name is the text as it stands, where there are any."""
    # Most texts are one: found without reading everything that there is and comparing it.
    return await _exactly(tx, kind, text, site) or await candidates(tx, kind, text, site)


async def one(tx: ReadTransaction, kind: Kind, text: str, site: str | None = None) -> Named:
    """The one thing that the text names.

    Raises:
        Unnamed, ToolError: none fits, or several do; the message lists up to five that may have been meant.
    """
    found = await called(tx, kind, text, await site_of(tx, site))
    taken = meant(found)
    if len(taken) == 1:
        thing = taken[0].thing
        return Named(thing, () if taken[0].fit is Fit.EXACT else (taken_for(text, thing),))
    raise (ToolError if taken else Unnamed)(_question(kind, text, taken, found))


def taken_for(text: str, thing: Thing) -> str:
    """Says what was taken for what."""
    return said("Took [[asked]] to mean [[thing]].", asked=repr(text), thing=thing)


def _question(kind: Kind, text: str, taken: list[Match[Thing]], found: list[Match[Thing]]) -> str:
    asked = repr(text)
    if not taken:
        near = ", ".join(str(match.thing) for match in found[:_OFFERED])
        unknown = said("no [[noun]] is called [[asked]]", noun=said(kind.noun), asked=asked)
        return said("[[unknown]]; the nearest are [[near]]", unknown=unknown, near=near) if near else unknown
    things = [match.thing for match in taken]
    if len({thing.id for thing in things}) == 1:
        sites = ", ".join(thing.site for thing in things)
        return said("[[thing]] is kept at [[sites]]; name the site", thing=things[0], sites=sites)
    several_sites = len({thing.site for thing in things}) > 1
    question = said(
        "[[asked]] may mean several [[things]]: [[listed]]",
        asked=asked,
        things=said(_plural(kind.noun)),
        listed=several([_told(thing, several_sites) for thing in things], _OFFERED),
    )
    if taken[0].fit is not Fit.EXACT:
        return question
    return said("[[question]]; write id:... or code:... to say which", question=question)


def _told(thing: Thing, with_site: bool) -> str:
    """A thing with all that tells it from others of its name."""
    by = [said("id [[id]]", id=thing.id)]
    by += [said("code [[code]]", code=thing.code)] if thing.code else []
    by += [said("site [[site]]", site=thing.site)] if with_site else []
    return f"{thing.name} ({', '.join(by)})"


def _plural(noun: str) -> str:
    return f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"


def _prefixed(text: str) -> tuple[str, str]:
    prefix, separator, rest = text.partition(":")
    return (prefix, rest.strip()) if separator and prefix in _PREFIXES and rest.strip() else ("", text)


async def _exactly(tx: ReadTransaction, kind: Kind, text: str, site: str | None) -> list[Match[Thing]]:
    of = kind.value
    same = " or ".join(f"lower({column}) = lower(%(text)s)" for column in (of.id, of.code, of.name))
    return [Match(thing, Fit.EXACT, 100.0) for thing in await _things(tx, kind, site, f"({same})", text)]


async def _things(
    tx: ReadTransaction, kind: Kind, site: str | None, condition: str = "true", text: str = ""
) -> list[Thing]:
    of = kind.value
    found = await tx.fetch(
        f"select site, {of.id}, {of.code}, {of.name} from erp.{of.table}"
        f" where (%(site)s::text is null or site = %(site)s) and {condition}"
        f" order by {of.name}, {of.id}, site",
        {"site": site, "text": text},
    )
    return [Thing(*map(str, cells)) for cells in found.rows]

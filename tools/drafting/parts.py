"""What every drafting tool does alike: find its subject, say how old the data is, make the draft."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, TypeAlias

from pydantic import Field, ValidationError

from erp_adapters.store.freshness import freshness
from policies.drafts.parts import FactVersion, Freshness
from policies.facts import fact_versions
from tools.arguments import Text
from tools.data_findings import finding_caveats
from tools.drafting.names import seen
from tools.errors import ToolError
from tools.languages import said, speaking
from tools.matching import nearest
from tools.naming import Kind, Named, Site, Thing, Unnamed, all_sites, one, site_by_code, site_of, taken_for
from tools.rows import Queries

_CODE = 4
"""Letters up to which a text is a code: a slip in one is another site."""
_OFFERED = 5
Fact: TypeAlias = tuple[str, tuple[str, ...]]
"""Record and key of something that a draft relies on."""

Asked: TypeAlias = Annotated[
    Decimal,
    Field(
        gt=0,
        lt=Decimal("1e14"),
        max_digits=20,
        decimal_places=6,
        allow_inf_nan=False,
        description="How much, as the person said it, in `unit`; a plain decimal above zero.",
    ),
]
UnitName: TypeAlias = Annotated[
    Text | None,
    Field(description="The unit that the person named ('kg', 'pieces'); the material's own if left out."),
]
NoLater: TypeAlias = Annotated[
    bool,
    Field(
        description="True where the person gave the day as the last one that will do ('by', 'until',"
        " 'before', 'no later than'): if nobody works on it, the working day before is taken."
    ),
]
DraftSite: TypeAlias = Annotated[
    Text | None,
    Field(description="Code or name of the site that it is for; needed where the person sees several."),
]


@dataclass(frozen=True, slots=True)
class Subject:
    """The one material at the one site that a draft is about."""

    site: Site
    named: Named
    asked_site: str = ""
    """The site as it was said; empty where it was not."""

    @property
    def misspelt(self) -> tuple[str, ...]:
        """Says which site was taken to be meant, where it was not written as it is."""
        same = (self.site.site.casefold(), self.site.name.casefold(), "")
        if self.asked_site.casefold() in same:
            return ()
        return (f"Took {self.asked_site!r} to mean {self.site.name} ({self.site.site}).",)

    @property
    def key(self) -> tuple[str, str]:
        return self.site.site, self.named.thing.id


async def subject_of(queries: Queries, material: str, site: str | None, *, bought: bool = False) -> Subject:
    """The material at the site.

    Args:
        bought: True where it is to be bought: of an unknown one, what the site buys is named first.

    Raises:
        ToolError: either is unknown or could be several; the message says what there is.
    """
    sites = await all_sites(queries.tx)
    if not sites:
        raise ToolError(said("no site is open to you, so nothing can be drafted"))
    code = await site_said(queries, site) if site else None
    if code is None and len(sites) == 1:
        code = sites[0].site
    try:
        found = await one(queries.tx, Kind.MATERIAL, material, code)
    except Unnamed as unknown:
        near = await _bought(queries, material, code) if bought else ""
        if not near:
            raise
        text = "no material is called [[asked]]; the nearest that can be bought are [[near]]"
        raise ToolError(said(text, asked=repr(material), near=near)) from unknown
    return Subject(await site_by_code(queries.tx, found.thing.site), found, site or "")


async def site_said(queries: Queries, text: str) -> str:
    """Code of the site that was named; one that is misspelt may be meant, but never another code.

    Raises:
        ToolError: the person sees no such site.
    """
    sites = await all_sites(queries.tx)
    exact = [one for one in sites if text.casefold() in (one.site.casefold(), one.name.casefold())]
    if len(exact) == 1:
        return exact[0].site
    if len(text) <= _CODE:
        known = ", ".join(f"{one.site} ({one.name})" for one in sites) or said("none")
        raise ToolError(
            said("no site [[asked]] that you may see; there is [[known]]", asked=repr(text), known=known)
        )
    found = await site_of(queries.tx, text)
    assert found is not None
    return found


async def _bought(queries: Queries, text: str, site: str | None) -> str:
    """What is bought at the site and like the text, each with its number first."""
    found = await queries.tx.fetch(
        "select min(m.site), min(m.material_id), m.number, m.name from erp.material m"
        " join erp.site s on s.site = m.site where (%(site)s::text is null or m.site = %(site)s)"
        " and m.is_made is not true and m.number is not null and (m.discontinued_on is null"
        " or m.discontinued_on > (coalesce(s.as_of, now()) at time zone s.time_zone)::date)"
        " group by m.number, m.name",
        {"site": site},
    )
    things = nearest(text, [Thing(*map(str, cells)) for cells in found.rows], _OFFERED)
    return ", ".join(f"{thing.code} ({thing.name})" for thing in things)


async def relied_on(queries: Queries, site: str, facts: Sequence[Fact]) -> tuple[FactVersion, ...]:
    """Versions of the records, each once, in their order."""
    return await fact_versions(queries.tx, [(record, site, key) for record, key in dict.fromkeys(facts)])


async def category_of(queries: Queries, subject: Subject) -> str:
    """The material's category, which limits go by; empty where it has none."""
    site, material = subject.key
    found = await queries.tx.fetch(
        "select coalesce(category, '') from erp.material"
        " where site = %(site)s and material_id = %(material)s",
        {"site": site, "material": material},
    )
    return str(found.rows[0][0])


async def ages(queries: Queries, sites: Sequence[str]) -> tuple[tuple[Freshness, ...], tuple[str, ...]]:
    """How old the data of the sites is, and a sentence for each source that should be younger."""
    found = [one for one in await freshness(queries.tx) if one.site in sites]
    queries.note("latest load of each source of the site")
    told = tuple(
        Freshness(
            system=one.source_system,
            site=one.site,
            data_as_of=one.data_as_of.date() if one.data_as_of else None,
            loaded_at=one.loaded_at,
        )
        for one in found
    )
    stale = tuple(
        f"A later load of {one.source_system} at {one.site} failed: the data is older than it should be."
        for one in found
        if one.failed_at
    )
    return told, stale


async def doubts(queries: Queries, subject: Subject, asked: str) -> tuple[str, ...]:
    """What was taken for the material, and open findings about it: cards are written in English."""
    with speaking("en"):
        found = await finding_caveats(queries, "material", subject.named.thing)
        return (*subject.misspelt, *taken(subject.named, asked), *found)


def taken(named: Named, asked: str) -> tuple[str, ...]:
    """Says what was taken for what, in English, where the text was not the thing's id, code or name."""
    with speaking("en"):
        return (taken_for(asked, named.thing),) if named.caveats else ()


@contextmanager
def fit_to_show() -> Iterator[None]:
    """Makes drafts within.

    Raises:
        ToolError: a name or text in one cannot be shown as it is; the message says which and what to do.
    """
    try:
        yield
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"] if not isinstance(part, int))
        reason = str(first["msg"]).removeprefix("Value error, ")
        raise ToolError(
            said(
                "the draft cannot be made: [[place]] is not fit to be shown ([[reason]]); have it corrected",
                place=f"{place or said('a value')} {seen(str(first['input']))!r}",
                reason=reason,
            )
        ) from error

"""The work centres, lines, assets and shifts that a disturbance may name, and the one that a text means."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from erp_adapters.store.session import ReadTransaction
from tools.errors import ToolError
from tools.languages import said
from tools.matching import Match, fitting, meant, nearest
from tools.naming import site_of

_OFFERED = 6
_PLACES = """
select site, 'work_centre', work_centre_id, name, array[work_centre_id] from erp.work_centre
union all
select site, 'line', line, line, array_agg(work_centre_id order by work_centre_id) from erp.work_centre
where coalesce(line, '') <> '' group by site, line
union all
select site, 'asset', asset_id, name, array[work_centre_id] from erp.asset where work_centre_id is not null
union all
select site, 'shift', shift_id, name, array[]::text[] from erp.shift
"""


@dataclass(frozen=True, slots=True)
class Place:
    """Something of a shop floor that may stand still or be without people."""

    site: str
    kind: str
    id: str
    name: str
    centres: tuple[str, ...]
    """Ids of the work centres that stand still with it; none for a shift, which is of all."""

    @property
    def code(self) -> str:
        return self.id

    def __str__(self) -> str:
        return self.name if self.name == self.id else f"{self.name} ({self.id})"


class Ambiguous(ToolError):
    """Several places are called so; `places` has them, the likeliest first."""

    def __init__(self, message: str, places: Sequence[Place]) -> None:
        super().__init__(message)
        self.places = tuple(places)


async def places_of(tx: ReadTransaction, site: str | None) -> list[Place]:
    """Every place of a site, or of all sites that the caller sees."""
    found = (await tx.fetch(_PLACES)).rows
    return [
        Place(
            str(where),
            str(kind),
            str(id),
            str(name),
            tuple(map(str, centres if isinstance(centres, list) else ())),
        )
        for where, kind, id, name, centres in found
        if site is None or where == site
    ]


async def place_named(
    tx: ReadTransaction, text: str, site: str | None, kinds: Sequence[str] = ("work_centre", "line", "asset")
) -> tuple[Place, bool]:
    """The one place that a text means, and whether it is called exactly so.

    Raises:
        Ambiguous: several are called so.
        ToolError: none is; the message has the nearest.
    """
    code = await site_of(tx, site)
    places = [one for one in await places_of(tx, code) if one.kind in kinds]
    found = fitting(text, places)
    taken = _without_assets(meant(found))
    if len(taken) == 1:
        return taken[0].thing, taken[0].fit == max(match.fit for match in found) and taken[
            0
        ].similarity >= 100
    if taken:
        things = [match.thing for match in taken]
        listed = ", ".join(f"{one} {said('at [[site]]', site=one.site)}" for one in things[:_OFFERED])
        raise Ambiguous(
            said("[[asked]] may mean several: [[listed]]; which of them?", asked=repr(text), listed=listed),
            things,
        )
    near = nearest(text, places, _OFFERED)
    raise ToolError(
        said(
            "no work centre, line or asset is called [[asked]]; the nearest are [[near]]",
            asked=repr(text),
            near=", ".join(str(one) for one in near),
        )
        if near
        else said("no work centre, line or asset is called [[asked]]", asked=repr(text))
    )


def _without_assets(matches: list[Match[Place]]) -> list[Match[Place]]:
    """The matches without assets of a work centre that is among them: one stands still with the other."""
    centres = {(one.thing.site, one.thing.centres) for one in matches if one.thing.kind == "work_centre"}
    return [
        one
        for one in matches
        if one.thing.kind != "asset" or (one.thing.site, one.thing.centres) not in centres
    ]

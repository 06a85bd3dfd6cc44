"""Standard costs of a site's materials on any day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise

from tools.rows import Queries

_VERSIONS = """
select material_id, valid_from, valid_to, standard_cost as cost from erp.standard_cost_version
where site = %(site)s order by material_id, valid_from
"""
_HELD = """
select material_id, standard_cost as cost from erp.material
where site = %(site)s and standard_cost is not null
"""


@dataclass(frozen=True, slots=True)
class Version:
    """A standard cost with the days that it is valid on."""

    material_id: str
    valid_from: date
    valid_to: date | None
    cost: Decimal


@dataclass(frozen=True, slots=True)
class _Held:
    material_id: str
    cost: Decimal


class Standards:
    """What materials cost by standard; nothing is made up for those without one."""

    def __init__(self, versions: Iterable[Version], held: Iterable[tuple[str, Decimal]] = ()) -> None:
        self._versions: dict[str, list[Version]] = defaultdict(list)
        for each in versions:
            self._versions[each.material_id].append(each)
        self._held = dict(held)

    def on(self, material: str, day: date) -> Decimal | None:
        """The standard cost on a day; the one held now where no versions are kept; None without any."""
        versions = self._versions.get(material)
        if not versions:
            return self._held.get(material)
        valid = (v for v in versions if v.valid_from <= day and (v.valid_to is None or v.valid_to >= day))
        return next((each.cost for each in valid), None)

    def changes(self, first: date, last: date) -> list[Version]:
        """The versions that begin in a period and replace another."""
        return [
            later
            for versions in self._versions.values()
            for before, later in pairwise(versions)
            if first <= later.valid_from <= last and before.cost != later.cost
        ]


async def standards_of(queries: Queries, site: str) -> Standards:
    """The standard costs of a site's materials."""
    asked = {"site": site}
    versions = await queries.rows(Version, _VERSIONS, asked)
    held = await queries.rows(_Held, _HELD, asked)
    return Standards(versions, ((each.material_id, each.cost) for each in held))

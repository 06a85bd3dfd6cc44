"""Whether there is anything of what a query asks about: what was never loaded is not zero."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from erp_adapters.store.session import ReadTransaction
from tools.errors import NotRecorded
from tools.languages import said
from tools.languages.forms import joined
from tools.metrics.catalogue import Catalogue
from tools.metrics.labels import Labels
from tools.metrics.query import AnyTest, Filter, RelatedTest
from tools.metrics.sites import QuerySite


def related(tests: Sequence[Filter]) -> Iterator[str]:
    """Entities whose records a condition asks for, or asks to be missing."""
    for test in tests:
        match test:
            case RelatedTest():
                yield test.entity
                yield from related(test.where)
            case AnyTest():
                yield from related(test.of)


async def refuse_unloaded(
    entities: Sequence[str], catalogue: Catalogue, sites: Sequence[QuerySite], tx: ReadTransaction
) -> None:
    """Nothing where each entity has a record at one of the sites at least.

    Raises:
        NotRecorded: one has none; the message names it and the sites.
    """
    named = [name for name in entities if name != "site"]
    if not named or not sites:
        return
    found = await tx.fetch(
        "select "
        + ", ".join(
            f"exists (select 1 from erp.{catalogue.entity(name).table} where site = any(%(sites)s))"
            for name in named
        ),
        {"sites": [site.site for site in sites]},
    )
    for name, is_there in zip(named, found.rows[0], strict=True):
        if not is_there:
            places = joined([site.name for site in sites])
            raise NotRecorded(
                said(
                    "No [[things]] are loaded for [[places]].",
                    things=Labels(catalogue).plural(name),
                    places=places,
                )
            )

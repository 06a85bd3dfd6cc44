"""Business with companies of the group: left out of amounts over several sites, and said to be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from erp_adapters.store.session import ReadTransaction
from tools.languages import said
from tools.metrics.catalogue import Catalogue
from tools.metrics.query import Grouping, Measure, MetricQuery, NamedTest
from tools.metrics.sites import QuerySite
from tools.results import Table

Intercompany = Literal["", "included", "left_out", "only"]
_PARTNERS = ("customer", "supplier")
_CONDITION = "in_group"


def partner_of(entity: str, catalogue: Catalogue) -> str:
    """Customer or supplier that an entity's records are business with; empty where they are with nobody."""
    if catalogue.entity(entity).snapshot or not catalogue.entity(entity).default_date:
        return ""
    return next((name for name in _PARTNERS if catalogue.paths[entity].get(name)), "")


def intercompany_tests(asked: Intercompany, entity: str, catalogue: Catalogue) -> tuple[NamedTest, ...]:
    """The condition on an entity's records that leaves intercompany business out, or leaves nothing else."""
    partner = partner_of(entity, catalogue)
    if asked not in ("left_out", "only") or not partner:
        return ()
    return (NamedTest(entity=partner, condition=_CONDITION, negated=asked == "left_out"),)


def business_with_partners(query: MetricQuery, catalogue: Catalogue) -> tuple[Measure, ...]:
    """The measures of a query that are amounts of business with customers or suppliers."""
    return tuple(
        measure
        for measure in query.measures
        if measure.metric in catalogue.metrics
        and catalogue.metrics[measure.metric].kind == "money"
        and partner_of(catalogue.metrics[measure.metric].entity, catalogue)
    )


async def with_intercompany(
    query: MetricQuery, sites: Sequence[QuerySite], catalogue: Catalogue, tx: ReadTransaction
) -> MetricQuery:
    """The query with what it does about companies of the group: over several sites they are left out.

    A query that says it itself stays as it is, and so does one about sites that do no such business.
    """
    if query.intercompany or not business_with_partners(query, catalogue):
        return query
    found = await tx.fetch(_ANY, {"sites": [site.site for site in sites]})
    if not found.rows[0][0]:
        return query
    return query.model_copy(update={"intercompany": "left_out" if len(sites) > 1 else "included"})


def of_group(query: MetricQuery, catalogue: Catalogue) -> MetricQuery | None:
    """How much of a query's amounts is, or would have been, business with companies of the group."""
    measures = business_with_partners(query, catalogue)
    if query.intercompany not in ("left_out", "included") or not measures:
        return None
    return query.model_copy(
        update={
            "intercompany": "only",
            "measures": tuple(each.model_copy(update={"hidden": False}) for each in measures),
            "by": (Grouping(entity="site"),),
            "rows_of": "",
            "show": (),
            "having": (),
            "order": (),
            "limit": None,
            "extreme": False,
            "output": "rows",
        }
    )


def titled(table: Table, asked: Intercompany) -> Table:
    """The table of intercompany business under its title."""
    left_out = asked == "left_out"
    return replace(table, title=said("Intercompany, left out" if left_out else "Intercompany, included"))


def said_of(asked: Intercompany) -> str:
    """What an answer says of intercompany business; empty where it did nothing about it."""
    return said(_SAID[asked]) if asked in _SAID else ""


_ANY = """
select exists (select 1 from erp.supplier where group_company is not null and site = any(%(sites)s))
    or exists (select 1 from erp.customer where group_company is not null and site = any(%(sites)s))
"""
_SAID: dict[Intercompany, str] = {
    "left_out": "Business with companies of the group is left out; a table of its own says how much.",
    "included": "Business with companies of the group is included; a table of its own says how much.",
    "only": "Only business with companies of the group is counted.",
}

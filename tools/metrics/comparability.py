"""When figures of several sites cannot be set against each other, and why: a finding, not a footnote.

A metric of the catalogue names what has to be the same at the sites (`comparable`). Each of these is looked
up in the sites' own records, so that what is said holds for the sites that are asked about.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from erp_adapters.store.session import ReadTransaction
from tools.languages import said
from tools.languages.forms import joined
from tools.metrics.catalogue import Catalogue, Rule
from tools.metrics.labels import metric_label
from tools.metrics.query import DateTest, MetricQuery
from tools.metrics.sites import QuerySite
from tools.results import NotComparable, SiteBasis


@dataclass(frozen=True, slots=True)
class _Look:
    """How one rule finds what each site's figures rest on, and what is said where that differs."""

    sql: str
    """Site and what it has, as a text; a site about which nothing is known is left out."""
    reason: str
    words: bool = False
    """True where the texts are words of ours, which have a form in each language."""


_LOOKS: dict[Rule, _Look] = {
    "cost_year": _Look(
        "select s.name, to_char(max(v.valid_from), 'YYYY') from erp.site s"
        " join erp.standard_cost_version v on v.site = s.site and v.valid_from <= s.as_of::date"
        " where s.site = any(%(sites)s) group by s.site, s.name order by s.name",
        "standard costs are of different years: [[bases]]",
    ),
    "planned_time": _Look(
        "select s.name, case when sum(abs(c.planned_minutes - r.run_minutes * c.made))"
        " <= sum(abs(c.planned_minutes - coalesce(r.setup_minutes, 0) - r.run_minutes * c.made))"
        " then 'without set-up' else 'with set-up' end"
        " from erp.site s cross join lateral (select order_id, operation, planned_minutes,"
        " coalesce(good, 0) + coalesce(scrapped, 0) as made from erp.operation_confirmation"
        # Some confirmations tell how a site plans; all of them would take long.
        " where site = s.site and planned_minutes > 0 limit 300) c"
        " join erp.production_order o on o.site = s.site and o.order_id = c.order_id"
        " join erp.routing_operation r on r.site = s.site and r.material_id = o.material_id"
        " and r.operation = c.operation"
        " where s.site = any(%(sites)s) and r.run_minutes > 0"
        " group by s.site, s.name order by s.name",
        "planned times are defined otherwise: [[bases]]",
        words=True,
    ),
    "movements_from": _Look(
        "select s.name, to_char(min(m.moved_on), 'YYYY-MM') from erp.site s"
        " join erp.stock_movement m on m.site = s.site"
        " where s.site = any(%(sites)s) group by s.site, s.name order by s.name",
        "movements are recorded from different months on: [[bases]]",
    ),
    "fiscal_periods": _Look(
        "select s.name, case when bool_and(extract(day from p.starts_on) = 1)"
        " then 'calendar months' else 'weeks (4-4-5)' end from erp.site s"
        " join erp.fiscal_period p on p.site = s.site"
        " where s.site = any(%(sites)s) group by s.site, s.name order by s.name",
        "their periods are not the same days: [[bases]]",
        words=True,
    ),
    "inspected_share": _Look(
        "select s.name, case when sum(l.inspected) >= 0.95 * sum(o.ordered)"
        " then 'every piece' else 'samples' end from erp.site s"
        " join erp.quality_lot l on l.site = s.site"
        " join erp.production_order o on o.site = l.site and o.order_id = l.order_id"
        " where s.site = any(%(sites)s) and l.inspected > 0 and o.ordered > 0"
        " group by s.site, s.name order by s.name",
        "quality lots are inspected otherwise: [[bases]]",
        words=True,
    ),
}
WORDS = ("without set-up", "with set-up", "calendar months", "weeks (4-4-5)", "every piece", "samples")
"""What a site's basis may be, where that is a word of ours."""


async def not_comparable(
    query: MetricQuery, sites: Sequence[QuerySite], catalogue: Catalogue, tx: ReadTransaction
) -> tuple[NotComparable, ...]:
    """Each metric of a query whose figures at these sites are not comparable, with the reason."""
    if len(sites) < 2:
        return ()
    found = []
    for name, rule in _rules(query, catalogue):
        bases = await bases_of_sites(rule, [site.site for site in sites], tx)
        if bases:
            metric = metric_label(catalogue.metrics[name])
            found.append(NotComparable(metric, rule, reason(rule, bases), bases))
    return tuple(found)


async def bases_of_sites(rule: Rule, sites: Sequence[str], tx: ReadTransaction) -> tuple[SiteBasis, ...]:
    """What each site has, where that is not the same at all of them."""
    look = _LOOKS[rule]
    rows = (await tx.fetch(look.sql, {"sites": list(sites)})).rows
    bases = tuple(SiteBasis(str(site), str(basis)) for site, basis in rows if basis is not None)
    return bases if len({each.basis for each in bases}) > 1 else ()


def reason(rule: Rule, bases: Sequence[SiteBasis]) -> str:
    """`standard costs are of different years: 2026 at Kassel and Vienna and 2025 at Lyon`."""
    look = _LOOKS[rule]
    sites: dict[str, list[str]] = {}
    for one in bases:
        sites.setdefault(one.basis, []).append(one.site)
    each = [
        said("[[basis]] at [[site]]", basis=said(basis) if look.words else basis, site=joined(named))
        for basis, named in sites.items()
    ]
    return said(look.reason, bases=joined(each))


def because(finding: NotComparable) -> str:
    """The finding as a sentence."""
    return said(
        "Not comparable across sites ([[metric]]), because [[reason]].",
        metric=finding.metric,
        reason=finding.reason,
    )


def unranked(query: MetricQuery) -> MetricQuery:
    """The query without an order among sites; whoever asks for the best of them is shown all."""
    if not ranks_sites(query):
        return query
    return query.model_copy(update={"order": (), "limit": None, "extreme": False, "output": "rows"})


def ranks_sites(query: MetricQuery) -> bool:
    """True where the rows are sites in an order of their figures."""
    of_sites = any(each.entity == "site" or each.path.startswith("site.") for each in query.by)
    return bool(query.order) and (of_sites or query.rows_of == "site")


def _rules(query: MetricQuery, catalogue: Catalogue) -> Iterator[tuple[str, Rule]]:
    by_period = any(each.grain in ("month", "quarter") for each in query.by)
    by_period |= any(isinstance(test, DateTest) for test in query.where)
    named = dict.fromkeys(measure.metric for measure in query.measures)
    for name in [name for name in named if name in catalogue.metrics]:
        for rule in catalogue.metrics[name].comparable:
            # A year is the same days in weeks and in months, give or take the last of them.
            if rule != "fiscal_periods" or by_period:
                yield name, rule

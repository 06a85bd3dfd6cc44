"""What a careful colleague would add to a result: what is left out, not converted or not comparable."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from erp_adapters.store.session import ReadTransaction
from tools.languages import said
from tools.languages.forms import numeral
from tools.metrics.catalogue import Metric
from tools.metrics.compiler import Compiler
from tools.metrics.labels import Labels, metric_label
from tools.metrics.query import MetricQuery
from tools.metrics.sites import QuerySite
from tools.metrics.wording import Wording

MIXED = "mixed"
"""What the compiler says in place of a currency where amounts of several were added."""

_COUNTED = {
    "zero_cost_stock": (
        "select count(distinct s.material_id) from erp.stock s"
        " join erp.material m on m.site = s.site and m.material_id = s.material_id"
        " where coalesce(m.standard_cost, 0) = 0 and s.quantity <> 0 and s.site = any(%(sites)s)",
        "[[number]] stocked materials have a standard cost of zero and count as zero:"
        " the value understates the stock.",
    ),
    "zero_cost_scrap": (
        "select count(distinct w.material_id) from erp.production_order w"
        " join erp.material m on m.site = w.site and m.material_id = w.material_id"
        " where coalesce(m.standard_cost, 0) = 0 and w.scrapped > 0 and w.site = any(%(sites)s)",
        "[[number]] scrapped materials have a standard cost of zero and count as zero.",
    ),
    "no_info_record_lines": (
        "select count(*) from erp.purchase_line p"
        " join erp.purchase_order o on o.site = p.site and o.order_id = p.order_id"
        " left join erp.info_record i"
        " on i.site = p.site and i.material_id = p.material_id and i.supplier_id = o.supplier_id"
        " where i.material_id is null and p.site = any(%(sites)s)",
        "[[number]] purchase order lines have no info record of their vendor and are left out.",
    ),
}


class Caveats:
    """The caveats of one query over some sites."""

    def __init__(self, compiler: Compiler, query: MetricQuery, sites: Sequence[QuerySite]) -> None:
        self._compiler = compiler
        self._catalogue = compiler.catalogue
        self._query = query
        self._sites = sites

    async def said(self, tx: ReadTransaction, currencies: frozenset[str]) -> tuple[str, ...]:
        """All of them, each once.

        Args:
            currencies: what the amounts of the result are in.
        """
        found = []
        for metric in self._metrics():
            found += [*_noted(metric), *await self._counted(metric, tx)]
        found += self._of_firsts()
        found += self._of_currencies(currencies)
        found += self._of_sites()
        found += self._not_applied()
        for statement in self._compiler.left_out(self._query):
            found += statement.said((await tx.fetch(statement.sql, statement.parameters)).rows[0])
        return tuple(dict.fromkeys(found))

    def _metrics(self) -> list[Metric]:
        return [self._catalogue.metrics[each.metric] for each in self._query.measures if each.metric]

    async def _counted(self, metric: Metric, tx: ReadTransaction) -> list[str]:
        if metric.caveat not in _COUNTED:
            return []
        sql, text = _COUNTED[metric.caveat]
        number = (await tx.fetch(sql, {"sites": [site.site for site in self._sites]})).rows[0][0]
        return [said(text, number=numeral(str(number)))] if number else []

    def _of_firsts(self) -> Iterator[str]:
        if any(measure.aggregate in ("first", "last") for measure in self._query.measures):
            yield said("First and last are by date; of several values on one day the smallest is taken.")

    @staticmethod
    def _of_currencies(currencies: frozenset[str]) -> Iterator[str]:
        if MIXED in currencies:
            yield said("Amounts of ledgers in different currencies are added as posted, without conversion.")
        elif len(currencies) > 1:
            yield said("Each amount is in its own currency; they are not converted.")

    def _of_sites(self) -> Iterator[str]:
        if len(self._sites) > 1 and self._counts_shared():
            yield said("Each site's records are counted: what two sites both keep counts twice.")

    def _counts_shared(self) -> bool:
        """True where things are counted that several sites can have in common, such as suppliers."""
        if any(grouping.entity == "site" for grouping in self._query.by):
            return False
        counted = {measure.count_of for measure in self._query.measures}
        counted |= {metric.entity for metric in self._metrics() if metric.value == "count(*)"}
        if self._query.output == "count":
            counted.add(self._query.rows_of)
        named = [self._catalogue.entity(name) for name in counted - {"", "site"}]
        return any(entity.name not in ("", entity.key) for entity in named)

    def _not_applied(self) -> Iterator[str]:
        wording = Wording(self._catalogue)
        for test, entity in self._compiler.not_applied(self._query):
            yield said(
                "[[things]] are not limited by this condition: [[test]].",
                things=_capital(Labels(self._catalogue).plural(entity)),
                test=wording.test(test),
            )


def _noted(metric: Metric) -> Iterator[str]:
    if metric.note:
        yield said("[[metric]]: [[note]].", metric=_capital(metric_label(metric)), note=said(metric.note))
    if metric.comparability:
        yield f"{_capital(said(metric.comparability))}."


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]

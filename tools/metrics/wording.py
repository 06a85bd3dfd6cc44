"""A metric query in words, generated from the query alone: what a person checks a figure against.

Each phrase is a whole text with places, so that every language has its own order of words.
"""

from __future__ import annotations

from decimal import Decimal
from typing import assert_never

from tools.errors import QueryInvalid
from tools.languages import language, said
from tools.languages.forms import day_text, joined, listed, numeral
from tools.metrics.calculated import with_calculations
from tools.metrics.catalogue import Catalogue
from tools.metrics.conditions import value_of
from tools.metrics.converting import rate_kind
from tools.metrics.each import first_of_each
from tools.metrics.labels import Labels, grain_of, link, metric_label, role_of
from tools.metrics.periods import ended, started, within
from tools.metrics.query import (
    AnyTest,
    ContainsTest,
    DateTest,
    FieldTest,
    Filter,
    Grouping,
    Having,
    Measure,
    MetricQuery,
    NamedTest,
    NullTest,
    Operator,
    RateKind,
    RelatedTest,
    ValidTest,
    ValueTest,
)

_COMPARED: dict[Operator, str] = {
    "=": "[[left]] is [[right]]",
    "<>": "[[left]] is not [[right]]",
    "<": "[[left]] below [[right]]",
    "<=": "[[left]] at most [[right]]",
    ">": "[[left]] above [[right]]",
    ">=": "[[left]] at least [[right]]",
}
_AGGREGATES = {
    "sum": "total [[field]]",
    "average": "average [[field]]",
    "median": "median [[field]]",
    "minimum": "lowest [[field]]",
    "maximum": "highest [[field]]",
    "count_distinct": "number of different [[field]]",
    "first": "first [[field]]",
    "last": "last [[field]]",
}
_DERIVED = {
    "difference": "difference between [[one]] and [[other]]",
    "sum": "[[one]] plus [[other]]",
    "ratio": "[[one]] per [[other]]",
    "percent": "[[one]] in percent of [[other]]",
    "change_percent": "change in percent from [[other]] to [[one]]",
    "share_of_total": "share of total [[one]]",
}
_RATES: dict[RateKind, str] = {
    "average": "in [[currency]] at average rates of the day or month",
    "closing": "in [[currency]] at closing rates",
    "plan": "in [[currency]] at plan rates of each year",
    "constant": "in [[currency]] at constant plan rates",
}
_RATES_OF = "in [[currency]] at constant plan rates of [[year]]"
_INTERCOMPANY = {
    "included": "with intercompany",
    "left_out": "without intercompany",
    "only": "intercompany only",
}
_HEADINGS = (
    "[[things]]",
    "all [[things]]",
    "[[things]] in all",
    "different [[things]]",
    "all different [[things]]",
)
"""How a plan may word the heading of a count, in English."""


class Wording:
    """Words for queries against one catalogue."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._labels = Labels(catalogue)

    def query(self, query: MetricQuery) -> str:
        """`Scrapped quantity and scrap rate, by scrap reason, top 5 by scrapped quantity, all dates`."""
        return Wording(with_calculations(self._catalogue, query))._query(query)

    def _query(self, query: MetricQuery) -> str:
        parts = [self._subject(query)]
        if query.by:
            parts.append(said("by [[groups]]", groups=joined([self.grouping(each) for each in query.by])))
        parts += self._conditions(query)
        if query.having:
            tests = joined([self._having(test, query) for test in query.having])
            parts.append(said("with [[tests]]", tests=tests))
        parts += [self.test(test) for test in query.where if isinstance(test, DateTest)]
        parts += first_of_each(query, self._catalogue, self._name) or self._tail(query)
        parts += self._basis(query)
        if not self._dated(query) and self._has_dates(query):
            parts.append(said("all dates"))
        text = ", ".join(part for part in parts if part)
        return text[:1].upper() + text[1:]

    def _conditions(self, query: MetricQuery) -> list[str]:
        """`with stock below safety stock`, `where site is Kassel`: each as its words are made to be read."""
        tests = [test for test in query.where if not isinstance(test, DateTest)]
        phrases = [self.test(test) for test in tests if isinstance(test, NamedTest | RelatedTest)]
        clauses = [self.test(test) for test in tests if not isinstance(test, NamedTest | RelatedTest)]
        return [
            *([joined(phrases)] if phrases else []),
            *([said("where [[clauses]]", clauses=joined(clauses))] if clauses else []),
        ]

    def _subject(self, query: MetricQuery) -> str:
        measures = [self.measure(measure, query) for measure in query.measures if not measure.hidden]
        if not query.rows_of:
            return listed(measures)
        things = self._labels.plural(query.rows_of)
        if query.output == "count":
            if not measures:
                return said("number of [[things]]", things=things)
            counting = listed(measures)
            return said(
                "number of [[things]] (counting [[measures]] of each)", things=things, measures=counting
            )
        beside = measures + [self._path(path) for path in query.show]
        return (
            said("[[things]] with [[columns]]", things=things, columns=listed(beside)) if beside else things
        )

    def _tail(self, query: MetricQuery) -> list[str]:
        if query.output == "count":
            return [said("how many there are")] if query.by else []
        if not query.order:
            return [said("first [[number]]", number=query.limit)] if query.limit else []
        name = self._name(query.order[0].by, query)
        down = query.order[0].descending
        if query.output == "ties":
            text = (
                "the highest [[name]] and how many have it"
                if down
                else "the lowest [[name]] and how many have it"
            )
            return [said(text, name=name)]
        if query.extreme:
            return [said("highest [[name]], ties kept" if down else "lowest [[name]], ties kept", name=name)]
        if query.output == "top_share":
            return [said("share of the top [[number]] by [[name]]", number=query.limit, name=name)]
        if query.limit:
            text = (
                "top [[number]] by [[name]], ties kept"
                if down
                else "lowest [[number]] by [[name]], ties kept"
            )
            return [said(text, number=query.limit, name=name)]
        return [said("sorted by [[name]]", name=name)]

    def _basis(self, query: MetricQuery) -> list[str]:
        """`in EUR at constant plan rates of 2026`, `without intercompany`."""
        parts = []
        if query.currency:
            kind = rate_kind(query, self._catalogue)
            year = query.rates_of
            text = _RATES_OF if kind == "constant" and year else _RATES[kind]
            parts.append(said(text, currency=query.currency, year=str(year or "")))
        if query.intercompany:
            parts.append(said(_INTERCOMPANY[query.intercompany]))
        return parts

    def _dated(self, query: MetricQuery) -> bool:
        tests = [*query.where, *(test for measure in query.measures for test in measure.where)]
        return any(isinstance(test, DateTest) for test in tests)

    def _has_dates(self, query: MetricQuery) -> bool:
        for measure in query.measures:
            entity = self._catalogue.metrics[measure.metric].entity if measure.metric else measure.count_of
            if entity and self._catalogue.entity(entity).default_date and entity != "material":
                return True
        return False

    def measure(self, measure: Measure, query: MetricQuery, within: tuple[str, ...] = ()) -> str:
        """What one measure is, in words.

        Args:
            measure: one of the query.
            query: whose measures it may be calculated from.
            within: names of the measures that it is part of.

        Raises:
            QueryInvalid: it is calculated from itself.
        """
        if measure.derive:
            return self._derived(measure, query, within)
        if measure.metric:
            words = metric_label(self._catalogue.metrics[measure.metric])
        elif measure.count_of:
            words = said("number of [[things]]", things=self._labels.plural(measure.count_of))
        else:
            words = said(_AGGREGATES[measure.aggregate], field=self._path(measure.field))
        if not measure.where:
            return words
        tests = joined([self.test(test) for test in measure.where])
        return said("[[measure]] ([[tests]])", measure=words, tests=tests)

    def heading(self, measure: Measure, query: MetricQuery, within: tuple[str, ...] = ()) -> str:
        """What a measure is called: as its plan does, in the language spoken, or what it is in words."""
        if not measure.label:
            return self.measure(measure, query, within)
        return self.labelled(measure) or self.measure(measure, query, within)

    def labelled(self, measure: Measure) -> str:
        """The label that a plan gives a measure; empty where it has none in the language spoken.

        Plans are worded in English, whatever the language of their turn is.
        """
        if language() == "en":
            return measure.label
        if measure.derive:
            worded = said(measure.label)
            return worded if worded != measure.label else ""
        counted = measure.count_of or measure.field.split("/")[-1].partition(".")[0]
        if not counted:
            return ""
        plural = self._catalogue.entity(counted).plural
        text = next((text for text in _HEADINGS if text.replace("[[things]]", plural) == measure.label), None)
        return said(text, things=self._labels.plural(counted)) if text else ""

    def _derived(self, measure: Measure, query: MetricQuery, within: tuple[str, ...]) -> str:
        if measure.name in within:
            raise QueryInvalid(f"measure {measure.name!r} is calculated from itself")
        named = {other.name: other for other in query.measures}
        within += (measure.name,)
        of = [self.heading(named[name], query, within) for name in measure.of]
        return said(_DERIVED[measure.derive], one=of[0], other=of[-1])

    def grouping(self, grouping: Grouping) -> str:
        """What the rows are grouped by, in words."""
        if grouping.entity:
            return self._labels.grouped(grouping.entity, grouping.via)
        if grouping.path:
            return self._path(grouping.path)
        grain = grain_of(grouping.grain)
        if not grouping.role:
            return grain
        return said("[[grain]] ([[role]] date)", grain=grain, role=role_of(grouping.role))

    def test(self, test: Filter) -> str:
        """A filter in words."""
        match test:
            case ValueTest():
                return self._value(test)
            case ContainsTest():
                return said("[[left]] contains “[[text]]”", left=self._path(test.path), text=test.text)
            case NullTest():
                text = "[[field]] missing" if test.missing else "[[field]] present"
                return said(text, field=self._path(test.path))
            case FieldTest():
                return _compared(self._path(test.path), test.op, self._path(test.other))
            case NamedTest():
                label = self._labels.condition(test.entity, test.condition)
                label = said("not [[condition]]", condition=label) if test.negated else label
                return (
                    said("[[owner]] [[condition]]", owner=link(test.via), condition=label)
                    if test.via
                    else label
                )
            case DateTest():
                return self._period(test)
            case ValidTest():
                return said("valid on [[day]]", day=day_text(test.on))
            case RelatedTest():
                return self._related(test)
            case AnyTest():
                return f"({joined([self.test(part) for part in test.of], 'or')})"
            case _:
                assert_never(test)

    def _related(self, test: RelatedTest) -> str:
        thing, things = self._labels.singular(test.entity), self._labels.plural(test.entity)
        if test.at_least == 1:
            words = said("with no [[thing]]" if test.negated else "with at least 1 [[thing]]", thing=thing)
        else:
            text = (
                "with fewer than [[number]] [[things]]"
                if test.negated
                else "with at least [[number]] [[things]]"
            )
            words = said(text, number=test.at_least, things=things)
        inner = joined([self.test(part) for part in test.where])
        return said("[[measure]] ([[tests]])", measure=words, tests=inner) if inner else words

    def _value(self, test: ValueTest) -> str:
        entity, _, name = test.path.split("/")[-1].partition(".")
        field = self._catalogue.entity(entity).fields[name]
        if field.kind == "flag":
            holds = value_of(field, test.values[0]) == (test.op == "=")
            return said("[[flag]]" if holds else "not [[flag]]", flag=self._labels.field(entity, name))
        if test.label:
            thing = self._labels.singular(entity)
            if len(test.values) == 1:
                return _compared(thing, test.op, test.label)
            text = (
                "[[thing]] [[name]] with all below it"
                if test.op == "="
                else "[[thing]] not [[name]] with all below it"
            )
            return said(text, thing=thing, name=test.label)
        values = [_plain(value) for value in test.values]
        if test.op == "=" and len(values) > 1:
            return said("[[left]] any of [[values]]", left=self._path(test.path), values=", ".join(values))
        return _compared(self._path(test.path), test.op, joined(values, "or"))

    def _having(self, test: Having, query: MetricQuery) -> str:
        right = _plain(test.value) if test.value is not None else self._name(test.right or "", query)
        return _compared(self._name(test.left, query), test.op, right)

    def _name(self, name: str, query: MetricQuery) -> str:
        for measure in query.measures:
            if measure.name == name:
                return self.heading(measure, query)
        if "." in name:
            return self._path(name)
        if name.startswith("#"):
            return self.grouping(query.by[int(name[1:]) - 1])
        return name.replace("_", " ")

    def _path(self, path: str) -> str:
        *links, last = path.split("/")
        entity, _, name = last.partition(".")
        label = self._labels.field(entity, name)
        return said("[[owner]]'s [[field]]", owner=link(links[-1]), field=label) if links else label

    def _period(self, test: DateTest) -> str:
        if test.start and test.end:
            words = within(test.start, test.end)
        elif test.start:
            words = started(test.start)
        elif test.end:
            words = ended(test.end)
        else:
            return said("with a [[role]] date", role=role_of(test.role)) if test.role else said("with a date")
        return said("[[role]] [[period]]", role=role_of(test.role), period=words) if test.role else words


def _compared(left: str, op: Operator, right: str) -> str:
    return said(_COMPARED[op], left=left, right=right)


def _plain(value: str | Decimal | bool | None) -> str:
    return numeral(f"{value:f}") if isinstance(value, Decimal) else str(value)

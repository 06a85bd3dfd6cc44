"""What a metric rests on, such as budgets: in a period without any it has no value, which is not zero."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from erp_adapters.store.session import ReadTransaction
from tools.errors import NotRecorded
from tools.languages import said
from tools.languages.forms import day_text, joined, month_text
from tools.metrics.expressions import Source
from tools.metrics.measures import Measures
from tools.metrics.query import DateTest, Filter, Measure, MetricQuery, ValueTest
from tools.metrics.statement import checked
from tools.metrics.wording import Wording

_PLACES = ("site", "company")
"""Whose conditions say for whom there is a budget; those on accounts may well leave none."""

_EARLIER = "There is no [[what]] [[asked]]; it is recorded for earlier periods only."
_LATER = "There is no [[what]] [[asked]]; it is recorded for later periods only."
_OTHER = "There is no [[what]] [[asked]]; it is recorded for other periods only."


@dataclass(frozen=True, slots=True)
class BasisOf:
    """A statement that finds what one measure rests on: how much in its period, and from when to when."""

    measure: str
    called: str
    period: str
    """The period and the places asked for, in words."""
    place: str
    sql: str
    parameters: dict[str, object]
    month_grain: bool


def bases_of(measures: Measures) -> tuple[BasisOf, ...]:
    """One for each measure that rests on something."""
    return tuple(found for measure in measures.plain if (found := _of(measures, measure)) is not None)


def _of(measures: Measures, measure: Measure) -> BasisOf | None:
    metric = measures.catalogue.metrics.get(measure.metric)
    if metric is None or metric.basis is None:
        return None
    source = Source(measures.catalogue, metric.entity, "t")
    tests = [*measures.applicable(metric.entity), *measure.where]
    periods: list[Filter] = [test for test in tests if isinstance(test, DateTest)]
    places: list[Filter] = [test for test in tests if isinstance(test, ValueTest) and _is_place(test)]
    entity = measures.catalogue.entity(metric.entity)
    day = measures.conditions.date_field(source, (), metric.entity, entity.default_date)
    basis = source.expression(metric.basis.sql)
    within = measures.conditions.sql(periods, source) or "true"
    where = measures.conditions.sql(places, source)
    filtered = f"\nwhere {where}" if where else ""
    sql = (
        f"select count(*) filter (where ({basis}) and {within}),"
        f" min({day}) filter (where {basis}), max({day}) filter (where {basis}),"
        f" min({day}) filter (where {within}), max({day}) filter (where {within})\n"
        f"{source.from_clause()}{filtered}"
    )
    checked(sql)
    words = Wording(measures.catalogue)
    return BasisOf(
        measure.name,
        said(metric.basis.called),
        joined([words.test(test) for test in periods]),
        joined([said("where [[clauses]]", clauses=words.test(test)) for test in places]),
        sql,
        measures.parameters.values,
        entity.month_grain,
    )


def _is_place(test: ValueTest) -> bool:
    return test.path.split("/")[-1].partition(".")[0] in _PLACES


async def found_bases(query: MetricQuery, bases: Sequence[BasisOf], tx: ReadTransaction) -> tuple[str, ...]:
    """What has to be said of periods without what the measures rest on.

    Raises:
        NotRecorded: nothing that is asked for has anything to rest on; the message says whether there is
            earlier or later.
    """
    notes: list[str] = []
    missing: dict[str, str] = {}
    for basis in bases:
        number, first, last, earliest, latest = (await tx.fetch(basis.sql, basis.parameters)).rows[0]
        assert isinstance(number, int)
        if not number:
            when = _EARLIER if _before(last, earliest) else _LATER if _before(latest, first) else _OTHER
            missing[basis.measure] = _none(basis, when if first is not None else "")
        elif _before(earliest, first) or _before(last, latest):
            notes.append(
                said(
                    "[[what]] is recorded from [[first]] to [[last]] only; other months count without it.",
                    what=_capital(basis.called),
                    first=_day(first, basis),
                    last=_day(last, basis),
                )
            )
    shown = [measure for measure in query.measures if not measure.hidden]
    if missing and all(_rests_on(measure, query, missing) for measure in shown):
        raise NotRecorded(next(iter(missing.values())))
    return tuple(dict.fromkeys((*missing.values(), *notes)))


def _rests_on(measure: Measure, query: MetricQuery, missing: dict[str, str]) -> bool:
    named = {other.name: other for other in query.measures}
    parts: Iterator[Measure] = (named[name] for name in measure.of if name != measure.name)
    return measure.name in missing or any(_rests_on(part, query, missing) for part in parts)


def _none(basis: BasisOf, when: str) -> str:
    """Without a date: nothing that an answer without evidence says is a figure of the data."""
    if when:
        asked = " ".join(part for part in (basis.period, basis.place) if part)
        return said(when, what=basis.called, asked=asked)
    if basis.place:
        return said("No [[what]] is recorded [[place]].", what=basis.called, place=basis.place)
    return said("No [[what]] is recorded.", what=basis.called)


def _day(day: object, basis: BasisOf) -> str:
    assert isinstance(day, date)
    return month_text(day) if basis.month_grain else day_text(day)


def _before(one: object, other: object) -> bool:
    return isinstance(one, date) and isinstance(other, date) and one < other


def _capital(word: str) -> str:
    return word[:1].upper() + word[1:]

"""Which dates a question is about, and which periods it compares."""

from __future__ import annotations

from agents.models.embedded.assembly import Assembly, replace_measure
from tools.metrics.catalogue import Catalogue
from tools.metrics.query import AnyTest, DateTest, Grain, Grouping, Measure, ValidTest

_BY_THEMSELVES: tuple[Grain, ...] = ("year", "month", "day")


class PeriodTests:
    """Makes date conditions of the periods that a question names."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    def of(self, out: Assembly) -> list[DateTest]:
        """The periods, each on the date that it is about."""
        tests: list[DateTest] = []
        self._share_roles(out)
        shared = next(((entity, role) for _, entity, role in out.periods if role), ("", ""))
        validity = self._catalogue.entity(out.entity).validity
        for period, entity, role in out.periods:
            if validity and not role and period.grain == "day" and period.start:
                out.where.append(ValidTest(entity=out.entity, on=period.start))
                continue
            if not role and shared[1]:
                entity, role = shared
            tests.append(DateTest(entity=entity, role=role, start=period.start, end=period.end))
        return tests

    def _share_roles(self, out: Assembly) -> None:
        """A date role named for the groups holds for the period, and the other way round."""
        grouped = next((grouping for grouping in out.by if grouping.grain), None)
        named = out.role or (grouped.role if grouped else "")
        out.periods = [(period, entity, role or named) for period, entity, role in out.periods]
        if grouped and not grouped.role:
            role = out.role or next((role for _, entity, role in out.periods if role and not entity), "")
            if role in self._catalogue.entity(out.entity).dates:
                out.by[out.by.index(grouped)] = Grouping(grain=grouped.grain, role=role)

    def compare(self, out: Assembly, periods: list[DateTest]) -> list[DateTest]:
        """Sets periods side by side; returns those that still limit the whole."""
        if not out.compare and len(periods) < 2:
            return periods
        split = _ends(out, periods)
        if len(split) < 2 or out.rows_of:
            return periods
        grain = "year" if len(split) > len(periods) else _common_grain(out)
        if grain and not any(grouping.grain for grouping in out.by):
            out.by.append(Grouping(grain=grain, role=split[0].role))
        elif len(out.measures) == 1 and not out.measures[0].derive and len(split) == 2:
            out.measures = _change(out.measures[0], *split)
            return []
        out.where.append(AnyTest(of=tuple(split)))
        return []


def _change(base: Measure, earlier: DateTest, later: DateTest) -> list[Measure]:
    """A figure of either period, and their difference."""
    return [
        replace_measure(base, name="first_period", where=(*base.where, earlier)),
        replace_measure(base, name="second_period", where=(*base.where, later)),
        Measure(name="change", derive="difference", of=("second_period", "first_period"), label="change"),
    ]


def _ends(out: Assembly, periods: list[DateTest]) -> list[DateTest]:
    """`worse from 2023 to 2024` compares the two ends."""
    if len(periods) != 1 or not out.compare or not periods[0].start or not periods[0].end or out.by:
        return periods
    start, end = periods[0].start, periods[0].end
    if start.month == 1 and start.day == 1 and end.month == 12 and end.year == start.year + 1:
        first = periods[0].model_copy(update={"end": start.replace(month=12, day=31)})
        second = periods[0].model_copy(update={"start": end.replace(month=1, day=1)})
        return [first, second]
    return periods


def _common_grain(out: Assembly) -> Grain | None:
    """The grain by which periods can stand side by side."""
    periods = [period for period, _, _ in out.periods]
    grains = {period.grain for period in periods}
    for grain in _BY_THEMSELVES:
        if grains == {grain}:
            return grain
    years = {period.start.year for period in periods if period.start}
    if grains in ({"half"}, {"quarter"}) and len(years) == len(periods):
        return "year"
    return "quarter" if grains == {"quarter"} else None

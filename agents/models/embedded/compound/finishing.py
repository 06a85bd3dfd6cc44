"""The query of a draft: its rows are records, groups of them, or one row over all."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from agents.models.embedded.compound.draft import Column, Dated, Draft
from agents.models.embedded.compound.listing import NUMBERS, Listing
from agents.models.embedded.compound.pieces import Attribute, Figure, Record, Thing
from agents.models.embedded.compound.spans import bounds, either, overlap, said_once, together
from tools.metrics.catalogue import Catalogue
from tools.metrics.query import (
    DateTest,
    Filter,
    Grain,
    Grouping,
    Having,
    Measure,
    MetricQuery,
    NamedTest,
    Order,
    ValueTest,
)

_ADDED = ("quantity", "money", "count")
_UNADDED = (
    "unit_price", "standard_price", "standard_cost", "price", "last_price", "list_price", "unit_cost",
    "contract_price", "contract_gap", "last_order_price", "first_price", "info_price", "price_gap",
    "previous_cost", "cost_step", "plan_rate", "actual_rate", "rate_gap", "billed_price",
    "invoiced_price",
)  # fmt: skip
"""Money of a single piece, which is averaged."""
_OF_ENDS = frozenset({"late", "on_time", "early", "exactly_on_due"})
_GOOD_HIGH = "up"
_MOST_GROUPS = 4
_CURRENCY = "site.currency"
_GRAINS: dict[str, Grain] = {"month": "month", "quarter": "quarter", "year": "year"}
_SIDES = 2
"""Periods that stand side by side as columns; more are rows."""


class Finisher:
    """Makes queries of drafts."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._listing = Listing(catalogue)

    def query(self, draft: Draft) -> MetricQuery | None:
        """The query, or None where the draft asks for nothing that can be shown."""
        self._head(draft)
        self._part_of_them(draft)
        self._ungrouped(draft)
        self._doubt_dates(draft)
        currency = self._currency(draft)
        where = [test for test in draft.where if getattr(test, "path", "") != _CURRENCY]
        periods = self._periods(draft)
        if periods is None:
            return None
        limiting, sides = self._sides(draft, periods)
        where += limiting
        try:
            if self._lists(draft):
                return self._listing.query(draft, [*where, *either(sides)])
            table = self._table(draft, where, sides)
        except ValueError:
            return None
        if table is None or not currency or not any(map(self._is_money, table.measures)):
            return table
        return table.model_copy(update={"currency": currency, "rates": "closing"})

    def _currency(self, draft: Draft) -> str:
        """What amounts are converted to at closing rates; empty where nothing is said of these.

        Rates of another day than the end of what is asked for are nothing that a query converts at.
        """
        if not draft.at_closing:
            return ""
        named = [test for test in draft.where if isinstance(test, ValueTest) and test.path == _CURRENCY]
        values = {str(value) for test in named for value in test.values}
        ends = {dated.period.end for dated in draft.periods}
        fits = len(values) == 1 and all(day is None or day.end in ends for day in draft.at_closing)
        draft.doubts += 0.0 if fits else 1.0
        return values.pop() if fits else ""

    def _is_money(self, measure: Measure) -> bool:
        if measure.metric:
            return self._catalogue.metrics[measure.metric].kind == "money"
        entity, _, name = measure.field.rpartition("/")[2].partition(".")
        known = self._catalogue.entities.get(entity)
        return known is not None and name in known.fields and known.fields[name].kind == "money"

    # ── what the rows are ──
    def _numbered(self, draft: Draft) -> None:
        """A material is known by its number, which stands beside its name."""
        if any(grouping.entity == "material" for grouping in draft.by) and len(draft.by) < _MOST_GROUPS:
            draft.by.append(Grouping(path="material.number", missing=True))

    def _head(self, draft: Draft) -> None:
        """`which machines had the most repairs`: things of which records are counted are groups of them."""
        if isinstance(draft.head, Thing) and draft.head.entity != draft.entity:
            group = Grouping(entity=draft.head.entity)
            if group not in draft.by:
                draft.by.insert(0, group)

    def _part_of_them(self, draft: Draft) -> None:
        """`how many late, and the average delay of the late ones`: a condition of these columns alone."""
        for at, column in enumerate(draft.columns):
            own = [test for test in column.where if test in draft.where]
            if not own:
                continue
            draft.where[:] = [test for test in draft.where if test not in own]
            for later in draft.columns[at + 1 :]:
                if later.aggregate is not None and not later.where:
                    later.where = list(own)

    def _ungrouped(self, draft: Draft) -> None:
        """`which A and B materials`: records of either are listed; figures of both stand side by side."""
        figures = any(
            column.counts is not None or column.share or column.figure is not None or column.aggregate
            for column in draft.columns
        )
        asked = figures or draft.totals or draft.having or draft.versus or draft.change
        listed = isinstance(draft.head, Record) and draft.listed and not asked
        if listed and all(group in draft.sides for group in draft.by):
            draft.by.clear()

    def _lists(self, draft: Draft) -> bool:
        draft.of_each = draft.of_each and bool(draft.by) and isinstance(draft.head, Record | None)
        if draft.latest is not None or draft.of_each:
            return not draft.having and not draft.versus
        if draft.by or draft.having or self._summed_up(draft):
            return False
        if any(column.counts is not None or column.share or column.where for column in draft.columns):
            return False
        if draft.versus or draft.change or draft.split:
            return False
        aggregated = any(column.aggregate is not None and not column.ranked for column in draft.columns)
        if aggregated or draft.totals:
            return False
        if any(column.attribute is None for column in draft.columns):
            return False
        return draft.listed or any(
            column.attribute is not None and column.attribute.kind in ("id", "text", "date")
            for column in draft.columns
        )

    # ── figures ──
    def _table(
        self, draft: Draft, where: list[Filter], sides: Sequence[Sequence[Filter]]
    ) -> MetricQuery | None:
        draft.columns[:] = [column for column in draft.columns if not column.beside]
        columns = [column for column in draft.columns if not self._is_group(column, draft)]
        columns = [column for column in columns if self._measurable(column)]
        grouped = [
            column
            for column in draft.columns
            if column.attribute is not None and not self._measurable(column)
        ]
        self._group_by_names(draft, grouped)
        self._numbered(draft)
        listed = isinstance(draft.head, Record) and draft.listed and bool(draft.by)
        listed = listed and not self._summed_up(draft)
        if not columns or (listed and not any(column.counts for column in columns)):
            columns = [*columns, self._of_itself(draft)]
        measures: list[Measure] = []
        order: list[Order] = []
        shared = [test for column in columns if column.share for test in column.where]
        # `how many had rejects, and what percentage is that`: the part is what was counted before.
        shared = shared or [test for one in columns[:1] if one.counts is not None for test in one.where]
        leading = ""
        for column in columns:
            made = self._measures(column, len(measures), draft, sides, shared)
            leading = leading or made[-1 if column.share else 0].name
            if column.ranked or (column is draft.order_by):
                order.append(Order(by=made[-1].name, descending=self._descending(column, draft)))
            measures += _without_shown(made, measures)
        having: list[Having] = []
        for column, test in draft.having:
            name = self._known(column, columns, measures, draft)
            if name is None:
                made = self._measures(column, len(measures), draft, (), ())
                same = next((one.name for one in measures if _unnamed(one) == _unnamed(made[0])), "")
                measures += [] if same else made
                name = same or made[0].name
            having.append(test.model_copy(update={"left": name}))
        for one, op, other in draft.against:
            names = [self._shown(column, measures, draft) for column in (one, other)]
            having.append(Having(left=names[0], op=op, right=names[1]))
        if not order and (draft.limit or draft.first_up is not None) and draft.by:
            column = columns[0]
            judged = draft.top in ("best", "worst") and column.figure is not None
            unsaid = judged or draft.first_up is None
            up = self._descending(column, draft) if unsaid else draft.first_up
            if draft.limit or draft.first_up is not None:
                order.append(Order(by=leading, descending=bool(up)))
        if not draft.by:
            order = []
            # `which five`, of which no kind was found: one row over all is none of them.
            draft.doubts += 1.0 if draft.limit else 0.0
        self._doubt_gaps(draft, columns)
        if self._repeats(columns, draft):
            draft.doubts += 1.0
        return MetricQuery(
            measures=tuple(measures),
            calculated=tuple(draft.calculated),
            by=tuple(draft.by[:4]),
            where=tuple(where),
            having=tuple(having),
            order=tuple(order[:3]),
            limit=draft.limit if draft.by else None,
            extreme=bool(draft.by and order and draft.limit is None and self._extreme(draft)),
        )

    def _of_itself(self, draft: Draft) -> Column:
        """What is shown of records where nothing is named: how many, or what the sums come to."""
        if self._summed_up(draft):
            return Column(figure=Figure(self._catalogue.entity(draft.entity).worth))
        return Column(counts=Record())

    def _summed_up(self, draft: Draft) -> bool:
        """True where a row stands for several records, of which only sums are asked for."""
        entity = self._catalogue.entity(draft.entity)
        return entity.counted != "count(*)" and bool(entity.worth)

    def _repeats(self, columns: Sequence[Column], draft: Draft) -> bool:
        """True where one thing was understood twice: something else was meant."""
        fields = [
            (
                column.attribute.path,
                column.aggregate if self._aggregates(column, draft) else None,
                repr(column.where),
                column.of_total,
                column.in_percent_of,
            )
            for column in columns
            if column.attribute is not None and not column.share
        ]
        fields += [
            (self._summed(column), None, repr(column.where), column.of_total, None)
            for column in columns
            if column.attribute is None and column.figure is not None
        ]
        held = [repr(column.key) for column, _ in draft.having]
        shares = [(column.attribute, column.figure) for column in columns if column.share]
        return len(set(fields)) < len(fields) or len(set(held)) < len(held) or len(set(shares)) < len(shares)

    def _summed(self, column: Column) -> str:
        """The field that a metric adds up, as a path."""
        assert column.figure is not None
        metric = self._catalogue.metrics[column.figure.metric]
        # Sums of different records are different: what was planned, and what was posted.
        found = None if metric.filter else re.fullmatch(r"sum\((\w+)\)", metric.value)
        return f"{metric.entity}.{found[1]}" if found else column.figure.metric

    def _extreme(self, draft: Draft) -> bool:
        ranked = [column for column in draft.columns if column.ranked]
        extreme = any(column.aggregate is not None or (column.counts and not column.up) for column in ranked)
        return extreme and isinstance(draft.head, Thing) and not draft.head_plural

    def _is_group(self, column: Column, draft: Draft) -> bool:
        """A column that the groups show already."""
        if column.attribute is None or column.aggregate is not None:
            return False
        entity, _, name = column.attribute.path.partition(".")
        definition = self._catalogue.entity(entity)
        itself = name in (definition.name, definition.key, definition.code, "number")
        return any(
            grouping.path == column.attribute.path or (grouping.entity == entity and itself)
            for grouping in draft.by
        ) and column.attribute.kind in ("text", "id", "category", "flag")

    def _measurable(self, column: Column) -> bool:
        if column.attribute is None or column.figure is not None or column.aggregate is not None:
            return True
        return column.attribute.kind in NUMBERS

    def _group_by_names(self, draft: Draft, grouped: Sequence[Column]) -> None:
        for column in grouped:
            if column.attribute is None or self._is_group(column, draft):
                continue
            of_group = any(one.entity == column.attribute.path.split(".")[0] for one in draft.by)
            if not of_group and (not column.apart or column.clause == 0):
                draft.doubts += 1.0  # named, but hardly as what the figures are broken down by
            entity, _, name = column.attribute.path.partition(".")
            definition = self._catalogue.entity(entity)
            named = entity != draft.entity and name in (definition.name, definition.key, "number")
            group = Grouping(entity=entity) if named else Grouping(path=column.attribute.path)
            if group not in draft.by:
                draft.by.append(group)

    def _shown(self, column: Column, measures: list[Measure], draft: Draft) -> str:
        """Name of the measure of a column, which is added where it is not there."""
        made = self._measure(column, f"m{len(measures) + 1}", draft)
        for other in measures:
            if other.model_copy(update={"name": made.name}) == made:
                return other.name
        measures.append(made)
        return made.name

    def _known(
        self, column: Column, columns: Sequence[Column], measures: Sequence[Measure], draft: Draft
    ) -> str | None:
        del draft
        for other, measure in zip(columns, measures, strict=False):
            if other.key == column.key and len(columns) == len(measures):
                return measure.name
        return None

    def _measures(
        self,
        column: Column,
        number: int,
        draft: Draft,
        sides: Sequence[Sequence[Filter]],
        shared: Sequence[Filter],
    ) -> list[Measure]:
        base = self._measure(column, f"m{number + 1}", draft)
        if column.share:
            own = tuple(column.where) or tuple(shared)
            part = base.model_copy(update={"where": own})
            whole = base.model_copy(update={"name": f"m{number + 2}", "where": ()})
            share = Measure(
                name=f"m{number + 3}", derive="percent", of=(part.name, whole.name), label="share"
            )
            return [part, whole, share]
        if column.in_percent_of is not None:
            other = Column(attribute=column.in_percent_of)
            whole = self._measure(other, f"m{number + 2}", draft)
            of = (base.name, whole.name)
            return [base, whole, Measure(name=f"m{number + 3}", derive="percent", of=of, label="share")]
        if column.of_total:
            hidden = base.model_copy(update={"hidden": True})
            share = Measure(
                name=f"m{number + 2}", derive="share_of_total", of=(hidden.name,), label="share of total"
            )
            return [hidden, share]
        base = base.model_copy(update={"where": tuple(column.where)})
        if not sides:
            return [base]
        made = [
            base.model_copy(update={"name": f"m{number + at + 1}", "where": (*base.where, *side)})
            for at, side in enumerate(sides)
        ]
        if draft.change and len(made) == 2:
            derive = "change_percent" if draft.changes_percent else "difference"
            later, earlier = self._by_time(made)
            made.append(
                Measure.model_validate(
                    {
                        "name": f"m{number + 3}",
                        "derive": derive,
                        "of": (later.name, earlier.name),
                        "label": "change",
                    }
                )
            )
        return made

    def _by_time(self, made: Sequence[Measure]) -> tuple[Measure, Measure]:
        def start(measure: Measure) -> str:
            return max((str(test.start) for test in measure.where if isinstance(test, DateTest)), default="")

        first, second = made[0], made[1]
        return (first, second) if start(first) >= start(second) else (second, first)

    def _measure(self, column: Column, name: str, draft: Draft) -> Measure:
        if isinstance(column.counts, Record):
            return Measure(name=name, count_of=draft.entity)
        if isinstance(column.counts, Thing):
            definition = self._catalogue.entity(column.counts.entity)
            return Measure(
                name=name,
                field=f"{column.counts.entity}.{definition.key}",
                records=draft.entity,
                aggregate="count_distinct",
                label=f"different {definition.plural}",
            )
        if column.attribute is None or (column.figure is not None and column.aggregate is None):
            assert column.figure is not None
            return Measure(name=name, metric=column.figure.metric)
        records = draft.entity if not column.attribute.path.startswith(f"{draft.entity}.") else ""
        aggregate = column.aggregate if self._aggregates(column, draft) else self._usual(column.attribute)
        label = ""
        if self._is_of_group(column.attribute, draft):
            # What a group's thing has is the same in each of its records, and is added up over none.
            entity, _, field = column.attribute.path.partition(".")
            aggregate, label = "maximum", self._catalogue.entity(entity).fields[field].label
        return Measure(
            name=name, field=column.attribute.path, records=records, aggregate=aggregate, label=label
        )

    def _is_of_group(self, attribute: Attribute, draft: Draft) -> bool:
        entity, _, field = attribute.path.partition(".")
        grouped = any(group.entity == entity for group in draft.by)
        known = self._catalogue.entity(entity).fields.get(field)
        return grouped and entity != draft.entity and known is not None and attribute.kind in _ADDED

    def _aggregates(self, column: Column, draft: Draft) -> bool:
        """`the highest value` of groups ranks their sums; alone, it is one record's."""
        if column.aggregate is None:
            return False
        adds = column.attribute is not None and self._usual(column.attribute) == "sum"
        return not (column.ranked and bool(draft.by) and adds)

    def _usual(self, attribute: Attribute) -> str:
        name = attribute.path.split(".")[-1]
        if attribute.kind == "date":
            return "maximum"
        return "sum" if attribute.kind in _ADDED and name not in _UNADDED else "average"

    def _descending(self, column: Column, draft: Draft) -> bool:
        if draft.top in ("best", "worst") and column.figure is not None:
            good = self._catalogue.metrics[column.figure.metric].good
            up_is_good = good == _GOOD_HIGH
            return up_is_good if draft.top == "best" else not up_is_good
        return column.up and draft.top_up

    # ── periods ──
    def _periods(self, draft: Draft) -> list[tuple[Dated, Filter]] | None:
        """Each period as a condition; None where the records have no such date."""
        entity = self._catalogue.entity(draft.entity)
        found: list[tuple[Dated, Filter]] = []
        draft.periods[:] = said_once(draft.periods)
        named = next((dated.role for dated in draft.periods if dated.role), "")
        for dated in draft.periods:
            role = dated.role or (named if not dated.field else "")
            if dated.role or not dated.field:
                if not role and not entity.default_date:
                    return None
                test: Filter = DateTest(role=role, start=dated.period.start, end=dated.period.end)
                found.append((dated, test))
                continue
            for test in bounds(dated.field, dated.period):
                found.append((dated, test))
        for dated, test in found:
            if dated.column is not None:
                dated.column.where.append(test)
        return [(dated, test) for dated, test in found if dated.column is None]

    def _doubt_dates(self, draft: Draft) -> None:
        """Of orders that start, fall due and end, a bare period may mean each: that is to be chosen.

        What was lost on orders, and whether they came late, is known where they end.
        """
        entity = self._catalogue.entity(draft.entity)
        self._doubt_delays(draft)
        if not {"due", "start", "end"} <= set(entity.dates):
            return
        bare = [dated for dated in draft.periods if not dated.role and not dated.field]
        if bare and self._about_ends(draft):
            draft.periods[:] = [
                replace(dated, role="end") if not dated.role and not dated.field else dated
                for dated in draft.periods
            ]
        elif bare:
            draft.doubts += 0.5

    def _doubt_delays(self, draft: Draft) -> None:
        """Late deliveries of a quarter may have been ordered, due or received in it."""
        late = any(
            column.attribute is not None and column.attribute.path == "purchase_line.receipt_days_late"
            for column in draft.columns
        )
        if late and any(not dated.role and not dated.field for dated in draft.periods):
            draft.doubts += 0.5

    def _about_ends(self, draft: Draft) -> bool:
        tests = [*draft.where, *(test for column in draft.columns for test in column.where)]
        if any(isinstance(test, NamedTest) and test.condition in _OF_ENDS for test in tests):
            return True
        said = [column.attribute.path for column in draft.columns if column.attribute is not None]
        said += [column.figure.metric for column in draft.columns if column.figure is not None]
        return bool(said) and all("scrap" in one for one in said)

    def _doubt_gaps(self, draft: Draft, columns: Sequence[Column]) -> None:
        """Figures of some records only leave groups without one; whether these are wanted is not said."""
        filtered = [
            column.figure is not None
            and bool(self._catalogue.metrics[column.figure.metric].filter)
            and self._catalogue.metrics[column.figure.metric].value.startswith("avg(")
            for column in columns
        ]
        if draft.by and filtered and all(filtered):
            draft.doubts += 0.5
        if any(column.partial and not column.where for column in columns):
            draft.doubts += 1.0

    def _grain_of(self, draft: Draft, periods: Sequence[tuple[Dated, Filter]]) -> Grain | Literal[""]:
        """What the periods of a share are, where they are alike; a share of others is doubtful."""
        if not any(column.share or column.in_percent_of for column in draft.columns):
            return ""
        grains = {dated.period.grain for dated, _ in periods}
        if len(grains) == 1 and (found := _GRAINS.get(next(iter(grains)))) is not None:
            return found
        draft.doubts += 1.0
        return ""

    def _sides(
        self, draft: Draft, periods: Sequence[tuple[Dated, Filter]]
    ) -> tuple[list[Filter], list[list[Filter]]]:
        """The conditions that limit everything, and those that stand side by side."""
        tests = [test for _, test in periods]
        if draft.split:
            return tests, [[test] for test in draft.split]
        dated = [test for test in tests if isinstance(test, DateTest)]
        roles = {test.role for test in dated}
        if len(dated) == 2 and len(roles) == 1 and not overlap(dated[0], dated[1]):
            others = [test for test in tests if test not in dated]
            grain = self._grain_of(draft, periods)
            if grain:
                # A share has no columns of periods side by side: each is a row.
                draft.by.append(Grouping(grain=grain, role=dated[0].role))
                return [*others, together(dated)], []
            return others, [[dated[0]], [dated[1]]]
        if len(dated) > _SIDES and len(roles) == 1 and not draft.by:
            # `in April, May and June`: a row for each.
            draft.by.append(Grouping(grain="month", role=dated[0].role))
            others = [test for test in tests if test not in dated]
            return [*others, together(dated)], []
        return tests, []


def _unnamed(measure: Measure) -> str:
    """What a measure is, whatever it is called."""
    return repr(measure.model_copy(update={"name": ""}))


def _without_shown(made: Sequence[Measure], shown: Sequence[Measure]) -> list[Measure]:
    """The measures less the part of a share that stands there already."""
    known = {_unnamed(one): one.name for one in shown}
    if not made or made[-1].derive != "percent":
        return list(made)
    again = {one.name: known[key] for one in made if (key := _unnamed(one)) in known}
    kept = [one for one in made[:-1] if one.name not in again]
    return [*kept, made[-1].model_copy(update={"of": tuple(again.get(of, of) for of in made[-1].of)})]

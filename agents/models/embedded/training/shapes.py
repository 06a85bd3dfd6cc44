"""Shapes of questions: each gives a metric query and the words that ask for it, names and periods masked."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from agents.models.embedded.labels import masked_kind
from agents.models.embedded.training.phrases import Described, Phrases, plural
from tools.metrics.query import (
    AnyTest,
    DateTest,
    FieldTest,
    Filter,
    Grain,
    Grouping,
    Having,
    Measure,
    MetricQuery,
    NamedTest,
    NullTest,
    Operator,
    Order,
    RelatedTest,
    ValueTest,
)

_WEIGHTS = {
    "material": 9,
    "production_order": 9,
    "purchase_line": 8,
    "purchase_order": 8,
    "supplier": 6,
    "info_record": 4,
    "stock": 6,
    "stock_movement": 5,
    "ledger_line": 6,
    "fx_rate": 3,
    "bom_item": 3,
    "location": 2,
    "currency": 2,
    "company": 2,
    "account": 2,
    "scrap_reason": 1,
    "standard_cost_version": 2,
    "list_price_version": 1,
    "ship_method": 1,
    "sales_line": 1.2,
    "downtime": 1,
    "operation_confirmation": 1,
    "quality_hold": 0.5,
    "quality_lot": 0.5,
    "forecast": 0.8,
    "sales_order": 0.8,
    "customer": 0.8,
    "cost_centre": 0.6,
    "work_centre": 0.6,
    "site": 0.5,
    "stock_snapshot": 0.3,
}
_NAMED = {
    "material": "MATERIAL",
    "supplier": "SUPPLIER",
    "location": "LOCATION",
    "company": "COMPANY",
    "account": "ACCOUNT",
    "cost_centre": "COST_CENTRE",
    "scrap_reason": "SCRAP_REASON",
    "ship_method": "SHIP_METHOD",
    "currency": "CURRENCY",
    "work_centre": "WORK_CENTRE",
    "customer": "CUSTOMER",
    "site": "SITE",
}
_CATEGORIES = ("category", "subcategory", "model", "colour")
_START, _END = date(2024, 1, 1), date(2024, 12, 31)
_GRAINS: dict[Grain, tuple[str, ...]] = {
    "month": (
        "by month",
        "per month",
        "month by month",
        "monthly",
        "for each month",
        "every month",
        "each month",
        "over the months",
        "by calendar month",
    ),
    "quarter": (
        "by quarter",
        "per quarter",
        "quarterly",
        "quarter by quarter",
        "for each quarter",
        "in each quarter",
    ),
    "year": (
        "by year",
        "per year",
        "yearly",
        "year by year",
        "for each year",
        "annual",
        "each year",
        "over the years",
    ),
    "week": ("by week", "weekly", "per week", "week by week"),
    "day": ("by day", "daily", "per day", "day by day"),
}
_OPS: dict[Operator, tuple[str, ...]] = {
    ">": (
        "more than NUMBER",
        "over NUMBER",
        "above NUMBER",
        "greater than NUMBER",
        "exceeding NUMBER",
        "higher than NUMBER",
    ),
    ">=": ("at least NUMBER", "NUMBER or more", "NUMBER and up", "no less than NUMBER", "NUMBER or higher"),
    "<": ("less than NUMBER", "fewer than NUMBER", "below NUMBER", "under NUMBER"),
    "<=": ("at most NUMBER", "no more than NUMBER", "NUMBER or less", "up to NUMBER"),
}


@dataclass
class Asked:
    """A question in words, with the query that it means."""

    words: str
    query: MetricQuery


@dataclass
class Scope:
    """Conditions and filters of a question, with the words for them."""

    tests: list[Filter] = field(default_factory=list)
    before: list[str] = field(default_factory=list)
    after: list[str] = field(default_factory=list)
    dates: str = ""

    def tail(self) -> str:
        """What stands after the noun."""
        return " ".join([*self.after, self.dates]).strip()

    def front(self, noun: str) -> str:
        """The noun with what stands before it."""
        return " ".join([*self.before, noun])


class Shapes:
    """Generates questions of every shape about every entity."""

    def __init__(self, phrases: Phrases) -> None:
        self.phrases = phrases
        self.catalogue = phrases.catalogue
        self.chance = phrases.chance
        self._entities = [name for name in self.catalogue.entities if name in _WEIGHTS]
        self._makers: tuple[tuple[float, Callable[[], Asked | None]], ...] = (
            (5, self.figure),
            (5, self.count),
            (4, self.listed),
            (4, self.grouped),
            (3.5, self.ranked),
            (2.5, self.records_ranked),
            (2.5, self.trend),
            (2, self.compared),
            (3, self.share),
            (2, self.having),
            (2, self.related),
            (1.6, self.aggregate),
            (1, self.gap),
            (1.2, self.missing),
            (2, self.two_parts),
            (1.2, self.top_share),
            (1, self.two_values),
            (1.5, self.count_groups),
            (0.8, self.extreme_period),
        )

    def one(self) -> Asked | None:
        """A question, or nothing where the dice gave one that makes no sense."""
        weights = [weight for weight, _ in self._makers]
        maker = self.chance.choices([made for _, made in self._makers], weights)[0]
        return maker()

    # ── pieces ──
    def say(self, *options: str) -> str:
        """One of several wordings."""
        return self.chance.choice(options)

    def maybe(self, text: str, often: float = 0.5) -> str:
        """The text, or nothing."""
        return text if self.chance.random() < often else ""

    def entity(self, *, facts: bool = False) -> str:
        """An entity, those asked about most more often."""
        names = [name for name in self._entities if not facts or name in self.phrases.metrics_of]
        return self.chance.choices(names, [_WEIGHTS[name] for name in names])[0]

    def metric(self) -> str:
        """A metric."""
        return self.chance.choice(self.phrases.metrics_of[self.entity(facts=True)])

    def period(self, entity: str, scope: Scope, often: float = 0.4) -> None:
        """A period with or without the date that it is about."""
        chosen = self.catalogue.entity(entity)
        if not chosen.dates or chosen.snapshot or entity == "material" or self.chance.random() > often:
            return
        role = ""
        words = self.say(
            "PERIOD",
            "PERIOD",
            "PERIOD",
            "PERIOD",
            "in PERIOD",
            "during PERIOD",
            "for PERIOD",
            "over PERIOD",
            "of PERIOD",
        )
        roles = [name for name, dates in chosen.dates.items() if dates.words]
        if roles and self.chance.random() < 0.35:
            role = self.chance.choice(roles)
            words = f"{self.chance.choice(chosen.dates[role].words)} {words}"
        scope.dates = words
        scope.tests.append(DateTest(role=role, start=_START, end=_END))

    def scope(self, entity: str, conditions: float = 0.5, filters: float = 0.4, period: float = 0.4) -> Scope:
        """Conditions, filters and a period on an entity's records."""
        scope = Scope()
        if self.chance.random() < conditions:
            self.condition(entity, scope)
            if self.chance.random() < 0.15:
                self.condition(entity, scope)
        if self.chance.random() < filters:
            self.filter(entity, scope)
        self.period(entity, scope, period)
        return scope

    def condition(self, entity: str, scope: Scope) -> None:
        """A named condition, a flag or a value of a category, of the entity or of what it refers to."""
        owner = entity
        links = {
            name: link.to
            for name, link in self.catalogue.entity(entity).links.items()
            if link.to in ("material", "supplier")
        }
        if links and self.chance.random() < 0.25:
            _, owner = self.chance.choice(sorted(links.items()))
        test, said = self._condition(owner)
        if test is None or said is None or test in scope.tests:
            return
        if owner != entity:
            noun = self.phrases.entity(owner)
            joint = self.say("of", "for", "from", "on")
            scope.after.append(
                f"{joint} {said.before} {noun}" if said.before else f"{joint} {noun} {said.after}"
            )
        elif said.before and self.chance.random() < 0.5:
            scope.before.append(said.before)
        else:
            lead = (
                self.say("that are ", "which are ", "that were ", "which were ", "", "")
                if said.after.startswith("that are ")
                else ""
            )
            scope.after.append(
                lead + said.after.removeprefix("that are ")
                if lead or said.after.startswith("that are ")
                else said.after
            )
        scope.tests.append(test)

    def _condition(self, entity: str) -> tuple[Filter | None, Described | None]:
        chosen = self.catalogue.entity(entity)
        flags = [
            (name, holds)
            for name, one in chosen.fields.items()
            if one.kind == "flag"
            for holds in (True, False)
        ]
        values = [(name, value) for name, one in chosen.fields.items() for value in one.values]
        named = list(chosen.conditions)
        options = (
            [("named", name, True) for name in named]
            + [("flag", *flag) for flag in flags] * 2
            + [("value", *value) for value in values]
        )
        if not options:
            return None, None
        kind, name, what = self.chance.choice(options)
        if kind == "named":
            return NamedTest(entity=entity, condition=name), self.phrases.condition(entity, name)
        if kind == "flag":
            return ValueTest(path=f"{entity}.{name}", values=(bool(what),)), self.phrases.flag(
                entity, name, bool(what)
            )
        return ValueTest(path=f"{entity}.{name}", values=(str(what),)), self.phrases.value(
            entity, name, str(what)
        )

    def filter(self, entity: str, scope: Scope) -> None:
        """A name of the master data: `for MATERIAL`, `SUPPLIER orders`, `in CATEGORY`."""
        reach = self.catalogue.paths[entity]
        options = [(name, kind) for name, kind in _NAMED.items() if name in reach and name != entity]
        if "material" in reach:
            options += [("material", name) for name in _CATEGORIES]
        if not options:
            return
        owner, kind = self.chance.choice(options)
        if kind.isupper():
            name = self.catalogue.entity(owner).name or self.catalogue.entity(owner).key
            test = ValueTest(path=f"{owner}.{name}", values=(masked_kind(f"{owner}.{name}"),))
            kind = masked_kind(f"{owner}.{name}")
        else:
            test = ValueTest(path=f"{owner}.{kind}", values=(kind.upper(),))
            kind = kind.upper()
        scope.tests.append(test)
        if self.chance.random() < 0.2:
            scope.before.append(kind)
        else:
            joint = {
                "LOCATION": ("in", "at"),
                "SUPPLIER": ("from", "of", "with", "at", "for"),
                "COMPANY": ("of", "in", "for", "at"),
                "SCRAP_REASON": ("because of", "due to", "for", "with reason", "caused by"),
                "SHIP_METHOD": ("via", "by", "with", "shipped with"),
            }
            words = self.say(*joint.get(kind, ("for", "of", "in", "on")))
            scope.after.append(f"{words} {self.maybe('all ', 0.05)}{self.maybe('the ', 0.1)}{kind}")

    def columns(self, entity: str) -> str:
        """What is to be shown of each record: `, number, vendor and quantity`."""
        if self.chance.random() < 0.65:
            return ""
        own = [self.phrases.field(entity, name) for name in self.catalogue.entity(entity).fields]
        linked = [
            self.phrases.entity(name, many=False) for name in self.catalogue.paths[entity] if name in _NAMED
        ]
        words = self.chance.sample(
            [*own, *linked, "number", "name", "quantity", "date", "value"],
            self.chance.choice((1, 2, 2, 3, 4)),
        )
        listed = self.say(", ", " and ", ", ").join(words)
        return self.say(
            f" - {listed}",
            f"? give {listed}",
            f", {listed}",
            f" with {listed}",
            f" and show {listed}",
            f"? {listed} please",
            f" (with {listed})",
        )

    def group(self, entity: str) -> tuple[Grouping, str] | None:
        """A dimension with its noun in the singular."""
        reach = self.catalogue.paths[entity]
        options: list[tuple[str, str]] = [(name, "") for name in _NAMED if name in reach and name != entity]
        options += [(name, "") for name in ("material", "supplier") if name in reach and name != entity] * 2
        if "material" in reach:
            options += [("material", name) for name in (*_CATEGORIES, "category", "is_made")]
        own = [name for name, one in self.catalogue.entity(entity).fields.items() if one.kind == "category"]
        options += [(entity, name) for name in own] * 2
        if not options:
            return None
        owner, name = self.chance.choice(options)
        if name:
            return Grouping(path=f"{owner}.{name}"), self.phrases.field(owner, name)
        return Grouping(entity=owner), self.phrases.entity(owner, many=False)

    def by(self, noun: str) -> str:
        """Words for a grouping."""
        many = plural(noun)
        return self.say(
            f"by {noun}",
            f"per {noun}",
            f"for each {noun}",
            f"by {noun}",
            f"broken down by {noun}",
            f"split by {noun}",
            f"across {many}",
            f"for every {noun}",
            f"in each {noun}",
            f"grouped by {noun}",
            f"of each {noun}",
        )

    def measured(self, metric: str, scope: Scope) -> str:
        """The words of a metric with its scope, as a noun phrase or a question."""
        asks = self.phrases.asks(metric)
        if asks and self.chance.random() < 0.45:
            return f"{asks} {' '.join(scope.before)} {scope.tail()}"
        noun = self.phrases.metric(metric)
        opening = self.say(
            "",
            "",
            "what is the",
            "what's the",
            "what was the",
            "show me the",
            "give me",
            "total",
            "overall",
            "tell me the",
            "i need the",
            "how high is the",
            "how big is",
            "how much is the",
            "the",
            "whats our",
            "current",
            "get me the",
            "please give the",
            "what about",
            "how is our",
        )
        of = (
            self.phrases.entity(self.catalogue.metrics[metric].entity)
            if scope.after and self.chance.random() < 0.4
            else ""
        )
        joint = f"of {' '.join(scope.before)} {of}" if of else ""
        front = (
            noun
            if of
            else scope.front(noun)
            if self.chance.random() < 0.5
            else f"{noun} {'for' if scope.before else ''} {' '.join(scope.before)}"
        )
        return f"{opening} {front} {joint} {scope.tail()}"

    # ── shapes ──
    def figure(self) -> Asked | None:
        """One figure."""
        metric = self.metric()
        entity = self.catalogue.metrics[metric].entity
        scope = self.scope(entity, 0.35, 0.45, 0.5)
        return Asked(
            self.measured(metric, scope),
            MetricQuery(measures=(Measure(name="m1", metric=metric),), where=tuple(scope.tests)),
        )

    def count(self) -> Asked | None:
        """The number of records."""
        entity = self.entity()
        scope = self.scope(entity, 0.85, 0.3, 0.35)
        noun = scope.front(self.phrases.entity(entity))
        tail = scope.tail()
        words = self.say(
            f"how many {noun} are there {tail}",
            f"how many {noun} {tail}",
            f"how many {noun} do we have {tail}",
            f"number of {noun} {tail}",
            f"count of {noun} {tail}",
            f"how many {noun} were {tail.removeprefix('that are ').removeprefix('that were ')}",
            f"count the {noun} {tail}",
            f"how many of our {noun} are {tail.removeprefix('that are ').removeprefix('that were ')}",
            f"{noun} {tail} - how many",
            f"{noun} {tail}, count",
            f"how many {noun} had {tail.removeprefix('with ').removeprefix('that have ')}",
            f"how many {noun} have {tail.removeprefix('with ').removeprefix('that have ')}",
            f"do we have any {noun} {tail}? how many",
        )
        return Asked(
            words, MetricQuery(measures=(Measure(name="n", count_of=entity),), where=tuple(scope.tests))
        )

    def _shown(self, entity: str) -> tuple[list[str], list[str]]:
        fields = self.catalogue.entity(entity).fields
        names = self.chance.sample(sorted(fields), min(len(fields), self.chance.choice((0, 0, 1, 1, 2))))
        return [f"{entity}.{name}" for name in names], [self.phrases.field(entity, name) for name in names]

    def listed(self) -> Asked | None:
        """Records that meet conditions."""
        entity = self.entity()
        scope = self.scope(entity, 0.85, 0.3, 0.25)
        if not scope.tests:
            return None
        show, words = self._shown(entity)
        noun = scope.front(self.phrases.entity(entity))
        beside = (
            self.say(
                f" with {' and '.join(words)}",
                f", {', '.join(words)}",
                f" and their {' and '.join(words)}",
                f" - show {' and '.join(words)}",
            )
            if words
            else ""
        )
        tail = scope.tail()
        asked = self.say(
            f"which {noun} {tail}{beside}",
            f"list {noun} {tail}{beside}",
            f"show me all {noun} {tail}{beside}",
            f"which {noun} are {tail.removeprefix('that are ')}{beside}",
            f"{noun} {tail}{beside}",
            f"what {noun} do we have {tail}{beside}",
            f"give me the {noun} {tail}{beside}",
            f"name the {noun} {tail}{beside}",
            f"are there any {noun} {tail}{beside}",
            f"which of our {noun} {tail}{beside}",
            f"i want to see {noun} {tail}{beside}",
            f"{noun} {tail} - list{beside}",
        )
        return Asked(
            asked + self.columns(entity),
            MetricQuery(rows_of=entity, show=tuple(show), where=tuple(scope.tests)),
        )

    def grouped(self) -> Asked | None:
        """Figures by a dimension."""
        metric = self.metric()
        entity = self.catalogue.metrics[metric].entity
        found = self.group(entity)
        if not found:
            return None
        grouping, noun = found
        scope = self.scope(entity, 0.25, 0.15, 0.4)
        by = self.by(noun)
        words = self.say(
            f"{self.measured(metric, scope)} {by}",
            f"{by} {self.measured(metric, scope)}",
            f"{self.phrases.metric(metric)} {by} {scope.tail()}",
            f"which {plural(noun)} had {self.phrases.metric(metric)} {scope.tail()}",
        )
        if grouping.path and self.chance.random() < 0.1:
            words = f"{plural(noun)} with their {self.phrases.metric(metric)} {scope.tail()}"
        return Asked(
            words,
            MetricQuery(
                measures=(Measure(name="m1", metric=metric),),
                by=(grouping,),
                where=tuple(scope.tests),
                order=(Order(by="m1"),),
            ),
        )

    def ranked(self) -> Asked | None:
        """The best or worst groups by a figure."""
        metric = self.metric()
        entity = self.catalogue.metrics[metric].entity
        found = self.group(entity)
        if not found:
            return None
        grouping, noun = found
        scope = self.scope(entity, 0.2, 0.15, 0.45)
        high = self.chance.random() < 0.75
        many, figure, tail = plural(noun), self.phrases.metric(metric), scope.tail()
        most = (
            self.say("most", "highest", "largest", "biggest", "greatest")
            if high
            else self.say("lowest", "least", "smallest", "fewest")
        )
        top = (
            self.say(
                "top NUMBER", "NUMBER best", "top", "NUMBER biggest", "the NUMBER leading", "the first NUMBER"
            )
            if high
            else self.say("bottom NUMBER", "NUMBER lowest", "the NUMBER smallest")
        )
        extreme = self.chance.random() < 0.35
        words = (
            self.say(
                f"which {noun} has the {most} {figure} {tail}",
                f"what {noun} had the {most} {figure} {tail}",
                f"{noun} with the {most} {figure} {tail}",
                f"who or what {noun} leads in {figure} {tail}",
                f"{most} {figure} by {noun} {tail} - which one",
            )
            if extreme
            else self.say(
                f"{top} {many} by {figure} {tail}",
                f"which NUMBER {many} have the {most} {figure} {tail}",
                f"the NUMBER {many} with the {most} {figure} {tail}",
                f"rank {many} by {figure} {tail}, top NUMBER",
                f"{top} {many} {tail} by {figure}",
                f"list the NUMBER {many} with {most} {figure} {tail}",
                f"{top} {many} in terms of {figure} {tail}",
            )
        )
        return Asked(
            words,
            MetricQuery(
                measures=(Measure(name="m1", metric=metric),),
                by=(grouping,),
                where=tuple(scope.tests),
                order=(Order(by="m1", descending=high),),
                limit=None if extreme else 5,
                extreme=extreme,
            ),
        )

    def records_ranked(self) -> Asked | None:
        """The records at the top by one of their fields."""
        entity = self.entity()
        fields = {name: one for name, one in self.catalogue.entity(entity).fields.items() if one.is_number}
        if not fields:
            return None
        name = self.chance.choice(sorted(fields))
        one = fields[name]
        scope = self.scope(entity, 0.35, 0.25, 0.25)
        high = self.chance.random() < 0.7
        noun, figure, tail = (
            scope.front(self.phrases.entity(entity, many=False)),
            self.phrases.field(entity, name),
            scope.tail(),
        )
        many = scope.front(self.phrases.entity(entity))
        most = (
            self.say("highest", "largest", "most", "biggest", "longest")
            if high
            else self.say("lowest", "smallest", "least", "shortest")
        )
        extreme = self.chance.random() < 0.5
        special = one.high if high else one.low
        if special and self.chance.random() < 0.4:
            word = self.chance.choice(special)
            words = (
                self.say(
                    f"which {noun} is the {word} {tail}",
                    f"the {word} {noun} {tail}",
                    f"what is the {word} {noun} {tail}",
                )
                if extreme
                else self.say(f"NUMBER {word} {many} {tail}", f"the NUMBER {word} {many} {tail}")
            )
        elif extreme:
            words = self.say(
                f"which {noun} has the {most} {figure} {tail}",
                f"{noun} with the {most} {figure} {tail}",
                f"what is the {most} {figure} of any {noun} {tail}",
                f"{most} {figure} - which {noun} {tail}",
                f"what's the {most} {figure} on a single {noun} {tail}",
            )
        else:
            words = self.say(
                f"top NUMBER {many} by {figure} {tail}",
                f"NUMBER {many} with the {most} {figure} {tail}",
                f"which NUMBER {many} have the {most} {figure} {tail}",
            )
        path = f"{entity}.{name}"
        words += self.columns(entity)
        return Asked(
            words,
            MetricQuery(
                rows_of=entity,
                show=(path,),
                where=tuple(scope.tests),
                order=(Order(by=path, descending=high),),
                limit=None if extreme else 5,
                extreme=extreme,
            ),
        )

    def _any_measure(self, entity: str) -> tuple[Measure, str, str]:
        """A metric or a count of an entity: measure, noun phrase, question."""
        metrics = self.phrases.metrics_of.get(entity, [])
        if metrics and self.chance.random() < 0.75:
            metric = self.chance.choice(metrics)
            return Measure(name="m1", metric=metric), self.phrases.metric(metric), self.phrases.asks(metric)
        noun = self.phrases.entity(entity)
        return (
            Measure(name="m1", count_of=entity),
            self.say(f"number of {noun}", f"count of {noun}", noun),
            f"how many {noun}",
        )

    def trend(self) -> Asked | None:
        """A figure over time."""
        entity = self.entity(facts=True)
        chosen = self.catalogue.entity(entity)
        if not chosen.default_date or chosen.snapshot or entity == "material":
            return None
        measure, noun, asks = self._any_measure(entity)
        scope = self.scope(entity, 0.3, 0.35, 0.6)
        grain: Grain = self.chance.choices(tuple(_GRAINS), (6, 2, 2, 0.7, 0.5))[0]
        said, tail, before = self.chance.choice(_GRAINS[grain]), scope.tail(), " ".join(scope.before)
        role = self.chance.choice(sorted(chosen.dates)) if self.chance.random() < 0.25 else ""
        when = (
            f" {self.say('by', 'going by', 'on', 'based on')} {self.chance.choice(chosen.dates[role].words)} date"
            if role and chosen.dates[role].words
            else ""
        )
        words = self.say(
            f"{before} {noun} {said} {tail}{when}",
            f"{said} {before} {noun} {tail}{when}",
            f"show {before} {noun} {tail} {said}{when}",
            f"{before} {noun} {tail} {said}{when}",
            f"how did {before} {noun} develop {said} {tail}{when}",
            f"trend of {before} {noun} {said} {tail}{when}",
            f"chart of {noun} {said} {tail}{when}",
        )
        if asks and self.chance.random() < 0.4:
            words = self.say(f"{asks} {before} {said} {tail}{when}", f"{asks} {before} {tail} {said}{when}")
        return Asked(
            words,
            MetricQuery(
                measures=(measure,), by=(Grouping(grain=grain, role=role),), where=tuple(scope.tests)
            ),
        )

    def compared(self) -> Asked | None:
        """Two periods."""
        entity = self.entity(facts=True)
        chosen = self.catalogue.entity(entity)
        if not chosen.default_date or chosen.snapshot or entity == "material":
            return None
        measure, noun, asks = self._any_measure(entity)
        scope = self.scope(entity, 0.3, 0.35, 0.0)
        tail, before = scope.tail(), " ".join(scope.before)
        words = self.say(
            f"compare {before} {noun} {tail} in PERIOD with PERIOD",
            f"{before} {noun} {tail} PERIOD versus PERIOD",
            f"{before} {noun} PERIOD vs PERIOD {tail}",
            f"did {before} {noun} {tail} get worse from PERIOD to PERIOD",
            f"how did {before} {noun} {tail} change between PERIOD and PERIOD",
            f"{before} {noun} {tail} in PERIOD compared to PERIOD",
            f"difference in {before} {noun} {tail} between PERIOD and PERIOD",
            f"is {noun} {tail} better in PERIOD than in PERIOD",
            f"{asks or noun} {before} {tail} in PERIOD and how many in PERIOD",
            f"{asks or noun} {before} {tail} in PERIOD as opposed to PERIOD",
            f"has {noun} improved {tail} from PERIOD to PERIOD",
        )
        periods = (DateTest(start=_START, end=_END), DateTest(start=date(2023, 1, 1), end=date(2023, 12, 31)))
        if self.chance.random() < 0.5:
            return Asked(
                words,
                MetricQuery(
                    measures=(measure,),
                    by=(Grouping(grain="year"),),
                    where=(*scope.tests, AnyTest(of=periods)),
                ),
            )
        first = measure.model_copy(update={"name": "first_period", "where": (periods[1],)})
        second = measure.model_copy(update={"name": "second_period", "where": (periods[0],)})
        change = Measure(
            name="change", derive="difference", of=("second_period", "first_period"), label="change"
        )
        return Asked(words, MetricQuery(measures=(first, second, change), where=tuple(scope.tests)))

    def share(self) -> Asked | None:
        """The share of records or of a quantity that meets a condition."""
        entity = self.entity()
        inner = Scope()
        self.condition(entity, inner)
        if not inner.tests:
            return None
        outer = self.scope(entity, 0.15, 0.2, 0.25)
        noun = outer.front(self.phrases.entity(entity))
        what = (
            " ".join([*inner.before, *inner.after])
            .removeprefix("that are ")
            .removeprefix("that were ")
            .removeprefix("which are ")
        )
        tail = outer.tail()
        words = self.say(
            f"what share of {noun} {tail} is {what}",
            f"what percentage of {noun} {tail} are {what}",
            f"how many percent of {noun} {tail} are {what}",
            f"share of {noun} {what} {tail}",
            f"% of {noun} {what} {tail}",
            f"how many {noun} {tail} are {what}, and what share is that",
            f"how many {noun} {tail} are {what} and what percentage of all",
            f"{what} {noun} {tail} as a percentage of all",
            f"what portion of the {noun} {tail} is {what}",
            f"what part of our {noun} {tail} {what}",
            f"proportion of {noun} {what} {tail}",
            f"{noun} {what} {tail} - number and percent",
        )
        measures = (
            Measure(
                name="n",
                count_of=entity,
                where=tuple(inner.tests),
                label=f"{self.catalogue.entity(entity).plural} asked for",
            ),
            Measure(name="total", count_of=entity, label=f"all {self.catalogue.entity(entity).plural}"),
            Measure(name="share", derive="percent", of=("n", "total"), label="share"),
        )
        return Asked(words, MetricQuery(measures=measures, where=tuple(outer.tests)))

    def having(self) -> Asked | None:
        """Things with more or less of something than a number."""
        entity = self.entity()
        op = self.chance.choice(tuple(_OPS))
        amount = self.chance.choice(_OPS[op])
        counting = self.chance.random() < 0.5
        fields = sorted(name for name, one in self.catalogue.entity(entity).fields.items() if one.is_number)
        facts = [
            name
            for name in self.phrases.metrics_of
            if entity in self.catalogue.paths[name] and name != entity
        ]
        scope = self.scope(entity, 0.25, 0.15, 0.0)
        noun, tail = scope.front(self.phrases.entity(entity)), scope.tail()
        lead = (
            self.say("how many", "number of", "count of")
            if counting
            else self.say("which", "list", "show", "what", "all", "")
        )
        output = "count" if counting else "rows"
        if facts and (not fields or self.chance.random() < 0.6):
            measure, figure, _ = self._any_measure(self.chance.choice(facts))
            words = self.say(
                f"{lead} {noun} {tail} with {amount} {figure}",
                f"{lead} {noun} {tail} have {figure} {amount}",
                f"{lead} {noun} {tail} whose {figure} is {amount}",
                f"{lead} {noun} {tail} had {amount} {figure}",
            )
            return Asked(
                words,
                MetricQuery(
                    rows_of=entity,
                    measures=(measure,),
                    where=tuple(scope.tests),
                    having=(Having(left="m1", op=op, value=Decimal(10)),),
                    output=output,
                ),
            )
        if not fields:
            return None
        name = self.chance.choice(fields)
        figure = self.phrases.field(entity, name)
        words = self.say(
            f"{lead} {noun} {tail} with a {figure} {amount}",
            f"{lead} {noun} {tail} have {figure} {amount}",
            f"{lead} {noun} {tail} whose {figure} is {amount}",
            f"{lead} {noun} {tail} where {figure} {amount}",
            f"{lead} {noun} {tail} with {amount} {figure}",
        )
        test = ValueTest(path=f"{entity}.{name}", op=op, values=(Decimal(10),))
        return Asked(
            words,
            MetricQuery(
                rows_of=entity,
                show=() if counting else (f"{entity}.{name}",),
                where=(*scope.tests, test),
                output=output,
            ),
        )

    def related(self) -> Asked | None:
        """Things with or without records of another kind."""
        others = [
            (to, of)
            for of in self._entities
            for to in self.catalogue.paths[of]
            if to != of and to in self._entities and to != "site"
        ]
        entity, other = self.chance.choices(others, [_WEIGHTS[to] * _WEIGHTS[of] for to, of in others])[0]
        negated = self.chance.random() < 0.55
        inner = self.scope(other, 0.3, 0.1, 0.4)
        scope = self.scope(entity, 0.25, 0.15, 0.0)
        noun, tail = scope.front(self.phrases.entity(entity)), scope.tail()
        thing = inner.front(self.phrases.entity(other))
        how = (
            self.say(
                "without any",
                "that never had",
                "with no",
                "without a single",
                "that have no",
                "with not one",
                "never having",
                "lacking",
            )
            if negated
            else self.say("with", "that have", "with at least one of our", "that had", "having", "with some")
        )
        counting = self.chance.random() < 0.5
        lead = (
            self.say("how many", "number of", "count of")
            if counting
            else self.say("which", "list", "show", "what", "")
        )
        words = f"{lead} {noun} {tail} {how} {thing} {inner.tail()}"
        test = RelatedTest(entity=other, where=tuple(inner.tests), negated=negated)
        if counting:
            return Asked(
                words, MetricQuery(measures=(Measure(name="n", count_of=entity),), where=(*scope.tests, test))
            )
        return Asked(words, MetricQuery(rows_of=entity, where=(*scope.tests, test)))

    def aggregate(self) -> Asked | None:
        """Average, median, minimum or maximum of a field."""
        entity = self.entity()
        fields = sorted(name for name, one in self.catalogue.entity(entity).fields.items() if one.is_number)
        if not fields:
            return None
        name = self.chance.choice(fields)
        figure = self.phrases.field(entity, name)
        scope = self.scope(entity, 0.4, 0.4, 0.3)
        said: dict[str, tuple[str, ...]] = {
            "average": ("average", "mean", "typical"),
            "median": ("median", "middle"),
            "minimum": ("minimum", "lowest", "smallest"),
            "maximum": ("maximum", "highest", "largest"),
        }
        kinds = self.chance.sample(sorted(said), self.chance.choice((1, 1, 1, 2, 3)))
        noun = scope.front(self.phrases.entity(entity))
        words = f"{self.say('', 'what is the', 'give me', 'show')} {' and '.join(self.chance.choice(said[kind]) for kind in kinds)} {figure} {self.say('of', 'for', 'over')} {noun} {scope.tail()}"
        measures = [
            Measure.model_validate({"name": f"m{at}", "field": f"{entity}.{name}", "aggregate": kind})
            for at, kind in enumerate(kinds)
        ]
        return Asked(words, MetricQuery(measures=tuple(measures), where=tuple(scope.tests)))

    def gap(self) -> Asked | None:
        """A field against another of the same record."""
        entity = self.entity()
        fields = self.catalogue.entity(entity).fields
        names = sorted(name for name, one in fields.items() if one.is_number)
        pairs = [(a, b) for a in names for b in names if a != b and fields[a].kind == fields[b].kind]
        if not pairs:
            return None
        left, right = self.chance.choice(pairs)
        op = self.chance.choice((">", "<", "="))
        than = {
            ">": self.say("above", "higher than", "more than", "greater than", "exceeds"),
            "<": self.say("below", "lower than", "less than", "under"),
            "=": self.say("equal to", "exactly", "the same as"),
        }[op]
        counting = self.chance.random() < 0.6
        lead = (
            self.say("how many", "number of", "on how many")
            if counting
            else self.say("which", "list", "show")
        )
        words = f"{lead} {self.phrases.entity(entity)} {self.say('have', 'with', 'where', 'whose', 'is')} {self.phrases.field(entity, left)} {than} {self.say('', 'the', 'their')} {self.phrases.field(entity, right)}"
        test = FieldTest.model_validate({"path": f"{entity}.{left}", "op": op, "other": f"{entity}.{right}"})
        if counting:
            return Asked(words, MetricQuery(measures=(Measure(name="n", count_of=entity),), where=(test,)))
        return Asked(words, MetricQuery(rows_of=entity, where=(test,)))

    def missing(self) -> Asked | None:
        """A field that is not filled, or is."""
        entity = self.entity()
        name = self.chance.choice(sorted(self.catalogue.entity(entity).fields))
        figure = self.phrases.field(entity, name)
        empty = self.chance.random() < 0.75
        how = (
            self.say(
                f"without a {figure}",
                f"with no {figure}",
                f"with missing {figure}",
                f"where {figure} is empty",
                f"have no {figure}",
                f"with blank {figure}",
                f"{figure} not maintained",
                f"lacking a {figure}",
            )
            if empty
            else self.say(
                f"with a {figure}",
                f"where {figure} is filled",
                f"that have a {figure}",
                f"with {figure} filled in",
            )
        )
        scope = self.scope(entity, 0.15, 0.2, 0.1)
        noun, tail = scope.front(self.phrases.entity(entity)), scope.tail()
        test = NullTest(path=f"{entity}.{name}", missing=empty)
        if self.chance.random() < 0.6:
            return Asked(
                f"{self.say('how many', 'number of')} {noun} {tail} {how}",
                MetricQuery(measures=(Measure(name="n", count_of=entity),), where=(*scope.tests, test)),
            )
        return Asked(
            f"{self.say('which', 'list', 'show')} {noun} {tail} {how}",
            MetricQuery(rows_of=entity, where=(*scope.tests, test)),
        )

    def two_parts(self) -> Asked | None:
        """Two figures of the same records."""
        entity = self.entity(facts=True)
        metrics = self.phrases.metrics_of[entity]
        second = self.chance.choice(metrics)
        scope = self.scope(entity, 0.5, 0.25, 0.4)
        tail, before = scope.tail(), " ".join(scope.before)
        if self.chance.random() < 0.6:
            noun = scope.front(self.phrases.entity(entity))
            first = Measure(name="n", count_of=entity)
            words = self.say(
                f"how many {noun} {tail} and {self.phrases.asks(second) or self.phrases.metric(second)}",
                f"number of {noun} {tail} and {self.phrases.metric(second)}",
                f"{noun} {tail}: how many, and {self.phrases.metric(second)}",
                f"how many {noun} {tail}, with what {self.phrases.metric(second)}",
                f"{noun} {tail} - count and {self.phrases.metric(second)}",
            )
        else:
            name = self.chance.choice(metrics)
            if name == second:
                return None
            first = Measure(name="n", metric=name)
            words = self.say(
                f"{before} {self.phrases.metric(name)} and {self.phrases.metric(second)} {tail}",
                f"{self.phrases.metric(name)}, {self.phrases.metric(second)} {before} {tail}",
                f"{self.phrases.asks(name) or self.phrases.metric(name)} {before} {tail} and {self.phrases.asks(second) or self.phrases.metric(second)}",
            )
        by: tuple[Grouping, ...] = ()
        if self.chance.random() < 0.25 and (found := self.group(entity)):
            by, words = (found[0],), f"{words} {self.by(found[1])}"
        return Asked(
            words,
            MetricQuery(measures=(first, Measure(name="m2", metric=second)), by=by, where=tuple(scope.tests)),
        )

    def top_share(self) -> Asked | None:
        """How much of all the largest groups make up, or each group's share."""
        metric = self.metric()
        entity = self.catalogue.metrics[metric].entity
        found = self.group(entity)
        if not found or self.catalogue.metrics[metric].kind in ("percent", "days", "ratio", "rate"):
            return None
        grouping, noun = found
        scope = self.scope(entity, 0.2, 0.15, 0.3)
        many, figure, tail = plural(noun), self.phrases.metric(metric), scope.tail()
        measure = Measure(name="m1", metric=metric)
        if self.chance.random() < 0.6:
            words = self.say(
                f"what share of {figure} {tail} comes from the top NUMBER {many}",
                f"how much of our {figure} sits with the NUMBER biggest {many} {tail}",
                f"percentage of {figure} {tail} with the NUMBER largest {many}",
                f"the NUMBER biggest {many}: what percent of {figure} {tail}",
                f"how concentrated is {figure} {tail} in the top NUMBER {many}",
            )
            return Asked(
                words,
                MetricQuery(
                    measures=(measure,),
                    by=(grouping,),
                    where=tuple(scope.tests),
                    order=(Order(by="m1"),),
                    limit=10,
                    output="top_share",
                ),
            )
        words = self.say(
            f"share of {figure} by {noun} {tail}",
            f"each {noun} share of {figure} {tail}",
            f"{figure} {tail} by {noun} in percent of total",
            f"what percentage of {figure} goes to each {noun} {tail}",
        )
        return Asked(
            words,
            MetricQuery(
                measures=(
                    measure,
                    Measure(name="share", derive="share_of_total", of=("m1",), label="share of total"),
                ),
                by=(grouping,),
                where=tuple(scope.tests),
            ),
        )

    def two_values(self) -> Asked | None:
        """A figure for records that hold a flag against those that fail it."""
        metric = self.metric()
        entity = self.catalogue.metrics[metric].entity
        owners = [
            owner
            for owner in ("material", "supplier", entity)
            if owner in self.catalogue.paths[entity] or owner == entity
        ]
        flags = [
            (owner, name)
            for owner in owners
            for name, one in self.catalogue.entity(owner).fields.items()
            if one.kind == "flag" and one.holds and one.fails
        ]
        if not flags:
            return None
        owner, name = self.chance.choice(flags)
        yes, no = self.phrases.flag(owner, name, True), self.phrases.flag(owner, name, False)
        assert yes is not None and no is not None
        noun = self.phrases.entity(owner)
        left, right = yes.before or yes.after, no.before or no.after
        figure = self.phrases.metric(metric)
        words = self.say(
            f"{figure} of {left} versus {right} {noun}",
            f"compare {figure} for {left} and {right} {noun}",
            f"{left} vs {right} {noun}: {figure}",
            f"is {figure} higher for {left} {noun} than for {right} ones",
            f"{figure} {left} against {right} {noun}",
        )
        return Asked(
            words,
            MetricQuery(
                measures=(Measure(name="m1", metric=metric),), by=(Grouping(path=f"{owner}.{name}"),)
            ),
        )

    def count_groups(self) -> Asked | None:
        """How many different things records refer to, and how many records each has."""
        entity = self.entity(facts=True)
        found = self.group(entity)
        if not found:
            return None
        grouping, noun = found
        scope = self.scope(entity, 0.4, 0.1, 0.4)
        tail = scope.tail()
        if grouping.entity and self.chance.random() < 0.4:
            key = self.catalogue.entity(grouping.entity).key
            things = scope.front(self.phrases.entity(entity))
            words = self.say(
                f"how many different {plural(noun)} had {things} {tail}",
                f"how many {plural(noun)} have {things} {tail}",
                f"number of {plural(noun)} with {things} {tail}",
                f"how many distinct {plural(noun)} are on {things} {tail}",
            )
            measure = Measure(
                name="n",
                field=f"{grouping.entity}.{key}",
                records=entity,
                aggregate="count_distinct",
                label=self.catalogue.entity(grouping.entity).plural,
            )
            return Asked(words, MetricQuery(measures=(measure,), where=tuple(scope.tests)))
        things = scope.front(self.phrases.entity(entity))
        words = self.say(
            f"how many {things} {tail} {self.by(noun)}",
            f"number of {things} {self.by(noun)} {tail}",
            f"{self.by(noun)} how many {things} {tail}",
            f"{things} {self.by(noun)} {tail}",
            f"which {noun} has how many {things} {tail}",
        )
        extreme = self.chance.random() < 0.4
        if extreme:
            words = self.say(
                f"which {noun} has the most {things} {tail}",
                f"{noun} with the most {things} {tail} and how many",
                f"who has most {things} {tail}, by {noun}",
                f"most {things} - which {noun} {tail}",
            )
        return Asked(
            words,
            MetricQuery(
                measures=(Measure(name="n", count_of=entity),),
                by=(grouping,),
                where=tuple(scope.tests),
                order=(Order(by="n"),) if extreme else (),
                extreme=extreme,
            ),
        )

    def extreme_period(self) -> Asked | None:
        """The day, month or year with the most of something."""
        entity = self.entity(facts=True)
        chosen = self.catalogue.entity(entity)
        if not chosen.default_date or chosen.snapshot or entity == "material":
            return None
        measure, noun, _ = self._any_measure(entity)
        scope = self.scope(entity, 0.25, 0.2, 0.3)
        grain: Grain = self.chance.choice(("day", "month", "quarter", "year", "month"))
        high = self.chance.random() < 0.8
        most = self.say("most", "highest", "largest") if high else self.say("least", "lowest", "fewest")
        busy = (
            self.say("busiest", "best", "biggest", "craziest", "peak")
            if high
            else self.say("slowest", "quietest", "weakest")
        )
        words = self.say(
            f"which {grain} had the {most} {scope.front(noun)} {scope.tail()}",
            f"in which {grain} was {scope.front(noun)} {most} {scope.tail()}",
            f"{busy} {grain} by {scope.front(noun)} {scope.tail()}",
            f"what was the {busy} {grain} for {scope.front(noun)} {scope.tail()}",
            f"{grain} with the {most} {scope.front(noun)} {scope.tail()} and how much",
        )
        return Asked(
            words,
            MetricQuery(
                measures=(measure,),
                by=(Grouping(grain=grain),),
                where=tuple(scope.tests),
                order=(Order(by="m1", descending=high),),
                extreme=True,
            ),
        )


def seeded(seed: int) -> random.Random:
    """A source of dice."""
    return random.Random(seed)

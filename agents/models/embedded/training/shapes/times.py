"""Questions about time: a trend, two periods, the busiest month."""

from __future__ import annotations

from datetime import date

from agents.models.embedded.training.shapes.asked import Asked
from agents.models.embedded.training.shapes.dice import Dice
from agents.models.embedded.training.shapes.scopes import scoped
from tools.metrics.query import AnyTest, DateTest, Grain, Grouping, Measure, MetricQuery, Order

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

_LATER = DateTest(start=date(2024, 1, 1), end=date(2024, 12, 31))
_EARLIER = DateTest(start=date(2023, 1, 1), end=date(2023, 12, 31))


def trend(dice: Dice) -> Asked | None:
    """A figure over time."""
    entity = dice.entity(facts=True)
    chosen = dice.catalogue.entity(entity)
    if not chosen.default_date or chosen.snapshot or entity == "material":
        return None
    measure, noun, asks = dice.measure(entity)
    scope = scoped(dice, entity, 0.3, 0.35, 0.6)
    grain: Grain = dice.chance.choices(tuple(_GRAINS), (6, 2, 2, 0.7, 0.5))[0]
    said, tail, before = dice.chance.choice(_GRAINS[grain]), scope.tail(), " ".join(scope.before)
    role = dice.chance.choice(sorted(chosen.dates)) if dice.chance.random() < 0.25 else ""
    when = (
        f" {dice.say('by', 'going by', 'on', 'based on')} {dice.chance.choice(chosen.dates[role].words)} date"
        if role and chosen.dates[role].words
        else ""
    )
    words = dice.say(
        f"{before} {noun} {said} {tail}{when}",
        f"{said} {before} {noun} {tail}{when}",
        f"show {before} {noun} {tail} {said}{when}",
        f"{before} {noun} {tail} {said}{when}",
        f"how did {before} {noun} develop {said} {tail}{when}",
        f"trend of {before} {noun} {said} {tail}{when}",
        f"chart of {noun} {said} {tail}{when}",
    )
    if asks and dice.chance.random() < 0.4:
        words = dice.say(f"{asks} {before} {said} {tail}{when}", f"{asks} {before} {tail} {said}{when}")
    return Asked(
        words,
        MetricQuery(measures=(measure,), by=(Grouping(grain=grain, role=role),), where=tuple(scope.tests)),
    )


def compared(dice: Dice) -> Asked | None:
    """Two periods."""
    entity = dice.entity(facts=True)
    chosen = dice.catalogue.entity(entity)
    if not chosen.default_date or chosen.snapshot or entity == "material":
        return None
    measure, noun, asks = dice.measure(entity)
    scope = scoped(dice, entity, 0.3, 0.35, 0.0)
    tail, before = scope.tail(), " ".join(scope.before)
    words = dice.say(
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
    if dice.chance.random() < 0.5:
        return Asked(
            words,
            MetricQuery(
                measures=(measure,),
                by=(Grouping(grain="year"),),
                where=(*scope.tests, AnyTest(of=(_LATER, _EARLIER))),
            ),
        )
    first = measure.model_copy(update={"name": "first_period", "where": (_EARLIER,)})
    second = measure.model_copy(update={"name": "second_period", "where": (_LATER,)})
    change = Measure(name="change", derive="difference", of=("second_period", "first_period"), label="change")
    return Asked(words, MetricQuery(measures=(first, second, change), where=tuple(scope.tests)))


def extreme_period(dice: Dice) -> Asked | None:
    """The day, month or year with the most of something."""
    entity = dice.entity(facts=True)
    chosen = dice.catalogue.entity(entity)
    if not chosen.default_date or chosen.snapshot or entity == "material":
        return None
    measure, noun, _ = dice.measure(entity)
    scope = scoped(dice, entity, 0.25, 0.2, 0.3)
    grain: Grain = dice.chance.choice(("day", "month", "quarter", "year", "month"))
    high = dice.chance.random() < 0.8
    most = dice.say("most", "highest", "largest") if high else dice.say("least", "lowest", "fewest")
    busy = (
        dice.say("busiest", "best", "biggest", "craziest", "peak")
        if high
        else dice.say("slowest", "quietest", "weakest")
    )
    words = dice.say(
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

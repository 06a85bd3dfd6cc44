"""Questions for shares: of records that meet a condition, of the largest groups, of each group."""

from __future__ import annotations

from agents.models.embedded.training.phrases import plural
from agents.models.embedded.training.shapes.asked import Asked
from agents.models.embedded.training.shapes.dice import Dice
from agents.models.embedded.training.shapes.dimensions import dimension
from agents.models.embedded.training.shapes.scopes import Scope, add_condition, scoped
from tools.metrics.query import Measure, MetricQuery, Order


def share(dice: Dice) -> Asked | None:
    """The share of records or of a quantity that meets a condition."""
    entity = dice.entity()
    inner = Scope()
    add_condition(dice, entity, inner)
    if not inner.tests:
        return None
    outer = scoped(dice, entity, 0.15, 0.2, 0.25)
    noun = outer.front(dice.phrases.entity(entity))
    what = (
        " ".join([*inner.before, *inner.after])
        .removeprefix("that are ")
        .removeprefix("that were ")
        .removeprefix("which are ")
    )
    tail = outer.tail()
    words = dice.say(
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
            label=f"{dice.catalogue.entity(entity).plural} asked for",
        ),
        Measure(name="total", count_of=entity, label=f"all {dice.catalogue.entity(entity).plural}"),
        Measure(name="share", derive="percent", of=("n", "total"), label="share"),
    )
    return Asked(words, MetricQuery(measures=measures, where=tuple(outer.tests)))


def top_share(dice: Dice) -> Asked | None:
    """How much of all the largest groups make up, or each group's share."""
    metric = dice.metric()
    entity = dice.catalogue.metrics[metric].entity
    found = dimension(dice, entity)
    if not found or dice.catalogue.metrics[metric].kind in ("percent", "days", "ratio", "rate"):
        return None
    grouping, noun = found
    scope = scoped(dice, entity, 0.2, 0.15, 0.3)
    many, figure, tail = plural(noun), dice.phrases.metric(metric), scope.tail()
    measure = Measure(name="m1", metric=metric)
    if dice.chance.random() < 0.6:
        words = dice.say(
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
    words = dice.say(
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

"""Questions for figures of each group: by a dimension, ranked, counted, two side by side."""

from __future__ import annotations

from agents.models.embedded.training.phrases import plural
from agents.models.embedded.training.shapes.asked import Asked
from agents.models.embedded.training.shapes.dice import Dice
from agents.models.embedded.training.shapes.dimensions import dimension, grouped_by
from agents.models.embedded.training.shapes.figures import measured
from agents.models.embedded.training.shapes.scopes import Scope, scoped
from tools.metrics.query import Grouping, Measure, MetricQuery, Order


def grouped(dice: Dice) -> Asked | None:
    """Figures by a dimension."""
    metric = dice.metric()
    entity = dice.catalogue.metrics[metric].entity
    found = dimension(dice, entity)
    if not found:
        return None
    grouping, noun = found
    scope = scoped(dice, entity, 0.25, 0.15, 0.4)
    by = grouped_by(dice, noun)
    words = dice.say(
        f"{measured(dice, metric, scope)} {by}",
        f"{by} {measured(dice, metric, scope)}",
        f"{dice.phrases.metric(metric)} {by} {scope.tail()}",
        f"which {plural(noun)} had {dice.phrases.metric(metric)} {scope.tail()}",
    )
    if grouping.path and dice.chance.random() < 0.1:
        words = f"{plural(noun)} with their {dice.phrases.metric(metric)} {scope.tail()}"
    return Asked(
        words,
        MetricQuery(
            measures=(Measure(name="m1", metric=metric),),
            by=(grouping,),
            where=tuple(scope.tests),
            order=(Order(by="m1"),),
        ),
    )


def ranked(dice: Dice) -> Asked | None:
    """The best or worst groups by a figure."""
    metric = dice.metric()
    entity = dice.catalogue.metrics[metric].entity
    found = dimension(dice, entity)
    if not found:
        return None
    grouping, noun = found
    scope = scoped(dice, entity, 0.2, 0.15, 0.45)
    high = dice.chance.random() < 0.75
    many, figure, tail = plural(noun), dice.phrases.metric(metric), scope.tail()
    most, top = _superlatives(dice, high)
    extreme = dice.chance.random() < 0.35
    if extreme:
        words = dice.say(
            f"which {noun} has the {most} {figure} {tail}",
            f"what {noun} had the {most} {figure} {tail}",
            f"{noun} with the {most} {figure} {tail}",
            f"who or what {noun} leads in {figure} {tail}",
            f"{most} {figure} by {noun} {tail} - which one",
        )
    else:
        words = dice.say(
            f"{top} {many} by {figure} {tail}",
            f"which NUMBER {many} have the {most} {figure} {tail}",
            f"the NUMBER {many} with the {most} {figure} {tail}",
            f"rank {many} by {figure} {tail}, top NUMBER",
            f"{top} {many} {tail} by {figure}",
            f"list the NUMBER {many} with {most} {figure} {tail}",
            f"{top} {many} in terms of {figure} {tail}",
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


def _superlatives(dice: Dice, high: bool) -> tuple[str, str]:
    """Words for one that comes first, and for some."""
    if high:
        return (
            dice.say("most", "highest", "largest", "biggest", "greatest"),
            dice.say(
                "top NUMBER", "NUMBER best", "top", "NUMBER biggest", "the NUMBER leading", "the first NUMBER"
            ),
        )
    return (
        dice.say("lowest", "least", "smallest", "fewest"),
        dice.say("bottom NUMBER", "NUMBER lowest", "the NUMBER smallest"),
    )


def count_groups(dice: Dice) -> Asked | None:
    """How many different things records refer to, and how many records each has."""
    entity = dice.entity(facts=True)
    found = dimension(dice, entity)
    if not found:
        return None
    grouping, noun = found
    scope = scoped(dice, entity, 0.4, 0.1, 0.4)
    if grouping.entity and dice.chance.random() < 0.4:
        return _different(dice, entity, grouping.entity, noun, scope)
    tail = scope.tail()
    things = scope.front(dice.phrases.entity(entity))
    words = dice.say(
        f"how many {things} {tail} {grouped_by(dice, noun)}",
        f"number of {things} {grouped_by(dice, noun)} {tail}",
        f"{grouped_by(dice, noun)} how many {things} {tail}",
        f"{things} {grouped_by(dice, noun)} {tail}",
        f"which {noun} has how many {things} {tail}",
    )
    extreme = dice.chance.random() < 0.4
    if extreme:
        words = dice.say(
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


def _different(dice: Dice, entity: str, other: str, noun: str, scope: Scope) -> Asked:
    many, things, tail = plural(noun), scope.front(dice.phrases.entity(entity)), scope.tail()
    words = dice.say(
        f"how many different {many} had {things} {tail}",
        f"how many {many} have {things} {tail}",
        f"number of {many} with {things} {tail}",
        f"how many distinct {many} are on {things} {tail}",
    )
    measure = Measure(
        name="n",
        field=f"{other}.{dice.catalogue.entity(other).key}",
        records=entity,
        aggregate="count_distinct",
        label=dice.catalogue.entity(other).plural,
    )
    return Asked(words, MetricQuery(measures=(measure,), where=tuple(scope.tests)))


def two_values(dice: Dice) -> Asked | None:
    """A figure for records that hold a flag against those that fail it."""
    metric = dice.metric()
    entity = dice.catalogue.metrics[metric].entity
    owners = [
        owner
        for owner in ("material", "supplier", entity)
        if owner in dice.catalogue.paths[entity] or owner == entity
    ]
    flags = [
        (owner, name)
        for owner in owners
        for name, one in dice.catalogue.entity(owner).fields.items()
        if one.kind == "flag" and one.holds and one.fails
    ]
    if not flags:
        return None
    owner, name = dice.chance.choice(flags)
    yes, no = dice.phrases.flag(owner, name, True), dice.phrases.flag(owner, name, False)
    assert yes is not None and no is not None
    noun = dice.phrases.entity(owner)
    left, right = yes.before or yes.after, no.before or no.after
    figure = dice.phrases.metric(metric)
    words = dice.say(
        f"{figure} of {left} versus {right} {noun}",
        f"compare {figure} for {left} and {right} {noun}",
        f"{left} vs {right} {noun}: {figure}",
        f"is {figure} higher for {left} {noun} than for {right} ones",
        f"{figure} {left} against {right} {noun}",
    )
    return Asked(
        words,
        MetricQuery(measures=(Measure(name="m1", metric=metric),), by=(Grouping(path=f"{owner}.{name}"),)),
    )

"""Questions for figures of all the records: one, several, their number, an aggregate."""

from __future__ import annotations

from agents.models.embedded.training.shapes.asked import Asked
from agents.models.embedded.training.shapes.dice import Dice
from agents.models.embedded.training.shapes.dimensions import dimension, grouped_by
from agents.models.embedded.training.shapes.scopes import Scope, scoped
from tools.metrics.query import Grouping, Measure, MetricQuery


def figure(dice: Dice) -> Asked | None:
    """One figure."""
    metric = dice.metric()
    entity = dice.catalogue.metrics[metric].entity
    scope = scoped(dice, entity, 0.35, 0.45, 0.5)
    return Asked(
        measured(dice, metric, scope),
        MetricQuery(measures=(Measure(name="m1", metric=metric),), where=tuple(scope.tests)),
    )


def count(dice: Dice) -> Asked | None:
    """The number of records."""
    entity = dice.entity()
    scope = scoped(dice, entity, 0.85, 0.3, 0.35)
    noun = scope.front(dice.phrases.entity(entity))
    tail = scope.tail()
    words = dice.say(
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
    return Asked(words, MetricQuery(measures=(Measure(name="n", count_of=entity),), where=tuple(scope.tests)))


def aggregate(dice: Dice) -> Asked | None:
    """Average, median, minimum or maximum of a field."""
    entity = dice.entity()
    fields = sorted(name for name, one in dice.catalogue.entity(entity).fields.items() if one.is_number)
    if not fields:
        return None
    name = dice.chance.choice(fields)
    figure = dice.phrases.field(entity, name)
    scope = scoped(dice, entity, 0.4, 0.4, 0.3)
    said: dict[str, tuple[str, ...]] = {
        "average": ("average", "mean", "typical"),
        "median": ("median", "middle"),
        "minimum": ("minimum", "lowest", "smallest"),
        "maximum": ("maximum", "highest", "largest"),
    }
    kinds = dice.chance.sample(sorted(said), dice.chance.choice((1, 1, 1, 2, 3)))
    noun = scope.front(dice.phrases.entity(entity))
    lead = dice.say("", "what is the", "give me", "show")
    aggregates = " and ".join(dice.chance.choice(said[kind]) for kind in kinds)
    words = f"{lead} {aggregates} {figure} {dice.say('of', 'for', 'over')} {noun} {scope.tail()}"
    measures = [
        Measure.model_validate({"name": f"m{at}", "field": f"{entity}.{name}", "aggregate": kind})
        for at, kind in enumerate(kinds)
    ]
    return Asked(words, MetricQuery(measures=tuple(measures), where=tuple(scope.tests)))


def two_parts(dice: Dice) -> Asked | None:
    """Two figures of the same records."""
    entity = dice.entity(facts=True)
    metrics = dice.phrases.metrics_of[entity]
    second = dice.chance.choice(metrics)
    scope = scoped(dice, entity, 0.5, 0.25, 0.4)
    tail, before = scope.tail(), " ".join(scope.before)
    if dice.chance.random() < 0.6:
        noun = scope.front(dice.phrases.entity(entity))
        first = Measure(name="n", count_of=entity)
        words = dice.say(
            f"how many {noun} {tail} and {dice.phrases.asks(second) or dice.phrases.metric(second)}",
            f"number of {noun} {tail} and {dice.phrases.metric(second)}",
            f"{noun} {tail}: how many, and {dice.phrases.metric(second)}",
            f"how many {noun} {tail}, with what {dice.phrases.metric(second)}",
            f"{noun} {tail} - count and {dice.phrases.metric(second)}",
        )
    else:
        name = dice.chance.choice(metrics)
        if name == second:
            return None
        first = Measure(name="n", metric=name)
        words = dice.say(
            f"{before} {dice.phrases.metric(name)} and {dice.phrases.metric(second)} {tail}",
            f"{dice.phrases.metric(name)}, {dice.phrases.metric(second)} {before} {tail}",
            f"{dice.phrases.asks(name) or dice.phrases.metric(name)} {before} {tail}"
            f" and {dice.phrases.asks(second) or dice.phrases.metric(second)}",
        )
    by: tuple[Grouping, ...] = ()
    if dice.chance.random() < 0.25 and (found := dimension(dice, entity)):
        by, words = (found[0],), f"{words} {grouped_by(dice, found[1])}"
    return Asked(
        words,
        MetricQuery(measures=(first, Measure(name="m2", metric=second)), by=by, where=tuple(scope.tests)),
    )


def measured(dice: Dice, metric: str, scope: Scope) -> str:
    """The words of a metric with its scope, as a noun phrase or a question."""
    asks = dice.phrases.asks(metric)
    if asks and dice.chance.random() < 0.45:
        return f"{asks} {' '.join(scope.before)} {scope.tail()}"
    noun = dice.phrases.metric(metric)
    opening = dice.say(
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
        dice.phrases.entity(dice.catalogue.metrics[metric].entity)
        if scope.after and dice.chance.random() < 0.4
        else ""
    )
    joint = f"of {' '.join(scope.before)} {of}" if of else ""
    front = (
        noun
        if of
        else scope.front(noun)
        if dice.chance.random() < 0.5
        else f"{noun} {'for' if scope.before else ''} {' '.join(scope.before)}"
    )
    return f"{opening} {front} {joint} {scope.tail()}"

"""Questions for things by what else is recorded of them: more than so many orders, no order at all."""

from __future__ import annotations

from decimal import Decimal

from agents.models.embedded.training.shapes.asked import Asked, of_records
from agents.models.embedded.training.shapes.dice import Dice
from agents.models.embedded.training.shapes.entities import WEIGHTS
from agents.models.embedded.training.shapes.scopes import scoped
from tools.metrics.query import Having, MetricQuery, Operator, RelatedTest, ValueTest

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


def having(dice: Dice) -> Asked | None:
    """Things with more or less of something than a number."""
    entity = dice.entity()
    op = dice.chance.choice(tuple(_OPS))
    amount = dice.chance.choice(_OPS[op])
    counting = dice.chance.random() < 0.5
    fields = sorted(name for name, one in dice.catalogue.entity(entity).fields.items() if one.is_number)
    facts = [
        name for name in dice.phrases.metrics_of if entity in dice.catalogue.paths[name] and name != entity
    ]
    scope = scoped(dice, entity, 0.25, 0.15, 0.0)
    noun, tail = scope.front(dice.phrases.entity(entity)), scope.tail()
    lead = (
        dice.say("how many", "number of", "count of")
        if counting
        else dice.say("which", "list", "show", "what", "all", "")
    )
    things = f"{lead} {noun} {tail}"
    if facts and (not fields or dice.chance.random() < 0.6):
        measure, figure, _ = dice.measure(dice.chance.choice(facts))
        query = MetricQuery(
            rows_of=entity,
            measures=(measure,),
            where=tuple(scope.tests),
            having=(Having(left="m1", op=op, value=Decimal(10)),),
            output="count" if counting else "rows",
        )
        return Asked(_with_figure(dice, things, figure, amount), query)
    if not fields:
        return None
    name = dice.chance.choice(fields)
    words = _with_field(dice, things, dice.phrases.field(entity, name), amount)
    path = f"{entity}.{name}"
    test = ValueTest(path=path, op=op, values=(Decimal(10),))
    return Asked(
        words,
        MetricQuery(
            rows_of=entity,
            show=() if counting else (path,),
            where=(*scope.tests, test),
            output="count" if counting else "rows",
        ),
    )


def _with_figure(dice: Dice, things: str, figure: str, amount: str) -> str:
    return dice.say(
        f"{things} with {amount} {figure}",
        f"{things} have {figure} {amount}",
        f"{things} whose {figure} is {amount}",
        f"{things} had {amount} {figure}",
    )


def _with_field(dice: Dice, things: str, field: str, amount: str) -> str:
    return dice.say(
        f"{things} with a {field} {amount}",
        f"{things} have {field} {amount}",
        f"{things} whose {field} is {amount}",
        f"{things} where {field} {amount}",
        f"{things} with {amount} {field}",
    )


def related(dice: Dice) -> Asked | None:
    """Things with or without records of another kind."""
    others = [
        (to, of)
        for of in dice.entities
        for to in dice.catalogue.paths[of]
        if to != of and to in dice.entities and to != "site"
    ]
    entity, other = dice.chance.choices(others, [WEIGHTS[to] * WEIGHTS[of] for to, of in others])[0]
    negated = dice.chance.random() < 0.55
    inner = scoped(dice, other, 0.3, 0.1, 0.4)
    scope = scoped(dice, entity, 0.25, 0.15, 0.0)
    noun, tail = scope.front(dice.phrases.entity(entity)), scope.tail()
    thing = inner.front(dice.phrases.entity(other))
    how = (
        dice.say(
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
        else dice.say("with", "that have", "with at least one of our", "that had", "having", "with some")
    )
    counting = dice.chance.random() < 0.5
    lead = (
        dice.say("how many", "number of", "count of")
        if counting
        else dice.say("which", "list", "show", "what", "")
    )
    words = f"{lead} {noun} {tail} {how} {thing} {inner.tail()}"
    test = RelatedTest(entity=other, where=tuple(inner.tests), negated=negated)
    return of_records(words, entity, [*scope.tests, test], counting=counting)

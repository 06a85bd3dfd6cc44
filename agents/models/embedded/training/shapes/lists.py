"""Questions for the records themselves: those that meet conditions, and the first of them."""

from __future__ import annotations

from agents.models.embedded.training.shapes.asked import Asked, of_records
from agents.models.embedded.training.shapes.dice import Dice
from agents.models.embedded.training.shapes.entities import NAMED
from agents.models.embedded.training.shapes.scopes import scoped
from tools.metrics.query import FieldTest, MetricQuery, NullTest, Order


def listed(dice: Dice) -> Asked | None:
    """Records that meet conditions."""
    entity = dice.entity()
    scope = scoped(dice, entity, 0.85, 0.3, 0.25)
    if not scope.tests:
        return None
    show, words = _shown(dice, entity)
    noun = scope.front(dice.phrases.entity(entity))
    beside = (
        dice.say(
            f" with {' and '.join(words)}",
            f", {', '.join(words)}",
            f" and their {' and '.join(words)}",
            f" - show {' and '.join(words)}",
        )
        if words
        else ""
    )
    tail = scope.tail()
    asked = dice.say(
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
        asked + _columns(dice, entity),
        MetricQuery(rows_of=entity, show=tuple(show), where=tuple(scope.tests)),
    )


def records_ranked(dice: Dice) -> Asked | None:
    """The records at the top by one of their fields."""
    entity = dice.entity()
    fields = {name: one for name, one in dice.catalogue.entity(entity).fields.items() if one.is_number}
    if not fields:
        return None
    name = dice.chance.choice(sorted(fields))
    scope = scoped(dice, entity, 0.35, 0.25, 0.25)
    high = dice.chance.random() < 0.7
    noun = scope.front(dice.phrases.entity(entity, many=False))
    figure, tail = dice.phrases.field(entity, name), scope.tail()
    many = scope.front(dice.phrases.entity(entity))
    most = (
        dice.say("highest", "largest", "most", "biggest", "longest")
        if high
        else dice.say("lowest", "smallest", "least", "shortest")
    )
    extreme = dice.chance.random() < 0.5
    special = fields[name].high if high else fields[name].low
    if special and dice.chance.random() < 0.4:
        word = dice.chance.choice(special)
        words = _most_special(dice, noun if extreme else many, word, tail, extreme)
    elif extreme:
        words = dice.say(
            f"which {noun} has the {most} {figure} {tail}",
            f"{noun} with the {most} {figure} {tail}",
            f"what is the {most} {figure} of any {noun} {tail}",
            f"{most} {figure} - which {noun} {tail}",
            f"what's the {most} {figure} on a single {noun} {tail}",
        )
    else:
        words = dice.say(
            f"top NUMBER {many} by {figure} {tail}",
            f"NUMBER {many} with the {most} {figure} {tail}",
            f"which NUMBER {many} have the {most} {figure} {tail}",
        )
    path = f"{entity}.{name}"
    return Asked(
        words + _columns(dice, entity),
        MetricQuery(
            rows_of=entity,
            show=(path,),
            where=tuple(scope.tests),
            order=(Order(by=path, descending=high),),
            limit=None if extreme else 5,
            extreme=extreme,
        ),
    )


def _most_special(dice: Dice, noun: str, word: str, tail: str, extreme: bool) -> str:
    """Words with a superlative that names the field: `heaviest`."""
    if extreme:
        return dice.say(
            f"which {noun} is the {word} {tail}",
            f"the {word} {noun} {tail}",
            f"what is the {word} {noun} {tail}",
        )
    return dice.say(f"NUMBER {word} {noun} {tail}", f"the NUMBER {word} {noun} {tail}")


def gap(dice: Dice) -> Asked | None:
    """A field against another of the same record."""
    entity = dice.entity()
    fields = dice.catalogue.entity(entity).fields
    names = sorted(name for name, one in fields.items() if one.is_number)
    pairs = [(a, b) for a in names for b in names if a != b and fields[a].kind == fields[b].kind]
    if not pairs:
        return None
    left, right = dice.chance.choice(pairs)
    op = dice.chance.choice((">", "<", "="))
    than = {
        ">": dice.say("above", "higher than", "more than", "greater than", "exceeds"),
        "<": dice.say("below", "lower than", "less than", "under"),
        "=": dice.say("equal to", "exactly", "the same as"),
    }[op]
    counting = dice.chance.random() < 0.6
    lead = dice.say("how many", "number of", "on how many") if counting else dice.say("which", "list", "show")
    noun = dice.phrases.entity(entity)
    whose = dice.say("have", "with", "where", "whose", "is")
    field = dice.phrases.field(entity, left)
    other = f"{dice.say('', 'the', 'their')} {dice.phrases.field(entity, right)}"
    test = FieldTest.model_validate({"path": f"{entity}.{left}", "op": op, "other": f"{entity}.{right}"})
    return of_records(f"{lead} {noun} {whose} {field} {than} {other}", entity, [test], counting=counting)


def missing(dice: Dice) -> Asked | None:
    """A field that is not filled, or is."""
    entity = dice.entity()
    name = dice.chance.choice(sorted(dice.catalogue.entity(entity).fields))
    figure = dice.phrases.field(entity, name)
    empty = dice.chance.random() < 0.75
    how = (
        dice.say(
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
        else dice.say(
            f"with a {figure}",
            f"where {figure} is filled",
            f"that have a {figure}",
            f"with {figure} filled in",
        )
    )
    scope = scoped(dice, entity, 0.15, 0.2, 0.1)
    noun, tail = scope.front(dice.phrases.entity(entity)), scope.tail()
    test = NullTest(path=f"{entity}.{name}", missing=empty)
    counting = dice.chance.random() < 0.6
    lead = dice.say("how many", "number of") if counting else dice.say("which", "list", "show")
    return of_records(f"{lead} {noun} {tail} {how}", entity, [*scope.tests, test], counting=counting)


def _columns(dice: Dice, entity: str) -> str:
    """What is to be shown of each record: `, number, vendor and quantity`."""
    if dice.chance.random() < 0.65:
        return ""
    own = [dice.phrases.field(entity, name) for name in dice.catalogue.entity(entity).fields]
    linked = [dice.phrases.entity(name, many=False) for name in dice.catalogue.paths[entity] if name in NAMED]
    words = dice.chance.sample(
        [*own, *linked, "number", "name", "quantity", "date", "value"],
        dice.chance.choice((1, 2, 2, 3, 4)),
    )
    listed = dice.say(", ", " and ", ", ").join(words)
    return dice.say(
        f" - {listed}",
        f"? give {listed}",
        f", {listed}",
        f" with {listed}",
        f" and show {listed}",
        f"? {listed} please",
        f" (with {listed})",
    )


def _shown(dice: Dice, entity: str) -> tuple[list[str], list[str]]:
    fields = dice.catalogue.entity(entity).fields
    names = dice.chance.sample(sorted(fields), min(len(fields), dice.chance.choice((0, 0, 1, 1, 2))))
    return [f"{entity}.{name}" for name in names], [dice.phrases.field(entity, name) for name in names]

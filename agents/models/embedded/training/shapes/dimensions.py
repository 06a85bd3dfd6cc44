"""What a question breaks figures down by, and the words for it."""

from __future__ import annotations

from agents.models.embedded.training.phrases import plural
from agents.models.embedded.training.shapes.dice import Dice
from agents.models.embedded.training.shapes.entities import CATEGORIES, NAMED
from tools.metrics.query import Grouping


def dimension(dice: Dice, entity: str) -> tuple[Grouping, str] | None:
    """A dimension with its noun in the singular."""
    reach = dice.catalogue.paths[entity]
    options: list[tuple[str, str]] = [(name, "") for name in NAMED if name in reach and name != entity]
    options += [(name, "") for name in ("material", "supplier") if name in reach and name != entity] * 2
    if "material" in reach:
        options += [("material", name) for name in (*CATEGORIES, "category", "is_made")]
    own = [name for name, one in dice.catalogue.entity(entity).fields.items() if one.kind == "category"]
    options += [(entity, name) for name in own] * 2
    if not options:
        return None
    owner, name = dice.chance.choice(options)
    if name:
        return Grouping(path=f"{owner}.{name}"), dice.phrases.field(owner, name)
    return Grouping(entity=owner), dice.phrases.entity(owner, many=False)


def grouped_by(dice: Dice, noun: str) -> str:
    """Words for a grouping."""
    many = plural(noun)
    return dice.say(
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

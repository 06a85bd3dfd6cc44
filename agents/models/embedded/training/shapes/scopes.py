"""Which records a question is about: conditions, names and a period, with the words for them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from agents.models.embedded.masked import masked_kind
from agents.models.embedded.training.phrases import Described
from agents.models.embedded.training.shapes.dice import Dice
from agents.models.embedded.training.shapes.entities import CATEGORIES, NAMED
from tools.metrics.query import DateTest, Filter, NamedTest, ValueTest

_START, _END = date(2024, 1, 1), date(2024, 12, 31)


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


def scoped(dice: Dice, entity: str, conditions: float, filters: float, period: float) -> Scope:
    """Conditions, filters and a period on an entity's records, each as often as said."""
    scope = Scope()
    if dice.chance.random() < conditions:
        add_condition(dice, entity, scope)
        if dice.chance.random() < 0.15:
            add_condition(dice, entity, scope)
    if dice.chance.random() < filters:
        _add_filter(dice, entity, scope)
    _add_period(dice, entity, scope, period)
    return scope


def _add_period(dice: Dice, entity: str, scope: Scope, often: float) -> None:
    """A period with or without the date that it is about."""
    chosen = dice.catalogue.entity(entity)
    if not chosen.dates or chosen.snapshot or entity == "material" or dice.chance.random() > often:
        return
    role = ""
    words = dice.say(
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
    if roles and dice.chance.random() < 0.35:
        role = dice.chance.choice(roles)
        words = f"{dice.chance.choice(chosen.dates[role].words)} {words}"
    scope.dates = words
    scope.tests.append(DateTest(role=role, start=_START, end=_END))


def add_condition(dice: Dice, entity: str, scope: Scope) -> None:
    """A named condition, a flag or a value of a category, of the entity or of what it refers to."""
    owner = entity
    links = {
        name: link.to
        for name, link in dice.catalogue.entity(entity).links.items()
        if link.to in ("material", "supplier")
    }
    if links and dice.chance.random() < 0.25:
        _, owner = dice.chance.choice(sorted(links.items()))
    test, said = _condition(dice, owner)
    if test is None or said is None or test in scope.tests:
        return
    if owner != entity:
        noun = dice.phrases.entity(owner)
        joint = dice.say("of", "for", "from", "on")
        scope.after.append(f"{joint} {said.before} {noun}" if said.before else f"{joint} {noun} {said.after}")
    elif said.before and dice.chance.random() < 0.5:
        scope.before.append(said.before)
    else:
        words = said.after
        if words.startswith("that are "):
            lead = dice.say("that are ", "which are ", "that were ", "which were ", "", "")
            words = lead + words.removeprefix("that are ")
        scope.after.append(words)
    scope.tests.append(test)


def _condition(dice: Dice, entity: str) -> tuple[Filter | None, Described | None]:
    chosen = dice.catalogue.entity(entity)
    flags = [
        (name, holds) for name, one in chosen.fields.items() if one.kind == "flag" for holds in (True, False)
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
    kind, name, what = dice.chance.choice(options)
    if kind == "named":
        return NamedTest(entity=entity, condition=name), dice.phrases.condition(entity, name)
    if kind == "flag":
        return ValueTest(path=f"{entity}.{name}", values=(bool(what),)), dice.phrases.flag(
            entity, name, bool(what)
        )
    return ValueTest(path=f"{entity}.{name}", values=(str(what),)), dice.phrases.value(
        entity, name, str(what)
    )


def _add_filter(dice: Dice, entity: str, scope: Scope) -> None:
    """A name of the master data: `for MATERIAL`, `SUPPLIER orders`, `in CATEGORY`."""
    reach = dice.catalogue.paths[entity]
    options = [(name, kind) for name, kind in NAMED.items() if name in reach and name != entity]
    if "material" in reach:
        options += [("material", name) for name in CATEGORIES]
    if not options:
        return
    owner, kind = dice.chance.choice(options)
    if kind.isupper():
        name = dice.catalogue.entity(owner).name or dice.catalogue.entity(owner).key
        test = ValueTest(path=f"{owner}.{name}", values=(masked_kind(f"{owner}.{name}"),))
        kind = masked_kind(f"{owner}.{name}")
    else:
        test = ValueTest(path=f"{owner}.{kind}", values=(kind.upper(),))
        kind = kind.upper()
    scope.tests.append(test)
    if dice.chance.random() < 0.2:
        scope.before.append(kind)
    else:
        joint = {
            "LOCATION": ("in", "at"),
            "SUPPLIER": ("from", "of", "with", "at", "for"),
            "COMPANY": ("of", "in", "for", "at"),
            "SCRAP_REASON": ("because of", "due to", "for", "with reason", "caused by"),
            "SHIP_METHOD": ("via", "by", "with", "shipped with"),
        }
        words = dice.say(*joint.get(kind, ("for", "of", "in", "on")))
        scope.after.append(f"{words} {dice.maybe('all ', 0.05)}{dice.maybe('the ', 0.1)}{kind}")

"""What a mapping needs of the rules of a site, known before any row is read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pydantic import BaseModel

from erp_adapters.errors import ConfigurationError
from erp_adapters.store.mapping import RecordSpec, SourceMapping
from erp_adapters.store.site_rules import SiteRules
from erp_adapters.store.terms import Amount, Coded, Concat, Expression, Period, Price, Quantity, Setting

CALENDAR = "calendar"
"""Stands among the names of rules for the codes of fiscal periods."""


@dataclass(frozen=True, slots=True)
class Needs:
    """Rules that a mapping refers to."""

    codes: frozenset[str]
    settings: frozenset[str]
    calendar: bool

    def __bool__(self) -> bool:
        return bool(self.codes or self.settings or self.calendar)


def needs_of(mapping: SourceMapping) -> Needs:
    """What an import by this mapping needs of a site's rules."""
    codes: set[str] = set()
    settings: set[str] = set()
    calendar = False
    for part in _parts(mapping.records):
        match part:
            case Coded() | Quantity() | Amount() | Price():
                codes.add(part.rule)
            case Setting():
                settings.add(part.setting)
            case Period():
                calendar = True
    return Needs(frozenset(codes), frozenset(settings), calendar)


def refuse_unmet(mapping: SourceMapping, rules: SiteRules, needs: Needs) -> None:
    """Raise where the site's rules lack one that the mapping needs.

    Raises:
        ConfigurationError: names each, with the remedy.
    """
    missing = [f"codes: {name}" for name in sorted(needs.codes - rules.codes.keys())]
    missing += [f"settings: {name}" for name in sorted(needs.settings - rules.settings.keys())]
    missing += ["calendar"] if needs.calendar and rules.calendar is None else []
    if missing:
        raise ConfigurationError(
            f"The rules of site {rules.site} lack what the mapping {mapping.source!r} needs: "
            f"{'; '.join(missing)}. Add it and propose them: `plantwright sites propose {rules.site} FILE`."
        )


def codes_of(spec: RecordSpec) -> list[tuple[str, Expression]]:
    """Each rule that the record's own fields are translated by, with the expression that gives the code."""
    found: list[tuple[str, Expression]] = []
    for expression in spec.expressions().values():
        found += [pair for pair in _codes(expression) if pair not in found]
    return found


def _codes(expression: Expression) -> Iterator[tuple[str, Expression]]:
    match expression:
        case Coded():
            yield expression.rule, expression.coded
        case Quantity() | Price():
            yield expression.rule, expression.unit
        case Amount():
            yield expression.rule, expression.currency
        case Period():
            yield CALENDAR, expression.period
        case Concat():
            for part in expression.concat:
                yield from _codes(part)
        case _:
            pass


def _parts(node: object) -> Iterator[object]:
    if isinstance(node, BaseModel):
        yield node
        for name in type(node).model_fields:
            yield from _parts(getattr(node, name))
    elif isinstance(node, list | tuple):
        for part in node:
            yield from _parts(part)
    elif isinstance(node, dict):
        for part in node.values():
            yield from _parts(part)

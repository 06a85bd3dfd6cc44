"""A family's variances from the figures of a case, whichever of them are given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from tools.engines.variance.components import CENTS, Variances, components, decimal, rounded
from tools.engines.variance.equations import Contradiction, Solution, Var, names, solve
from tools.engines.variance.families import Family


class CannotBe(Exception):
    """A case whose figures do not lead to what is asked; the message names the key and a remedy."""


def worked_out(
    family: Family,
    items: Sequence[str],
    given: Mapping[Var, Fraction],
    wanted: Sequence[str] = (),
    digits: int | None = None,
) -> Variances:
    """The variances wanted, or all that follow where none is named.

    Args:
        family: whose equations hold.
        items: materials, products or cost elements of the case.
        given: its figures under the names of the equations.
        wanted: names of variances.
        digits: of the amounts shown; by default cents, or more where all are below one.

    Raises:
        CannotBe: something wanted does not follow, or figures contradict each other.
    """
    try:
        solution, said = _with_assumptions(family, items, given, wanted)
        exact = {each: value for each, value in solution.known.items() if each.name in family.sides}
        parts, sums = components(exact, family.sides, family.totals, digits)
    except Contradiction as exc:
        raise CannotBe(str(exc)) from exc
    places = CENTS if digits is None else digits
    amounts = {
        each: decimal(rounded(value, places), places)
        for each, value in solution.known.items()
        if each.name in family.amounts
    }
    found = {each.name for each in (*parts, *amounts)}
    for name in wanted:
        if name not in found:
            raise CannotBe(_missing(family, items, solution.known, given, name))
    if not found & {*family.shown.values()}:
        raise CannotBe(_missing(family, items, solution.known, given, next(iter(family.shown.values()))))
    return Variances(parts, amounts, (*said, *dict.fromkeys((*solution.loose, *sums))))


def _with_assumptions(
    family: Family, items: Sequence[str], given: Mapping[Var, Fraction], wanted: Sequence[str]
) -> tuple[Solution, list[str]]:
    """What follows from the figures; where that is not enough, from what is usually meant as well."""
    known = dict(given)
    solution = solve(family.equations, items, known)
    said: list[str] = []
    for assumption in family.assumptions:
        if wanted and all(_has(solution, items, family, name) for name in wanted):
            break
        before = len(known)
        for item in items if assumption.name.endswith("[i]") else [None]:
            target = Var(assumption.name.removesuffix("[i]"), item)
            value = _value(assumption.value, item, solution.known)
            if target not in solution.known and value is not None:
                known[target] = value
        if taken := len(known) - before:
            reached = solve(family.equations, items, known)
            if len(reached.known) > len(solution.known) + taken and assumption.said:
                said.append(assumption.said)
            solution = reached
    return solution, said


def _value(text: str, item: str | None, known: Mapping[Var, Fraction]) -> Fraction | None:
    if text.isdigit():
        return Fraction(text)
    return known.get(Var(text.removesuffix("[i]"), item if text.endswith("[i]") else None))


def _has(solution: Solution, items: Sequence[str], family: Family, name: str) -> bool:
    if not family.indexed[name]:
        return Var(name) in solution.known
    return bool(items) and all(Var(name, item) in solution.known for item in items)


def _missing(
    family: Family,
    items: Sequence[str],
    known: Mapping[Var, Fraction],
    given: Mapping[Var, Fraction],
    name: str,
) -> str:
    """What to add so that a variance follows, tried one input at a time."""
    inputs = sorted({each for each in family.spellings.values() if each not in family.sides})
    filling = {
        each: {Var(each, item): Fraction(7919 + at) for at, item in enumerate(items)}
        if family.indexed[each]
        else {Var(each): Fraction(7919)}
        for each in inputs
    }
    enough = []
    for each, values in filling.items():
        if set(values) <= set(known):
            continue
        if _follows(family, items, {**values, **known}, name):
            enough.append(each)
    if enough:
        return f"{name!r} does not follow from the inputs; give {' or '.join(repr(each) for each in enough)}"
    zero = [str(each) for each, value in given.items() if not value]
    if zero:
        return (
            f"{name!r} does not follow from the inputs: {', '.join(map(repr, zero))} being 0 leaves it open"
        )
    unknown = sorted({each for each in _beside(family, name) if not any(var.name == each for var in known)})
    listed = ", ".join(map(repr, unknown)) or "them"
    return f"{name!r} does not follow from the inputs; of {listed} nothing is known"


def _follows(family: Family, items: Sequence[str], given: Mapping[Var, Fraction], name: str) -> bool:
    try:
        solution, _ = _with_assumptions(family, items, given, (name,))
    except Contradiction:
        return False
    return _has(solution, items, family, name)


def _beside(family: Family, name: str) -> list[str]:
    return [
        each
        for equation in family.equations
        if name in names([equation])
        for each in names([equation])
        if each not in family.sides
    ]

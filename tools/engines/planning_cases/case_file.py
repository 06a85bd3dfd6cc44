"""Planning cases of a JSON file, each with its result or with what is wrong with it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, DecimalException
from typing import cast

from tools.engines.planning_cases.families import FAMILIES, NAMED, SAME
from tools.engines.planning_cases.keys import CaseInvalid, Json, plain, read, shown
from tools.errors import ToolError


class CasesUnreadable(ToolError):
    """The file holds no cases; the message says what it should hold."""


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a case."""

    id: str
    family: str
    values: Mapping[str, Json]
    conventions: tuple[str, ...] = ()
    """Taken where the inputs fix none."""
    not_computed: tuple[str, ...] = ()
    """Keys that the case asks for and this family does not have."""
    error: str = ""

    def as_json(self) -> dict[str, object]:
        """The figures by name; decimals as numbers."""
        if self.error:
            return {"error": self.error, "family": self.family}
        found = {name: _plain_number(value) for name, value in self.values.items()}
        found["conventions"] = list(self.conventions)
        if self.not_computed:
            found["not_computed"] = list(self.not_computed)
        return found


def results(text: str) -> tuple[Result, ...]:
    """The result of each case of a file, in its order.

    Raises:
        CasesUnreadable: the text is no JSON, or has no cases.
    """
    try:
        content = cast(
            Json, json.loads(text, parse_float=Decimal, parse_int=Decimal, parse_constant=_refused)
        )
    except (ValueError, RecursionError, DecimalException) as exc:
        raise CasesUnreadable(f"no JSON: {exc}") from exc
    found: list[Result] = []
    seen: dict[str, int] = {}
    for at, (name, case) in enumerate(_cases(content), 1):
        own = case.get("id") if isinstance(case, Mapping) else None
        label = str(own) if isinstance(own, str | Decimal) else name
        label = label or f"case {at}"
        seen[label] = seen.get(label, 0) + 1
        if seen[label] > 1:
            label = f"{label}#{seen[label]}"
        found.append(result(label, case))
    return tuple(found)


def _refused(constant: str) -> Decimal:
    raise ValueError(f"{constant} is no number that can be planned with")


def _cases(content: Json) -> list[tuple[str, Json]]:
    if isinstance(content, Mapping) and "cases" in content and "family" not in content:
        content = content["cases"]
    if isinstance(content, list):
        return [("", case) for case in content]
    if isinstance(content, Mapping):
        if "family" in content:
            return [("", content)]
        if content and all(isinstance(case, Mapping) for case in content.values()):
            return list(content.items())
    raise CasesUnreadable("no cases: an object with 'cases', a list of cases, or one case with its 'family'")


def result(label: str, case: Json) -> Result:
    """What becomes of one case."""
    if not isinstance(case, Mapping):
        return Result(
            label, "", {}, error=f"the case is {shown(case)}, not an object with 'family' and 'inputs'"
        )
    named = case.get("family")
    if not isinstance(named, str):
        return Result(label, "", {}, error=f"'family' is missing; valid: {', '.join(FAMILIES)}")
    name = NAMED.get(plain(named))
    if name is None:
        return Result(
            label, named, {}, error=f"'family' {named!r} is not known; valid: {', '.join(FAMILIES)}"
        )
    inputs = case.get("inputs", case.get("input"))
    if not isinstance(inputs, Mapping):
        keys = ", ".join(key.name for key in FAMILIES[name].keys)
        return Result(label, named, {}, error=f"'inputs' is missing: an object with the keys {keys}")
    try:
        return _computed(label, named, name, inputs, _asked(case))
    except CaseInvalid as exc:
        return Result(label, named, {}, error=str(exc))
    except (DecimalException, ZeroDivisionError, OverflowError) as exc:
        figures = ", ".join(f"{key}={shown(value)}" for key, value in inputs.items())
        return Result(
            label, named, {}, error=f"'inputs' lead to no finite figure ({type(exc).__name__}): {figures}"
        )


def _computed(label: str, named: str, name: str, inputs: Mapping[str, Json], asked: Sequence[str]) -> Result:
    family = FAMILIES[name]
    given = read(name, _gathered(inputs, family.gathered), family.keys)
    values = family.compute(given)
    missing = []
    for key in asked:
        if key in values:
            continue
        source = _same(key, values)
        if source is None:
            missing.append(key)
        else:
            values[key] = values[source]
    return Result(label, named, values, tuple(given.notes), tuple(missing))


def _same(asked: str, values: Mapping[str, Json]) -> str | None:
    """The name under which a result stands that a case asks for by another one."""
    wanted = plain(asked)
    if wanted in values:
        return wanted
    for names in SAME:
        if asked in names or wanted in names:
            found = next((name for name in names if name in values), None)
            if found is not None:
                return found
    return None


def _asked(case: Mapping[str, Json]) -> list[str]:
    """The names of the results that a case asks for; expected values are not looked at."""
    keys = case.get("expected_keys")
    if isinstance(keys, list):
        return [str(key) for key in keys]
    shape = case.get("expected")
    return list(shape) if isinstance(shape, Mapping) else []


def _gathered(inputs: Mapping[str, Json], beginning: str) -> Mapping[str, Json]:
    """The inputs with those that are numbered one by one put under a key of their own."""
    if not beginning or "components" in inputs:
        return inputs
    named = {
        key: value
        for key, value in inputs.items()
        if key.startswith(beginning) and isinstance(value, Mapping)
    }
    rest = {key: value for key, value in inputs.items() if key not in named}
    return {**rest, "components": named} if named else rest


def _plain_number(value: Json) -> object:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, Mapping):
        return {name: _plain_number(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_plain_number(each) for each in value]
    return value

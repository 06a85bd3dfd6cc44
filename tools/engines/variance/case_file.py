"""Results of a file of cases: one for each, whatever becomes of the others."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal

from tools.engines.variance.cases import Result, result
from tools.engines.variance.families import words
from tools.engines.variance.figures import Json

CASE_KEYS = words(
    "id family inputs expected expected_keys digits source url published identities note name title"
)


class CasesUnreadable(Exception):
    """The text is not a file of cases."""


def results(text: str) -> list[Result]:
    """A result for each case, in their order.

    Args:
        text: JSON, an object with `cases`, a list of cases, or one case. Of expected results only the keys
            are looked at.

    Raises:
        CasesUnreadable: the text is no JSON, or has no cases.
    """
    try:
        read: Json = json.loads(text, parse_float=Decimal, parse_int=Decimal, parse_constant=Decimal)
    except (ValueError, RecursionError) as exc:
        raise CasesUnreadable(f"no JSON: {exc}") from exc
    listed = read
    if isinstance(read, dict):
        listed = read.get("cases", [read] if "family" in read else None)
    if not isinstance(listed, list):
        raise CasesUnreadable("there are no cases; give {'cases': [{'id', 'family', 'inputs'}]}")
    found: list[Result] = []
    taken: set[str] = set()
    for at, case in enumerate(listed):
        id = _id(case, at, taken)
        taken.add(id)
        found.append(_result(id, case))
    return found


def _id(case: Json, at: int, taken: set[str]) -> str:
    """Its id; its place where it has none, and a number behind it where another has it too."""
    given = case.get("id") if isinstance(case, dict) else None
    id = str(given) if given not in (None, "") else f"case {at + 1}"
    return id if id not in taken else f"{id} ({at + 1})"


def _result(id: str, case: Json) -> Result:
    if not isinstance(case, dict):
        return Result(id, "", error="a case must be a record with 'family' and 'inputs'")
    family, inputs = case.get("family"), case.get("inputs")
    if not isinstance(family, str):
        return Result(id, "", error="'family' is missing")
    unknown = sorted(set(case) - CASE_KEYS)
    if unknown:
        return Result(
            id, family, error=f"{unknown[0]!r} is no key of a case; it takes {', '.join(sorted(CASE_KEYS))}"
        )
    if not isinstance(inputs, dict):
        return Result(id, family, error="'inputs' is missing")
    asked = case.get("expected_keys", case.get("expected", []))
    keys = [*asked] if isinstance(asked, list | Mapping) else None
    if keys is None or not all(isinstance(each, str) for each in keys):
        return Result(id, family, error="'expected_keys' must be a list of names")
    return result(id, family, inputs, [str(each) for each in keys], case.get("digits"))

"""JSON whose decimals are numbers with all their digits; the library's would go through floating point."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TypeAlias

Exact: TypeAlias = "bool | int | str | Decimal | Sequence[Exact] | Mapping[str, Exact] | None"


def exact_json(value: Exact, indent: int = 0) -> str:
    """The value as indented JSON."""
    inner = " " * (indent + 1)
    match value:
        case Decimal():
            return _number(value)
        case Mapping():
            lines = [
                f"{inner}{json.dumps(key)}: {exact_json(each, indent + 1)}" for key, each in value.items()
            ]
            return _block("{}", lines, indent)
        case Sequence() if not isinstance(value, str):
            return _block("[]", [inner + exact_json(each, indent + 1) for each in value], indent)
        case _:
            return json.dumps(value)


def _block(braces: str, lines: Sequence[str], indent: int) -> str:
    if not lines:
        return braces
    return braces[0] + "\n" + ",\n".join(lines) + "\n" + " " * indent + braces[1]


def _number(value: Decimal) -> str:
    """Without exponent and without zeros that say nothing."""
    text = f"{value:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text

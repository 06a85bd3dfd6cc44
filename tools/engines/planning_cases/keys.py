"""What the inputs of a planning case may be called, and their values read and checked once.

Textbooks spell the same thing in many ways: the table of synonyms is data. A key that is not known is refused
by name, with those that would be valid.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from importlib.resources import files
from typing import Literal, TypeAlias

from tools.engines.structure import ZERO
from tools.errors import ToolError

Json: TypeAlias = "Decimal | str | bool | Sequence[Json] | Mapping[str, Json] | None"
Kind = Literal[
    "number",
    "not_negative",
    "positive",
    "share",
    "percent",
    "count",
    "series",
    "series_or_number",
    "text",
    "flag",
    "lot",
    "by_item",
    "any",
]
"""`share`: of one, exclusive 0 and 1; a figure above 1 is taken for percent. `count`: a whole number from 0.
`series`: figures by period, none negative; `lot`: a rule by name, a fixed quantity, or an object with both.
`by_item`: one value for all materials or an object of them."""

_WORDS: Mapping[Kind, str] = {
    "number": "a number",
    "not_negative": "a number of at least 0",
    "positive": "a number above 0",
    "share": "a share between 0 and 1 (or percent)",
    "percent": "a percentage of at least 0",
    "count": "a whole number of at least 0",
    "series": "a list of numbers of at least 0, one for each period",
    "series_or_number": "a number of at least 0, or a list of one for each period",
    "text": "a text",
    "flag": "true or false",
    "lot": "the name of a lot rule, a fixed quantity, or an object with `rule`",
    "by_item": "one value for all materials, or an object of them by material",
    "any": "an object or list",
}
LONGEST = 5_000
"""Periods, materials or brackets of a case; a longer list is refused rather than computed for minutes."""
_HIGHEST = Decimal("1e30")

SPELLINGS = tomllib.loads(files("tools.engines.planning_cases").joinpath("spellings.toml").read_text("utf-8"))
"""Other names of keys, families and results."""


class CaseInvalid(ToolError):
    """A case cannot be computed; the message names the key, what it held, and what would be valid."""


@dataclass(frozen=True, slots=True)
class Key:
    """An input of a family."""

    name: str
    kind: Kind
    required: bool = False
    choices: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    """Spellings of this family alone."""

    @property
    def spellings(self) -> tuple[str, ...]:
        """All names that it may have."""
        return (self.name, *self.also, *SPELLINGS["keys"].get(self.name, ()))


def keys_of(group: str, *keys: Key) -> tuple[Key, ...]:
    """Keys with the spellings that only this group of them has."""
    only = SPELLINGS["only"].get(group, {})
    return tuple(replace(key, also=tuple(only.get(key.name, ()))) for key in keys)


class Given:
    """The inputs of a case under their own names, checked."""

    def __init__(self, values: Mapping[str, Json], notes: list[str]) -> None:
        self.values = values
        """By the family's own names."""
        self.notes = notes
        """Conventions that were taken; the result says them."""

    def has(self, name: str) -> bool:
        """True where it was given."""
        return self.values.get(name) is not None

    def note(self, convention: str) -> None:
        """Say in the result which convention was taken."""
        if convention not in self.notes:
            self.notes.append(convention)

    def number(self, name: str, default: Decimal | None = None) -> Decimal:
        """A figure, or what stands for one that is not given."""
        value = self.values.get(name)
        if value is None:
            if default is None:
                raise CaseInvalid(f"{name!r} is missing")
            return default
        assert isinstance(value, Decimal)
        return value

    def count(self, name: str, default: int) -> int:
        """A whole number."""
        return int(self.number(name, Decimal(default)))

    def text(self, name: str, default: str) -> str:
        """A text, in lower case."""
        value = self.values.get(name)
        return value if isinstance(value, str) else default

    def flag(self, name: str, default: bool) -> bool:
        """A yes or no."""
        value = self.values.get(name)
        return value if isinstance(value, bool) else default

    def series(self, name: str, length: int | None = None, default: Decimal | None = None) -> list[Decimal]:
        """Figures by period; one figure stands for each of them where the length is known."""
        value = self.values.get(name)
        if value is None and default is not None:
            value = default
        if isinstance(value, Decimal) and length is not None:
            return [value] * length
        if not isinstance(value, list):
            raise CaseInvalid(f"{name!r} is missing")
        found = [one for one in value if isinstance(one, Decimal)]
        if length is not None and len(found) != length:
            raise CaseInvalid(f"{name!r} has {len(found)} periods; the others have {length}")
        return found

    def raw(self, name: str) -> Json:
        """The value as it was given."""
        return self.values.get(name)


def read(family: str, inputs: Mapping[str, Json], keys: Sequence[Key]) -> Given:
    """The inputs of a case under the family's own names.

    Raises:
        CaseInvalid: a key is not known, given twice, missing, or holds what it cannot.
    """
    notes: list[str] = []
    found: dict[str, Json] = {}
    names = _names(inputs, keys)
    for spelled, value in inputs.items():
        key = names[spelled]
        if key is None:
            valid = ", ".join(one.name for one in keys)
            raise CaseInvalid(f"{spelled!r} is not a key of {family!r}; valid keys: {valid}")
        if value is None:
            continue
        if key.name in found:
            twice = [one for one, same in names.items() if same is key and inputs[one] is not None]
            raise CaseInvalid(f"{key.name!r} is given more than once: {', '.join(twice)}")
        found[key.name] = checked(spelled, value, key.kind, notes)
        if key.choices and found[key.name] not in key.choices:
            raise CaseInvalid(f"{spelled!r} is {value!r}; valid: {', '.join(key.choices)}")
    for key in keys:
        if key.required and found.get(key.name) is None:
            others = f" (also: {', '.join(key.spellings[1:5])})" if len(key.spellings) > 1 else ""
            raise CaseInvalid(f"{key.name!r} is missing{others}: {_WORDS[key.kind]}")
    return Given(found, notes)


def plain(name: str) -> str:
    """A name without the case and punctuation in which spellings differ."""
    return re.sub(r"[\s\-.]+", "_", name.strip()).lower()


def _names(inputs: Mapping[str, Json], keys: Sequence[Key]) -> dict[str, Key | None]:
    """Which key each spelling means: own names first, then exact spellings, then those in another case."""
    found: dict[str, Key | None] = dict.fromkeys(inputs)
    taken: set[str] = set()
    matches = (
        lambda spelled, key: spelled == key.name,
        lambda spelled, key: spelled in key.spellings,
        lambda spelled, key: plain(spelled) in {plain(one) for one in key.spellings},
    )
    for match in matches:
        for spelled in inputs:
            if found[spelled] is not None:
                continue
            fitting = [key for key in keys if match(spelled, key)]
            # `p` is a price to one textbook, a production rate to another: a key still free goes first.
            free = [key for key in fitting if key.name not in taken]
            if fitting:
                found[spelled] = (free or fitting)[0]
                taken.add((free or fitting)[0].name)
    return found


def checked(name: str, value: Json, kind: Kind, notes: list[str]) -> Json:
    """A value as its kind wants it.

    Raises:
        CaseInvalid: it is something else.
    """
    match kind:
        case "series" | "series_or_number":
            if kind == "series_or_number" and not isinstance(value, list | Mapping):
                return _number(name, value, "not_negative", notes)
            return _series(name, value, kind, notes)
        case "text":
            if isinstance(value, str):
                return plain(value)
        case "flag":
            if isinstance(value, bool):
                return value
        case "lot" | "by_item":
            if isinstance(value, str | Decimal | Mapping):
                return value
        case "any":
            if isinstance(value, list | Mapping):
                return value
        case _:
            return _number(name, value, kind, notes)
    raise CaseInvalid(f"{name!r} is {shown(value)}, not {_WORDS[kind]}")


def _series(name: str, value: Json, kind: Kind, notes: list[str]) -> list[Decimal]:
    if isinstance(value, Mapping):
        value = _by_period(name, value)
    if not isinstance(value, list):
        raise CaseInvalid(f"{name!r} is {shown(value)}, not {_WORDS[kind]}")
    if not value or len(value) > LONGEST:
        raise CaseInvalid(f"{name!r} has {len(value)} entries; valid: 1 to {LONGEST}")
    return [_number(f"{name}[{at}]", each, "not_negative", notes) for at, each in enumerate(value, 1)]


def _by_period(name: str, value: Mapping[str, Json]) -> list[Json]:
    """A list for figures by the number of the period; those left out are zero."""
    try:
        numbered = {int(key): each for key, each in value.items()}
    except ValueError as exc:
        raise CaseInvalid(f"{name!r} has a period that is not a number: {exc}") from exc
    if not numbered or min(numbered) < 1 or max(numbered) > LONGEST:
        raise CaseInvalid(f"{name!r}: periods are numbered from 1 to at most {LONGEST}")
    return [numbered.get(at, ZERO) for at in range(1, max(numbered) + 1)]


def _number(name: str, value: Json, kind: Kind, notes: list[str]) -> Decimal:
    number = value
    if isinstance(value, str):
        text = value.strip()
        is_percent = text.endswith("%")
        if re.fullmatch(r"[+-]?\d+(\.\d+)?%?", text):
            number = Decimal(text.rstrip("%"))
            if is_percent and kind == "share":
                number /= 100
    if not isinstance(number, Decimal) or abs(number) > _HIGHEST:
        raise CaseInvalid(f"{name!r} is {shown(value)}, not {_WORDS[kind]}")
    if kind == "share" and 1 < number < 100:
        notes.append(f"{name} {number} is taken for percent")
        number /= 100
    is_valid = {
        "number": True,
        "not_negative": number >= 0,
        "positive": number > 0,
        "percent": number >= 0,
        "share": 0 < number < 1,
        "count": number >= 0 and number == int(number),
    }[kind]
    if not is_valid:
        raise CaseInvalid(f"{name!r} is {shown(value)}, not {_WORDS[kind]}")
    return number


def shown(value: Json) -> str:
    """A value as a message shows it, cut where it is long."""
    text = str(value) if isinstance(value, Decimal) else repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."

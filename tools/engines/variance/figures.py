"""The figures of a case as the equations name them, from the many ways in which cases write them.

Numbers stand under a key, in a group (`actual: {units, price}`), by item (`actual: {A: 1, B: 2}`) or in
records (`[{m: A, qty: 8, price: 10}]`). What a key means stands in the family's table; others are refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from fractions import Fraction
from typing import TypeAlias

from tools.engines.variance.equations import Var
from tools.engines.variance.families import Family, plain, words
from tools.engines.variance.solving import CannotBe

Json: TypeAlias = "bool | str | Decimal | list[Json] | dict[str, Json] | None"

ONLY = "all"
"""The item of a case that has one and does not name it."""
NAME_KEYS = words(
    "m material name product item grade element id sku code component model region line key cost_element"
    " label category resource type"
)
NAME_LISTS = words("materials products items names grades elements components skus models")
REMARKS = words("note notes basis comment currency unit uom period description")
"""Last words of keys that say something about the case and are no figure."""
ADVERSE = {"f": -1, "fav": -1, "u": 1, "a": 1, "unfav": 1, "adv": 1, "n": 0, "nil": 0, "none": 0}
SIDES = words("actual budget standard original revised plan base prior current")
"""First words of groups whose figures are never those of the other side."""
LARGEST_EXPONENT = 400
SUMMED = ("cost", "fixed", "overhead", "revenue", "wages")
"""Words of figures that may be given as a list of what they consist of."""


@dataclass(slots=True)
class Figures:
    """What a case gives."""

    items: list[str] = field(default_factory=list)
    given: dict[Var, Fraction] = field(default_factory=dict)
    options: dict[str, str] = field(default_factory=dict)
    conventions: list[str] = field(default_factory=list)
    spelled: dict[str, str] = field(default_factory=dict)
    """Names in the equations with the key that the case writes."""


class NeedsItems(Exception):
    """A family of single figures was given figures by item."""


def figures(family: Family, inputs: Mapping[str, Json], known_words: frozenset[str]) -> Figures:
    """The figures of a case.

    Args:
        family: whose names are meant.
        inputs: the case's inputs.
        known_words: every input that some family knows; such a one is left aside and said, not refused.

    Raises:
        CannotBe: an unknown key, or a value that is no number, negative or told twice.
        NeedsItems: single figures are given by item.
    """
    reader = _Reader(family, known_words)
    for key, value in inputs.items():
        reader.take(key, value, inputs)
    return reader.finished()


class _Reader:
    def __init__(self, family: Family, known_words: frozenset[str]) -> None:
        self._family = family
        self._known_words = known_words
        self._read = Figures()
        self._spelled: dict[Var, str] = {}
        self._for_all: dict[str, tuple[str, Fraction]] = {}
        self._records: dict[str, list[str]] = {}

    def take(self, key: str, value: Json, inputs: Mapping[str, Json]) -> None:
        word = plain(key)
        if word in self._family.options:
            self._read.options[self._family.options[word]] = str(value)
        elif value is None:
            raise CannotBe(f"{key!r} is empty; leave it out or give a number")
        elif isinstance(value, dict):
            self._mapping(key, word, value)
        elif isinstance(value, list):
            self._list(key, word, value, inputs)
        elif not (self._is_remark(word) and self._meaning(word) is None):
            self._single(key, word, value)

    def finished(self) -> Figures:
        """Figures that were given once for all items stand for each of them."""
        if self._for_all and not self._read.items:
            self._read.items.append(ONLY)
        for name, (key, value) in self._for_all.items():
            for item in self._read.items:
                self._put(key, Var(name, item), value)
        for renaming in self._family.renamings:
            meant, beside = Var(renaming.name), Var(renaming.beside)
            if meant in self._read.given and beside in self._read.given:
                self._read.given.setdefault(Var(renaming.meant), self._read.given.pop(meant))
                self._read.conventions.append(renaming.said)
        return self._read

    def _single(self, key: str, word: str, value: Json) -> None:
        name = self._needed(key, word)
        if name is None:
            return
        if name in self._family.sides:
            self._put(key, Var(name), self._variance(key, name, value))
        elif self._family.indexed[name]:
            self._for_all[name] = (key, number(key, value))
        else:
            self._put(key, Var(name), number(key, value))

    def _mapping(self, key: str, word: str, value: dict[str, Json]) -> None:
        own = self._meaning(word)
        if own is not None and own in self._family.sides and "amount" in value:
            self._put(key, Var(own), self._variance(key, own, value))
        elif value and all(self._field(word, plain(each)) is not None for each in value):
            for each, figure in value.items():
                self._of_group(f"{key}.{each}", self._field(word, plain(each)) or "", figure)
        elif any(isinstance(each, dict) for each in value.values()):
            for item, record in value.items():
                if not isinstance(record, dict):
                    raise CannotBe(f"'{key}.{item}' must be a record as its neighbours are")
                self._record(key, word, self._item(item), record)
        elif any(self._field(word, plain(each)) is not None for each in value):
            unknown = next(each for each in value if self._field(word, plain(each)) is None)
            raise CannotBe(self._unknown(f"{key}.{unknown}", plain(unknown)))
        else:
            self._by_item(key, self._needed(key, word), value.items())

    def _of_group(self, key: str, name: str, value: Json) -> None:
        if isinstance(value, dict):
            self._by_item(key, name, value.items())
        elif isinstance(value, list):
            self._by_item(key, name, self._numbered(value))
        elif self._family.indexed[name]:
            self._for_all[name] = (key, number(key, value))
        else:
            self._put(key, Var(name), number(key, value))

    def _list(self, key: str, word: str, value: list[Json], inputs: Mapping[str, Json]) -> None:
        if word in NAME_LISTS and all(isinstance(each, str) for each in value):
            return
        if value and all(isinstance(each, dict) for each in value):
            for at, record in enumerate(value):
                assert isinstance(record, dict)
                named = next((str(v) for k, v in record.items() if k.lower() in NAME_KEYS), str(at + 1))
                if named in self._records.setdefault(word, []):
                    raise CannotBe(f"{key!r} has {named!r} twice")
                self._records[word].append(named)
                rest = {k: v for k, v in record.items() if k.lower() not in NAME_KEYS}
                self._record(key, word, self._item(named), rest)
            return
        listed = next((v for k, v in inputs.items() if plain(k) in NAME_LISTS and isinstance(v, list)), None)
        if listed is not None and all(isinstance(each, str) for each in listed):
            if len(listed) != len(value):
                raise CannotBe(f"{key!r} has {len(value)} values for {len(listed)} names")
            self._by_item(key, self._needed(key, word), zip(map(str, listed), value, strict=True))
        else:
            self._by_item(key, self._needed(key, word), self._numbered(value))

    def _record(self, key: str, word: str, item: str, record: Mapping[str, Json]) -> None:
        for each, value in record.items():
            part = plain(each)
            if isinstance(value, dict):
                self._record(f"{key}.{each}", part, item, value)
                continue
            name = self._field(word, part)
            if name is None:
                if self._is_remark(part) and not isinstance(value, Decimal):
                    continue
                side = word.split("_")[0]
                name = self._needed(f"{key}.{each}", f"{side}_{part}" if side in SIDES else part)
                if name is None:
                    continue
            if not self._family.indexed[name]:
                raise self._not_by_item(f"{key}.{each}")
            self._put(f"{key}.{each}", Var(name, item), number(f"{key}.{each}", value))

    def _by_item(self, key: str, name: str | None, values: Iterable[tuple[str, Json]]) -> None:
        if name is None:
            return
        pairs = list(values)
        self._read.spelled.setdefault(name, key)
        if self._family.indexed.get(name):
            for item, value in pairs:
                self._put(f"{key}.{item}", Var(name, self._item(item)), number(f"{key}.{item}", value))
        elif not self._family.by_items and any(word in name for word in SUMMED):
            self._put(key, Var(name), sum((number(f"{key}.{i}", v) for i, v in pairs), Fraction(0)))
            self._read.conventions.append(f"{key} is the sum of what it lists")
        else:
            raise self._not_by_item(key)

    def _numbered(self, values: Sequence[Json]) -> Iterator[tuple[str, Json]]:
        return ((str(at + 1), value) for at, value in enumerate(values))

    def _not_by_item(self, key: str) -> Exception:
        if self._family.by_items:
            return NeedsItems()
        return CannotBe(f"{key!r} must be one number in the family {self._family.name!r}, not one by item")

    def _item(self, name: str) -> str:
        if name not in self._read.items:
            self._read.items.append(name)
        return name

    def _field(self, group: str, part: str) -> str | None:
        spelled = self._family.spellings
        for each in (f"{group}.{part}", f"{group}_{part}"):
            if each in spelled:
                return spelled[each]
        side = group.split("_")[0]
        if side in SIDES:
            return spelled.get(f"{side}_{part}")
        return spelled.get(part) if group in NAME_LISTS else None

    def _meaning(self, word: str) -> str | None:
        return self._family.spellings.get(word)

    def _needed(self, key: str, word: str) -> str | None:
        name = self._meaning(word)
        if name is not None:
            return name
        if word in self._known_words:
            self._read.conventions.append(f"{key} is not used in the family {self._family.name}")
            return None
        raise CannotBe(self._unknown(key, word))

    def _unknown(self, key: str, word: str) -> str:
        names = sorted({each for each in self._family.spellings.values() if each not in self._family.sides})
        near = get_close_matches(word.rsplit(".", 1)[-1], [*self._family.spellings], 1, 0.75)
        hint = f"; {self._family.spellings[near[0]]!r} may be meant" if near else ""
        return f"{key!r} is not known to the family {self._family.name!r}{hint}; it takes {', '.join(names)}"

    def _is_remark(self, word: str) -> bool:
        return word.rsplit("_", 1)[-1] in REMARKS

    def _variance(self, key: str, name: str, value: Json) -> Fraction:
        if (
            isinstance(value, dict)
            and "effect" in value
            and set(value) <= {"amount", "effect", "delta", "note"}
        ):
            amount, effect = number(f"{key}.amount", value.get("amount")), str(value["effect"])
        elif isinstance(value, str) and len(value.split()) == 2:
            text, effect = value.split()
            amount = number(key, text)
        else:
            raise CannotBe(f"{key!r} is a variance: give {{'amount': ..., 'effect': 'F' or 'U'}}")
        sign = next((s for word, s in ADVERSE.items() if effect.lower() == word), None)
        if sign is None:
            sign = {"fav": -1, "unf": 1, "adv": 1}.get(effect.lower()[:3])
        if sign is None:
            raise CannotBe(f"'{key}.effect' is {effect!r}; it must be 'F', 'U' or 'N'")
        return amount * sign * (1 if self._family.sides[name] == "cost" else -1)

    def _put(self, key: str, variable: Var, value: Fraction) -> None:
        if value < 0 and variable.name not in self._family.signed and variable.name not in self._family.sides:
            raise CannotBe(f"{key!r} is below 0; it must be 0 or more")
        if self._read.given.get(variable, value) != value:
            raise CannotBe(f"{key!r} says something else than {self._spelled[variable]!r}; give one of them")
        self._read.given[variable] = value
        self._spelled.setdefault(variable, key)
        self._read.spelled.setdefault(variable.name, key)


def number(key: str, value: Json) -> Fraction:
    """A number of a case, exactly.

    Raises:
        CannotBe: it is none, or beyond any amount.
    """
    if isinstance(value, str):
        text = value
        try:
            value = Decimal(text.strip())
        except InvalidOperation:
            raise CannotBe(f"{key!r} is {text[:40]!r}; it must be a number") from None
    if not isinstance(value, Decimal):
        raise CannotBe(f"{key!r} must be a number, not {_kind(value)}")
    if not value.is_finite():
        raise CannotBe(f"{key!r} is {value}; it must be a number")
    exponent = value.as_tuple().exponent
    assert isinstance(exponent, int)
    if abs(exponent) > LARGEST_EXPONENT or value.adjusted() > LARGEST_EXPONENT:
        raise CannotBe(f"{key!r} is beyond 1e{LARGEST_EXPONENT}")
    return Fraction(value)


def _kind(value: Json) -> str:
    return {dict: "a record", list: "a list", bool: "true or false"}.get(type(value), "nothing")

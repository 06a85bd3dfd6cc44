"""What words mean once it is clear which kind of record a question is about."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence, Set
from decimal import Decimal
from functools import lru_cache
from importlib.resources import files
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, StrictBool

from agents.models.embedded.compound.pieces import (
    Attribute,
    Figure,
    Held,
    Meaning,
    Qualifier,
    Record,
    Related,
    Role,
    Test,
    Thing,
)
from agents.models.embedded.lexicon import CatalogueHolder, reduced
from agents.models.embedded.text import stems
from tools.metrics.catalogue import Catalogue, Entity
from tools.metrics.query import AnyTest, FieldTest, Filter, NamedTest, NullTest, Operator, ValueTest

_FAR = 3
"""Links over which a record's things are still called by their plain names."""


_OVER = frozenset({"still", "already", "currently", "yet"})
_HAVING = ("with ", "without ", "have ", "has ", "had ")
_DAYS = ("date",)
_LASTS = ("last ", "latest ", "most recent ", "first ", "very first ")
_PIECES = ("piece", "unit", "quantity")
_MONEY = ("value", "worth", "amount")
"""What any record's pieces and money are called."""


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Said(_Entry):
    """A condition and what it is called; one of `named`, `field`, `missing`, `present`, `empty`, `later`."""

    words: tuple[str, ...]
    named: str = ""
    field: str = ""
    op: Operator = "="
    values: tuple[StrictBool | Decimal | str, ...] = ()
    missing: str = ""
    present: str = ""
    empty: str = ""
    later: tuple[str, ...] = ()


class _Main(_Entry):
    """Fields that are meant by `pieces`, `worth`, a bare date, and by what compares with a number alone."""

    pieces: str = ""
    money: str = ""
    date: str = ""
    time: str = ""
    """Field of minutes or hours that `took longer than` is about."""
    age: str = ""
    """Field of days that `older than` is about."""
    late: str = ""
    """Field of days that `days late` is about, where nothing names it."""


class _Related(_Entry):
    """Records of another kind that refer to these, and what they are called."""

    words: tuple[str, ...]
    entity: str
    field: str = ""
    values: tuple[str, ...] = ()
    named: str = ""


class _Qualified(_Entry):
    """Words that say which of several like fields and conditions of such records are meant."""

    words: tuple[str, ...]
    instead: dict[str, str] = Field(default_factory=dict)


class _Words(_Entry):
    nouns: tuple[str, ...] = ()
    main: _Main = _Main()
    fields: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    figures: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    held: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    """Figures of groups, and what is said of those of which they are above nothing."""
    roles: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    tests: tuple[_Said, ...] = ()
    related: tuple[_Related, ...] = ()
    qualified: tuple[_Qualified, ...] = ()
    percents: dict[str, str] = Field(default_factory=dict)
    """Field of pieces to the field that has them in percent: `more than 5 percent rejected`."""
    shown: tuple[str, ...] = ()
    """Fields that say which of such records one is, where its key does not."""
    rates: dict[str, str] = Field(default_factory=dict)
    """Condition to the figure that is the share of such records in all that could meet it."""
    anywhere: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    """Words for fields that hold for whatever refers to such records, too."""


class Vocabulary:
    """Phrases about one kind of record with their meanings."""

    def __init__(self, catalogue: Catalogue, entity: str) -> None:
        self.entity = entity
        self._catalogue = catalogue
        self._table: dict[tuple[str, ...], list[Meaning]] = defaultdict(list)
        self._exact: dict[str, list[Meaning]] = defaultdict(list)
        self.longest = 1
        self.like_fields: dict[str, tuple[tuple[str, str], ...]] = {}
        """Fields and conditions that are called like others, with what is meant once one of them is said."""
        self._own = written().get(entity, _Words())
        self._conditions_written = {_filter(entity, one)[0] for one in self._own.tests}
        self._links()
        self._add_all()

    def get(self, key: tuple[str, ...]) -> tuple[Meaning, ...]:
        """What a phrase means here; empty where nothing."""
        return tuple(self._table.get(key, ()))

    def exactly(self, text: str, found: tuple[Meaning, ...]) -> tuple[Meaning, ...]:
        """Of meanings whose words share their stems, those whose word is written so: `requester`."""
        exact = tuple(one for one in self._exact.get(text, ()) if one in found)
        return exact if any(isinstance(one, Attribute) for one in exact) else found

    def percent_of(self, path: str) -> str:
        """The field that has the pieces of a field in percent; empty where there is none."""
        name = (
            self._own.percents.get(path.partition(".")[2], "") if path.startswith(f"{self.entity}.") else ""
        )
        return f"{self.entity}.{name}" if name else ""

    def rate_of(self, condition: str) -> str:
        """The figure that is the share of records under a condition; empty where there is none."""
        return self._own.rates.get(condition, "")

    @property
    def conditions(self) -> Set[Filter]:
        """Conditions of such records that their own words were written down for."""
        return self._conditions_written

    def document(self, noun: str) -> str:
        """The field with the number of such records, or of the documents they belong to; empty for none.

        Args:
            noun: the word before the number, `lot` or `order`.
        """
        known = self._catalogue.entity(self.entity).fields
        found = next((name for name in (f"{noun}_id", "order_id") if name in known), "")
        other = noun in ("po", "lot", "hold", "batch", "requisition", "contract", "invoice", "notification")
        if other and not found.startswith(noun) and not (noun == "po" and "purchase" in self.entity):
            return ""
        return f"{self.entity}.{found}" if found else ""

    def main(self, kind: Literal["pieces", "money", "date", "time", "age", "late"]) -> str:
        """The field that is meant by pieces, money or a date that is not named."""
        name = str(getattr(self._own.main, kind))
        return f"{self.entity}.{name}" if name else ""

    def reaches(self, entity: str) -> bool:
        """True where such records refer to that entity's."""
        return entity == self.entity or entity in self._depths

    def depth(self, entity: str) -> int:
        """Links from the records to that entity's."""
        return self._depths.get(entity, 0)

    def _links(self) -> None:
        paths = self._catalogue.paths[self.entity]
        self._depths = {name: len(path) for name, path in paths.items() if len(path) <= _FAR}
        if "site" in self._depths and self.entity != "site":
            # The country of a customer is meant before that of the plant.
            self._depths["site"] = _FAR

    # ── filling ──
    def _say(self, words: Sequence[str], meaning: Meaning) -> None:
        for word in words:
            key = _key(word)
            if isinstance(meaning, Test) and not meaning.depth:
                # `still open` is no more than `open`; but a product that is `still sold` more than `sold`.
                key = tuple(stem for stem in key if stem not in _OVER) or key
            if " " not in word and meaning not in self._exact[word]:
                self._exact[word].append(meaning)
            if key and meaning not in self._table[key]:
                self._table[key].append(meaning)
                self.longest = max(self.longest, len(key))

    def _add_all(self) -> None:
        own = self._catalogue.entity(self.entity)
        self._say((*self._own.nouns, own.singular, own.plural, *own.words), Record())
        self._written()
        for field, words in self._own.anywhere.items():
            self._say(words, Attribute(f"{self.entity}.{field}", own.fields[field].kind))
        self._fields(self.entity, own, 0)
        self._conditions(self.entity, own, 0)
        for role, dates in own.dates.items():
            self._say(dates.words, Role(role, self._role_field(dates.field)))
        for name, metric in self._catalogue.metrics.items():
            counting = metric.value == "count(*)"
            if metric.entity == self.entity and not counting:
                self._say((metric.label, *metric.words), Figure(name))
        for name, depth in sorted(self._depths.items(), key=lambda pair: pair[1]):
            if name == self.entity:
                continue
            other = self._catalogue.entity(name)
            self._say((other.singular, other.plural, *other.words, *self._nouns_of(name)), Thing(name))
            self._fields(name, other, depth)
            self._conditions(name, other, depth)
            if depth == 1 or name in ("material", "supplier", "customer"):
                self._tests(name, depth)
            for field, words in written().get(name, _Words()).anywhere.items():
                self._say(words, Attribute(f"{name}.{field}", other.fields[field].kind, depth))
        for name in (self.entity, *self._depths):
            self._qualifiers(name)
        self._default_day(own)

    def _qualifiers(self, name: str) -> None:
        """Words that say which like field is meant."""
        for one in written().get(name, _Words()).qualified:
            pairs = tuple((f"{name}.{said}", f"{name}.{meant}") for said, meant in one.instead.items())
            self.like_fields |= {meant: pairs for _, meant in pairs}
            self._say(one.words, Qualifier(pairs))

    def _default_day(self, own: Entity) -> None:
        """`with date`: the day of the record, where the word means nothing else of it."""
        day = self.dated(own.default_date)
        for word in _DAYS:
            if day and not self.get(_key(word)):
                self._say((word,), Attribute(day, "date"))

    def _nouns_of(self, name: str) -> tuple[str, ...]:
        return written().get(name, _Words()).nouns

    def _written(self) -> None:
        for field, words in self._own.fields.items():
            path = field if "." in field else f"{self.entity}.{field}"
            entity, _, name = path.partition(".")
            known = self._catalogue.entity(entity).fields.get(name)
            if known is not None:
                self._say(words, Attribute(path, known.kind, self.depth(entity)))
        for metric, words in self._own.figures.items():
            self._say(words, Figure(metric))
        for metric, words in self._own.held.items():
            self._say(words, Held(metric))
        for name, words in ((self._own.main.pieces, _PIECES), (self._own.main.money, _MONEY)):
            if name:
                kind = self._catalogue.entity(self.entity).fields[name].kind
                self._say(words, Attribute(f"{self.entity}.{name}", kind))
        dates = self._catalogue.entity(self.entity).dates
        for role, words in self._own.roles.items():
            if role in dates:
                self._say(words, Role(role, self._role_field(dates[role].field)))
        self._tests(self.entity, 0)
        for one in self._own.related:
            tests: tuple[Filter, ...] = ()
            if one.field:
                tests = (ValueTest(path=f"{one.entity}.{one.field}", values=one.values),)
            if one.named:
                tests = (NamedTest(entity=one.entity, condition=one.named),)
            self._say(one.words, Related(one.entity, tests))

    def _tests(self, name: str, depth: int) -> None:
        for one in written().get(name, _Words()).tests:
            filter_, field = _filter(name, one)
            self._say(one.words, Test(filter_, field, depth))

    def dated(self, role: str) -> str:
        """Path of the day of one of the records' date roles; empty where there is none."""
        dates = self._catalogue.entity(self.entity).dates
        return self._role_field(dates[role].field) if role in dates else ""

    def _role_field(self, field: str) -> str:
        *links, name = field.split(".")
        entity = self.entity
        for link in links:
            entity = self._catalogue.entity(entity).links[link].to
        return f"{entity}.{name}"

    def _fields(self, name: str, entity: Entity, depth: int) -> None:
        for field_name, field in entity.fields.items():
            path = f"{name}.{field_name}"
            own = (field_name.replace("_", " "),) if depth == 0 else ()
            said = (*field.words, *own, *((field.label,) if depth < 2 else ()))
            if depth:
                # The `last receipt` of such a record is one of its own records.
                said = tuple(word for word in said if not word.startswith(_LASTS))
            self._say(
                said,
                Attribute(path, field.kind, depth),
            )
            for value, words in field.values.items():
                self._say(words, Test(ValueTest(path=path, values=(value,)), path, depth))
            if field.kind == "flag":
                self._say(field.holds, Test(ValueTest(path=path, values=(True,)), path, depth))
                self._say(field.fails, Test(ValueTest(path=path, values=(False,)), path, depth))

    def _conditions(self, name: str, entity: Entity, depth: int) -> None:
        elsewhere = {_key(word) for one in self._own.related for word in one.words}
        for condition_name, condition in entity.conditions.items():
            test = Test(NamedTest(entity=name, condition=condition_name), "", depth)
            said = (*condition.words, *((condition.label,) if depth == 0 else ()))
            if depth:
                # `with supplier` beside an order asks for its supplier; the things are not limited by it.
                said = tuple(word for word in said if not word.startswith(_HAVING))
            if depth == 0 and elsewhere:
                # `no movement` in a period is read word by word.
                said = tuple(word for word in said if not _ends_in(_key(word), elsewhere))
            self._say(said, test)


def _ends_in(words: tuple[str, ...], those: Set[tuple[str, ...]]) -> bool:
    """True for `no movement` and `have not moved`, where those have `movement` and `moved`."""
    return any(words[at:] in those for at in range(1, len(words)))


@lru_cache(maxsize=8192)
def _key(words: str) -> tuple[str, ...]:
    """What a phrase is looked up by; most are said of many kinds of records, each with a vocabulary."""
    return reduced(stems(words))


def _filter(entity: str, one: _Said) -> tuple[Filter, str]:
    def path(name: str) -> str:
        return name if "." in name else f"{entity}.{name}"

    if one.named:
        return NamedTest(entity=entity, condition=one.named), ""
    if one.missing or one.present:
        name = path(one.missing or one.present)
        return NullTest(path=name, missing=bool(one.missing)), name
    if one.later:
        return FieldTest(path=path(one.later[0]), op=">", other=path(one.later[1])), ""
    if one.empty:
        name = path(one.empty)
        return AnyTest(of=(NullTest(path=name), ValueTest(path=name, op="=", values=(Decimal(0),)))), name
    return ValueTest(path=path(one.field), op=one.op, values=one.values), path(one.field)


@lru_cache(maxsize=1)
def written() -> Mapping[str, _Words]:
    """The words of `words.yaml` by kind of record."""
    text = files("agents.models.embedded.compound").joinpath("words.yaml").read_text(encoding="utf-8")
    return {name: _Words.model_validate(entry) for name, entry in yaml.safe_load(text).items()}


@lru_cache(maxsize=4)
def called(holder: CatalogueHolder) -> Mapping[tuple[str, ...], frozenset[str]]:
    """Kinds of record by what they are called before all others: a `receipt` is no order line."""
    found: dict[tuple[str, ...], set[str]] = defaultdict(set)
    for name, words in written().items():
        entity = holder.catalogue.entity(name)
        for noun in (*words.nouns, entity.singular, entity.plural):
            found[_key(noun)].add(name)
    return {key: frozenset(names) for key, names in found.items()}


@lru_cache(maxsize=128)
def vocabulary(holder: CatalogueHolder, entity: str) -> Vocabulary:
    """The words about one kind of record."""
    return Vocabulary(holder.catalogue, entity)

"""What the figures and conditions of a plan mean, in the words of the catalogue's own definitions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, lru_cache
from pathlib import Path

import yaml

from agents.models.embedded.accounting.doing import Doing, entity_of
from agents.models.embedded.lexicon import SKIPPED
from agents.models.embedded.text import singular, tokenise
from agents.models.protocol import ToolCall
from tools.metrics.catalogue import Catalogue, EntityField
from tools.metrics.query import FieldTest, NamedTest, NullTest, RelatedTest, ValidTest, ValueTest

_SAYS = Path(__file__).with_name("definitions.yaml")
_NAMES = re.compile(r"[a-z_]+")
_TABLES = re.compile(r"\berp\.(\w+)")
_WHICHEVER = re.compile(
    r"\b(?:all|every|each|any|whatever|regardless of|irrespective of)(?: the| our| their| its)? ([a-z]+)"
)
_DEEP = 3
"""Fields that are calculated from fields, at most so far."""


class Definitions:
    """Tells whether words of a question say what a plan does by definition."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._by_table = {entity.table: name for name, entity in reversed(catalogue.entities.items())}

    def say(self, text: str, calls: Sequence[ToolCall]) -> bool:
        """True where every word that means something is a word of the definitions of what is done."""
        asked, whichever = _content(text), frozenset(map(singular, _WHICHEVER.findall(text.lower())))
        if whichever & self._limited(calls):
            return False
        return bool(asked) and asked - whichever <= self._words(calls)

    def _limited(self, calls: Sequence[ToolCall]) -> frozenset[str]:
        """What the conditions of a plan tell apart: it does not take `every status` where it asks for one."""
        tests = Doing(self._catalogue, tuple(calls)).tests
        paths = [test.path for test in tests if isinstance(test, ValueTest | NullTest)]
        parts = [part for path in paths for part in path.split("/")[-1].split(".")]
        return frozenset(word for part in parts for word in part.split("_"))

    def _words(self, calls: Sequence[ToolCall]) -> frozenset[str]:
        found: set[str] = set()
        doing = Doing(self._catalogue, tuple(calls))
        if doing.by_days or doing.periods:
            # What has no such day is in none of its rows.
            found |= _said("formulas")["is not null"]
        for call in calls:
            found |= _said("tools").get(call.name, frozenset())
        for text in self._texts(doing):
            found |= _content(text)
        for sql in self._formulas(doing):
            found |= self._of_formula(sql)
        return frozenset(found)

    def _texts(self, doing: Doing) -> Iterator[str]:
        """Names, synonyms and remarks of what the plan takes from the catalogue."""
        known = self._catalogue
        for name in doing.touched:
            entity = known.entities[name]
            yield from (entity.singular, entity.plural, *entity.words)
        for measure in doing.measures:
            if metric := known.metrics.get(measure.metric):
                yield from (metric.label, metric.note, metric.unit, *metric.words)
        for path in self._paths(doing):
            if field := self._field(path):
                yield from (field.label, *field.words, *field.holds, *field.fails)
                if any(each.path == path for query in doing.queries for each in query.by):
                    yield from (word for words in field.values.items() for word in (words[0], *words[1]))
        for test in doing.tests:
            match test:
                case NamedTest():
                    condition = known.entities[test.entity].conditions[test.condition]
                    yield from (condition.label, *condition.words)
                case ValueTest():
                    yield from (str(value) for value in (*test.values, test.label))
                case _:
                    pass
        yield from self._agreements(doing)
        grouped = {each.role for query in doing.queries for each in query.by if each.role}
        for role in doing.roles | grouped:
            for name in doing.entities:
                if found := known.entities[name].dates.get(role):
                    yield from (role, *found.words)

    def _agreements(self, doing: Doing) -> Iterator[str]:
        """What a record that held on a day is found by: the contract of the same supplier."""
        for name in doing.entities:
            for link in self._catalogue.entities[name].links.values():
                if link.valid_on and link.to in doing.touched:
                    yield from ("same", "valid", "date", *link.valid_on.replace("_", " ").split("."))
                    others = self._catalogue.entities[link.to].links.values()
                    for other in (self._catalogue.entities[one.to] for one in others):
                        yield from (other.singular, *other.words)

    def _paths(self, doing: Doing) -> Iterator[str]:
        yield from (measure.field for measure in doing.measures if measure.field)
        for query in doing.queries:
            yield from query.show
            yield from (each.path for each in query.by if each.path)
        yield from (test.path for test in doing.tests if isinstance(test, ValueTest | NullTest | FieldTest))
        yield from (test.other for test in doing.tests if isinstance(test, FieldTest))
        yield from (path for query in doing.queries for one in query.calculated for path in one.of)

    def _field(self, path: str) -> EntityField | None:
        entity, _, name = path.split("/")[-1].partition(".")
        known = self._catalogue.entities.get(entity)
        return known.fields.get(name) if known else None

    def _formulas(self, doing: Doing) -> Iterator[str]:
        """The formulas of its figures, fields and conditions, with those of the fields that they name."""
        known = self._catalogue
        for measure in doing.measures:
            if metric := known.metrics.get(measure.metric):
                parts = (metric.value, metric.numerator, metric.denominator, metric.filter)
                formula = " ".join(filter(None, parts)) + (" / " if metric.denominator else "")
                yield from self._opened(metric.entity, formula, _DEEP)
        for path in self._paths(doing):
            if field := self._field(path):
                yield from self._opened(entity_of(path), _formula(field), _DEEP)
        for test in doing.tests:
            if isinstance(test, NamedTest):
                condition = known.entities[test.entity].conditions[test.condition]
                yield from self._opened(test.entity, condition.sql, _DEEP)
            elif isinstance(test, ValidTest):
                yield "valid_to is null"
            elif isinstance(test, RelatedTest):
                yield "exists"

    def _opened(self, entity: str, formula: str, deep: int) -> Iterator[str]:
        if not formula:
            return
        yield formula
        fields = self._catalogue.entities[entity].fields
        for name in _NAMES.findall(formula) if deep else ():
            inner = _formula(fields[name]) if name in fields else ""
            if inner and inner != formula:
                yield from self._opened(entity, inner, deep - 1)

    def _of_formula(self, formula: str) -> set[str]:
        """What a formula says: the names in it, the records it reads, and what its signs mean."""
        found = {singular(part) for name in _NAMES.findall(formula) for part in name.split("_")}
        for table in _TABLES.findall(formula):
            if name := self._by_table.get(table):
                found |= self._of_records(name)
        for pattern, words in _said("formulas").items():
            if re.search(pattern, formula):
                found |= words
        return found

    def _of_records(self, name: str) -> set[str]:
        """What such records are called, what they hold, and what they refer to."""
        entity = self._catalogue.entities[name]
        texts = [entity.singular, *entity.words, *(field.label for field in entity.fields.values())]
        for link in entity.links.values():
            other = self._catalogue.entities[link.to]
            texts += [other.singular, *other.words, *link.words]
        return {word for text in texts for word in _content(text)}


def _formula(field: EntityField) -> str:
    """What a field is calculated by; empty for a column."""
    if field.total is None:
        return field.sql
    zero = f"coalesce({field.total.value}, 0)" if field.is_number else field.total.value
    return f"{zero} erp.{field.total.table}"


@lru_cache(maxsize=4096)
def _content(text: str) -> frozenset[str]:
    """The words of a text that mean something, in the singular."""
    nothing = _said("nothing")[""] | SKIPPED
    found = (token.norm for token in tokenise(text) if token.kind != "mark")
    return frozenset(
        word for each in found if each not in nothing and (word := singular(each)) not in nothing
    )


@cache
def _said(kind: str) -> Mapping[str, frozenset[str]]:
    """The words of one part of the table, by what they say something of."""
    raw = yaml.safe_load(_SAYS.read_text(encoding="utf-8"))[kind]
    by_what = raw if isinstance(raw, dict) else {"": raw}
    return {str(what): frozenset(map(singular, str(words).split())) for what, words in by_what.items()}

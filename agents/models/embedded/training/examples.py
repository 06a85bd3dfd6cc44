"""Examples for the learned reader: masked questions with the words of their plans, written by people and
generated from the catalogue."""

from __future__ import annotations

import json
import random
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from agents.models.embedded.encoder import PLACEHOLDERS
from agents.models.embedded.grammar import GrammarReader
from agents.models.embedded.lexicon import ValueWord
from agents.models.embedded.masked import QUOTES, Masked, Spot
from agents.models.embedded.masterdata import MasterData
from agents.models.embedded.periods import Period
from agents.models.embedded.plan_language import NotSayable, PlanLanguage, Word
from agents.models.embedded.text import tokenise
from agents.models.embedded.training.noise import noisy
from agents.models.embedded.training.phrases import Phrases
from agents.models.embedded.training.saying import words_of
from agents.models.embedded.training.shapes import Asked, Shapes
from agents.models.embedded.training.utterances import filled, unanswerable
from agents.models.embedded.training.variation import Variation
from agents.models.protocol import ToolCall
from tools.errors import QueryInvalid
from tools.languages import Language
from tools.metrics.catalogue import Catalogue
from tools.metrics.compiler import Compiler
from tools.metrics.query import DateTest, MetricQuery, ValueTest
from tools.registry import Tool

_PLACES = re.compile(r"\bPERIOD\b")


@dataclass(frozen=True, slots=True)
class Example:
    """What the network reads, and what it is to write."""

    words: tuple[str, ...]
    plan: tuple[Word, ...]
    source: str
    """`generated`, or the id of the record that it was written for."""
    language: Language = "en"


def written(
    files: Iterable[Path], catalogue: Catalogue, tools: Mapping[str, Tool[Any]], data: MasterData
) -> tuple[list[Example], Counter[str]]:
    """Examples by people, and why some could not be used."""
    reader = GrammarReader(catalogue)
    language = PlanLanguage(catalogue, tools)
    compiler = Compiler(catalogue)
    found: list[Example] = []
    left: Counter[str] = Counter()
    for record in records(files):
        calls = calls_of(record["plan"], tools)
        if not can_run(calls, compiler):
            left["the plan cannot be run"] += 1
            continue
        for question in record["ask"]:
            masked = reader.masked(question, data)
            try:
                plan = words_of(language, calls, masked, data.today)
            except NotSayable as error:
                left[str(error).split(" stand")[0][:50]] += 1
                continue
            found.append(Example(masked.words, tuple(plan), record["id"]))
    return found, left


def records(files: Iterable[Path]) -> Iterator[dict[str, Any]]:
    """What people wrote, a line each."""
    for file in files:
        for line in file.read_text(encoding="utf-8").splitlines():
            if line.strip():
                yield json.loads(line)


def calls_of(plan: Iterable[Mapping[str, Any]], tools: Mapping[str, Tool[Any]]) -> list[ToolCall]:
    """The calls of a plan as it is written down."""
    return [
        ToolCall(call["tool"], tools[call["tool"]].arguments.model_validate(call["arguments"]))
        for call in plan
    ]


def can_run(calls: Iterable[ToolCall], compiler: Compiler) -> bool:
    """True where every query of a plan compiles."""
    try:
        for call in calls:
            if isinstance(call.arguments, MetricQuery):
                compiler.meaning(call.arguments)
    except QueryInvalid:
        return False
    return True


def varied(
    files: Iterable[Path],
    catalogue: Catalogue,
    tools: Mapping[str, Tool[Any]],
    data: MasterData,
    seed: int,
    each: int,
) -> Iterator[Example]:
    """Examples by people about other things of the same kind, up to so many of each wording."""
    variation = Variation(catalogue, data, random.Random(seed))
    reader = GrammarReader(catalogue)
    language = PlanLanguage(catalogue, tools)
    for record in records(files):
        for question in record["ask"]:
            for text, plan in variation.of(question, record["plan"], each):
                masked = reader.masked(text, data)
                try:
                    words = language.words(calls_of(plan, tools), masked)
                except NotSayable:
                    continue
                yield Example(masked.words, tuple(words), "varied")


def generated(
    catalogue: Catalogue, tools: Mapping[str, Tool[Any]], seed: int, many: int
) -> Iterator[Example]:
    """Examples from the catalogue; the same for the same seed and catalogue."""
    chance = random.Random(seed)
    shapes = Shapes(Phrases(catalogue, chance))
    language = PlanLanguage(catalogue, tools)
    templates = unanswerable()
    made = 0
    while made < many:
        if chance.random() < 0.06:
            asked = noisy(filled(chance.choice(templates), chance), chance)
            yield Example(_plain_words(asked), tuple(language.words((), Masked(()))), "generated")
            made += 1
            continue
        shape = shapes.one()
        if shape is None:
            continue
        text, query = _dated(shape, chance)
        question = _spotted(noisy(text, chance), query)
        try:
            plan = language.words([ToolCall("query_metrics", query)], question)
        except NotSayable:
            continue
        made += 1
        yield Example(question.words, tuple(plan), "generated")


_YEAR = (date(2024, 1, 1), date(2024, 12, 31))
_FROM, _TO = (
    Period(date(2024, 2, 1), date(2024, 2, 29), "month"),
    Period(date(2024, 5, 1), date(2024, 5, 31), "month"),
)


def _dated(asked: Asked, chance: random.Random) -> tuple[str, MetricQuery]:
    """The question with its period said in another way, where it has just one."""
    dates = [test for test in asked.query.where if isinstance(test, DateTest)]
    if len(dates) != 1 or len(_PLACES.findall(asked.words)) != 1 or chance.random() > 0.3:
        return asked.words, asked.query
    way = chance.choice(("range", "range", "since", "until", "before", "after"))
    start, end = _YEAR
    changes = {
        "range": (
            chance.choice(
                (
                    "from PERIOD to PERIOD",
                    "between PERIOD and PERIOD",
                    "PERIOD to PERIOD",
                    "PERIOD - PERIOD",
                    "from PERIOD through PERIOD",
                    "PERIOD until PERIOD",
                )
            ),
            (_FROM.start, _TO.end),
        ),
        "since": (
            chance.choice(
                ("since PERIOD", "from PERIOD on", "as of PERIOD onwards", "since the start of PERIOD")
            ),
            (start, None),
        ),
        "until": (
            chance.choice(
                (
                    "until PERIOD",
                    "up to the end of PERIOD",
                    "through PERIOD",
                    "by the end of PERIOD",
                    "until the end of PERIOD",
                )
            ),
            (None, end),
        ),
        "before": (
            chance.choice(("before PERIOD", "earlier than PERIOD", "prior to PERIOD")),
            (None, start - timedelta(days=1)),
        ),
        "after": (
            chance.choice(("after PERIOD", "later than PERIOD", "after the end of PERIOD")),
            (end + timedelta(days=1), None),
        ),
    }
    said, (since, till) = changes[way]
    text = re.sub(r"\b(in |during |for |over |of )?PERIOD\b", said, asked.words, count=1)
    where = tuple(
        test.model_copy(update={"start": since, "end": till}) if test == dates[0] else test
        for test in asked.query.where
    )
    return text, asked.query.model_copy(update={"where": where})


def _spotted(text: str, query: MetricQuery) -> Masked:
    """The masked question of generated words, whose placeholders stand for the values of the query."""
    names = [
        ValueWord(entity, field, (value,), value) for entity, field, value in _values(query.model_dump())
    ]
    numbers = list(_numbers(query))
    words = _plain_words(text)
    periods = words.count("PERIOD") + words.count("DAY")
    spans = _spans(query)
    spots: list[Spot] = []
    for word in words:
        if word == "NUMBER":
            spots.append(Spot(word, word, number=numbers.pop(0) if numbers else Decimal(987)))
        elif word in ("PERIOD", "DAY"):
            span = spans.pop(0) if spans and periods >= len(spans) else Period(date(1990, 1, 1), None, "day")
            spots.append(Spot(word, word, period=span))
        elif word in PLACEHOLDERS:
            meant = tuple(name for name in names if name.shown == word)
            spots.append(Spot(word, word, meanings=meant))
        else:
            spots.append(Spot(word, word))
    return Masked(tuple(spots))


def _spans(query: MetricQuery) -> list[Period]:
    """The periods that the words must name, earliest first."""
    found: set[tuple[date | None, date | None]] = set()
    for raw in _dates(query.model_dump()):
        found.add((raw["start"], raw["end"]))
    spans: list[Period] = []
    for start, end in sorted(found, key=str):
        if (start, end) == (_FROM.start, _TO.end):
            spans += [_FROM, _TO]
        elif start and end:
            spans.append(Period(start, end, "year"))
        else:
            spans.append(Period(*_YEAR, "year"))
    return spans


def _dates(part: object) -> Iterator[Mapping[str, Any]]:
    if isinstance(part, Mapping):
        if part.get("test") == "date":
            yield part
        for value in part.values():
            yield from _dates(value)
    elif isinstance(part, list | tuple):
        for value in part:
            yield from _dates(value)


def _values(part: object) -> Iterator[tuple[str, str, str]]:
    """Placeholders that a query holds as values, with entity and field."""
    if isinstance(part, Mapping):
        if part.get("test") == "value":
            entity, _, field = str(part["path"]).split("/")[-1].partition(".")
            for value in part["values"]:
                if value in PLACEHOLDERS:
                    yield entity, field, str(value)
        for value in part.values():
            yield from _values(value)
    elif isinstance(part, list | tuple):
        for value in part:
            yield from _values(value)


def _numbers(query: MetricQuery) -> Iterator[Decimal]:
    for test in query.where:
        if isinstance(test, ValueTest):
            yield from (value for value in test.values if isinstance(value, Decimal) and value > 1)
    for having in query.having:
        if having.value is not None and having.value > 1:
            yield having.value
    if query.limit is not None and query.limit > 1:
        yield Decimal(query.limit)


def _plain_words(text: str) -> tuple[str, ...]:
    words = []
    for token in tokenise(text):
        if token.text in PLACEHOLDERS:
            words.append(token.text)
        elif token.kind == "number" or (
            token.number is not None
            and token.number > 1
            and token.norm not in ("hundred", "thousand", "dozen")
        ):
            words.append("NUMBER")
        elif token.norm not in QUOTES:
            words.append(token.norm)
    return tuple(words)

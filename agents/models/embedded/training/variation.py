"""Written examples about other things of the same kind: another metric, field or condition in the sentence that
a person wrote."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from agents.models.embedded.chunks import Chunk
from agents.models.embedded.grammar import GrammarReader
from agents.models.embedded.lexicon import EntityWord, FieldWord, Meaning, MetricWord, NamedWord
from agents.models.embedded.masterdata import MasterData
from agents.models.embedded.plan_language import METRICS
from agents.models.embedded.text import Token
from agents.models.embedded.training.phrases import Phrases
from tools.errors import QueryInvalid
from tools.metrics.catalogue import Catalogue
from tools.metrics.compiler import Compiler
from tools.metrics.query import MetricQuery


class Variation:
    """Exchanges what a written question names, in the words and in the plan."""

    def __init__(self, catalogue: Catalogue, data: MasterData, chance: random.Random) -> None:
        self._catalogue = catalogue
        self._data = data
        self._chance = chance
        self._phrases = Phrases(catalogue, chance)
        self._reader = GrammarReader(catalogue)
        self._compiler = Compiler(catalogue)

    def of(
        self, question: str, plan: Sequence[Mapping[str, Any]], many: int
    ) -> Iterator[tuple[str, list[dict[str, Any]]]]:
        """Up to so many questions with their plans."""
        if not plan or any(call["tool"] != METRICS for call in plan):
            return
        tokens, chunks = self._reader.chunked(question, self._data)
        raw = json.dumps(plan)
        places = [(chunk, meaning) for chunk in chunks for meaning in self._named(chunk, raw)]
        if not places:
            return
        for _ in range(many):
            chosen = self._chance.sample(places, min(len(places), self._chance.choice((1, 1, 2))))
            changed, said = raw, {}
            for chunk, meaning in chosen:
                exchange = self._exchange(meaning, tokens[chunk.first : chunk.after])
                if exchange is None or chunk.first in said:
                    continue
                old, new, words = exchange
                changed = changed.replace(old, new)
                said[chunk.first] = (chunk.after, words)
            if not said or changed == raw or not self._runs(json.loads(changed)):
                continue
            yield _spoken(tokens, said), json.loads(changed)

    def _runs(self, plan: Sequence[Mapping[str, Any]]) -> bool:
        try:
            for call in plan:
                self._compiler.meaning(MetricQuery.model_validate(call["arguments"]))
        except (QueryInvalid, ValueError):
            return False
        return True

    @staticmethod
    def _named(chunk: Chunk, raw: str) -> Iterator[Meaning]:
        """Meanings of a chunk that the plan holds."""
        for meaning in chunk.meanings:
            match meaning:
                case MetricWord() if f'"metric": "{meaning.metric}"' in raw:
                    yield meaning
                case FieldWord() if f'{meaning.entity}.{meaning.field}"' in raw:
                    yield meaning
                case NamedWord() if f'"condition": "{meaning.condition}"' in raw:
                    yield meaning
                case EntityWord() if (
                    raw.count(f'"entity": "{meaning.entity}"') == 1
                    and f'"by": [{{"entity": "{meaning.entity}"' in raw
                ):
                    yield meaning
                case _:
                    continue

    def _exchange(self, meaning: Meaning, tokens: Sequence[Token]) -> tuple[str, str, str] | None:
        """What is replaced in the plan by what, and the words for it."""
        match meaning:
            case MetricWord():
                metric = self._catalogue.metrics[meaning.metric]
                others = [
                    name
                    for name, one in self._catalogue.metrics.items()
                    if one.entity == metric.entity and one.kind == metric.kind and name != meaning.metric
                ]
                if not others:
                    return None
                other = self._chance.choice(others)
                return f'"metric": "{meaning.metric}"', f'"metric": "{other}"', self._phrases.metric(other)
            case FieldWord():
                entity = self._catalogue.entity(meaning.entity)
                kind = entity.fields[meaning.field].kind
                fields = [
                    n
                    for n, f in entity.fields.items()
                    if f.kind == kind and n != meaning.field and not f.values
                ]
                if not fields or entity.fields[meaning.field].values:
                    return None
                field = self._chance.choice(fields)
                return (
                    f'{meaning.entity}.{meaning.field}"',
                    f'{meaning.entity}.{field}"',
                    self._phrases.field(meaning.entity, field),
                )
            case NamedWord():
                named = [
                    n for n in self._catalogue.entity(meaning.entity).conditions if n != meaning.condition
                ]
                if not named:
                    return None
                condition = self._chance.choice(named)
                said = self._phrases.condition(meaning.entity, condition)
                before = len(tokens) <= 2 and tokens[0].norm not in (
                    "with",
                    "without",
                    "in",
                    "on",
                    "below",
                    "under",
                )
                words = said.before if before else said.after.removeprefix("that are ")
                if not words:
                    return None
                return f'"condition": "{meaning.condition}"', f'"condition": "{condition}"', words
            case EntityWord():
                kinds = [
                    "material",
                    "supplier",
                    "location",
                    "scrap_reason",
                    "ship_method",
                    "company",
                    "account",
                    "cost_centre",
                    "currency",
                    "customer",
                    "site",
                    "work_centre",
                ]
                kind_of = self._chance.choice([one for one in kinds if one != meaning.entity])
                return (
                    f'"by": [{{"entity": "{meaning.entity}"',
                    f'"by": [{{"entity": "{kind_of}"',
                    self._phrases.entity(kind_of, many=tokens[-1].norm.endswith("s")),
                )
            case _:
                return None


def _spoken(tokens: Sequence[Token], said: Mapping[int, tuple[int, str]]) -> str:
    """The question as text again, with other words in some places."""
    words: list[str] = []
    at, typed = 0, -1
    while at < len(tokens):
        if at in said:
            at, text = said[at]
            words.append(text)
            continue
        if tokens[at].start != typed:
            words.append(tokens[at].text)
        typed = tokens[at].start
        at += 1
    return " ".join(words)

"""Examples of follow-ups: what people say after an answer, together with the turn before it."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from agents.models.embedded.grammar import GrammarReader
from agents.models.embedded.masked import Masked, after
from agents.models.embedded.masterdata import MasterData
from agents.models.embedded.plan_language import NotSayable, PlanLanguage
from agents.models.embedded.proposals import Proposals
from agents.models.embedded.training.examples import Example, calls_of, can_run, records
from agents.models.embedded.training.saying import words_of
from agents.models.embedded.training.translated import wordings
from tools.languages import Language
from tools.metrics.catalogue import Catalogue
from tools.metrics.compiler import Compiler
from tools.registry import Tool

_SHORT = 14
"""Words of a question up to which it is shown after another one."""


class Conversations:
    """Turns together with those before them."""

    def __init__(self, catalogue: Catalogue, tools: Mapping[str, Tool[Any]], data: MasterData) -> None:
        self._tools, self._data = tools, data
        self._reader = GrammarReader(catalogue)
        self._language = PlanLanguage(catalogue, tools)
        self._proposals = Proposals(catalogue, self._language)
        self._compiler = Compiler(catalogue)

    def written(
        self, files: Iterable[Path], translations: Iterable[Path] = ()
    ) -> tuple[list[Example], Counter[str]]:
        """Follow-ups by people, their translations, and why some could not be used."""
        found: list[Example] = []
        left: Counter[str] = Counter()
        worded: defaultdict[str, list[tuple[Language, str]]] = defaultdict(list)
        for name, spoken, question in wordings(translations):
            worded[name].append((spoken, question))
        for record in records(files):
            calls = calls_of(record["plan"], self._tools)
            if not can_run(calls, self._compiler):
                left["the plan cannot be run"] += 1
                continue
            before = self._before(record["after"]["plan"], record["after"]["named"])
            english: list[tuple[Language, str]] = [("en", question) for question in record["ask"]]
            for spoken, question in (*english, *worded[record["id"]]):
                both = after(self._reader.masked(question, self._data, language=spoken), before)
                try:
                    plan = words_of(self._language, calls, both, self._data.today)
                except NotSayable as error:
                    left[str(error).split(" stand")[0][:50]] += 1
                    continue
                found.append(Example(both.words, tuple(plan), record["id"], spoken))
        return found, left

    def new_subjects(self, files: Sequence[Path], seed: int, many: int) -> Iterator[Example]:
        """Questions that stand alone after a turn about something else: nothing of it is taken over."""
        chance = random.Random(seed)
        known = [record for record in records(files) if record["plan"] and record["ask"]]
        made = 0
        while made < many:
            asked, other = chance.sample(known, 2)
            question = self._reader.masked(chance.choice(asked["ask"]), self._data)
            if len(question.words) > _SHORT:
                continue
            both = after(question, self._before(other["plan"], ()))
            try:
                # Said by the question alone, so that nothing points at the turn before.
                plan = self._language.words(calls_of(asked["plan"], self._tools), question)
            except NotSayable:
                continue
            made += 1
            yield Example(both.words, tuple(plan), "new subject")

    def _before(self, plan: Sequence[Mapping[str, Any]], named: Sequence[str]) -> Masked:
        words = [self._proposals.words(calls_of(plan, self._tools)), ", ".join(named)]
        return self._reader.masked("; ".join(filter(None, words)), self._data)

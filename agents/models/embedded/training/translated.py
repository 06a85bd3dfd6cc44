"""Examples from translations of the written questions: other words, and the plan of the English ones."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from agents.models.embedded.grammar import GrammarReader
from agents.models.embedded.languages.tables import FOREIGN
from agents.models.embedded.masterdata import MasterData
from agents.models.embedded.plan_language import NotSayable, PlanLanguage
from agents.models.embedded.training.examples import Example, calls_of, can_run, records
from agents.models.embedded.training.saying import words_of
from tools.languages import Language
from tools.metrics.catalogue import Catalogue
from tools.metrics.compiler import Compiler
from tools.registry import Tool


def translated(
    files: Iterable[Path],
    originals: Iterable[Path],
    catalogue: Catalogue,
    tools: Mapping[str, Tool[Any]],
    data: MasterData,
) -> tuple[list[Example], Counter[str]]:
    """Examples in other languages, and by language why some could not be used.

    A translation whose original is not among these, because it is about other data, is passed over.
    """
    reader = GrammarReader(catalogue)
    language = PlanLanguage(catalogue, tools)
    compiler = Compiler(catalogue)
    plans = {one["id"]: one["plan"] for one in records(originals) if "after" not in one}
    found: list[Example] = []
    left: Counter[str] = Counter()
    for name, spoken, question in wordings(files):
        if name not in plans:
            continue
        calls = calls_of(plans[name], tools)
        if not can_run(calls, compiler):
            left[f"{spoken}: the plan cannot be run"] += 1
            continue
        masked = reader.masked(question, data, language=spoken)
        try:
            plan = words_of(language, calls, masked, data.today)
        except NotSayable as error:
            left[f"{spoken}: {str(error).split(' stand')[0][:50]}"] += 1
            continue
        found.append(Example(masked.words, tuple(plan), name, spoken))
    return found, left


def wordings(files: Iterable[Path]) -> Iterator[tuple[str, Language, str]]:
    """The id of what was translated, the language, and a wording in it."""
    for file in files:
        for line in file.read_text(encoding="utf-8").splitlines():
            if line.strip():
                record = json.loads(line)
                for spoken in FOREIGN:
                    for question in record.get(spoken, ()):
                        yield record["id"], spoken, question

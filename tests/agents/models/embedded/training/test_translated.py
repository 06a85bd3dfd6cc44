"""Translated questions become examples with the plan of the English one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from agents.models.embedded.plan_language import Pointer
from agents.models.embedded.training.translated import translated
from tests.agents.models.embedded.plant_names import plant
from tools.all_tools import registry
from tools.metrics.catalogue import packaged_catalogue

TOOLS = registry().reading()
SCRAP = {
    "tool": "query_metrics",
    "arguments": {
        "measures": [{"name": "m1", "metric": "scrapped_quantity"}],
        "where": [{"test": "value", "path": "material.name", "values": ["Drive Shaft"]}],
    },
}


def _file(folder: Path, name: str, *lines: dict[str, Any]) -> Path:
    file = folder / name
    file.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    return file


def test_a_translation_takes_the_plan_of_its_original(tmp_path: Path) -> None:
    """In each language, pointing at the words of its own question; what cannot be said is counted, and what
    is about other data passed over."""
    originals = _file(
        tmp_path, "written.jsonl", {"id": "a", "ask": ["scrap of Drive Shaft"], "plan": [SCRAP]}
    )
    translations = _file(
        tmp_path,
        "translated.jsonl",
        {"id": "a", "de": ["Ausschuss der Drive Shaft", "Ausschuss?"], "fr": ["rebuts Drive Shaft"]},
        {"id": "elsewhere", "es": ["merma de Drive Shaft"]},
    )
    found, left = translated([translations], [originals], packaged_catalogue(), TOOLS, plant())
    assert [example.words for example in found] == [("ausschuss", "der", "MATERIAL"), ("rebuts", "MATERIAL")]
    assert [example.plan[-1] for example in found] == [Pointer(2), Pointer(1)]
    assert {example.source for example in found} == {"a"}
    assert left == {"de: ['drive shaft'] of material.name": 1}

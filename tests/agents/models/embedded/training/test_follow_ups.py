"""What the network learns of conversations: a follow-up takes over what it needs, a new subject nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from agents.models.embedded.encoder import SEPARATOR
from agents.models.embedded.plan_language import Pointer
from agents.models.embedded.training.follow_ups import Conversations
from tests.agents.models.embedded.plant_names import plant
from tools.all_tools import registry
from tools.metrics.catalogue import packaged_catalogue

CONVERSATIONS = Conversations(packaged_catalogue(), registry().reading(), plant())


def scrap(*where: dict[str, Any]) -> list[dict[str, Any]]:
    measures = [{"name": "m1", "metric": "scrapped_quantity"}]
    return [{"tool": "query_metrics", "arguments": {"measures": measures, "where": list(where)}}]


def of(name: str) -> dict[str, Any]:
    return {"test": "value", "path": "material.name", "values": [name]}


YEAR = {"test": "date", "start": "2024-01-01", "end": "2024-12-31"}


def written(folder: Path, *records: dict[str, Any]) -> Path:
    file = folder / "records.jsonl"
    file.write_text("\n".join(map(json.dumps, records)), encoding="utf-8")
    return file


def test_a_follow_up_points_at_the_turn_before(tmp_path: Path) -> None:
    """The material was named before, the year is named now."""
    record = {
        "id": "F-1",
        "after": {"plan": scrap(of("Rivet")), "named": []},
        "ask": ["and in 2024?"],
        "plan": scrap(of("Rivet"), YEAR),
    }
    (example,), left = CONVERSATIONS.written([written(tmp_path, record)])
    assert not left
    behind = example.words.index(SEPARATOR)
    places = [word.at for word in example.plan if isinstance(word, Pointer)]
    assert any(place < behind for place in places)
    assert any(place > behind for place in places)


def test_what_stands_in_neither_turn_cannot_be_learned(tmp_path: Path) -> None:
    """A record that names what nobody said is left out and counted."""
    record = {
        "id": "F-2",
        "after": {"plan": scrap(), "named": []},
        "ask": ["and of the other one?"],
        "plan": scrap(of("Rivet")),
    }
    found, left = CONVERSATIONS.written([written(tmp_path, record)])
    assert not found
    assert left.total() == 1


def test_a_new_subject_takes_nothing_over(tmp_path: Path) -> None:
    """No plan for a question that stands alone points at what was asked before it.

    A record may have been asked in another language only, and has no English wording then.
    """
    records = (
        {"id": "T-0", "ask": [], "plan": scrap()},
        {"id": "T-1", "ask": ["scrap of the Rivet in 2024"], "plan": scrap(of("Rivet"), YEAR)},
        {"id": "T-2", "ask": ["scrap in 2024"], "plan": scrap(YEAR)},
    )
    for example in CONVERSATIONS.new_subjects([written(tmp_path, *records)], seed=1, many=8):
        behind = example.words.index(SEPARATOR)
        assert all(word.at < behind for word in example.plan if isinstance(word, Pointer))

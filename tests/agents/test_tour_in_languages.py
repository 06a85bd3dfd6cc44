"""The tour in German, Spanish and French: the figures of the English one, read by the embedded model."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from agents.answer import Answer
from agents.copilot import Copilot
from agents.models.embedded.model import EmbeddedModel
from erp_adapters.store import Store
from server.tour import STOPS
from tools.all_tools import registry
from tools.languages import Language, said, speaking


async def toured(store: Store, spoken: Language) -> list[Answer]:
    copilot = Copilot(store, registry(), EmbeddedModel())
    planner = await store.caller("planner")
    found: list[Answer] = []
    for stop in STOPS:
        with speaking(spoken):
            question = said(stop.question)
        before = found[-1].conversation if stop.follows else None
        found.append(await copilot.ask(planner, question, conversation=before))
    return found


def figures(answers: Sequence[Answer]) -> list[object]:
    return [(one.status, [table.rows for table in one.tables]) for one in answers]


@pytest.mark.slow
@pytest.mark.parametrize("spoken", ["de", "es", "fr"])
async def test_every_stop_has_the_figures_of_the_english_one(demo_store: Store, spoken: Language) -> None:
    """A ranking, a count with its share, a follow-up, money, and a question without an answer."""
    english, other = await toured(demo_store, "en"), await toured(demo_store, spoken)
    assert figures(other) == figures(english)
    assert {one.language for one in other} == {spoken}
    assert [one.status for one in english] == [*["answered"] * 4, "cannot_answer"]

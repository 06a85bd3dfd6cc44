"""Questions about what became of a requisition are read in four languages; others are left to others."""

# A case stands in one line.

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from agents.models.embedded.requisition_reader import NAME, requisition_plan
from agents.models.protocol import Turn
from erp_adapters.store import OWNER_ROLE, Store
from tests.conftest import Database
from tests.tools.plant import KASSEL, build
from tools.languages import Language


@pytest.fixture(scope="module")
def plant(database: Database) -> str:
    build(database.dsn(OWNER_ROLE))
    return database.dsn()


@pytest.fixture
async def store(plant: str) -> AsyncIterator[Store]:
    async with await Store.open(plant) as store:
        yield store


async def read(store: Store, text: str, language: Language) -> dict[str, object] | None:
    async with store.reading(KASSEL) as tx:
        plan = await requisition_plan(Turn(text, language=language), {NAME}, KASSEL, tx)
    return None if plan is None else plan.reading.calls[0].arguments.model_dump(exclude_defaults=True)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "What became of requisition 10000001?"),
        ("en", "Where is requisition 10000001 now?"),
        ("en", "Has requisition 10000001 been ordered yet?"),
        ("en", "Status of purchase requisition no. 10000001"),
        ("en", "Have the goods arrived for requisition 10000001?"),
        ("de", "Was ist aus Bestellanforderung 10000001 geworden?"),
        ("de", "Wo bleibt die Banf 10000001?"),
        ("de", "Ist die Bestellanforderung 10000001 schon bestellt?"),
        ("es", "¿Qué fue de la solicitud 10000001?"),
        ("es", "¿Dónde está la solicitud de compra 10000001?"),
        ("es", "¿Se ha pedido ya la solicitud 10000001?"),
        ("fr", "Qu'est devenue la demande d'achat 10000001 ?"),
        ("fr", "Où en est la demande d’achat 10000001 ?"),
        ("fr", "La demande d'achat 10000001 est-elle commandée ?"),
    ],
)
async def test_each_question_comes_to_its_one_call(store: Store, language: Language, text: str) -> None:
    assert await read(store, text, language) == {"requisition": "10000001"}


async def test_a_site_is_heard(store: Store) -> None:
    assert await read(store, "What became of requisition 10000001 at Kassel?", "en") == {
        "requisition": "10000001",
        "site": "KS",
    }


@pytest.mark.parametrize(
    "text",
    [
        "Which requisitions are open?",
        "Where is requisition 10000001 for the customer Velo AG?",
        "Take back requisition 10000001",
        "Status of purchase order 3796",
        "Where is my requisition?",
        "Draft a requisition for 500 of BR-6204 for Kassel by 5 May",
        "How many requisitions were ordered in May?",
        "Who wrote requisition 10000001?",
    ],
)
async def test_other_questions_are_left_to_others(store: Store, text: str) -> None:
    """So is one's own where nothing of it is in the ERP: it is asked about as a draft then."""
    assert await read(store, text, "en") is None

"""Questions about the shop floor, held lots and confirmations are read in four languages; others are not."""

# ruff: noqa: E501
# A case stands in one line.

from __future__ import annotations

from collections.abc import AsyncIterator

import psycopg
import pytest

from agents.models.embedded.floor_reader import floor_plan
from agents.models.protocol import Calls, Turn
from erp_adapters.caller import Caller
from erp_adapters.store import OWNER_ROLE, Store
from tests.conftest import Database
from tests.tools.plant import Builder, build
from tools.languages import Language

_PAULA = Caller("paula", "Paula", frozenset({"planner"}), frozenset({"KS"}), frozenset({"1000"}))
_TOOLS = frozenset({"shop_floor", "held_lot", "supplier_confirmations"})


@pytest.fixture(scope="module")
def told(database: Database) -> str:
    """A plant with a MES and with confirmations."""
    build(database.dsn(OWNER_ROLE))
    with psycopg.connect(database.dsn(OWNER_ROLE)) as connection:
        put = Builder(connection)
        put("floor_order", order_id="WO-1", material_id="M", status="running", ordered=1)
        put(
            "supplier_confirmation",
            confirmation_id="c",
            order_id="700",
            decision="accepted",
            told_on="2025-06-01",
        )
    return database.dsn()


@pytest.fixture
async def store(told: str) -> AsyncIterator[Store]:
    async with await Store.open(told) as store:
        yield store


async def read(store: Store, text: str, language: Language) -> tuple[str, dict[str, object]] | None:
    async with store.reading(_PAULA) as tx:
        plan = await floor_plan(Turn(text, language=language), _TOOLS, tx)
    if plan is None:
        return None
    assert isinstance(plan, Calls)
    (call,) = plan.reading.calls
    return call.name, call.arguments.model_dump(exclude_defaults=True)


@pytest.mark.parametrize(
    ("language", "text", "tool", "means"),
    [
        ("en", "How does the shop floor stand in Kassel?", "shop_floor", {"site": "KS"}),
        ("en", "How far is work order WO-NG-7002 on the shop floor?", "shop_floor", {"order": "WO-NG-7002"}),
        ("en", "Which work orders are on hold on the shop floor, and why?", "shop_floor", {}),
        ("de", "Wie steht es in der Fertigung in Kassel?", "shop_floor", {"site": "KS"}),
        ("de", "Welche Aufträge sind in der Fertigung angehalten?", "shop_floor", {}),
        ("es", "¿Cómo está el taller?", "shop_floor", {}),
        ("fr", "Où en est l'atelier ?", "shop_floor", {}),
        ("en", "Which orders and customers does held lot LOT-BAR-001 touch?", "held_lot", {"lot": "LOT-BAR-001"}),
        ("de", "Welche Aufträge und Kunden berührt das gesperrte Los LOT-BAR-001?", "held_lot", {"lot": "LOT-BAR-001"}),
        ("es", "¿A qué órdenes y clientes afecta el lote bloqueado LOT-BAR-001?", "held_lot", {"lot": "LOT-BAR-001"}),
        ("fr", "Quels ordres et clients touche le lot bloqué LOT-BAR-001 ?", "held_lot", {"lot": "LOT-BAR-001"}),
        ("en", "What did the supplier confirm for purchase order 1400595?", "supplier_confirmations", {"order": "1400595"}),
        ("en", "Which suppliers confirmed something else than we ordered?", "supplier_confirmations", {}),
        ("de", "Welche Lieferanten haben anders bestätigt als bestellt?", "supplier_confirmations", {}),
        ("es", "¿Qué proveedores confirmaron otra cosa que lo pedido?", "supplier_confirmations", {}),
        ("fr", "Quels fournisseurs ont confirmé autre chose que la commande ?", "supplier_confirmations", {}),
    ],
)  # fmt: skip
async def test_each_question_comes_to_its_one_call(
    store: Store, language: Language, text: str, tool: str, means: dict[str, object]
) -> None:
    assert await read(store, text, language) == (tool, means)


@pytest.mark.parametrize(
    "text",
    [
        "Which lots are on hold?",
        "Which batches expire next week?",
        "How many work orders are late?",
        "Which suppliers deliver late?",
        "What is the status of work order 1102494?",
        "Which customers are affected by late orders?",
        "Block batch CP-40-260310-037 because of leaking seals",
    ],
)
async def test_other_questions_are_left_to_others(store: Store, text: str) -> None:
    assert await read(store, text, "en") is None

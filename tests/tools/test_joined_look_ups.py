"""Stock that is not free, parts of planned maintenance and energy for a good unit, in one view each."""

# ruff: noqa: E501
# A case stands in one line.

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from decimal import Decimal

import psycopg
import pytest

from agents.models.embedded.joined_reader import joined_plan
from agents.models.protocol import Calls, Turn
from erp_adapters.caller import Caller
from erp_adapters.store import OWNER_ROLE, Store
from tests.conftest import Database
from tests.tools.asking import Asking, column, number
from tests.tools.plant import Builder, build
from tools.energy import energy_use
from tools.errors import NotRecorded, ToolError
from tools.languages import Language
from tools.maintenance import maintenance_parts
from tools.stock_apart import stock_apart

PAULA = Caller("paula", "Paula", frozenset({"planner"}), frozenset({"KS"}), frozenset({"1000"}))
LEA = Caller("lea", "Léa", frozenset({"planner"}), frozenset({"LY"}), frozenset({"3000"}))
TOOLS = frozenset({"stock_apart", "maintenance_parts", "energy_use"})


@pytest.fixture(scope="module")
def plant(database: Database) -> str:
    build(database.dsn(OWNER_ROLE))
    with psycopg.connect(database.dsn(OWNER_ROLE)) as connection:
        put = Builder(connection)
        put("stock", material_id="1-SPOKE", location_id="10", status="transit", quantity=40)
        put(
            "quality_hold",
            hold_id="q1",
            material_id="1-RIM",
            reason="bent",
            placed_at=datetime(2025, 6, 2, tzinfo=UTC),
        )
        for name, on in (
            ("M1", "2025-06-12"),
            ("M2", "2025-06-13"),
            ("M3", "2025-06-14"),
            ("M4", "2025-06-05"),
        ):
            put(
                "maintenance_order",
                order_id=name,
                work_centre_id="P1",
                kind="preventive",
                status="planned",
                planned_on=on,
            )
        put(
            "maintenance_order",
            order_id="M9",
            work_centre_id="P1",
            kind="preventive",
            status="planned",
            planned_on="2026-06-01",
        )
        for name, quantity in (("M1", 4), ("M2", 4), ("M3", 40)):
            put(
                "reservation",
                reservation_id=f"r{name}",
                material_id="1-PAINT",
                order_id=name,
                quantity=quantity,
            )
        put(
            "purchase_line",
            line_id="paint",
            order_id="P",
            material_id="1-PAINT",
            ordered=10,
            due_on="2025-06-20",
            confirmed_on="2025-06-13",
        )
        put("work_centre", work_centre_id="P1", name="Press 1", cost_centre_id="CC")
        for month, used in (("2025-03", 100), ("2025-04", 100), ("2025-05", 150)):
            put(
                "utility_use",
                utility="electricity",
                cost_centre_id="CC",
                day=f"{month}-10",
                quantity=used,
                unit="KWH",
            )
            put(
                "operation_confirmation", confirmation_id=f"e{month}", order_id="500", operation=10, work_centre_id="P1",
                ended_at=f"{month}-09 10:00+00", good=50, scrapped=0, planned_minutes=100,
            )  # fmt: skip
    return database.dsn()


@pytest.fixture
async def store(plant: str) -> AsyncIterator[Store]:
    async with await Store.open(plant) as store:
        yield store


async def test_stock_in_transit_and_blocked_is_one_view_with_reasons(store: Store) -> None:
    """Each item that is not free with its value, and the open hold that says why."""
    found = await Asking(store, PAULA)(stock_apart)
    assert sorted(
        zip(
            column(found.tables[0], "number"),
            column(found.tables[0], "status"),
            column(found.tables[0], "reason"),
            strict=True,
        )
    ) == [
        ("RIM", "blocked", "bent"),
        ("SPOKE", "transit", None),
        ("WHEEL", "quality", None),
    ]
    assert number(found, "value") == Decimal(2 * (100 + 40 + 7))
    with pytest.raises(NotRecorded):
        await Asking(store, LEA).unchecked(stock_apart)


async def test_parts_of_planned_maintenance_go_to_the_earliest_job(store: Store) -> None:
    """Six litres of paint serve the first job, what is on order comes in time for the second, the third lacks it."""
    found = await Asking(store, PAULA)(maintenance_parts, days=28)
    verdicts = dict(zip(column(found.tables[0], "order_id"), column(found.tables[0], "verdict"), strict=True))
    assert verdicts == {"M4": "none reserved", "M1": "there", "M2": "comes in time", "M3": "missing"}
    assert column(found.tables[0], "overdue")[0] == 5
    assert [int(figure.value) for figure in found.figures] == [4, 1, 1]
    nothing = await Asking(store, PAULA)(maintenance_parts, days=1)
    assert [int(figure.value) for figure in nothing.figures] == [1, 0, 1]
    with pytest.raises(NotRecorded):
        await Asking(store, LEA).unchecked(maintenance_parts)


async def test_energy_for_a_good_unit_is_set_against_the_same_work_before(store: Store) -> None:
    """May took half as much again as the same minutes in March and April."""
    found = await Asking(store, PAULA)(energy_use, months=1)
    assert (
        column(found.tables[0], "each"),
        column(found.tables[0], "expected"),
        column(found.tables[0], "percent"),
    ) == (
        [Decimal(3)],
        [Decimal(2)],
        [Decimal(50)],
    )
    assert number(found, "well above expectation") == 1
    with pytest.raises(ToolError, match="'XX'"):
        await Asking(store, PAULA).unchecked(energy_use, cost_centre="XX")
    with pytest.raises(NotRecorded):
        await Asking(store, LEA).unchecked(energy_use)


@pytest.mark.parametrize(
    ("language", "text", "tool", "means"),
    [
        ("en", "Which stock is in transit or blocked in Kassel?", "stock_apart", {"site": "KS", "statuses": ("transit", "blocked")}),
        ("en", "What stock can we not use, and what is it worth?", "stock_apart", {}),
        ("en", "What stock can we not use, e.g. blocked or in quality inspection?", "stock_apart", {}),
        ("en", "Show stock in quality inspection, blocked and in transit in one list", "stock_apart", {}),
        ("de", "Welcher Bestand ist in Kassel unterwegs oder gesperrt?", "stock_apart", {"site": "KS", "statuses": ("transit", "blocked")}),
        ("es", "¿Qué existencias están en tránsito o bloqueadas?", "stock_apart", {"statuses": ("transit", "blocked")}),
        ("fr", "Quel stock est en transit ou bloqué ?", "stock_apart", {"statuses": ("transit", "blocked")}),
        ("en", "Are the spare parts there for the maintenance that is planned in Kassel?", "maintenance_parts", {"site": "KS"}),
        ("en", "Which maintenance is planned in the next 2 weeks?", "maintenance_parts", {"days": 14}),
        ("de", "Sind die Ersatzteile für die geplante Wartung da?", "maintenance_parts", {}),
        ("es", "¿Están los repuestos para el mantenimiento planificado?", "maintenance_parts", {}),
        ("fr", "Les pièces pour la maintenance prévue sont-elles là ?", "maintenance_parts", {}),
        ("en", "How much energy does a good unit take, against what was to be expected?", "energy_use", {}),
        ("en", "Where do we use more energy than expected?", "energy_use", {}),
        ("de", "Wie viel Strom braucht ein Gutteil?", "energy_use", {}),
        ("es", "¿Cuánta energía se consume por unidad buena?", "energy_use", {}),
        ("fr", "Combien d'énergie par pièce bonne ?", "energy_use", {}),
        ("en", "How much stock of RIM is blocked?", None, {}),
        ("en", "How much stock is blocked or in quality inspection?", None, {}),
        ("en", "Stock of rims: free, in quality inspection and blocked", None, {}),
        ("de", "Bestand: frei, in Qualitätsprüfung und gesperrt", None, {}),
        ("en", "Which maintenance orders are due next week?", None, {}),
        ("en", "What did energy cost in May?", None, {}),
        ("en", "Which parts are missing for work order 500?", None, {}),
    ],
)  # fmt: skip
async def test_each_is_asked_for_in_four_languages(
    store: Store, language: Language, text: str, tool: str | None, means: dict[str, object]
) -> None:
    """The views are found by what people call them, and nothing else is taken for one."""
    async with store.reading(PAULA) as tx:
        plan = await joined_plan(Turn(text, language=language), TOOLS, tx)
    if tool is None:
        assert plan is None
        return
    assert isinstance(plan, Calls)
    [call] = plan.reading.calls
    asked = call.arguments.model_dump(exclude_defaults=True)
    assert (call.name, asked) == (tool, means)


async def test_the_demo_has_spare_parts_and_stock_on_its_way(demo_store: Store) -> None:
    """Both views show something where the product is tried first."""
    planner = Caller("p", "P", frozenset({"planner"}), frozenset({"KAS"}), frozenset())
    apart = await Asking(demo_store, planner)(stock_apart, site="Kassel")
    assert {"transit"} < set(column(apart.tables[0], "status"))
    services = await Asking(demo_store, planner)(maintenance_parts, site="Kassel", days=28)
    assert {"there", "none reserved"} <= set(column(services.tables[0], "verdict"))

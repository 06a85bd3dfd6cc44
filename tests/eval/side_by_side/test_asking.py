"""Each model is asked the whole way through; one that cannot be is a row that says why."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from erp_adapters.store import GRAPH_ROLE, OWNER_ROLE, Store
from eval.cases import Suite
from eval.homes import Place
from eval.measuring import Measurement
from eval.results import read_run
from eval.side_by_side.asking import Side, asked
from eval.side_by_side.models import Access
from eval.side_by_side.sheets import sheets
from eval.side_by_side.table import side_by_side
from eval.side_by_side.writing import write
from tests.agents.scripted_openai import Behaviour, ScriptedOpenAI, Status, Text, Tools, scripted_openai
from tests.conftest import Database
from tests.eval.replies import case

STOCK = "What is the total stock of stainless steel bar 316L in pounds, whatever the status?"
ORDERS = "How many production orders did we complete in January 2026?"
WEATHER = "What will the weather be tomorrow?"
_OF_STOCK = """select sum(s.quantity) n from erp.stock s join erp.material m using (site, material_id)
    where m.name = 'Stainless steel bar 316L'"""
_OF_ORDERS = """select count(*) n from erp.production_order
    where site = 'KAS' and status = 'complete' and end_on between '2026-01-01' and '2026-01-31'"""
SUITE = Suite(
    "three",
    "",
    "development",
    "demo",
    "hand_written",
    (
        case(
            {"check": "values", "sql": _OF_STOCK, "over": "store"},
            id="A", ask=STOCK, topic="stock", kind="plain", dangerous="wrong_figure",
        ),
        case(
            {"check": "values", "sql": _OF_ORDERS, "over": "store"},
            id="B", ask=ORDERS, topic="production", kind="plain", person="planner.kassel",
        ),
        case({"check": "abstains"}, id="C", ask=WEATHER, topic="weather", dangerous="answers_anyway"),
    ),
)  # fmt: skip
THAT_BAR = {"test": "value", "path": "material.name", "op": "=", "values": ["Stainless steel bar 316L"]}


def stock(*where: dict[str, Any]) -> Tools:
    """A look at the stock."""
    measure = {"name": "m1", "metric": "stock_quantity"}
    return Tools([("query_metrics", {"measures": [measure], "where": list(where)})])


def of_the_model(request: dict[str, Any]) -> Behaviour:
    """Right on the stock, silent on the orders, any stock for the weather; it calls what it is tried with."""
    if "Call the tool `confirm`" in str(request["messages"]):
        return Tools([("confirm", {"word": "ready"})])
    if not request.get("tools"):
        return Text("Here it is.")
    if ORDERS in str(request["messages"]):
        return Tools([("cannot_answer", {"why": "not_in_data"})])
    return stock(THAT_BAR) if STOCK in str(request["messages"]) else stock()


def failing(question: str, status: int) -> Callable[[dict[str, Any]], Behaviour]:
    """As the model, but for one question the endpoint only fails."""

    def answering(request: dict[str, Any]) -> Behaviour:
        return Status(status) if question in str(request["messages"]) else of_the_model(request)

    return answering


@pytest.fixture
def measurement(demo: Database, demo_store: Store) -> Measurement:
    place = Place(demo_store, demo.dsn(OWNER_ROLE), demo.dsn(GRAPH_ROLE), "the demo")
    return Measurement((SUITE,), {"demo": place}, Path("none"))


@asynccontextmanager
async def endpoint(answering: Callable[[dict[str, Any]], Behaviour]) -> AsyncIterator[ScriptedOpenAI]:
    async with scripted_openai() as listening:
        listening.answering = answering
        yield listening


def questions(listening: ScriptedOpenAI) -> list[str]:
    """What was planned, in order; the endpoint is tried with a question of its own first."""
    planned = [str(request["messages"]) for request in listening.requests if request.get("tools")]
    return [one for text in planned for one in (STOCK, ORDERS, WEATHER) if one in text]


async def test_two_models_are_measured_over_the_same_cases(measurement: Measurement, tmp_path: Path) -> None:
    """Every figure of the tables, worked out by hand from three questions."""
    async with endpoint(of_the_model) as listening:
        sides = await asked(
            measurement, ["embedded", "openai:m"], tmp_path, Access("key", listening.base_url), pauses=()
        )
    found = side_by_side(["three"], sides)
    assert found.is_whole
    write(tmp_path, found)
    tables = {sheet.title: sheet.rows for sheet in sheets(found)}
    embedded, hosted = tables["All questions"]
    everything, nothing, third = "100 % [44, 100]", "0 % [0, 56]", "33 % [6, 79]"
    assert embedded[:7] == ("embedded", "3 of 3", everything, nothing, nothing, everything, "0")
    assert hosted[:7] == ("openai:m", "3 of 3", third, third, third, third, "0")
    planned = [bool(request.get("tools")) for request in listening.requests]
    read, written = (
        sum(plan if one else prose for one in planned) for plan, prose in ((1000, 100), (50, 20))
    )
    assert hosted[-2:] == (
        f"{read / 3:,.0f} read, {written / 3:,.0f} written",
        "not accounted: the answers name no cost",
    )
    assert embedded[-2:] == ("0 read, 0 written", "0")
    assert [row[:2] for row in tables["Safety"]] == [
        ("embedded", "0 of 2: 0 % [0, 66]"),
        ("openai:m", "1 of 2: 50 % [9, 91]"),
    ]
    assert {row[:4] for row in tables["By topic"] if row[1] == "openai:m"} == {
        ("stock", "openai:m", "1", "100 % [21, 100]"),
        ("production", "openai:m", "1", "0 % [0, 79]"),
        ("weather", "openai:m", "1", "0 % [0, 79]"),
    }
    assert [row[:3] for row in tables["By language"]] == [("en", "embedded", "3"), ("en", "openai:m", "3")]
    assert [row[:3] for row in tables["By kind"] if row[1] == "embedded"] == [
        ("plain", "embedded", "2"),
        ("(none)", "embedded", "1"),
    ]
    # Of 3 cases 2 are right with the first alone: (0 + 1 - 2 - 1) / 5, and 1.96 of sqrt((0.8 - 0.16) / 5).
    right, wrong, _, dangerous = tables["embedded and openai:m"]
    assert right == ("right at once", "3", "2", "0", "-66.7 [-100.0, +30.1]", "0.500")
    assert wrong[:4] == ("wrong", "3", "0", "1")
    assert dangerous[:4] == ("dangerous error", "2", "0", "1")
    assert tables["Cases that flip (2)"] == (
        ("three", "B", "right", "held back"),
        ("three", "C", "rightly declined", "wrong, dangerous"),
    )
    kept = json.loads((tmp_path / "side-by-side.json").read_text(encoding="utf-8"))
    assert kept["models"][1]["figures"]["tokens"] == [read, written]
    assert len(read_run(tmp_path / "openai-m").tries) == 3


async def test_a_model_that_cannot_be_asked_says_why_and_the_others_go_on(
    measurement: Measurement, tmp_path: Path
) -> None:
    """Down, locked, without a package, no model at all: nothing of it is measured as a bad answer."""

    def answering(request: dict[str, Any]) -> Behaviour:
        return Status({"down": 503, "locked": 401}[request["model"]])

    names = ["openai:down", "openai:locked", "nobody:m", "local:m.gguf", "gpt", "embedded"]
    async with endpoint(answering) as listening:
        sides = await asked(measurement, names, tmp_path, Access("key", listening.base_url), pauses=())
    assert [side.model for side in sides] == names
    reasons = {side.model: side.why for side in sides if side.run is None}
    assert reasons["openai:down"] == "lost: it failed on its side"
    assert reasons["openai:locked"] == "lost: it refused the API key"
    assert "not configured: the language model 'nobody:m' cannot be used" in reasons["nobody:m"]
    assert "not configured: local:m.gguf" in reasons["local:m.gguf"]
    assert "names no model" in reasons["gpt"]
    assert sides[-1].is_whole
    assert {request["model"] for request in listening.requests} == {"down", "locked"}
    # A refused key is not tried again with another question.
    assert sum(request["model"] == "locked" for request in listening.requests) == 1
    (rows,) = (
        sheet.rows for sheet in sheets(side_by_side(["three"], sides)) if sheet.title == "All questions"
    )
    assert rows[0][:3] == ("openai:down", "0 of 3; lost: it failed on its side", "")


async def test_a_second_call_asks_only_what_is_missing(measurement: Measurement, tmp_path: Path) -> None:
    """What was measured before the line was lost stays; a whole run needs its model no more."""

    async def again(answering: Callable[[dict[str, Any]], Behaviour]) -> tuple[Side, list[str]]:
        async with endpoint(answering) as listening:
            access = Access("key", listening.base_url)
            (side,) = await asked(measurement, ["openai:m"], tmp_path, access, pauses=())
            return side, questions(listening)

    first, _ = await again(failing(WEATHER, 503))
    assert first.run is not None
    assert first.why == "lost: it failed on its side"
    done = {one.ask[-1] for one in first.run.tries}
    assert WEATHER not in done
    second, asked_second = await again(of_the_model)
    assert second.is_whole
    assert set(asked_second) == {STOCK, ORDERS, WEATHER} - done
    third, asked_third = await again(failing("", 503))
    assert (third.is_whole, asked_third) == (True, [])
    (kept,) = await asked(measurement, ["openai:m"], tmp_path, Access(), pauses=())
    assert kept.is_whole
    assert kept.run is not None
    assert {one.key for one in kept.run.tries} == measurement.wanted

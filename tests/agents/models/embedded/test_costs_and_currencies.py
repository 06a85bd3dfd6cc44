"""Questions of controllers and buyers are read: currencies, intercompany, costs, suppliers, contracts."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from agents.models.embedded.model import EmbeddedModel
from agents.models.embedded.reporting import Asked, Reporting, asked_of
from agents.models.protocol import Calls, PastTurn, Plan, ToolCall, Turn
from erp_adapters.store import Store
from tools.all_tools import registry
from tools.languages import Language, speaking
from tools.metrics.catalogue import packaged_catalogue
from tools.metrics.compiler import Compiler
from tools.metrics.query import Grouping, Measure, MetricQuery, Order

_QUESTIONS: dict[Language, list[tuple[str, str, dict[str, Any]]]] = yaml.safe_load(
    Path(__file__).with_name("costs.yaml").read_text("utf-8")
)
_BOTH = frozenset({"EUR", "USD"})
_MODEL = EmbeddedModel()
_COMPILER = Compiler(packaged_catalogue())


async def plan(store: Store, turn: Turn) -> Plan:
    caller = await store.caller("planner")
    async with store.reading(caller) as tx:
        with speaking(turn.language):
            return await _MODEL.plan(turn, caller, registry().admitted(caller), tx)


def said(found: Plan) -> tuple[str, dict[str, Any]]:
    """The first call, with what of its arguments counts here."""
    assert isinstance(found, Calls), found
    call = found.reading.calls[0]
    arguments = call.arguments.model_dump(mode="json", exclude_defaults=True)
    if isinstance(call.arguments, MetricQuery):
        kept = ("currency", "rates", "rates_of", "intercompany")
        metrics = [measure.metric for measure in call.arguments.measures if measure.metric]
        arguments = {name: arguments[name] for name in kept if name in arguments} | {"metrics": metrics}
    return call.name, arguments


@pytest.mark.parametrize(
    ("language", "question", "tool", "arguments"),
    [(language, *each) for language, questions in _QUESTIONS.items() for each in questions],
)
async def test_it_is_read(
    demo_store: Store, language: Language, question: str, tool: str, arguments: dict[str, Any]
) -> None:
    assert said(await plan(demo_store, Turn(question, language=language))) == (tool, arguments)


@pytest.mark.parametrize(
    ("language", "question"),
    [("en", "and in EUR?"), ("en", "the same in euro"), ("de", "und in Euro?"), ("de", "Dasselbe in EUR")],
)
async def test_the_question_before_is_asked_in_another_currency(
    demo_store: Store, language: Language, question: str
) -> None:
    """And what is asked after that keeps the currency."""
    first = await plan(demo_store, Turn("purchase order value by supplier"))
    assert isinstance(first, Calls)
    past = PastTurn("purchase order value by supplier", first.reading.calls, first.reading.words)
    second = await plan(demo_store, Turn(question, (past,), language=language))
    assert said(second) == ("query_metrics", {"currency": "EUR", "metrics": ["purchase_value"]})
    assert isinstance(second, Calls)
    now = replace(past, calls=second.reading.calls, words=second.reading.words)
    third = await plan(demo_store, Turn("and in March 2026?", (now,)))
    assert said(third)[1]["currency"] == "EUR"


@pytest.mark.parametrize(
    ("language", "question", "wanted", "rest"),
    [
        ("en", "spend in euro", Reporting("EUR"), "spend"),
        ("en", "spend at constant currency", Reporting(rates="constant"), "spend"),
        (
            "en",
            "spend in EUR at constant plan rates of 2025",
            Reporting("EUR", rates="constant", year=2025),
            "spend",
        ),
        ("en", "spend without intercompany by site", Reporting(intercompany="left_out"), "spend by site"),
        ("de", "Umsatz in Gruppenwährung", Reporting(group_currency=True), "Umsatz"),
        ("de", "Umsatz ohne Konzern in Euro", Reporting("EUR", intercompany="left_out"), "Umsatz"),
        (
            "es",
            "compras en euros a tipos de cambio constantes",
            Reporting("EUR", rates="constant"),
            "compras",
        ),
        ("fr", "achats en devise du groupe", Reporting(group_currency=True), "achats"),
    ],
)
def test_what_is_said_of_figures_is_taken_out(
    language: Language, question: str, wanted: Reporting, rest: str
) -> None:
    found = asked_of(question, language, _BOTH)
    assert (found.reporting, found.rest) == (wanted, rest)


@pytest.mark.parametrize(
    ("language", "question"),
    [
        ("en", "exchange rate USD to EUR"),
        ("en", "how much is 10,000 USD in EUR"),
        ("en", "average rate dollar to euro in March 2026"),
        ("en", "suppliers in Poland"),
        ("en", "how many euros is a dollar"),
        ("de", "Wechselkurs von Dollar in Euro"),
        ("de", "100 USD in EUR"),
    ],
)
def test_questions_about_rates_and_places_are_left_as_they_are(language: Language, question: str) -> None:
    found = asked_of(question, language, _BOTH)
    assert not found.reporting
    assert found.rest == question


def test_the_only_currency_of_all_sites_is_no_conversion() -> None:
    assert not asked_of("spend in dollars", "en", frozenset({"USD"})).reporting
    assert asked_of("spend in dollars", "en", _BOTH).reporting


@pytest.mark.parametrize(
    "question",
    [
        "Actual against budget of the expense accounts by division: actual, budget, variance",
        "Plan/Ist-Vergleich der Kostenstellen je Monat",
    ],
)
async def test_what_is_grouped_otherwise_is_no_comparison_by_cost_centre(
    demo_store: Store, question: str
) -> None:
    """By division or by month: the pattern of plan against actual leaves it to the readers."""
    language: Language = "de" if "Kostenstellen" in question else "en"
    found = await plan(demo_store, Turn(question, language=language))
    query = found.reading.calls[0].arguments if isinstance(found, Calls) else None
    assert not isinstance(query, MetricQuery) or [one.entity for one in query.by] not in (
        ["cost_centre"],
        ["account"],
    )


@pytest.mark.parametrize(
    ("language", "question", "rest"),
    [
        ("en", "Order value 2025 per plant, each in its own currency", "Order value 2025 per plant"),
        ("en", "Spend by plant, in local currency, not converted.", "Spend by plant."),
        ("de", "Bestellwert je Werk, jeweils in der Währung des Werks und nicht umgerechnet.", None),
        ("de", "Bestandswert für jedes Werk in Hauswährung", "Bestandswert für jedes Werk"),
        ("es", "gasto por planta en moneda local, sin convertir", "gasto por planta"),
        ("fr", "dépenses par usine dans sa propre devise", "dépenses par usine"),
    ],
)
def test_amounts_may_stay_in_the_currency_of_their_plant(
    language: Language, question: str, rest: str | None
) -> None:
    """Neither is that a wish for the group's currency, nor may such amounts be ranked by converting them."""
    asked = asked_of(question, language, _BOTH)
    assert asked.reporting == Reporting(own_currency=True)
    assert asked.rest == (rest or "Bestellwert je Werk.")
    ranked = MetricQuery(
        measures=(Measure(name="v", metric="line_value"),),
        by=(Grouping(entity="site"),),
        order=(Order(by="v"),),
    )
    (call,) = asked.reporting.put_on((ToolCall("query_metrics", ranked),), "EUR", _COMPILER)
    assert isinstance(call.arguments, MetricQuery)
    assert (call.arguments.order, call.arguments.currency) == ((), "")


@pytest.mark.parametrize(
    ("language", "question"),
    [
        ("en", "Which requisitions are not converted yet?"),
        ("en", "Which requisitions are unconverted, with number, material and quantity?"),
        ("en", "Value of the requisitions, not converted"),
        ("en", "Planned orders, not converted"),
        ("en", "Which orders with a value over 500 are open and not converted?"),
        ("es", "¿Qué solicitudes de compra están sin convertir?"),
        ("fr", "Combien de demandes d'achat non converties ?"),
    ],
)
def test_records_that_are_not_converted_are_a_condition(language: Language, question: str) -> None:
    """A requisition becomes an order: that it has not is no word about currencies."""
    assert asked_of(question, language, _BOTH) == Asked(Reporting(), question)


@pytest.mark.parametrize(
    ("language", "question", "rest"),
    [
        ("en", "Spend by plant (not converted)", "Spend by plant"),
        (
            "en",
            "What is the spend by plant in local currency and not converted?",
            "What is the spend by plant?",
        ),
        ("fr", "dépenses par usine, non converties", "dépenses par usine"),
    ],
)
def test_amounts_that_are_not_converted_stay_as_they_are(
    language: Language, question: str, rest: str
) -> None:
    """Said of amounts, behind a mark or an `and`."""
    assert asked_of(question, language, _BOTH) == Asked(Reporting(own_currency=True), rest)


def test_a_wish_may_be_said_often() -> None:
    """However often it is said, it is read without going deeper each time."""
    assert asked_of("stock value in local currency " * 1500, "en", _BOTH).reporting.own_currency


def test_an_order_by_number_stays_where_amounts_stay_in_their_currency() -> None:
    """Of several currencies only amounts have no order."""
    query = MetricQuery(
        measures=(Measure(name="n", metric="purchase_order_count"), Measure(name="v", metric="line_value")),
        by=(Grouping(entity="supplier"),),
        order=(Order(by="n"), Order(by="v"), Order(by="#1")),
    )
    (call,) = Reporting(own_currency=True).put_on((ToolCall("query_metrics", query),), "EUR", _COMPILER)
    assert isinstance(call.arguments, MetricQuery)
    assert [one.by for one in call.arguments.order] == ["n", "#1"]

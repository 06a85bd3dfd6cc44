"""Words for charts are taken out of a question in four languages, and words of the trade are left in."""

from __future__ import annotations

import time

import pytest

from agents.chart_words import asked_chart
from tools.charts import ChartKind


@pytest.mark.parametrize(
    ("question", "kind", "rest"),
    [
        ("plot scrap by month", None, "scrap by month"),
        ("scrap by month as a chart", None, "scrap by month"),
        ("show me a graph of scrap rate by month?", None, "scrap rate by month?"),
        ("spend by supplier as a pareto chart", "pareto", "spend by supplier"),
        ("waterfall of variance by cost centre", "waterfall", "variance by cost centre"),
        ("stock value by month and site, stacked bar chart", "stacked", "stock value by month and site"),
        ("scatter plot of scrap rate against quantity", "scatter", "scrap rate against quantity"),
        ("Ausschuss je Monat als Diagramm", None, "Ausschuss je Monat"),
        ("Zeig mir ein Diagramm des Ausschusses nach Monat", None, "Ausschusses nach Monat"),
        ("Stelle den Ausschuss je Monat als Liniendiagramm dar", "line", "den Ausschuss je Monat"),
        ("Bestandswert je Werk als Säulendiagramm", "bar", "Bestandswert je Werk"),
        ("Ausschuss je Monat grafisch darstellen", None, "Ausschuss je Monat"),
        ("chatarra por mes como gráfico de barras", "bar", "chatarra por mes"),
        ("muéstrame un gráfico de la chatarra por mes", None, "la chatarra por mes"),
        ("rebuts par mois sous forme de graphique", None, "rebuts par mois"),
        ("montre-moi un graphique des rebuts par mois", None, "rebuts par mois"),
    ],
)
def test_a_question_is_read_without_its_words_for_a_chart(
    question: str, kind: ChartKind | None, rest: str
) -> None:
    """What is left is the question that the readers know."""
    asked = asked_chart(question)
    assert asked is not None
    assert (asked.wish.kind, asked.rest) == (kind, rest)


@pytest.mark.parametrize(
    ("question", "kind", "log", "average"),
    [
        ("as a chart", None, None, None),
        ("as bars", "bar", None, None),
        ("can you plot that?", None, None, None),
        ("now as a stacked bar chart please", "stacked", None, None),
        ("logarithmic", None, True, None),
        ("linear", None, False, None),
        ("with average", None, None, True),
        ("as bars with average", "bar", None, True),
        ("als Balken", "bar", None, None),
        ("als Diagramm bitte", None, None, None),
        ("mit Durchschnitt", None, None, True),
        ("como barras", "bar", None, None),
        ("en courbe", "line", None, None),
    ],
)
def test_nothing_but_a_chart_leaves_nothing(
    question: str, kind: ChartKind | None, log: bool | None, average: bool | None
) -> None:
    """Such a question draws the answer before, in another way."""
    asked = asked_chart(question)
    assert asked is not None
    assert asked.rest == ""
    assert (asked.wish.kind, asked.wish.log, asked.wish.average) == (kind, log, average)


@pytest.mark.parametrize(
    "question",
    [
        "show the chart of accounts",
        "how many accounts in the chart never got a posting",
        "scrap by production line",
        "lines per purchase order",
        "Ausschuss je Linie",
        "Welche Linien haben den höchsten Ausschuss",
        "what is in stock of Chain Bars",
        "average price with average delay",
        "only the last six months",
        "materials in the graph database",
    ],
)
def test_words_of_the_trade_are_left_alone(question: str) -> None:
    """A line makes products, a bar is a material, a chart has accounts."""
    assert asked_chart(question) is None


@pytest.mark.parametrize("text", ["stell" * 800 + "#", "please " * 570 + "#", "als " * 1000, "line " * 800])
def test_no_question_takes_long(text: str) -> None:
    """The longest question that is let in, made to be hard for expressions."""
    since = time.perf_counter()
    asked_chart(text)
    assert time.perf_counter() - since < 2

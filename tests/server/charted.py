"""Answers with charts of every kind: gaps, negative values, long names, several units and currencies."""

from __future__ import annotations

from datetime import date

from agents.answer import Answer, AnswerTable
from tools.charts import ChartSpec, ChartWish, Offered, charts_of

AS_OF = date(2025, 5, 31)


def table(
    *columns: tuple[str, str, str, str], rows: tuple[tuple[str | bool | None, ...], ...], title: str = ""
) -> AnswerTable:
    """A table of columns given as name, heading, kind and unit."""
    return AnswerTable(
        title=title,
        names=tuple(column[0] for column in columns),
        columns=tuple(column[1] for column in columns),
        kinds=tuple(column[2] for column in columns),
        units=tuple(column[3] for column in columns),
        rows=rows,
        total_rows=len(rows),
    )


def offered(of: AnswerTable, *, adds_up: bool = True, at: int = 0) -> Offered:
    """A table as charts are derived from it; amounts and counts add up unless said otherwise."""
    sums = tuple(adds_up and kind in ("quantity", "count", "money") for kind in of.kinds)
    return Offered(at, of, sums, "ranking", "e1", AS_OF)


def charts(of: AnswerTable, wish: ChartWish | None = None, *, adds_up: bool = True) -> tuple[ChartSpec, ...]:
    """The charts of one table, asked for."""
    return charts_of([offered(of, adds_up=adds_up)], wish or ChartWish())


MONTHS = table(
    ("month", "Month", "text", ""),
    ("site", "Site", "text", ""),
    ("scrapped", "Scrapped quantity", "quantity", "pcs"),
    rows=tuple(
        (f"2025-{month:02d}", site, f"{120 + (month * factor) % 90}")
        for month in (1, 2, 3, 5, 6)
        for site, factor in (("Kassel", 31), ("Greenville", 17))
    ),
)
VARIANCES = table(
    ("cost_centre", "Cost centre", "text", ""),
    ("variance", "Variance", "money", "EUR"),
    rows=(
        ("Machining", "-147317.44"),
        ("Purchasing", "66097.42"),
        ("Assembly", "18735.31"),
        ("Maintenance", "-123559.18"),
    ),
)
SPEND = table(
    ("supplier", "Supplier", "text", ""),
    ("spend", "Spend", "money", "USD"),
    rows=tuple(
        (f"Supplier {n:02d} with a name that goes on for rather longer than a label can", f"{90000 / n:.2f}")
        for n in range(1, 41)
    ),
)
RATES = table(
    ("material", "Material", "text", ""),
    ("ordered", "Ordered", "quantity", "pcs"),
    ("rate", "Scrap rate", "percent", "%"),
    rows=tuple((f"M-{n}", f"{100 + 37 * n % 900}", f"{(n * 13 % 50) / 10}") for n in range(1, 25)),
)
CURRENCIES = table(
    ("site", "Site", "text", ""),
    ("value", "Inventory value", "money", ""),
    ("currency", "Currency", "text", ""),
    rows=(
        ("Kassel", "731000.5", "EUR"),
        ("Brescia", "412000", "EUR"),
        ("Greenville", "514000", "USD"),
        ("Grand Rapids", "98000", "USD"),
    ),
)
BALANCES = table(
    ("account", "Account", "text", ""),
    ("margin", "Margin", "percent", "%"),
    rows=(("Valves", "12.5"), ("Pumps", "-4.2"), ("Parts", "7")),
)

KINDS: dict[str, tuple[AnswerTable, ChartWish]] = {
    "drawn as lines": (MONTHS, ChartWish()),
    "drawn stacked": (MONTHS, ChartWish(kind="stacked")),
    "drawn upright": (MONTHS, ChartWish(kind="bar")),
    "drawn as a waterfall": (VARIANCES, ChartWish()),
    "drawn as a pareto": (SPEND, ChartWish(kind="pareto")),
    "drawn as a ranking": (SPEND, ChartWish(average=True)),
    "drawn as points": (RATES, ChartWish(kind="scatter", average=True)),
    "drawn by currency": (CURRENCIES, ChartWish()),
    "drawn below zero": (BALANCES, ChartWish()),
    "drawn logarithmic": (MONTHS, ChartWish(log=True)),
}


def charted(answer: Answer, words: str) -> Answer:
    """The answer with the table and the charts that go by these words."""
    of, wish = KINDS[words]
    return answer.model_copy(
        update={
            "answer": "",
            "reading": words,
            "tables": (of,),
            "figures": (),
            "caveats": (),
            "alternatives": (),
            "charts": charts(of, wish),
        }
    )

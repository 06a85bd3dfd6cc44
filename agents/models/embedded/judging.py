"""Questions that judge and do not say by what, `who is our worst vendor?`: by what people mostly mean."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal, TypeAlias

from agents.models.embedded.masked import Masked
from tools.metrics.query import Grouping, Measure, MetricQuery, Order, ValueTest

_Verdict: TypeAlias = Literal["best", "worst"]
_BEST = frozenset({
    "best", "important", "top", "beste", "bester", "besten", "wichtigster", "wichtigste", "wichtigsten",
    "mejor", "importante", "meilleur", "meilleure",
})  # fmt: skip
_WORST = frozenset({
    "worst", "schlechtester", "schlechteste", "schlechtesten", "peor", "pire",
})  # fmt: skip
_OTHERS = frozenset({
    "besser", "schlecht", "schlechter", "gesund", "mieux", "ärger",
    "bad", "badly", "better", "enough", "fine", "good", "healthy", "issue", "issues", "lose", "ok",
    "poor", "problem", "problems", "trouble", "well", "worse",
})  # fmt: skip
_SUPPLIERS = frozenset({
    "supplier", "suppliers", "vendor", "vendors", "lieferant", "lieferanten", "proveedor", "proveedores",
    "fournisseur", "fournisseurs",
})  # fmt: skip
_DELAYS = frozenset({
    "delay", "delays", "lateness", "verspätungen", "verzug", "retrasos", "retards",
})  # fmt: skip
_SHORT = 7
"""Words up to which a question that judges says too little."""
_FIGURES: dict[_Verdict, tuple[tuple[str, bool, str], ...]] = {
    "best": (("purchase_value", True, "complete"), ("purchase_value", True, ""), ("reject_rate", False, "")),
    "worst": (
        ("reject_rate", True, ""),
        ("short_line_count", True, ""),
        ("supplier_on_time_rate", False, ""),
    ),
}
"""By what suppliers are the best and the worst: the figure, whether most of it, and of which orders."""


def is_vague(question: Masked) -> bool:
    """True for a short question that judges."""
    said = _words(question)
    return len(said) <= _SHORT and not (_BEST | _WORST | _OTHERS).isdisjoint(said)


def by_what(question: Masked) -> Iterator[MetricQuery]:
    """The queries that such a question mostly means, the commonest first."""
    said = _words(question)
    if not is_vague(question) or any(spot.word.isupper() for spot in question.spots):
        return
    if not _DELAYS.isdisjoint(said):
        yield MetricQuery(measures=(_figure("late_rate"), _figure("average_late_days")))
    elif not _SUPPLIERS.isdisjoint(said):
        if not _BEST.isdisjoint(said):
            yield from (_supplier(*one) for one in _FIGURES["best"])
        if not _WORST.isdisjoint(said):
            yield from (_supplier(*one) for one in _FIGURES["worst"])


def _supplier(metric: str, most: bool, status: str) -> MetricQuery:
    kept = (ValueTest(path="purchase_order.status", values=(status,)),) if status else ()
    return MetricQuery(
        measures=(_figure(metric),),
        by=(Grouping(entity="supplier"),),
        where=kept,
        order=(Order(by=metric, descending=most),),
        extreme=True,
    )


def _figure(metric: str) -> Measure:
    return Measure(name=metric, metric=metric)


def _words(question: Masked) -> Sequence[str]:
    return [spot.text.lower() for spot in question.spots if spot.text.isalpha()]


_ORDERS = frozenset({"order", "orders"})
_TELLING = frozenset({
    "work", "production", "purchase", "sales", "customer", "maintenance", "planned", "internal", "process",
    "shop", "making", "buying", "vendor", "supplier", "manufacturing",
})  # fmt: skip


def is_bare(question: Masked) -> bool:
    """True where `orders` are spoken of, and nothing says whether they are worked on, bought or sold."""
    said = [spot.word for spot in question.spots]
    places = [at for at, word in enumerate(said) if word in _ORDERS]
    return bool(places) and all(at == 0 or said[at - 1] not in _TELLING for at in places)

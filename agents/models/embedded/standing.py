"""Which of several readings stands first, and whether it is the answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from agents.models.embedded.accounting import Left
from agents.models.embedded.confidence import LEFT_AT_MOST
from agents.models.embedded.deciding import ANSWERED, MOST_NAMED, MOST_READINGS, UNSURE
from agents.models.embedded.judging import is_bare
from agents.models.embedded.masked import Masked
from agents.models.embedded.plan_language import METRICS
from agents.models.embedded.proposals import Proposal
from agents.models.protocol import Abstain, Calls, Clarify, Plan, Reading, Turn
from tools.metrics.query import MetricQuery

FARTHER = 0.1
"""By which another reading must be likelier to go before one."""
NOT_NEAR = 0.1
"""Confidence up to which a second reading is no rival."""
_LIKELY = 0.6
_PHRASES = frozenset({"words", "open_period"})
"""Clauses whose words are one phrase."""
_PLACED = 0.95
"""Of the grammar's score: each word of a look-up has its place."""
_AS_LIKELY = 0.05
"""Two readings whose confidence is no farther apart."""
_KNOWN = 0.93
"""Of the confidence: from it on the readers go before a look-up that is told by a pattern."""


def is_settled(plan: Plan, turn: Turn) -> bool:
    """True where a plan answers, with the reading that was chosen before where one was, or is refused."""
    if isinstance(plan, Abstain):
        return plan.refused
    return isinstance(plan, Calls) and turn.preferred in ("", plan.reading.words)


def with_likelier(plan: Plan, again: Plan) -> Plan:
    """A plan that answers nothing, with the readings of the plainer words where these are far likelier."""
    found = (again.reading, *again.others) if isinstance(again, Calls) else again.readings
    known = plan.readings if isinstance(plan, Clarify | Abstain) else ()
    if not found or isinstance(plan, Calls) or found[0].confidence < UNSURE:
        return plan
    if known and found[0].confidence < known[0].confidence + FARTHER:
        return plan
    offered = tuple(distinct([*found[:2], *known, *found[2:]]))[:MOST_READINGS]
    return replace(plan, readings=offered)


def undecided(readings: list[Reading], question: Masked) -> list[Reading]:
    """The readings; none is sure where two are about orders of two kinds and the question says neither."""
    likely = [one for one in readings[:2] if one.confidence >= UNSURE]
    kinds = {_orders_of(one) for one in likely}
    if len(likely) < 2 or len(kinds) < 2 or "" in kinds or not is_bare(question):
        return readings
    return [replace(one, confidence=min(one.confidence, LEFT_AT_MOST)) for one in readings]


def unrivalled(readings: list[Reading], first: Proposal | None) -> list[Reading]:
    """The readings; the first is the answer where both readers think of it and nothing comes near it."""
    if first is None or first.left or first.unused or first.empty:
        return readings
    if not (first.learned > 0 and first.grammar > 0):
        return readings
    nearest = readings[1].confidence if len(readings) > 1 else 0.0
    if readings[0].confidence < _LIKELY or nearest > NOT_NEAR:
        return readings
    return [replace(readings[0], confidence=max(ANSWERED, readings[0].confidence)), *readings[1:]]


_ORDERS = {
    "production_order": "production_order",
    "purchase_order": "purchase_order",
    "sales_order": "sales_order",
    "work_order_count": "production_order",
    "purchase_order_count": "purchase_order",
}


def _orders_of(reading: Reading) -> str:
    """The kind of orders that a reading counts or lists; empty where it is about something else."""
    query = reading.calls[0].arguments if reading.calls else None
    if not isinstance(query, MetricQuery):
        return ""
    named = [query.rows_of, *(name for one in query.measures for name in (one.count_of, one.metric))]
    return next((_ORDERS[name] for name in named if name in _ORDERS), "")


def named_left(left: Sequence[Left]) -> tuple[str, ...]:
    """The words of the clauses that a reading leaves out."""
    words = [
        word for one in left for word in ([" ".join(one.words)] if one.clause in _PHRASES else one.words)
    ]
    return tuple(dict.fromkeys(words))[:MOST_NAMED]


def is_known(readings: Sequence[Reading], framed: Reading) -> bool:
    """True where the readers know a question so well that a pattern has only caught a word of it.

    That they find no answer does not count: they have not learned of these look-ups.
    """
    if framed.calls[0].name in ("cost_build_up", "explode_bom"):
        # Their patterns need a material beside the words.
        return False
    return bool(readings) and readings[0].confidence >= _KNOWN


def look_up_first(weighed: list[tuple[float, Proposal]]) -> list[tuple[float, Proposal]]:
    """Of two nearly as likely, the look-up that both readers know goes before a table of one alone."""
    if len(weighed) < 2:
        return weighed
    (most, first), (sure, second), *others = weighed
    known = second.grammar >= _PLACED and second.learned > 0 and first.grammar == 0
    table, look_up = ([call.name for call in one.calls] for one in (first, second))
    if known and most - sure <= _AS_LIKELY and table == [METRICS] != look_up and len(look_up) == 1:
        return [(most, second), (sure, first), *others]
    return weighed


def distinct(readings: Sequence[Reading]) -> list[Reading]:
    """The readings, each once; of two in the same words the first."""
    found: dict[str, Reading] = {}
    for reading in readings:
        found.setdefault(reading.words, reading)
    return list(found.values())

"""What the two readers propose for a question, brought together: the same meaning is one proposal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from agents.models.embedded.learned import LearnedPlan
from agents.models.embedded.masked import Masked
from agents.models.embedded.plan_language import METRICS, NotSayable, PlanLanguage, Pointer
from agents.models.protocol import Reading, ToolCall
from tools.errors import QueryInvalid
from tools.metrics.catalogue import Catalogue
from tools.metrics.compiler import Compiler
from tools.metrics.query import MetricQuery, Order
from tools.metrics.wording import Wording


@dataclass(frozen=True, slots=True)
class Proposal:
    """A plan with what speaks for it."""

    calls: tuple[ToolCall, ...]
    """Empty where the learned reader says that the data cannot answer."""
    words: str
    learned: float = 0.0
    """Probability that the learned reader gives it; 0 where it did not think of it."""
    grammar: float = 0.0
    """The grammar reader's score; 0 where it did not think of it."""
    leads_learned: bool = False
    leads_grammar: bool = False
    unused: int = 0
    """Names, periods and numbers of the question that the plan does not use."""
    empty: bool = False
    """True where it was run and nothing came of it."""


class Proposals:
    """Merges what the readers propose."""

    def __init__(self, catalogue: Catalogue, language: PlanLanguage) -> None:
        self._compiler = Compiler(catalogue)
        self._wording = Wording(catalogue)
        self._language = language

    def of(
        self, learned: Sequence[LearnedPlan], grammar: Sequence[Reading], question: Masked
    ) -> list[Proposal]:
        """Every plan once; the learned reader's first, likeliest first."""
        found: dict[object, Proposal] = {}
        for plan in learned:
            key = self._meaning(plan.calls)
            if key is None or key in found:
                continue
            calls = tuple(map(_presented, plan.calls))
            found[key] = Proposal(
                calls,
                self.words(calls),
                learned=plan.probability,
                leads_learned=not found,
                unused=self._unused(plan.calls, question),
            )
        leads = True
        for reading in grammar:
            key = self._meaning(reading.calls)
            if key is None:
                continue
            if key in found:
                known = found[key]
                better = max(known.grammar, reading.confidence)
                found[key] = replace(known, grammar=better, leads_grammar=known.leads_grammar or leads)
                if _dress(reading.calls) > _dress(known.calls):
                    found[key] = replace(found[key], calls=reading.calls, words=reading.words)
            else:
                found[key] = Proposal(
                    reading.calls,
                    reading.words,
                    grammar=reading.confidence,
                    leads_grammar=leads,
                    unused=self._unused(reading.calls, question),
                )
            leads = False
        return list(found.values())

    def words(self, calls: Sequence[ToolCall]) -> str:
        """The reading in words."""
        return "; and ".join(self._call_in_words(call) for call in calls)

    def _call_in_words(self, call: ToolCall) -> str:
        if isinstance(call.arguments, MetricQuery):
            return self._wording.query(call.arguments)
        given = call.arguments.model_dump(exclude_defaults=True)
        said = ", ".join(
            str(value) if name in _PLAIN else f"{name.replace('_', ' ')} {value}"
            for name, value in given.items()
        )
        title = call.name.replace("_", " ").capitalize()
        return f"{title}: {said}" if said else title

    def _unused(self, calls: Sequence[ToolCall], question: Masked) -> int:
        """How many placeholders of the question nothing in the plan points at."""
        try:
            words = self._language.words(calls, question)
        except NotSayable:
            return 0
        used = {word.at for word in words if isinstance(word, Pointer)}
        held = {spot.text.lower() for at, spot in enumerate(question.spots) if at in used}
        return sum(
            spot.word.isupper() and at not in used and spot.text.lower() not in held
            for at, spot in enumerate(question.spots)
        )

    def _meaning(self, calls: Sequence[ToolCall]) -> object | None:
        """What plans of the same meaning share; None where one of the queries cannot be run."""
        parts: list[object] = []
        for call in calls:
            if not isinstance(call.arguments, MetricQuery):
                parts.append((call.name, call.arguments.model_dump_json()))
                continue
            try:
                compiled = self._compiler.compile(_bare(call.arguments))
            except QueryInvalid:
                return None
            parts.append((METRICS, compiled.sql, repr(sorted(compiled.parameters.items()))))
        return tuple(parts)


_PLAIN = frozenset({"material", "supplier", "text", "order", "company", "account", "record"})


def _presented(call: ToolCall) -> ToolCall:
    """The call with the largest figures first, where figures by things are asked for in no order."""
    query = call.arguments
    if not isinstance(query, MetricQuery) or query.order or query.output != "rows" or not query.by:
        return call
    shown = [measure for measure in query.measures if not measure.hidden]
    if not shown or any(grouping.grain for grouping in query.by):
        return call
    return ToolCall(call.name, query.model_copy(update={"order": (Order(by=shown[0].name),)}))


def _dress(calls: Sequence[ToolCall]) -> int:
    """How much of their form plans of one meaning fix: columns shown beside, and an order."""
    queries = [call.arguments for call in calls if isinstance(call.arguments, MetricQuery)]
    return sum(len(query.order) + len(query.show) for query in queries)


def _bare(query: MetricQuery) -> MetricQuery:
    """The query without what changes only its form: names, labels, columns shown beside, a mere order."""
    names = {measure.name: f"m{at}" for at, measure in enumerate(query.measures)}
    raw = query.model_dump()
    for at, measure in enumerate(raw["measures"]):
        measure |= {"name": f"m{at}", "label": "", "hidden": False}
        measure["of"] = tuple(names[name] for name in measure["of"])
    for having in raw["having"]:
        having["left"] = names.get(having["left"], having["left"])
        having["right"] = names.get(having["right"], having["right"]) if having["right"] else None
    for order in raw["order"]:
        order["by"] = names.get(order["by"], order["by"])
    if raw["limit"] is None and not raw["extreme"] and raw["output"] == "rows":
        raw["order"] = ()
    needed = {order["by"] for order in raw["order"]}
    needed |= {side for having in raw["having"] for side in (having["left"], having["right"])}
    raw["show"] = tuple(field for field in raw["show"] if field in needed)
    raw["where"] = sorted(raw["where"], key=repr)
    return MetricQuery.model_validate(raw)

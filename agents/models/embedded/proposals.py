"""What the two readers propose for a question, brought together: the same meaning is one proposal."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import reduce
from itertools import takewhile
from typing import TypedDict

from agents.models.embedded.accounting import Accounts, Asked, Left
from agents.models.embedded.apart import as_two, once_each
from agents.models.embedded.at_the_end import AtTheEnd
from agents.models.embedded.bounds import Bounds
from agents.models.embedded.compared_periods import beside_one_another
from agents.models.embedded.counted_as import counted_in, with_any, with_records, with_value
from agents.models.embedded.currency_pairs import code_of, is_of_rates, of_one_day, paired, turned_round
from agents.models.embedded.encoder import SEPARATOR
from agents.models.embedded.enumerated import Enumerated
from agents.models.embedded.everywhere import Everywhere
from agents.models.embedded.falling import fallen
from agents.models.embedded.impossible import is_impossible, late_by_now
from agents.models.embedded.judging import is_vague
from agents.models.embedded.learned import LearnedPlan
from agents.models.embedded.masked import Masked, Spot
from agents.models.embedded.occurring import Occurring
from agents.models.embedded.one_day import on_one_day
from agents.models.embedded.periods import Period
from agents.models.embedded.plan_language import METRICS, NotSayable, PlanLanguage, Pointer
from agents.models.embedded.presenting import Presenting
from agents.models.embedded.ranked_whole import all_of_them
from agents.models.embedded.ratios import Ratios
from agents.models.embedded.sense import (
    abroad,
    as_judged,
    as_taught,
    fastest,
    forward,
    later,
    makes_sense,
    of_finished_goods,
)
from agents.models.embedded.shortages import exploded
from agents.models.embedded.versions import beside_others
from agents.models.embedded.wholes import Wholes
from agents.models.protocol import Reading, ToolCall
from tools.bom import ExplodeBom
from tools.errors import QueryInvalid
from tools.languages import said
from tools.languages.forms import day_text, numeral
from tools.metrics.catalogue import Catalogue
from tools.metrics.compiler import Compiler
from tools.metrics.labels import sense
from tools.metrics.query import MetricQuery
from tools.metrics.wording import Wording
from tools.purchasing import SuppliersOf
from tools.where_used import WhereUsed


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
    size: int = 0
    """Words of the plan: long ones go wrong more often."""
    leaning: bool = False
    """True where it was read together with the turn before."""
    by_one: bool = False
    """True where the learned reader alone has read the question."""
    glossed: bool = False
    """True where its English was read as well; `grammar` is then the probability of that reading."""
    doubts: int = 0
    """Clauses of that English that the plan does not account for."""
    unsaid: int = 0
    """Conditions and groups of the plan that nothing in that English speaks of."""
    by_rules: bool = False
    """True where only the rules know such a call: the learned reader's silence says nothing about it."""
    vague: bool = False
    """True where a short question judges, as `our worst vendor`, and does not say by what."""
    empty: bool = False
    """True where it was run and nothing came of it."""
    left: tuple[Left, ...] = ()
    """Clauses of the question that the plan does not account for."""


def without(proposals: Sequence[Proposal], cannot_be: Callable[[Proposal], bool]) -> list[Proposal]:
    """The proposals less those that cannot be meant; the others get what the learned reader gave these."""
    kept = [one for one in proposals if not cannot_be(one)]
    lost = sum(one.learned for one in proposals) - sum(one.learned for one in kept)
    more = 1.0 / max(_LEAST_LEFT, 1.0 - lost)
    return [replace(one, learned=min(1.0, one.learned * more)) for one in kept]


def _led_anew(proposals: Sequence[Proposal]) -> list[Proposal]:
    """The proposals with the likeliest of those that are left as the learned reader's first."""
    likeliest = max((one.learned for one in proposals), default=0.0)
    if not likeliest or any(one.leads_learned for one in proposals):
        return list(proposals)
    first = next(one for one in proposals if one.learned == likeliest)
    return [replace(one, leads_learned=one is first) for one in proposals]


_LEAST_LEFT = 0.1
"""However little is left, it does not become surer than tenfold."""


class _Weighed(TypedDict):
    unused: int
    doubts: int
    unsaid: int
    size: int
    left: tuple[Left, ...]
    by_rules: bool


class Proposals:
    """Merges what the readers propose."""

    def __init__(self, catalogue: Catalogue, language: PlanLanguage) -> None:
        self._catalogue = catalogue
        self._compiler = Compiler(catalogue)
        self._wording = Wording(catalogue)
        self._language = language
        self._presenting = Presenting(catalogue)
        self._enumerated = Enumerated(catalogue)
        self._bounds = Bounds(catalogue)
        self._occurring = Occurring(catalogue)
        self._wholes = Wholes(catalogue)
        self._everywhere = Everywhere(catalogue)
        self._at_the_end = AtTheEnd(catalogue)
        self._ratios = Ratios(catalogue)
        self.accounts = Accounts(catalogue)

    def of(
        self,
        learned: Sequence[LearnedPlan],
        grammar: Sequence[Reading],
        question: Masked,
        *,
        leaning: bool = False,
        by_one: bool = False,
        english: Masked | None = None,
    ) -> list[Proposal]:
        """Every plan once; the learned reader's first, likeliest first.

        `leaning` is for a question that was read together with the turn before, `by_one` for one that only
        the learned reader has read, and `english` is a question of another language in English words.
        """
        found: dict[object, Proposal] = {}
        own, question = question, english or question
        vague, asked = not leaning and is_vague(own), Asked(own)
        glossed = None if english is None else Asked(english)
        for plan in learned:
            sensible = tuple(self._sensible(call, question) for call in plan.calls)
            plan = replace(plan, calls=self._as_said(sensible, question))
            key = self._meaning(plan.calls)
            if key is None:
                continue
            if key in found:
                # Two forms of one meaning are as likely as both together.
                known = found[key]
                found[key] = replace(known, learned=known.learned + plan.probability)
                continue
            calls = tuple(map(self._presenting.presented, fallen(plan.calls, question)))
            found[key] = Proposal(
                calls,
                self.words(calls),
                learned=plan.probability,
                leads_learned=not found,
                vague=vague,
                leaning=leaning,
                by_one=by_one,
                glossed=english is not None,
                **self._weighed(plan.calls, asked, glossed),
            )
        leads = True
        if english is not None:
            grammar = [self._with_sense(one, question) for one in grammar]
        for reading in (self._said(one, question) for one in grammar):
            key = self._meaning(reading.calls)
            if key is None:
                continue
            calls = tuple(map(self._presenting.presented, fallen(reading.calls, question)))
            same = bool(reading.words) and calls == reading.calls
            words = reading.words if same else self.words(calls)
            if key in found:
                known = found[key]
                better = max(known.grammar, reading.confidence)
                found[key] = replace(known, grammar=better, leads_grammar=known.leads_grammar or leads)
                if _dress(calls) > _dress(known.calls):
                    found[key] = replace(found[key], calls=calls, words=words)
            else:
                found[key] = Proposal(
                    calls,
                    words,
                    grammar=reading.confidence,
                    leads_grammar=leads,
                    vague=vague,
                    leaning=leaning,
                    by_one=by_one and english is not None,
                    glossed=english is not None,
                    **self._weighed(reading.calls, asked, glossed),
                )
            leads = False
        whole, asked_in_english = self._wholes.named(question), glossed or asked
        kept = without(
            list(found.values()),
            lambda one: (
                self._wholes.contradicts(one.calls, whole)
                or self._wholes.part_for_whole(one.calls, question)
                or of_one_day(one.calls, own)
                or self.accounts.contradicts(asked_in_english, one.calls)
            ),
        )
        return _led_anew(kept) if any(one.calls for one in kept) else list(found.values())

    def _sensible(self, call: ToolCall, question: Masked) -> ToolCall:
        """The call in the one sense that it can have."""
        if isinstance(call.arguments, SuppliersOf):
            return ToolCall(call.name, fastest(call.arguments, [spot.text for spot in question.spots]))
        if isinstance(call.arguments, WhereUsed):
            used = of_finished_goods(call.arguments, [spot.text for spot in question.spots])
            return ToolCall(call.name, used)
        if isinstance(call.arguments, ExplodeBom):
            return ToolCall(call.name, exploded(call.arguments, question))
        if not isinstance(call.arguments, MetricQuery):
            return call
        query = abroad(forward(call.arguments, question.words), question.base_currency)
        query = as_judged(query, [spot.word for spot in question.spots], self._catalogue)
        query = self._enumerated.completed(paired(query, question, self._catalogue), question)
        return call if query is call.arguments else ToolCall(call.name, query)

    def _as_said(self, calls: tuple[ToolCall, ...], question: Masked) -> tuple[ToolCall, ...]:
        """The calls with their bounds, and what their records are counted for, as the question says."""
        bounded = tuple(
            ToolCall(call.name, self._told_apart(self._bounds.taken_in(call.arguments, question), question))
            if isinstance(call.arguments, MetricQuery)
            else call
            for call in calls
        )
        return self._occurring.counted(bounded, question)

    def _told_apart(self, query: MetricQuery, question: Masked) -> MetricQuery:
        """The query with those groups, parts and conditions alone that the question asks for."""
        query = late_by_now(self._occurring.once(query), self._catalogue)
        query = self._at_the_end.dated(query, question)
        query = with_value(counted_in(query, question, self._catalogue), question)
        query = with_any(with_records(query, question, self._catalogue), question, self._catalogue)
        query = beside_others(later(query, question), question, self._catalogue)
        query = once_each(self._everywhere.summed(query, question), question)
        query = beside_one_another(on_one_day(query, question, self._catalogue), question)
        query = all_of_them(query, question, self._catalogue)
        return self._ratios.shown(as_two(query, question, self._catalogue), question)

    def _with_sense(self, reading: Reading, question: Masked) -> Reading:
        return replace(reading, calls=tuple(self._sensible(call, question) for call in reading.calls))

    def _said(self, reading: Reading, question: Masked) -> Reading:
        calls = self._as_said(reading.calls, question)
        if calls == reading.calls or not reading.words:
            return replace(reading, calls=calls)
        return replace(reading, calls=calls, words=self.words(calls))

    def words(self, calls: Sequence[ToolCall]) -> str:
        """The reading in words."""
        return reduce(
            lambda one, other: said("[[one]]; and [[other]]", one=one, other=other),
            [self._call_in_words(call) for call in calls] or [""],
        )

    def words_before(self, calls: Sequence[ToolCall]) -> str:
        """The reading of a turn before, in the words that the network has learned from."""
        plain = [
            ToolCall(call.name, self._at_the_end.undated(call.arguments))
            if isinstance(call.arguments, MetricQuery)
            else call
            for call in calls
        ]
        return self.words(plain)

    def _call_in_words(self, call: ToolCall) -> str:
        if isinstance(call.arguments, MetricQuery):
            return self._wording.query(call.arguments)
        given = call.arguments.model_dump(exclude_defaults=True)
        words = ", ".join(
            str(value)
            if name in _PLAIN
            else said(
                "[[argument]] [[value]]",
                argument=sense(name.replace("_", " "), "argument"),
                value=_value_in_words(value),
            )
            for name, value in given.items()
        )
        title = said(call.name.replace("_", " ").capitalize())
        return said("[[title]]: [[arguments]]", title=title, arguments=words) if words else title

    def leaves_out(self, calls: Sequence[ToolCall], question: Masked) -> bool:
        """True where a clause of the question is not in what the calls do, or they group by a remark."""
        if self._wholes.part_for_whole(calls, question) or any(
            isinstance(call.arguments, MetricQuery)
            and self._everywhere.summed(call.arguments, question) != call.arguments
            for call in calls
        ):
            return True
        if any(self._without_ratio(calls, question)):
            return True
        return bool(self.accounts.left(question, tuple(map(self._presenting.presented, calls))))

    def _without_ratio(self, calls: Sequence[ToolCall], question: Masked) -> Iterator[Left]:
        queries = [call.arguments for call in calls]
        for query in queries:
            if isinstance(query, MetricQuery) and len(queries) == 1:
                yield from self._ratios.left(query, question)

    def _weighed(self, calls: Sequence[ToolCall], clauses: Asked, english: Asked | None = None) -> _Weighed:
        """How long the plan is, and what of the question nothing in it stands for."""
        question = clauses.question
        doubts = unsaid = 0
        if english is not None:
            doubts, unsaid = len(self.accounts.left(english, calls)), self.accounts.unsaid(english, calls)
        held = self.accounts.left if question.language == "en" else self.accounts.surely_left
        left = held(clauses, tuple(map(self._presenting.presented, calls)))
        turned = turned_round(calls, (english or clauses).question, self._catalogue)
        left += (Left("names", turned),) if turned else ()
        left += tuple(self._without_ratio(calls, (english or clauses).question))
        try:
            words = self._language.words(tuple(map(as_taught, calls)), question)
        except NotSayable:
            # The days of `the next two weeks` stand nowhere that the network could point at.
            look_up = not any(call.name == METRICS for call in calls)
            return {
                "unused": 0,
                "doubts": doubts,
                "unsaid": unsaid,
                "size": _USUAL_SIZE,
                "left": left,
                "by_rules": look_up,
            }
        used = {word.at for word in words if isinstance(word, Pointer)}
        if all(
            isinstance(one.arguments, MetricQuery) and is_of_rates(one.arguments, self._catalogue)
            for one in calls
        ):
            # Rates are quoted from it, whoever names it.
            base = question.base_currency
            used |= {at for at, spot in enumerate(question.spots) if base and code_of(spot) == base}
        named = {spot.text.lower() for at, spot in enumerate(question.spots) if at in used}
        asked = takewhile(lambda place: place[1].word != SEPARATOR, enumerate(question.spots))
        spans = [period for at, spot in enumerate(question.spots) if at in used and (period := spot.period)]
        codes = self._enumerated.codes(calls)
        unused = sum(
            spot.word.isupper()
            and at not in used
            and not _is_code(question.spots, at, codes)
            and spot.text.lower() not in named
            and not any(_lies_in(spot.period, span) for span in spans)
            for at, spot in asked
        )
        return {
            "unused": unused,
            "doubts": doubts,
            "unsaid": unsaid,
            "size": len(words),
            "left": left,
            "by_rules": False,
        }

    def _meaning(self, calls: Sequence[ToolCall]) -> object | None:
        """What plans of the same meaning share; None where one of the queries cannot be run."""
        parts: list[object] = []
        for call in calls:
            if not isinstance(call.arguments, MetricQuery):
                parts.append((call.name, call.arguments.model_dump_json()))
                continue
            try:
                parts.append((METRICS, *self._compiler.meaning(_bare(call.arguments))))
                if not makes_sense(call.arguments) or is_impossible(call.arguments, self._catalogue):
                    return None
            except QueryInvalid:
                return None
        # Nobody asks the same twice: a part of the question was read as the part before.
        return tuple(parts) if len(set(parts)) == len(parts) else None


_USUAL_SIZE = 12
"""Of a plan that cannot be said in words."""


def _is_code(spots: Sequence[Spot], at: int, codes: frozenset[str]) -> bool:
    """True for the number of `completed (status 4)` where only what is complete is taken."""
    return at > 0 and f"{spots[at - 1].word} {spots[at].text.lower()}" in codes


def _lies_in(period: Period | None, span: Period) -> bool:
    """True for `Q1` beside the year that it is a part of."""
    if period is None or None in (period.start, period.end, span.start, span.end):
        return False
    return span.start <= period.start and period.end <= span.end  # type: ignore[operator]


def _value_in_words(value: object) -> str:
    match value:
        case date():
            return day_text(value)
        case tuple():
            return ", ".join(_value_in_words(each) for each in value)
        case Decimal() | int() if not isinstance(value, bool):
            return numeral(str(value))
        case _:
            return sense(str(value), "argument")


_PLAIN = frozenset({"material", "supplier", "text", "order", "company", "account", "record"})


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
    for tests in (raw["where"], *(measure["where"] for measure in raw["measures"])):
        for test in tests:
            if test["test"] == "value":
                test["values"] = tuple(sorted(set(test["values"]), key=repr))
    raw["where"] = sorted(raw["where"], key=repr)
    return MetricQuery.model_validate(raw)

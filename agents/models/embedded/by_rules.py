"""What the rules make of a question: queries, look-ups, the question in two parts, and what it changes."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from agents.models.embedded.assembly import replace_measure
from agents.models.embedded.clauses import cuts, refers_back, trimmed
from agents.models.embedded.deciding import UNSURE
from agents.models.embedded.followups import FollowUps, opens_followup, unplaced
from agents.models.embedded.grammar import Candidate, GrammarReader, Parsed
from agents.models.embedded.lexicon import ValueWord
from agents.models.embedded.lookups import LookupReader
from agents.models.embedded.masterdata import MasterData
from agents.models.embedded.periods import Period, period_of
from agents.models.embedded.standing import FARTHER, distinct
from agents.models.embedded.text import Token
from agents.models.protocol import PastTurn, Reading, ToolCall, Turn
from tools.errors import QueryInvalid
from tools.languages import said
from tools.metrics.catalogue import Catalogue
from tools.metrics.compiler import Compiler
from tools.metrics.query import DateTest, MetricQuery
from tools.metrics.wording import Wording

_SURE = 0.8
"""Of the score of either part of a question, or of a look-up, which then stands before the parts."""
SURE_LOOKUP = 0.85


class GrammarReadings:
    """Reads questions in English by the rules alone.

    Args:
        catalogue: what can be asked for.
        grammar: reads the words of a question.
    """

    def __init__(self, catalogue: Catalogue, grammar: GrammarReader) -> None:
        self._grammar = grammar
        self._wording = Wording(catalogue)
        self._followups = FollowUps(catalogue)
        self._lookups = LookupReader(catalogue)
        self._compiler = Compiler(catalogue)

    def of(
        self, tokens: Sequence[Token], parsed: Parsed, data: MasterData, tools: frozenset[str]
    ) -> list[Reading]:
        """The grammar reader's readings, best first: queries, look-ups, and the question in two parts."""
        readings = self._with_lookups(self._readings(parsed), parsed, data, tools)
        split = self._split(tokens, data)
        if split is not None:
            whole = readings[0].confidence if readings else 0.0
            looked_up = bool(readings) and readings[0].calls[0].name != "query_metrics" and whole >= _SURE
            leads = not looked_up and (
                whole < _SURE or split.confidence > whole + FARTHER or _counts_apart(split)
            )
            readings.insert(0 if leads else 1, split)
        return distinct(readings)

    def followed(self, turn: Turn, tokens: Sequence[Token], data: MasterData) -> list[Reading]:
        """The question before, changed as this one says."""
        if not turn.past or not opens_followup(tokens):
            return []
        query = last_query(turn.past[-1])
        if query is None:
            return self._looked_up_again(turn.past[-1], tokens, data)
        parsed = self._grammar.read_tokens(tokens, data, period_before(turn.past[-1]))
        changed = self._followups.apply(query, parsed.tokens, parsed.chunks, data)
        if changed is None or not self.compiles(changed):
            return []
        if unplaced(parsed.tokens, parsed.chunks):
            return [self.of_query(changed, UNSURE)]
        alone = parsed.candidates[0].score if parsed.candidates else 0.0
        return [self.of_query(changed, max(0.9, alone))]

    def of_query(self, query: MetricQuery, score: float) -> Reading:
        """A query as a reading, as sure as its score."""
        words = self._wording.query(query)
        return Reading((ToolCall("query_metrics", query),), words, max(0.0, min(1.0, score)))

    def compiles(self, query: MetricQuery) -> bool:
        """True where the catalogue can answer a query."""
        try:
            self._compiler.meaning(query)
        except QueryInvalid:
            return False
        return True

    def _with_lookups(
        self, readings: list[Reading], parsed: Parsed, data: MasterData, tools: frozenset[str]
    ) -> list[Reading]:
        """Look-ups stand first where they are sure, otherwise by their score among the others."""
        found = [
            Reading((candidate.call,), candidate.words, candidate.score)
            for candidate in self._lookups.read(parsed.tokens, parsed.chunks, parsed.periods, data, tools)
        ]
        sure = [reading for reading in found if reading.confidence >= SURE_LOOKUP]
        others = [reading for reading in found if reading.confidence < SURE_LOOKUP]
        return [*sure, *sorted([*readings, *others], key=lambda reading: -reading.confidence)]

    def _readings(self, parsed: Parsed) -> list[Reading]:
        return [self._reading(candidate) for candidate in parsed.candidates]

    def _reading(self, candidate: Candidate) -> Reading:
        return self.of_query(candidate.query, candidate.score)

    def _looked_up_again(self, past: PastTurn, tokens: Sequence[Token], data: MasterData) -> list[Reading]:
        """`and LL Fork?` asks the look-up before of another thing of the same kind."""
        if not past.calls:
            return []
        call = past.calls[-1]
        for chunk in self._grammar.read_tokens(tokens, data).chunks:
            for meaning in chunk.meanings:
                if (
                    not isinstance(meaning, ValueWord)
                    or meaning.field not in ("name", "number")
                    or len(meaning.values) != 1
                ):
                    continue
                before = getattr(call.arguments, meaning.entity, None)
                if isinstance(before, str):
                    arguments = call.arguments.model_copy(update={meaning.entity: meaning.values[0]})
                    words = past.words.replace(before, meaning.values[0])
                    return [Reading((ToolCall(call.name, arguments),), words, 0.95)]
        return []

    def _split(self, tokens: Sequence[Token], data: MasterData) -> Reading | None:
        """Two parts, each read on its own or the second as a follow-up of the first."""
        best: Reading | None = None
        for position in cuts(tokens):
            first = self._grammar.read_tokens(trimmed(tokens[:position]), data)
            rest = trimmed(tokens[position:])
            if not first.candidates or first.candidates[0].score < _SURE:
                continue
            second = self._second(first.candidates[0], rest, data)
            if second is None:
                continue
            query, score = second
            merged = _merged(first.candidates[0].query, query) if _of_those(rest) else None
            if merged is not None and self.compiles(merged):
                return self.of_query(merged, 0.97)
            if _that_much(rest) and first.candidates[0].query.extreme and first.candidates[0].query.rows_of:
                return self.of_query(first.candidates[0].query.model_copy(update={"output": "ties"}), 0.95)
            score = min(first.candidates[0].score, score)
            calls = (ToolCall("query_metrics", first.candidates[0].query), ToolCall("query_metrics", query))
            words = said(
                "[[one]]; and [[other]]",
                one=self._wording.query(first.candidates[0].query),
                other=self._wording.query(query),
            )
            reading = Reading(calls, words, min(1.0, score))
            if best is None or reading.confidence > best.confidence:
                best = reading
        return best

    def _second(
        self, first: Candidate, rest: Sequence[Token], data: MasterData
    ) -> tuple[MetricQuery, float] | None:
        parsed = self._grammar.read_tokens(rest, data)
        if refers_back(rest):
            changed = self._followups.apply(first.query, parsed.tokens, parsed.chunks, data)
            if changed is not None and changed != first.query and self.compiles(changed):
                return changed, 0.85
            return None
        if (
            parsed.candidates
            and parsed.candidates[0].score >= _SURE
            and _says_something(parsed.candidates[0].query)
        ):
            return parsed.candidates[0].query, parsed.candidates[0].score
        return None


def last_query(past: PastTurn) -> MetricQuery | None:
    """The last query of a turn; None where it had none."""
    for call in reversed(past.calls):
        if isinstance(call.arguments, MetricQuery):
            return call.arguments
    return None


def period_before(past: PastTurn) -> Period | None:
    """The period that a turn was about, where it was a single one."""
    query = last_query(past)
    dates = [test for test in query.where if isinstance(test, DateTest)] if query else []
    return period_of(dates[0].start, dates[0].end) if len(dates) == 1 else None


def _says_something(query: MetricQuery) -> bool:
    """False for a bare count or list, which only makes sense with what was said before."""
    return bool(
        query.where
        or query.by
        or query.having
        or query.order
        or any(m.metric or m.field for m in query.measures)
    )


def _counts_apart(split: Reading) -> bool:
    """True where a figure is followed by a count of records of its own: one cannot filter the other."""
    if len(split.calls) < 2:
        return True
    first, second = (call.arguments for call in split.calls)
    if not isinstance(first, MetricQuery) or not isinstance(second, MetricQuery):
        return False
    figure = any(measure.metric for measure in first.measures)
    return (
        figure
        and all(measure.count_of for measure in second.measures)
        and bool(second.where)
        and first.where != second.where
    )


def _of_those(rest: Sequence[Token]) -> bool:
    words = tuple(token.norm for token in rest[:4])
    return words[:3] == ("how", "many", "of") and words[3:] in (("those",), ("them",), ("these",), ("which",))


def _that_much(rest: Sequence[Token]) -> bool:
    words = [token.norm for token in rest]
    pairs = list(pairwise(words))
    return any(
        a == "that" and b in ("much", "long", "many", "badly", "late", "big", "high") for a, b in pairs
    )


def _merged(first: MetricQuery, second: MetricQuery) -> MetricQuery | None:
    """`... and how many of them are preferred`: one table, with the part beside the whole."""
    extra = tuple(test for test in second.where if test not in first.where)
    if not extra or first.rows_of or first.having or len(first.measures) != 1 or first.output != "rows":
        return None
    part = replace_measure(first.measures[0], name="part", where=(*first.measures[0].where, *extra))
    return MetricQuery.model_validate({**first.model_dump(), "measures": [first.measures[0], part]})

"""Which reading of a question is answered, which are offered, and when the answer is that there is none."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import pairwise
from typing import Any, TypeAlias

from agents.models.embedded.accounting import Left
from agents.models.embedded.assembly import replace_measure
from agents.models.embedded.clauses import cuts, refers_back, trimmed
from agents.models.embedded.confidence import LEFT_AT_MOST, confidence
from agents.models.embedded.deciding import (
    ANSWERED,
    MOST_NAMED,
    MOST_READINGS,
    UNSURE,
    decided,
    quoted,
    unexplained,
    why_not,
    why_not_in_other_words,
)
from agents.models.embedded.definitions import Definitions
from agents.models.embedded.followups import (
    FollowUps,
    keeps_what_goes,
    leans,
    leaves_out,
    opens_followup,
    stands_alone,
    unplaced,
)
from agents.models.embedded.grammar import Candidate, GrammarReader, Parsed
from agents.models.embedded.judging import by_what, is_bare
from agents.models.embedded.languages.following import goes_on
from agents.models.embedded.learned import LearnedReader
from agents.models.embedded.lexicon import ValueWord
from agents.models.embedded.lookups import LookupReader
from agents.models.embedded.lookups_costs import costs_of
from agents.models.embedded.lookups_documents import TOOL as DOCUMENTS
from agents.models.embedded.lookups_documents import document_reading
from agents.models.embedded.lookups_variance import TOOL as VARIANCE
from agents.models.embedded.lookups_variance import may_ask_why, not_theirs, variance_of
from agents.models.embedded.masked import Masked, after
from agents.models.embedded.masterdata import MasterData
from agents.models.embedded.outcomes import Run, is_of_nothing, joined, unrecorded
from agents.models.embedded.overdue import says_overdue, settled
from agents.models.embedded.periods import Period, period_of
from agents.models.embedded.plainer import Plainer, multiplied, plainer, unnumbered
from agents.models.embedded.plan_language import METRICS, PlanLanguage
from agents.models.embedded.planning_words import planning_call
from agents.models.embedded.proposals import Proposal, Proposals, without
from agents.models.embedded.publishing_reader import named_in, publishing_plan, told_last
from agents.models.embedded.reporting import Reporting, asked_of, before
from agents.models.embedded.text import Token
from agents.models.protocol import Abstain, Calls, Clarify, PastTurn, Plan, Reading, ToolCall, Turn
from tools.errors import QueryInvalid
from tools.languages import said, speaking
from tools.metrics.catalogue import Catalogue
from tools.metrics.compiler import Compiler
from tools.metrics.query import DateTest, MetricQuery
from tools.metrics.wording import Wording
from tools.registry import Tool
from tools.variance.tool import ExplainVariance

# Of the grammar's own score.
_NOT_THEIRS = (
    "I could not place [[words]] among the plants, companies, products and accounts that you may see."
)
_SURE = 0.8
_SURE_LOOKUP = 0.85
_SURE_PLANNING = 0.97
_MOSTLY = 0.55
"""Of a reading of what people mostly mean: it is offered."""
_SPLIT_MARGIN = 0.1
_LIKELY = 0.6
_NOT_NEAR = 0.1
_PHRASES = frozenset({"words", "open_period"})
"""Clauses whose words are one phrase."""
_PLACED = 0.95
"""Of the grammar's score: each word of a look-up has its place."""
_AS_LIKELY = 0.05
"""Two readings whose confidence is no farther apart."""
_KNOWN = 0.93
"""Of the confidence: from it on the readers go before a look-up that is told by a pattern."""


Weigh: TypeAlias = Callable[[Sequence[Proposal]], Awaitable[Sequence[float]]]
"""How likely each proposal for a question is what was meant, from 0 to 1."""


async def by_readers(proposals: Sequence[Proposal]) -> Sequence[float]:
    """`Weigh` by what the two readers say."""
    return [confidence(one, proposals) for one in proposals]


class Arbiter:
    """Plans turns from what the readers make of them."""

    def __init__(self, catalogue: Catalogue, tools: Mapping[str, Tool[Any]]) -> None:
        self._grammar = GrammarReader(catalogue)
        self._wording = Wording(catalogue)
        self._followups = FollowUps(catalogue)
        self._lookups = LookupReader(catalogue)
        self._compiler = Compiler(catalogue)
        language = PlanLanguage(catalogue, tools)
        self._learned = LearnedReader(language)
        self._proposals = Proposals(catalogue, language)
        self._definitions = Definitions(catalogue)

    def leaves_out(self, turn: Turn, data: MasterData, calls: Sequence[ToolCall]) -> bool:
        """True where a clause of a question, or of the English for it, is not in what the calls do."""
        if turn.language == "en":
            return self._proposals.leaves_out(calls, self._grammar.masked(turn.question, data))
        english = self._grammar.in_english(turn.question, data, turn.language)
        return self._proposals.leaves_out(calls, english)

    async def plan(
        self, turn: Turn, data: MasterData, tools: frozenset[str], run: Run, weigh: Weigh = by_readers
    ) -> Plan:
        """Calls where one reading stands out, a choice where several could be meant, otherwise why not.

        A question that is left open is read once more in plainer words.
        """
        if turn.language == "en":
            turn = replace(turn, question=multiplied(unnumbered(turn.question)))
        plan = await self._planned(turn, data, tools, run, weigh)
        if turn.past or _is_settled(plan, turn):
            return plan
        for form in self._plainer(turn, data):
            again = await self._planned(replace(turn, question=form.question), data, tools, run, weigh)
            if self._says_so(again, turn, form, data):
                return again
            plan = _with_likelier(plan, again)
        return plan

    def _says_so(self, plan: Plan, turn: Turn, form: Plainer, data: MasterData) -> bool:
        """True where plainer words are answered, and what was passed over is so by definition."""
        if not isinstance(plan, Calls) or not _is_settled(plan, turn):
            return False
        calls = plan.reading.calls
        if turn.language == "en":
            asked = self._grammar.masked(turn.question, data)
        else:
            asked = self._grammar.in_english(turn.question, data, turn.language)
        return not self._proposals.accounts.contradicts(asked, calls) and all(
            self._definitions.say(text, calls)
            and not self._proposals.accounts.mixes(self._grammar.masked(text, data), calls)
            for text in form.passed_over
        )

    def _plainer(self, turn: Turn, data: MasterData) -> tuple[Plainer, ...]:
        language = turn.language

        def is_plain(text: str) -> bool:
            """True for words without a name, period or number."""
            spots = self._grammar.masked(text, data, language=language).spots
            return not any(spot.word.isupper() for spot in spots)

        def english(text: str) -> str:
            return " ".join(self._grammar.in_english(text, data, language).words)

        return plainer(turn.question, is_plain, None if language == "en" else english)

    async def _planned(
        self, turn: Turn, data: MasterData, tools: frozenset[str], run: Run, weigh: Weigh
    ) -> Plan:
        """What the readers make of a turn in its own words."""
        if "query_metrics" not in tools:
            return Abstain(said("No tool that answers questions is admitted for you."))
        # What is written down is no figure: how a question asks tells it apart, whatever it is about.
        written = document_reading(turn.question, data) if DOCUMENTS in tools else None
        if written is not None:
            return Calls(written)
        explained = self._explained(turn, data, tools)
        if explained is not None:
            return Calls(explained) if isinstance(explained, Reading) else explained
        asked = asked_of(
            turn.question, turn.language, frozenset(data.currencies), data.names.get("account", ())
        )
        said_before, past = before(turn.past[-1]) if turn.past else (Reporting(), None)
        reporting, whole = asked.reporting, turn
        if past is not None:
            again = self._again(past, reporting.over(said_before), data) if asked.nothing_else else None
            if again is not None:
                return again
            whole = replace(turn, past=(*turn.past[:-1], past))
        turn = whole if asked.nothing_else else replace(whole, question=asked.rest)
        tokens, parsed, proposals = await self._all_proposals(turn, data, tools, run)
        if said_before and self._goes_on(turn, tokens, data):
            reporting = reporting.over(said_before)
        if reporting:
            reported = [self._reported(one, reporting, data) for one in proposals]
            suits = {one.words for one, other in zip(reported, proposals, strict=True) if one is not other}
            if reporting.own_currency:
                proposals = reported
            elif suits:
                # Who names a currency asks for an amount.
                proposals = without(reported, lambda one: one.words not in suits)
            elif turn is not whole:
                # No amount is asked for: what was taken out is a thing of the question.
                turn, reporting = whole, Reporting()
                tokens, parsed, proposals = await self._all_proposals(turn, data, tools, run)
        sureties = await weigh(proposals)
        weighed = _look_up_first(sorted(zip(sureties, proposals, strict=True), key=lambda pair: -pair[0]))
        readings = _distinct([Reading(one.calls, one.words, sure) for sure, one in weighed if one.calls])
        masked = self._grammar.masked(turn.question, data, language=turn.language)
        if turn.past and leaves_out(tokens):
            # `drop the bikes` is a matter of rules: what they make of it stands first.
            readings = _distinct([*self._followed(turn, tokens, data, reporting), *readings])
        mostly = self._mostly(turn, masked)
        readings = _distinct([*mostly, *_undecided(readings, masked)])
        nothing = max((sure for sure, one in weighed if not one.calls and not mostly), default=0.0)
        likeliest = next((one for _, one in weighed if one.calls), None)
        framed = costs_of(masked, turn.question, tools)
        unframed = self._proposals.accounts.left_by_look_up(masked, framed.calls) if framed else ()
        if framed is not None and unframed:
            # It is offered, and what it leaves out is said.
            framed_too = replace(framed, confidence=LEFT_AT_MOST)
            readings = sorted([*readings, framed_too], key=lambda reading: -reading.confidence)
            framed = None
        if framed is not None and not turn.preferred and not _known(readings, framed):
            calls = reporting.put_on(framed.calls, data.group_currency, self._compiler)
            words = self._proposals.words(calls) if calls != framed.calls else framed.words
            return Calls(replace(framed, calls=calls, words=words), tuple(readings[: MOST_READINGS - 1]))
        preferred = next((reading for reading in readings if reading.words == turn.preferred), None)
        if preferred is not None:
            others = tuple(reading for reading in readings if reading is not preferred)
            return Calls(preferred, others[:MOST_READINGS])
        if parsed is not None:
            left, why = unexplained(parsed), partial(why_not, parsed, self._wording)
        else:
            left = self._learned.unknown(masked)
            why = partial(why_not_in_other_words, left, readings)
        first = next((one for _, one in weighed if readings and one.words == readings[0].words), None)
        left_out = _named(first.left if first else unframed)
        readings = readings if nothing > _NOT_NEAR else _unrivalled(readings, first)
        plan = decided(readings, nothing, left[:MOST_NAMED], why, left_out)
        if isinstance(plan, Calls) and await is_of_nothing(plan.reading.calls, run):
            shown = (plan.reading, *plan.others)[:MOST_READINGS]
            return Abstain(said("There is no such figure: [[reading]].", reading=plan.reading.words), shown)
        # Only of a question that is placed to the last word: otherwise it may be about something else.
        if isinstance(plan, Calls) or likeliest is None or likeliest.unused:
            return plan
        missing = await unrecorded(likeliest, run)
        return Abstain(missing, plan.readings) if missing else plan

    def _mostly(self, turn: Turn, question: Masked) -> list[Reading]:
        """What people mostly mean by a question that judges, to be chosen from."""
        queries = () if turn.past else by_what(question)
        return [self._of_query(query, _MOSTLY) for query in queries if self._compiles(query)]

    def _explained(self, turn: Turn, data: MasterData, tools: frozenset[str]) -> Reading | Abstain | None:
        """The explanation of a variance that a question asks for, or why it is not for them."""
        past = turn.past[-1] if turn.past else None
        if not may_ask_why(turn.question, turn.language, past):
            return None
        asked = asked_of(
            turn.question, turn.language, frozenset(data.currencies), data.names.get("account", ())
        )
        masked = self._grammar.masked(asked.rest, data, language=turn.language)
        sites = data.names.get("site", ())
        reporting, alone = asked.reporting, asked.nothing_else
        found = variance_of(masked, tools, data.today, sites, past, reporting, alone=alone)
        if found is not None and (name := not_theirs(masked)):
            return Abstain(said(_NOT_THEIRS, words=quoted((name,))))
        return found

    def to_publish(self, turn: Turn, data: MasterData) -> Plan:
        """The draft of an explanation that a sentence asks to publish, named in it or told before."""
        question = named_in(turn.question, turn.language)
        if not question:
            return publishing_plan(told_last(turn.past))
        asked = asked_of(question, turn.language, frozenset(data.currencies), data.names.get("account", ()))
        masked = self._grammar.masked(asked.rest, data, language=turn.language)
        sites, reporting = data.names.get("site", ()), asked.reporting
        found = variance_of(masked, (VARIANCE,), data.today, sites, reporting=reporting, assumed=True)
        arguments = found.calls[0].arguments if found and not not_theirs(masked) else None
        return publishing_plan(arguments if isinstance(arguments, ExplainVariance) else None)

    async def proposals(
        self, turn: Turn, data: MasterData, tools: frozenset[str], run: Run, *, by_one: bool = False
    ) -> list[Proposal]:
        """What either reader makes of a question, each plan once; or the learned reader alone."""
        if by_one or turn.language != "en":
            return await self._in_other_words(turn, data, tools, run)
        tokens = self._grammar.tokens(turn.question, data)
        parsed = self._grammar.read_tokens(tokens, data)
        return await self._proposals_of(turn, tokens, parsed, data, tools, run)

    async def _all_proposals(
        self, turn: Turn, data: MasterData, tools: frozenset[str], run: Run
    ) -> tuple[Sequence[Token], Parsed | None, list[Proposal]]:
        """What the readers of its language make of a turn, with what the grammar made of its words."""
        if turn.language != "en":
            return (), None, await self._in_other_words(turn, data, tools, run)
        tokens = self._grammar.tokens(turn.question, data)
        parsed = self._grammar.read_tokens(tokens, data)
        return tokens, parsed, await self._proposals_of(turn, tokens, parsed, data, tools, run)

    async def _proposals_of(
        self,
        turn: Turn,
        tokens: Sequence[Token],
        parsed: Parsed,
        data: MasterData,
        tools: frozenset[str],
        run: Run,
    ) -> list[Proposal]:
        leaning = bool(turn.past) and leans(tokens)
        masked = self._grammar.masked(turn.question, data, _period(turn.past[-1]) if leaning else None)
        if leaning:
            masked = after(masked, self._before(turn.past[-1], data))
        grammar = self._by_grammar(tokens, parsed, data, tools)
        followed = _distinct([*self._followed(turn, tokens, data), *grammar])
        found = await joined(self._read(masked, followed, tools, turn, data, leaning=leaning), run)
        if not leaning:
            return found
        found = without(found, lambda one: keeps_what_goes(tokens, masked, one.calls))
        return await self._or_alone(turn, tokens, grammar, found, data, tools, run)

    async def _or_alone(
        self,
        turn: Turn,
        tokens: Sequence[Token],
        grammar: Sequence[Reading],
        found: list[Proposal],
        data: MasterData,
        tools: frozenset[str],
        run: Run,
    ) -> list[Proposal]:
        """What a question comes to after the turn before it, or by itself where it may be a new subject.

        That is where nothing comes of it after that turn, and where the same comes of it alone, and surely.
        """
        likeliest = max(found, key=lambda one: confidence(one, found), default=None)
        sure = confidence(likeliest, found) if likeliest is not None else 0.0
        if not stands_alone(tokens) or sure >= _SURE:
            return found
        masked = self._grammar.masked(turn.question, data)
        alone = await joined(self._read(masked, grammar, tools, turn, data, leaning=False), run)
        if sure < UNSURE:
            return [*alone, *found]
        same = [one for one in alone if likeliest is not None and one.calls == likeliest.calls]
        if same and confidence(same[0], alone) >= _SURE:
            return alone
        return found

    async def _in_other_words(
        self, turn: Turn, data: MasterData, tools: frozenset[str], run: Run
    ) -> list[Proposal]:
        """The learned reader's, of the question's own words and of the English for them.

        Of the rules only those for planning speak other languages than English.
        """
        masked = self._grammar.masked(turn.question, data, language=turn.language)
        call = planning_call(masked, data.today) if turn.language != "en" else None
        planned = [call] if call is not None and call.name in tools else []
        readings = [Reading((one,), self._proposals.words((one,)), _SURE_PLANNING) for one in planned]
        english = None
        if not planned and turn.language != "en":
            english = self._grammar.in_english(turn.question, data, turn.language)
            readings = self._in_english(english, tools)
        alone = self._read(masked, readings, tools, turn, data, leaning=False, by_one=True, english=english)
        if planned:
            return await joined(alone, run)
        if not turn.past or not goes_on(masked):
            return await joined(alone, run)
        dated = self._grammar.masked(turn.question, data, _period(turn.past[-1]), turn.language)
        both = after(dated, self._before(turn.past[-1], data))
        leaning = self._read(both, (), tools, turn, data, leaning=True, by_one=True)
        return await joined(leaning, run) or await joined(alone, run)

    def _in_english(self, english: Masked, tools: frozenset[str]) -> list[Reading]:
        """What the learned reader makes of the English for a question."""
        plans = self._learned.read(english)
        known = [plan for plan in plans if {call.name for call in plan.calls} <= tools]
        return [Reading(plan.calls, "", plan.probability) for plan in known]

    def _read(
        self,
        masked: Masked,
        grammar: Sequence[Reading],
        tools: frozenset[str],
        turn: Turn,
        data: MasterData,
        *,
        leaning: bool,
        by_one: bool = False,
        english: Masked | None = None,
    ) -> list[Proposal]:
        learned = [plan for plan in self._learned.read(masked) if {call.name for call in plan.calls} <= tools]
        if says_overdue(turn.question, turn.language):
            learned = [replace(one, calls=settled(one.calls, is_open=data.any_overdue)) for one in learned]
            grammar = [self._settled(one, data) for one in grammar]
        found = self._proposals.of(learned, grammar, masked, leaning=leaning, by_one=by_one, english=english)
        return [
            one if all(map(self._learned.has_learned, one.calls)) else replace(one, by_rules=True)
            for one in found
        ]

    def _settled(self, reading: Reading, data: MasterData) -> Reading:
        calls = settled(reading.calls, is_open=data.any_overdue)
        return (
            reading
            if calls == reading.calls
            else replace(reading, calls=calls, words=self._proposals.words(calls))
        )

    def _before(self, past: PastTurn, data: MasterData) -> Masked:
        """The turn before as the learned reader sees it: how it was read, and the names in its answer."""
        # The network has learned from English readings.
        with speaking("en"):
            read = self._proposals.words_before(past.calls)
        return self._grammar.masked("; ".join(filter(None, (read, ", ".join(past.named)))), data)

    def _by_grammar(
        self, tokens: Sequence[Token], parsed: Parsed, data: MasterData, tools: frozenset[str]
    ) -> list[Reading]:
        """The grammar reader's readings, best first: queries, look-ups, and the question in two parts."""
        readings = self._with_lookups(self._readings(parsed), parsed, data, tools)
        split = self._split(tokens, data)
        if split is not None:
            whole = readings[0].confidence if readings else 0.0
            looked_up = bool(readings) and readings[0].calls[0].name != "query_metrics" and whole >= _SURE
            leads = not looked_up and (
                whole < _SURE or split.confidence > whole + _SPLIT_MARGIN or _counts_apart(split)
            )
            readings.insert(0 if leads else 1, split)
        return _distinct(readings)

    def _with_lookups(
        self, readings: list[Reading], parsed: Parsed, data: MasterData, tools: frozenset[str]
    ) -> list[Reading]:
        """Look-ups stand first where they are sure, otherwise by their score among the others."""
        found = [
            Reading((candidate.call,), candidate.words, candidate.score)
            for candidate in self._lookups.read(parsed.tokens, parsed.chunks, parsed.periods, data, tools)
        ]
        sure = [reading for reading in found if reading.confidence >= _SURE_LOOKUP]
        others = [reading for reading in found if reading.confidence < _SURE_LOOKUP]
        return [*sure, *sorted([*readings, *others], key=lambda reading: -reading.confidence)]

    # ── readings ──
    def _readings(self, parsed: Parsed) -> list[Reading]:
        return [self._reading(candidate) for candidate in parsed.candidates]

    def _reading(self, candidate: Candidate) -> Reading:
        return self._of_query(candidate.query, candidate.score)

    def _of_query(self, query: MetricQuery, score: float) -> Reading:
        words = self._wording.query(query)
        return Reading((ToolCall("query_metrics", query),), words, max(0.0, min(1.0, score)))

    def _again(self, past: PastTurn, reporting: Reporting, data: MasterData) -> Calls | None:
        """The turn before with its amounts as this one asks for them."""
        calls = reporting.put_on(past.calls, data.group_currency, self._compiler)
        if not reporting or calls == past.calls:
            return None
        return Calls(Reading(calls, self._proposals.words(calls), _SURE_LOOKUP))

    def _reported(self, one: Proposal, reporting: Reporting, data: MasterData) -> Proposal:
        calls = reporting.put_on(one.calls, data.group_currency, self._compiler)
        return one if calls == one.calls else replace(one, calls=calls, words=self._proposals.words(calls))

    def _goes_on(self, turn: Turn, tokens: Sequence[Token], data: MasterData) -> bool:
        """True where a question leans on the turn before, so that its currency is meant again."""
        if turn.language == "en":
            return leans(tokens)
        return goes_on(self._grammar.masked(turn.question, data, language=turn.language))

    def _followed(
        self, turn: Turn, tokens: Sequence[Token], data: MasterData, reporting: Reporting | None = None
    ) -> list[Reading]:
        """The question before, changed as this one says."""
        if not turn.past or not opens_followup(tokens):
            return []
        query = _last_query(turn.past[-1])
        if query is None:
            return self._looked_up_again(turn.past[-1], tokens, data)
        parsed = self._grammar.read_tokens(tokens, data, _period(turn.past[-1]))
        changed = self._followups.apply(query, parsed.tokens, parsed.chunks, data)
        if changed is None or not self._compiles(changed):
            return []
        if unplaced(parsed.tokens, parsed.chunks):
            return [self._of_query(changed, UNSURE)]
        alone = parsed.candidates[0].score if parsed.candidates else 0.0
        return [self._of_query(changed, max(0.9, alone))]

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
            if merged is not None and self._compiles(merged):
                return self._of_query(merged, 0.97)
            if _that_much(rest) and first.candidates[0].query.extreme and first.candidates[0].query.rows_of:
                return self._of_query(first.candidates[0].query.model_copy(update={"output": "ties"}), 0.95)
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
            if changed is not None and changed != first.query and self._compiles(changed):
                return changed, 0.85
            return None
        if (
            parsed.candidates
            and parsed.candidates[0].score >= _SURE
            and _says_something(parsed.candidates[0].query)
        ):
            return parsed.candidates[0].query, parsed.candidates[0].score
        return None

    def _compiles(self, query: MetricQuery) -> bool:
        try:
            self._compiler.meaning(query)
        except QueryInvalid:
            return False
        return True


def _is_settled(plan: Plan, turn: Turn) -> bool:
    """True where a plan answers, with the reading that was chosen before where one was, or is refused."""
    if isinstance(plan, Abstain):
        return plan.refused
    return isinstance(plan, Calls) and turn.preferred in ("", plan.reading.words)


def _with_likelier(plan: Plan, again: Plan) -> Plan:
    """A plan that answers nothing, with the readings of the plainer words where these are far likelier."""
    found = (again.reading, *again.others) if isinstance(again, Calls) else again.readings
    known = plan.readings if isinstance(plan, Clarify | Abstain) else ()
    if not found or isinstance(plan, Calls) or found[0].confidence < UNSURE:
        return plan
    if known and found[0].confidence < known[0].confidence + _SPLIT_MARGIN:
        return plan
    offered = tuple(_distinct([*found[:2], *known, *found[2:]]))[:MOST_READINGS]
    return replace(plan, readings=offered)


def _undecided(readings: list[Reading], question: Masked) -> list[Reading]:
    """The readings; none is sure where two are about orders of two kinds and the question says neither."""
    likely = [one for one in readings[:2] if one.confidence >= UNSURE]
    kinds = {_orders_of(one) for one in likely}
    if len(likely) < 2 or len(kinds) < 2 or "" in kinds or not is_bare(question):
        return readings
    return [replace(one, confidence=min(one.confidence, LEFT_AT_MOST)) for one in readings]


def _unrivalled(readings: list[Reading], first: Proposal | None) -> list[Reading]:
    """The readings; the first is the answer where both readers think of it and nothing comes near it."""
    if first is None or first.left or first.unused or first.empty:
        return readings
    if not (first.learned > 0 and first.grammar > 0):
        return readings
    nearest = readings[1].confidence if len(readings) > 1 else 0.0
    if readings[0].confidence < _LIKELY or nearest > _NOT_NEAR:
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


def _named(left: Sequence[Left]) -> tuple[str, ...]:
    """The words of the clauses that a reading leaves out."""
    words = [
        word for one in left for word in ([" ".join(one.words)] if one.clause in _PHRASES else one.words)
    ]
    return tuple(dict.fromkeys(words))[:MOST_NAMED]


def _known(readings: Sequence[Reading], framed: Reading) -> bool:
    """True where the readers know a question so well that a pattern has only caught a word of it.

    That they find no answer does not count: they have not learned of these look-ups.
    """
    if framed.calls[0].name in ("cost_build_up", "explode_bom"):
        # Their patterns need a material beside the words.
        return False
    return bool(readings) and readings[0].confidence >= _KNOWN


def _look_up_first(weighed: list[tuple[float, Proposal]]) -> list[tuple[float, Proposal]]:
    """Of two nearly as likely, the look-up that both readers know goes before a table of one alone."""
    if len(weighed) < 2:
        return weighed
    (most, first), (sure, second), *others = weighed
    known = second.grammar >= _PLACED and second.learned > 0 and first.grammar == 0
    table, look_up = ([call.name for call in one.calls] for one in (first, second))
    if known and most - sure <= _AS_LIKELY and table == [METRICS] != look_up and len(look_up) == 1:
        return [(most, second), (sure, first), *others]
    return weighed


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


def _last_query(past: PastTurn) -> MetricQuery | None:
    for call in reversed(past.calls):
        if isinstance(call.arguments, MetricQuery):
            return call.arguments
    return None


def _period(past: PastTurn) -> Period | None:
    """The period that a turn was about, where it was a single one."""
    query = _last_query(past)
    dates = [test for test in query.where if isinstance(test, DateTest)] if query else []
    return period_of(dates[0].start, dates[0].end) if len(dates) == 1 else None


def _distinct(readings: Sequence[Reading]) -> list[Reading]:
    found: dict[str, Reading] = {}
    for reading in readings:
        found.setdefault(reading.words, reading)
    return list(found.values())

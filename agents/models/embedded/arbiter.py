"""Which reading of a question is answered, which are offered, and when the answer is that there is none."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, TypeAlias

from agents.models.embedded.by_rules import SURE_LOOKUP, GrammarReadings, period_before
from agents.models.embedded.confidence import LEFT_AT_MOST, confidence
from agents.models.embedded.deciding import (
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
    keeps_what_goes,
    leans,
    leaves_out,
    stands_alone,
)
from agents.models.embedded.grammar import GrammarReader, Parsed
from agents.models.embedded.judging import by_what
from agents.models.embedded.languages.following import goes_on
from agents.models.embedded.learned import LearnedReader
from agents.models.embedded.lookups_costs import costs_of
from agents.models.embedded.lookups_documents import TOOL as DOCUMENTS
from agents.models.embedded.lookups_documents import document_reading
from agents.models.embedded.lookups_variance import TOOL as VARIANCE
from agents.models.embedded.lookups_variance import may_ask_why, not_theirs, variance_of
from agents.models.embedded.masked import Masked, after
from agents.models.embedded.masterdata import MasterData
from agents.models.embedded.outcomes import Run, is_of_nothing, joined, unrecorded
from agents.models.embedded.overdue import says_overdue, settled
from agents.models.embedded.plainer import Plainer, bounded, multiplied, plainer, unnumbered
from agents.models.embedded.plan_language import PlanLanguage
from agents.models.embedded.planning_words import planning_call
from agents.models.embedded.proposals import Proposal, Proposals, without
from agents.models.embedded.publishing_reader import named_in, publishing_plan, told_last
from agents.models.embedded.reporting import Reporting, asked_of, before
from agents.models.embedded.standing import (
    NOT_NEAR,
    distinct,
    is_known,
    is_settled,
    look_up_first,
    named_left,
    undecided,
    unrivalled,
    with_likelier,
)
from agents.models.embedded.text import Token
from agents.models.protocol import Abstain, Calls, PastTurn, Plan, Reading, ToolCall, Turn
from tools.languages import said, speaking
from tools.metrics.catalogue import Catalogue
from tools.metrics.compiler import Compiler
from tools.metrics.wording import Wording
from tools.registry import Tool
from tools.variance.tool import ExplainVariance

_NOT_THEIRS = (
    "I could not place [[words]] among the plants, companies, products and accounts that you may see."
)
_SURE = 0.8
_SURE_PLANNING = 0.97
_MOSTLY = 0.55
"""Of a reading of what people mostly mean: it is offered."""


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
        self._rules = GrammarReadings(catalogue, self._grammar)
        self._compiler = Compiler(catalogue)
        language = PlanLanguage(catalogue, tools)
        self._learned = LearnedReader(language)
        self._proposals = Proposals(catalogue, language)
        self._definitions = Definitions(catalogue)

    def leaves_out(self, turn: Turn, data: MasterData, calls: Sequence[ToolCall]) -> bool:
        """True where a clause of a question, or of the English for it, is not in what the calls do."""
        return self._proposals.leaves_out(calls, self._english(turn, data))

    def _english(self, turn: Turn, data: MasterData) -> Masked:
        """The question where it is English, otherwise the English for it."""
        if turn.language == "en":
            return self._grammar.masked(turn.question, data)
        return self._grammar.in_english(turn.question, data, turn.language)

    async def plan(
        self, turn: Turn, data: MasterData, tools: frozenset[str], run: Run, weigh: Weigh = by_readers
    ) -> Plan:
        """Calls where one reading stands out, a choice where several could be meant, otherwise why not.

        A question that is left open is read once more in plainer words.
        """
        if turn.language == "en":
            turn = replace(turn, question=bounded(multiplied(unnumbered(turn.question))))
        plan = await self._planned(turn, data, tools, run, weigh)
        if turn.past or is_settled(plan, turn):
            return plan
        for form in self._plainer(turn, data):
            again = await self._planned(replace(turn, question=form.question), data, tools, run, weigh)
            if self._says_so(again, turn, form, data):
                return again
            plan = with_likelier(plan, again)
        return plan

    def _says_so(self, plan: Plan, turn: Turn, form: Plainer, data: MasterData) -> bool:
        """True where plainer words are answered, and what was passed over is so by definition."""
        if not isinstance(plan, Calls) or not is_settled(plan, turn):
            return False
        calls = plan.reading.calls
        return not self._proposals.accounts.contradicts(self._english(turn, data), calls) and all(
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
        weighed = look_up_first(sorted(zip(sureties, proposals, strict=True), key=lambda pair: -pair[0]))
        readings = distinct([Reading(one.calls, one.words, sure) for sure, one in weighed if one.calls])
        masked = self._grammar.masked(turn.question, data, language=turn.language)
        if turn.past and leaves_out(tokens):
            # `drop the bikes` is a matter of rules: what they make of it stands first.
            readings = distinct([*self._rules.followed(turn, tokens, data), *readings])
        mostly = self._mostly(turn, masked)
        readings = distinct([*mostly, *undecided(readings, masked)])
        nothing = max((sure for sure, one in weighed if not one.calls and not mostly), default=0.0)
        likeliest = next((one for _, one in weighed if one.calls), None)
        framed = costs_of(masked, turn.question, tools)
        unframed = self._proposals.accounts.left_by_look_up(masked, framed.calls) if framed else ()
        if framed is not None and unframed:
            # It is offered, and what it leaves out is said.
            framed_too = replace(framed, confidence=LEFT_AT_MOST)
            readings = sorted([*readings, framed_too], key=lambda reading: -reading.confidence)
            framed = None
        if framed is not None and not turn.preferred and not is_known(readings, framed):
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
        left_out = named_left(first.left if first else unframed)
        readings = readings if nothing > NOT_NEAR else unrivalled(readings, first)
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
        return [self._rules.of_query(query, _MOSTLY) for query in queries if self._rules.compiles(query)]

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
        masked = self._grammar.masked(turn.question, data, period_before(turn.past[-1]) if leaning else None)
        if leaning:
            masked = after(masked, self._before(turn.past[-1], data))
        grammar = self._rules.of(tokens, parsed, data, tools)
        followed = distinct([*self._rules.followed(turn, tokens, data), *grammar])
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
        dated = self._grammar.masked(turn.question, data, period_before(turn.past[-1]), turn.language)
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

    def _again(self, past: PastTurn, reporting: Reporting, data: MasterData) -> Calls | None:
        """The turn before with its amounts as this one asks for them."""
        calls = reporting.put_on(past.calls, data.group_currency, self._compiler)
        if not reporting or calls == past.calls:
            return None
        return Calls(Reading(calls, self._proposals.words(calls), SURE_LOOKUP))

    def _reported(self, one: Proposal, reporting: Reporting, data: MasterData) -> Proposal:
        calls = reporting.put_on(one.calls, data.group_currency, self._compiler)
        return one if calls == one.calls else replace(one, calls=calls, words=self._proposals.words(calls))

    def _goes_on(self, turn: Turn, tokens: Sequence[Token], data: MasterData) -> bool:
        """True where a question leans on the turn before, so that its currency is meant again."""
        if turn.language == "en":
            return leans(tokens)
        return goes_on(self._grammar.masked(turn.question, data, language=turn.language))

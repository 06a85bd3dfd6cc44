"""What the reading of a table is worth beside the plan of the two readers: answer, offer, nothing."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeAlias

from agents.models.embedded.compound.ledger_names import (
    LEDGER,
    names_account_in,
    of_ledger,
    says_ledger,
)
from agents.models.embedded.compound.reader import HELD, MARGIN, Compound, CompoundReader
from agents.models.embedded.compound.unmet import tests_of
from agents.models.embedded.compound.vocabulary import written
from agents.models.embedded.deciding import ANSWERED, MOST_READINGS, UNSURE, without_conditions
from agents.models.embedded.masterdata import MasterData
from agents.models.embedded.outcomes import Outcome, Run, holds, is_empty, lists, same_figures, says_nothing
from agents.models.protocol import Abstain, Calls, Clarify, Plan, Reading, ToolCall, Turn
from erp_adapters.errors import ErpError
from tools.metrics.catalogue import Catalogue
from tools.metrics.query import MetricQuery, ValueTest
from tools.metrics.wording import Wording

LeavesOut: TypeAlias = Callable[[Turn, MasterData, Sequence[ToolCall]], bool]
"""Whether a clause of a question is not in what calls do."""
_SURE = 0.9
_OFFERED = 0.4
_MOST_STRANGE = 2
_LEAST_RICH = 3
_ANSWERED_FROM = 4
"""Pieces that a table must put together to be the answer; of fewer the two readers know more."""
_MORE_THAN_LOOK_UPS = 6
"""Columns and conditions of a table from which on it says more than a look-up does."""
_LEAST_WORDS = 10
"""Of a question that a table may do more for than the two readers do."""
_NUMBER = "account.code"
_FAR = 1.0
"""By which records must fit better than others for a table of few pieces to be the answer."""
_MOST_RIVALS = 2
"""Readings about other records that are tried before one is the answer."""
_WHICHEVER = re.compile(r"\bof (?:any|whatever|every|all) (\w+?)s?\b|\b(?:whatever|regardless of) the (\w+)")
_RANKED_BY = re.compile(r"\b(?:top|first|biggest|best|worst) \w+ by\b", re.IGNORECASE)
_EACH = frozenset({"each", "every", "per", "by", "je", "pro", "jede", "jeder", "jedes", "jeden", "jedem"})


class Beside:
    """Weighs the reading of a table beside the plan of the two readers."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._reader, self._wording = CompoundReader(catalogue), Wording(catalogue)

    async def plan(
        self,
        plan: Plan,
        turn: Turn,
        data: MasterData,
        run: Run,
        leaves_out: LeavesOut,
    ) -> Plan:
        """The plan of the two readers with what this one makes of the question; never an answer without a
        condition that was set in the words of its records.

        Of a question that they leave open it answers where every word found its place, nothing that is asked
        is left out, and there are such records; otherwise its reading is offered beside the others. Of one
        that they answer it changes the answer only where it shows the same and more, sets a further
        condition, or finds records where they found none.
        """
        plan = await self._weighed(plan, turn, data, run, leaves_out)
        if turn.past or (isinstance(plan, Abstain) and plan.refused):
            return plan
        readings = (plan.reading,) if isinstance(plan, Calls) else plan.readings
        left = [self._left(one, turn, data) for one in readings]
        if not left or not all(left):
            return plan
        meeting = self._meeting(turn, data, leaves_out)
        if turn.preferred:
            chosen = meeting is not None and meeting.words == turn.preferred
            return Calls(meeting) if chosen and meeting is not None else plan
        if meeting is not None and meeting.confidence >= ANSWERED and await self._finds(meeting, run):
            others = (*readings, *plan.others) if isinstance(plan, Calls) else readings
            return Calls(meeting, others[: MOST_READINGS - 1])
        if isinstance(plan, Calls):
            return without_conditions(plan, left[0], meeting)
        if meeting is None:
            return plan
        return replace(plan, readings=(meeting, *readings)[:MOST_READINGS])

    async def _finds(self, reading: Reading, run: Run) -> bool:
        shown = await _shown(reading.calls[0], run)
        return shown is not None and not says_nothing(reading.calls, shown)

    def _is_of_others(self, reading: Reading, own: Compound, turn: Turn, data: MasterData) -> bool:
        """True for a list of records that the question names by no word: holds, where it says batches."""
        query = reading.calls[0].arguments
        if not isinstance(query, MetricQuery) or query.rows_of not in written():
            return False
        return own.query.rows_of != query.rows_of and not self._reader.names(
            turn.question, data, query.rows_of, turn.language
        )

    def _left(self, reading: Reading, turn: Turn, data: MasterData) -> tuple[str, ...]:
        query = reading.calls[0].arguments if len(reading.calls) == 1 else None
        if not isinstance(query, MetricQuery):
            return ()
        return self._reader.unmet(turn.question, data, query, turn.language)

    def _meeting(self, turn: Turn, data: MasterData, leaves_out: LeavesOut) -> Reading | None:
        """This reader's own reading, where it does all that is set; a sure one where nothing else is left."""
        if turn.language not in HELD:
            return None
        found = self._reader.read(turn.question, data, turn.language)
        if not found or len(found[0].strange) > _MOST_STRANGE:
            return None
        best = found[0]
        if self._reader.unmet(turn.question, data, best.query, turn.language):
            return None
        calls = (ToolCall("query_metrics", best.query),)
        clear = best.complete and all(best.score - other.score >= MARGIN for other in found[1:2])
        clear = clear and not leaves_out(_as_read(turn, best), data, calls)
        return Reading(calls, self._wording.query(best.query), _SURE if clear else _OFFERED)

    async def _weighed(
        self,
        plan: Plan,
        turn: Turn,
        data: MasterData,
        run: Run,
        leaves_out: LeavesOut,
    ) -> Plan:
        """The plan that the three readers come to."""
        if isinstance(plan, Abstain) and plan.refused:
            return plan
        if turn.past:
            return plan
        if isinstance(plan, Calls) and not turn.preferred and len(plan.reading.calls) != 1:
            return plan
        looked_up = isinstance(plan, Calls) and not _is_query(plan.reading)
        ledger = says_ledger(turn.question)
        answered = isinstance(plan, Calls) and not (turn.preferred or looked_up or ledger)
        if answered and _is_short(turn) and not _says_each(turn):
            return plan
        found = self._reader.read(turn.question, data, turn.language)
        if not found or len(found[0].strange) > _MOST_STRANGE or found[0].richness < _LEAST_RICH:
            return plan
        best = found[0]
        ledger = ledger and best.entity == LEDGER and names_account_in(best.query)
        second = found[1].score if len(found) > 1 else -math.inf
        apart = bool(best.query.where) and best.score - second >= _FAR
        clear = best.complete and best.richness >= (_LEAST_RICH if ledger or apart else _ANSWERED_FROM)
        call = ToolCall("query_metrics", best.query)
        rivals = [other for other in found[1:] if best.score - other.score < MARGIN]
        clear = clear and await self._is_alone(call, rivals, run)
        clear = clear and not leaves_out(_as_read(turn, best), data, (call,))
        reading = Reading((call,), self._wording.query(best.query), _SURE if clear else _OFFERED)
        if turn.preferred:
            return Calls(reading) if reading.words == turn.preferred else plan
        if not best.complete and best.doubts > 1:
            return plan
        if isinstance(plan, Calls) and looked_up:
            # A look-up knows more of its matter; but not where a table of that many things is asked for.
            fuller = clear and best.asked >= _MORE_THAN_LOOK_UPS
            shown = await _shown(call, run) if fuller else None
            if shown is None or says_nothing((call,), shown):
                return plan
            return Calls(reading, (plan.reading, *plan.others)[: MOST_READINGS - 1])
        if isinstance(plan, Calls) and clear and best.query.each is not None:
            # The two readers know nothing of one record of each thing.
            shown = await _shown(call, run)
            return (
                plan if shown is None else Calls(reading, (plan.reading, *plan.others)[: MOST_READINGS - 1])
            )
        if isinstance(plan, Calls) and _is_short(turn) and not ledger:
            return plan
        if isinstance(plan, Calls):
            if clear and _limits_whichever(turn.question, plan.reading, best.query):
                return Calls(reading, (plan.reading, *plan.others)[: MOST_READINGS - 1])
            if clear and self._is_of_others(plan.reading, best, turn, data):
                shown = await _shown(call, run)
                if shown is not None and not says_nothing((call,), shown):
                    return Calls(reading, (plan.reading, *plan.others)[: MOST_READINGS - 1])
            otherwise = _ranks_otherwise(turn.question, best.query, plan.reading)
            if clear and (otherwise or _says_last(best.query, plan.reading)):
                return Calls(reading, (plan.reading, *plan.others)[: MOST_READINGS - 1])
            missed = best.entity == LEDGER and not best.strange and _misses_account(plan.reading, best.query)
            if missed or (ledger and clear and not _is_of_ledger(plan.reading)):
                return Calls(reading, (plan.reading, *plan.others)[: MOST_READINGS - 1])
            return await self._amended(plan, reading, run, bool(best.question)) if clear else plan
        others = tuple(one for one in plan.readings if one.words != reading.words)
        shown = await _shown(call, run)
        if shown is None or says_nothing((call,), shown):
            return plan
        if plan.readings and plan.readings[0].confidence >= UNSURE and best.complete:
            # Where they have something good as well, the fuller of the two is the answer.
            first = plan.readings[0]
            agreed = await self._agreed(first, reading, shown, run)
            if agreed is not None and not leaves_out(turn, data, agreed.calls):
                rest = (one for one in plan.readings if one is not first and one.words != agreed.words)
                return Calls(replace(agreed, confidence=_SURE), tuple(rest)[: MOST_READINGS - 1])
        if clear:
            return Calls(reading, others[: MOST_READINGS - 1])
        if isinstance(plan, Clarify):
            return Clarify(plan.question, (*others[: MOST_READINGS - 1], reading))
        # What the reason says to have been understood stays among what is offered.
        kept = sorted(others, key=lambda one: one.words not in plan.reason)[: MOST_READINGS - 1]
        return Abstain(plan.reason, (*kept, reading), plan.refused)

    async def _is_alone(self, call: ToolCall, rivals: Sequence[Compound], run: Run) -> bool:
        """True where records of other kinds fit as well, but none of them exist, or they show the same."""
        if not rivals:
            return True
        if len(rivals) > _MOST_RIVALS or not all(one.complete for one in rivals):
            return False
        shown = await _shown(call, run)
        if shown is None:
            return False
        for rival in rivals:
            other = ToolCall("query_metrics", rival.query)
            found = await _shown(other, run)
            if found is None or says_nothing((other,), found):
                continue
            if not (holds(shown, found) or same_figures(shown, found)):
                return False
        return True

    async def _amended(self, plan: Calls, own: Reading, run: Run, shortened: bool) -> Calls:
        """The answer of the two readers, or this one's where that does what is asked more fully.

        Args:
            shortened: clauses were passed over as explanations; a column of one is then hardly asked for.
        """
        theirs = await _outcome(plan.reading.calls[0], run)
        shown = await _shown(own.calls[0], run)
        if theirs is None or shown is None or says_nothing(own.calls, shown) or shown == theirs:
            return plan
        alike = lists(plan.reading.calls) == lists(own.calls)
        fuller = alike and not shortened and holds(shown, theirs) and not holds(theirs, shown)
        if not (is_empty(theirs) or fuller or _narrows(own, plan.reading)):
            return plan
        return Calls(own, (plan.reading, *plan.others)[: MOST_READINGS - 1])

    async def _agreed(self, first: Reading, own: Reading, shown: Outcome, run: Run) -> Reading | None:
        """The fuller of the two readings where one shows all that the other does."""
        if len(first.calls) != 1 or lists(first.calls) != lists(own.calls):
            return None
        theirs = await _shown(first.calls[0], run)
        if theirs is None:
            return None
        if holds(theirs, shown):
            return own if _narrows(own, first) else first
        return own if holds(shown, theirs) else None


def _as_read(turn: Turn, read: Compound) -> Turn:
    """The turn without what only explains: a reading cannot leave that out."""
    return replace(turn, question=read.question) if read.question else turn


def _is_query(reading: Reading) -> bool:
    """True for an answer by a single query."""
    return len(reading.calls) == 1 and isinstance(reading.calls[0].arguments, MetricQuery)


def _says_each(turn: Turn) -> bool:
    """True where one record of each thing may be asked for."""
    return bool(_EACH & set(turn.question.casefold().split()))


def _is_short(turn: Turn) -> bool:
    """True for a question that is not long enough to ask for several things."""
    return len(turn.question.split()) < _LEAST_WORDS


def _is_of_ledger(reading: Reading) -> bool:
    """True for figures of the ledger, and for look-ups, which know better."""
    queries = [call.arguments for call in reading.calls if isinstance(call.arguments, MetricQuery)]
    return len(queries) < len(reading.calls) or any(of_ledger(query) for query in queries)


def _misses_account(theirs: Reading, own: MetricQuery) -> bool:
    """True where figures of the ledger are those of all accounts, though one is named."""
    queries = [call.arguments for call in theirs.calls if isinstance(call.arguments, MetricQuery)]
    if len(queries) != 1 or not of_ledger(queries[0]):
        return False
    several = [one for one in own.where if isinstance(one, ValueTest) and one.path == _NUMBER]
    if any(len(one.values) > 1 and not one.label for one in several) and not set(several) <= set(
        queries[0].where
    ):
        return True  # `accounts 6100 to 6800`
    others = [getattr(test, "path", "") for test in queries[0].where]
    grouped = any(group.entity == "account" or group.path.startswith("account.") for group in queries[0].by)
    return names_account_in(own) and not (
        grouped or any(path.startswith(("account.", "company.")) for path in others)
    )


def _says_last(own: MetricQuery, theirs: Reading) -> bool:
    """True where the last of some records is asked for, and the first reading lists others of them."""
    other = theirs.calls[0].arguments
    if not isinstance(other, MetricQuery) or not own.rows_of or own.rows_of != other.rows_of:
        return False
    told = bool(other.limit or other.order or other.extreme or other.each)
    return own.limit == 1 and own.each is None and bool(own.order) and not told


def _ranks_otherwise(question: str, own: MetricQuery, theirs: Reading) -> bool:
    """True for `top 10 by value`, where the same figures are ranked by the first of them."""
    other = theirs.calls[0].arguments
    if not isinstance(other, MetricQuery) or _RANKED_BY.search(question) is None:
        return False
    if not own.limit or own.limit != other.limit or len(own.measures) != len(other.measures):
        return False
    places = [
        [at for at, one in enumerate(query.measures) if query.order and one.name == query.order[0].by]
        for query in (own, other)
    ]
    return bool(places[0]) and places[0] != places[1]


def _narrows(own: Reading, theirs: Reading) -> bool:
    """True where both are about the same records and the first sets a further condition."""
    one, other = own.calls[0].arguments, theirs.calls[0].arguments
    if not (isinstance(one, MetricQuery) and isinstance(other, MetricQuery)) or one.rows_of != other.rows_of:
        return False
    more, less = ({repr(test) for test in query.where} for query in (one, other))
    limited = bool(other.having) or any(measure.where for measure in other.measures)
    alike = one.rows_of or _figures(other) <= _figures(one)
    # `are they preferred?`: a flag that they show as a column is asked for, and no condition.
    flags = {
        test.path
        for test in one.where
        if isinstance(test, ValueTest) and all(isinstance(value, bool) for value in test.values)
    }
    asked = flags & set(other.show)
    alike = alike and not asked - {test.path for test in other.where if isinstance(test, ValueTest)}
    return bool(alike) and less < more and one.by == other.by and not limited


def _limits_whichever(question: str, theirs: Reading, own: MetricQuery) -> bool:
    """True where one kind of `any kind` is taken by the first reading, and all of them by the second."""
    named = {word for found in _WHICHEVER.findall(question.casefold()) for word in found if word}
    query = theirs.calls[0].arguments
    if not named or not isinstance(query, MetricQuery):
        return False
    one, other = (
        {test.path for test in tests_of(each) if isinstance(test, ValueTest)} for each in (query, own)
    )
    return any(path.rpartition(".")[2] in named for path in one - other)


def _figures(query: MetricQuery) -> set[tuple[str, str, str]]:
    return {(one.metric, one.field, one.count_of) for one in query.measures if not one.derive}


async def _outcome(call: ToolCall, run: Run) -> Outcome | None:
    try:
        return await run(call)
    except ErpError:
        return None


async def _shown(call: ToolCall, run: Run) -> Outcome | None:
    """What the query gives; None without any rows: it more likely looks in the wrong place."""
    outcome = await _outcome(call, run)
    told = bool(outcome) and outcome != ((),) and not (outcome and isinstance(outcome[0], str))
    return outcome if told else None

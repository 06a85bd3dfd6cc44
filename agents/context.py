"""What a turn is made with: who asks, what may be spent, and the workspace that holds its results.

It is handed to the graph as its run-time context and is never checkpointed.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal, Protocol
from uuid import UUID

from agents.answer import Answer, AnswerDraft, AnswerStatus, ModelUsage
from agents.auditing import Noted
from agents.conversations import ConversationStore
from agents.desk import Desk, ShownDraft
from agents.events import Event
from agents.keeping import Keeping
from agents.looking import Looking, ReadingStore, reading
from agents.models.egress import KeptHere
from agents.models.embedded.drafting_words import TOOL_OF, DraftKind
from agents.models.embedded.publishing_reader import TOOL as PUBLISHING
from agents.models.protocol import Calls, Meter, ModelProtocol, PastTurn, Reading, Step, ToolCall, Turn
from agents.page import Page
from agents.publishing import Publisher
from agents.rendering import AnswerParts, answer_parts, in_prose
from erp_adapters.caller import Caller
from erp_adapters.errors import CopilotError, ModelError, ModelUnavailable
from erp_adapters.store.session import ReadTransaction
from policies.audit.event import AuditTrail
from policies.reading import Admission, Reads
from tools.charts import ChartSpec, ChartWish
from tools.languages import LANGUAGES, Language, said
from tools.languages.forms import numeral
from tools.registry import Effect, Tool, ToolRegistry
from tools.results import ToolResult

_UNREACHED = (
    "The hosted model could not be reached ([[failed]]: [[error]]);"
    " this answer was read by the embedded one ([[model]])."
)
_KEPT = "Nothing was sent to [[failed]]: [[error]]. This answer was read by the embedded model ([[model]])."
_FAILED = "[[failed]] failed ([[error]]), so [[model]] answered instead."


@dataclass(frozen=True, slots=True)
class Budget:
    """What one turn may use before it is ended with `cannot_answer`."""

    rounds: int = 4
    """Rounds of planning and running tools."""
    calls: int = 8
    """Tool calls in one round."""
    tokens: int = 60_000
    seconds: float = 60.0
    question_characters: int = 4_000
    rewrites: int = 3
    """Clauses that the model may write once more; later refusals go to the tool's own wording at once."""
    past_turns: int = 6
    """Earlier turns that a model is shown."""


@dataclass(slots=True)
class Stopwatch:
    """Milliseconds by stage."""

    started: float = field(default_factory=time.perf_counter)
    spent: dict[str, float] = field(default_factory=dict)

    def add(self, stage: str, since: float) -> None:
        """Count the time from `since`, a `time.perf_counter()`, until now."""
        self.spent[stage] = self.spent.get(stage, 0.0) + (time.perf_counter() - since) * 1000

    def passed(self) -> float:
        """Seconds since the turn began."""
        return time.perf_counter() - self.started

    def total(self) -> float:
        """Milliseconds since the turn began."""
        return self.passed() * 1000


@dataclass(frozen=True, slots=True)
class Ran:
    """A call with its result, or why there is none; with neither it was ended from outside."""

    call: ToolCall
    result: ToolResult | None
    failure: CopilotError | None = None


@dataclass(slots=True)
class Workspace:
    """What the nodes of one turn leave for each other."""

    opened: bool = False
    """True once the conversation is there, so that the answer can be kept in it."""
    past: tuple[PastTurn, ...] = ()
    preferred: str = ""
    plan: Calls | None = None
    """The calls to run next."""
    asked: list[ToolCall] = field(default_factory=list)
    """Every call that has a result, in the order of `results`."""
    steps: list[Step] = field(default_factory=list)
    ran: list[Ran] = field(default_factory=list)
    """Every call that was made, those of other readings included."""
    results: list[ToolResult] = field(default_factory=list)
    looked_up: set[int] = field(default_factory=set)
    """Results that a model only wanted to see before it planned the rest; they come last in the answer."""
    offered: tuple[Reading, ...] = ()
    clauses: list[str] = field(default_factory=list)
    caveats: list[str] = field(default_factory=list)
    status: AnswerStatus = "answered"
    words: str = ""
    charts: tuple[ChartSpec, ...] = ()
    """Those of the turn before."""
    proposed: ChartWish | None = None
    """A chart that the model proposes."""
    drafts: DraftKind | None = None
    """The kind of draft that the question asks for, by its words alone; None for every other question."""
    publishes: bool = False
    """True where the question asks to publish an explanation, by its words alone."""
    amends: AnswerDraft | None = None
    """The draft that the question goes on with."""
    draft: AnswerDraft | None = None
    waits: ShownDraft | None = None
    """The draft that was there already for the same need, where there was one; `draft` is that one."""
    """What was handed in."""
    answer: Answer | None = None
    is_kept: bool = False
    """True once the conversation has the answer."""
    noted: Noted = field(default_factory=Noted)
    """What goes on record."""
    is_on_record: bool = False
    """True once the audit has the turn."""
    _text: tuple[Answer, str] | None = None
    _parts: tuple[list[ToolResult], AnswerParts] | None = None

    @property
    def shown(self) -> list[ToolResult]:
        """The results in the order in which the answer shows them."""
        order = [i for i in range(len(self.results)) if i not in self.looked_up] + sorted(self.looked_up)
        return [self.results[i] for i in order]

    def parts(self) -> AnswerParts:
        """Tables, figures and evidence of the answer, made once of the same results."""
        results = self.shown
        # By identity: comparing their rows would take longer than making the parts.
        if self._parts is None or list(map(id, self._parts[0])) != list(map(id, results)):
            self._parts = results, answer_parts(results)
        return self._parts[1]

    def text_of(self, answer: Answer) -> str:
        """An answer as JSON, written once for the conversation, the audit and whoever listens."""
        if self._text is None or self._text[0] is not answer:
            self._text = answer, answer.model_dump_json()
        return self._text[1]


class Flows(Protocol):
    """The threads in which drafts wait, apart from any conversation."""

    async def begin(self, series: UUID) -> None:
        """Have a thread wait for what becomes of a draft; one that waits already goes on waiting."""
        ...


@dataclass(slots=True)
class TurnContext:
    """Everything a node may use; identity comes from `caller` and from nowhere else."""

    caller: Caller
    question: str
    conversation: str
    answer_id: str
    store: ReadingStore
    registry: ToolRegistry
    conversations: ConversationStore
    model: ModelProtocol
    fallback: ModelProtocol | None
    budget: Budget
    emit: Callable[[Event], None]
    with_alternatives: bool = False
    page: Page | None = None
    """What the page shows beside which the question is asked."""
    taken: tuple[str, ...] = ()
    """What the question was completed with from it."""
    given: Reading | None = None
    """A reading to run as it is, without asking the model: a choice or a replay."""
    language: Language = "en"
    """What the turn is answered in: that of its question, known once it is admitted."""
    languages: tuple[Language, ...] = LANGUAGES
    """Those that a turn may be answered in."""
    wish: ChartWish | None = None
    """What the question says about a chart."""
    unadorned: str = ""
    """The question without its words about a chart; empty where it has none."""
    desk: Desk | None = None
    """Takes drafts; where there is none, nothing can be drafted."""
    publisher: Publisher | None = None
    """Takes explanations that somebody else publishes; where there is none, none can be drafted."""
    flows: Flows | None = None
    keep: bool = True
    """False for a replay, which adds nothing to its conversation."""
    meter: Meter = field(default_factory=Meter)
    watch: Stopwatch = field(default_factory=Stopwatch)
    trail: AuditTrail | None = None
    """Where the turn is put on record; None where nothing is."""
    keeping: Keeping | None = None
    """Keeps an answer and its events in one transaction; None where each has one of its own."""
    reads: Reads | None = None
    """What policy says about reading with each tool; without it the roles that tools name decide alone."""
    admission: Admission | None = None
    """What it said, once it was asked: the same for the whole turn."""
    offered: tuple[DraftKind | None, Reading | None, tuple[Tool[Any], ...]] | None = None
    """The tools as they were found last, and what decided about them."""
    asked_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    """By the wall clock."""
    work: Workspace = field(default_factory=Workspace)
    look: Looking = field(init=False)
    """What planning reads with."""

    def __post_init__(self) -> None:
        self.look = Looking(self.store, self.caller)

    def reading(self) -> AbstractAsyncContextManager[ReadTransaction]:
        """A read transaction for one tool: the one that its call was linked in, where that is still open."""
        return self.look.handed_on() or reading(self.store, self.caller)

    @property
    def worded_by_a_model(self) -> bool:
        """True where a language model wrote the plan; a reading that was chosen had been checked before."""
        return self.model.writes_freely and self.given is None

    @property
    def tools(self) -> tuple[Tool[Any], ...]:
        """The tools that this caller may use for this question.

        A tool that drafts is among them only where the question's own words ask for such a draft: no model
        decides that.
        """
        # Asked for at each step; nothing else than these changes them within a turn.
        asked = self.work.drafts, self.given
        if self.offered is None or self.offered[0] != asked[0] or self.offered[1] is not asked[1]:
            admission = self.admitted()
            tools = tuple(
                one
                for one in self.registry.admitted(self.caller)
                if (admission is None or one.name in admission.allowed) and self._may_run(one)
            )
            self.offered = *asked, tools
        return self.offered[2]

    def admitted(self) -> Admission | None:
        """What policy says about reading with each tool there is; None where there is no policy."""
        if self.admission is None and self.reads is not None:
            self.admission = self.reads(self.caller, self.registry.names(), self.asked_at)
        return self.admission

    def _may_run(self, tool: Tool[Any]) -> bool:
        if tool.effect is not Effect.DRAFT:
            return True
        if tool.name == PUBLISHING:
            return self.publisher is not None and self.work.publishes
        if self.desk is None:
            return False
        if self.given is not None:
            return any(call.name == tool.name for call in self.given.calls)
        return self.work.drafts is not None and TOOL_OF[self.work.drafts] == tool.name

    @property
    def has_drafted(self) -> bool:
        """True where a result is a draft that has to be handed in."""
        return any(result.drafted is not None or result.publishes is not None for result in self.work.results)

    @property
    def usage(self) -> ModelUsage | None:
        """What was asked of hosted models so far; None where nothing was."""
        meter = self.meter
        if not meter.requests:
            return None
        cost = meter.cost
        return ModelUsage(
            requests=meter.requests,
            prompt_tokens=meter.prompt_tokens,
            cached_tokens=meter.cached_tokens,
            completion_tokens=meter.completion_tokens,
            estimated=meter.estimated,
            cost=None if cost is None else str(cost),
            currency=None if cost is None or meter.prices is None else meter.prices.currency,
        )

    def asked(self) -> Turn:
        """The turn as a model sees it now."""
        work = self.work
        # A language model reads the whole question; the readers of the embedded one know no words for charts.
        question = self.question if self.model.writes_freely else self.unadorned or self.question
        return Turn(
            question,
            work.past,
            work.preferred,
            tuple(work.steps),
            meter=self.meter,
            language=self.language,
        )

    def in_time(self) -> asyncio.Timeout:
        """Ends what runs inside it, with `TimeoutError`, when the turn's seconds are used up."""
        return asyncio.timeout(max(0.0, self.budget.seconds - self.watch.passed()))

    def stop(self, status: AnswerStatus, text: str) -> None:
        """End the turn without an answer; what was computed so far is not shown, since it is not whole.

        The text may quote names from the data, such as those that a word may mean.
        """
        work = self.work
        work.status, work.clauses, work.results, work.looked_up = status, [in_prose(text)], [], set()

    def exceeded(self, bound: Literal["rounds", "calls", "tokens", "seconds"]) -> str:
        """What a person reads when a turn has used up one of its bounds."""
        number, text = {
            "rounds": (f"{self.budget.rounds}", "[[number]] rounds of looking things up"),
            "calls": (f"{self.budget.calls}", "[[number]] look-ups at a time"),
            "tokens": (f"{self.budget.tokens:,}", "[[number]] tokens of the language model"),
            "seconds": (f"{self.budget.seconds:g}", "[[number]] seconds"),
        }[bound]
        return said(
            "That took more than [[limit]], the limit for one question. Ask for one thing at a time.",
            limit=said(text, number=numeral(number)),
        )

    def take_fallback(self, error: ModelError) -> ModelProtocol | None:
        """The second model, from now on the turn's model, where there is one; the answer will say so."""
        if self.fallback is None:
            return None
        failed, self.model, self.fallback = self.model, self.fallback, None
        text = _FAILED
        if isinstance(error, KeptHere):
            text = _KEPT
        elif isinstance(error, ModelUnavailable):
            text = _UNREACHED
        self.work.caveats.append(said(text, failed=failed.name, error=error, model=self.model.name))
        return self.model

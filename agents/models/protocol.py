"""What a language model must be able to do here: plan tool calls for a turn and compose from results."""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any, LiteralString, Protocol, TypeAlias, runtime_checkable

from pydantic import BaseModel

from agents.answer import AnswerDraft
from agents.models.prices import Prices
from erp_adapters.caller import Caller
from erp_adapters.store.session import ReadTransaction
from tools.charts import ChartWish
from tools.languages import Language
from tools.registry import Tool
from tools.results import ToolResult

if TYPE_CHECKING:
    from agents.models.chat import Message
    from agents.models.egress import Screen

OFFERED = 3
"""Readings that are offered at most; a plan may hold more."""


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A tool by exact name with validated arguments."""

    name: str
    arguments: BaseModel


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to understand a question: the calls that answer it, in words, with a confidence from 0 to 1."""

    calls: tuple[ToolCall, ...]
    words: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Calls:
    """Answer with the first reading; the others are offered beside it."""

    reading: Reading
    others: tuple[Reading, ...] = ()
    look_first: bool = False
    """True where the model wants to see these results, as `Turn.steps`, before it plans the rest."""
    chart: ChartWish | None = None
    """A chart that the model proposes; the tables decide what of it there is."""


@dataclass(frozen=True, slots=True)
class Clarify:
    """Ask before answering: one question and up to three runnable readings."""

    question: str
    readings: tuple[Reading, ...]


@dataclass(frozen=True, slots=True)
class Abstain:
    """Do not answer: why, what would be needed, and the nearest readings where there are any."""

    reason: str
    readings: tuple[Reading, ...] = ()
    refused: bool = False
    """True where the question asks for something that is not allowed rather than not known."""


Plan: TypeAlias = Calls | Clarify | Abstain


@dataclass(frozen=True, slots=True)
class PastTurn:
    """An earlier turn of the conversation: the question and the calls that answered it."""

    question: str
    calls: tuple[ToolCall, ...]
    words: str
    named: tuple[str, ...] = ()
    """Names in the answer where it was a single row: what `it` and `they` speak of."""
    asked_back: bool = False
    """True where the answer was a question."""
    draft: AnswerDraft | None = None
    """What was drafted in that turn."""


@dataclass(frozen=True, slots=True)
class Step:
    """A call already made for this turn: its result, or the message of the tool that refused it."""

    call: ToolCall
    result: ToolResult | None
    error: str = ""


@dataclass(frozen=True, slots=True)
class Correction:
    """A clause that the grounding refused, and why; the model writes it once more."""

    clause: str
    reason: str


@dataclass(frozen=True)
class Sent:
    """A request to a model outside this program, as the audit keeps it.

    What is kept of its text is worked out once it is asked for: the request does not wait for that.
    """

    model: str
    prompt: str
    """Name of the prompt file."""
    version: str
    messages: tuple[Message, ...] = field(repr=False)
    described: str = field(repr=False)
    """The tool descriptions, as JSON."""
    masked: Mapping[str, int] = field(default_factory=dict)
    """How many values of each class went out as placeholders."""

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the messages and tool descriptions."""
        return hashlib.sha256(self._text).hexdigest()

    @cached_property
    def characters(self) -> int:
        """Of the messages and tool descriptions; all of them are ASCII as JSON."""
        return len(self._text)

    @cached_property
    def _text(self) -> bytes:
        held = json.dumps([message.held for message in self.messages])
        return f"[{held}, {self.described}]".encode()


@dataclass(slots=True)
class Meter:
    """Tokens spent on a turn so far; stays at zero for the embedded model."""

    limit: int = 60_000
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cached_tokens: int = 0
    """Of the prompt tokens, those that the endpoint had in its cache."""
    requests: int = 0
    """Requests to a model that were answered, in part or whole."""
    failures: int = 0
    """Requests to a model that it did not answer."""
    estimated: bool = False
    """True where an endpoint kept quiet about a request, so that its tokens are an estimate."""
    prices: Prices | None = None
    sent: list[Sent] = field(default_factory=list)
    """Requests to a model outside this program, answered or not."""
    screen: Screen | None = None
    """What a hosted model may be shown of this turn; None until somebody asks one."""
    kept: list[str] = field(default_factory=list)
    """Classes of data for whose sake a request was not made."""

    @property
    def left(self) -> int:
        """Tokens that may still be spent; not below zero."""
        return max(0, self.limit - self.prompt_tokens - self.completion_tokens)

    @property
    def cost(self) -> Decimal | None:
        """What was spent in the prices' currency; None where a price or a count of tokens is not known."""
        if self.prices is None or self.estimated:
            return None
        return self.prices.cost(self.prompt_tokens, self.cached_tokens, self.completion_tokens)

    def add(
        self, prompt_tokens: int, completion_tokens: int, cached_tokens: int = 0, *, estimated: bool = False
    ) -> None:
        """Count the tokens of one request to a model."""
        self.requests += 1
        self.prompt_tokens += max(0, prompt_tokens)
        self.completion_tokens += max(0, completion_tokens)
        self.cached_tokens += min(max(0, cached_tokens), max(0, prompt_tokens))
        self.estimated = self.estimated or estimated


@dataclass(frozen=True, slots=True)
class Turn:
    """A question with what was said before it, oldest first."""

    question: str
    past: tuple[PastTurn, ...] = ()
    """Answered turns, and turns that ended in a question back with the calls of the first reading offered."""
    preferred: str = ""
    """Words of the reading that this person chose before for this very wording, where they did."""
    steps: tuple[Step, ...] = ()
    """Calls already made for this turn; empty in the first round of planning."""
    corrections: tuple[Correction, ...] = ()
    """For `compose`: the clauses to be written once more, and only those; empty for a whole answer."""
    meter: Meter = field(default_factory=Meter, compare=False)
    language: Language = "en"
    """What the answer is written in."""


@runtime_checkable
class Foreseeing(Protocol):
    """A model that knows what each of its plans asks of the store first."""

    def foreseen(self, caller: Caller) -> tuple[LiteralString, ...]:
        """Statements without parameters, which may be asked along with others, before its plan is made."""
        ...


class ModelProtocol(Protocol):
    """A planner and writer. It sees only admitted tools and compact results; it never runs anything."""

    @property
    def name(self) -> str:
        """`embedded`, `openai:<model>`, ... with a version."""
        ...

    @property
    def writes_freely(self) -> bool:
        """True where a language model chooses the words, so that whatever it writes is verified word by word.

        False is for a model that writes from its own templates: only its numbers and references are verified.
        """
        return True

    async def plan(self, turn: Turn, caller: Caller, tools: Sequence[Tool[Any]], tx: ReadTransaction) -> Plan:
        """Tool calls that answer the turn, or a clarifying question, or an abstention with its reason.

        `tx` is a read transaction under the caller's scope, for linking names of materials, suppliers and the
        like.

        Raises:
            ModelError: the model failed or answered nonsense.
        """
        ...

    def compose(self, turn: Turn, results: Sequence[ToolResult]) -> AsyncIterator[str]:
        """Clauses of prose that refer to results by `{{r0.figures[0]}}` or `{{r0.tables[0].rows[0].name}}`.

        A clause that holds a digit, a number word or an unknown reference is refused by the grounding.
        """
        ...

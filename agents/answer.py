"""The answer of a turn, as every channel receives it and as its JSON is published."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from tools.charts import ChartSpec
from tools.languages import Language

AnswerStatus = Literal["answered", "clarify", "cannot_answer", "refused"]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class AnswerTable(_Frozen):
    """A result table; numbers are decimal strings, dates ISO 8601, missing values null."""

    title: str = ""
    columns: tuple[str, ...]
    """Headings a person reads."""
    names: tuple[str, ...] = ()
    """Stable machine names of the columns."""
    kinds: tuple[str, ...] = ()
    units: tuple[str, ...]
    """Unit or currency of each column, empty where there is none."""
    rows: tuple[tuple[str | bool | None, ...], ...]
    truncated: bool = False
    total_rows: int | None = None
    restates: bool = False
    """True where it holds the figures of the table before it in another form; a screen shows only it."""


def on_screen(tables: tuple[AnswerTable, ...]) -> tuple[AnswerTable, ...]:
    """The tables that a person is shown: of two with the same figures the second."""
    restated = {at - 1 for at, table in enumerate(tables) if table.restates}
    return tuple(table for at, table in enumerate(tables) if at not in restated)


class AnswerFigure(_Frozen):
    """One number of the answer."""

    label: str
    value: str
    """Decimal string; a percentage as displayed (`0.2363` means 0.2363 %)."""
    unit: str
    evidence: str
    """Id of an entry of `Answer.evidence`."""


class AnswerSource(_Frozen):
    """Source rows that an answer rests on."""

    system: str
    record: str
    rows: int | None = None
    sample_keys: tuple[str, ...] = ()


class AnswerEvidence(_Frozen):
    """Where figures come from and how old they are."""

    id: str
    tool: str
    version: str
    arguments: str
    sources: tuple[AnswerSource, ...]
    data_as_of: str | None
    loaded_at: str | None
    query: str
    flags: tuple[str, ...]


class AnswerBasis(_Frozen):
    """What one site's figures rest on."""

    site: str
    basis: str


class AnswerNotComparable(_Frozen):
    """A metric whose figures at several sites cannot be set against each other, and why."""

    metric: str
    rule: str
    """Which rule of comparability they break: `cost_year`, `planned_time`, `movements_from`,
    `fiscal_periods` or `inspected_share`."""
    reason: str
    sites: tuple[AnswerBasis, ...]


class Alternative(_Frozen):
    """Another way to read the question, runnable by its key."""

    key: str
    """`1`, `2` or `3`: what a person presses or clicks."""
    reading: str
    tables: tuple[AnswerTable, ...] | None = None
    """Filled only where the caller asked for the alternatives' results."""
    figures: tuple[AnswerFigure, ...] | None = None


class AnswerDraftRow(_Frozen):
    """One line of a draft's card."""

    label: str
    value: str


class AnswerDraft(_Frozen):
    """A draft that waits for a person: nothing of it has been written to an ERP."""

    id: str
    series: str
    """The same for every version of it."""
    version: int
    kind: str
    site: str
    digest: str
    """What a confirmation has to name: the hash of exactly what the card shows."""
    state: str
    title: str
    rows: tuple[AnswerDraftRow, ...]
    warnings: tuple[str, ...] = ()
    signatures: int
    """How many persons have to confirm."""
    may_confirm: tuple[str, ...]
    """Roles at the site whose holders may."""
    requester_may: bool = False
    """True where the person who asked may confirm too."""
    expires_at: str
    is_new: bool = True
    """False where a draft for the same need was waiting, which this is."""


class ToolCallRecord(_Frozen):
    """A tool call that was made for the answer."""

    name: str
    arguments: str


class ModelUsage(_Frozen):
    """What a hosted model was asked for an answer."""

    requests: int
    prompt_tokens: int
    cached_tokens: int
    """Of the prompt tokens, those that the endpoint says it had in its cache."""
    completion_tokens: int
    estimated: bool = False
    """True where the endpoint did not say for every request; there is no cost then."""
    cost: str | None = None
    """Decimal string; None unless prices are set and every count is the endpoint's own."""
    currency: str | None = None


class Timings(_Frozen):
    """Milliseconds by stage."""

    plan_ms: float = 0.0
    tools_ms: float = 0.0
    compose_ms: float = 0.0
    total_ms: float = 0.0


class Answer(_Frozen):
    """What a turn came to: figures with their evidence, the reading, or why there is none."""

    id: str
    status: AnswerStatus
    question: str
    reading: str
    """How the question was read, in words."""
    answer: str
    """Plain text; every number in it was put there by the renderer from a tool result."""
    alternatives: tuple[Alternative, ...] = ()
    tables: tuple[AnswerTable, ...] = ()
    figures: tuple[AnswerFigure, ...] = ()
    caveats: tuple[str, ...] = ()
    not_comparable: tuple[AnswerNotComparable, ...] = ()
    """Why figures of several sites are not comparable, and so not ranked; empty where they are."""
    charts: tuple[ChartSpec, ...] = ()
    """What of the tables can be drawn, and how; the values stay in the tables."""
    evidence: tuple[AnswerEvidence, ...] = ()
    suggestions: tuple[str, ...] = ()
    """Runnable questions that may help next."""
    tool_calls: tuple[ToolCallRecord, ...] = ()
    model: str
    """`embedded`, `openai:<model>` or another model's name, with its version."""
    language: Language = "en"
    """What it is written in; numbers and dates in tables and figures are the same in every language."""
    usage: ModelUsage | None = None
    """None where no hosted model was asked."""
    draft: AnswerDraft | None = None
    """What was drafted and now waits for confirmation; None of every answer to a question."""
    hypothetical: tuple[str, ...] = ()
    """What was supposed, where figures are of a world that is not; empty of every other answer."""
    conversation: str = ""
    timings: Timings = Field(default_factory=Timings)

    @model_validator(mode="before")
    @classmethod
    def _without_the_old_chart(cls, given: Any) -> Any:
        """Answers that were kept before charts were specifications had one in another form."""
        if isinstance(given, dict) and "chart" in given:
            return {name: value for name, value in given.items() if name != "chart"}
        return given

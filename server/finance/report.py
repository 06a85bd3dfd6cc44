"""An explanation as finance gets it: words, figures, bridge, causes, ledger, evidence, and a digest."""

from __future__ import annotations

import hashlib
from typing import Literal, TypeAlias

import rfc8785
from pydantic import BaseModel, ConfigDict

from agents.answer import AnswerEvidence, AnswerFigure, AnswerTable
from agents.references import Resolver
from agents.rendering import answer_evidence, answer_figure, answer_table, in_prose
from tools.results import ToolResult
from tools.variance.tool import ExplainVariance

Row: TypeAlias = dict[str, str | bool | None]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Report(_Frozen):
    """What was told; numbers are decimal strings."""

    arguments: ExplainVariance
    language: str
    reading: str
    """What was explained, in words."""
    narrative: str
    figures: tuple[AnswerFigure, ...]
    bridge: AnswerTable
    """Steps that add up to the first figure, with its sign."""
    causes: AnswerTable
    accounts: AnswerTable
    caveats: tuple[str, ...]
    evidence: tuple[AnswerEvidence, ...]

    @property
    def currency(self) -> str:
        """That of all its amounts."""
        return self.bridge.units[self.bridge.names.index("amount")]

    @property
    def digest(self) -> str:
        """What it says, without when and by which rows it was computed: equal content, equal digest."""
        content = self.model_dump(
            mode="json", exclude={"evidence": True, "figures": {"__all__": {"evidence"}}}
        )
        return f"sha256:{hashlib.sha256(rfc8785.dumps(content)).hexdigest()}"


class Shown(_Frozen):
    """An explanation over HTTP."""

    id: str
    state: Literal["current", "stale"]
    """`stale` where the data of today tells it otherwise."""
    asked_at: str
    digest: str
    reading: str
    narrative: str
    currency: str
    figures: tuple[AnswerFigure, ...]
    bridge: tuple[Row, ...]
    causes: tuple[Row, ...]
    accounts: tuple[Row, ...]
    caveats: tuple[str, ...]
    evidence: tuple[AnswerEvidence, ...]
    delta: str | None = None
    """Of the total, where it is stale: that of today less that of then."""
    files: dict[Literal["csv", "xlsx", "pdf"], str]
    """Where it is as a file."""


def report_of(arguments: ExplainVariance, result: ToolResult, language: str) -> Report:
    """The tool's result in words and tables of the language spoken."""
    bridge, causes, accounts = (answer_table(table) for table in result.tables)
    pieces = Resolver("", [result]).pieces(result.sentence, 0)
    return Report(
        arguments=arguments,
        language=language,
        reading=in_prose(result.reading),
        narrative="".join(piece.text for piece in pieces),
        figures=tuple(answer_figure(figure) for figure in result.figures),
        bridge=bridge,
        causes=causes,
        accounts=accounts,
        caveats=tuple(in_prose(caveat) for caveat in result.caveats),
        evidence=tuple(answer_evidence(each) for each in result.evidence),
    )


def rows_of(table: AnswerTable) -> tuple[Row, ...]:
    """Rows by the names of their columns."""
    return tuple(dict(zip(table.names, row, strict=True)) for row in table.rows)

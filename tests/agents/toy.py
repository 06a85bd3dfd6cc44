"""A small plant to ask about without a database: tools with prepared results, and an empty store."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Literal, cast

from pydantic import BaseModel, ConfigDict, Field

from agents.conversations import Opened, StoredAnswer, StoredReading, id_of, normalised
from agents.models.linking import Linked
from agents.models.protocol import ToolCall, Turn
from erp_adapters.caller import Caller
from erp_adapters.errors import RecordNotFound, StoreUnavailable, ToolError
from erp_adapters.store.session import ReadTransaction
from tools.registry import ToolContext, ToolRegistry, tool
from tools.results import Column, Evidence, Figure, SourceShare, Table, ToolResult

PLANNER = Caller("planner", "Paula Planner", frozenset({"planner"}), frozenset({"AW"}), frozenset({"3"}))
BUYER = Caller("buyer", "Ben Buyer", frozenset({"buyer"}), frozenset({"AW"}), frozenset({"3"}))

LOADED = datetime(2026, 11, 2, 6, 0, tzinfo=UTC)

REASONS = (
    ("Paint process failed", Decimal("3126.000000"), Decimal("0.236300"), date(2014, 6, 2)),
    ("Trim length too long", Decimal("1789.000000"), Decimal("0.135200"), date(2014, 5, 28)),
    ("Seat assembly not as ordered", Decimal("1042.500000"), Decimal("0.078800"), date(2014, 5, 30)),
)


class _Arguments(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ScrapArguments(_Arguments):
    """Which scrap to list."""

    top: int = Field(default=5, ge=1, le=100)
    by: Literal["reason", "month"] = "reason"


class StockArguments(_Arguments):
    """Whose stock to look up."""

    material: str = Field(min_length=1, max_length=80)


class NoArguments(_Arguments):
    """Nothing to choose."""


def evidence(name: str, arguments: BaseModel, rows: int) -> Evidence:
    return Evidence(
        id="e0",
        tool=name,
        version="1.0.0",
        arguments=arguments.model_dump_json(),
        sources=(SourceShare("AdventureWorks", "workorder", rows, ("42", "43")),),
        data_as_of=datetime(2014, 6, 2, tzinfo=UTC),
        loaded_at=LOADED,
        query="select 1",
    )


@tool(name="scrap", examples=("What was scrapped, by reason?",))
async def scrap(arguments: ScrapArguments, context: ToolContext) -> ToolResult:
    """Scrapped quantity in pieces by reason, with each reason's share and the day it was last seen."""
    return ToolResult(
        tool="scrap",
        reading=f"Scrapped quantity, by scrap {arguments.by}, top {arguments.top}, all dates",
        tables=(
            Table(
                columns=(
                    Column("name", "Scrap reason", "text"),
                    Column("scrapped", "Scrapped quantity", "quantity", "pcs", "down"),
                    Column("rate", "Scrap rate", "percent", "%", "down"),
                    Column("last_seen", "Last seen", "date"),
                ),
                rows=REASONS[: arguments.top],
            ),
        ),
        figures=(Figure("Scrapped quantity, all reasons", Decimal("5957.5"), "pcs", "quantity", "e0"),),
        evidence=(evidence("scrap", arguments, 729),),
        sentence="{{figures[0]}} were scrapped; the top reason is {{tables[0].rows[0].name}}"
        " with {{tables[0].rows[0].scrapped}}.",
        suggestions=("What was scrapped, by month?",),
    )


@tool(name="stock", examples=("What is in stock of BK-1?",))
async def stock(arguments: StockArguments, context: ToolContext) -> ToolResult:
    """Stock of one material in pieces."""
    if arguments.material.casefold() == "nothing":
        table = Table((Column("site", "Site", "text"), Column("stock", "Stock", "quantity", "pcs")), ())
        return ToolResult("stock", "Stock of nothing", (table,), (), (evidence("stock", arguments, 0),))
    if arguments.material != "BK-M93B-44":
        raise ToolError(f"there is no material {arguments.material!r}; did you mean 'BK-M93B-44'?")
    return ToolResult(
        tool="stock",
        reading=f"Stock of {arguments.material}, all sites",
        tables=(
            Table(
                (
                    Column("material", "Material", "id"),
                    Column("stock", "Stock", "quantity", "pcs"),
                    Column("value", "Stock value", "money", "USD"),
                ),
                (("BK-M93B-44", Decimal("17"), Decimal("-2310.5")),),
            ),
        ),
        figures=(
            Figure("Stock", Decimal("17"), "pcs", "quantity", "e0"),
            Figure("Stock value", Decimal("-2310.5"), "USD", "money", "e0"),
        ),
        evidence=(evidence("stock", arguments, 3),),
    )


@tool(name="named", examples=())
async def named(arguments: StockArguments, context: ToolContext) -> ToolResult:
    """One row whose name stands in every part of the result that has words."""
    name = arguments.material
    return ToolResult(
        tool="named",
        reading=f"Stock of {name}",
        tables=(Table((Column("name", f"Like {name}", "text"),), ((name,),), title=f"All {name}"),),
        figures=(Figure(f"Stock of {name}", Decimal("1"), "pcs", "quantity", "e0"),),
        evidence=(evidence("named", arguments, 1),),
        sentence=f"Of {name} something is there.",
        caveats=(f"{name} was taken for it.",),
        suggestions=(f"Where is {name}?", "Stock of all materials"),
    )


@tool(name="costs", examples=("What does it cost?",), roles=("controller",))
async def costs(arguments: NoArguments, context: ToolContext) -> ToolResult:
    """Costs that only controllers may see."""
    raise AssertionError("a planner must never get here")


@tool(name="broken", examples=())
async def broken(arguments: NoArguments, context: ToolContext) -> ToolResult:
    """Fails with an error that nobody planned for."""
    raise ZeroDivisionError("a bug")


@tool(name="gone", examples=())
async def gone(arguments: NoArguments, context: ToolContext) -> ToolResult:
    """Finds the database gone."""
    raise StoreUnavailable(
        "the connection to the database was lost; the question can be asked again once it is back"
    )


@tool(name="slow", examples=())
async def slow(arguments: NoArguments, context: ToolContext) -> ToolResult:
    """Takes longer than anybody waits."""
    await asyncio.sleep(30)
    raise AssertionError("the turn should have ended")


def registry() -> ToolRegistry:
    return ToolRegistry([scrap, stock, named, costs, broken, gone, slow])


class NoStore:
    """Read transactions in which there is nothing to read; counts how many are open at a time."""

    def __init__(self) -> None:
        self.open = self.most = self.opened = 0
        self.callers: list[Caller] = []

    @asynccontextmanager
    async def reading(self, caller: Caller) -> AsyncIterator[ReadTransaction]:
        self.callers.append(caller)
        self.opened += 1
        self.open += 1
        self.most = max(self.most, self.open)
        try:
            await asyncio.sleep(0)
            yield ReadTransaction(caller, cast(Any, None))
        finally:
            self.open -= 1


class Unlinked:
    """Takes every value of a plan as it is: here are no data to link it with."""

    async def linked(
        self, calls: Sequence[ToolCall], turn: Turn, tx: ReadTransaction
    ) -> Sequence[Linked | str]:
        return [Linked(call) for call in calls]


class KeptInMemory:
    """Conversations without a database."""

    def __init__(self) -> None:
        self.owners: dict[str, str] = {}
        self.answers: dict[str, StoredAnswer] = {}
        self.preferred: dict[tuple[str, str], str] = {}
        self.down = False

    async def open(
        self, caller: Caller, conversation: str, question: str, past: int, along: Sequence[str] = ()
    ) -> Opened:
        key = str(id_of(conversation, "a conversation"))
        if self.owners.setdefault(key, caller.subject) != caller.subject:
            raise RecordNotFound(f"you have no conversation {conversation!r}")
        turns = [kept for kept in self.answers.values() if kept.answer.conversation == key]
        return Opened(tuple(turns[-past:]), self.preferred.get((caller.subject, normalised(question)), ""))

    async def save(self, caller: Caller, kept: StoredAnswer) -> None:
        if self.down:
            raise StoreUnavailable("the database does not answer")
        self.answers[kept.answer.id] = kept

    async def answer(self, caller: Caller, answer_id: str) -> StoredAnswer:
        kept = self.answers.get(answer_id)
        if kept is None or self.owners[kept.answer.conversation] != caller.subject:
            raise RecordNotFound(f"you have no answer {answer_id!r}")
        return kept

    async def prefer(self, caller: Caller, kept: StoredAnswer, reading: StoredReading) -> None:
        self.preferred[caller.subject, normalised(kept.answer.question)] = reading.words

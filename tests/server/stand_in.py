"""A house without a database: a copilot with prepared answers, and a directory of two people."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar
from uuid import UUID

from agents.answer import (
    Alternative,
    Answer,
    AnswerEvidence,
    AnswerFigure,
    AnswerSource,
    AnswerTable,
    Timings,
    ToolCallRecord,
)
from agents.events import Clause, Done, Event, Progress, Started
from agents.page import Page
from erp_adapters.caller import Caller
from erp_adapters.errors import CopilotError, RecordNotFound
from erp_adapters.series.standing import CollectorStanding, SeriesSource
from erp_adapters.store.freshness import Freshness, Trouble
from erp_adapters.store.outages import Outage
from erp_adapters.store.rule_trials import Effect
from erp_adapters.store.rulebook import RulesVersion
from erp_adapters.store.site_rules import SiteRules
from erp_adapters.store.sites import Site
from server.entrance import Entrance
from server.errors import Problem
from server.house import House, Talk
from server.runs.book import Begun, Entered, Entry, Found, Refused, State
from server.sessions import PANEL_PREFIX, Held, Made
from server.settings import Settings
from tests.server.charted import KINDS, charted, offered
from tools.charts import charts_of
from tools.registry import Tool

ANSWER_ID = "0192d0f0-0000-7000-8000-000000000001"
CONVERSATION = "0192d0f0-0000-7000-8000-0000000000aa"

EVIDENCE = AnswerEvidence(
    id="e1",
    tool="metric_query",
    version="catalogue 3f9a1c, scrapped_quantity 1.2.0",
    arguments='{"metrics":[{"metric":"scrapped_quantity"},{"metric":"work_orders"}],"group_by":["scrap_reason"],"limit":5}',
    sources=(
        AnswerSource(system="AdventureWorks", record="workorder", rows=729, sample_keys=("13", "88", "140")),
        AnswerSource(system="AdventureWorks", record="scrapreason", rows=16),
    ),
    data_as_of="2025-05-31T00:00:00+00:00",
    loaded_at=(datetime.now(UTC) - timedelta(hours=3)).isoformat(),
    query=(
        "select r.name, sum(o.scrapped) as scrapped_quantity, count(*) as work_orders\n"
        "from erp.production_order o join erp.scrap_reason r using (site, scrap_reason_id)\n"
        "where o.scrapped > 0\ngroup by r.name\norder by 2 desc, 1\nlimit 5"
    ),
    flags=("7,056 work orders have no dates in this copy.",),
)


def ranking(question: str = "Top five scrap reasons by scrapped quantity") -> Answer:
    """A ranking with a chart, a caveat, another reading and suggestions."""
    rows = (
        ("Paint process failed", "1271", "37"),
        ("Trim length too long", "981", "52"),
        ("Thermoform temperature too low", "876", "63"),
        ("Drill size too small", "826", "44"),
        ("Wheel misaligned", "804", "51"),
    )
    return _with_charts(
        Answer(
            id=ANSWER_ID,
            status="answered",
            question=question,
            reading="Scrapped quantity and number of work orders, by scrap reason, top 5, all dates",
            answer="Paint process failed leads with 1,271 pcs on 37 work orders; the five come to 4,758 pcs.",
            alternatives=(
                Alternative(key="1", reading="Scrap reasons by number of work orders with scrap, top 5"),
                Alternative(key="2", reading="Scrap reasons by scrap cost at current standard cost, top 5"),
            ),
            tables=(
                AnswerTable(
                    columns=("Scrap reason", "Scrapped", "Work orders"),
                    names=("scrap_reason", "scrapped_quantity", "work_orders"),
                    kinds=("text", "quantity", "count"),
                    units=("", "pcs", ""),
                    rows=rows,
                    truncated=True,
                    total_rows=16,
                ),
            ),
            figures=(
                AnswerFigure(label="Scrapped", value="1271", unit="pcs", evidence="e1"),
                AnswerFigure(label="Work orders", value="37", unit="", evidence="e1"),
                AnswerFigure(label="Scrapped, five reasons", value="4758", unit="pcs", evidence="e1"),
            ),
            caveats=("Work orders without a scrap reason are left out.",),
            evidence=(EVIDENCE,),
            suggestions=("and by month?", "only for finished goods"),
            tool_calls=(ToolCallRecord(name="metric_query", arguments=EVIDENCE.arguments),),
            model="embedded 1.0.0",
            conversation=CONVERSATION,
            timings=Timings(plan_ms=31, tools_ms=40, compose_ms=3, total_ms=74),
        )
    )


def _with_charts(answer: Answer) -> Answer:
    """The answer with what is drawn of its first table unasked."""
    return answer.model_copy(update={"charts": charts_of([offered(answer.tables[0])])})


def figures(question: str) -> Answer:
    """Two figures without a table of more than one row."""
    return ranking(question).model_copy(
        update={
            "reading": "Scrapped quantity; scrapped quantity as a share of ordered quantity; all dates",
            "answer": "10,651 pcs were scrapped, which is 0.2363 % of the quantity ordered.",
            "alternatives": (),
            "tables": (
                AnswerTable(
                    columns=("Scrapped", "Scrap rate"),
                    names=("scrapped_quantity", "scrap_rate"),
                    kinds=("quantity", "percent"),
                    units=("pcs", "%"),
                    rows=(("10651", "0.2363"),),
                ),
            ),
            "figures": (
                AnswerFigure(label="Scrapped", value="10651", unit="pcs", evidence="e1"),
                AnswerFigure(label="Scrap rate", value="0.2363", unit="%", evidence="e1"),
            ),
            "caveats": (),
            "charts": (),
        }
    )


def months(question: str) -> Answer:
    """A line over months with two series of money."""
    rows = tuple(
        (f"2024-{m:02d}-01", f"{180000 + 9137.25 * ((m * 7) % 11)}", f"{200000 + 4001.5 * ((m * 5) % 9)}")
        for m in range(1, 13)
    )
    return _with_charts(
        ranking(question).model_copy(
            update={
                "reading": "Ledger amount, actual and plan, by month, 2024",
                "answer": "",
                "alternatives": (),
                "tables": (
                    AnswerTable(
                        columns=("Month", "Actual", "Plan"),
                        names=("month", "actual", "plan"),
                        kinds=("date", "money", "money"),
                        units=("", "USD", "USD"),
                        rows=rows,
                    ),
                ),
                "figures": (),
                "caveats": (),
            }
        )
    )


def unclear(question: str) -> Answer:
    """A question back with three readings."""
    return ranking(question).model_copy(
        update={
            "status": "clarify",
            "answer": "“Performance” could be delivery, quality or price.",
            "reading": "",
            "tables": (),
            "figures": (),
            "caveats": (),
            "charts": (),
            "evidence": (),
            "tool_calls": (),
            "suggestions": (),
            "alternatives": (
                Alternative(key="1", reading="Share of purchase order lines received on time, by supplier"),
                Alternative(
                    key="2", reading="Rejected quantity as a share of received quantity, by supplier"
                ),
                Alternative(key="3", reading="Purchase price variance, by supplier"),
            ),
        }
    )


def unanswerable(question: str) -> Answer:
    """An abstention that names the word it could not place."""
    return unclear(question).model_copy(
        update={
            "status": "cannot_answer",
            "answer": "I cannot place “satisfied”. The data has orders and receipts, and no surveys.",
            "alternatives": (),
            "suggestions": ("Which suppliers did we spend the most with?",),
        }
    )


def hostile(question: str) -> Answer:
    """Text from data that tries to be markup, a formula and a terminal escape."""
    return ranking(question).model_copy(
        update={
            "answer": "<img src=x onerror=alert(1)> leads.",
            "tables": (
                AnswerTable(
                    columns=("Supplier", "Spend"),
                    names=("supplier", "spend"),
                    kinds=("text", "money"),
                    units=("", "USD"),
                    rows=(
                        ('=HYPERLINK("http://evil")', "-12.50"),
                        ("<script>alert(1)</script>", "3.00"),
                        ("\x1b[31mred\u202e", "1"),
                    ),
                ),
            ),
            "charts": (),
            "figures": (),
        }
    )


PREPARED = {
    "scrapped in total": figures,
    "by month": months,
    "performance": unclear,
    "satisfied": unanswerable,
    "hostile": hostile,
}


class StandInCopilot:
    """Answers from the prepared ones by a word of the question; raises what it was told to raise."""

    def __init__(self, error: BaseException | None = None, pause: float = 0.0) -> None:
        self.error = error
        self.pause = pause
        self.asked: list[tuple[str, str, str | None, bool]] = []
        self.bent: dict[str, object] = {}
        """Changes to every chart, as an answer from elsewhere may have them."""
        self.chosen: list[tuple[str, str, str]] = []
        self.pages: list[Page | None] = []

    async def ask(
        self, caller: Caller, question: str, *, conversation: str | None = None, alternatives: bool = False
    ) -> Answer:
        self.asked.append((caller.subject, question, conversation, alternatives))
        if self.error is not None:
            raise self.error
        words = next((words for words in KINDS if words in question), None)
        if words is not None:
            answer = charted(ranking(question), words)
            bent = tuple(spec.model_copy(update=self.bent) for spec in answer.charts)
            return answer.model_copy(update={"charts": bent, "conversation": conversation or CONVERSATION})
        made = next((make for word, make in PREPARED.items() if word in question), ranking)
        return made(question).model_copy(update={"conversation": conversation or CONVERSATION})

    async def stream(
        self,
        caller: Caller,
        question: str,
        *,
        conversation: str | None = None,
        alternatives: bool = False,
        answer: str | None = None,
        page: Page | None = None,
    ) -> AsyncIterator[Event]:
        self.pages.append(page)
        identity = answer or ANSWER_ID
        yield Started(conversation or CONVERSATION, identity)
        yield Progress("plan", "Reading the question")
        await asyncio.sleep(self.pause)
        whole = await self.ask(caller, question, conversation=conversation, alternatives=alternatives)
        yield Progress("tools", "Running metric_query")
        yield Clause(whole.answer)
        yield Done(whole.model_copy(update={"id": identity}), is_kept=False)

    async def tell(
        self,
        caller: Caller,
        question: str,
        hear: Callable[[Event], None],
        *,
        conversation: str | None = None,
        alternatives: bool = False,
    ) -> None:
        async for event in self.stream(
            caller, question, conversation=conversation, alternatives=alternatives
        ):
            hear(event)

    async def choose(self, caller: Caller, conversation: str, answer_id: str, key: str) -> Answer:
        self.chosen.append((conversation, answer_id, key))
        if key not in ("1", "2", "3"):
            raise RecordNotFound(f"{key!r} is no reading of that answer")
        return figures("Top five scrap reasons by scrapped quantity")

    async def replay(self, caller: Caller, answer_id: str) -> Answer:
        if answer_id != ANSWER_ID:
            raise RecordNotFound(f"you have no answer {answer_id!r}")
        return ranking()

    def tools(self, caller: Caller) -> tuple[Tool[Any], ...]:
        return ()

    async def call(self, caller: Caller, name: str, arguments: Mapping[str, Any], question: str) -> Answer:
        return await self.ask(caller, question)


def person(subject: str, name: str) -> Caller:
    return Caller(subject, name, frozenset({subject}), frozenset({"AW"}), frozenset({"3"}))


class StandInDirectory:
    """Two people, one source."""

    def __init__(self, error: CopilotError | None = None) -> None:
        self.error = error

    async def caller(self, subject: str) -> Caller:
        for one in await self.people():
            if one.subject == subject:
                return one
        raise RecordNotFound(f"nobody is known as {subject!r}; there are buyer, planner")

    async def people(self) -> Sequence[Caller]:
        return [person("planner", "Planner"), person("buyer", "Buyer")]

    async def sites(self, caller: Caller) -> Sequence[Site]:
        return ()

    async def rules(self, caller: Caller, site: str) -> Sequence[RulesVersion]:
        return ()

    async def effects(self, caller: Caller, before: SiteRules | None, after: SiteRules) -> Sequence[Effect]:
        return ()

    async def sources(self, caller: Caller) -> Sequence[Freshness]:
        loaded = datetime.now(UTC) - timedelta(hours=3)
        as_of = datetime(2025, 5, 31, tzinfo=UTC)
        return [
            Freshness("AdventureWorks", "AW", "AdventureWorks", UUID(int=1), loaded, as_of, 312_405, None)
        ]

    async def machines(self, caller: Caller) -> Sequence[SeriesSource]:
        return ()

    async def collectors(self, caller: Caller) -> Sequence[CollectorStanding]:
        return ()

    async def outages(self, caller: Caller) -> Sequence[Outage]:
        return ()

    async def troubles(self, caller: Caller) -> Sequence[Trouble]:
        return ()

    async def answer(self, caller: Caller, answer_id: str) -> Answer:
        if answer_id != ANSWER_ID:
            raise RecordNotFound(f"you have no answer {answer_id!r}")
        return ranking()

    def tools(self, caller: Caller) -> tuple[Tool[Any], ...]:
        return ()

    async def call(self, caller: Caller, name: str, arguments: Mapping[str, Any], question: str) -> Answer:
        return await self.ask(caller, question)

    async def conversation(self, caller: Caller, conversation: str) -> Sequence[Answer]:
        return [ranking(), months("and by month?")]

    async def conversations(
        self, caller: Caller, limit: int, after: tuple[datetime, UUID] | None
    ) -> Sequence[Talk]:
        at = datetime(2026, 5, 4, tzinfo=UTC)
        talks = [Talk(UUID(int=i), f"Question {i}", at - timedelta(hours=i), i) for i in range(1, 6)]
        return [talk for talk in talks if after is None or talk.last_asked_at < after[0]][:limit]

    async def ready(self) -> None:
        if self.error is not None:
            raise self.error


class StandInSessions:
    """Sessions of this process, of whatever house: a service that is started again still knows them."""

    kept: ClassVar[dict[str, tuple[str, str, str]]] = {}

    def __init__(self, directory: StandInDirectory) -> None:
        self.directory = directory

    def _made(self, subject: str, origin: str = "", parent: str = "") -> Made:
        secret = (PANEL_PREFIX if origin else "") + secrets.token_urlsafe(32)
        self.kept[secret] = (subject, origin, parent)
        return Made(secret, datetime.now(UTC) + timedelta(hours=1))

    async def begin(self, subject: str, *, before: str = "") -> Made:
        await self.end(before)
        return self._made(subject)

    async def hand_over(self, session: str, origin: str) -> Made | None:
        found = self.kept.get(session)
        return self._made(found[0], origin, session) if found else None

    async def held(self, secret: str) -> Held | None:
        if secret not in self.kept:
            return None
        subject, origin, _ = self.kept[secret]
        until = datetime.now(UTC) + timedelta(hours=1)
        try:
            return Held(subject, until, await self.directory.caller(subject), origin)
        except RecordNotFound:
            return Held(subject, until, None, origin)

    async def end(self, secret: str, *, everywhere: bool = False) -> None:
        who = self.kept.get(secret, ("",))[0]
        for each, (subject, _, parent) in list(self.kept.items()):
            if secret in (each, parent) or (everywhere and subject == who):
                del self.kept[each]


class StandInRuns:
    """A book of runs in memory, which several replicas may share."""

    def __init__(self) -> None:
        self.found: dict[tuple[str, str], Found] = {}
        self.to_stop: set[str] = set()

    async def enter(self, caller: Caller, entry: Entry, most: int) -> Begun:
        known = self.found.get((caller.subject, entry.id))
        if known is not None:
            return known
        living = [one for (who, _), one in self.found.items() if who == caller.subject and one.lives]
        if any(one.conversation == entry.conversation for one in living):
            return Refused("conversation")
        if len(living) >= most:
            return Refused("person")
        self.found[caller.subject, entry.id] = Found(
            entry.id, entry.conversation, entry.answer, entry.request, "running", True
        )
        return Entered()

    async def find(self, caller: Caller, run: str) -> Found | None:
        return self.found.get((caller.subject, run))

    async def lives(self, caller: Caller, run: str) -> bool:
        return run in self.to_stop

    async def stop(self, caller: Caller, run: str) -> None:
        self.to_stop.add(run)

    async def end(self, caller: Caller, run: str, state: State, outcome: Answer | Problem | None) -> None:
        key = caller.subject, run
        answer = outcome if isinstance(outcome, Answer) else None
        problem = outcome if isinstance(outcome, Problem) else None
        self.found[key] = replace(self.found[key], state=state, lives=False, answer=answer, problem=problem)


def house(
    copilot: StandInCopilot | None = None,
    directory: StandInDirectory | None = None,
    *,
    is_demo: bool = True,
    settings: Settings | None = None,
) -> House:
    """A house of stand-ins."""
    settings = settings or Settings()
    directory = directory or StandInDirectory()
    return House(
        settings,
        directory,
        copilot or StandInCopilot(),
        "embedded 1.0.0",
        is_demo,
        entrance=Entrance(settings, StandInSessions(directory), is_demo),
        runs=StandInRuns(),
    )

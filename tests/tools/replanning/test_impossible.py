"""What makes replanning or supposing impossible is named with what would help, and nothing is changed."""

from __future__ import annotations

from datetime import date

import psycopg
import pytest

from agents.conversations import PostgresConversations
from agents.copilot import Copilot
from agents.models.embedded.model import EmbeddedModel
from erp_adapters.caller import Caller
from erp_adapters.store import OWNER_ROLE, Store
from tests.conftest import Database
from tests.tools.asking import Asking
from tools.all_tools import registry
from tools.errors import ToolError
from tools.replanning.tool import replan

_AT_KASSEL = Caller(
    "planner.kassel", "Planner", frozenset({"planner"}), frozenset({"KAS"}), frozenset({"1000"})
)


async def asked(store: Store, *questions: str) -> list[str]:
    """What is answered, none of it with a plan."""
    copilot = Copilot(store, registry(), EmbeddedModel(), conversations=PostgresConversations(store))
    answers = [await copilot.ask(_AT_KASSEL, question) for question in questions]
    assert {answer.status for answer in answers} <= {"cannot_answer", "clarify"}, answers
    return [answer.answer for answer in answers]


async def test_sentences_that_cannot_be_say_what_would_help(demo_store: Store) -> None:
    """A day in the past, a material without a routing."""
    past, bought, held = await asked(
        demo_store,
        "Rush order: 20 Ball valve BV 25 for Kassel by 2026-03-02",
        "Rush order: 20 Ball bearing 6204 for Kassel by 9 April",
        "Ball bearing 6204 is on hold until 2026-03-02 in Kassel",
    )
    assert "is over: name a day from today on" in past
    assert "has no routing: enter one" in bought
    assert "is over: name a day from today on" in held


async def test_what_is_frozen_is_not_moved(demo_store: Store) -> None:
    """The order is named, and until when what is planned stays."""
    with pytest.raises(ToolError, match=r"starts within the frozen hours.*with fewer of them.*plan stays"):
        await Asking(demo_store, _AT_KASSEL)(
            replan, kind="move", about="1102494", until=date(2026, 4, 2), frozen_hours=200, seconds=1
        )


async def test_a_bill_that_runs_in_a_circle_and_a_calendar_without_days_are_named(
    demo_copy: Database,
) -> None:
    """From the sentence, with the lines to end and the days to enter."""
    with psycopg.connect(demo_copy.dsn(OWNER_ROLE)) as connection:
        connection.execute(
            "insert into erp.bom_item (site, source_system, source_key, load_id, item_id, parent_id,"
            " component_id, quantity_per, unit) select b.site, b.source_system, 'circle', b.load_id,"
            " 'circle', b.component_id, b.parent_id, 1, b.unit from erp.bom_item b where b.site = 'KAS'"
            " and b.parent_id is not null order by b.item_id limit 1"
        )
        connection.execute(
            "insert into erp.work_calendar (site, source_system, source_key, load_id, calendar_id, day,"
            " is_working) select c.site, c.source_system, 'closed' || d, c.load_id, c.calendar_id,"
            " d::date, false from (select * from erp.work_calendar where site = 'KAS' limit 1) c,"
            " generate_series('2026-03-20'::date, '2027-06-30', '1 day') d"
            " on conflict (site, calendar_id, day) do update set is_working = false"
        )
    async with await Store.open(demo_copy.dsn()) as store:
        circle, closed = await asked(
            store, "What if demand in Kassel rises 10 %?", "Press 2 in Kassel is down until Thursday"
        )
    assert "runs in a circle" in circle
    assert "end one of these lines" in circle
    assert "has no working day ahead: enter working days" in closed

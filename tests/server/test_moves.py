"""Moves of work orders from a sentence to the ERP: exactly those that were confirmed, and the way back."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import psycopg
import pytest

from agents.answer import Answer
from agents.copilot import Copilot
from agents.models.embedded.model import EmbeddedModel
from erp_adapters.demo.erp import Fault, inject
from erp_adapters.store import DEMO_ERP_ROLE, OWNER_ROLE
from policies.drafts.replanning import ReplanningDraft
from policies.proposals import Shown
from tests.server import test_drafts_http
from tests.server.test_drafts_http import Room
from tools.all_tools import registry

room = test_drafts_http.room
_DATES = "select order_id, start_on, due_on from erp.production_order where site = 'KAS'"
_ERP_DATES = "select order_no, start_date, due_date from demo_erp.production_order where plant = 'KAS'"


class Office:
    """A conversation of a planner, and those who sign."""

    def __init__(self, room: Room) -> None:
        self.room = room
        self.copilot = Copilot(room.store, registry(), EmbeddedModel(), desk=room.desk)
        self.conversation: str | None = None

    async def say(self, text: str) -> Answer:
        caller = await self.room.desk.person("planner.kassel")
        answer = await self.copilot.ask(caller, text, conversation=self.conversation)
        self.conversation = answer.conversation
        return answer

    async def drafted(self, text: str) -> Shown:
        """What was drafted."""
        answer = await self.say(text)
        assert answer.draft is not None, answer.answer
        caller = await self.room.desk.person("planner.kassel")
        return await self.room.desk.read(caller, UUID(answer.draft.id))

    async def signed(self, shown: Shown) -> Shown:
        """The draft once those who must have signed, and nothing moves any more."""
        for who in ("production", "controller.kassel")[: shown.signatures.count]:
            response = await self.room.confirm(shown, {"x-plantwright-person": who})
            assert response.status_code == 200, response.text
        return await self.room.settled(shown, "planner.kassel")

    def dates(self, query: str, role: str) -> dict[str, tuple[date, date]]:
        with psycopg.connect(self.room.database.dsn(role)) as connection:
            return {str(order): (start, due) for order, start, due in connection.execute(query.encode())}

    @property
    def in_erp(self) -> dict[str, tuple[date, date]]:
        """The dates of open orders, as the ERP itself has them."""
        return self.dates(_ERP_DATES, DEMO_ERP_ROLE)

    @property
    def in_store(self) -> dict[str, tuple[date, date]]:
        """The same as the next question sees them."""
        return self.dates(_DATES, OWNER_ROLE)


def moved(shown: Shown) -> dict[str, tuple[date | None, date | None]]:
    draft = shown.proposal.draft
    assert isinstance(draft, ReplanningDraft)
    return {move.order: (move.after.start_on, move.after.due_on) for move in draft.moves}


@pytest.mark.long
@pytest.mark.slow
@pytest.mark.timeout(240)
async def test_a_press_is_down_and_the_repair_is_written(room: Room) -> None:
    """Look-up, draft, two signatures, and the ERP has exactly those moves; then they are taken back."""
    office = Office(room)
    shown_first = await office.say("Press 2 in Kassel is down until Thursday")
    assert shown_first.draft is None
    shown = await office.drafted("Draft that")
    draft = shown.proposal.draft
    assert isinstance(draft, ReplanningDraft)
    assert (draft.site, draft.way) == ("KAS", "stable_repair")
    assert {way.way for way in draft.ways} == {"do_nothing", "right_shift", "stable_repair", "full_resolve"}
    assert len(draft.grounds.facts) >= len(draft.moves)
    before, store_before = office.in_erp, office.in_store
    done = await office.signed(shown)
    assert done.state == "executed", done.reason
    after = office.in_erp
    assert {order for order in after if after[order] != before[order]} <= set(moved(shown))
    assert {order: after[order] for order in moved(shown)} == moved(shown)
    assert office.in_store == {**store_before, **moved(shown)}
    detail = await room.http.get(
        f"/v1/drafts/{shown.proposal.id}", headers={"x-plantwright-person": "planner.kassel"}
    )
    parts = detail.json()["parts"]
    assert {part["name"] for part in parts} == set(moved(shown))
    assert {part["state"] for part in parts} == {"executed"}
    back = await office.drafted("Take back the moves")
    done = await office.signed(back)
    assert done.state == "executed", done.reason
    today = draft.now.date()
    for order, (start, due) in office.in_erp.items():
        was = before[order]
        assert (start, due) == was or (was[0] < today and start <= max(due, today))


@pytest.mark.long
@pytest.mark.slow
@pytest.mark.timeout(240)
async def test_what_the_erp_refuses_is_named_and_drafted_again(room: Room) -> None:
    """The second order meets a fault: the first stands, the rest is named, and its rest is a new draft."""
    office = Office(room)
    await office.say("Press 1 in Kassel is down until Thursday")
    shown = await office.drafted("Draft that")
    orders = list(moved(shown))
    assert len(orders) >= 2
    with psycopg.connect(room.database.dsn(DEMO_ERP_ROLE)) as connection:
        connection.execute(
            "update demo_erp.production_order set due_date = due_date + 40 where plant = 'KAS'"
            " and order_no = %s",
            (orders[1],),
        )
    done = await office.signed(shown)
    assert done.state == "partly_written", done.reason
    assert [part.state for part in done.parts] == ["executed", *["refused"] * (len(orders) - 1)]
    assert all(order in done.reason for order in orders)
    assert office.in_erp[orders[0]] == moved(shown)[orders[0]]
    with psycopg.connect(room.database.dsn(DEMO_ERP_ROLE)) as connection:
        connection.execute(
            "update demo_erp.production_order set due_date = due_date - 40 where plant = 'KAS'"
            " and order_no = %s",
            (orders[1],),
        )
    rest = await office.drafted("Draft the rest")
    assert list(moved(rest)) == orders[1:]
    inject(room.database.dsn(DEMO_ERP_ROLE), [Fault("duplicate_delivery", document="order_rescheduling")])
    done = await office.signed(rest)
    assert done.state == "executed", done.reason
    assert {order: office.in_erp[order] for order in orders} == moved(shown)


@pytest.mark.long
@pytest.mark.timeout(240)
async def test_one_order_is_moved_by_a_sentence(room: Room) -> None:
    """The same draft with one order; a chat message confirms nothing, and its requester may not sign."""
    office = Office(room)
    listed = await office.say("Press 2 in Kassel is down until 2 April")
    order = str(next(table for table in listed.tables if table.title == "What it changes").rows[0][0])
    shown = await office.drafted(f"Move work order {order} to 20 April")
    assert order in moved(shown)
    await office.say("yes")
    mine = await room.confirm(shown, {"x-plantwright-person": "planner.kassel"})
    assert mine.status_code == 403
    assert (await room.desk.read(await room.desk.person("planner.kassel"), shown.proposal.id)).state == (
        "awaiting_confirmation"
    )

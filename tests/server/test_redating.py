"""Another day for a line of a purchase order, from a sentence to the ERP and back into the store."""

from __future__ import annotations

from datetime import timedelta

import psycopg

from erp_adapters.store import DEMO_ERP_ROLE, OWNER_ROLE
from tests.server import test_drafts_http
from tests.server.test_drafts_http import Room
from tests.server.test_moves import Office

room = test_drafts_http.room
_LINE = """
select o.order_id, l.line_id, l.due_on
from erp.purchase_order o join erp.purchase_line l using (site, order_id)
join erp.site s using (site)
where o.site = 'KAS' and o.status = 'approved' and l.ordered > coalesce(l.received, 0)
and l.due_on > (s.as_of at time zone s.time_zone)::date order by l.due_on desc, 1, 2 limit 1
"""


async def test_a_line_is_moved_by_a_sentence_and_a_buyers_signature(room: Room) -> None:
    """A planner asks, a buyer signs, the ERP and the next question have the day."""
    with psycopg.connect(room.database.dsn(OWNER_ROLE)) as owner:
        found = owner.execute(_LINE).fetchone()
        assert found is not None
        order, line, due = found
        wanted, number = due + timedelta(days=9), line.removeprefix(f"{order}-")
        office = Office(room)
        shown = await office.drafted(f"Move line {number} of PO {order} at Kassel to {wanted}")
        refused = await room.confirm(shown, {"x-plantwright-person": "production"})
        assert refused.status_code == 403, "production asks for other days and signs none"
        assert (await room.confirm(shown, {"x-plantwright-person": "buyer.kassel"})).status_code == 200
        done = await room.settled(shown, "planner.kassel")
        assert done.state == "executed", done.reason
        with psycopg.connect(room.database.dsn(DEMO_ERP_ROLE)) as erp:
            held = erp.execute(
                "select delivery_date from demo_erp.purchase_line where plant = 'KAS' and order_no = %s"
                " and line_no = %s",
                [order, number],
            ).fetchone()
        assert held == (wanted,)
        stored = owner.execute(
            "select due_on from erp.purchase_line where site = 'KAS' and line_id = %s", [line]
        ).fetchone()
        assert stored == (wanted,)
    again = await office.say(f"Move line {number} of PO {order} at Kassel to {wanted}")
    assert again.draft is None
    assert "already" in again.answer

"""Another day for a line of a purchase order: the line that is meant, and its day now."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from erp_adapters.store import Store
from policies.drafts.redating import RedatingDraft
from tests.tools.asking import Asking
from tools.drafting.redating import draft_redating
from tools.errors import ToolError

_OPEN = """
select o.order_id, l.line_id, l.due_on, count(*) over (partition by o.order_id),
       row_number() over (partition by o.order_id order by length(l.line_id), l.line_id)
from erp.purchase_order o join erp.purchase_line l using (site, order_id)
where o.site = 'KAS' and o.status = 'approved' and l.due_on > %(today)s
order by 4 desc, 1, 5 limit 40
"""


@pytest.fixture
async def planner(demo_store: Store) -> Asking:
    return Asking(demo_store, await demo_store.caller("planner"))


async def _open(store: Store) -> list[tuple[str, str, date, int, int]]:
    async with store.reading(await store.caller("planner")) as tx:
        found = await tx.fetch(_OPEN, {"today": date(2026, 3, 31)})
    return [tuple(row) for row in found.rows]  # type: ignore[misc]


async def redated(asking: Asking, **arguments: object) -> RedatingDraft:
    result = await asking(draft_redating, **arguments)
    assert result.drafted is not None
    assert isinstance(result.drafted.draft, RedatingDraft)
    return result.drafted.draft


async def test_a_line_is_found_by_its_number_or_its_place(planner: Asking, demo_store: Store) -> None:
    """With the day that it has and a fact that notes when it changes; how it was counted is said."""
    order, line, due, count, place = (await _open(demo_store))[0]
    assert count > 1
    wanted = due + timedelta(days=14)
    draft = await redated(planner, order=order, line=line, needed_on=wanted)
    assert (draft.site, draft.order, draft.line) == ("KAS", order, line.removeprefix(f"{order}-"))
    assert (draft.expected_due, draft.due_on) == (due, wanted)
    assert draft.open.value > 0
    assert [(fact.record, fact.key) for fact in draft.grounds.facts] == [("purchase_line", (line,))]
    assert draft.grounds.facts[0].version != "absent"
    assert await redated(planner, order=order, line=draft.line, needed_on=wanted) == draft
    again = await redated(planner, order=order, line=str(10 * place), needed_on=wanted)
    assert again.line == draft.line
    assert f"line number {place}" in again.grounds.flags[0]


async def test_what_cannot_be_meant_is_told_with_what_there_is(planner: Asking, demo_store: Store) -> None:
    """Another line, an order that nobody has, the day that it has already, a day that is over."""
    order, line, due, _, _ = (await _open(demo_store))[0]
    later = due + timedelta(days=14)
    with pytest.raises(ToolError, match="no such open line"):
        await redated(planner, order=order, line="4711", needed_on=later)
    with pytest.raises(ToolError, match="several deliveries are meant"):
        await redated(planner, order=order, needed_on=later)
    with pytest.raises(ToolError, match="purchase order 'NO-SUCH' with lines"):
        await redated(planner, order="NO-SUCH", line="1", needed_on=later)
    with pytest.raises(ToolError, match="is over"):
        await redated(planner, order=order, line=line, needed_on=date(2026, 1, 5))
    with pytest.raises(ToolError, match="due on that day already"):
        await redated(planner, order=order, line=line, needed_on=due)

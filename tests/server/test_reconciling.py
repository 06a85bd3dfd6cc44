"""What a MES let go on at our word is on both sides, though it bears no marker there."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

from erp_adapters.records import Document, OrderHold, PostedDocument
from policies.audit.matching import Written, match
from server.commands.reconciling import resumptions

AT = datetime(2026, 11, 30, 8, tzinfo=UTC)
RESUMED = OrderHold("KAS", "steward.kassel", "WO-1", "resume", "filed off", AT)
HELD = OrderHold("KAS", "planner.kassel", "WO-2", "hold", "burr", None)


@dataclass
class Floor:
    """A MES that let some orders go on."""

    went_on: tuple[str, ...]
    asked: list[str] = field(default_factory=list)

    async def look(self, document: Document, marker: str) -> tuple[PostedDocument, ...]:
        assert isinstance(document, OrderHold)
        self.asked.append(document.order)
        if document.order not in self.went_on:
            return ()
        return (PostedDocument("order_hold", document.order, "KAS", marker, document, AT),)


def written(marker: str, order: str, cancels: str = "") -> Written:
    return Written(1, AT, f"p-{marker}", "KAS", marker, order, "written", cancels)


async def test_a_resumption_is_looked_for_by_its_order_and_matched() -> None:
    """Holds are not asked for again, other sites have no MES, and one that never went on is told."""
    record = [written("PW-1", "WO-1"), written("PW-2", "WO-2")]
    sent = {"PW-1": RESUMED, "PW-2": HELD}
    floor = Floor(("WO-1",))
    found = await resumptions({"KAS": floor}, record, sent)
    assert floor.asked == ["WO-1"]
    hold = PostedDocument("order_hold", "WO-2", "KAS", "PW-2", HELD, AT)
    assert match((hold, *found), record).mismatches == ()
    assert await resumptions({}, record, sent) == ()
    gone = await resumptions({"KAS": Floor(())}, record, sent)
    assert [each.kind for each in match((hold, *gone), record).mismatches] == ["not_in_the_erp"]

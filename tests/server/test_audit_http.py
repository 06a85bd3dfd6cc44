"""What is on record about a draft, over HTTP: for those whom it concerns, and never as markup."""

from __future__ import annotations

from policies.drafts.requisition import RequisitionDraft
from tests.server.test_drafts_http import ADMIN, BUYER, CONTROLLER, PLANNER, Room, room

__all__ = ["room"]

ELSEWHERE = {"x-plantwright-person": "buyer.brescia"}


async def test_record_of_a_decision_is_there_for_those_whom_it_concerns(room: Room) -> None:
    """Whoever had a part, administrators and controllers; a colleague who had none is refused."""
    shown = await room.proposed()
    path = f"/v1/audit/drafts/{shown.proposal.id}"
    bystander = await room.http.get(path, headers=BUYER)
    assert bystander.status_code == 403
    assert "had a part" in bystander.json()["detail"]
    await room.confirm(shown)
    for who in (PLANNER, BUYER, CONTROLLER, ADMIN):
        response = await room.http.get(path, headers=who)
        assert response.status_code == 200, response.text
        packet = response.json()
        assert packet["proposals"] == [str(shown.proposal.id)]
        assert {"proposal", "confirmation"} <= {event["kind"] for event in packet["events"]}
        assert all(event["as_written"] for event in packet["events"])
    actors = {event["actor"] for event in packet["events"] if event["kind"] == "confirmation"}
    assert actors == {"buyer.kassel"}


async def test_record_of_anothers_draft_is_not_there(room: Room) -> None:
    """Of a site that one does not see nothing is said, not even that there is something."""
    shown = await room.proposed()
    response = await room.http.get(f"/v1/audit/drafts/{shown.proposal.id}", headers=ELSEWHERE)
    assert response.status_code == 404


async def test_record_is_a_page_for_people(room: Room) -> None:
    """Whatever was written into the draft stays text, and the page may run and load nothing."""
    draft: RequisitionDraft = room.draft().model_copy(update={"note": "<script>alert(1)</script>"})
    shown = await room.proposed(draft)
    accept = {"accept": "text/html,application/xhtml+xml", **PLANNER}
    page = await room.http.get(f"/v1/audit/drafts/{shown.proposal.id}", headers=accept)
    assert page.headers["content-type"].startswith("text/html")
    assert "<script" not in page.text
    assert "&lt;script&gt;" in page.text
    assert page.headers["content-security-policy"].startswith("default-src 'none'; style-src")


async def test_drafts_come_page_by_page(room: Room) -> None:
    """Each once, newest first, also where only one site's are wanted."""
    made = [str((await room.proposed()).proposal.id) for _ in range(3)]
    for site in ("", "&site=KAS"):
        found: list[str] = []
        cursor = ""
        for _ in range(60):
            page = (await room.http.get(f"/v1/drafts?limit=2{site}&cursor={cursor}", headers=PLANNER)).json()
            found += [draft["id"] for draft in page["drafts"]]
            cursor = page["next"]
            if cursor is None:
                break
        assert cursor is None
        assert len(found) == len(set(found))
        assert found[:3] == made[::-1]

"""What was written from here is taken back by people: once, by another draft, unless somebody acted on it."""

from __future__ import annotations

from uuid import UUID

import psycopg

from erp_adapters.store import DEMO_ERP_ROLE, OWNER_ROLE
from policies.execution.marker import marker_of
from policies.proposals import Shown
from tests.server import test_drafts_http
from tests.server.test_drafts_http import BUYER, CONTROLLER, PLANNER, Room, problem

room = test_drafts_http.room


async def written(room: Room) -> Shown:
    """A requisition that is in the ERP."""
    shown = await room.proposed()
    assert (await room.confirm(shown)).status_code == 200
    return await room.settled(shown)


async def asked(room: Room, document: str, reason: str = "ordered elsewhere") -> Shown:
    """The draft that takes it back."""
    body = {"kind": "cancellation", "document": document, "reason": reason}
    response = await room.http.post("/v1/drafts", json=body, headers=PLANNER)
    assert response.status_code == 201, response.text
    planner = await room.desk.person("planner.kassel")
    return await room.desk.read(planner, UUID(response.json()["id"]))


async def test_a_requisition_is_taken_back_once_by_another_person(room: Room) -> None:
    """Its card shows what goes; policy names who signs; the ERP has it cancelled, and so does the store."""
    before = await written(room)
    shown = await asked(room, before.document_number)
    assert shown.signatures.roles == {"buyer", "controller"}
    card = str(shown.card)
    assert before.document_number in card
    assert room.goods[0].material.code in card
    assert problem(await room.confirm(shown, PLANNER))[0] == 403
    assert (await room.confirm(shown, BUYER)).status_code == 200
    done = await room.settled(shown)
    assert (done.state, done.document_number) == ("executed", before.document_number)
    mine = marker_of(before.proposal.id, before.digest)
    [document] = [one for one in await room.desk.documents() if one.marker == mine]
    assert document.is_cancelled
    with psycopg.connect(room.database.dsn(OWNER_ROLE)) as owner:
        states = owner.execute(
            "select distinct status from erp.requisition where split_part(requisition_id, '/', 1) = %s",
            (before.document_number,),
        ).fetchall()
    assert states == [("cancelled",)]
    # Again: refused by name, also where somebody else's draft is written by hand.
    body = {"kind": "cancellation", "document": before.document_number}
    again = await room.http.post("/v1/drafts", json=body, headers=PLANNER)
    assert problem(again)[1] == (
        f"document {before.document_number} was taken back by draft {str(shown.proposal.id)[-8:]}"
    )


async def test_what_somebody_acted_on_is_not_taken_back(room: Room) -> None:
    """Ordered since: the ERP says no. Changed since: it is not sent at all. Both by the document's number."""
    ordered, changed = await written(room), await written(room)
    drafts = [await asked(room, one.document_number) for one in (ordered, changed)]
    with psycopg.connect(room.database.dsn(DEMO_ERP_ROLE)) as erp:
        erp.execute(
            "update demo_erp.document set acted_on = 'ordered with 4500000017' where doc_no = %s",
            (ordered.document_number,),
        )
        erp.execute(
            "update demo_erp.document_item set quantity = quantity + 1 where doc_no = %s",
            (changed.document_number,),
        )
    for one in drafts:
        assert (await room.confirm(one, CONTROLLER)).status_code == 200
    first, second = [await room.settled(one) for one in drafts]
    assert first.state == second.state == "refused"
    assert f"document {ordered.document_number} cannot be cancelled: ordered with 4500000017" in first.reason
    assert f"somebody acted on document {changed.document_number}" in second.reason
    assert "lines" in second.reason
    ours = {one.document_number for one in (ordered, changed)}
    assert not any(one.is_cancelled for one in await room.desk.documents() if one.number in ours)


async def test_what_is_not_ours_or_not_there_is_refused_by_name(room: Room) -> None:
    """A number of nobody's, a draft that is not written, and a draft that says something else of it."""
    body = {"kind": "cancellation", "document": "4711"}
    none = problem(await room.http.post("/v1/drafts", json=body, headers=PLANNER))
    assert none[0] == 422
    assert "'4711'" in none[1]
    waiting = await room.proposed()
    body["document"] = str(waiting.proposal.id)
    unwritten = problem(await room.http.post("/v1/drafts", json=body, headers=PLANNER))
    assert "awaiting confirmation" in unwritten[1]
    text = {"kind": "published_text", "document": "4711"}
    assert "publish" in problem(await room.http.post("/v1/drafts", json=text, headers=PLANNER))[1]

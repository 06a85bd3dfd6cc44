"""Drafts over HTTP: only a person who may, with exactly what was shown, makes one document in the ERP."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID, uuid4

import httpx
import psycopg
import pytest
from typer.testing import CliRunner

from agents.answer import Answer
from agents.copilot import Copilot
from agents.models.embedded.model import EmbeddedModel
from erp_adapters.store import ADMIN_ROLE, Store
from policies.drafts.requisition import RequisitionDraft
from policies.execution.marker import marker_of
from policies.proposals import Shown
from server.commands.tree import app
from server.desk import Desk, opened_desk
from server.settings import Settings
from tests.conftest import Database
from tests.server.drafted import Bought, bought, requisition
from tests.server.stand_in import house
from tests.server.test_http import client
from tools.all_tools import registry

PLANNER = {"x-plantwright-person": "planner.kassel"}
BUYER = {"x-plantwright-person": "buyer.kassel"}
CONTROLLER = {"x-plantwright-person": "controller.kassel"}
ADMIN = {"x-plantwright-person": "admin"}


@dataclass
class Clock:
    """A wall clock that tests turn."""

    ahead: timedelta = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@dataclass
class Room:
    """A service on a demo home, and drafts to decide about."""

    http: httpx.AsyncClient
    desk: Desk
    clock: Clock
    goods: tuple[Bought, ...]
    store: Store
    database: Database
    days: Any = field(default_factory=lambda: count(0))

    async def proposed(self, draft: RequisitionDraft | None = None, by: str = "planner.kassel") -> Shown:
        """A draft that waits; each for another day, so that none covers another's need."""
        caller = await self.desk.person(by)
        made = draft or self.draft()
        day = await self.desk.day(caller, made.site)
        proposed = await self.desk.proposals.propose(caller, made, business_date=day)
        assert proposed.is_new
        return proposed.shown

    def draft(self, quantity: str = "500", price: str = "0.20", of: int = 0) -> RequisitionDraft:
        day = datetime(2026, 5, 4, tzinfo=UTC).date() + timedelta(days=next(_DAYS))
        return requisition(self.goods[of], quantity, price, needed_on=day)

    async def documents(self, *shown: Shown) -> int:
        """How many documents the ERP itself has of these drafts."""
        markers = {marker_of(each.proposal.id, each.digest) for each in shown}
        return sum(document.marker in markers for document in await self.desk.documents())

    async def confirm(
        self, shown: Shown, who: dict[str, str] | None = None, **body: object
    ) -> httpx.Response:
        given: dict[str, object] = {"digest": shown.digest, **body}
        path = f"/v1/drafts/{shown.proposal.id}/confirm"
        return await self.http.post(path, json=given, headers=who or BUYER)

    async def ask(self, text: str, by: str = "planner") -> Answer:
        """What the copilot answers with this very desk."""
        copilot = Copilot(self.store, registry(), EmbeddedModel(), desk=self.desk)
        return await copilot.ask(await self.desk.person(by), text)

    async def written(self) -> tuple[int, int]:
        """How many proposals there are, and how many documents in the ERP."""
        with psycopg.connect(self.database.dsn(ADMIN_ROLE)) as connection:
            row = connection.execute("select count(*) from app.proposal").fetchone()
        assert row is not None
        return row[0], len(await self.desk.documents())

    async def settled(self, shown: Shown, by: str = "buyer.kassel") -> Shown:
        return await self.desk.settled(await self.desk.person(by), shown.proposal.id, 30, works=True)


_DAYS = count()


@pytest.fixture
async def room(demo_apart: Database, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Room]:
    home = tmp_path_factory.getbasetemp() / f"home-{demo_apart.name}"
    settings = Settings(home=home)
    clock = Clock()
    async with (
        await Store.open(demo_apart.dsn()) as store,
        opened_desk(settings, demo_apart, store, clock=clock) as desk,
        client(replace(house(directory=desk.directory), desk=desk)) as http,  # type: ignore[arg-type]
    ):
        yield Room(http, desk, clock, await bought(store), store, demo_apart)


def problem(response: httpx.Response) -> tuple[int, str]:
    assert response.headers["content-type"] == "application/problem+json", response.text
    body = response.json()
    assert body["status"] == response.status_code
    return response.status_code, str(body["detail"])


async def test_a_buyer_confirms_and_one_document_is_in_the_erp(room: Room) -> None:
    """The list counts it, the card shows it, the digest signs it, and the ERP's own side has it once."""
    shown = await room.proposed()
    listed = (await room.http.get("/v1/drafts?state=awaiting_confirmation", headers=BUYER)).json()
    assert listed["to_confirm"] >= 1
    assert listed["counts"]["awaiting_confirmation"] == len(listed["drafts"])
    detail = (await room.http.get(f"/v1/drafts/{shown.proposal.id}", headers=BUYER)).json()
    assert detail["digest"] == shown.digest
    assert "confirm" in detail["may"]
    assert "500" in str(detail["card"])
    assert room.goods[0].material.code in str(detail["card"])
    assert await room.documents(shown) == 0
    response = await room.confirm(shown)
    assert response.status_code == 200, response.text
    assert response.json()["state"] in ("confirmed", "dispatching", "executed")
    done = await room.settled(shown)
    assert (done.state, await room.documents(shown)) == ("executed", 1), done.reason
    after = (await room.http.get(f"/v1/drafts/{shown.proposal.id}", headers=PLANNER)).json()
    assert after["document_number"] == done.document_number != ""
    assert [each["by"] for each in after["signed"]] == ["buyer.kassel"]
    assert after["history"][-1]["state"] == "executed"


async def test_what_planners_see_is_not_theirs_to_confirm(room: Room) -> None:
    """Requester and approver differ; a planner's own draft offers no confirmation, and refuses one."""
    shown = await room.proposed()
    detail = (await room.http.get(f"/v1/drafts/{shown.proposal.id}", headers=PLANNER)).json()
    assert "confirm" not in detail["may"]
    assert problem(await room.confirm(shown, PLANNER))[0] == 403


@pytest.mark.parametrize("who", ["buyer.monterrey", "planner.brescia"])
async def test_drafts_of_other_sites_are_not_there(room: Room, who: str) -> None:
    """Neither in the list, nor by their id, nor for a confirmation."""
    shown = await room.proposed()
    header = {"x-plantwright-person": who}
    listed = (await room.http.get("/v1/drafts", headers=header)).json()
    assert str(shown.proposal.id) not in str(listed)
    assert problem(await room.http.get(f"/v1/drafts/{shown.proposal.id}", headers=header))[0] == 404
    assert problem(await room.confirm(shown, header))[0] == 404


@pytest.mark.parametrize(
    "sentence",
    [
        "order 500 of BR-6204 by 4 December",
        "order 500 of M-1023 for Kassel by 4 December",
        "order 500 of BR-6204 for Paris by 4 December",
        "order 500 of BR-6204 in doubloons for Kassel by 4 December",
        "order 5 of BR-6204 from Bearings for Kassel by 4 December",
        "order 5 of BR-6204 from Nobodyatall for Kassel by 4 December",
        "order 500 of BR-6204 for Kassel by 31 June",
        "order 500 of BR-6204 for Kassel by 3 March 2026",
        "order 500 of BR-6204 for Kassel by 4 March 2031",
        "order 0 of BR-6204 for Kassel by 4 December",
        "order -5 of BR-6204 for Kassel by 4 December",
        "order NaN of BR-6204 for Kassel by 4 December",
        "order 1e400 of BR-6204 for Kassel by 4 December",
        "order infinity of BR-6204 for Kassel by 4 December",
        "order 500 of BR-6204 for Kassel by 4 December in USD",
        "order 500 of BR-62\u202e04 for Kassel by 4 December",
    ],
)
async def test_what_cannot_be_drafted_leaves_nothing(room: Room, sentence: str) -> None:
    """No proposal at the desk and no document in the ERP more than before."""
    before = await room.written()
    answer = await room.ask(sentence)
    assert answer.status in ("clarify", "refused"), answer.answer
    assert answer.draft is None
    assert await room.written() == before


async def test_the_same_need_of_somebody_else_is_named_and_made_once(room: Room) -> None:
    """Another person who asks for it reads which draft it is, since when and from whom."""
    sentence = "order 500 of BR-6206 for Kassel by {}"
    first = await room.ask(sentence.format("4 December"), "planner.kassel")
    assert first.draft is not None, first.answer
    before = await room.written()
    second = await room.ask(sentence.format("4 December"))
    assert second.draft is not None
    assert (second.draft.id, second.draft.is_new) == (first.draft.id, False)
    made = (await room.desk.read(await room.desk.person("planner"), UUID(first.draft.id))).proposal.created_at
    for said in (
        first.draft.id,
        f"of {made:%Y-%m-%d, %H:%M} UTC",
        "from planner.kassel",
        "No second one was",
    ):
        assert said in second.answer
    assert await room.written() == before


async def test_forged_foreign_replayed_and_expired_confirmations_are_refused(room: Room) -> None:
    """Each names the draft, why not, and what to do instead; none of them writes."""
    shown, other = await room.proposed(), await room.proposed()
    before = await room.written()

    async def refused(draft: Shown, *says: str, who: dict[str, str] | None = None, **body: object) -> None:
        status, why = problem(await room.confirm(draft, who, **body))
        assert status == (404 if who else 409)
        for text in (str(draft.proposal.id), *says):
            assert text in why

    forged = "sha256:" + "0" * 64
    await refused(shown, forged, "is not the digest of", "name the digest that is shown", digest=forged)
    await refused(shown, other.digest, "is not the digest of", "look at it again", digest=other.digest)
    foreign = {"x-plantwright-person": "buyer.monterrey"}
    await refused(shown, "there is no proposal", "the list of drafts shows them all", who=foreign)
    # Whether a digest is right is told to nobody who may not see the draft.
    await refused(shown, "there is no proposal", who=foreign, digest=forged)
    assert await room.written() == before
    assert (await room.confirm(shown)).status_code == 200
    await refused(shown, "waits for no confirmation", "one confirmation is enough: it is")
    done = await room.settled(shown)
    assert done.state == "executed", done.reason
    await refused(
        shown, f"as document {done.document_number!r}", "to undo it, take it back by another proposal"
    )
    room.clock.ahead = timedelta(days=30)
    await refused(other, "expired at", "draft it again")
    room.clock.ahead = timedelta()
    assert (await room.documents(shown), await room.documents(other)) == (1, 0)
    assert await room.written() == (before[0], before[1] + 1)


async def test_what_was_replaced_or_rejected_is_confirmed_by_nobody(room: Room) -> None:
    """The old version names the new one as what to confirm, a rejected one that it is drafted again."""
    old, dropped = await room.proposed(), await room.proposed()
    planner = await room.desk.person("planner.kassel")
    day = await room.desk.day(planner, "KAS")
    await room.desk.edit(planner, old.proposal.id, old.digest, room.draft("600"), business_date=day)
    rejected = {"digest": dropped.digest, "reason": "Stock was found."}
    path = f"/v1/drafts/{dropped.proposal.id}/reject"
    assert (await room.http.post(path, json=rejected, headers=BUYER)).status_code == 200
    before = await room.written()
    status, why = problem(await room.confirm(old))
    assert (status, "confirm the version that replaced it" in why) == (409, True), why
    status, why = problem(await room.confirm(dropped))
    assert (status, "rejected: Stock was found." in why, "draft it again" in why) == (409, True, True), why
    assert await room.written() == before


async def test_confirmation_takes_digest_and_nothing_else(room: Room) -> None:
    """Who signs is the session's person: no member of the body says so, and no other id is confirmed."""
    shown = await room.proposed()
    for extra in ({"subject": "buyer"}, {"quantity": "5000"}, {"acting_for": "controller"}, {"config": {}}):
        assert problem(await room.confirm(shown, **extra))[0] == 422
    assert problem(await room.confirm(shown, proposal_id=str(uuid4())))[0] == 422
    assert problem(await room.confirm(shown, digest="sha256:short"))[0] == 422
    path = f"/v1/drafts/{shown.proposal.id}/confirm"
    assert problem(await room.http.post(path, headers=BUYER))[0] == 422
    missing = await room.http.post(
        f"/v1/drafts/{uuid4()}/confirm", json={"digest": shown.digest}, headers=BUYER
    )
    assert problem(missing)[0] == 404
    same = await room.confirm(shown, proposal_id=str(shown.proposal.id))
    assert same.status_code == 200


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""]
)
async def test_only_json_is_taken(room: Room, kind: str) -> None:
    """A form of another site can send these types without asking the browser; none of them is read."""
    shown = await room.proposed()
    response = await room.http.post(
        f"/v1/drafts/{shown.proposal.id}/confirm",
        content=f'{{"digest": "{shown.digest}"}}',
        headers={**BUYER, "content-type": kind},
    )
    assert problem(response)[0] == 415


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://evil.example"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "none"},
        {"host": "evil.example"},
        {"x-forwarded-for": "10.0.0.1"},
    ],
)
async def test_pages_of_others_change_nothing(room: Room, headers: dict[str, str]) -> None:
    """Another origin, a rebound name, a proxy, an address that was typed: refused before anything is read."""
    shown = await room.proposed()
    assert problem(await room.confirm(shown, {**BUYER, **headers}))[0] == 401
    assert (await room.desk.proposals.read(await room.desk.person("buyer"), shown.proposal.id)).state == (
        "awaiting_confirmation"
    )


async def test_ten_confirmations_at_once_sign_once(room: Room) -> None:
    """One of them is the confirmation, the others are told so; the ERP gets one document."""
    shown = await room.proposed()
    answers = await asyncio.gather(*(room.confirm(shown) for _ in range(10)))
    assert sorted(each.status_code for each in answers) == [200, *[409] * 9]
    done = await room.settled(shown)
    assert done.state == "executed", done.reason
    assert await room.documents(shown) == 1


async def test_rejection_needs_a_reason_and_ends_it(room: Room) -> None:
    """The planner reads why; nothing can be confirmed after."""
    shown = await room.proposed()
    path = f"/v1/drafts/{shown.proposal.id}/reject"
    assert (
        problem(await room.http.post(path, json={"digest": shown.digest, "reason": ""}, headers=BUYER))[0]
        == 422
    )
    done = await room.http.post(
        path, json={"digest": shown.digest, "reason": "Stock was found."}, headers=BUYER
    )
    assert done.status_code == 200, done.text
    assert (done.json()["state"], done.json()["reason"]) == ("rejected", "Stock was found.")
    assert problem(await room.confirm(shown))[0] == 409
    german = {**BUYER, "accept-language": "de"}
    read = await room.http.get(f"/v1/drafts/{shown.proposal.id}", headers=german)
    assert read.headers["content-language"] == "de"
    rows = {row["key"]: row["label"] for row in read.json()["card"]["rows"]}
    assert (rows["Needed on"], rows["Confirm before"]) == ("Benötigt am", "Zu bestätigen bis")
    assert read.json()["reason"] == "Stock was found."
    assert "wartet auf keine Bestätigung" in problem(await room.confirm(shown, german))[1]


async def test_a_new_version_names_the_one_before(room: Room) -> None:
    """Whoever reads a changed draft can set it beside the version that it replaced."""
    # A day that the site works: an edit looks everything up again.
    old = await room.proposed(requisition(room.goods[0], "500", needed_on=date(2026, 9, 9)))
    path = f"/v1/drafts/{old.proposal.id}"
    body = {"digest": old.digest, "quantity": "600", "note": "Two lines run"}
    edited = (await room.http.post(f"{path}/edit", json=body, headers=PLANNER)).json()
    assert "id" in edited, edited
    new = (await room.http.get(f"/v1/drafts/{edited['id']}", headers=BUYER)).json()
    versions = [{"id": str(old.proposal.id), "version": 1}, {"id": edited["id"], "version": 2}]
    assert new["versions"] == versions
    assert (await room.http.get(path, headers=BUYER)).json()["versions"] == versions
    # What one person has under way is added up: the tests that follow are about other sums.
    gone = {"digest": edited["digest"], "reason": "Seen"}
    assert (await room.http.post(f"/v1/drafts/{edited['id']}/reject", json=gone, headers=BUYER)).is_success


async def test_own_drafts_are_those_one_asked_for(room: Room) -> None:
    """What others asked for is left out, and what waits for them to confirm is counted all the same."""
    mine, others = await room.proposed(), await room.proposed(by="planner")
    found = (await room.http.get("/v1/drafts?own=true&limit=200", headers=PLANNER)).json()
    listed = {each["id"] for each in found["drafts"]}
    assert str(mine.proposal.id) in listed
    assert str(others.proposal.id) not in listed
    buyers = "/v1/drafts?state=awaiting_confirmation"
    few = (await room.http.get(f"{buyers}&limit=1", headers=BUYER)).json()
    assert few["to_confirm"] >= 2
    none_of_theirs = (await room.http.get(f"{buyers}&own=true", headers=BUYER)).json()
    assert none_of_theirs["to_confirm"] == few["to_confirm"]


async def test_large_amount_takes_two_people(room: Room) -> None:
    """The buyer's signature is one of two; nothing is written before the controller's."""
    shown = await room.proposed(room.draft("500", "60.00", of=1))
    first = (await room.confirm(shown)).json()
    assert (first["state"], first["signatures"]["count"]) == ("awaiting_confirmation", 2)
    assert problem(await room.confirm(shown))[0] in (403, 409)
    assert await room.documents(shown) == 0
    assert (await room.confirm(shown, CONTROLLER)).status_code == 200
    done = await room.settled(shown)
    assert (done.state, await room.documents(shown)) == ("executed", 1), done.reason


async def test_a_requisition_in_pieces_takes_two_people_too(room: Room) -> None:
    """What one person asked for before counts: the last piece takes two, and undoes none before it."""
    pieces = [await room.proposed(room.draft("500", "5.00", of=2), by="production") for _ in range(5)]
    counts = [
        (await room.http.get(f"/v1/drafts/{one.proposal.id}", headers=BUYER)).json()["signatures"]["count"]
        for one in pieces
    ]
    assert counts == [1, 1, 1, 2, 2]
    first = (await room.confirm(pieces[-1])).json()
    assert (first["state"], len(first["signed"])) == ("awaiting_confirmation", 1)
    assert (await room.confirm(pieces[-1], CONTROLLER)).status_code == 200
    assert (await room.confirm(pieces[0])).status_code == 200
    for piece in (pieces[-1], pieces[0]):
        done = await room.settled(piece)
        assert (done.state, await room.documents(piece)) == ("executed", 1), done.reason


async def test_several_are_confirmed_together_or_none(room: Room) -> None:
    """Bound to each digest, their order and the total."""
    one, two = await room.proposed(), await room.proposed()
    given = [{"proposal_id": str(s.proposal.id), "digest": s.digest} for s in (one, two)]
    path = "/v1/drafts/confirm-together"
    wrong = {"drafts": given, "total": {"amount": "199.00", "currency": "EUR"}}
    assert problem(await room.http.post(path, json=wrong, headers=BUYER))[0] == 409
    forged = [given[0], {**given[1], "digest": one.digest}]
    total = {"amount": "200.00", "currency": "EUR"}
    refused = await room.http.post(path, json={"drafts": forged, "total": total}, headers=BUYER)
    assert problem(refused)[0] == 409
    states = [
        (await room.desk.proposals.read(await room.desk.person("buyer"), each.proposal.id)).state
        for each in (one, two)
    ]
    assert states == ["awaiting_confirmation"] * 2
    done = await room.http.post(path, json={"drafts": given, "total": total}, headers=BUYER)
    assert done.status_code == 200, done.text
    assert len(done.json()["drafts"]) == 2
    for each in (one, two):
        assert (await room.settled(each)).state == "executed"
    assert (await room.documents(one), await room.documents(two)) == (1, 1)


async def test_switched_off_site_confirms_nothing(room: Room) -> None:
    """The refusal says by whom and why; everybody sees it; a planner cannot switch; on again, it goes on."""
    shown = await room.proposed()
    off = {"state": "off", "target": "site", "name": "KAS", "reason": "Stocktaking"}
    assert problem(await room.http.post("/v1/switches", json=off, headers=PLANNER))[0] == 403
    assert (await room.http.post("/v1/switches", json=off, headers=ADMIN)).status_code == 200
    try:
        status, why = problem(await room.confirm(shown))
        assert status == 503
        assert "Stocktaking" in why
        seen = (await room.http.get("/v1/switches", headers=PLANNER)).json()["off"]
        assert [(each["target"], each["name"], each["reason"]) for each in seen] == [
            ("site", "KAS", "Stocktaking")
        ]
    finally:
        on = {**off, "state": "on", "reason": "Counted"}
        assert (await room.http.post("/v1/switches", json=on, headers=ADMIN)).status_code == 200
    assert (await room.http.get("/v1/switches", headers=PLANNER)).json()["off"] == []
    assert (await room.confirm(shown)).status_code == 200


async def test_the_schema_says_what_drafts_hold(room: Room) -> None:
    """For programs that read them: over HTTP and from the shell, and it admits what is proposed."""
    told = (await room.http.get("/v1/drafts/schema", headers=PLANNER)).json()
    ran = CliRunner().invoke(app, ["drafts", "schema"])
    assert json.loads(ran.stdout) == told
    shown = await room.proposed()
    draft = json.loads(shown.proposal.canonical)["draft"]
    kinds = told["discriminator"]["mapping"]
    assert set(kinds) == {
        "purchase_requisition",
        "stock_transfer",
        "quality_hold",
        "order_rescheduling",
        "purchase_order_redating",
        "published_text",
        "work_order",
        "order_hold",
        "cancellation",
    }
    described = told["$defs"][kinds[draft["kind"]].rpartition("/")[2]]
    assert set(draft) == set(described["properties"])
    assert described["properties"]["schema_version"]["const"] == draft["schema_version"]


async def test_a_house_without_a_desk_says_so() -> None:
    """A service that only answers refuses drafts in words."""
    async with client(house()) as http:
        status, why = problem(await http.get("/v1/drafts"))
    assert status == 422
    assert "keeps no drafts" in why

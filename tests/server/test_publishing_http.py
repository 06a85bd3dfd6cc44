"""An explanation is published by another controller, exactly as shown and on record; later postings show."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

import httpx
import psycopg
import pytest

from erp_adapters.errors import DraftInvalid, ErpError
from erp_adapters.records import PublishedText
from erp_adapters.store import OWNER_ROLE, Store
from policies.drafts.published_text import PublishedTextDraft
from server.desk import Desk, opened_desk
from server.finance.explanations import Explanations
from server.settings import Settings
from tests.conftest import Database
from tests.server.stand_in import house
from tests.server.test_http import client

_AT = "/v1/finance/variance-explanations"
_MTY = {"x-plantwright-person": "controller.monterrey"}
_GROUP = {"x-plantwright-person": "controller"}
_PLANNER = {"x-plantwright-person": "planner.monterrey"}
_KASSEL = {"x-plantwright-person": "controller.kassel"}


@dataclass
class Room:
    """A service with finance and a desk, on a demo of its own."""

    http: httpx.AsyncClient
    desk: Desk
    database: Database

    async def explained(self, period: str, by: dict[str, str] = _MTY, key: str = "") -> dict[str, Any]:
        asked = {"site": "MTY", "period": period}
        headers = by | ({"idempotency-key": key} if key else {})
        return dict((await self.http.post(_AT, json=asked, headers=headers)).json())

    async def drafted(self, period: str, by: dict[str, str] = _MTY, key: str = "") -> dict[str, Any]:
        told = await self.explained(period, by, key)
        response = await self.http.post(f"{_AT}/{told['id']}/draft", headers=by)
        assert response.status_code == 201, response.text
        return dict(response.json())

    async def decide(
        self, drafted: dict[str, Any], what: str, by: dict[str, str], **body: str
    ) -> httpx.Response:
        address = f"/v1/finance/publications/{drafted['id']}/{what}"
        return await self.http.post(address, json={"digest": drafted["digest"], **body}, headers=by)

    async def read(self, drafted: dict[str, Any], by: dict[str, str] = _MTY) -> dict[str, Any]:
        return dict((await self.http.get(f"/v1/finance/publications/{drafted['id']}", headers=by)).json())

    def book(self, day: str, amount: str, *, told: bool = True) -> None:
        """A posting that arrives late; where it is told, the source's own balance has it."""
        with psycopg.connect(self.database.dsn(OWNER_ROLE)) as owner:
            owner.execute(
                "insert into erp.ledger_line (company, site, source_system, source_key, load_id, line_id,"
                " posted_on, account_id, cost_centre_id, scenario, amount, currency, document)"
                " select company, site, source_system, %(key)s, load_id, %(key)s, %(day)s, '5400', '4110',"
                " 'actual', %(amount)s, currency, 'ADJ-1' from erp.ledger_line where site = 'MTY' limit 1",
                {"key": f"late {day}", "day": day, "amount": amount},
            )
            if told:
                owner.execute(
                    "update erp.ledger_balance set lines = lines + 1, amount = amount + %s where site = 'MTY'"
                    " and account_id = '5400' and scenario = 'actual'"
                    " and month = date_trunc('month', %s::date)",
                    (amount, day),
                )


@pytest.fixture
async def room(demo_apart: Database, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Room]:
    settings = Settings(home=tmp_path_factory.getbasetemp() / f"home-{demo_apart.name}")
    async with (
        await Store.open(demo_apart.dsn()) as store,
        opened_desk(settings, demo_apart, store) as desk,  # type: ignore[arg-type]
        client(
            replace(house(), directory=desk.directory, desk=desk, explanations=Explanations(store))
        ) as http,
    ):
        yield Room(http, desk, demo_apart)


async def test_another_controller_publishes_what_was_shown(room: Room) -> None:
    """Neither the drafter, a planner nor a foreign controller can; the digest binds; it is on record."""
    told = await room.explained("2025-10")
    drafted = await room.drafted("2025-10")
    assert (drafted["state"], drafted["version"], drafted["narrative"]) == ("drafted", 1, told["narrative"])
    again = await room.http.post(f"{_AT}/{told['id']}/draft", headers=_MTY)
    assert (again.status_code, again.json()["id"]) == (200, drafted["id"])
    own = await room.decide(drafted, "publish", _MTY)
    assert own.status_code == 403
    assert "'controller.monterrey' drafted it" in own.json()["detail"]
    assert (await room.decide(drafted, "publish", _PLANNER)).status_code == 403
    assert (await room.decide(drafted, "publish", _KASSEL)).status_code == 404
    forged = drafted | {"digest": "sha256:" + "0" * 64}
    assert (await room.decide(forged, "publish", _GROUP)).status_code == 409
    done = (await room.decide(drafted, "publish", _GROUP)).json()
    assert (done["state"], done["decided_by"], done["digest"]) == (
        "published",
        "controller",
        drafted["digest"],
    )
    assert (await room.decide(drafted, "publish", _GROUP)).status_code == 409
    with psycopg.connect(room.database.dsn(OWNER_ROLE)) as owner:
        kinds = [
            str(kind)
            for (kind,) in owner.execute(
                "select kind from audit.event where proposal = %s order by position", (drafted["id"],)
            )
        ]
        kept = owner.execute(
            "select canonical, digest from app.publication where id = %s", (drafted["id"],)
        ).fetchone()
    # Both who may not stand there, too.
    assert kinds == ["explanation", "policy_decision", "policy_decision", "publication"]
    assert kept is not None
    assert told["narrative"] in json.loads(bytes(kept[0]))["content"]["report"]["narrative"]


async def test_the_text_of_what_was_published_stands_at_the_plant(room: Room) -> None:
    """Written as it was shown, with who drafted and who released it; shown with its number; taken back."""
    drafted = await room.drafted("2025-10")
    assert (await room.decide(drafted, "publish", _GROUP)).status_code == 200
    controller = await room.desk.person("controller")
    [text] = (await room.read(drafted))["texts"]
    done = await room.desk.settled(controller, UUID(text["draft"]), 30, works=True)
    assert done.state == "executed", done.reason
    [text] = (await room.read(drafted))["texts"]
    assert (text["site"], text["state"], text["document_number"]) == ("MTY", "executed", done.document_number)
    [posted] = [one for one in await room.desk.documents() if one.number == done.document_number]
    document = posted.document
    assert isinstance(document, PublishedText)
    assert (document.about, document.object, document.period) == ("plant", "MTY", "2025-10")
    assert (document.requester, document.released_by) == ("controller.monterrey", "controller")
    assert document.digest == drafted["digest"]
    assert drafted["narrative"] in document.text
    # Nobody puts up a text by hand, neither in the program nor under its login.
    assert isinstance(done.proposal.draft, PublishedTextDraft)
    forged = done.proposal.draft.model_copy(update={"text": "all is well"})
    with pytest.raises(DraftInvalid, match="publish"):
        await room.desk.proposals.propose(controller, forged, business_date=date(2026, 3, 31))
    other = forged.model_copy(update={"digest": "sha256:" + "0" * 64})
    with pytest.raises(ErpError):
        async with room.desk.proposals.register.under(controller) as connection:
            await room.desk.proposals.put_up_text(
                connection, controller, other, "controller.monterrey", date(2026, 3, 31)
            )
    body = {"kind": "cancellation", "document": done.document_number}
    back = await room.http.post("/v1/drafts", json=body, headers=_MTY)
    assert back.status_code == 201, back.text
    confirmed = await room.http.post(
        f"/v1/drafts/{back.json()['id']}/confirm", json={"digest": back.json()["digest"]}, headers=_GROUP
    )
    assert confirmed.status_code == 200, confirmed.text
    await room.desk.settled(controller, UUID(back.json()["id"]), 30, works=True)
    [text] = (await room.read(drafted))["texts"]
    assert text["is_taken_back"]


async def test_what_is_booked_later_makes_a_published_one_stale(room: Room) -> None:
    """Its delta shows, a stale draft cannot be published, and the next version supersedes the one before."""
    first = await room.drafted("2025-09")
    await room.decide(first, "publish", _GROUP)
    second = await room.drafted("2025-09", key="before the posting")
    room.book("2025-09-30", "1234.56")
    stands = await room.read(first)
    assert (stands["state"], stands["data"], stands["delta"]) == ("published", "stale", "1234.56")
    refused = await room.decide(second, "publish", _GROUP)
    assert refused.status_code == 409
    assert "1234.56 MXN" in refused.json()["detail"]
    third = await room.drafted("2025-09", key="after the posting")
    assert (third["version"], (await room.read(second))["state"]) == (3, "superseded")
    assert (await room.decide(third, "publish", _GROUP)).status_code == 200
    before = await room.read(first)
    assert (before["state"], before["decided_by"], before["reason"]) == (
        "superseded",
        "controller",
        "replaced by version 3",
    )


async def test_one_is_turned_down_with_a_reason(room: Room) -> None:
    """Without a reason it is not; afterwards nobody publishes it; whoever drafted one takes it back."""
    drafted = await room.drafted("2025-08")
    assert (await room.decide(drafted, "reject", _GROUP, reason=" ")).status_code == 422
    assert (await room.decide(drafted, "reject", _PLANNER, reason="no")).status_code == 403
    done = (await room.decide(drafted, "reject", _GROUP, reason="the count of May is in it")).json()
    assert (done["state"], done["reason"]) == ("rejected", "the count of May is in it")
    assert (await room.decide(drafted, "publish", _GROUP)).status_code == 409
    mine = await room.drafted("2025-07")
    assert (await room.decide(mine, "reject", _MTY, reason="too early")).status_code == 200
    listed = (await room.http.get("/v1/finance/publications", headers=_GROUP)).json()["publications"]
    assert {each["id"] for each in listed} >= {drafted["id"], mine["id"]}
    theirs = (await room.http.get("/v1/finance/publications", headers=_KASSEL)).json()["publications"]
    assert not theirs


async def test_a_version_says_who_may_do_what_and_why_not(room: Room) -> None:
    """Each person by themselves, in the words of policy; lists count what whoever asks may publish."""
    drafted = await room.drafted("2025-03")
    mine, theirs = await room.read(drafted), await room.read(drafted, _GROUP)
    planner = await room.read(drafted, _PLANNER)
    assert (mine["may"], theirs["may"], planner["may"]) == (["reject"], ["publish", "reject"], [])
    assert "'controller.monterrey' drafted it" in mine["why_not"]["publish"]
    assert theirs["why_not"] == {}
    assert sorted(planner["why_not"]) == ["publish", "reject"]
    assert theirs["may_publish"] == ["controller"]
    waiting = "/v1/finance/publications?state=drafted"
    before = (await room.http.get(waiting, headers=_GROUP)).json()
    assert drafted["id"] in {each["id"] for each in before["publications"]}
    assert (await room.http.get(waiting, headers=_MTY)).json()["to_publish"] == 0
    done = (await room.decide(drafted, "publish", _GROUP)).json()
    assert (done["may"], done["why_not"]) == ([], {})
    after = (await room.http.get(waiting, headers=_GROUP)).json()
    assert before["to_publish"] - after["to_publish"] == 1
    assert drafted["id"] not in {each["id"] for each in after["publications"]}


async def test_the_database_itself_lets_nobody_publish_their_own(room: Room) -> None:
    """The application's login cannot get past it, change what was shown or delete it."""
    drafted = await room.drafted("2025-06")
    mine = {"who": "controller.monterrey", "id": drafted["id"]}
    for statement, message in (
        (
            "update app.publication set state = 'published', decided_by = %(who)s, decided_at = now()"
            " where id = %(id)s",
            "by another person",
        ),
        (
            "update app.publication set state = 'published', decided_by = 'controller', decided_at = now()"
            " where id = %(id)s",
            "by another person",
        ),
        (
            "update app.publication set digest = digest || '' , canonical = '' where id = %(id)s",
            "permission denied",
        ),
        ("delete from app.publication where id = %(id)s", "permission denied"),
    ):
        with psycopg.connect(room.database.dsn()) as login:
            login.execute("select app.enter_scope(%(who)s, '{MTY}', '{}', 10000, '{}')", mine)
            with pytest.raises(psycopg.Error, match=message):
                login.execute(statement, mine)


async def test_a_ledger_that_is_not_the_sources_blocks_publishing(room: Room) -> None:
    """What was loaded beside the source's own balance is said with its amount; nobody publishes it."""
    before = await room.drafted("2025-05")
    assert not any("source" in caveat for caveat in before["caveats"])
    caller = await room.desk.person("controller")
    assert await Explanations(room.desk.store).troubles(caller) == {}
    room.book("2025-05-30", "77.00", told=False)
    after = await room.drafted("2025-05", key="after")
    assert any("2025-05 5400 +77.00 MXN (+1)" in caveat for caveat in after["caveats"])
    refused = await room.decide(after, "publish", _GROUP)
    assert refused.status_code == 409
    assert "cannot be relied on" in refused.json()["detail"]
    assert "+77.00 MXN" in (await Explanations(room.desk.store).troubles(caller))["MTY"]
    with psycopg.connect(room.database.dsn(OWNER_ROLE)) as owner:
        owner.execute("delete from erp.ledger_line where line_id = 'late 2025-05-30'")
    third = await room.drafted("2025-05", key="mended")
    assert (await room.decide(third, "publish", _GROUP)).status_code == 200

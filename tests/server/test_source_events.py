"""Events of connected systems: a signature is believed, a sender is not, and the worker reads what is due."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path

import httpx
import psycopg
import pytest

from erp_adapters.documents.embedding import packaged_embedder
from erp_adapters.store import OWNER_ROLE, Store
from server.desk import opened_desk
from server.reading_again import ReadingAgain
from server.settings import Settings
from server.webhooks.signing import signed
from tests.conftest import Database
from tests.server.stand_in import house
from tests.server.test_http import client
from tests.server.test_sync_command import make, sell

KEY = b"a secret that both sides know"
DATA = {"site": "1000", "parts": ["stock"]}
PATH = "/v1/sources/shop/events"


@dataclass
class Told:
    """A service that takes events of a database, and what its worker does with them."""

    http: httpx.AsyncClient
    again: ReadingAgain
    database: Database
    folder: Path

    async def tell(self, body: object, id: str, path: str = PATH, **headers: str) -> httpx.Response:
        text = json.dumps(body)
        given = signed([KEY], id, int(time.time()), text)
        given["content-type"] = "application/json"
        if path == PATH and not headers.get("content-type"):
            given |= {"ce-specversion": "1.0", "ce-id": id, "ce-source": "/shop"}
            given["ce-type"] = "plantwright.source.changed"
        return await self.http.post(path, content=text, headers={**given, **headers})

    def due(self) -> list[str]:
        with psycopg.connect(self.database.dsn(OWNER_ROLE)) as owner:
            found = owner.execute(
                "select part from erp.sync_feed where due_since is not null and site = 'NOR' order by 1"
            )
            return [str(part) for (part,) in found]

    def quantity(self) -> object:
        with psycopg.connect(self.database.dsn(OWNER_ROLE)) as owner:
            row = owner.execute("select quantity::int from erp.stock where material_id = 'A1'").fetchone()
        return row and row[0]


@pytest.fixture
async def told(demo_copy: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Told]:
    monkeypatch.setenv("SHOP_EVENTS", KEY.decode())
    make(tmp_path)
    settings = Settings(home=tmp_path / "home", systems=tmp_path / "systems.toml")
    async with (
        await Store.open(demo_copy.dsn()) as store,
        opened_desk(settings, demo_copy, store) as desk,
        client(replace(house(), desk=desk)) as http,
    ):
        yield Told(http, ReadingAgain(demo_copy, desk.systems, packaged_embedder), demo_copy, tmp_path)


async def test_what_an_event_names_is_read_by_the_worker(told: Told) -> None:
    """By time at first; then only the part that an event names, from the source itself, and once."""
    await told.again.sweep()
    assert told.quantity() == 40
    sell(told.folder, "update stock set qty = 41 where item = 'A1'")
    await told.again.sweep()
    assert told.quantity() == 40
    taken = await told.tell(DATA, "msg-1")
    assert (taken.status_code, taken.json()["site"], taken.json()["is_new"]) == (202, "NOR", True)
    assert told.due() == ["stock"]
    await told.again.sweep()
    assert (told.quantity(), told.due()) == (41, [])
    replayed = await told.tell(DATA, "msg-1")
    assert (replayed.status_code, replayed.json()["is_new"], told.due()) == (202, False, [])
    event = {
        "specversion": "1.0", "id": "e-2", "source": "/shop", "type": "plantwright.source.changed",
        "data": {"site": "NOR", "parts": ["materials", "stock"]},
    }  # fmt: skip
    whole = await told.tell(event, "msg-2", **{"content-type": "application/cloudevents+json"})
    assert whole.status_code == 202
    assert told.due() == ["materials", "stock"]


async def test_who_is_not_believed_changes_nothing(told: Told) -> None:
    """No signature, another secret, an old one, another body, a system that is not there: all look alike."""
    text = json.dumps(DATA)
    now = int(time.time())
    kind = {"content-type": "application/json", "ce-specversion": "1.0", "ce-id": "x", "ce-source": "/shop"}
    kind["ce-type"] = "plantwright.source.changed"
    for headers, body, path in (
        ({}, text, PATH),
        (signed([b"another"], "m", now, text), text, PATH),
        (signed([KEY], "m", now, text), text.replace("1000", "2000"), PATH),
        (signed([KEY], "m", now, text), text, "/v1/sources/other/events"),
        ({**signed([KEY], "m", now, text), "webhook-id": "n"}, text, PATH),
        (signed([KEY], "m", now - 3600, text), text, PATH),
        (signed([KEY], "m", now + 3600, text), text, PATH),
    ):
        refused = await told.http.post(path, content=body, headers={**kind, **headers})
        assert refused.status_code == 401, (headers, refused.text)
    assert told.due() == []


async def test_what_a_believed_sender_may_not_say_is_named(told: Told) -> None:
    """A site that is not read of it, a part that is not, no event at all, another type, and too much."""
    for body, status, said in (
        ({"site": "KAS", "parts": ["stock"]}, 422, "is not read of this system"),
        ({"site": "1000", "parts": ["ledger"]}, 422, "not read of 'shop'"),
        ({"site": "1000", "parts": []}, 422, "parts"),
        ({"site": "1000", "parts": ["stock"], "rows": []}, 422, "rows"),
        ({"site": "1000" * 20_000, "parts": ["stock"]}, 413, "larger than"),
    ):
        refused = await told.tell(body, f"m-{said}")
        assert (refused.status_code, said in refused.json()["detail"]) == (status, True), refused.text
    other = await told.tell(DATA, "m-9", **{"content-type": "text/plain"})
    assert other.status_code == 415
    assert told.due() == []

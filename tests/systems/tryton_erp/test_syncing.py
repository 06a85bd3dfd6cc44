"""Tryton read again and again: only what changed is written; its stock list beside its bare calls."""

from __future__ import annotations

import base64
import http.client
import json
import statistics
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest

from erp_adapters.ports import Capability
from erp_adapters.store import OWNER_ROLE
from erp_adapters.store.mapping import SiteSpec
from erp_adapters.store.syncing.places import place_plan
from erp_adapters.store.syncing.running import SyncReport, sync_site
from erp_adapters.tryton import TrytonReader
from erp_adapters.tryton.client import Client
from erp_adapters.tryton.syncing import rows_of
from tests.conftest import Database
from tests.systems.tryton_erp.server import LOGIN, PASSWORD, Served, missing, serving

pytestmark = [
    pytest.mark.systems,
    pytest.mark.timeout(300),
    pytest.mark.skipif(bool(missing()), reason=missing() or "it is there"),
]
SITE = SiteSpec(code="KAS", name="Kassel", country="DE", time_zone="Europe/Berlin", currency="EUR")
MOST = 1.5
"""Times that the stock list may cost its bare calls."""
_ROUNDS = 15


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A Tryton of this module's own."""
    with serving(tmp_path_factory.mktemp("tryton")) as served:
        yield served


async def read(database: Database, served: Served) -> SyncReport:
    async with TrytonReader.open(served.connection(), page=2) as reader:
        return await sync_site(
            database.dsn(OWNER_ROLE),
            place_plan(rows_of(), SITE, "KAS"),
            reader,
            SITE,
            belongs=lambda row: row.cells.get("warehouse") in ("KAS", None),
        )


async def test_what_changed_in_tryton_is_written_and_nothing_else(database: Database, served: Served) -> None:
    """A name that somebody changes there; orders, their lines and stock stay as they are."""
    first = await read(database, served)
    assert not first.problems
    assert first.load is not None
    assert first.load.record("material").loaded >= 3
    assert first.load.record("purchase_order").loaded >= 1
    assert first.load.record("location").loaded == 1
    again = await read(database, served)
    assert again.load is None
    connection = served.connection()
    async with Client.open(connection.url, connection.login, connection.password) as client:
        [row] = await client.rows("product.template", [["code", "=", "G-200"]], ["id"])
        await client.call("model.product.template.write", [row["id"]], {"name": "Grip, new"}, effect="write")
        [product] = await client.rows("product.product", [["code", "=", "G-200"]], ["id"])
        await client.call("model.product.product.write", [product["id"]], {}, effect="write")
    changed = await read(database, served)
    assert {part.part: part.written for part in changed.parts if part.written} == {"materials": 1}
    with psycopg.connect(database.dsn(OWNER_ROLE)) as owner:
        named = owner.execute("select name from erp.material where material_id = 'G-200'").fetchall()
        fresh = owner.execute(
            "select count(*) from erp.material where load_id = %s", (changed.load and changed.load.load_id,)
        ).fetchone()
    assert named == [("Grip, new",)]
    assert fresh == (1,)


class Bare:
    """The calls that a stock list needs, over one connection and with nothing around them."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._path = parts.path + "rpc/"
        self._connection = http.client.HTTPConnection(parts.netloc)
        user, token, *_ = self._call("common.db.login", [LOGIN, {"password": PASSWORD}, "en"], {})
        session = base64.b64encode(f"{LOGIN}:{user}:{token}".encode()).decode()
        self._headers = {"Authorization": f"Session {session}"}
        self._context = self._call("model.res.user.get_preferences", [True, {}], self._headers)

    def _call(self, method: str, params: list[Any], headers: dict[str, str]) -> Any:
        body = json.dumps({"id": 1, "method": method, "params": params})
        self._connection.request("POST", self._path, body, {"Content-Type": "application/json", **headers})
        return json.loads(self._connection.getresponse().read())["result"]

    def stock(self) -> int:
        """Rows of the list."""
        names = ["code", "storage_location"]
        places = self._call(
            "model.stock.location.search_read",
            [[["type", "=", "warehouse"]], 0, None, [["id", "ASC"]], names, self._context],
            self._headers,
        )
        day = datetime.now(UTC).date()
        today = {"__class__": "date", "year": day.year, "month": day.month, "day": day.day}
        rows = 0
        for place in places:
            within = {"locations": [place["storage_location"]], "stock_date_end": today, "with_childs": True}
            rows += len(
                self._call(
                    "model.product.product.search_read",
                    [
                        [["quantity", "!=", 0]], 0, None, [["id", "ASC"]],
                        ["code", "quantity", "template.default_uom.symbol"], {**self._context, **within},
                    ],
                    self._headers,
                )
            )  # fmt: skip
        return rows


async def test_a_stock_list_costs_little_beside_its_bare_calls(
    served: Served, capsys: pytest.CaptureFixture[str]
) -> None:
    """Medians of rounds that take turns, so that whatever else the machine does befalls both."""
    bare = Bare(served.url)
    times: dict[str, list[float]] = {"bare": [], "adapter": []}

    def timed(name: str, began: float) -> None:
        times[name].append(time.perf_counter() - began)

    async with TrytonReader.open(served.connection()) as reader:
        for round_ in range(_ROUNDS + 1):
            began = time.perf_counter()
            count = bare.stock()
            if round_:
                timed("bare", began)
            began = time.perf_counter()
            rows = [row async for page in reader.pages(Capability.STOCK) for row in page.rows]
            if round_:
                timed("adapter", began)
            assert len(rows) == count
    median = {name: statistics.median(found) for name, found in times.items()}
    ratio = median["adapter"] / median["bare"]
    adapter_ms, bare_ms = 1000 * median["adapter"], 1000 * median["bare"]
    with capsys.disabled():
        print(f"\nstock list: {adapter_ms:.1f} ms, bare calls {bare_ms:.1f} ms: {ratio:.2f} of {MOST}")
    assert ratio <= MOST

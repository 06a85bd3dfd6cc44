"""The client of docs/finance_api.md works as it stands, against a whole service with its worker."""

from __future__ import annotations

import asyncio
import importlib
import json
import re
import threading
import time
import zipfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from server.bootstrap import opened_on
from server.house import House
from server.serving import address, bound, serve
from server.settings import Settings
from tests.conftest import Database
from tests.server.finance.office import Receiver

_PAGE = Path(__file__).parents[3] / "docs" / "finance_api.md"


@pytest.fixture
def url(demo_apart: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A whole service with its worker over the built-in demo, on a port of its own."""
    settings = Settings(home=tmp_path_factory.mktemp("home"))
    listening = bound("127.0.0.1", 0, may_move=False)
    houses: list[House] = []

    async def serving() -> None:
        async with opened_on(settings, demo_apart) as opened:  # type: ignore[arg-type]
            houses.append(opened)
            await serve(opened, listening)

    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=lambda: loop.run_until_complete(serving()))
    thread.start()
    yield address(listening)
    while not houses and thread.is_alive():
        time.sleep(0.05)
    if houses:
        loop.call_soon_threadsafe(houses[0].shutdown.begins.set)
    thread.join(30)
    loop.close()


def test_the_client_of_the_page_works(
    url: str, receiver: Receiver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It asks, waits, fetches the workbook, and tells a genuine message from a forged one."""
    (source,) = re.findall(r"<!-- tested: client -->\n```python\n(.*?)```", _PAGE.read_text(), re.DOTALL)
    (tmp_path / "client.py").write_text(source)
    monkeypatch.syspath_prepend(str(tmp_path))
    page: Any = importlib.import_module("client")
    finance = page.Finance(url, **{"X-Plantwright-Person": "controller.monterrey"})

    subscribed = {"address": receiver.address, "events": ["explanation.ready"], "sites": ["MTY"]}
    secret = json.loads(finance.call("POST", "/v1/webhooks", subscribed)[1])["secret"]
    narrative, workbook = page.fetch(finance, "MTY", "2025-10")
    assert "236,070.72" in narrative
    with zipfile.ZipFile(BytesIO(workbook)) as book:
        assert "xl/workbook.xml" in book.namelist()
    begun = time.monotonic()
    while not receiver.heard:
        assert time.monotonic() - begun < 30
        time.sleep(0.05)
    (heard,) = receiver.heard
    assert page.is_genuine(heard.headers, heard.body, secret)
    assert not page.is_genuine(heard.headers, heard.body + b" ", secret)
    late = heard.headers | {"webhook-timestamp": str(int(time.time()) - 3600)}
    assert not page.is_genuine(late, heard.body, secret)

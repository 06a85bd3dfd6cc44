"""The panel's files go out compressed, and those named by a hash are fetched once."""

from __future__ import annotations

import gzip
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from server.panel_files import PanelFiles

SCRIPT = b"export const text = 'a panel';\n" * 40


@pytest.fixture
def client(tmp_path: Path) -> httpx.AsyncClient:
    """A client of a folder as the build writes it."""
    (tmp_path / "assets").mkdir()
    for name, content in (
        ("index.html", b"<!doctype html>"),
        ("embed.js", SCRIPT),
        ("assets/panel-x1.js", SCRIPT),
    ):
        (tmp_path / name).write_bytes(content)
        (tmp_path / f"{name}.gz").write_bytes(gzip.compress(content))
    (tmp_path / "icon.svg").write_text("<svg/>", encoding="utf-8")
    app = Starlette(routes=[Mount("/panel", PanelFiles(tmp_path))])
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1")


async def test_files_are_sent_small_to_whoever_takes_that(client: httpx.AsyncClient) -> None:
    """The same bytes arrive, under the same type, over a fraction of the line."""
    small = await client.get("/panel/embed.js", headers={"accept-encoding": "br, gzip"})
    assert (small.headers["content-encoding"], small.content) == ("gzip", SCRIPT)
    assert int(small.headers["content-length"]) < len(SCRIPT) / 4
    assert small.headers["content-type"] == "text/javascript; charset=utf-8"
    whole = await client.get("/panel/embed.js", headers={"accept-encoding": "gzip;q=0"})
    assert ("content-encoding" in whole.headers, whole.content) == (False, SCRIPT)
    assert whole.headers["content-type"] == small.headers["content-type"]
    assert {small.headers["vary"], whole.headers["vary"]} == {"accept-encoding"}


async def test_only_hashed_names_are_kept(client: httpx.AsyncClient) -> None:
    """A new release shows at once: what does not change its name is asked for each time."""
    kept = {
        path: (await client.get(f"/panel/{path}")).headers.get("cache-control", "")
        for path in ("", "embed.js", "assets/panel-x1.js", "icon.svg")
    }
    assert {path for path, rule in kept.items() if "immutable" in rule} == {"assets/panel-x1.js"}


async def test_unchanged_files_are_not_sent_again(client: httpx.AsyncClient) -> None:
    """The compressed form has a tag of its own."""
    first = await client.get("/panel/", headers={"accept-encoding": "gzip"})
    assert first.headers["content-type"] == "text/html; charset=utf-8"
    headers = {"accept-encoding": "gzip", "if-none-match": first.headers["etag"]}
    assert (await client.get("/panel/", headers=headers)).status_code == 304


async def test_nothing_outside_the_folder_is_served(client: httpx.AsyncClient) -> None:
    """Neither by climbing nor by a name that is not there."""
    for path in ("/panel/..%2f..%2fetc%2fpasswd", "/panel/absent.js"):
        assert (await client.get(path)).status_code == 404

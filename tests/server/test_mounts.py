"""The pages: where the panel and the plain page are served, and who may embed them."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from erp_adapters.errors import ConfigurationError
from server.app import create_app
from server.settings import Settings, load_settings
from tests.server.stand_in import house
from tests.server.test_http import HERE, client

ERP = "https://erp.example"


@pytest.fixture
def panel(tmp_path: Path) -> Path:
    """A built panel."""
    (tmp_path / "index.html").write_text("<title>panel</title>", encoding="utf-8")
    (tmp_path / "embed.js").write_text("export {};", encoding="utf-8")
    return tmp_path


def browser(panel: Path, *origins: str) -> httpx.AsyncClient:
    app = create_app(house(settings=Settings(embed_origins=origins)), panel=panel)
    return httpx.AsyncClient(transport=httpx.ASGITransport(app, client=("127.0.0.1", 50000)), base_url=HERE)


async def test_panel_is_the_first_page_where_it_is_built(panel: Path) -> None:
    """And the plain page keeps an address of its own."""
    async with browser(panel) as http:
        first = await http.get("/")
        assert (first.status_code, first.headers["location"]) == (307, "/panel/")
        assert "<title>panel</title>" in (await http.get("/panel/")).text
        assert "<title>plantwright</title>" in (await http.get("/plain/")).text
        assert (await http.get("/plain/app.js")).status_code == 200
        assert (await http.get("/panel/../settings.py")).status_code == 404


async def test_without_a_panel_the_plain_page_is_first(tmp_path: Path) -> None:
    """And the panel's address says how it is built."""
    async with browser(tmp_path) as http:
        assert "<title>plantwright</title>" in (await http.get("/")).text
        missing = await http.get("/panel/")
    assert missing.status_code == 404
    assert "npm ci && npm run build" in missing.json()["detail"]


async def test_only_listed_origins_may_frame_the_panel(panel: Path) -> None:
    """By default nobody may; the plain page is framed by nobody ever."""
    async with browser(panel) as http:
        page = await http.get("/panel/")
    assert page.headers["content-security-policy"].endswith("frame-ancestors 'none'")
    async with browser(panel, ERP) as http:
        page, plain = await http.get("/panel/"), await http.get("/plain/")
    assert page.headers["content-security-policy"].endswith(f"frame-ancestors 'self' {ERP}")
    assert plain.headers["content-security-policy"].endswith("frame-ancestors 'none'")


async def test_script_of_the_panel_is_read_from_anywhere_and_the_data_is_not(panel: Path) -> None:
    """The files are the same for everybody; answers carry the permission only for a listed origin."""
    other = {"origin": "https://evil.example"}
    async with browser(panel, ERP) as http:
        script = await http.get("/panel/embed.js", headers=other)
        assert script.headers["access-control-allow-origin"] == "*"
        assert script.headers["cross-origin-resource-policy"] == "cross-origin"
        data = await http.get("/v1/me", headers=other)
        assert "access-control-allow-origin" not in data.headers
        listed = await http.get("/v1/me", headers={"origin": ERP})
        assert listed.headers["access-control-allow-origin"] == ERP
        assert "access-control-allow-credentials" not in listed.headers


@pytest.mark.parametrize(("origin", "status"), [(ERP, 200), ("https://evil.example", 400)])
async def test_browsers_ask_before_they_send(panel: Path, origin: str, status: int) -> None:
    """A listed origin may send a token, a key and where it was; another may send nothing."""
    asked = {
        "origin": origin,
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization, content-type, idempotency-key, last-event-id",
    }
    async with browser(panel, ERP) as http:
        assert (await http.options("/v1/agui", headers=asked)).status_code == status


async def test_listed_origin_still_has_to_say_who_asks(panel: Path) -> None:
    """The permission is the browser's to keep; who asks is told by a token alone."""
    async with browser(panel, ERP) as http:
        assert (await http.get("/v1/me", headers={"origin": ERP})).status_code == 401


async def test_pages_that_sign_in_keep_their_opener() -> None:
    """The window that opened them waits for a word."""
    async with client(house()) as http:
        assert (await http.get("/v1/session/x")).headers["cross-origin-opener-policy"] == "unsafe-none"
        assert (await http.get("/v1/me")).headers["cross-origin-opener-policy"] == "same-origin"


@pytest.mark.parametrize(
    "given", ["https://a.example,https://b.example:8080", '["https://a.example", "https://b.example:8080"]']
)
def test_origins_are_a_list(given: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Separated by commas, or as JSON."""
    monkeypatch.setenv("PLANTWRIGHT_EMBED_ORIGINS", given)
    assert load_settings().embed_origins == ("https://a.example", "https://b.example:8080")


@pytest.mark.parametrize("given", ["https://erp.example/", "https://ERP.example", "https://erp.example:443"])
def test_an_origin_is_held_as_browsers_send_it(given: str) -> None:
    """A slash, capitals or the usual port do not keep a page out that was meant."""
    assert load_settings(embed_origins=given).embed_origins == ("https://erp.example",)


@pytest.mark.parametrize(
    "origin",
    [
        "*",
        "https://*.example",
        "erp.example",
        "http://erp.example",
        "https://erp.example/page",
        "https://erp.example:99999",
        "https://a;script-src",
        "https://a b",
        "https://user@erp.example",
        "javascript://erp.example",
        "null",
    ],
)
def test_what_is_no_origin_is_refused(origin: str) -> None:
    """Nothing that opens the door to others, or that would end the directive it is put into."""
    with pytest.raises(ConfigurationError, match="PLANTWRIGHT_EMBED_ORIGINS"):
        load_settings(embed_origins=origin)

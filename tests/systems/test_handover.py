"""A page of another origin gets its token from a popup, in a real browser."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator

import pytest

from server.serving import bound, server
from server.settings import Settings
from tests.server.stand_in import house
from tests.systems.test_page import ARGUMENTS

playwright = pytest.importorskip("playwright.async_api", reason="needs playwright: `make environment-dev`")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")

pytestmark = [
    pytest.mark.systems,
    pytest.mark.skipif(CHROMIUM is None, reason="needs a browser: `apt-get install chromium`"),
]

HOST = """<!doctype html><title>An ERP</title><button>Sign in</button><script>
window.heard = [];
addEventListener("message", (event) => window.heard.push({ ...event.data, from: event.origin }));
const popup = SERVICE + "/v1/session/handover?origin=" + location.origin;
document.querySelector("button").onclick = () => open(popup);
</script>"""


@pytest.fixture
async def erp() -> AsyncIterator[tuple[str, list[str]]]:
    """The page of another origin, and the address of the service that it opens a popup of."""
    service: list[str] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        body = HOST.replace("SERVICE", repr(service[0])).encode()
        head = f"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: {len(body)}\r\n"
        writer.write(head.encode() + b"connection: close\r\n\r\n" + body)
        await writer.drain()
        writer.close()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with listening:
        yield f"http://localhost:{listening.sockets[0].getsockname()[1]}", service


@pytest.mark.parametrize("is_listed", [True, False])
async def test_a_popup_hands_a_token_to_a_listed_page_alone(
    erp: tuple[str, list[str]], is_listed: bool
) -> None:
    """The popup signs in, posts the token and closes itself; a page that is not listed hears nothing."""
    origin, service = erp
    settings = Settings(embed_origins=(origin if is_listed else "https://erp.example",))
    listening = bound("127.0.0.1", 0, may_move=False)
    service.append(f"http://127.0.0.1:{listening.getsockname()[1]}")
    running = server(house(settings=settings))
    task = asyncio.create_task(running.serve(sockets=[listening]))
    complaints: list[str] = []
    async with playwright.async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = await browser.new_page()
        page.set_default_timeout(15_000)
        await page.goto(origin)
        async with page.expect_popup() as opened:
            await page.click("button")
        popup = await opened.value
        popup.on("console", lambda said: "Content Security" in said.text and complaints.append(said.text))
        if is_listed:
            await popup.click("button[value=buyer]")
            await page.wait_for_function("window.heard.length > 0")
            (heard,) = await page.evaluate("window.heard")
            assert (heard["type"], heard["from"]) == ("plantwright.token", service[0])
            assert heard["token"].startswith("pwp_")
            assert "expires_at" in heard
            if not popup.is_closed():
                await popup.wait_for_event("close")
        else:
            await popup.wait_for_selector(".detail")
            assert await page.evaluate("window.heard") == []
        await browser.close()
    running.should_exit = True
    await task
    assert complaints == []

"""The panel on a page of another origin: by one script tag, and in a frame."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import httpx
import playwright.async_api as playwright
import pytest

from server.settings import Settings
from tests.server.stand_in import StandInCopilot, house
from tests.systems.panel.conftest import PATIENT_MS, Seen, Shot, sign_in
from tests.systems.panel.test_panel_asking import SENTENCE, Served
from tests.systems.panel.wire import site

SCRIPT = """<!doctype html><html lang="en"><title>Order 4711</title>
<style>body {{ margin: 0; color: darkred }} h2 {{ font-size: 90px }} button {{ border: 9px solid }}</style>
<h1>Order 4711</h1>
<script type="module" src="{url}/panel/embed.js"></script>
<plantwright-panel plant="KAS" material="BR-6204" lang="en" style="height: 640px">
</plantwright-panel>"""
FRAME = """<!doctype html><html lang="en"><title>Launchpad</title>
<h1>Launchpad</h1>
<iframe title="Copilot" src="{url}/panel/?lang=en&plant=KAS" width="900" height="600"></iframe>"""


EXAMPLE = Path(__file__).parents[3] / "docs" / "examples" / "erp_page.html"
SERVICE = "http://127.0.0.1:8046"
"""Where the example looks for the service."""


class Host:
    """A page of an ERP beside a service that lets it embed the panel."""

    def __init__(self, service: Served, copilot: StandInCopilot, port: int) -> None:
        self.service = service
        self.copilot = copilot
        self.port = port


@pytest.fixture
async def host() -> AsyncIterator[Host]:
    async with AsyncExitStack() as stack:
        copilot = StandInCopilot()
        # The pages name the service, and the service the pages: its port is taken before it listens.
        service = Served(house(copilot))
        await service.start()
        port = await stack.enter_async_context(
            site(
                *(page.format(url=service.url) for page in (SCRIPT, FRAME)),
                EXAMPLE.read_text(encoding="utf-8").replace(SERVICE, service.url),
            )
        )
        await service.stop()
        origins = (f"http://localhost:{port}", f"http://127.0.0.1:{port}")
        service.home = house(copilot, settings=Settings(embed_origins=origins))
        await service.start()
        yield Host(service, copilot, port)
        await service.stop()


async def test_one_script_tag_asks_from_another_origin(
    browser: playwright.Browser, seen: Seen, host: Host, shot: Shot
) -> None:
    """Signs in through a window of the service, keeps the token nowhere, and asks with the page's context."""
    context = await browser.new_context(reduced_motion="reduce", locale="en-GB")
    seen.watch(context)
    await sign_in(context, host.service.url, "buyer")
    page = await context.new_page()
    page.set_default_timeout(PATIENT_MS)
    sent: list[playwright.Request] = []
    page.on("request", lambda request: sent.append(request))
    await page.goto(f"http://localhost:{host.port}/0")
    begin = page.get_by_role("button", name="Sign in")
    await begin.wait_for()
    async with page.expect_popup():
        await begin.click()
    question = page.locator("pw-composer textarea")
    await question.wait_for()
    await shot(page, "embedded")
    await question.fill(SENTENCE)
    await page.keyboard.press("Enter")
    await page.locator("pw-turn pw-answer").wait_for()
    await shot(page, "embedded-answer")

    (asked,) = [each for each in sent if each.url.endswith("/v1/agui") and each.method == "POST"]
    headers = await asked.all_headers()
    assert headers["authorization"].startswith("Bearer pwp_")
    assert "cookie" not in headers
    told = json.loads(asked.post_data or "{}")["context"]
    assert told == [{"description": "plant", "value": "KAS"}, {"description": "material", "value": "BR-6204"}]
    token = headers["authorization"].removeprefix("Bearer ")
    kept = await page.evaluate(
        "JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie, location.href])"
    )
    assert token not in kept
    # The page keeps its look, and the panel its own.
    assert await page.locator("h1").first.evaluate("h => getComputedStyle(h).color") == "rgb(139, 0, 0)"
    heading = page.locator("pw-turn h2").first
    assert await heading.evaluate("h => parseFloat(getComputedStyle(h).fontSize)") < 20
    assert {who for who, *_ in host.copilot.asked} == {"buyer"}


async def test_another_page_gets_no_token(browser: playwright.Browser, seen: Seen, host: Host) -> None:
    """An origin that is not listed is told nothing by the window that it opens, and reads nothing."""
    async with site("<!doctype html><title>Other</title>") as port:
        context = await browser.new_context()
        seen.watch(context)
        await sign_in(context, host.service.url, "buyer")
        page = await context.new_page()
        await page.goto(f"http://localhost:{port}/0")
        address = f"{host.service.url}/v1/session/handover?origin=http%3A%2F%2Flocalhost%3A{port}"
        await page.evaluate(
            "address => { window.heard = []; addEventListener('message', e => heard.push(e.data));"
            " open(address); }",
            address,
        )
        await asyncio.sleep(1.5)
        assert await page.evaluate("window.heard") == []
        reading = "url => fetch(url, {credentials: 'include'}).then(r => r.text(), e => 'refused')"
        assert await page.evaluate(reading, f"{host.service.url}/v1/me") == "refused"
        assert all("CORS" in said for said in seen.complaints)
        seen.complaints.clear()


async def test_a_page_that_nobody_listed_is_told_so(
    browser: playwright.Browser, seen: Seen, host: Host
) -> None:
    """It could be taken for a service that does not answer: whoever builds the page reads what is missing."""
    async with site(SCRIPT.format(url=host.service.url)) as port:
        context = await browser.new_context()
        seen.watch(context)
        page = await context.new_page()
        page.set_default_timeout(PATIENT_MS)
        await page.goto(f"http://localhost:{port}/0")
        told = page.get_by_role("alert").filter(has_text="This page may not use the panel")
        assert f"http://localhost:{port}" in await told.inner_text()
        assert all("CORS" in said for said in seen.complaints)
        seen.complaints.clear()


async def test_a_frame_asks_with_the_session_of_its_site(
    browser: playwright.Browser, seen: Seen, host: Host, shot: Shot
) -> None:
    """In a frame of a listed origin of the same site the session counts: whoever signed in asks at once."""
    context = await browser.new_context(reduced_motion="reduce", locale="en-GB")
    seen.watch(context)
    await sign_in(context, host.service.url, "buyer")
    page = await context.new_page()
    page.set_default_timeout(PATIENT_MS)
    await page.goto(f"http://127.0.0.1:{host.port}/1")
    frame = page.frame_locator("iframe")
    await frame.locator("pw-composer textarea").fill(SENTENCE)
    await frame.locator("pw-composer textarea").press("Enter")
    await frame.locator("pw-turn pw-answer").wait_for()
    await shot(page, "framed")
    assert [who for who, *_ in host.copilot.asked] == ["buyer"]


async def test_a_frame_of_another_site_signs_in_through_a_window(
    browser: playwright.Browser, seen: Seen, host: Host, shot: Shot
) -> None:
    """There the browser withholds the session: a window hands the frame a token that works for it alone."""
    context = await browser.new_context(reduced_motion="reduce", locale="en-GB")
    seen.watch(context)
    page = await context.new_page()
    page.set_default_timeout(PATIENT_MS)
    sent: list[playwright.Request] = []
    page.on("request", lambda request: sent.append(request))
    await page.goto(f"http://localhost:{host.port}/1")
    frame = page.frame_locator("iframe")
    begin = frame.get_by_role("button", name="Sign in")
    await begin.wait_for()
    await shot(page, "framed-sign-in")
    async with page.expect_popup() as popup:
        await begin.click()
    await (await popup.value).locator("button[value=buyer]").click()
    question = frame.locator("pw-composer textarea")
    await question.fill(SENTENCE)
    await question.press("Enter")
    await frame.locator("pw-turn pw-answer").wait_for()
    assert [who for who, *_ in host.copilot.asked] == ["buyer"]
    (asked,) = [each for each in sent if each.url.endswith("/v1/agui")]
    headers = await asked.all_headers()
    assert "cookie" not in headers
    token = headers["authorization"]
    assert token.startswith("Bearer pwp_")
    for origin, fetched in (
        (f"http://localhost:{host.port}", "cross-site"),
        (None, "cross-site"),
        (None, None),
    ):
        others = {"authorization": token} | ({"origin": origin} if origin else {})
        others |= {"sec-fetch-site": fetched} if fetched else {}
        async with httpx.AsyncClient() as http:
            assert (await http.get(f"{host.service.url}/v1/me", headers=others)).status_code == 401


async def test_the_example_page_tells_the_panel_which_line_is_chosen(
    browser: playwright.Browser, seen: Seen, host: Host, shot: Shot
) -> None:
    """The page of the docs, from an origin of its own: what is chosen there goes along with the question."""
    assert SERVICE in EXAMPLE.read_text(encoding="utf-8")
    context = await browser.new_context(reduced_motion="reduce", locale="en-GB")
    seen.watch(context)
    await sign_in(context, host.service.url, "buyer")
    page = await context.new_page()
    page.set_default_timeout(PATIENT_MS)
    sent: list[playwright.Request] = []
    page.on("request", lambda request: sent.append(request))
    await page.goto(f"http://localhost:{host.port}/2")
    begin = page.get_by_role("button", name="Sign in")
    await begin.wait_for()
    # The page is a grid of two columns: nothing of the panel takes a cell of it.
    beside = "() => [...document.body.children].filter(e => getComputedStyle(e).position === 'static').length"
    assert await page.evaluate(beside) == len(("main", "aside", "script"))
    async with page.expect_popup():
        await begin.click()
    question = page.locator("pw-composer textarea")
    await question.wait_for()
    await page.get_by_role("button", name="BR-6206", exact=True).click()
    await page.locator("pw-composer").get_by_text("BR-6206").wait_for()
    await question.fill(SENTENCE)
    await page.keyboard.press("Enter")
    await page.locator("pw-turn pw-answer").wait_for()
    await shot(page, "example-page")
    (asked,) = [each for each in sent if each.url.endswith("/v1/agui") and each.method == "POST"]
    told = json.loads(asked.post_data or "{}")["context"]
    assert {each["description"]: each["value"] for each in told} == {
        "plant": "KAS",
        "order": "1400595",
        "material": "BR-6206",
    }

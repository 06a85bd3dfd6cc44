"""Asking in the panel: clauses, readings, and a connection that breaks in the middle of a turn."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import playwright.async_api as playwright
import pytest
import uvicorn

from server.app import create_app
from server.house import House
from server.serving import address, bound, server
from tests.server.stand_in import CONVERSATION, StandInCopilot, house
from tests.systems.panel.conftest import PATIENT_MS, Seen, Shot, ask, sign_in
from tests.systems.panel.wire import Wire, wire_to

SENTENCE = "Which suppliers did we spend the most with?"


class Served:
    """A service of prepared answers that can be stopped and started again on its port."""

    def __init__(self, home: House) -> None:
        self.home = home
        self.port = 0
        self.url = ""

    async def start(self, app: uvicorn.Server | None = None) -> None:
        listening = bound("127.0.0.1", self.port, may_move=False)
        self.port = listening.getsockname()[1]
        self.url = address(listening).rstrip("/")
        self.made = app or server(self.home)
        self.running = asyncio.create_task(self.made.serve(sockets=[listening]))

    async def stop(self) -> None:
        self.made.should_exit = True
        await self.running


@pytest.fixture
def copilot() -> StandInCopilot:
    return StandInCopilot()


@pytest.fixture
async def service(copilot: StandInCopilot) -> AsyncIterator[Served]:
    made = Served(house(copilot))
    await made.start()
    yield made
    await made.stop()


@pytest.fixture
async def wire(service: Served) -> AsyncIterator[Wire]:
    async with wire_to(service.port) as wire:
        yield wire


async def opened(
    browser: playwright.Browser, seen: Seen, url: str, subject: str = "buyer"
) -> playwright.Page:
    context = await browser.new_context(reduced_motion="reduce", locale="en-GB")
    seen.watch(context)
    await sign_in(context, url, subject)
    page = await context.new_page()
    page.set_default_timeout(PATIENT_MS)
    await page.goto(f"{url}/panel/?lang=en")
    await page.locator("pw-composer textarea").wait_for()
    return page


async def test_a_link_to_a_conversation_opens_it(
    browser: playwright.Browser, seen: Seen, service: Served
) -> None:
    """As an answer in a chat platform has it: its turns stand there, whatever this tab was in before."""
    page = await opened(browser, seen, service.url)
    await page.goto(f"{service.url}/panel/?lang=en#/conversations/{CONVERSATION}")
    await page.reload()
    await page.locator("pw-turn").nth(1).locator("pw-answer").wait_for()
    assert await page.locator("pw-turn").count() == 2


async def test_a_reading_is_one_key_away(
    browser: playwright.Browser, seen: Seen, service: Served, copilot: StandInCopilot
) -> None:
    """An unclear question offers readings; the key runs one of them, and the turn says which."""
    page = await opened(browser, seen, service.url)
    answer = await ask(page, "performance")
    await answer.get_by_role("button", name="Rejected quantity as a share of received quantity").wait_for()
    await page.locator("pw-turn").first.focus()
    await page.keyboard.press("2")
    await page.locator("pw-turn").nth(1).locator("pw-answer").wait_for()
    assert [key for _, _, key in copilot.chosen] == ["2"]


async def test_a_turn_goes_on_where_the_connection_broke(
    browser: playwright.Browser, seen: Seen, service: Served, wire: Wire, copilot: StandInCopilot, shot: Shot
) -> None:
    """Cut in the middle of a turn: the banner says so, the answer arrives once, and it was asked once."""
    copilot.pause = 2.0
    page = await opened(browser, seen, f"http://127.0.0.1:{wire.port}")
    await page.locator("pw-composer textarea").fill(SENTENCE)
    await page.keyboard.press("Enter")
    await page.locator("pw-turn .progress").wait_for()
    await asyncio.sleep(0.5)
    wire.cut()
    banner = page.locator(".banner", has_text="Connection lost")
    await banner.wait_for()
    await shot(page, "connection-lost")
    await asyncio.sleep(2.5)
    wire.mend()
    answer = page.locator("pw-turn pw-answer")
    await answer.wait_for()
    await banner.wait_for(state="detached")
    assert await page.locator("pw-turn").count() == 1
    assert await answer.count() == 1
    assert len(copilot.asked) == 1
    assert await answer.locator(".text").count() == 1


async def test_a_service_that_was_started_again_still_has_the_turn(
    browser: playwright.Browser, seen: Seen, service: Served, copilot: StandInCopilot
) -> None:
    """Stopped after it had answered and before the browser heard: the answer is kept, and shown once."""
    copilot.pause = 1.0
    async with wire_to(service.port) as wire:
        page = await opened(browser, seen, f"http://127.0.0.1:{wire.port}")
        await page.locator("pw-composer textarea").fill(SENTENCE)
        await page.keyboard.press("Enter")
        await page.locator("pw-turn .progress").wait_for()
        await asyncio.sleep(0.3)
        wire.cut()
        await asyncio.sleep(1.5)
        await service.stop()
        await service.start()
        wire.mend()
        await page.locator("pw-turn pw-answer").wait_for()
        assert await page.locator("pw-turn").count() == 1
        assert len(copilot.asked) == 1


async def test_a_home_without_the_panel_serves_the_plain_page(
    browser: playwright.Browser, seen: Seen, tmp_path: Path
) -> None:
    """And the panel's address says how it is built."""
    served = Served(house(StandInCopilot()))
    config = uvicorn.Config(create_app(served.home, panel=tmp_path), log_level="warning", access_log=False)
    await served.start(uvicorn.Server(config))
    try:
        context = await browser.new_context()
        seen.watch(context)
        page = await context.new_page()
        await page.goto(served.url)
        await page.locator("#question").wait_for()
        said = await page.goto(f"{served.url}/panel/")
        assert said is not None
        assert said.status == 404
        assert "npm ci && npm run build" in (await said.json())["detail"]
    finally:
        await served.stop()


async def test_a_reload_in_the_middle_of_the_first_turn_loses_nothing(
    browser: playwright.Browser, seen: Seen, service: Served, copilot: StandInCopilot
) -> None:
    """The turn is there again after the reload, asked once; Enter pressed twice asks once too."""
    copilot.pause = 2.0
    page = await opened(browser, seen, service.url)
    await page.locator("pw-composer textarea").fill(SENTENCE)
    await page.keyboard.press("Enter")
    await page.keyboard.press("Enter")
    await page.locator("pw-turn .progress").wait_for()
    await page.reload()
    await page.locator("pw-turn .progress").wait_for()
    turn = page.get_by_role("article", name=SENTENCE)
    await turn.locator("pw-answer").wait_for()
    assert await turn.count() == 1
    assert [question for _, question, _, _ in copilot.asked] == [SENTENCE]


async def test_a_tab_never_shows_somebody_who_is_no_longer_signed_in(
    browser: playwright.Browser, seen: Seen, service: Served
) -> None:
    """Another tab changes the person, then signs out: this one follows, and its answers are gone."""
    page = await opened(browser, seen, service.url, "buyer")
    await ask(page, SENTENCE)
    other = await page.context.new_page()
    await other.goto(f"{service.url}/panel/?lang=en")
    await other.locator("pw-composer textarea").wait_for()
    await other.locator("pw-header").get_by_role("button", name="Buyer").click()
    await other.locator("pw-header select#person").select_option("planner")
    await page.locator("pw-header").get_by_role("button", name="Planner").wait_for()
    await page.locator("pw-turn").wait_for(state="detached")
    sign_out = other.get_by_role("button", name="Sign out")
    if not await sign_out.is_visible():
        await other.locator("pw-header").get_by_role("button", name="Planner").click()
    await sign_out.click()
    await page.locator("pw-sign-in").wait_for()
    assert await page.locator("pw-composer").count() == 0


async def test_a_drawing_keeps_to_the_room_that_the_evidence_leaves(
    browser: playwright.Browser, seen: Seen, service: Served, shot: Shot
) -> None:
    """It is drawn anew where a list or the evidence takes room, and loses none of its figures."""
    page = await opened(browser, seen, service.url)
    answer = await ask(page, "drawn as a waterfall")
    drawing = answer.locator("pw-chart .canvas svg")
    await drawing.wait_for()
    broad = (await drawing.bounding_box() or {"width": 0})["width"]
    await answer.get_by_role("button", name="Evidence").first.click()
    await page.locator("pw-evidence dl").wait_for()
    fits = """svg => {
      const place = svg.closest(".canvas").getBoundingClientRect();
      return svg.getBoundingClientRect().right <= place.right + 1;
    }"""
    for _ in range(50):
        box = await drawing.bounding_box()
        if box and box["width"] < broad and await drawing.evaluate(fits):
            break
        await asyncio.sleep(0.1)
    assert await drawing.evaluate(fits)
    await shot(page, "drawing-beside-evidence")

"""The built panel in a real browser: a served demo home, seats for people, a record of all they request."""

from __future__ import annotations

import contextlib
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from server.app import panel_folder
from server.origins import is_loopback_host
from tests.conftest import Database
from tests.systems.office import Office, opened_office
from tests.systems.test_page import ARGUMENTS, CHROMIUM

try:
    import playwright.async_api as playwright
except ImportError:
    # `make environment-dev` brings it.
    collect_ignore_glob = ["test_*.py"]

SCREENS = "PLANTWRIGHT_SCREENS"
"""Names a folder for the screenshots of a run; without it they lie in the run's own."""
PATIENT_MS = 20_000


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here not in item.path.parents:
            continue
        item.add_marker(pytest.mark.systems)
        if CHROMIUM is None:
            item.add_marker(pytest.mark.skip(reason="needs a browser: `apt-get install chromium`"))
        elif not (panel_folder() / "index.html").is_file():
            item.add_marker(
                pytest.mark.skip(reason="needs the panel: `npm ci && npm run build` in server/panel")
            )


@pytest.fixture
async def office(demo_apart: Database, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Office]:
    async with opened_office(demo_apart, tmp_path_factory.getbasetemp()) as office:
        yield office


@dataclass
class Seen:
    """What the pages of a test asked for, and what the browser complained of: policies, errors of scripts."""

    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)

    def watch(self, context: playwright.BrowserContext) -> None:
        context.on("request", lambda request: self.requests.append(request.url))
        context.on("weberror", lambda error: self.complaints.append(str(error.error)))
        context.on("console", self._heard)
        context.on("dialog", self._opened)

    async def _opened(self, dialog: playwright.Dialog) -> None:
        self.dialogs.append(dialog.message)
        await dialog.dismiss()

    def _heard(self, said: playwright.ConsoleMessage) -> None:
        # A refused or broken request is a line of the browser's own; the panel says so in its own words.
        if said.type == "error" and not said.text.startswith("Failed to load resource"):
            self.complaints.append(said.text)

    @property
    def foreign(self) -> list[str]:
        """Requests that left this machine."""
        parts = [urlsplit(url) for url in self.requests]
        return [each.geturl() for each in parts if each.netloc and not is_loopback_host(each.netloc)]


@pytest.fixture
async def browser() -> AsyncIterator[playwright.Browser]:
    async with playwright.async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        await browser.close()


@pytest.fixture
async def seen() -> AsyncIterator[Seen]:
    """A record that fails the test where a request left this machine or the browser complained."""
    seen = Seen()
    yield seen
    assert seen.complaints == []
    assert seen.foreign == []
    assert seen.dialogs == []


Seat = Callable[..., "Awaitable[playwright.Page]"]


@pytest.fixture
async def seat(office: Office, browser: playwright.Browser, seen: Seen) -> Seat:
    """Opens the panel in a browser of its own for a person who is signed in."""

    async def taken(
        subject: str,
        path: str = "/panel/?lang=en",
        *,
        width: int = 1280,
        scheme: str = "light",
        url: str = "",
    ) -> playwright.Page:
        context = await browser.new_context(
            viewport={"width": width, "height": 800},
            color_scheme=scheme,
            reduced_motion="reduce",
            locale="en-GB",
            timezone_id="Europe/Berlin",
        )
        seen.watch(context)
        await sign_in(context, url or office.url, subject)
        page = await context.new_page()
        page.set_default_timeout(PATIENT_MS)
        await page.goto((url or office.url) + path)
        await page.locator("pw-header").wait_for()
        return page

    return taken


async def sign_in(context: playwright.BrowserContext, url: str, subject: str) -> None:
    """Make the context's session that of a person of the demo home."""
    answer = await context.request.put(f"{url}/v1/me", data={"subject": subject}, headers={"origin": url})
    assert answer.ok, await answer.text()


Shot = Callable[..., Awaitable[None]]


@pytest.fixture
def shot(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Shot:
    """Keeps a picture of a page among the artefacts of the run."""
    named = os.environ.get(SCREENS)
    folder = Path(named) if named else tmp_path_factory.getbasetemp() / "screens"
    folder.mkdir(parents=True, exist_ok=True)

    async def taken(page: playwright.Page, name: str, *, whole: bool = False) -> None:
        with contextlib.suppress(playwright.TimeoutError):
            await page.screenshot(path=folder / f"{name}.png", full_page=whole, animations="disabled")

    return taken


async def ask(page: playwright.Page, question: str) -> playwright.Locator:
    """Type the question, press Enter, and wait for its answer."""
    turns = page.locator("pw-turn")
    before = await turns.count()
    await page.locator("pw-composer textarea").fill(question)
    await page.keyboard.press("Enter")
    answer = turns.nth(before).locator("pw-answer")
    await answer.wait_for(timeout=60_000)
    return answer

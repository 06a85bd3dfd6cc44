"""An explanation in a real browser: one controller asks for it to be published, another does it."""

from __future__ import annotations

import pytest

from tests.systems.office import Office
from tests.systems.test_drafts_page import as_person, office, page
from tests.systems.test_page import CHROMIUM

playwright = pytest.importorskip("playwright.async_api", reason="needs playwright: `make environment-dev`")

__all__ = ["office", "page"]
pytestmark = [
    pytest.mark.systems,
    pytest.mark.skipif(CHROMIUM is None, reason="needs a browser: `apt-get install chromium`"),
]


async def test_another_controller_publishes_on_the_page(page: playwright.Page, office: Office) -> None:
    """Who drafted it reads why they may not; the other one finds it in the list and publishes it."""
    await as_person(page, "controller.monterrey")
    await page.fill("#question", "Publish the explanation of Monterrey in October")
    await page.press("#question", "Enter")
    card = page.locator(".turn .draft[data-state=drafted]")
    await card.wait_for(timeout=90_000)
    text = await card.inner_text()
    for part in ("236,070.72", "Waits to be published", "'controller.monterrey' drafted it"):
        assert part in text, part
    assert await card.get_by_role("button", name="Publish").count() == 0
    id = await card.get_attribute("data-id")
    await as_person(page, "controller")
    await page.click("#drafts-open")
    row = page.locator(f".draft-row[data-id='{id}']")
    await row.locator(".draft-title").click()
    await row.get_by_role("button", name="Publish version 1").click()
    done = row.locator(".draft[data-state=published]")
    await done.wait_for(timeout=60_000)
    assert "Published by controller" in await done.inner_text()

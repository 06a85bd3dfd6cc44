"""The panel inside a real ERP: Tryton's own web client, by its extension file."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import playwright.async_api as playwright
import pytest

from server.serving import address, bound
from tests.conftest import Database
from tests.systems.office import opened_office
from tests.systems.panel.conftest import PATIENT_MS, Seen, Shot, ask
from tests.systems.tryton.client import DATABASE, PASSWORD, TrytonClient, missing, serving

pytestmark = pytest.mark.skipif(bool(missing()), reason=missing() or "everything is there")

MATERIAL = "BR-6204"
_STARTS_S = 240


@pytest.fixture
async def tryton(
    demo_apart: Database, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[TrytonClient]:
    """Tryton's web client beside a demo home that lets it embed the panel."""
    folder = tmp_path_factory.mktemp("tryton")
    async with AsyncExitStack() as stack:
        listening = stack.enter_context(bound("127.0.0.1", 0, may_move=False))
        # Each has to know the other's address before it starts.
        starting = serving(folder, address(listening).rstrip("/"))
        client = await asyncio.to_thread(starting.__enter__)
        stack.callback(starting.__exit__, None, None, None)
        origins = (client.url.rstrip("/"),)
        await stack.enter_async_context(
            opened_office(
                demo_apart, tmp_path_factory.getbasetemp(), listening=listening, embed_origins=origins
            )
        )
        yield client


async def signed_in(page: playwright.Page, client: TrytonClient) -> None:
    """Tryton's own sign-in, as its administrator."""
    await page.goto(f"{client.url}#{DATABASE}")
    await page.locator("input#login").fill("admin")
    await page.keyboard.press("Enter")
    await page.locator("#ask-dialog-entry").fill(PASSWORD)
    await page.keyboard.press("Enter")
    await page.locator("#plantwright-toggle").wait_for()
    # The client opens a tab of its own after a first sign-in; what is opened before it would be covered.
    await page.locator("#tablist li").first.wait_for()


@pytest.mark.timeout(_STARTS_S)
async def test_a_planner_asks_about_the_product_that_is_open(
    browser: playwright.Browser, seen: Seen, tryton: TrytonClient, shot: Shot
) -> None:
    """The panel opens beside the record, and a question that names nothing is about it."""
    product = await asyncio.to_thread(tryton.product, MATERIAL, "Ball bearing")
    context = await browser.new_context(
        viewport={"width": 1500, "height": 900}, reduced_motion="reduce", locale="en-GB"
    )
    seen.watch(context)
    page = await context.new_page()
    page.set_default_timeout(PATIENT_MS)
    await signed_in(page, tryton)
    await page.goto(f"{tryton.url}#{DATABASE}/model/product.product/{product}")
    await page.locator("#tablist li.active").get_by_text("Product").first.wait_for()
    await page.locator("#plantwright-toggle").click()
    panel = page.locator(f"plantwright-panel[material='{MATERIAL}']")
    await panel.wait_for()
    begin = page.get_by_role("button", name="Sign in")
    async with page.expect_popup() as popup:
        await begin.click()
    await (await popup.value).locator("button[value=planner]").click()
    answer = await ask(page, "How much stock is there?")
    await answer.get_by_text("Stock on hand:").first.wait_for()
    await answer.get_by_text(MATERIAL).first.wait_for()
    await shot(page, "tryton")

"""Drafts in a real browser: a planner asks, a buyer reads the card and decides, both see what came of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from policies.execution.marker import marker_of
from policies.proposals import Shown
from policies.switches import SwitchTarget
from tests.conftest import Database
from tests.systems.office import Office, opened_office
from tests.systems.test_page import ARGUMENTS, CHROMIUM

playwright = pytest.importorskip("playwright.async_api", reason="needs playwright: `make environment-dev`")

pytestmark = [
    pytest.mark.systems,
    pytest.mark.skipif(CHROMIUM is None, reason="needs a browser: `apt-get install chromium`"),
]


@pytest.fixture
async def office(demo_apart: Database, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Office]:
    async with opened_office(demo_apart, tmp_path_factory.getbasetemp()) as office:
        yield office


@pytest.fixture
async def page(office: Office) -> AsyncIterator[playwright.Page]:
    """An opened page; whatever the browser complains of fails the test."""
    complaints: list[str] = []
    async with playwright.async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = await (await browser.new_context()).new_page()
        page.set_default_timeout(15_000)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: "Content Security" in said.text and complaints.append(said.text))
        await page.goto(f"{office.url}/plain/")
        await page.wait_for_selector(".opener")
        yield page
        await browser.close()
    assert complaints == []


async def as_person(page: playwright.Page, subject: str) -> None:
    await page.select_option("#person", subject)
    await page.wait_for_selector(f"body[data-person='{subject}']")


async def opened(page: playwright.Page, shown: Shown) -> playwright.Locator:
    """The draft's card in the list."""
    if await page.locator("#drafts").is_hidden():
        await page.click("#drafts-open")
    row = page.locator(f".draft-row[data-id='{shown.proposal.id}']")
    await row.locator(".draft-title").click()
    card = row.locator(".draft")
    await card.wait_for()
    return card


async def test_two_people_bring_one_requisition_into_the_erp(page: playwright.Page, office: Office) -> None:
    """The planner sees the card and no confirmation; the buyer confirms its digest and sees the number."""
    shown = await office.proposed()
    await as_person(page, "planner.kassel")
    card = await opened(page, shown)
    text = await card.inner_text()
    for part in (office.goods[0].material.code, "500", "EUR", "Waiting for confirmation"):
        assert part in text, part
    assert await card.get_by_role("button", name="Confirm").count() == 0
    await as_person(page, "buyer.kassel")
    card = await opened(page, shown)
    await card.get_by_role("button", name=f"Confirm {shown.digest.removeprefix('sha256:')[:8]}").click()
    await page.locator(".draft[data-state=executed]").wait_for()
    text = await page.locator(".draft[data-state=executed]").inner_text()
    number = (
        await office.desk.proposals.read(await office.desk.person("buyer"), shown.proposal.id)
    ).document_number
    assert f"document {number}" in text
    assert number in await page.locator("#status").inner_text()
    marker = marker_of(shown.proposal.id, shown.digest)
    assert sum(each.marker == marker for each in await office.desk.documents()) == 1


async def test_a_planners_sentence_becomes_a_card_that_a_buyer_confirms(
    page: playwright.Page, office: Office
) -> None:
    """The answer holds the card; the buyer finds it in the list, and the planner's page shows the number."""
    await as_person(page, "planner.kassel")
    await page.fill("#question", "draft a requisition for 120 of BR-6204 for Kassel by 12 June")
    await page.press("#question", "Enter")
    card = page.locator(".turn .draft")
    await card.wait_for(timeout=60_000)
    text = await card.inner_text()
    for part in ("BR-6204", "120 PC", "Without it", "Waiting for confirmation"):
        assert part in text, part
    draft = await card.get_attribute("data-id")
    await as_person(page, "buyer.kassel")
    await page.click("#drafts-open")
    row = page.locator(f".draft-row[data-id='{draft}']")
    await row.locator(".draft-title").click()
    await row.get_by_role("button", name="Confirm").click()
    done = row.locator(".draft[data-state=executed]")
    await done.wait_for(timeout=60_000)
    assert "document 1" in await done.inner_text()


async def test_the_bar_counts_what_is_mine_to_confirm(page: playwright.Page, office: Office) -> None:
    """A buyer sees how many wait without opening the list, and hears it."""
    await office.proposed()
    await as_person(page, "buyer.kassel")
    await page.wait_for_function("document.getElementById('drafts-count').textContent !== ''")
    label = await page.locator("#drafts-open").get_attribute("aria-label")
    assert label is not None
    assert "to confirm" in label
    await as_person(page, "planner.kassel")
    await page.wait_for_function("document.getElementById('drafts-count').textContent === ''")


async def test_rejection_asks_why(page: playwright.Page, office: Office) -> None:
    """The planner reads the buyer's reason under Not written."""
    shown = await office.proposed()
    await as_person(page, "buyer.kassel")
    card = await opened(page, shown)
    await card.get_by_role("button", name="Reject").click()
    await page.keyboard.type("Two pallets were found")
    await page.get_by_role("button", name="Reject the draft").click()
    await page.locator(".draft[data-state=rejected]").wait_for()
    await as_person(page, "planner.kassel")
    await page.get_by_role("tab", name="Not written").click()
    card = await opened(page, shown)
    assert "Two pallets were found" in await card.inner_text()


async def test_changed_quantity_is_another_version(page: playwright.Page, office: Office) -> None:
    """A form of quantity and day; the digest changes, and the old version is replaced."""
    shown = await office.proposed()
    await as_person(page, "planner.kassel")
    card = await opened(page, shown)
    await card.get_by_role("button", name="Change").click()
    await page.fill("input[name=quantity]", "600")
    await page.get_by_role("button", name="Make a new version").click()
    await page.get_by_text("version 2", exact=True).wait_for()
    text = await page.locator(".draft").inner_text()
    assert "600" in text
    assert shown.digest.removeprefix("sha256:")[:8] not in text
    assert (await office.now(shown)).state == "superseded"


async def test_what_another_person_decided_meanwhile_is_said(page: playwright.Page, office: Office) -> None:
    """A confirmation that comes too late is a message beside how the draft stands now."""
    shown = await office.proposed()
    await as_person(page, "buyer.kassel")
    card = await opened(page, shown)
    other = await office.desk.person("buyer")
    await office.desk.confirmations.reject(other, shown.proposal.id, shown.digest, "Not now")
    await card.get_by_role("button", name="Confirm").click()
    await card.locator(".trouble").wait_for()
    assert "waits for no confirmation" in await card.locator(".trouble").inner_text()
    assert await card.get_attribute("data-state") == "rejected"


async def test_several_are_confirmed_at_once_with_their_total(page: playwright.Page, office: Office) -> None:
    """What is confirmed stands in a list with its sum on the button."""
    # Another planner's: what one person has under way with a supplier is added up.
    pair = [await office.proposed(office.draft("100", price), by="planner") for price in ("1.00", "3.50")]
    await as_person(page, "buyer.kassel")
    await page.click("#drafts-open")
    for shown in pair:
        await page.locator(f".draft-row[data-id='{shown.proposal.id}'] input[type=checkbox]").check()
    await page.get_by_role("button", name="Confirm 2 drafts, together 450.00 EUR").click()
    await page.get_by_role("tab", name="On the way", selected=True).wait_for()
    for _ in range(100):
        if {(await office.now(shown)).state for shown in pair} == {"executed"}:
            break
        await asyncio.sleep(0.2)
    buyer = await office.desk.person("buyer")
    now = [await office.desk.proposals.read(buyer, shown.proposal.id) for shown in pair]
    assert {each.state for each in now} == {"executed"}, [(each.signed, each.signatures) for each in now]


async def test_switched_off_is_said_to_everybody(page: playwright.Page, office: Office) -> None:
    """A banner says what is off, by whom and why, until it is on again."""
    admin = await office.desk.person("admin")
    await office.desk.switches.off(admin, SwitchTarget("site", "KAS"), "Stocktaking until noon")
    try:
        await as_person(page, "planner.kassel")
        await page.get_by_text("Stocktaking until noon").wait_for()
        assert "Admin" in await page.locator("#off").inner_text()
    finally:
        await office.desk.switches.on(admin, SwitchTarget("site", "KAS"), "Counted")
    await as_person(page, "buyer.kassel")
    await page.locator("#off").wait_for(state="hidden")


@pytest.mark.parametrize("width", [1280, 400])
async def test_cards_fit_the_window_and_every_control_has_a_name(
    page: playwright.Page, office: Office, width: int
) -> None:
    """No sideways scrolling; everything is reached by key and named for a screen reader."""
    await page.set_viewport_size({"width": width, "height": 800})
    shown = await office.proposed()
    await as_person(page, "buyer.kassel")
    card = await opened(page, shown)
    await card.get_by_role("button", name="Reject").click()
    assert await page.evaluate("document.scrollingElement.scrollWidth") <= width
    nameless = await page.evaluate(
        "[...document.querySelectorAll('button,select,textarea,input,a')].filter(e => !e.hidden &&"
        " !(e.getAttribute('aria-label') || e.textContent.trim() || e.labels?.length)).length"
    )
    assert nameless == 0
    assert await page.evaluate("document.activeElement.name") == "reason"

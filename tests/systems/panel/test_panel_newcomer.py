"""A newcomer's first minutes: from the printed address to a document in the ERP, by what the page offers."""

from __future__ import annotations

import re

import playwright.async_api as playwright

from tests.systems.panel.conftest import PATIENT_MS, Office, Seen, Shot
from tests.systems.panel.test_panel_drafts import card, text_of


async def sign_in_as(page: playwright.Page, subject: str) -> None:
    """From the panel's entrance through the page that asks whom to be."""
    await page.get_by_role("button", name="Sign in").click()
    await page.locator(f".people.first button[value='{subject}']").click()
    await page.locator("pw-header").wait_for()


async def offered(page: playwright.Page, question: str) -> playwright.Locator:
    """Click an opener of the empty conversation, and wait for its answer."""
    await page.get_by_role("button", name=question).click()
    answer = page.locator("pw-turn pw-answer")
    await answer.wait_for(timeout=60_000)
    return answer


async def test_who_has_read_nothing_asks_drills_drafts_and_another_confirms(
    office: Office, browser: playwright.Browser, seen: Seen, shot: Shot
) -> None:
    """Nothing is typed, no address but the printed one is opened: openers, figures and the inbox lead."""
    context = await browser.new_context(reduced_motion="reduce", locale="en-GB", timezone_id="Europe/Berlin")
    seen.watch(context)
    page = await context.new_page()
    page.set_default_timeout(PATIENT_MS)
    await page.goto(office.url)

    await sign_in_as(page, "planner")
    answer = await offered(page, "What is short in the next two weeks?")
    figure = answer.locator("button.figure").first
    await figure.click()
    evidence = page.locator("pw-evidence")
    await evidence.wait_for()
    text = "\n".join(await evidence.locator("h2, dl, details").all_inner_texts())
    for part in ("Evidence", "Data as of", "Query"):
        assert part in text, part
    await shot(page, "newcomer-evidence")
    await page.keyboard.press("Escape")
    await evidence.wait_for(state="detached")
    assert await figure.evaluate("button => button.getRootNode().activeElement === button")

    await page.get_by_role("button", name="New conversation").click()
    answer = await offered(page, "Draft a requisition for 500 of BR-6204")
    inline = answer.locator("pw-draft article[data-state=awaiting_confirmation]")
    text = await text_of(inline)
    assert "You asked for this draft: somebody else has to confirm it." in text
    assert "a buyer or a controller" in text
    assert await inline.locator("[data-act=confirm]").count() == 0

    await page.locator("pw-header .who").click()
    await page.get_by_role("button", name="Sign out").click()
    await sign_in_as(page, "buyer")
    await page.get_by_role("button", name=re.compile(r"Inbox\W+\d+ waiting for you")).click()
    await page.locator("pw-inbox .row", has_text="500 PC BR-6204").click()
    await card(page).get_by_role("button", name=re.compile("^Confirm requisition for 500 PC")).click()
    number = re.search(r"Document (\S+)", await text_of(card(page, "executed")))
    assert number is not None
    await shot(page, "newcomer-in-the-erp")
    assert [each.number for each in await office.desk.documents()].count(number[1]) == 1

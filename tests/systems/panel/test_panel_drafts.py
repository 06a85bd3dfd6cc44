"""Drafts in the panel: two people bring one from a sentence into the ERP, and see what the other did."""

from __future__ import annotations

import asyncio
import re
from datetime import UTC, datetime, timedelta

import playwright.async_api as playwright

from policies.execution.marker import marker_of
from policies.proposals import Shown
from policies.switches import SwitchTarget
from tests.systems.panel.conftest import Office, Seat, Shot, ask, sign_in

SENTENCE = "draft a requisition for 120 of BR-6204 for Kassel by 12 June"


def card(page: playwright.Page, state: str = "") -> playwright.Locator:
    """The card of the inbox, once it stands as named."""
    return page.locator(f"pw-inbox article[data-state{f'={state}' if state else ''}]")


def place(shown: Shown) -> str:
    return f"/panel/?lang=en#/drafts/{shown.proposal.id}"


async def text_of(locator: playwright.Locator) -> str:
    await locator.wait_for()
    return await locator.inner_text()


async def test_a_sentence_is_drafted_changed_reloaded_and_confirmed_by_another(
    office: Office, seat: Seat, shot: Shot
) -> None:
    """The planner changes what was drafted; the buyer confirms it after a reload; it is one document."""
    planner = await seat("planner.kassel")
    answer = await ask(planner, SENTENCE)
    inline = answer.locator("pw-draft article[data-state=awaiting_confirmation]")
    text = await text_of(inline)
    for part in ("BR-6204", "120 PC", "Without it", "Alternatives", "Needed for", "a buyer or a controller"):
        assert part in text, part
    assert "You asked for this draft: somebody else has to confirm it." in text
    assert await inline.locator("[data-act=confirm]").count() == 0
    await shot(planner, "draft-in-the-answer")

    await inline.locator("[data-act=edit]").click()
    await inline.get_by_label("Quantity in PC").fill("1.000")
    await inline.get_by_role("button", name="Make a new version").click()
    assert "thousand to some" in await text_of(inline.locator("#wrong-quantity"))
    await inline.get_by_label("Quantity in PC").fill("160")
    await inline.get_by_label("Note").fill("Two lines run")
    await inline.get_by_role("button", name="Make a new version").click()
    changes = answer.locator("pw-draft .changes")
    rows = await text_of(changes)
    assert re.search(r"Quantity\s+120 PC\s+160 PC", rows), rows
    assert "Two lines run" in rows
    assert "Version 2" in await inline.inner_text()
    await shot(planner, "draft-changed")

    buyer = await seat("buyer.kassel", "/panel/?lang=en#/drafts")
    await buyer.locator("pw-inbox .row", has_text="160 PC BR-6204").click()
    await card(buyer, "awaiting_confirmation").wait_for()
    identity = await card(buyer).get_attribute("data-id")
    assert identity is not None
    assert buyer.url.endswith(f"#/drafts/{identity}")
    await buyer.reload()
    assert "Version 2" in await text_of(card(buyer, "awaiting_confirmation"))
    assert "What changed since version 1" in await text_of(buyer.locator("pw-inbox .changes"))
    await shot(buyer, "inbox-before-confirming")
    confirm = card(buyer).get_by_role(
        "button", name=re.compile(r"^Confirm requisition for 160 PC, 518\.40 EUR$")
    )
    await confirm.dblclick()
    done = card(buyer, "executed")
    text = await text_of(done)
    number = re.search(r"Document (\d+)", text)
    assert number is not None, text
    await shot(buyer, "in-the-erp")
    assert f"Document {number[1]}" in await text_of(answer.locator("pw-draft article[data-state=executed]"))

    kept = await office.desk.documents()
    assert [each.number for each in kept if each.marker.startswith("PW")].count(number[1]) == 1
    await planner.reload()
    again = planner.locator("pw-turn pw-draft article[data-state=superseded]")
    await again.wait_for()
    await again.get_by_role("button", name="Show version 2").click()
    await planner.locator("pw-turn pw-draft article[data-state=executed]").wait_for()


async def test_a_click_signs_what_is_shown_and_one_document_comes_of_it(office: Office, seat: Seat) -> None:
    """Four clicks in a row are one signature, and the ERP has one document with its marker."""
    shown = await office.proposed()
    buyer = await seat("buyer.kassel", place(shown))
    button = card(buyer).locator("[data-act=confirm]")
    await button.wait_for()
    await button.evaluate("button => { for (let i = 0; i < 4; i++) button.click(); }")
    await card(buyer, "executed").wait_for()
    marker = marker_of(shown.proposal.id, shown.digest)
    assert sum(each.marker == marker for each in await office.desk.documents()) == 1
    assert len((await office.now(shown)).signed) == 1
    whole = card(buyer).get_by_role("button", name="Show the whole digest")
    await whole.click()
    assert shown.digest in await card(buyer).inner_text()


async def test_rejection_needs_a_reason_that_the_planner_reads(
    office: Office, seat: Seat, shot: Shot
) -> None:
    """Without a reason nothing happens; with one it ends the draft, and whoever asked for it sees why.

    What a source told too late for the draft stands on its card in words, and so does what an answer lacked.
    """
    planner = await seat("planner.kassel")
    await ask(planner, "How much stock of BR-6204 is there in Kassel?")
    shown = await office.proposed()
    hour, now = timedelta(hours=1), datetime.now(UTC)
    office.was_away("demo", "KAS", now - hour, now + hour)
    await planner.reload()
    told = planner.locator("pw-turn .caveats li", has_text="demo at KAS was away")
    assert "is here now: ask again" in await text_of(told)
    await planner.goto(office.url + place(shown).replace("lang=en", "lang=de"))
    await card(planner, "awaiting_confirmation").wait_for()
    late = await text_of(card(planner).get_by_role("region", name="Kam erst nach dem Entwurf"))
    assert "während demo in KAS nicht erreichbar war" in late
    buyer = await seat("buyer.kassel", place(shown))
    await card(buyer).locator("[data-act=reject]").click()
    reason = card(buyer).get_by_label("Why is it rejected?")
    assert await reason.evaluate("field => field.getRootNode().activeElement === field")
    await card(buyer).get_by_role("button", name="Reject the draft").click()
    assert await reason.get_attribute("aria-invalid") == "true"
    assert (await office.now(shown)).state == "awaiting_confirmation"
    await reason.fill("Two pallets were found")
    await card(buyer).get_by_role("button", name="Reject the draft").click()
    await card(buyer, "rejected").wait_for()
    # The planner's page is told by nobody: it looks every few seconds.
    assert "Two pallets were found" in await text_of(card(planner, "rejected"))
    await shot(planner, "rejected")
    await planner.locator("[data-shelf=not_written]").click()
    await planner.locator(f"pw-inbox li[data-id='{shown.proposal.id}']").wait_for()


async def test_what_another_decided_meanwhile_is_said_beside_how_it_stands(
    office: Office, seat: Seat
) -> None:
    """A confirmation that comes too late is refused with its reason; the card shows the new state."""
    shown = await office.proposed()
    buyer = await seat("buyer.kassel", place(shown))
    button = card(buyer).locator("[data-act=confirm]")
    await button.wait_for()
    other = await office.desk.person("buyer")
    await office.desk.confirmations.reject(other, shown.proposal.id, shown.digest, "Not now")
    await button.click()
    trouble = await text_of(card(buyer, "rejected").locator(".problem"))
    assert "waits for no confirmation" in trouble
    assert "This is how it stands now. Rejected." in trouble


async def test_a_second_tab_sees_the_decision_of_the_first(office: Office, seat: Seat) -> None:
    """Both tabs show the card and the badge; after one confirms, the other has no button left."""
    shown = await office.proposed()
    first = await seat("buyer.kassel", place(shown))
    second = await first.context.new_page()
    await second.goto(office.url + place(shown))
    await card(second).locator("[data-act=confirm]").wait_for(timeout=20_000)
    await card(first).locator("[data-act=confirm]").click()
    await card(second, "executed").wait_for(timeout=15_000)
    assert await card(second).locator("[data-act=confirm]").count() == 0


async def test_the_badge_counts_what_is_mine_and_an_empty_inbox_says_so(office: Office, seat: Seat) -> None:
    """A buyer sees a number at the inbox; a planner who asked sees their own and none to confirm."""
    await office.proposed()
    buyer = await seat("buyer.kassel")
    await buyer.get_by_role("button", name=re.compile(r"Inbox\W+\d+ waiting for you")).wait_for()
    planner = await seat("planner.kassel", "/panel/?lang=en#/drafts")
    await planner.locator("[data-shelf=asked_for][aria-pressed=true]").wait_for()
    await planner.locator("[data-shelf=mine_to_confirm]").click()
    await planner.locator("pw-inbox .empty", has_text="Nothing waits for your confirmation.").wait_for()
    assert await planner.get_by_role("button", name=re.compile("waiting for you")).count() == 0


async def test_several_are_confirmed_in_order_with_their_exact_total(
    office: Office, seat: Seat, shot: Shot
) -> None:
    """What is confirmed stands in a list with its sum on the button: all of them are written."""
    # Another planner's: what one person has under way with a supplier is added up.
    pair = [await office.proposed(office.draft("100", price), by="planner") for price in ("1.005", "3.501")]
    buyer = await seat("buyer.kassel", "/panel/?lang=en#/drafts")
    for shown in pair:
        await buyer.locator(f"pw-inbox li[data-id='{shown.proposal.id}'] input[type=checkbox]").check()
    together = buyer.locator("pw-inbox .together")
    assert (await text_of(together)).count("100 PC") == 2
    await shot(buyer, "confirm-together")
    await together.get_by_role("button", name="Confirm 2 drafts, together 450.60 EUR").click()
    await buyer.locator("[data-shelf=moving][aria-pressed=true]").wait_for()
    for _ in range(150):
        if {(await office.now(shown)).state for shown in pair} == {"executed"}:
            break
        await asyncio.sleep(0.2)
    assert [(await office.now(shown)).state for shown in pair] == ["executed", "executed"]


async def test_switched_off_is_said_in_the_inbox_and_on_the_card(office: Office, seat: Seat) -> None:
    """What is off, by whom and why, stands above the list and on the card; a confirmation is refused."""
    shown = await office.proposed()
    buyer = await seat("buyer.kassel", place(shown))
    await card(buyer).locator("[data-act=confirm]").wait_for()
    admin = await office.desk.person("admin")
    await office.desk.switches.off(admin, SwitchTarget("site", "KAS"), "Stocktaking until noon")
    try:
        await buyer.locator("pw-inbox .list .off", has_text="Stocktaking until noon").wait_for()
        await card(buyer).locator("[data-act=confirm]").click()
        assert "Switched off" in await text_of(card(buyer).locator(".problem"))
        assert "Stocktaking until noon" in await text_of(card(buyer).locator(".off"))
        assert (await office.now(shown)).state == "awaiting_confirmation"
    finally:
        await office.desk.switches.on(admin, SwitchTarget("site", "KAS"), "Counted")
    await buyer.locator("pw-inbox .list .off").wait_for(state="detached")


async def test_another_persons_session_shows_what_is_theirs(office: Office, seat: Seat) -> None:
    """After the same browser becomes somebody else, the card has no button of the one before."""
    shown = await office.proposed()
    page = await seat("buyer.kassel", place(shown))
    await card(page).locator("[data-act=confirm]").wait_for()
    await sign_in(page.context, office.url, "planner.kassel")
    await page.reload()
    assert "You asked for this draft" in await text_of(card(page).locator(".why-not"))
    assert await card(page).locator("[data-act=confirm]").count() == 0
    await page.goto(f"{office.url}/panel/?lang=en#/drafts/00000000-0000-7000-8000-000000000000")
    assert "no proposal" in (await text_of(page.locator("pw-inbox .detail .problem"))).lower()


async def test_moves_are_drawn_before_and_after_on_their_card(office: Office, seat: Seat, shot: Shot) -> None:
    """Each order has a bar as planned and one as it would be, in answer and inbox, and as a table."""
    planner = await seat("planner.kassel")
    await ask(planner, "Press 2 in Kassel is down until Thursday")
    answer = await ask(planner, "Draft that")
    inline = answer.locator("pw-draft article[data-state=awaiting_confirmation]")
    await inline.locator("[data-plan] pw-chart svg").first.wait_for()
    id = await inline.get_attribute("data-id")
    await planner.goto(f"{office.url}/panel/?lang=en#/drafts/{id}")
    await planner.reload()
    shown = card(planner)
    await shown.locator("[data-plan] pw-chart svg").first.wait_for()
    assert "No price known" not in await planner.locator(f"pw-inbox [data-id='{id}'] .row").inner_text()
    await shot(planner, "moves-in-the-inbox")
    await shown.locator("[data-plan]").get_by_role("button", name="Show as table").click()
    rows = await text_of(shown.locator("[data-plan] table"))
    assert rows.count("Before") == rows.count("After") >= 2, rows

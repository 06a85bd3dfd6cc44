"""Every kind of draft to its end in the panel, and what several people, tabs and the clock do to one."""

from __future__ import annotations

import asyncio
import re
from datetime import timedelta

import playwright.async_api as playwright
import pytest

from policies.clock import now_utc
from policies.execution.marker import marker_of
from server.desk import opened_desk
from tests.systems.panel.conftest import Office, Seat, Shot, ask
from tests.systems.panel.test_panel_drafts import card, place, text_of

TWO_PEOPLE = "60.00"
"""A price at which 500 pieces are more than one person may sign."""


@pytest.mark.parametrize(
    ("asking", "sentence", "signing", "title", "parts"),
    [
        (
            "planner",
            "transfer 40 of BR-6204 from Greenville to Kassel by 10 April",
            "inventory",
            "Confirm transfer for 40 PC",
            ("BR-6204", "40", "Greenville"),
        ),
        (
            "planner.kassel",
            "block batch CP-40-260310-037 at Kassel because of leaking seals",
            "steward",
            "Confirm",
            ("CP-40-260310-037", "leaking seals"),
        ),
    ],
)
async def test_a_transfer_and_a_hold_go_from_a_sentence_into_the_erp(
    office: Office,
    seat: Seat,
    shot: Shot,
    asking: str,
    sentence: str,
    signing: str,
    title: str,
    parts: tuple[str, ...],
) -> None:
    """The card says all of it to whoever asked and to whoever signs; one document comes of it."""
    requester = await seat(asking)
    answer = await ask(requester, sentence)
    inline = answer.locator("pw-draft article[data-state=awaiting_confirmation]")
    text = await text_of(inline)
    for part in parts:
        assert part in text, part
    assert await inline.locator("[data-act=confirm]").count() == 0
    identity = await inline.get_attribute("data-id")
    signer = await seat(signing, f"/panel/?lang=en#/drafts/{identity}")
    confirm = card(signer).locator("[data-act=confirm]")
    assert title in await text_of(confirm)
    await shot(signer, f"card-of-{signing}")
    await confirm.click()
    number = re.search(r"Document (\S+)", await text_of(card(signer, "executed")))
    assert number is not None
    done = answer.locator("pw-draft article[data-state=executed]")
    assert f"Document {number[1]}" in await text_of(done)
    assert [each.number for each in await office.desk.documents()].count(number[1]) == 1


async def test_two_signatures_are_two_people(office: Office, seat: Seat, shot: Shot) -> None:
    """The buyer's is the first and counts once; nothing is written before the controller's."""
    shown = await office.proposed(office.draft("500", TWO_PEOPLE))
    marker = marker_of(shown.proposal.id, shown.digest)
    buyer = await seat("buyer.kassel", place(shown))
    assert "2 signatures" in await text_of(card(buyer).locator(".who"))
    await card(buyer).locator("[data-act=confirm]").click()
    assert "You have signed" in await text_of(card(buyer).locator(".why-not"))
    assert await card(buyer).locator("[data-act=confirm]").count() == 0
    assert (await office.now(shown)).state == "awaiting_confirmation"
    assert marker not in {each.marker for each in await office.desk.documents()}
    await shot(buyer, "first-of-two")
    controller = await seat("controller", place(shown))
    await card(controller).locator("[data-act=confirm]").click()
    await card(controller, "executed").wait_for()
    await card(buyer, "executed").wait_for()
    assert len((await office.now(shown)).signed) == 2
    assert sum(each.marker == marker for each in await office.desk.documents()) == 1


async def test_a_draft_that_runs_out_under_ones_eyes_cannot_be_confirmed(
    office: Office, seat: Seat, shot: Shot
) -> None:
    """The open card becomes one that is over, without a reload, and its button is gone."""
    hours = office.desk.policy.lifetime_hours("KAS", "purchase_requisition", now_utc())
    ago = timedelta(hours=hours) - timedelta(seconds=6)
    desk = office.desk
    async with opened_desk(desk.settings, desk.home, desk.store, clock=lambda: now_utc() - ago) as earlier:
        planner = await desk.person("planner.kassel")
        day = await desk.day(planner, "KAS")
        shown = (await earlier.propose(planner, office.draft(), business_date=day)).shown
    buyer = await seat("buyer.kassel", place(shown))
    await card(buyer).locator("[data-act=confirm]").wait_for()
    await card(buyer, "expired").wait_for()
    assert await card(buyer).locator("[data-act=confirm]").count() == 0
    await shot(buyer, "expired")
    assert (await office.now(shown)).state == "expired"


async def test_two_tabs_that_confirm_at_once_sign_once(office: Office, seat: Seat) -> None:
    """Whichever came second says how it stands; there is one signature and one document."""
    # Another planner's: what one person has under way with a supplier is added up.
    shown = await office.proposed(by="planner")
    first = await seat("buyer.kassel", place(shown))
    second = await seat("buyer.kassel", place(shown))
    buttons = [card(page).locator("[data-act=confirm]") for page in (first, second)]
    for button in buttons:
        await button.wait_for()

    async def press(button: playwright.Locator) -> None:
        await button.dispatch_event("click")

    await asyncio.gather(*map(press, buttons))
    for page in (first, second):
        await card(page, "executed").wait_for()
    assert len((await office.now(shown)).signed) == 1
    marker = marker_of(shown.proposal.id, shown.digest)
    assert sum(each.marker == marker for each in await office.desk.documents()) == 1

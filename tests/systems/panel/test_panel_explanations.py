"""Explanations in the panel: one controller has one drafted by a sentence, another one decides about it."""

from __future__ import annotations

from tests.systems.panel.conftest import Office, Seat, Shot, ask


async def test_a_sentence_is_published_by_another_controller(office: Office, seat: Seat, shot: Shot) -> None:
    """The drafter reads why they may not; the inbox of the other one has it, counts it, and publishes it."""
    drafter = await seat("controller.monterrey")
    answer = await ask(drafter, "Publish the explanation of Monterrey in October")
    card = answer.locator("pw-explanation article[data-state=drafted]")
    await card.wait_for()
    text = await card.inner_text()
    for part in ("236,070.72", "Waits to be published", "'controller.monterrey' drafted it", "a controller"):
        assert part in text, part
    assert await card.locator("[data-act=publish]").count() == 0
    await shot(drafter, "explanation-drafted")

    other = await seat("controller", "/panel/?lang=en#/drafts")
    row = other.locator("pw-inbox .explained .row")
    await row.click()
    open_card = other.locator("pw-inbox pw-explanation article")
    await open_card.locator("[data-act=publish]").wait_for()
    await shot(other, "explanation-in-the-inbox")
    await open_card.locator("[data-act=publish]").click()
    done = other.locator("pw-inbox pw-explanation article[data-state=published]")
    await done.wait_for()
    assert "Decided by controller" in await done.inner_text()
    await other.locator("pw-inbox .explained").wait_for(state="detached")


async def test_who_may_turns_it_down_with_a_reason(office: Office, seat: Seat, shot: Shot) -> None:
    """Without a reason nothing happens; with one the drafter reads it."""
    drafter = await seat("controller.monterrey")
    answer = await ask(drafter, "Publish the explanation of Monterrey in September")
    await answer.locator("pw-explanation article[data-state=drafted]").wait_for()
    other = await seat("controller", "/panel/?lang=en#/drafts")
    await other.locator("pw-inbox .explained .row").click()
    card = other.locator("pw-inbox pw-explanation article")
    await card.locator("[data-act=reject]").click()
    await card.get_by_role("button", name="Turn the explanation down").click()
    await card.locator("#wrong-reason").wait_for()
    await card.locator("textarea").fill("A count is in it")
    await card.get_by_role("button", name="Turn the explanation down").click()
    rejected = other.locator("pw-inbox pw-explanation article[data-state=rejected]")
    await rejected.wait_for()
    assert "A count is in it" in await rejected.inner_text()

"""The panel for everybody: axe finds nothing, the keyboard reaches all of it, large text loses nothing."""

from __future__ import annotations

import re

import playwright.async_api as playwright
import pytest

from server.app import panel_folder
from tests.systems.panel.conftest import Office, Seat, Shot, ask

AXE = panel_folder().parent / "node_modules" / "axe-core" / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# The page around a panel has the first heading and the landmarks.
OF_THE_PAGE = ["page-has-heading-one", "region", "landmark-one-main"]
# What of the panel stands out of the window, or scrolls sideways where it is not made to.
LOST = """() => {
  const found = [];
  const walk = root => {
    for (const element of root.querySelectorAll("*")) {
      if (element.shadowRoot) walk(element.shadowRoot);
      if (!/^(BUTTON|INPUT|SELECT|TEXTAREA|H1|H2|H3|P|DD)$/.test(element.tagName)) continue;
      if (element.closest(".unseen, .skip, [popover], .grid, table") || !element.offsetParent) continue;
      const box = element.getBoundingClientRect();
      if (box.left < -1 || box.right > innerWidth + 1)
        found.push(`${element.tagName} ${element.className} ${box.right}`);
    }
  };
  walk(document);
  if (document.scrollingElement.scrollWidth > innerWidth) found.push("the page scrolls sideways");
  return found;
}"""
ACTIVE = """() => {
  let element = document.activeElement;
  while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
  return [element?.tagName ?? "", (element?.getAttribute("aria-label") || element?.textContent || "").trim(),
    element?.className ?? ""].join(" | ");
}"""
TABS = 90


async def violations(page: playwright.Page) -> list[str]:
    """What axe has against the page as it stands, with where."""
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(AXE.read_text(encoding="utf-8"))
    found = await page.evaluate(
        "([tags, off]) => axe.run(document, {runOnly: {type: 'tag', values: tags},"
        " rules: Object.fromEntries(off.map(rule => [rule, {enabled: false}])), resultTypes: ['violations']})"
        ".then(found => found.violations.map(rule => [rule.id, rule.help,"
        " rule.nodes.map(node => [node.target.flat(), node.failureSummary])]))",
        [TAGS, OF_THE_PAGE],
    )
    return [f"{rule}: {text}: {nodes}" for rule, text, nodes in found]


@pytest.mark.skipif(not AXE.is_file(), reason="needs axe-core: `npm ci` in server/panel")
@pytest.mark.parametrize(
    ("language", "scheme", "width"),
    [("en", "light", 1280), ("en", "dark", 360), ("de", "dark", 1280), ("de", "light", 360)],
)
async def test_axe_finds_nothing_in_any_view(
    office: Office, seat: Seat, shot: Shot, language: str, scheme: str, width: int
) -> None:
    """Every view in each language, scheme and width: start, answer, evidence, card, form, inbox, decided."""
    named = f"{language}-{scheme}-{width}"
    wrong: dict[str, list[str]] = {}

    async def look(page: playwright.Page, view: str) -> None:
        await shot(page, f"{view}-{named}")
        if found := await violations(page):
            wrong[view] = found

    page = await seat("planner.kassel", f"/panel/?lang={language}", width=width, scheme=scheme)
    await look(page, "welcome")
    answer = await ask(page, "Which suppliers did we spend the most with?")
    await look(page, "answer")
    await answer.locator("button.figure").first.click()
    await page.locator("pw-evidence dl").wait_for()
    await look(page, "evidence")
    await page.keyboard.press("Escape")
    answer = await ask(page, f"draft a requisition for {width} of BR-6204 for Kassel by 12 June")
    card = answer.locator("pw-draft article[data-state=awaiting_confirmation]")
    await card.locator("[data-act=edit]").click()
    await look(page, "draft-form")

    shown = await office.proposed()
    place = f"/panel/?lang={language}#/drafts"
    page = await seat("buyer.kassel", place, width=width, scheme=scheme)
    await page.locator("pw-inbox .row").first.wait_for()
    await look(page, "inbox")
    await page.locator(f"pw-inbox li[data-id='{shown.proposal.id}'] .row").click()
    card = page.locator("pw-inbox article[data-state]")
    for folded in await card.locator("summary").all():
        await folded.click()
    await look(page, "card")
    await card.locator("[data-act=reject]").click()
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await card.locator(".wrong").wait_for()
    await look(page, "card-form")
    assert wrong == {}


async def tab_to(page: playwright.Page, wanted: str, *, back: bool = False) -> str:
    """Press Tab until the focus is on what is wanted; what is passed over has to be seen to have it."""
    passed = []
    for _ in range(TABS):
        await page.keyboard.press("Shift+Tab" if back else "Tab")
        now = await page.evaluate(ACTIVE)
        if re.search(wanted, now):
            return str(now)
        passed.append(now)
    raise AssertionError(f"no {wanted!r} within {TABS} tabs: {passed}")


async def test_the_keyboard_leads_from_the_question_to_the_confirmation(office: Office, seat: Seat) -> None:
    """No pointer: ask, open the evidence and close it, draft; another opens the inbox and confirms."""
    page = await seat("planner.kassel")
    await page.locator("pw-composer textarea").wait_for()
    await page.wait_for_function(f"({ACTIVE})().startsWith('TEXTAREA')")
    await page.keyboard.type("draft a requisition for 75 of BR-6204 for Kassel by 26 June")
    await page.keyboard.press("Enter")
    await page.locator("pw-turn pw-draft article[data-state]").wait_for(timeout=60_000)
    await tab_to(page, r"^BUTTON \| 75 \|", back=True)
    await page.keyboard.press("Enter")
    await page.locator("pw-evidence dl").wait_for()
    await page.keyboard.press("Escape")
    await page.locator("pw-evidence").wait_for(state="detached")
    assert re.match(r"BUTTON \| 75 \|", await page.evaluate(ACTIVE))
    await tab_to(page, r"^BUTTON \| Change \|")
    await page.keyboard.press("Enter")
    await page.wait_for_function(f"({ACTIVE})().startsWith('INPUT')")
    await page.keyboard.press("Escape")
    await page.wait_for_function(f"({ACTIVE})().startsWith('BUTTON | Change')")

    page = await seat("buyer.kassel")
    await page.locator("pw-composer textarea").wait_for()
    await tab_to(page, r"^BUTTON \| Inbox", back=True)
    await page.keyboard.press("Enter")
    await page.locator("pw-inbox .row").first.wait_for()
    await tab_to(page, r"^BUTTON \| 75 PC BR-6204")
    await page.keyboard.press("Enter")
    await page.locator("pw-inbox article[data-state=awaiting_confirmation]").wait_for()
    await tab_to(page, r"^BUTTON \| Confirm requisition for 75 PC")
    await page.keyboard.press("Enter")
    await page.locator("pw-inbox article[data-state=executed]").wait_for()
    # What was decided has the focus, and was said.
    assert (await page.evaluate(ACTIVE)).startswith("ARTICLE")
    assert await page.locator("pw-panel .status").inner_text() != ""


@pytest.mark.parametrize(("width", "height"), [(640, 400), (320, 256)])
async def test_large_text_loses_nothing(
    office: Office, seat: Seat, shot: Shot, width: int, height: int
) -> None:
    """A window of 1280 by 800 at 200 %, and of 1280 by 1024 at 400 %: all is there, nothing to the side."""
    shown = await office.proposed()
    page = await seat("buyer.kassel", f"/panel/?lang=de#/drafts/{shown.proposal.id}", width=width)
    await page.set_viewport_size({"width": width, "height": height})
    confirm = page.locator("pw-inbox [data-act=confirm]")
    await confirm.wait_for()
    assert await page.evaluate(LOST) == []
    await confirm.scroll_into_view_if_needed()
    assert await confirm.evaluate("b => b.scrollWidth <= b.clientWidth && b.scrollHeight <= b.clientHeight")
    await shot(page, f"large-card-{width}")
    await page.locator("pw-inbox [data-act=reject]").click()
    assert await page.evaluate(LOST) == []
    await page.locator("pw-inbox .back").click()
    await page.locator("pw-inbox .row").first.wait_for()
    assert await page.evaluate(LOST) == []
    await page.get_by_role("button", name="Fragen").click()
    await page.locator("pw-composer textarea").wait_for()
    assert await page.evaluate(LOST) == []
    await shot(page, f"large-welcome-{width}")

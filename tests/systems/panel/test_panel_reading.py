"""What stands on the panel is read as people of the language read, also where there is little room."""

from __future__ import annotations

import re

import playwright.async_api as playwright
import pytest

from tests.systems.panel.conftest import Seat, Shot, ask
from tests.systems.panel.test_panel_access import AXE, violations


async def test_two_columns_fit_into_a_side_panel(seat: Seat, shot: Shot) -> None:
    """At 320 pixels a ranking shows its names and its numbers without scrolling to the side."""
    page = await seat("planner.kassel", "/panel/?lang=de", width=320)
    answer = await ask(page, "Die fünf häufigsten Ausschussgründe nach Ausschussmenge")
    grid = answer.locator("pw-table .grid")
    await grid.locator("td.num").first.wait_for()
    assert await grid.evaluate("grid => grid.scrollWidth <= grid.clientWidth"), await grid.inner_text()
    await shot(page, "ranking-320")


async def test_months_records_and_roles_are_named_as_the_language_names_them(seat: Seat) -> None:
    """In the table, in the sentence, in the evidence and in the account: no codes and no English."""
    page = await seat("planner.kassel", "/panel/?lang=de")
    answer = await ask(page, "Ausschussquote je Monat")
    months = await answer.locator("pw-table tbody tr td:first-child").all_inner_texts()
    assert months
    assert all(re.fullmatch(r"(?:[A-Z]\S+\.|März|Mai|Juni|Juli) \d{4}", each) for each in months), months
    assert re.search(r"\b\d{4}-\d\d\b", await answer.locator(".text").first.inner_text()) is None
    await answer.locator("pw-table").get_by_role("button", name="Nachweis").click()
    sources = await page.locator("pw-evidence .source").all_inner_texts()
    assert any("Fertigungsaufträge" in each for each in sources), sources
    await page.keyboard.press("Escape")
    await page.locator("pw-header .who").click()
    account = page.locator("pw-header .pop dl").first
    await account.locator("dd", has_text="Disposition").wait_for()
    assert "Kassel" in await account.inner_text()


async def test_an_administrator_reads_what_may_leave(seat: Seat, shot: Shot) -> None:
    """Each class of data with what is done to it, in words; nobody else is offered it."""
    page = await seat("admin", "/panel/?lang=de", scheme="dark")
    await page.locator("pw-header .who").click()
    await page.locator("pw-egress summary").click()
    rows = page.locator("pw-egress tr")
    await rows.first.wait_for()
    said = {
        await row.locator("th").inner_text(): await row.locator("td").inner_text() for row in await rows.all()
    }
    assert said["Namen von Lieferanten, Kunden und Personen"] == "verdeckt"
    assert said["Notizen und Beschreibungen"] == "bleibt hier"
    await page.locator("pw-egress", has_text="Nichts wird gesendet").wait_for()
    if AXE.is_file():
        assert await violations(page) == []
    await shot(page, "what-may-leave")

    page = await seat("planner.kassel", "/panel/?lang=de")
    await page.locator("pw-header .who").click()
    await page.get_by_role("button", name="Abmelden").wait_for()
    assert await page.locator("pw-egress").count() == 0


@pytest.mark.parametrize("failing", [True, False])
async def test_a_part_that_could_not_be_read_stands_beside_the_loaded_data(seat: Seat, failing: bool) -> None:
    """The header counts it, and the table says since when and what to do; or that what is kept differs."""
    page = await seat("planner.kassel")

    async def troubled(route: playwright.Route) -> None:
        answer = await route.fetch()
        me = await answer.json()
        me["sources"][0]["troubles"] = [
            {
                "part": "purchase_order",
                "read_at": None,
                "failing_since": "2026-03-31T08:00:00Z" if failing else None,
                "problem": "The source asks for a password.",
                "remedy": "Renew the connection.",
            }
        ]
        await route.fulfill(response=answer, json=me)

    await page.route(re.compile(r"/v1/me(\?|$)"), troubled)
    await page.reload()
    await page.get_by_role("button", name=re.compile("1 part not read")).click()
    line = await page.locator("pw-header td.trouble").inner_text()
    assert ("Purchase order: cannot be read since" if failing else "Purchase order: differs") in line
    assert "Renew the connection." in line

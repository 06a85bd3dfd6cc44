"""The page in a real browser: asks, shows evidence, runs readings, survives a lost connection."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
import uvicorn

from server.app import page_folder
from server.serving import address, bound, server
from tests.server.charted import KINDS, charted
from tests.server.stand_in import StandInCopilot, house, ranking
from tools.charts import drawn

playwright = pytest.importorskip("playwright.async_api", reason="needs playwright: `make environment-dev`")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")

pytestmark = [
    pytest.mark.systems,
    pytest.mark.skipif(CHROMIUM is None, reason="needs a browser: `apt-get install chromium`"),
]

# Without these the browser looks for its maker's hosts at every start.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@dataclass
class Service:
    """The page's service on a port of its own, which can be stopped and started again."""

    copilot: StandInCopilot
    port: int = 0
    url: str = ""
    running: tuple[uvicorn.Server, asyncio.Task[None]] | None = None

    async def start(self) -> None:
        listening = bound("127.0.0.1", self.port, may_move=False)
        self.port = listening.getsockname()[1]
        self.url = address(listening)
        made = server(house(self.copilot))
        self.running = made, asyncio.create_task(made.serve(sockets=[listening]))

    async def stop(self) -> None:
        assert self.running is not None
        made, task = self.running
        made.should_exit = True
        await task


@pytest.fixture
async def service() -> AsyncIterator[Service]:
    made = Service(StandInCopilot())
    await made.start()
    yield made
    await made.stop()


@pytest.fixture
async def page(service: Service) -> AsyncIterator[playwright.Page]:
    """An opened page; whatever the browser complains of fails the test."""
    complaints: list[str] = []
    async with playwright.async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        context = await browser.new_context(permissions=["clipboard-read", "clipboard-write"])
        page = await context.new_page()
        page.set_default_timeout(15_000)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: "Content Security" in said.text and complaints.append(said.text))
        await page.goto(f"{service.url}plain/")
        await page.wait_for_selector(".opener")
        yield page
        await browser.close()
    assert complaints == []


async def ask(page: playwright.Page, question: str) -> playwright.Locator:
    """Type the question, press Enter, and wait for the answer."""
    count = await page.locator(".turn").count()
    await page.fill("#question", question)
    await page.press("#question", "Enter")
    turn = page.locator(".turn").nth(count)
    await turn.locator(".by").wait_for()
    return turn


async def test_the_plain_page_says_that_the_panel_is_not_built(
    page: playwright.Page, service: Service
) -> None:
    """Where the service serves it at / there is no panel: it says what building one takes."""
    assert await page.locator("#unbuilt").is_hidden()
    await page.route(service.url, lambda route: route.fulfill(path=page_folder() / "index.html"))
    await page.goto(service.url)
    await page.locator("#unbuilt", has_text="Node 20.19 or newer").wait_for()


async def test_answer_shows_its_figures_and_they_open_their_evidence(page: playwright.Page) -> None:
    """The number in the sentence leads to source, keys, query, age and version; Escape leads back."""
    turn = await ask(page, "top five scrap reasons")
    assert "Paint process failed leads with 1,271 pcs" in await turn.inner_text()
    assert await turn.locator("details.drawing").get_attribute("open") is None
    await turn.get_by_role("button", name="1,271").click()
    panel = await page.locator("#evidence").inner_text()
    for part in (
        "exactly 1271",
        "workorder",
        "729 rows",
        "13, 88, 140",
        "2025-05-31",
        "group by r.name",
        "catalogue",
    ):
        assert part in panel, part
    await page.keyboard.press("Escape")
    assert await page.locator("#evidence").is_hidden()


async def test_numbers_are_right_aligned_and_tabular(page: playwright.Page) -> None:
    """Columns of figures can be compared by eye."""
    turn = await ask(page, "top five scrap reasons")
    style = await turn.locator("td.num").first.evaluate(
        "e => [getComputedStyle(e).textAlign, getComputedStyle(e).fontVariantNumeric]"
    )
    assert style == ["right", "tabular-nums"]


async def test_reading_runs_by_key_and_by_click(page: playwright.Page, service: Service) -> None:
    """A question back takes the focus, so that 1 to 3 answer it at once."""
    await ask(page, "how was supplier performance")
    await page.keyboard.press("2")
    await page.locator(".turn").nth(1).locator(".by").wait_for()
    await ask(page, "how was supplier performance")
    await page.locator(".turn").nth(2).locator(".choice").first.click()
    await page.locator(".turn").nth(3).locator(".by").wait_for()
    assert [key for _, _, key in service.copilot.chosen] == ["2", "1"]


async def test_table_is_copied_as_csv_without_formulas(page: playwright.Page) -> None:
    """Text that a spreadsheet would run is escaped; a negative number stays a number."""
    turn = await ask(page, "hostile")
    await turn.get_by_role("button", name="Copy as CSV").click()
    await turn.get_by_text("Copied").wait_for()
    copied = await page.evaluate("navigator.clipboard.readText()")
    assert copied.splitlines()[:3] == [
        "Supplier,Spend (USD)",
        '"\'=HYPERLINK(""http://evil"")",-12.50',
        "<script>alert(1)</script>,3.00",
    ]


async def test_text_from_data_stays_text(page: playwright.Page) -> None:
    """Markup in a name makes no element."""
    turn = await ask(page, "hostile")
    assert await turn.locator("img, script").count() == 0
    assert "<img src=x onerror=alert(1)> leads." in await turn.inner_text()


async def test_person_is_picked(page: playwright.Page, service: Service) -> None:
    """Another person begins another conversation."""
    await ask(page, "top five")
    await page.select_option("#person", "buyer")
    await page.wait_for_selector(".opener")
    await ask(page, "top five")
    assert [subject for subject, *_ in service.copilot.asked] == ["planner", "buyer"]


async def test_conversation_is_there_again_after_a_reload(page: playwright.Page) -> None:
    """What was said is not lost with the window's content."""
    await ask(page, "top five")
    await page.reload()
    await page.locator(".turn").nth(1).locator(".by").wait_for()
    assert await page.locator(".asked").first.inner_text() == "Top five scrap reasons by scrapped quantity"


async def test_running_question_can_be_stopped(page: playwright.Page, service: Service) -> None:
    """The button that asks is the one that stops."""
    service.copilot.pause = 30
    await page.fill("#question", "top five")
    await page.press("#question", "Enter")
    await page.get_by_role("button", name="Stop").click()
    await page.get_by_text("Stopped.").wait_for()
    assert await page.locator("#send").inner_text() == "Ask"


async def test_lost_connection_is_said_and_mended(page: playwright.Page, service: Service) -> None:
    """The page says that the service is gone, notices that it is back, and shows the answer that was kept."""
    service.copilot.pause = 30
    await page.fill("#question", "top five")
    # The page shows that it reads before the service has the question.
    async with page.expect_response(lambda response: response.url.endswith("/messages")):
        await page.press("#question", "Enter")
    await page.get_by_text("Reading the question").first.wait_for()
    await service.stop()
    await page.get_by_text("No connection to the service").wait_for()
    service.copilot.pause = 0
    await service.start()
    await page.locator(".turn .by").wait_for()
    assert await page.locator("#banner").is_hidden()


@pytest.mark.parametrize("width", [1280, 400])
async def test_nothing_is_wider_than_the_window(page: playwright.Page, width: int) -> None:
    """No sideways scrolling, in the desktop's window or the phone's."""
    await page.set_viewport_size({"width": width, "height": 800})
    await ask(page, "top five")
    await ask(page, "and by month?")
    widest = await page.evaluate("document.scrollingElement.scrollWidth")
    assert widest <= width


async def test_everything_can_be_reached_and_is_named(page: playwright.Page) -> None:
    """Each control has a name for a screen reader; progress and answers are announced."""
    await ask(page, "top five")
    nameless = await page.evaluate(
        "[...document.querySelectorAll('button,select,textarea,a')].filter(e => !e.hidden &&"
        " !(e.getAttribute('aria-label') || e.textContent.trim() || e.labels?.length)).length"
    )
    assert nameless == 0
    assert await page.locator("[aria-live=polite]").inner_text() != ""


@pytest.mark.parametrize("words", KINDS)
async def test_each_point_of_a_chart_is_a_value_of_its_table(page: playwright.Page, words: str) -> None:
    """Every kind: the page draws the cells that the specification refers to, and as many as the terminal."""
    turn = await ask(page, words)
    answer = charted(ranking(), words)
    charts = turn.locator("details.drawing[open] svg.chart")
    assert await charts.count() == len(answer.charts)
    for at, spec in enumerate(answer.charts):
        table = answer.tables[spec.table]
        marks = (
            await charts.nth(at)
            .locator(".mark[data-row]")
            .evaluate_all("marks => marks.map(e => [Number(e.dataset.row), e.dataset.value])")
        )
        series = drawn(spec, table).series[: 1 if spec.kind == "pareto" else None]
        expected = [
            (point.row, table.rows[point.row][table.names.index(one.spec.column)])
            for one in series
            for point in one.points
        ]
        assert sorted(map(tuple, marks)) == sorted(expected)


async def test_chart_says_what_it_shows_and_is_walked_by_key(page: playwright.Page) -> None:
    """Title, description, a name for each point, arrow keys between them, and the value below."""
    turn = await ask(page, "drawn as lines")
    chart = turn.locator("svg.chart")
    assert await chart.get_attribute("role") == "group"
    named = await chart.evaluate(
        "e => e.getAttribute('aria-labelledby').split(' ').map(id => document.getElementById(id).textContent)"
    )
    assert named[0] == "Scrapped quantity by Month and Site"
    assert "reaches to 2025-05-31" in named[1]
    first = chart.locator(".mark").first
    await first.focus()
    assert await turn.locator(".readout").inner_text() == "2025-01, Kassel: 151 pcs"
    await page.keyboard.press("ArrowRight")
    assert await turn.locator(".readout").inner_text() == "2025-02, Kassel: 182 pcs"
    assert await chart.locator(".mark[tabindex='0']").count() == 1
    assert await turn.locator("table").count() == 1


async def test_bars_begin_at_zero_and_go_both_ways(page: playwright.Page) -> None:
    """Lengths go with values, and a negative one lies on the other side of the axis."""
    turn = await ask(page, "drawn below zero")
    boxes = await turn.locator("rect.mark").evaluate_all(
        "marks => marks.map(e => [Number(e.dataset.value), e.x.baseVal.value, e.width.baseVal.value])"
    )
    zero = boxes[0][1]
    for value, start, width in boxes:
        assert width / boxes[0][2] == pytest.approx(abs(value) / boxes[0][0], rel=0.01)
        assert (start + width if value < 0 else start) == pytest.approx(zero, abs=0.5)


async def test_what_is_not_drawn_is_said_with_its_sum(page: playwright.Page) -> None:
    """The page adds up exactly, as the terminal does."""
    turn = await ask(page, "drawn as a ranking")
    assert "Not drawn: 10 more, together 25,520.03 USD." in await turn.locator("figcaption").inner_text()
    assert await turn.locator("rect.mark").count() == 30


async def test_drawing_moves_nothing_on_the_page(page: playwright.Page) -> None:
    """A chart has its place before it is looked at: focus and hover change no height."""
    turn = await ask(page, "drawn stacked")
    height = await turn.evaluate("e => e.offsetHeight")
    await turn.locator(".mark").first.focus()
    await turn.locator(".mark").last.hover()
    assert await turn.evaluate("e => e.offsetHeight") == height


@pytest.mark.parametrize("width", [1280, 400])
async def test_no_chart_is_wider_than_the_window(page: playwright.Page, width: int) -> None:
    """Long names are cut, in the desktop's window or the phone's."""
    await page.set_viewport_size({"width": width, "height": 800})
    for words in KINDS:
        await ask(page, words)
    assert await page.evaluate("document.scrollingElement.scrollWidth") <= width
    within = await page.evaluate(
        "[...document.querySelectorAll('svg.chart')].every("
        "e => e.clientWidth <= document.querySelector('main').clientWidth)"
    )
    assert within


async def test_chart_that_refers_to_nothing_is_left_out(page: playwright.Page, service: Service) -> None:
    """A specification from elsewhere with a column that the table lacks breaks no page."""
    service.copilot.bent = {"split": ("nowhere",)}
    turn = await ask(page, "drawn as lines")
    assert await turn.locator("svg.chart").count() == 0
    assert await turn.locator("table").count() == 1

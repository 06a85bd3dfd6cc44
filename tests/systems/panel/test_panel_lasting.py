"""Long use: sessions that end, tabs that sign out, a slow line, a service that dies, much to show."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import playwright.async_api as playwright
import psycopg
import pytest

from agents.answer import Answer
from erp_adapters.caller import Caller
from erp_adapters.store.provision import ADMIN_ROLE
from server.serving import bound
from tests.conftest import Database
from tests.server.stand_in import StandInCopilot, StandInDirectory, StandInSessions, house, months, ranking
from tests.systems.panel.conftest import Seen, Shot, ask
from tests.systems.panel.test_panel_access import LOST
from tests.systems.panel.test_panel_asking import SENTENCE, Served, opened

ROWS = 2_000
TURNS = 60
LONG = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft" * 4
# Milliseconds from a click to what came of it on the screen.
CLICKED = """async button => {
  const from = performance.now();
  button.click();
  await new Promise(done => requestAnimationFrame(() => setTimeout(done)));
  return performance.now() - from;
}"""
# Four tenths of a second there and back, and 60 KiB a second: a telephone at the edge of a yard.
SLOW = {
    "offline": False,
    "latency": 400,
    "downloadThroughput": 60 * 1024,
    "uploadThroughput": 30 * 1024,
}


@asynccontextmanager
async def served(copilot: StandInCopilot, directory: StandInDirectory | None = None) -> AsyncIterator[Served]:
    service = Served(house(copilot, directory))
    await service.start()
    try:
        yield service
    finally:
        await service.stop()


async def begin(page: playwright.Page, question: str = SENTENCE) -> None:
    """Ask and wait until it is being answered."""
    await page.locator("pw-composer textarea").fill(question)
    await page.keyboard.press("Enter")
    await page.locator("pw-turn .progress").last.wait_for()


async def test_a_session_that_ends_in_the_middle_of_a_question_loses_nothing(
    browser: playwright.Browser, seen: Seen, shot: Shot
) -> None:
    """The page says that the session has ended; after signing in the answer is there, asked once."""
    copilot = StandInCopilot(pause=4.0)
    async with served(copilot) as service:
        page = await opened(browser, seen, service.url)
        await begin(page)
        for secret in list(StandInSessions.kept):
            del StandInSessions.kept[secret]
        await page.evaluate("dispatchEvent(new Event('focus'))")
        again = page.locator("pw-sign-in").get_by_role("button")
        await again.wait_for()
        await shot(page, "session-ended")
        assert await page.locator("pw-turn").count() == 0
        await again.click()
        await page.locator("button[value=buyer]").click()
        answer = page.get_by_role("article", name=SENTENCE).locator("pw-answer")
        await answer.wait_for()
        assert await answer.count() == 1
        assert [question for _, question, _, _ in copilot.asked] == [SENTENCE]


async def test_signing_out_in_one_tab_ends_a_question_of_another(
    browser: playwright.Browser, seen: Seen
) -> None:
    """The other tab shows nobody's answer, also when it arrives afterwards."""
    copilot = StandInCopilot(pause=2.0)
    async with served(copilot) as service:
        page = await opened(browser, seen, service.url)
        other = await page.context.new_page()
        await other.goto(f"{service.url}/panel/?lang=en")
        await other.locator("pw-composer textarea").wait_for()
        await begin(page)
        await other.locator("pw-header").get_by_role("button", name="Buyer").click()
        await other.get_by_role("button", name="Sign out").click()
        await page.locator("pw-sign-in").wait_for()
        await asyncio.sleep(2.5)
        assert await page.locator("pw-turn, pw-composer").count() == 0


async def test_a_slow_line_shows_that_something_happens(
    browser: playwright.Browser, seen: Seen, shot: Shot
) -> None:
    """The first visit is there within ten seconds of 60 KiB each; a question shows its progress at once."""
    copilot = StandInCopilot(pause=1.0)
    async with served(copilot) as service:
        page = await opened(browser, seen, service.url)
        devtools = await page.context.new_cdp_session(page)
        await devtools.send("Network.enable")
        await devtools.send("Network.emulateNetworkConditions", SLOW)
        await devtools.send("Network.setCacheDisabled", {"cacheDisabled": True})
        await page.goto(f"{service.url}/panel/?lang=en", wait_until="commit")
        await page.locator("pw-composer textarea").wait_for(timeout=10_000)
        await page.locator("pw-composer textarea").fill(SENTENCE)
        await page.keyboard.press("Enter")
        await page.locator("pw-turn [aria-busy=true]").wait_for(timeout=300)
        await shot(page, "slow-line")
        await page.locator("pw-turn pw-answer").wait_for()
        assert len(copilot.asked) == 1


def _large(question: str) -> Answer:
    said = ranking(question)
    (table, *_) = said.tables
    rows = tuple(
        (f"Supplier {number:04} {LONG if number == 1 else ''}", str(number)) for number in range(ROWS)
    )
    wide = table.model_copy(
        update={
            "columns": ("Supplier", "Spend"),
            "names": ("supplier", "spend"),
            "kinds": ("text", "money"),
            "units": ("", "USD"),
            "rows": rows,
            "total_rows": ROWS,
        }
    )
    return said.model_copy(
        update={
            "answer": LONG,
            "reading": LONG,
            "caveats": (LONG,),
            "suggestions": (LONG,),
            "tables": (wide,),
            "charts": (),
            "figures": (),
        }
    )


def lines(file: Path) -> list[str]:
    return file.read_text(encoding="utf-8-sig").splitlines()


class _Much(StandInCopilot):
    async def ask(self, *args: object, **named: object) -> Answer:
        return _large("everything").model_copy(update={"conversation": str(named["conversation"])})


@pytest.mark.parametrize("width", [1280, 360])
async def test_two_thousand_rows_and_very_long_words_stay_usable(
    browser: playwright.Browser, seen: Seen, shot: Shot, width: int
) -> None:
    """Nothing stands out of the window; sorting takes a moment, filtering finds the one, CSV has them all."""
    async with served(_Much()) as service:
        page = await opened(browser, seen, service.url)
        await page.set_viewport_size({"width": width, "height": 800})
        answer = await ask(page, LONG)
        table = answer.locator("pw-table")
        assert await table.locator("tbody tr").count() < 100
        assert await page.evaluate(LOST) == []
        await shot(page, f"much-{width}")
        sort = table.get_by_role("button", name="Spend")
        assert await sort.evaluate(CLICKED) < 2_000
        await table.locator("tbody tr").first.get_by_text("1,999").wait_for()
        await table.get_by_role("searchbox").fill("Supplier 0777")
        await table.get_by_text("777.00", exact=True).wait_for()
        assert await table.locator("tbody tr").count() == 1
        await table.get_by_role("searchbox").fill("")
        async with page.expect_download() as saved:
            await table.get_by_role("button", name="CSV").click()
        kept = await (await saved.value).path()
        assert len(await asyncio.to_thread(lines, kept)) == ROWS + 1


class _Remembering(StandInDirectory):
    async def conversation(self, caller: Caller, conversation: str) -> Sequence[Answer]:
        return [
            (ranking if number % 2 else months)(f"Question {number}").model_copy(
                update={"id": f"0192d0f0-0000-7000-8000-{number:012}", "conversation": conversation}
            )
            for number in range(TURNS)
        ]


async def test_a_conversation_of_sixty_turns_opens_at_its_end_and_goes_on(
    browser: playwright.Browser, seen: Seen, shot: Shot
) -> None:
    """All turns are there within seconds, the last one in sight; the next question is answered as ever."""
    async with served(StandInCopilot(), _Remembering()) as service:
        page = await opened(browser, seen, service.url)
        await page.set_viewport_size({"width": 1280, "height": 800})
        await page.locator("pw-conversations button", has_text="Question 1").first.click()
        last = page.get_by_role("article", name=f"Question {TURNS - 1}")
        await last.locator("pw-answer").wait_for(timeout=10_000)
        assert await page.locator("pw-turn").count() == TURNS
        await last.locator("h2").scroll_into_view_if_needed(timeout=1_000)
        box = await last.locator("h2").bounding_box()
        assert box is not None
        assert 0 <= box["y"] < 800
        await shot(page, "sixty-turns")
        await ask(page, SENTENCE)
        assert await page.locator("pw-turn").count() == TURNS + 1


class Mute:
    """A model's endpoint that takes a question and never answers."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            await reader.readuntil(b"\r\n\r\n")
            self.asked.set()
            await reader.read()
        writer.close()


@asynccontextmanager
async def process(
    database: Database, home: Path, port: int, **settings: str
) -> AsyncIterator[asyncio.subprocess.Process]:
    """`plantwright serve` in a process of its own, once it is ready."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "TMPDIR", "HOME") if name in os.environ}
    given = {"PLANTWRIGHT_HOME": str(home), "DATABASE_URL": database.dsn(), **settings}
    running = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "server", "serve", "--port", str(port),
        env=kept | given, stdin=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as http:
            for _ in range(1_200):
                with contextlib.suppress(httpx.HTTPError):
                    if (await http.get("/readyz")).status_code == 200:
                        break
                assert running.returncode is None, "the service ended before it was ready"
                await asyncio.sleep(0.1)
        yield running
    finally:
        if running.returncode is None:
            running.kill()
        await running.wait()


@pytest.mark.timeout(300)
async def test_a_service_that_is_killed_before_it_has_answered_says_so_and_answers_once(
    browser: playwright.Browser, seen: Seen, shot: Shot, demo_apart: Database, tmp_path: Path
) -> None:
    """SIGKILL in the middle of a turn: the turn then says what happened, and is asked again once."""
    with bound("127.0.0.1", 0, may_move=False) as free:
        port = free.getsockname()[1]
    mute = Mute()
    async with await asyncio.start_server(mute, "127.0.0.1", 0) as endpoint:
        place = f"http://127.0.0.1:{endpoint.sockets[0].getsockname()[1]}/v1"
        hosted = {"PLANTWRIGHT_MODEL": "openai:m", "OPENAI_BASE_URL": place}
        async with process(demo_apart, tmp_path, port, **hosted) as killed:
            page = await opened(browser, seen, f"http://127.0.0.1:{port}", "planner.kassel")
            await begin(page, "How much stock is there at Kassel?")
            await asyncio.wait_for(mute.asked.wait(), 60)
            killed.kill()
            await page.locator(".banner", has_text="Connection lost").wait_for()
    async with process(demo_apart, tmp_path, port):
        await page.locator(".banner").wait_for(state="detached")
        # As if the twenty seconds had passed after which a silent process counts as dead.
        with psycopg.connect(demo_apart.dsn(ADMIN_ROLE), autocommit=True) as connection:
            connection.execute("update app.run set seen = seen - interval '1 minute'")
        failed = page.locator("pw-turn [role=alert]")
        await failed.get_by_text("has ended before the answer was complete").wait_for()
        await shot(page, "killed")
        await failed.get_by_role("button", name="Ask again").click()
        await page.locator("pw-turn pw-answer").wait_for(timeout=60_000)
        assert await page.locator("pw-turn").count() == 1
        with psycopg.connect(demo_apart.dsn(ADMIN_ROLE)) as connection:
            answers = connection.execute("select count(*) from app.answer").fetchone()
        assert answers == (1,)

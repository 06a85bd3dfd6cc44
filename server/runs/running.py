"""The runs of this process: each goes on whether or not somebody listens, and can be listened to again."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import time
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field

from agents.answer import Answer
from agents.events import Done, Started
from agents.page import Page
from erp_adapters.caller import Caller
from erp_adapters.errors import CopilotError, RecordNotFound
from erp_adapters.store.ids import new_id
from server.errors import KeyReused, Problem, StillAnswering, TooMany, guarded
from server.house import House
from server.runs.book import Entered, Entry, Found, Refused, RunBook
from server.runs.position import Position
from server.runs.telling import Heard, Sent, Stopped, Telling
from tools.ending import Ending, ended_by
from tools.languages import speaking
from tools.languages.locales import language_for

log = logging.getLogger("plantwright")

HEARTBEAT_S = 15.0
"""A comment goes out in silences of this length, so that nothing between here and the client hangs up."""
ASKED_S = 0.5
"""How often a run on another replica is asked for."""
SEEN_S = 2.0
"""How often a run that takes long says that it lives."""

DIED = Problem(
    "Answer interrupted",
    503,
    "The process that was answering has ended before the answer was complete; nothing of it is kept."
    " Ask the question again.",
)
LEFT = Problem(
    "Answer interrupted",
    503,
    "The service was stopped before the answer was complete; nothing of it is kept. Ask the question again.",
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a run is to answer."""

    conversation: str
    question: str
    page: Page | None = None
    """What the page shows beside which it is asked."""

    @property
    def digest(self) -> str:
        """The same for the same question in the same conversation, beside the same page."""
        page = self.page or Page()
        parts = (self.conversation, self.question, page.plant, page.material, page.order, page.supplier)
        return hashlib.sha256("\0".join(parts).encode("utf-8", "backslashreplace")).hexdigest()


@dataclass(slots=True)
class Run:
    """One run of this process."""

    caller: Caller
    entry: Entry
    telling: Telling
    sent: list[Sent] = field(default_factory=list)
    is_over: bool = False
    is_stopped: bool = False
    ending: Ending = field(default_factory=Ending)
    since: float = field(default_factory=time.monotonic)
    news: asyncio.Event = field(default_factory=asyncio.Event)
    task: asyncio.Task[None] | None = None

    def tell(self, heard: Heard) -> None:
        """Send what was heard to everybody who listens."""
        with speaking(language_for(self.caller.locale)):
            self.sent.extend(self.telling.hear(heard))
        self._wake()

    def end(self) -> None:
        """Let everybody who listens go."""
        self.is_over = True
        self._wake()

    def _wake(self) -> None:
        self.news.set()
        self.news = asyncio.Event()

    def after(self, position: Position | None) -> int | None:
        """How many events a client at this position has; None where it was told another way."""
        if position is None:
            return 0
        last = str(position)
        number = position.number
        return number if 0 < number <= len(self.sent) and self.sent[number - 1].id == last else None

    async def listened(self, start: int) -> AsyncGenerator[str]:
        """The events from the given one on, with a comment in long silences."""
        at = start
        while True:
            news = self.news
            if at < len(self.sent):
                text = "".join(sent.text for sent in self.sent[at:])
                at = len(self.sent)
                yield text
            elif self.is_over:
                return
            else:
                try:
                    await asyncio.wait_for(news.wait(), HEARTBEAT_S)
                except TimeoutError:
                    yield ": still working\n\n"


class Runs:
    """Begins runs, lets clients listen to them, and stops them.

    Args:
        house: whose copilot answers.
        book: what other replicas know.
        most: runs of one person at a time.
    """

    def __init__(self, house: House, book: RunBook, most: int) -> None:
        self._house = house
        self._book = book
        self._most = most
        self._here: dict[tuple[str, str], Run] = {}
        self._pulse: asyncio.Task[None] | None = None

    async def begin(self, caller: Caller, run: str, asked: Asked) -> AsyncIterator[str]:
        """The run's events from the first one on; of a run that was begun before, the same ones.

        Raises:
            KeyReused: the id is that of a run that was asked something else.
            StillAnswering: the conversation has a run that is not over.
            TooMany: the person has as many runs as one may have at a time.
        """
        digest = asked.digest
        entry = Entry(run, asked.conversation, str(new_id()), digest)
        here = self._here.get((caller.subject, run))
        if here is not None:
            return self._again(here.entry, digest, here.listened(0))
        match await self._book.enter(caller, entry, self._most):
            case Entered():
                return self._started(caller, entry, asked).listened(0)
            case Found() as found:
                return self._again(found, digest, self._elsewhere(caller, found, None))
            case Refused("conversation"):
                raise StillAnswering(
                    "this conversation is still being answered; wait for the answer, or stop it, before the"
                    " next question"
                )
            case Refused():
                raise TooMany(
                    f"{self._most} of your questions are being answered; wait for one of them, or stop it",
                    retry_after_s=2,
                )

    async def listen(self, caller: Caller, run: str, position: Position | None) -> AsyncIterator[str] | None:
        """The events of a run after a position; None where it was told to its end.

        Raises:
            RecordNotFound: this person has no such run.
        """
        if position is not None and position.told == "over":
            return None
        here = self._here.get((caller.subject, run))
        start = here.after(position) if here is not None else None
        if here is not None and start is not None:
            return here.listened(start)
        found = await self._book.find(caller, run)
        if found is None:
            raise _unknown(run)
        return self._elsewhere(caller, found, position)

    async def stop(self, caller: Caller, run: str) -> None:
        """Stop a run wherever it is answered; one that is over stays as it is.

        A search ends with the best found by then, which is the answer; a second stop ends that too.

        Raises:
            RecordNotFound: this person has no such run.
        """
        here = self._here.get((caller.subject, run))
        if here is not None:
            self._stop(here)
            return
        found = await self._book.find(caller, run)
        if found is None:
            raise _unknown(run)
        if found.lives:
            await self._book.stop(caller, run)

    async def close(self, patience_s: float = 0.0) -> None:
        """Let what is being answered end, and tell the clients of the rest why it did not."""
        tasks = [run.task for run in self._here.values() if run.task is not None]
        if tasks and patience_s > 0:
            await asyncio.wait(tasks, timeout=patience_s)
        for run in list(self._here.values()):
            if run.task is not None and not run.task.done():
                run.task.cancel()
        if tasks:
            await asyncio.wait(tasks)
        if self._pulse is not None:
            self._pulse.cancel()

    @property
    def living(self) -> int:
        """How many runs this process is answering."""
        return len(self._here)

    def _again(self, known: Entry | Found, digest: str, events: AsyncIterator[str]) -> AsyncIterator[str]:
        if known.request != digest:
            raise KeyReused(
                f"the run {known.id!r} was begun with another question; give each question an id of its own"
            )
        return events

    def _started(self, caller: Caller, entry: Entry, asked: Asked) -> Run:
        run = Run(caller, entry, Telling(entry.conversation, entry.id, entry.answer))
        # The first event goes out before the turn has done anything.
        run.tell(Started(entry.conversation, entry.answer))
        self._here[caller.subject, entry.id] = run
        with ended_by(run.ending):
            run.task = asyncio.create_task(self._answered(run, asked), name=f"run {entry.id}")
        if self._pulse is None or self._pulse.done():
            self._pulse = asyncio.create_task(self._pulsing(), name="pulse of runs")
        return run

    async def _answered(self, run: Run, asked: Asked) -> None:
        """Carry the turn out and tell it; whatever happens, the run has an end."""
        ended: tuple[Heard, Answer | Problem | None] = DIED, DIED
        try:
            events = self._house.copilot.stream(
                run.caller,
                asked.question,
                conversation=asked.conversation,
                answer=run.entry.answer,
                page=asked.page,
            )
            async for event in guarded(events):
                match event:
                    case Done(answer, is_kept):
                        ended = event, None if is_kept else answer
                    case Problem():
                        ended = event, event
                    case _:
                        run.tell(event)
        except asyncio.CancelledError:
            # An answer that was complete stays one.
            if not isinstance(ended[0], Done):
                ended = (Stopped(), None) if run.is_stopped else (LEFT, LEFT)
        finally:
            await self._over(run, *ended)

    async def _over(self, run: Run, heard: Heard, outcome: Answer | Problem | None) -> None:
        # What is kept first: a client that hears the end may ask any replica.
        with suppress(CopilotError, asyncio.CancelledError):
            match heard:
                case Done() if outcome is not None:
                    await self._book.end(run.caller, run.entry.id, "finished", outcome)
                case Problem():
                    await self._book.end(run.caller, run.entry.id, "failed", outcome)
                case Stopped():
                    await self._book.end(run.caller, run.entry.id, "stopped", None)
        self._here.pop((run.caller.subject, run.entry.id), None)
        run.tell(heard)
        run.end()

    def _stop(self, run: Run) -> None:
        """End its search with the best found by then; where it has none, or was asked before, end it all."""
        if run.task is not None and not run.task.done() and not run.ending.ask():
            run.is_stopped = True
            run.task.cancel()

    async def _pulsing(self) -> None:
        """Tell the other replicas that long runs live; stop those that are to stop."""
        while self._here:
            await asyncio.sleep(SEEN_S)
            for run in list(self._here.values()):
                if time.monotonic() - run.since < SEEN_S:
                    continue
                try:
                    # What another replica was asked once, it says with every sign of life.
                    if await self._book.lives(run.caller, run.entry.id) and not run.ending.is_asked:
                        self._stop(run)
                except CopilotError as error:
                    log.warning("a run could not say that it lives: %s", error)

    async def _elsewhere(
        self, caller: Caller, found: Found, position: Position | None
    ) -> AsyncGenerator[str]:
        """The events of a run after a position, told from the book; waits while it lives elsewhere."""
        silent_since = time.monotonic()
        while found.lives:
            await asyncio.sleep(ASKED_S)
            if time.monotonic() - silent_since > HEARTBEAT_S:
                yield ": still working\n\n"
                silent_since = time.monotonic()
            found = await self._book.find(caller, found.id) or found
        telling = Telling(found.conversation, found.id, found.answer_id, position or Position())
        with speaking(language_for(caller.locale)):
            told = tuple(telling.hear(_ending(found)))
        for sent in told:
            yield sent.text


def _ending(found: Found) -> Heard:
    if found.answer is not None:
        return Done(found.answer)
    if found.state == "stopped":
        return Stopped()
    return found.problem or DIED


def _unknown(run: str) -> RecordNotFound:
    return RecordNotFound(f"you have no run {run[:64]!r}")

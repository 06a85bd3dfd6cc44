"""A turn told in AG-UI's events, from its beginning or from wherever a client was left off."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TypeAlias, assert_never

from ag_ui.core import (
    PROTOCOL_VERSION,
    BaseEvent,
    CustomEvent,
    RunErrorEvent,
    RunFinishedCancelledOutcome,
    RunFinishedEvent,
    RunFinishedSuccessOutcome,
    RunStartedEvent,
    StepFinishedEvent,
    StepStartedEvent,
    TextMessageContentEvent,
    TextMessageEndEvent,
    TextMessageStartEvent,
)
from ag_ui.encoder import EventEncoder

from agents.answer import Answer
from agents.events import Clause, Done, Event, Progress, Started
from server.errors import Problem
from server.runs.position import Position

_ENCODER = EventEncoder()


@dataclass(frozen=True, slots=True)
class Stopped:
    """Somebody stopped the run."""


Heard: TypeAlias = Event | Problem | Stopped


@dataclass(frozen=True, slots=True)
class Sent:
    """One event of a run as it goes over the wire."""

    id: str
    text: str


class Telling:
    """Turns what happens in a turn into numbered events.

    Args:
        thread: the conversation.
        run: the run's id, as its client named it.
        answer: the id of the answer, which is the id of the message too.
        position: where to go on; by default the beginning.
    """

    def __init__(self, thread: str, run: str, answer: str, position: Position | None = None) -> None:
        self._thread, self._run, self._answer = thread, run, answer
        self._spoken: str | None = "" if position is None else None
        self.position = position or Position()

    def hear(self, heard: Heard) -> Iterator[Sent]:
        """The events that tell it; none where the position is past it."""
        if self.position.number == 0:
            begun = RunStartedEvent(
                thread_id=self._thread, run_id=self._run, protocol_version=PROTOCOL_VERSION
            )
            yield self._sent(begun)
        match heard:
            case Started():
                return
            case Progress():
                yield from self._progress(heard)
            case Clause(text):
                yield from self._text(f" {text}" if self.position.said else text)
            case Done(answer):
                yield from self._whole(answer)
            case Stopped():
                yield from self._closed()
                yield from self._end(
                    RunFinishedEvent(
                        thread_id=self._thread, run_id=self._run, outcome=RunFinishedCancelledOutcome()
                    )
                )
            case Problem():
                yield from self._closed()
                yield from self._end(RunErrorEvent(message=heard.said(), code=heard.code))
            case _:
                assert_never(heard)

    def _progress(self, progress: Progress) -> Iterator[Sent]:
        if self.position.step != progress.stage:
            yield from self._step_finished()
            yield self._sent(StepStartedEvent(step_name=progress.stage), step=progress.stage)
        value = {"stage": progress.stage, "text": progress.text}
        yield self._sent(CustomEvent(name="plantwright.progress", value=value))

    def _text(self, text: str) -> Iterator[Sent]:
        if not text or self.position.told not in ("begun", "text"):
            return
        if self.position.told == "begun":
            yield self._sent(TextMessageStartEvent(message_id=self._answer, role="assistant"), told="text")
        if self._spoken is not None:
            self._spoken += text
        said = self.position.said + len(text)
        yield self._sent(TextMessageContentEvent(message_id=self._answer, delta=text), said=said)

    def _whole(self, answer: Answer) -> Iterator[Sent]:
        # A clause that was sent is never taken back: text that does not go on from it stays in the answer.
        if self._spoken is None or answer.answer.startswith(self._spoken):
            yield from self._text(answer.answer[self.position.said :])
        yield from self._closed()
        if self.position.told not in ("answered", "over"):
            yield self._sent(CustomEvent(name="plantwright.answer", value=answer), told="answered")
        yield from self._end(
            RunFinishedEvent(thread_id=self._thread, run_id=self._run, outcome=RunFinishedSuccessOutcome())
        )

    def _closed(self) -> Iterator[Sent]:
        """The ends of what is open."""
        if self.position.told == "text":
            yield self._sent(TextMessageEndEvent(message_id=self._answer), told="said")
        yield from self._step_finished()

    def _step_finished(self) -> Iterator[Sent]:
        if self.position.step is not None:
            yield self._sent(StepFinishedEvent(step_name=self.position.step), step=None)

    def _end(self, event: BaseEvent) -> Iterator[Sent]:
        if self.position.told != "over":
            yield self._sent(event, told="over")

    def _sent(self, event: BaseEvent, **moved: object) -> Sent:
        self.position = replace(self.position, number=self.position.number + 1, **moved)  # type: ignore[arg-type]
        place = str(self.position)
        return Sent(place, f"id: {place}\n{_ENCODER.encode(event)}")

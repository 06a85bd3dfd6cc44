"""The text of a streamed reply, read from the bytes of its events a sentence at a time.

Taken apart here: the SDK's way from a piece to its text costs more than the rest of a turn.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

from agents.models.openai_replies import UNREADABLE, Response, Usage, read_json
from erp_adapters.errors import ModelError

_HELD = 400
"""Characters after which text goes on though no sentence has ended."""
_MAY_END = re.compile(r"[.!?]\s|\n")
_OVER = b"[DONE]"


class ServerSentEvents:
    """Takes the bytes of an event stream apart."""

    def __init__(self) -> None:
        self._begun: list[bytes] = []
        self._data: list[bytes] = []

    def feed(self, chunk: bytes) -> list[bytes]:
        """The data of the events that end in a chunk."""
        may_end = bool(self._begun) and self._begun[-1].endswith(b"\r")
        self._begun.append(chunk)
        if not may_end and b"\n" not in chunk and b"\r" not in chunk:
            return []
        lines = b"".join(self._begun).splitlines(keepends=True)
        # A line may go on, and a line feed may follow a carriage return.
        self._begun = [] if lines[-1].endswith(b"\n") else [lines.pop()]
        return self._ended(lines)

    def finish(self) -> list[bytes]:
        """The data of an event that ends with the stream."""
        rest = b"".join(self._begun)
        self._begun = []
        return self._ended([rest]) if rest.endswith(b"\r") else []

    def _ended(self, lines: list[bytes]) -> list[bytes]:
        ended = []
        for line in lines:
            text = line.rstrip(b"\r\n")
            if not text:
                if self._data:
                    ended.append(b"\n".join(self._data))
                    self._data = []
                continue
            name, _, value = text.partition(b":")
            if name == b"data":
                self._data.append(value.removeprefix(b" "))
        return ended


class StreamedText:
    """A reply while it is streamed.

    Args:
        chunks: the bytes of its events.
    """

    def __init__(self, chunks: AsyncIterator[bytes]) -> None:
        self._chunks = chunks
        self._events = ServerSentEvents()
        self._held: list[str] = []
        self._length = 0
        self._last = ""
        self._is_over = False
        self.written = ""
        """All of the text so far."""
        self.finished = ""
        """Why it ended."""
        self.usage: Usage | None = None

    async def following(self) -> str:
        """The next of the text, once a sentence of it may have ended; empty after all of it.

        Raises:
            ModelError: a piece cannot be read, or the model declined.
        """
        async for chunk in self._chunks:
            may_go = False
            for data in self._events.feed(chunk):
                may_go = self._take(data) or may_go
            if may_go:
                return self._released()
        for data in self._events.finish():
            self._take(data)
        return self._released()

    def _take(self, data: bytes) -> bool:
        """Keep what a piece says; True where the text need not wait any longer."""
        # What comes behind the end is read so that the connection can be used again.
        self._is_over = self._is_over or data.startswith(_OVER)
        if self._is_over:
            return False
        piece: Response = read_json(data)
        if piece.error:
            raise ModelError(UNREADABLE)
        self.usage = piece.usage or self.usage
        if not piece.choices:
            return False
        choice = piece.choices[0]
        if choice.delta.refusal:
            raise ModelError("it declined to answer")
        self.finished = choice.finish_reason or self.finished
        text = choice.delta.content
        if not text:
            return False
        self.written += text
        self._held.append(text)
        self._length += len(text)
        ends = _MAY_END.search(self._last + text) is not None
        self._last = text[-1]
        return ends or self._length > _HELD

    def _released(self) -> str:
        text = "".join(self._held)
        self._held, self._length = [], 0
        return text

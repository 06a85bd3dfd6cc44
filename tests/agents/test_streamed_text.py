"""A streamed reply is the same text however its bytes are cut, and a sentence goes on once it has ended."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterable

import pytest

from agents.models.streamed_text import ServerSentEvents, StreamedText
from erp_adapters.errors import ModelError

STREAM = b": hello\n\nevent: x\ndata: one\n\ndata: two\ndata: lines\n\ndata:three\nid: 4\n\ndata: unfinished"


def piece(text: str | None, finish: str | None = None) -> bytes:
    """A piece as an endpoint sends it."""
    return json.dumps({"choices": [{"delta": {"content": text}, "finish_reason": finish}]}).encode()


def said(pieces: Iterable[bytes]) -> tuple[list[str], StreamedText]:
    """What is passed on, a part at a time."""

    async def chunks() -> AsyncIterator[bytes]:
        for one in pieces:
            yield b"data: " + one + b"\n\n"

    async def read() -> tuple[list[str], StreamedText]:
        text, found = StreamedText(chunks()), []
        while part := await text.following():
            found.append(part)
        return found, text

    return asyncio.run(read())


@pytest.mark.parametrize("ending", [b"\n", b"\r\n", b"\r"])
@pytest.mark.parametrize("cut", range(1, 12))
def test_events_are_the_same_however_they_are_cut(ending: bytes, cut: int) -> None:
    """Also between a carriage return and its line feed, and at the end of the stream."""
    events = ServerSentEvents()
    stream = STREAM.replace(b"\n", ending) if cut % 2 else STREAM[: -len(b"data: unfinished")]
    found = [data for at in range(0, len(stream), cut) for data in events.feed(stream[at : at + cut])]
    assert [*found, *events.finish()] == [b"one", b"two\nlines", b"three"]


def test_a_sentence_goes_on_once_it_has_ended() -> None:
    """The space behind a full stop says that one has ended, wherever the pieces are cut."""
    parts, text = said(
        [piece("A b"), piece("c."), piece(" D e. F"), piece("g"), piece(None, "stop"), b"[DONE]"]
    )
    assert parts == ["A bc. D e. F", "g"]
    assert (text.written, text.finished) == ("A bc. D e. Fg", "stop")


def test_text_without_an_end_goes_on_as_well() -> None:
    """A model that never ends a sentence is found out before all of it is held."""
    parts, _ = said([piece("word " * 30)] * 10)
    assert len(parts) > 2


@pytest.mark.parametrize(
    "data",
    [b"{", b"[]", b'{"error": {"message": "x"}}', b'{"choices": [], "error": {"message": "x"}}', b"\xff"],
)
def test_what_is_no_piece_is_told(data: bytes) -> None:
    """In words of ours."""
    with pytest.raises(ModelError):
        said([data])

"""The clients: conversations side by side, each asking its next question once the answer before is whole.

A process of its own, that reads what to do as JSON on stdin and writes what it saw as JSON to stdout. It
speaks plain HTTP/1.1 over one connection for each conversation, to take little from what it measures.

    python -m eval.benchmarks.turns.load < SPECIFICATION
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from urllib.parse import urlsplit

from uuid_utils.compat import uuid7

from eval.benchmarks.turns.clock import spent
from eval.benchmarks.turns.script import question

PERSON = "planner"
_IDLE_S = 2.0


@dataclass(frozen=True, slots=True)
class Specification:
    """Who is asked what."""

    servers: tuple[str, ...]
    """Addresses up to the path; turns go to them one after the other."""
    path: str
    """With `{}` for the conversation."""
    conversations: int
    turns: int
    materials: tuple[str, ...]
    """Numbers of the materials that are asked about."""
    conversation: str = ""
    """The one to go on with, where there is one only."""
    first: int = 0
    """Number of the first turn."""
    beside: str = ""
    """Another conversation that begins now, asked in turns with that one; none where it is empty."""
    watched: int = 0
    """The process whose processor time is counted for each turn; 0 for none."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One turn as its client saw it."""

    conversation: str
    turn: int
    question: str
    seconds: float
    id: str
    """Of the answer, where the server gives it one."""
    status: str
    clauses: tuple[float, ...]
    """When each verified clause arrived."""
    processor_s: float = 0.0
    """What the watched process spent on it, where one was watched."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What all clients saw."""

    seconds: float
    asked: tuple[Asked, ...] = field(default=())

    @classmethod
    def parsed(cls, text: str) -> Seen:
        """From the JSON that the process writes."""
        held = json.loads(text)
        return cls(
            held["seconds"],
            tuple(Asked(**{**one, "clauses": tuple(one["clauses"])}) for one in held["asked"]),
        )

    @property
    def answered(self) -> tuple[Asked, ...]:
        """Those that were; a service with more to do than it can says so instead."""
        return tuple(one for one in self.asked if one.status == "answered")

    @property
    def per_second(self) -> float:
        """Turns answered a second."""
        return len(self.answered) / self.seconds

    def at(self, share: float) -> float:
        """The seconds that this share of the turns stayed below."""
        ordered = sorted(one.seconds for one in self.asked)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


class _Line:
    """A connection to one server that is kept open."""

    def __init__(self, server: str) -> None:
        self._place = urlsplit(server)
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self._used = 0.0

    async def ask(self, path: str, text: str) -> tuple[dict[str, str], list[float]]:
        """The last event's data, and when each clause came."""
        reader, writer = await self._open()
        body = json.dumps({"question": text}).encode()
        writer.write(
            f"POST {path} HTTP/1.1\r\nhost: {self._place.netloc}\r\ncontent-type: application/json\r\n"
            f"x-plantwright-person: {PERSON}\r\ncontent-length: {len(body)}\r\n\r\n".encode()
            + body
        )
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        if " 200 " not in head.partition("\r\n")[0]:
            raise SystemExit(f"{path}: {head.partition(chr(13))[0]}")
        last, clauses = b"", []
        while size := int(await reader.readline(), 16):
            part = await reader.readexactly(size + 2)
            if b"event: clause" in part:
                clauses += [time.monotonic()] * part.count(b"event: clause")
            last = part
        await reader.readline()
        self._used = time.monotonic()
        return _data(last), clauses

    async def _open(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self._streams is not None and time.monotonic() - self._used > _IDLE_S:
            # The server ends a connection that nobody used for some seconds.
            self.close()
            self._streams = None
        if self._streams is None:
            self._streams = await asyncio.open_connection(self._place.hostname, self._place.port, limit=2**22)
        return self._streams

    def close(self) -> None:
        """Leave."""
        if self._streams is not None:
            self._streams[1].close()


def _data(part: bytes) -> dict[str, str]:
    event = part.rpartition(b"event: ")[2]
    name, _, rest = event.partition(b"\n")
    held = json.loads(rest.partition(b"data: ")[2].strip())
    return {
        "id": str(held.get("id", "")),
        "status": str(held.get("status", name.decode())),
        "answer": str(held),
    }


async def seen(what: Specification) -> Seen:
    """Ask everything."""

    async def asked(lines: Sequence[_Line], number: int, conversation: str, turn: int) -> Asked:
        text = question(what.materials[(number + turn) % len(what.materials)], turn)
        spent_before = spent(what.watched) if what.watched else 0.0
        began = time.perf_counter()
        last, clauses = await lines[turn % len(lines)].ask(what.path.format(conversation), text)
        seconds = time.perf_counter() - began
        if last["status"] != "answered":
            print(f"{text} was not answered: {last['answer'][:600]}", file=sys.stderr)
        return Asked(
            conversation,
            turn,
            text,
            seconds,
            last["id"],
            last["status"],
            tuple(clauses),
            spent(what.watched) - spent_before if what.watched else 0.0,
        )

    async def converse(number: int) -> list[Asked]:
        conversation = what.conversation or str(uuid7())
        lines = [_Line(server) for server in what.servers]
        found = []
        for turn in range(what.turns):
            found.append(await asked(lines, number, conversation, what.first + turn))
            if what.beside:
                found.append(await asked(lines, number, what.beside, turn))
        for line in lines:
            line.close()
        return found

    began = time.perf_counter()
    every: Sequence[list[Asked]] = await asyncio.gather(*(converse(n) for n in range(what.conversations)))
    return Seen(time.perf_counter() - began, tuple(one for found in every for one in found))


if __name__ == "__main__":
    given = json.load(sys.stdin)
    done = asyncio.run(
        seen(
            Specification(
                **{**given, "servers": tuple(given["servers"]), "materials": tuple(given["materials"])}
            )
        )
    )
    json.dump(asdict(done), sys.stdout)

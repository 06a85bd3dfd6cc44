"""Hands what a site has collected over to the service: in order, a piece at a time, until it has it."""

from __future__ import annotations

import asyncio
import logging
import random
import ssl
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

import httpx2

from erp_adapters.errors import ErpRefused, ErpUnavailable
from erp_adapters.series.buffer import Buffer, Waiting

_log = logging.getLogger(__name__)
_PATIENCE_S: Final = 30.0
_LONGEST_PAUSE_S: Final = 60.0

Outcome: TypeAlias = Literal["taken", "unknown", "refused"]


@dataclass(frozen=True, slots=True)
class Answered:
    """What the service made of a piece."""

    outcome: Outcome
    """`unknown`: it does not know the source's signals, and wants to be told of them first."""
    why: str = ""


class Service:
    """The service as a collector sees it: connections go out, and none comes in."""

    def __init__(
        self, url: str, trust: ssl.SSLContext, within: httpx2.AsyncBaseTransport | None = None
    ) -> None:
        # What the environment names as a proxy would see who the plant is, and is none of its settings.
        self._http = httpx2.AsyncClient(
            base_url=url.rstrip("/"),
            verify=trust,
            transport=within,
            timeout=_PATIENCE_S,
            trust_env=False,
            follow_redirects=False,
        )

    async def close(self) -> None:
        """Let go of its connection."""
        await self._http.aclose()

    async def hand_over(self, piece: Waiting) -> Answered:
        """Send a piece.

        Raises:
            ErpUnavailable: nobody answers, or not now; it may or may not have been taken, and is sent again.
            ErpRefused: the service does not let this collector in.
        """
        answered = await self._put(f"/collected/{piece.source}/{piece.kind}", piece.body)
        match answered.status_code:
            case 200:
                return Answered("taken")
            case 409:
                return Answered("unknown", _said(answered))
            case 413 | 422:
                return Answered("refused", _said(answered))
            case 429 | 500 | 502 | 503 | 504:
                raise ErpUnavailable(f"the service answers {answered.status_code}: {_said(answered)}")
            case _:
                raise ErpRefused(f"the service answers {answered.status_code}: {_said(answered)}")

    async def tell(self, state: bytes) -> None:
        """Let the service know how things stand here.

        Raises:
            ErpUnavailable, ErpRefused: it does not know.
        """
        answered = await self._put("/collected", state)
        if answered.status_code != 200:
            raise ErpRefused(f"the service answers {answered.status_code}: {_said(answered)}")

    async def _put(self, path: str, body: bytes) -> httpx2.Response:
        try:
            return await self._http.put(path, content=body)
        except (httpx2.HTTPError, httpx2.InvalidURL, ssl.SSLError, OSError) as error:
            raise ErpUnavailable(
                f"the service cannot be reached: {str(error) or type(error).__name__}"
            ) from error


class Sending:
    """Empties a buffer into the service for as long as it runs."""

    def __init__(self, buffer: Buffer, service: Service, declared: dict[str, bytes]) -> None:
        self._buffer, self._service, self._declared = buffer, service, declared
        self.wakes = asyncio.Event()
        """Set where something new waits."""
        self.problem = ""
        """Why nothing is handed over now; empty where it is."""

    async def run(self, first_pause_s: float = 1.0) -> None:
        """Hand over until cancelled; a link that is down is tried again after growing pauses."""
        pause = first_pause_s
        while True:
            try:
                while (piece := await asyncio.to_thread(self._buffer.next)) is not None:
                    await self._hand_over(piece)
                    pause, self.problem = first_pause_s, ""
            except (ErpUnavailable, ErpRefused) as error:
                if str(error) != self.problem:
                    _log.warning("%s; what is collected waits on the disk", error)
                self.problem = str(error)
                # Many plants lose the service at one moment; they should not come back at one.
                await asyncio.sleep(pause * random.uniform(0.5, 1.0))
                pause = min(2 * pause, _LONGEST_PAUSE_S)
                continue
            await self.wakes.wait()
            self.wakes.clear()

    async def _hand_over(self, piece: Waiting) -> None:
        answered = await self._service.hand_over(piece)
        if answered.outcome == "unknown" and (told := self._declared.get(piece.source)) is not None:
            # Its database was set back to before it was told.
            again = await self._service.hand_over(Waiting(0, piece.source, "signals", told))
            if again.outcome == "taken":
                answered = await self._service.hand_over(piece)
        if answered.outcome == "taken":
            await asyncio.to_thread(self._buffer.done, piece.number)
        else:
            _log.error("a batch of %s is set aside: %s", piece.source, answered.why)
            await asyncio.to_thread(self._buffer.set_aside, piece.number, answered.why)


def _said(answered: httpx2.Response) -> str:
    return answered.text[:300].strip() or "nothing"

"""Calls to one SAP system: a pool of sessions in threads, bounded in time, and units of work."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from time import monotonic
from typing import Any, Final

from erp_adapters.errors import ErpError, ErpRefused, ErpUnavailable, WriteOutcomeUnknown
from erp_adapters.sap_rfc.connection import (
    SYSTEM,
    Answer,
    Cancelling,
    Library,
    Logon,
    Phase,
    Rfc,
    library,
    messages,
    named,
    refusals,
    unanswered,
)

_log = logging.getLogger(__name__)
_SESSIONS: Final = 4
_IDLE_S: Final = 20.0
"""After which a session is asked whether it is still there: gateways end idle ones without a word."""


class Client:
    """One user's sessions in one system.

    ::

        async with Client.open(logon) as sap:
            answer = await sap.call("BAPI_PR_GETDETAIL", NUMBER="0010000001")
            async with sap.unit() as unit:
                await unit.call("BAPI_PR_CREATE", ...)
                await unit.commit()
    """

    def __init__(self, logon: Logon, through: Library, *, call_s: float, sessions: int = _SESSIONS) -> None:
        self._logon = logon
        self._library = through
        self._call_s = call_s
        self._free = asyncio.Semaphore(sessions)
        self._kept: list[tuple[Rfc, float]] = []
        self._ending: set[int] = set()
        # Twice as many: a call that is given up ends only when the library lets go of it.
        self._threads = ThreadPoolExecutor(2 * sessions, thread_name_prefix="sap")
        self._attributes: Mapping[str, str] = {}

    @classmethod
    @asynccontextmanager
    async def open(
        cls, logon: Logon, *, call_s: float = 30.0, through: Library | None = None
    ) -> AsyncIterator[Client]:
        """The system, which is first called with the first question.

        Args:
            logon: where it is and who signs in.
            call_s: how long one call may take.
            through: another library than the installed `pyrfc`.

        Raises:
            ConfigurationError: no `pyrfc` is installed.
        """
        client = cls(logon, through or library(), call_s=call_s)
        try:
            yield client
        finally:
            await client.close()

    @property
    def library(self) -> Library:
        """What it is called through."""
        return self._library

    @property
    def user(self) -> str:
        """Who calls."""
        return self._logon.user

    async def close(self) -> None:
        """End every session that is not in use."""
        self.rest()
        self._threads.shutdown(wait=False)

    def rest(self) -> None:
        """End the sessions that nobody uses; more are opened where they are needed."""
        self._forget()

    async def attributes(self) -> Mapping[str, str]:
        """What the system says of itself: id, client, release, code page; asked once."""
        if not self._attributes:
            async with self._session() as held:
                found = await self._run(
                    held.session, held.session.get_connection_attributes, "the attributes", Phase.READING
                )
                self._attributes = {name: str(value).strip() for name, value in found.items()}
        return self._attributes

    async def call(self, function: str, /, **params: object) -> Answer:
        """What a function that only reads returns; a kept session that turns out to be gone is replaced once.

        Raises:
            ErpUnavailable: it does not answer, or does not let the user in.
            ErpRefused, CapabilityMissing: it says no.
        """
        # A logon is never repeated: SAP locks a user after a few wrong ones.
        is_new = True
        try:
            async with self._session() as held:
                is_new = held.is_new
                return await self._read(held.session, function, params)
        except ErpUnavailable:
            if is_new:
                raise
        self._forget()
        async with self._session() as held:
            return await self._read(held.session, function, params)

    async def _read(self, session: Rfc, function: str, params: Mapping[str, object]) -> Answer:
        answer: Answer = await self._run(
            session, lambda: session.call(function, **params), function, Phase.READING
        )
        return answer

    @asynccontextmanager
    async def unit(self) -> AsyncIterator[Unit]:
        """A session of its own for one unit of work, rolled back where it was not committed."""
        async with self._session() as held:
            unit = Unit(self, held.session)
            try:
                yield unit
            except ErpRefused:
                await unit.roll_back()
                raise
            if not unit.is_committed:
                await unit.roll_back()

    @asynccontextmanager
    async def _session(self) -> AsyncIterator[_Held]:
        """A session, kept afterwards where nothing speaks against it."""
        async with self._free:
            held = await self._opened()
            try:
                yield held
            except ErpRefused:
                self._keep(held.session)
                raise
            except BaseException:
                # What it is in the middle of is not known: SAP rolls back as the session ends.
                self._abandon(held.session)
                raise
            self._keep(held.session)

    def _keep(self, session: Rfc) -> None:
        if session.alive and id(session) not in self._ending:
            self._kept.append((session, monotonic()))

    async def _opened(self) -> _Held:
        # Nothing was asked of it yet, so a session that fails here has done nothing.
        while self._kept:
            session, used = self._kept.pop()
            if monotonic() - used >= _IDLE_S:
                try:
                    await self._run(session, session.ping, "RFC_PING", Phase.READING)
                except ErpError:
                    continue
            return _Held(session, is_new=False)
        try:
            return _Held(await self._run(None, self._connect, "the logon", Phase.READING), is_new=True)
        except ErpUnavailable as error:
            if self._logon.signs_in is None:
                raise
            raise ErpUnavailable(
                f"{error}; it was the own sign-in of {self._logon.signs_in.person!r}, and nobody else's is"
                " used instead"
            ) from error

    def _connect(self) -> Rfc:
        session = self._library.connect(config={"rstrip": True}, **self._logon.parameters())
        if (signs_in := self._logon.signs_in) is not None:
            # Whoever does not take what was shown may let the line in by SNC alone: as the program.
            user = str(session.get_connection_attributes().get("user", "")).strip()
            if user.upper() != signs_in.user.upper():
                session.close()
                raise ErpRefused(
                    f"{SYSTEM} signed {signs_in.person!r} in as {user!r} and not as {signs_in.user!r};"
                    " nothing is written with another's rights: correct what their certificate or ticket"
                    " maps to"
                )
        return session

    async def _run(self, session: Rfc | None, work: Callable[[], Any], function: str, phase: Phase) -> Any:
        """The work, in a thread, for as long as a call may take.

        Raises:
            ErpError: as `named` has it; a call that is given up is one that was not answered.
        """
        running = asyncio.get_running_loop().run_in_executor(self._threads, work)
        try:
            async with asyncio.timeout(self._call_s):
                return await asyncio.shield(running)
        except TimeoutError as error:
            running.add_done_callback(_let_go)
            self._abandon(session)
            raise unanswered(f"no answer within {self._call_s:g} s", function, phase) from error
        except asyncio.CancelledError:
            running.add_done_callback(_let_go)
            raise
        except self._library.error as error:
            if type(error).__name__ != "ABAPApplicationError":
                # A dump, a lost line or a logon that ended: the session is gone, whatever the library thinks.
                self._abandon(session)
            raise named(error, function, phase) from error
        except TypeError as error:
            # How pyrfc says that a parameter is of another type than the release has it.
            raise named(error, function, phase) from error

    def _abandon(self, session: Rfc | None) -> None:
        """End a session without waiting for it."""
        if session is None or id(session) in self._ending:
            return
        self._ending.add(id(session))
        ended = session.cancel if isinstance(session, Cancelling) else session.close

        def done(ending: Future[None]) -> None:
            self._ending.discard(id(session))
            if (error := ending.exception()) is not None:
                _log.debug("a session in %s did not end well: %s", SYSTEM, error)

        try:
            self._threads.submit(ended).add_done_callback(done)
        except RuntimeError:
            _log.debug("a session in %s was left to end by itself, since the program ends", SYSTEM)

    def _forget(self) -> None:
        kept, self._kept = self._kept, []
        for session, _ in kept:
            self._abandon(session)


@dataclass(frozen=True, slots=True)
class _Held:
    """A session while it is used."""

    session: Rfc
    is_new: bool


def _let_go(running: asyncio.Future[Any]) -> None:
    """Nobody waits for it any more; its error is nobody's either."""
    if not running.cancelled():
        running.exception()


class Unit:
    """One unit of work: calls in one session, then a commit, or nothing of it is kept."""

    def __init__(self, client: Client, session: Rfc) -> None:
        self._client = client
        self._session = session
        self.is_committed = False

    async def call(self, function: str, /, **params: object) -> Answer:
        """What the function says, where it does not refuse.

        Raises:
            ErpRefused: RETURN has an error; the message has all of them.
            ErpUnavailable: it does not answer; nothing was committed, so nothing is written.
        """
        answer: Answer = await self._client._run(
            self._session, lambda: self._session.call(function, **params), function, Phase.WORKING
        )
        if against := refusals(answer):
            raise ErpRefused(f"{SYSTEM} refused {function}: {'; '.join(map(str, against))}")
        for note in messages(answer):
            if note.type == "W":
                _log.info("%s: %s", function, note)
        return answer

    async def commit(self) -> None:
        """Write what the unit holds, and wait until it is written.

        Raises:
            WriteOutcomeUnknown: whether it is written is not known.
        """
        function = "BAPI_TRANSACTION_COMMIT"
        answer: Answer = await self._client._run(
            self._session, lambda: self._session.call(function, WAIT="X"), function, Phase.COMMITTING
        )
        if against := refusals(answer):
            # The update was terminated: of several function groups some may have been through.
            why = "; ".join(map(str, against))
            raise WriteOutcomeUnknown(f"{SYSTEM} broke the update off ({why}); whether it wrote is not known")
        self.is_committed = True

    async def roll_back(self) -> None:
        """Keep nothing; where SAP does not answer it keeps nothing either, since no commit was sent."""
        function = "BAPI_TRANSACTION_ROLLBACK"
        try:
            await self._client._run(
                self._session, lambda: self._session.call(function), function, Phase.WORKING
            )
        except ErpError as error:
            self._client._abandon(self._session)
            _log.info("%s did not answer the rollback; its session was ended: %s", SYSTEM, error)

"""A session of Postgres that has fallen silent is told from one whose query takes long, and is cut off.

A network may take what is sent and never bring an answer: nothing ends then by itself. After so many seconds
without one, another connection asks the server what the session is doing. While it works there is no hurry;
where it waits for this side or is gone, or nobody answers there either, the connection is ended.
"""

from __future__ import annotations

import contextlib
import os
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any, Final, TypeAlias

import psycopg

from erp_adapters.errors import ErpUnavailable

Connection: TypeAlias = psycopg.Connection[tuple[Any, ...]]
_IS_WORKING: Final = """
select state = 'active' and wait_event_type is distinct from 'Client' from pg_stat_activity where pid = %s
"""


class Patience:
    """Waits for answers of one connection as long as the server is at work on them."""

    def __init__(
        self, connection: Connection, opened: Callable[[], Connection], silence_s: float, name: str
    ) -> None:
        self._connection, self._opened, self._silence_s, self._name = connection, opened, silence_s, name
        self._waits = threading.Condition()
        self._pid = connection.info.backend_pid
        self._is_waiting = False

    def note_session(self) -> None:
        """Note which of the server's sessions has the transaction that began: a pooler may change it."""
        found = self._connection.execute("select pg_backend_pid()").fetchone()
        assert found is not None, "a function has a value"
        self._pid = int(found[0])

    @contextlib.contextmanager
    def waiting(self) -> Iterator[None]:
        """Around one answer that is waited for.

        Raises:
            ErpUnavailable: the server has fallen silent.
        """
        cut: list[str] = []
        watching = threading.Thread(target=self._watch, args=(cut,), daemon=True)
        with self._waits:
            self._is_waiting = True
        watching.start()
        try:
            yield
        except psycopg.Error as error:
            if cut:
                raise ErpUnavailable(cut[0]) from error
            raise
        finally:
            with self._waits:
                self._is_waiting = False
                self._waits.notify_all()
            watching.join()

    def _watch(self, cut: list[str]) -> None:
        while True:
            with self._waits:
                if self._waits.wait_for(lambda: not self._is_waiting, self._silence_s):
                    return
            why = self._why_silent()
            with self._waits:
                if not self._is_waiting:
                    return
                if why:
                    cut.append(
                        f"{self._name} has fallen silent: no answer for {self._silence_s:g} s, and {why};"
                        " look at the network between"
                    )
                    end(self._connection)
                    return

    def _why_silent(self) -> str:
        """Why no answer is to be expected any more; empty where the server is at work on it."""
        try:
            with contextlib.closing(self._opened()) as other:
                late = threading.Timer(self._silence_s, end, (other,))
                late.start()
                try:
                    found = other.execute(_IS_WORKING, (self._pid,)).fetchone()
                finally:
                    late.cancel()
        except psycopg.Error:
            return "another connection gets none either"
        if found is None:
            return "it has ended the session"
        return "" if found[0] else "it waits for this side"


def end(connection: Connection) -> None:
    """Let whoever waits for this connection find it ended."""
    # A copy of the number, so that the connection's own stays its to close.
    with (
        contextlib.suppress(OSError, psycopg.Error),
        socket.socket(fileno=os.dup(connection.fileno())) as copy,
    ):
        copy.shutdown(socket.SHUT_RDWR)

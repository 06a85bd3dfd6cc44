"""Sessions of the stand-in: a unit of work that is lost with its session, locks between them, messages."""

from __future__ import annotations

import fnmatch
import threading
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from tests.systems.sap_rfc.storage import Change, Row, Storage

Answer: TypeAlias = dict[str, Any]


class Raised(Exception):
    """What a function raises instead of returning; `kind` is the library's class."""

    def __init__(self, kind: str, key: str, message: str, code: int = 5) -> None:
        super().__init__(message)
        self.kind, self.key, self.message, self.code = kind, key, message, code


class Locks:
    """What is being changed, and in which session."""

    def __init__(self) -> None:
        self._held: dict[str, Session] = {}
        self._mutex = threading.Lock()

    def take(self, what: str, session: Session) -> str:
        """Empty where it is taken, or the user who has it."""
        with self._mutex:
            holder = self._held.setdefault(what, session)
            return "" if holder is session else holder.user

    def drop(self, session: Session) -> None:
        """Everything that the session has."""
        with self._mutex:
            self._held = {what: holder for what, holder in self._held.items() if holder is not session}


@dataclass
class Session:
    """One user's session: what it has not committed is lost with it."""

    storage: Storage
    locks: Locks
    user: str
    may: frozenset[str]
    """Patterns of functions, `table:NAME` and `plant:NAME`; `*` is everything."""
    language: str = "E"
    pending: list[Change] = field(default_factory=list)

    def allowed(self, what: str) -> bool:
        return any(fnmatch.fnmatchcase(what, each) for each in self.may)

    def roll_back(self) -> None:
        self.pending.clear()
        self.locks.drop(self)


def message(type_: str, id_: str, number: str, text: str, **rest: Any) -> Row:
    """A row of RETURN."""
    return {"TYPE": type_, "ID": id_, "NUMBER": number, "MESSAGE": text, **rest}


def decimals_of(storage: Storage, currency: str) -> int:
    """Decimal places of a currency: two where TCURX says nothing."""
    found = storage.rows("TCURX", "CURRKEY = ?", [currency])
    return int(found[0]["CURRDEC"]) if found else 2

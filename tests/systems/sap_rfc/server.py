"""A STAND-IN for an SAP system, made by this project: a process of its own with SAP's units of work.

What a session has not committed is lost when it ends; what is committed is in a sqlite file and outlives the
process. It has the tables, functions, messages, checks, locks and rights that the adapter meets, and no more.
"""

from __future__ import annotations

import socketserver
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal, TypeAlias, get_args

from erp_adapters.http import Secret
from erp_adapters.sap_rfc import Connection, Library, Logon
from tests.systems.sap_rfc.dictionary import FUNCTIONS, Misfit, checked, full
from tests.systems.sap_rfc.functions import BODIES
from tests.systems.sap_rfc.library import pyrfc
from tests.systems.sap_rfc.plant import PLANT, fill
from tests.systems.sap_rfc.sessions import Locks, Raised, Session, message
from tests.systems.sap_rfc.signing import PROGRAM, SYSTEM_NAME, Signing
from tests.systems.sap_rfc.storage import Change, Storage

TREE = Path(__file__).parents[3]
LIBRARY = Path(__file__).with_name("library")
"""A folder to put on a process's path: it then has the stand-in's `pyrfc`."""
CLIENT, USER, PASSWORD = "100", "COPILOT", "only-in-this-test"
USERS = {
    USER: frozenset({"*"}),
    # May look at everything but costs, and call nothing that writes.
    "READER": frozenset(
        {"RFC_*", "BAPI_*GET*", "BAPI_MATERIAL_*", "BAPI_TRANSACTION_*", "table:[!M]*", "table:MA*"}
    ),
    # May write, but not for this plant.
    "ELSEWHERE": frozenset({"RFC_*", "BAPI_*", "table:*", "plant:9999"}),
    # Signs in and may call nothing.
    "NOBODY": frozenset(),
    # People, who have no password for a program.
    "PKASSEL": frozenset({"*"}),
    "PHAMM": frozenset({"RFC_*", "BAPI_*", "table:*", "plant:9999"}),
}
PASSWORDS = frozenset(USERS) - {"PKASSEL", "PHAMM"}
Fault: TypeAlias = Literal["drop_before", "half_open", "dump", "drop_after", "hold"]
"""Not done: `drop_before` ends the session, `half_open` never answers, `dump` ends it with a short dump.
Done: `drop_after` ends the session in place of the answer, `hold` keeps the answer until released."""
FAULTS: tuple[Fault, ...] = get_args(Fault)
DONE = frozenset({"drop_after", "hold"})


class Server(socketserver.ThreadingTCPServer):
    """The system and what befalls its calls."""

    daemon_threads = True
    allow_reuse_address = True
    block_on_close = False

    def __init__(self, file: Path) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.storage, self.locks = Storage(file), Locks()
        self.mutex = threading.RLock()
        self.call, self.faults, self.seen = "", [], 0
        self.answered, self.released = threading.Event(), threading.Event()
        self.codepage = "4103"
        self.terminates = False
        self.signing = Signing()

    def control(self, asked: dict[str, Any]) -> object:
        """What a test asks of the stand-in itself."""
        match asked.pop("do"):
            case "befall":
                self.call, self.faults, self.seen = asked["call"], list(asked["faults"]), 0
                self.answered.clear()
                self.released.clear()
            case "release":
                self.released.set()
            case "wait":
                return self.answered.wait(asked["seconds"])
            case "seen":
                return self.seen
            case "terminate":
                self.terminates = True
            case "ticket":
                return self.signing.ticket(asked["user"], asked["hours"])
            case "forgets":
                self.signing.takes_certificates = asked["certificates"]
            case "codepage":
                self.codepage = asked["codepage"]
            case "write":
                self.storage.write([Change(asked["table"], asked["row"], asked.get("key"))])
            case "rows":
                return self.storage.rows(asked["table"], asked.get("where", ""))
            case unknown:
                raise AssertionError(unknown)
        return None


class Handler(socketserver.StreamRequestHandler):
    """One session, from logon until either side ends it."""

    server: Server
    _ENDS: ClassVar = object()

    def handle(self) -> None:
        session: Session | None = None
        try:
            for line in self.rfile:
                asked = pyrfc.unpacked(line)
                if "control" in asked:
                    self._send({"result": self.server.control(asked["control"])})
                elif "logon" in asked:
                    session = self._logon(asked["logon"])
                elif session is None:
                    return
                elif "attributes" in asked:
                    self._send({"result": self._attributes(session)})
                elif self._called(session, asked["call"], asked["with"]) is self._ENDS:
                    return
        except OSError:
            pass
        finally:
            if session is not None:
                session.roll_back()

    def _send(self, answer: object) -> None:
        self.wfile.write(pyrfc.packed(answer))

    def _fail(self, kind: str, key: str, message: str, code: int = 5) -> None:
        self._send({"error": {"class": kind, "key": key, "message": message, "code": code}})

    def _logon(self, given: dict[str, str]) -> Session | None:
        if self.server.call == "logon":
            self.server.seen += 1
        user, why = self.server.signing.user_of(given, dict.fromkeys(PASSWORDS, PASSWORD))
        if given.get("client") != CLIENT or user not in USERS:
            self._fail("LogonError", "RFC_LOGON_FAILURE", why, 2)
            return None
        self._send({"result": None})
        return Session(self.server.storage, self.server.locks, user, USERS[user])

    def _attributes(self, session: Session) -> dict[str, str]:
        return {
            "sysId": "STI",
            "client": CLIENT,
            "user": session.user,
            "partnerHost": "stand-in",
            "language": "E",
            "partnerRel": "750",
            "partnerCodepage": self.server.codepage,
        }

    def _called(self, session: Session, name: str, given: dict[str, Any]) -> object:
        server, fault = self.server, None
        if name == server.call:
            server.seen += 1
            fault = server.faults.pop(0) if server.faults else None
        match fault:
            case "drop_before":
                return self._ENDS
            case "half_open":
                server.released.wait(60)
                return self._ENDS
            case "dump":
                self._fail("ABAPRuntimeError", "MESSAGE_TYPE_X", "Short dump: the program was terminated", 3)
                return self._ENDS
        answer = self._answer(session, name, given)
        match fault:
            case "drop_after":
                return self._ENDS
            case "hold":
                server.answered.set()
                server.released.wait(60)
        self._send(answer)
        return None

    def _answer(self, session: Session, name: str, given: dict[str, Any]) -> dict[str, Any]:
        try:
            if name not in FUNCTIONS:
                raise Raised("ABAPApplicationError", "FU_NOT_FOUND", f"ID:FL Type:E Number:046 {name}")
            if not session.allowed(name) and name != "RFC_PING":
                raise Raised(
                    "ABAPRuntimeError",
                    "RFC_NO_AUTHORITY",
                    f"No RFC authorization for function module {name}.",
                    3,
                )
            function = FUNCTIONS[name]
            with self.server.mutex:
                if name == "BAPI_TRANSACTION_COMMIT" and self.server.terminates:
                    self.server.terminates = False
                    session.roll_back()
                    held = {"RETURN": message("E", "00", "671", "Update was terminated")}
                else:
                    held = BODIES[name](session, checked(function, given))
            result: dict[str, Any] = {}
            for each, shape in function.exports.items():
                value = held.get(each)
                result[each] = full(shape, value or {}) if isinstance(shape, dict) else value or shape.initial
            for each, shape in function.tables.items():
                result[each] = [full(shape, row) for row in held.get(each, [])]
            return {"result": result}
        except Raised as error:
            return {
                "error": {"class": error.kind, "key": error.key, "message": error.message, "code": error.code}
            }
        except Misfit as error:
            return {
                "error": {"class": error.kind, "key": error.key, "message": error.message, "code": error.code}
            }


@dataclass(frozen=True, slots=True)
class Served:
    """A stand-in that answers."""

    port: int

    @property
    def route(self) -> str:
        """How the library finds it."""
        return f"/H/127.0.0.1/S/{self.port}"

    def control(self, do: str, **given: object) -> Any:
        """Ask the stand-in itself, past every session."""
        import socket

        with socket.create_connection(("127.0.0.1", self.port), timeout=90) as line:
            line.sendall(pyrfc.packed({"control": {"do": do, **given}}))
            return pyrfc.unpacked(line.makefile("rb").readline())["result"]

    def befall(self, call: str, *faults: Fault) -> None:
        """Let the next calls of this function meet these faults."""
        self.control("befall", call=call, faults=faults)

    def rows(self, table: str, where: str = "") -> list[dict[str, Any]]:
        """What is committed."""
        found: list[dict[str, Any]] = self.control("rows", table=table, where=where)
        return found

    def write(self, table: str, row: dict[str, Any], key: dict[str, str] | None = None) -> None:
        """Change what is committed, as somebody else would."""
        self.control("write", table=table, row=row, key=key)

    def logon(self, user: str = USER, password: str = PASSWORD) -> Logon:
        """How a user signs in."""
        return Logon(CLIENT, user, Secret(password), {"saprouter": self.route})

    def snc_route(self, **given: str) -> dict[str, str]:
        """How the library finds it over SNC, as the program that it trusts."""
        snc = {"snc_mode": "1", "snc_qop": "3", "snc_myname": PROGRAM, "snc_partnername": SYSTEM_NAME}
        return {"saprouter": self.route, **snc, **given}

    def ticket(self, user: str, hours: float = 8) -> str:
        """A logon ticket that the system believes, of a user."""
        return str(self.control("ticket", user=user, hours=hours))

    def connection(self, **given: Any) -> Connection:
        """How the program reaches it, with one site's codes."""
        held = {"plants": {"KAS": PLANT}, "units": {"kg": "KG"}, "settle_s": 2.0, **given}
        logon = held.pop("logon", self.logon())
        return Connection(logon, "this stand-in has no single sign-on", **held)

    def library(self) -> Library:
        """The stand-in's `pyrfc`, as if it were installed."""
        return Library(pyrfc.Connection, pyrfc.RFCError, "stand-in")


@contextmanager
def serving(folder: Path) -> Iterator[Served]:
    """The stand-in in a process of its own, with a small plant in a file of the folder."""
    running = subprocess.Popen(
        [sys.executable, "-m", "tests.systems.sap_rfc.server", str(folder / "sap.sqlite")],
        cwd=TREE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert running.stdout is not None
    try:
        yield Served(int(running.stdout.readline()))
    finally:
        running.terminate()
        running.wait(timeout=10)
        running.stdout.close()


def main() -> None:
    """Serve until told to stop; the first line printed is the port."""
    file = Path(sys.argv[1])
    is_new = not file.exists()
    with Server(file) as server:
        if is_new:
            server.storage.write(fill())
        print(server.server_address[1], flush=True)
        server.serve_forever()


if __name__ == "__main__":
    main()

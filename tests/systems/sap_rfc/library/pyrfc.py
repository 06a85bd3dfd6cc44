"""A STAND-IN for SAP's `pyrfc`, made by this project: its surface, spoken to the stand-in of SAP beside it.

No code of SAP and no call to one: whoever has this on the path talks to `tests/systems/sap_rfc/server.py`.
It imports nothing of this tree, so that a process of its own can have it on its path.
"""

from __future__ import annotations

import contextlib
import json
import re
import socket
from decimal import Decimal
from typing import Any

__version__ = "0-stand-in"
ORIGIN = "stand-in"
"""Read by the adapter, which says so wherever the connection is shown."""
_ROUTE = re.compile(r"/H/(?P<host>[^/]+)/S/(?P<port>\d+)")


class RFCError(Exception):
    """Root of what the library raises."""


class RFCLibError(RFCError):
    """An error with the particulars that the library gives."""

    def __init__(
        self,
        message: str = "",
        code: int = 0,
        key: str = "",
        msg_class: str = "",
        msg_type: str = "",
        msg_number: str = "",
        msg_v1: str = "",
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.key = key
        self.msg_class = msg_class
        self.msg_type = msg_type
        self.msg_number = msg_number
        self.msg_v1 = msg_v1


class ABAPApplicationError(RFCLibError):
    """An exception that a function module declares."""


class ABAPRuntimeError(RFCLibError):
    """A short dump, a message of type A or X, or a call that the user may not make."""


class LogonError(RFCLibError):
    """The system does not let the user in."""


class CommunicationError(RFCLibError):
    """The line."""


class ExternalRuntimeError(RFCLibError):
    """The library itself: a parameter that is not there, a value that does not fit."""


class ExternalApplicationError(RFCLibError):
    """An error of an application outside."""


class ExternalAuthorizationError(RFCLibError):
    """Not allowed outside."""


_CLASSES: dict[str, type[Exception]] = {
    each.__name__: each
    for each in (
        ABAPApplicationError,
        ABAPRuntimeError,
        LogonError,
        CommunicationError,
        ExternalRuntimeError,
        ExternalAuthorizationError,
        TypeError,
    )
}


def packed(value: object) -> bytes:
    """One line of the wire."""
    return json.dumps(value, default=_tagged).encode() + b"\n"


def unpacked(line: bytes) -> Any:
    """What a line says."""
    return json.loads(line, object_hook=_untagged)


def _tagged(value: object) -> dict[str, str]:
    if isinstance(value, Decimal):
        return {"$decimal": str(value)}
    raise TypeError(f"{type(value).__name__} is no type that can be sent")


def _untagged(held: dict[str, Any]) -> Any:
    return Decimal(held["$decimal"]) if held.keys() == {"$decimal"} else held


class Connection:
    """A connection, signed in; what pyrfc's offers, as far as the adapter uses it."""

    def __init__(self, config: dict[str, bool] | None = None, **params: str) -> None:
        self._config = {"rstrip": True, **(config or {})}
        self._params = params
        self._socket: socket.socket | None = None
        self.open()

    @property
    def alive(self) -> bool:
        """True until it was closed here: the library cannot know what became of the other side."""
        return self._socket is not None

    def open(self) -> None:
        """Connect and sign in."""
        route = _ROUTE.search(self._params.get("saprouter", ""))
        if route is None:
            raise ExternalRuntimeError(
                "the stand-in is reached by saprouter=/H/host/S/port", 20, "RFC_INVALID_PARAMETER"
            )
        try:
            self._socket = socket.create_connection((route["host"], int(route["port"])), timeout=60)
            self._socket.settimeout(None)
        except OSError as error:
            raise CommunicationError(
                f"partner not reached: {error}", 1, "RFC_COMMUNICATION_FAILURE"
            ) from None
        self._lines = self._socket.makefile("rb")
        try:
            self._ask({"logon": {k: v for k, v in self._params.items() if k != "saprouter"}})
        except RFCError:
            self.close()
            raise

    def close(self) -> None:
        """End the session; what was not committed is lost."""
        if self._socket is not None:
            # Wakes whoever still waits for an answer in another thread.
            with contextlib.suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)
            self._lines.close()
            self._socket.close()
            self._socket = None

    cancel = close

    def reopen(self) -> None:
        """A new session."""
        self.close()
        self.open()

    def ping(self) -> None:
        """Raises where the session is gone."""
        self._ask({"call": "RFC_PING", "with": {}})

    def get_connection_attributes(self) -> dict[str, str]:
        """What the session is."""
        held: dict[str, str] = self._ask({"attributes": True})
        return held

    def call(self, func_name: str, **params: object) -> dict[str, Any]:
        """What the function returns."""
        answer = self._ask({"call": func_name, "with": params})
        return _stripped(answer) if self._config["rstrip"] else answer  # type: ignore[no-any-return]

    def _ask(self, request: object) -> Any:
        if self._socket is None:
            raise ExternalRuntimeError("Invalid connection handle", 13, "RFC_INVALID_HANDLE")
        try:
            self._socket.sendall(packed(request))
            line = self._lines.readline()
        except (OSError, ValueError) as error:
            raise CommunicationError(f"connection broken: {error}", 1, "RFC_COMMUNICATION_FAILURE") from None
        if not line.endswith(b"\n"):
            raise CommunicationError(
                "connection closed without message (CM_NO_DATA_RECEIVED)", 1, "RFC_COMMUNICATION_FAILURE"
            )
        answer = unpacked(line)
        if "error" in answer:
            kind = _CLASSES[answer["error"].pop("class")]
            if kind is TypeError:
                raise TypeError(answer["error"]["message"])
            raise kind(**answer["error"])
        return answer["result"]


def _stripped(value: Any) -> Any:
    match value:
        case str():
            return value.rstrip(" ")
        case list():
            return [_stripped(each) for each in value]
        case dict():
            return {key: _stripped(each) for key, each in value.items()}
        case _:
            return value

"""Connections through `pyrfc`, which a user of this adapter installs: its surface and its errors."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any, Final, Literal, Protocol, TypeAlias, cast, runtime_checkable

from erp_adapters.errors import (
    CapabilityMissing,
    ConfigurationError,
    ErpError,
    ErpRefused,
    ErpUnavailable,
    WriteOutcomeUnknown,
)
from erp_adapters.http import Secret

SYSTEM: Final = "SAP"
Answer: TypeAlias = Mapping[str, Any]
"""What a function returned: parameters by name, structures as mappings, tables as lists of them."""
_HOW_TO_GET: Final = (
    "systems of the adapter 'sap_rfc' are called through the Python package `pyrfc` and SAP's NW RFC SDK, and"
    " `pyrfc` is not here: fetch the SDK from SAP's software centre with your S-user, point SAPNWRFC_HOME at"
    " it, and install `pyrfc`, or a package with its surface, into this environment (docs/adapters.md)"
)


class Rfc(Protocol):
    """One open connection: what `pyrfc.Connection` offers, as far as it is used."""

    @property
    def alive(self) -> bool:
        """False once it was closed here."""
        ...

    def call(self, func_name: str, /, **params: object) -> dict[str, Any]:
        """What the function module returns."""
        ...

    def ping(self) -> None:
        """Raises where the session is gone."""
        ...

    def close(self) -> None:
        """End the session; SAP rolls back what was not committed."""
        ...

    def reopen(self) -> None:
        """A new session with the same particulars."""
        ...

    def get_connection_attributes(self) -> Mapping[str, str]:
        """System, client, user, release and code page."""
        ...


@runtime_checkable
class Cancelling(Protocol):
    """A connection whose running call another thread can end; older releases of pyrfc have none."""

    def cancel(self) -> None:
        """End the call that runs."""
        ...


class Phase(Enum):
    """How far a call had come when it failed, as seen by what is to be written."""

    READING = auto()
    WORKING = auto()
    """Something is in the unit of work, and no commit was sent: SAP forgets it with the session."""
    COMMITTING = auto()
    """The commit was sent: what became of it only reading back can tell."""


@dataclass(frozen=True, slots=True)
class Library:
    """A `pyrfc`, or what has its surface."""

    connect: Callable[..., Rfc]
    error: type[Exception]
    """Its root, `RFCError`."""
    origin: Literal["real", "stand-in"]


@dataclass(frozen=True, slots=True)
class SignsIn:
    """How one person signs in by what is theirs, and who they are then."""

    person: str
    """Their subject here."""
    user: str
    """Their user in SAP; a session of another is not used, whoever lets it in."""
    shown: Callable[[], Mapping[str, str]]
    """What the library is given of them, such as `x509cert`; asked for at each logon."""


@dataclass(frozen=True, slots=True)
class Logon:
    """Where the system is and who signs in."""

    client: str
    user: str
    password: Secret
    route: Mapping[str, str]
    """Where it is, in the library's own words: `ashost` and `sysnr`, or `mshost`, `sysid` and `group`, with
    `saprouter` and the `snc_` ones where there are any."""
    language: str = "EN"
    signs_in: SignsIn | None = None
    """A person's own sign-in, in the place of user and password."""

    def parameters(self) -> dict[str, str]:
        """What the library is given; with SNC there is no password, and an empty one would be tried."""
        if self.signs_in is not None:
            return {**self.route, "client": self.client, "lang": self.language, **self.signs_in.shown()}
        who = {"client": self.client, "user": self.user, "passwd": self.password.reveal()}
        given = {name: value for name, value in who.items() if value}
        return {**self.route, **given, "lang": self.language}


def library() -> Library:
    """The installed `pyrfc`.

    Raises:
        ConfigurationError: there is none, or it does not find SAP's SDK; the message says how to get them.
    """
    try:
        module: Any = importlib.import_module("pyrfc")
    except ImportError as error:
        # An installed package without the SDK fails at import too, and says which file it misses.
        why = "" if error.name == "pyrfc" else f" ({error})"
        raise ConfigurationError(_HOW_TO_GET + why) from error
    return Library(
        cast("Callable[..., Rfc]", module.Connection),
        module.RFCError,
        "stand-in" if getattr(module, "ORIGIN", "") == "stand-in" else "real",
    )


_GONE: Final = frozenset({1, 6, 7, 8, 13})
"""Return codes for a line or session that is no more: communication, closed, cancelled, timed out, handle."""
_NOTHING: Final = "; nothing was committed, so nothing is written"
_AUTHORITY: Final = frozenset({"RFC_NO_AUTHORITY", "NOT_AUTHORIZED", "NO_AUTHORITY"})


def named(error: Exception, function: str, phase: Phase) -> ErpError:
    """What an error of the library is to us: what is known of the write decides, then what SAP says.

    Args:
        error: raised by the library.
        function: the function module that was called.
        phase: how far the write had come.
    """
    said, key = str(getattr(error, "message", "") or error), str(getattr(error, "key", "") or "")
    code, kind = getattr(error, "code", None), type(error).__name__
    if phase is Phase.COMMITTING:
        return unanswered(said, function, phase)
    nothing = _NOTHING if phase is Phase.WORKING else ""
    if kind == "LogonError":
        return ErpUnavailable(f"{SYSTEM} does not let the user in ({said}): correct user, client or password")
    if kind == "CommunicationError" or code in _GONE:
        return unanswered(said, function, phase)
    if key in _AUTHORITY or kind == "ExternalAuthorizationError":
        return ErpRefused(
            f"{SYSTEM}'s user may not call {function} ({said}): have the right added to its role{nothing}"
        )
    if key == "FU_NOT_FOUND":
        return CapabilityMissing(f"this release of {SYSTEM} has no function module {function!r}")
    if key == "RFC_INVALID_PARAMETER":
        return CapabilityMissing(f"{function} of this release of {SYSTEM} is another than is known ({said})")
    if kind == "ABAPRuntimeError":
        return ErpRefused(f"{SYSTEM} broke {function} off ({key}: {said}){nothing}")
    return ErpRefused(
        f"{SYSTEM} refused {function} ({key}: {said}){nothing}" if key else f"{SYSTEM}: {said}{nothing}"
    )


def unanswered(why: str, function: str, phase: Phase) -> ErpError:
    """What a call without an answer is to us."""
    if phase is Phase.COMMITTING:
        return WriteOutcomeUnknown(
            f"{SYSTEM} did not answer the commit ({why}); whether it wrote is not known"
        )
    return ErpUnavailable(
        f"{SYSTEM} does not answer {function} ({why}){_NOTHING if phase is Phase.WORKING else ''}"
    )


@dataclass(frozen=True, slots=True)
class Message:
    """A row of a RETURN table."""

    type: str
    """S, I and W pass, E and A refuse, X is a dump."""
    id: str
    number: str
    text: str

    def __str__(self) -> str:
        return f"{self.text} ({self.id} {self.number})" if self.id else self.text


def messages(answer: Answer) -> tuple[Message, ...]:
    """What RETURN says, be it a structure or a table; rows that say nothing are left out."""
    held = answer.get("RETURN") or []
    rows: Sequence[Mapping[str, Any]] = [held] if isinstance(held, Mapping) else held
    return tuple(
        Message(
            str(row["TYPE"]),
            str(row.get("ID") or ""),
            str(row.get("NUMBER") or ""),
            str(row.get("MESSAGE") or "").strip(),
        )
        for row in rows
        if row.get("TYPE")
    )


def refusals(answer: Answer) -> tuple[Message, ...]:
    """What RETURN says against it; any of them, and nothing may be committed."""
    return tuple(each for each in messages(answer) if each.type in ("E", "A", "X"))

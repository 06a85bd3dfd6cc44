"""How every error leaves the program: as an exit code on the command line, as problem+json over HTTP.

This is the only place, beside the graph's edge, where an unforeseen exception is caught.
"""

from __future__ import annotations

import asyncio
import logging
import os
import re
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, TypeVar
from uuid import uuid4

from erp_adapters import errors
from policies.wording import Worded
from server.settings import Settings, load_settings
from tools.languages import said
from tools.languages.reasons import in_words
from tools.languages.retelling import retold

T = TypeVar("T")

SIGN_IN = "/v1/session/begin"
"""Where a browser begins to sign in."""

log = logging.getLogger("plantwright")

_FAULT = "This is a fault of the program, not of the question. The log has it as incident [[incident]]."
TYPES = "urn:plantwright:problem:"
"""What every problem's `type` begins with; docs/http.md lists how they go on."""


class ExitCode(IntEnum):
    """What a script can tell from the exit code."""

    ANSWERED = 0
    FAILURE = 1
    USAGE = 2
    CLARIFY = 3
    CANNOT_ANSWER = 4
    REFUSED = 5
    STORE_UNAVAILABLE = 6
    INTERRUPTED = 130


STATUS_CODES: dict[str, ExitCode] = {
    "answered": ExitCode.ANSWERED,
    "clarify": ExitCode.CLARIFY,
    "cannot_answer": ExitCode.CANNOT_ANSWER,
    "refused": ExitCode.REFUSED,
}

EXIT_CODES_HELP = (
    "Exit codes: 0 answered, 1 failure, 2 usage, 3 clarify, 4 cannot answer, 5 refused, "
    "6 database unavailable, 130 interrupted."
)


class UsageError(errors.CopilotError):
    """The request itself is not usable: a wrong argument, body or combination."""


class NotSignedIn(errors.CopilotError):
    """Nobody could be made out behind a request."""


class NotKnown(errors.CopilotError):
    """Whoever signed in is nobody here, or nobody any more."""


class OtherPage(errors.CopilotError):
    """The request comes from a page that may not send it."""


class SignInFailed(errors.CopilotError):
    """A sign-in did not come to its end: begun in another browser, too long ago, or not confirmed."""


class ProviderUnavailable(errors.CopilotError):
    """The identity provider does not answer, or not as one does."""


class ChannelUnavailable(errors.CopilotError):
    """A chat platform does not take what is posted there."""


class NotJson(UsageError):
    """The body is not sent as JSON."""


class KeyReused(UsageError):
    """An id or key that a client chose stands for another request already."""


class StillAnswering(errors.CopilotError):
    """The same thing is being done already; the message says what to wait for."""


class TooMany(errors.CopilotError):
    """More requests than one person or address may send.

    Args:
        retry_after_s: seconds after which another try may succeed.
    """

    def __init__(self, message: str, retry_after_s: int = 1) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


@dataclass(frozen=True, slots=True)
class Kind:
    """How one class of errors is shown."""

    title: str
    http: int
    exit: ExitCode


KINDS: dict[type[errors.CopilotError], Kind] = {
    NotJson: Kind("Not sent as JSON", 415, ExitCode.USAGE),
    KeyReused: Kind("Key used for another request", 422, ExitCode.USAGE),
    StillAnswering: Kind("Still being answered", 409, ExitCode.FAILURE),
    TooMany: Kind("Too many requests", 429, ExitCode.FAILURE),
    UsageError: Kind("Not usable as sent", 422, ExitCode.USAGE),
    NotSignedIn: Kind("Not signed in", 401, ExitCode.REFUSED),
    NotKnown: Kind("Not known here", 403, ExitCode.REFUSED),
    OtherPage: Kind("Not from this page", 403, ExitCode.REFUSED),
    SignInFailed: Kind("Sign-in failed", 400, ExitCode.REFUSED),
    ProviderUnavailable: Kind("Identity provider unavailable", 503, ExitCode.FAILURE),
    ChannelUnavailable: Kind("Chat platform unavailable", 503, ExitCode.FAILURE),
    errors.StoreUnavailable: Kind("Database unavailable", 503, ExitCode.STORE_UNAVAILABLE),
    errors.ErpUnavailable: Kind("Source system unavailable", 503, ExitCode.FAILURE),
    errors.RecordNotFound: Kind("Not found", 404, ExitCode.FAILURE),
    errors.ImportRunning: Kind("Import running", 409, ExitCode.FAILURE),
    errors.ImportFailed: Kind("Import failed", 422, ExitCode.FAILURE),
    errors.CapabilityMissing: Kind("Not possible with this system", 422, ExitCode.FAILURE),
    errors.ErpError: Kind("Source system failed", 502, ExitCode.FAILURE),
    errors.ConfirmationInvalid: Kind("Confirmation not valid", 409, ExitCode.REFUSED),
    errors.DraftInvalid: Kind("Cannot be drafted", 422, ExitCode.CANNOT_ANSWER),
    errors.SwitchedOff: Kind("Switched off", 503, ExitCode.REFUSED),
    errors.AuditUnavailable: Kind("Not on record", 503, ExitCode.FAILURE),
    errors.PolicyError: Kind("Not allowed", 403, ExitCode.REFUSED),
    errors.ToolError: Kind("Cannot be computed", 422, ExitCode.CANNOT_ANSWER),
    errors.ModelUnavailable: Kind("Language model unavailable", 503, ExitCode.FAILURE),
    errors.ModelError: Kind("Language model failed", 502, ExitCode.FAILURE),
    errors.ConfigurationError: Kind("Set-up is not complete", 500, ExitCode.FAILURE),
    errors.CopilotError: Kind("Failed", 500, ExitCode.FAILURE),
}


def kind_of(error: errors.CopilotError) -> Kind:
    """The row of the table for the nearest class of the error."""
    for cls in type(error).__mro__:
        if cls in KINDS:
            return KINDS[cls]
    raise AssertionError("every CopilotError has a kind")


@dataclass(frozen=True, slots=True)
class Problem:
    """An error as RFC 9457 describes it."""

    title: str
    status: int
    detail: str
    incident: str = ""

    @property
    def code(self) -> str:
        """What a program tells it by: the English title in lower case with hyphens."""
        return re.sub(r"[^a-z0-9]+", "-", self.title.lower()).strip("-")

    @property
    def type(self) -> str:
        """The same as a URI."""
        return f"{TYPES}{self.code}"

    @classmethod
    def of(cls, body: Mapping[str, object]) -> Problem:
        """The problem that `body` gave."""
        incident = str(body.get("incident") or "")
        return cls(str(body["title"]), int(str(body["status"])), str(body["detail"]), incident)

    def said(self) -> str:
        """The detail in the language spoken, where it is worded there."""
        return in_words(self.detail) if isinstance(self.detail, Worded) else retold(self.detail)

    def body(self) -> dict[str, str | int]:
        """The members of the JSON object, its words in the language spoken."""
        shown: dict[str, str | int] = {
            "type": self.type,
            "title": said(self.title),
            "status": self.status,
            "detail": self.said(),
        }
        if self.incident:
            shown["incident"] = self.incident
        if self.status == 401:
            shown["sign_in"] = SIGN_IN
        return shown


def problem(error: BaseException) -> Problem:
    """What a client is told: the message of our errors, and of a bug only a number to look up in the log."""
    if isinstance(error, errors.CopilotError):
        kind = kind_of(error)
        # Policy's sentences know their parts, and so can be said in other languages.
        told = error.args[0] if error.args and isinstance(error.args[0], Worded) else str(error)
        return Problem(kind.title, kind.http, told)
    incident = uuid4().hex[:12]
    log.error("incident %s", incident, exc_info=error)
    return Problem("Internal error", 500, Worded.of(_FAULT, incident=incident), incident)


async def guarded(events: AsyncIterator[T]) -> AsyncIterator[T | Problem]:
    """The events; where their maker fails, a last one that says so, as the response has already begun."""
    try:
        async for event in events:
            yield event
    except Exception as error:  # noqa: BLE001
        yield problem(error)


async def told(work: Awaitable[None], hear: Callable[[Problem], None]) -> None:
    """Work whose failure is heard, as the response to it has already begun."""
    try:
        await work
    except Exception as error:  # noqa: BLE001
        hear(problem(error))


def run(work: Callable[[Settings], Coroutine[Any, Any, ExitCode]], **given: object) -> int:
    """Run an asynchronous command to its exit code, as `at_edge` does."""
    return at_edge(lambda settings: asyncio.run(work(settings)), **given)


def run_service(work: Callable[[Settings], Coroutine[Any, Any, ExitCode]], **given: object) -> int:
    """The same for what serves many at a time: on uvloop, where the platform has it."""

    def served(settings: Settings) -> ExitCode:
        with asyncio.Runner(loop_factory=_fast_loop()) as runner:
            return runner.run(work(settings))

    return at_edge(served, **given)


def _fast_loop() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        from uvloop import new_event_loop
    except ImportError:
        # Windows has none.
        return None
    return new_event_loop


def at_edge(work: Callable[[Settings], ExitCode], **given: object) -> int:
    """Run a command to its exit code; every error becomes a line on stderr and a code of the table.

    Args:
        work: the command, handed the settings.
        given: settings that the command line names.
    """
    debug = False
    try:
        settings = load_settings(**given)
        debug = settings.debug
        return int(work(settings))
    except KeyboardInterrupt:
        return _said("interrupted; nothing was left half done", ExitCode.INTERRUPTED)
    except BrokenPipeError:
        # The reader of our output (`head`, a pager) went away; Python would complain again when it flushes.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return int(ExitCode.FAILURE)
    except errors.CopilotError as error:
        return _said(str(error), kind_of(error).exit)
    except Exception as error:
        if debug:
            raise
        return _said(
            f"internal error: {type(error).__name__}: {error}\n"
            "This is a fault of the program. PLANTWRIGHT_DEBUG=1 shows where.",
            ExitCode.FAILURE,
        )


def _said(message: str, code: ExitCode) -> int:
    sys.stderr.write(f"plantwright: {message}\n")
    return int(code)

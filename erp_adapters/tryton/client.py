"""Calls to a Tryton server over JSON-RPC, signed in as one user; Tryton's own errors become ours here."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, TypeAlias

from erp_adapters.errors import CapabilityMissing, ErpRefused, ErpUnavailable, WriteOutcomeUnknown
from erp_adapters.http import Effect, HttpClient, Json, Reply, Secret

Values: TypeAlias = Mapping[str, Any]
SYSTEM = "Tryton"
_REFUSALS = frozenset({"UserError", "UserWarning", "ConcurrencyException"})
"""What Tryton raises inside of the call's transaction, which it then rolls back."""


class Changed(ErpRefused):
    """Somebody changed the record since it was read."""


class Client:
    """One user's calls to one database.

    ::

        async with Client.open("https://erp.example/plant/", "copilot", password) as tryton:
            found = await tryton.read("product.product", [["code", "=", "T-100"]], ["code", "template.name"])
    """

    def __init__(self, http: HttpClient, login: str, password: Secret) -> None:
        self._http = http
        self._login = login
        self._password = password
        self._session = ""
        self._user = 0
        self._context: dict[str, Any] = {}
        self._signing_in = asyncio.Lock()

    @classmethod
    @asynccontextmanager
    async def open(
        cls, url: str, login: str, password: Secret, *, timeout_s: float = 10.0
    ) -> AsyncIterator[Client]:
        """Calls to the database whose address ends in its name; nothing is sent until the first call."""
        async with HttpClient(url, SYSTEM, timeout_s=timeout_s, secrets=[password]) as http:
            yield cls(http, login, password)

    @property
    def login(self) -> str:
        """Who calls."""
        return self._login

    @property
    def company(self) -> int:
        """The company that the user works for."""
        return int(self._context.get("company") or 0)

    async def sign_in(self) -> Mapping[str, Any]:
        """Sign in where that is not done yet; the user's preferences, which every call is made under.

        Raises:
            ErpUnavailable: it does not answer, or does not let the user in.
        """
        async with self._signing_in:
            if not self._session:
                await self._begin()
        return self._context

    async def version(self) -> str:
        """Series of the server, such as `8.2`; needs no sign-in."""
        # Asked of the server, above its databases.
        reply = await self._http.call("POST", "../rpc/", _request("common.server.version", []), effect="read")
        return str(_result(reply, "common.server.version", "read"))

    async def _begin(self) -> None:
        reply = await self._http.call(
            "POST",
            "rpc/",
            _request("common.db.login", [self._login, {"password": self._password.reveal()}, "en"]),
            effect="read",
        )
        if reply.status in (401, 403):
            # Nothing was done, and once the login is mended what was asked can be.
            raise ErpUnavailable(
                f"{SYSTEM} does not let {self._login!r} in: correct user or password in the file of systems"
            )
        if reply.status == 404:
            raise ErpUnavailable(
                f"{SYSTEM} has no database at {self._http.url}: its address ends in the name of one"
            )
        user, token = _result(reply, "common.db.login", "read")[:2]
        self._user = user
        self._session = base64.b64encode(f"{self._login}:{user}:{token}".encode()).decode()
        self._context = {}
        self._context = await self._call("model.res.user.get_preferences", [True], "read")

    async def call(
        self,
        method: str,
        *params: object,
        effect: Effect,
        context: Mapping[str, Any] | None = None,
        timeout_s: float | None = None,
    ) -> Any:
        """What a method returns; the context goes last, as every method has it.

        Raises:
            ErpRefused: Tryton said no, and rolled back.
            Changed: a record is not as it was read.
            CapabilityMissing: it has no such method, or the module is not activated.
            ErpUnavailable, WriteOutcomeUnknown: as the client says.
        """
        await self.sign_in()
        try:
            return await self._call(method, list(params), effect, context, timeout_s)
        except _SignedOut:
            # Refused before anything was done: the session ended, so the same call may go out again.
            async with self._signing_in:
                await self._begin()
        try:
            return await self._call(method, list(params), effect, context, timeout_s)
        except _SignedOut as error:
            raise ErpUnavailable(f"{SYSTEM} ends the session of {self._login!r} at once") from error

    async def _call(
        self,
        method: str,
        params: list[object],
        effect: Effect,
        context: Mapping[str, Any] | None = None,
        timeout_s: float | None = None,
    ) -> Any:
        reply = await self._http.call(
            "POST",
            "rpc/",
            _request(method, [*params, {**self._context, **(context or {})}]),
            effect=effect,
            headers={"authorization": f"Session {self._session}"},
            timeout_s=timeout_s,
        )
        if reply.status == 401:
            raise _SignedOut(method)
        return _result(reply, method, effect)

    async def rows(
        self,
        model: str,
        where: Sequence[Any],
        fields: Sequence[str],
        *,
        order: Sequence[Sequence[str]] = (("id", "ASC"),),
        limit: int | None = None,
        context: Mapping[str, Any] | None = None,
    ) -> list[dict[str, Any]]:
        """Records that match, with these fields; `a.b` in a list of fields reads through a reference."""
        found = await self.call(
            f"model.{model}.search_read",
            where,
            0,
            limit,
            order,
            list(fields),
            effect="read",
            context=context,
        )
        return list(found)


class _SignedOut(Exception):
    """Tryton knows the session no longer; it did nothing."""


def _request(method: str, params: Sequence[object]) -> Json:
    encoded: Json = {"id": 1, "method": method, "params": [encode(each) for each in params]}
    return encoded


def _result(reply: Reply, method: str, effect: Effect) -> Any:
    if reply.status in (403, 404):
        raise CapabilityMissing(
            f"{SYSTEM} offers no {method!r}: is its module activated, and may the user call it?"
        )
    if reply.status >= 400:
        raise ErpRefused(f"{SYSTEM} refused {method!r} with the status {reply.status}")
    body = reply.body
    if not isinstance(body, dict) or ("result" not in body and "error" not in body):
        why = f"{SYSTEM} answered {method!r} with something that is no result"
        raise (
            WriteOutcomeUnknown(f"{why}; whether it wrote is not known")
            if effect == "write"
            else ErpUnavailable(why)
        )
    if (error := body.get("error")) is None:
        return decode(body["result"])
    name = str(error[0]) if isinstance(error, list) and error else "error"
    if name == "ConcurrencyException":
        raise Changed(f"{SYSTEM}: {error[1]}: somebody changed it since it was read; read it again")
    if name in _REFUSALS:
        said = (
            " ".join(str(part) for part in error[1][:2] if part)
            if isinstance(error[1], list)
            else str(error[1])
        )
        raise ErpRefused(f"{SYSTEM}: {said}")
    # A fault of the server: its first line is fit to be shown, the traceback behind it is not.
    first = name.split("\n")[0][:200]
    if first.strip("'") == method.removeprefix("model.").rpartition(".")[0]:
        raise CapabilityMissing(f"{SYSTEM} has no {first}: the module that brings it is not activated")
    why = f"{SYSTEM} failed at {method!r}: {first}"
    if effect == "write":
        raise WriteOutcomeUnknown(f"{why}; whether it wrote is not known")
    raise ErpUnavailable(why)


def encode(value: object) -> Json:
    """A value as Tryton's JSON has it."""
    match value:
        case None | bool() | int() | float() | str():
            return value
        case Decimal():
            return {"__class__": "Decimal", "decimal": str(value)}
        case datetime():
            moment = {"hour": value.hour, "minute": value.minute, "second": value.second}
            return {"__class__": "datetime", **_day(value), **moment, "microsecond": value.microsecond}
        case date():
            return {"__class__": "date", **_day(value)}
        case timedelta():
            return {"__class__": "timedelta", "seconds": value.total_seconds()}
        case Mapping():
            return {str(key): encode(each) for key, each in value.items()}
        case Sequence():
            return [encode(each) for each in value]
        case _:
            raise TypeError(f"{type(value).__name__} cannot be sent to {SYSTEM}")


def _day(value: date) -> dict[str, int]:
    return {"year": value.year, "month": value.month, "day": value.day}


def decode(value: Any) -> Any:
    """A value of Tryton's JSON as Python has it."""
    if isinstance(value, list):
        return [decode(each) for each in value]
    if not isinstance(value, dict):
        return value
    held = {key: decode(each) for key, each in value.items()}
    match held.pop("__class__", None):
        case "Decimal":
            return Decimal(held["decimal"])
        case "date":
            return date(**held)
        case "datetime":
            return datetime(**held, tzinfo=UTC)
        case "time":
            return time(**held)
        case "timedelta":
            return timedelta(seconds=held["seconds"])
        case "bytes":
            return base64.b64decode(held["base64"])
        case _:
            return held

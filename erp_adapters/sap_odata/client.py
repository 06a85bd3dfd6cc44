"""Calls to SAP's OData services of both versions: sessions, pages, change sets; SAP's errors become ours."""

from __future__ import annotations

import asyncio
import json
from collections import OrderedDict
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, NoReturn
from urllib.parse import unquote, urlsplit
from uuid import NAMESPACE_URL, uuid5

from erp_adapters.errors import (
    CapabilityMissing,
    ErpRefused,
    ErpUnavailable,
    WriteOutcomeUnknown,
)
from erp_adapters.http import Answers, Content, Effect, HttpClient, Reply
from erp_adapters.sap_odata.batch import Change, packed, unpacked
from erp_adapters.sap_odata.mapping import SYSTEM, Connection
from erp_adapters.sap_odata.metadata import Metadata, parse
from erp_adapters.sap_odata.refusals import said
from erp_adapters.sap_odata.signing_in import Tokens
from erp_adapters.sap_odata.values import Version, escaped

_SESSIONS: Final = 64
"""People whose sessions are kept at once."""
_MOST_PAGES: Final = 10_000
_EXACT: Final = "application/json;IEEE754Compatible=true"
_NAMED = {
    401: "not signed in",
    403: "no authorisation",
    404: "not found",
    409: "a conflict",
    412: "it was changed",
}


class Changed(ErpRefused):
    """Somebody changed the record since it was read."""


@dataclass(frozen=True, slots=True)
class Service:
    """One OData service, by its technical name and where it is usually found."""

    name: str
    path: str


@dataclass
class _Session:
    """One person's, or the technical user's: cookies and the token that writes need."""

    http: HttpClient
    csrf: str | None = None
    """None until it is fetched; empty where SAP asks for none."""


class Client:
    """Calls to one SAP system.

    ::

        async with Client.open(connection) as sap:
            found = await sap.rows(PRODUCTS, "A_Product", {"$filter": "Product eq 'T-100'"})
    """

    def __init__(self, connection: Connection, tokens: Tokens) -> None:
        self._at = connection
        self._tokens = tokens
        self._sessions: OrderedDict[str | None, _Session] = OrderedDict()
        self._metadata: dict[str, Metadata] = {}
        self._asking: dict[str, asyncio.Lock] = {}
        self._server = ""

    @classmethod
    @asynccontextmanager
    async def open(cls, connection: Connection) -> AsyncIterator[Client]:
        """The system, which is first called with the first question."""
        client = cls(connection, Tokens(connection.technical, connection.propagation, connection.call_s))
        try:
            yield client
        finally:
            for session in client._sessions.values():
                await session.http.close()

    @property
    def server(self) -> str:
        """What the server calls itself, once it was called; empty where it says nothing."""
        return self._server

    async def metadata(self, service: Service) -> Metadata:
        """What a service offers; asked for once.

        Raises:
            CapabilityMissing: it is not activated, or not for this user.
            ErpRefused, ErpUnavailable: as the client says.
        """
        async with self._asking.setdefault(service.name, asyncio.Lock()):
            if service.name not in self._metadata:
                reply = await self._call(
                    "GET", self._address(service, "$metadata", {}), None, "read", answers="text",
                    headers={"accept": "application/xml"},
                )  # fmt: skip
                if reply.status in (403, 404):
                    raise CapabilityMissing(
                        f"{SYSTEM} offers {self._who(None)} no service {service.name} at"
                        f" {self._path(service)!r}{self._because(reply)}: activate it and give the user its"
                        " authorisation, or name its path under `services` in the file of systems"
                    )
                self._check(reply, "read", f"the metadata of {service.name}", None)
                if "html" in reply.headers.get("content-type", "") or "<html" in reply.text[:500].lower():
                    raise ErpUnavailable(
                        f"{SYSTEM} answered with an HTML page{self._because(reply)} where the metadata of"
                        f" {service.name} should be: is {self._at.url} right, with no sign-in page between?"
                    )
                self._metadata[service.name] = parse(reply.text, service.name)
        return self._metadata[service.name]

    async def rows(
        self, service: Service, path: str, query: Mapping[str, str], *, most: int | None = None
    ) -> list[dict[str, Any]]:
        """Every entity that a query finds, over as many pages as the server makes of it.

        Args:
            service: whose.
            path: an entity set, or what is navigated to.
            query: such as `$filter`; unescaped.
            most: to stop behind that many.
        """
        version = (await self.metadata(service)).version
        found: list[dict[str, Any]] = []
        address = self._address(service, path, {**query, **({"$format": "json"} if version == 2 else {})})
        for _ in range(_MOST_PAGES):
            reply = await self._call("GET", address, None, "read", headers=_reading(version))
            self._check(reply, "read", f"{service.name}/{path}", None)
            entities, following = _collection(reply, f"{service.name}/{path}")
            found += entities
            if following is None or (most is not None and len(found) >= most):
                return found
            address = self._following(service, following)
        raise ErpUnavailable(f"{SYSTEM} answers {service.name}/{path} with pages without an end")

    async def file(self, service: Service, path: str) -> tuple[bytes, str] | None:
        """A file and its media type; None where it is not there."""
        reply = await self._call(
            "GET", self._address(service, path, {}), None, "read", headers={"accept": "*/*"}, answers="bytes"
        )
        if reply.status == 404:
            return None
        self._check(reply, "read", f"{service.name}/{path.partition('(')[0]}", None)
        return reply.data, reply.headers.get("content-type", "").lower()

    async def create(
        self, service: Service, path: str, body: Mapping[str, Any], *, person: str | None, request: str
    ) -> dict[str, Any]:
        """The entity as SAP says that it made it.

        Args:
            service: whose.
            path: the entity set.
            body: with what is nested in it, all of which is made or nothing.
            person: by whose rights; None is the technical user.
            request: the same for the same creation; within its window SAP answers a repetition as the first.

        Raises:
            ErpRefused: SAP said no; nothing was written.
            ErpUnavailable: it was certainly not taken.
            WriteOutcomeUnknown: it was sent and whether it took effect is not known.
        """
        version = (await self.metadata(service)).version
        number = uuid5(NAMESPACE_URL, f"plantwright:{request}").hex
        heads = {
            **_reading(version),
            "RequestID": number,
            "RepeatabilityCreation": datetime.now(UTC).strftime("%a, %d %b %Y %H:%M:%S GMT"),
        }
        kind = _EXACT if version == 4 else "application/json"
        reply = await self._write(
            "POST", service, path, Content(json.dumps(body).encode(), kind), person, heads
        )
        entity = _entity(reply)
        if reply.status != 201 or entity is None:
            raise WriteOutcomeUnknown(
                f"{SYSTEM} answered the creation in {service.name}/{path} with the status {reply.status} and"
                " no entity; whether it wrote is not known"
            )
        return entity

    async def change(self, service: Service, changes: Sequence[Change], *, person: str | None) -> None:
        """Make all of the changes or none.

        Raises:
            Changed: something is not as it was read.
            ErpRefused, ErpUnavailable, WriteOutcomeUnknown: as `create` says.
        """
        await self.metadata(service)
        content = packed(changes, self._at.language)
        reply = await self._write(
            "POST", service, "$batch", content, person, {"accept": "multipart/mixed"}, answers="text"
        )
        answers = unpacked(reply.text, reply.headers.get("content-type", ""))
        what = f"a change set in {service.name}"
        for answer in answers:
            if answer.status >= 400:
                self._check(Reply(answer.status, None, answer.text), "write", what, person)
        if len(answers) != len(changes):
            raise WriteOutcomeUnknown(
                f"{SYSTEM} answered {len(answers)} of {len(changes)} changes of {what}; whether it wrote is"
                " not known"
            )

    async def _write(
        self, method: str, service: Service, path: str, content: Content, person: str | None,
        heads: Mapping[str, str], answers: Answers = "json",
    ) -> Reply:  # fmt: skip
        address = self._address(service, path, {})
        session = await self._session(person)
        for _ in range(2):
            if session.csrf is None:
                session.csrf = await self._fetched_csrf(service, person)
            token = {"x-csrf-token": session.csrf} if session.csrf else {}
            reply = await self._call(method, address, content, "write", person, {**heads, **token}, answers)
            if reply.status != 403 or reply.headers.get("x-csrf-token", "").lower() != "required":
                self._check(reply, "write", f"{service.name}/{path}", person)
                return reply
            # Refused for its token before anything was done, so the same write may go out once more.
            session.csrf = None
        raise ErpUnavailable(
            f"{SYSTEM} does not take the CSRF token that it has just given {self._who(person)}; nothing was"
            " written: does what stands between keep the session's cookies?"
        )

    async def _fetched_csrf(self, service: Service, person: str | None) -> str:
        reply = await self._call(
            "GET", self._address(service, "", {}), None, "read", person,
            {"x-csrf-token": "Fetch", "accept": "application/json"}, answers="text",
        )  # fmt: skip
        self._check(reply, "read", service.name, person)
        return reply.headers.get("x-csrf-token", "")

    async def _call(
        self,
        method: str,
        address: str,
        content: Content | None,
        effect: Effect,
        person: str | None = None,
        headers: Mapping[str, str] | None = None,
        answers: Answers = "json",
    ) -> Reply:
        session, why = await self._session(person), ""
        for _ in range(2):
            rights = await self._tokens.headers(person)
            reply = await session.http.call(
                method, address, content, effect=effect, answers=answers,
                headers={"accept-language": self._at.language, **(headers or {}), **rights},
            )  # fmt: skip
            self._server = reply.headers.get("server", self._server)
            if reply.status != 401:
                return reply
            why = self._because(reply)
            session.csrf = None
            # Refused before anything was done: where it was a token that ran out, another may do.
            if not self._tokens.forget(person):
                break
        raise ErpUnavailable(
            f"{SYSTEM} does not let {self._who(person)} in{why}; nothing was done: correct the sign-in in the"
            " file of systems"
        )

    async def _session(self, person: str | None) -> _Session:
        if person not in self._sessions:
            http = HttpClient(
                self._at.url, SYSTEM, timeout_s=self._at.call_s, secrets=self._tokens.secrets, explains=said
            )
            self._sessions[person] = _Session(http)
            if len(self._sessions) > _SESSIONS:
                _, oldest = self._sessions.popitem(last=False)
                await oldest.http.close()
        self._sessions.move_to_end(person)
        return self._sessions[person]

    def _because(self, reply: Reply) -> str:
        why = said(reply.text)
        for secret in self._tokens.secrets:
            why = why.replace(secret.reveal(), "***")
        return f": {why}" if why else ""

    def _check(self, reply: Reply, effect: Effect, what: str, person: str | None) -> None:
        if reply.status >= 400:
            self._refuse(reply, effect, what, person)

    def _refuse(self, reply: Reply, effect: Effect, what: str, person: str | None) -> NoReturn:
        status, because = reply.status, self._because(reply)
        named = f" ({_NAMED[status]})" if status in _NAMED else ""
        why = f"{SYSTEM} refused {what} with the status {status}{named}{because}"
        match status:
            case 412 | 428:
                raise Changed(f"{why}: somebody changed it since it was read; read it again")
            case 403:
                raise ErpRefused(f"{why}; {self._who(person)} needs the authorisation")
            case 404 if effect == "read":
                raise CapabilityMissing(why)
            case 423:
                raise ErpUnavailable(f"{why}: somebody has it open; nothing was written, try again later")
            case 408 if effect == "write":
                raise WriteOutcomeUnknown(f"{why}; whether it wrote is not known")
            case _ if status >= 500 and effect == "write":
                raise WriteOutcomeUnknown(f"{why}; whether it wrote is not known")
            case _:
                raise ErpRefused(why)

    def _who(self, person: str | None) -> str:
        if person is None or self._at.propagation is None:
            return f"the technical user {self._at.technical.login!r}"
        return f"{person!r}, who is {self._at.propagation.name_of(person)!r} there,"

    def _path(self, service: Service) -> str:
        return self._at.services.get(service.name, service.path).strip("/")

    def _address(self, service: Service, path: str, query: Mapping[str, str]) -> str:
        fixed = {"sap-client": self._at.client} if self._at.client else {}
        given = {**query, **fixed, "sap-language": self._at.language.upper()}
        asked = "&".join(f"{name}={escaped(value)}" for name, value in given.items())
        return f"{self._path(service)}/{escaped(path)}?{asked}"

    def _following(self, service: Service, link: str) -> str:
        """The address behind a link to the next page, which only ever leads to the same service."""
        parts = urlsplit(link)
        path, at = unquote(parts.path), self._path(service)
        # SAP writes the links as it knows itself, which behind a proxy is another host.
        _, found, below = path.partition(f"{at}/")
        if not found:
            if parts.scheme or parts.netloc or path.startswith("/"):
                raise ErpUnavailable(
                    f"{SYSTEM} continues {service.name} at {link!r}, which is not of that service"
                )
            below = path
        query = parts.query
        if self._at.client and "sap-client=" not in query:
            query += f"&sap-client={self._at.client}"
        return f"{at}/{escaped(below)}?{query}"


def _reading(version: Version) -> Mapping[str, str]:
    if version == 4:
        return {"accept": _EXACT, "odata-version": "4.0", "odata-maxversion": "4.0"}
    return {"accept": "application/json", "dataserviceversion": "2.0", "maxdataserviceversion": "2.0"}


def _collection(reply: Reply, what: str) -> tuple[list[dict[str, Any]], str | None]:
    """The entities of one page, and where the next is."""
    body = reply.body
    if isinstance(body, dict) and isinstance(body.get("value"), list):
        return body["value"], body.get("@odata.nextLink")
    held = body.get("d") if isinstance(body, dict) else None
    if isinstance(held, dict) and isinstance(held.get("results"), list):
        return held["results"], held.get("__next")
    if isinstance(held, list):
        return held, None
    raise ErpUnavailable(f"{SYSTEM} answered {what} with something that is no list of entities")


def _entity(reply: Reply) -> dict[str, Any] | None:
    body = reply.body
    held = body.get("d") if isinstance(body, dict) and "d" in body else body
    return held if isinstance(held, dict) and held else None


def nested(entity: Mapping[str, Any], link: str) -> list[dict[str, Any]]:
    """What was expanded to many, however the version nests it; nothing where it was not expanded."""
    held = entity.get(link)
    if isinstance(held, dict):
        held = held.get("results", [] if "__deferred" in held else [held])
    return held if isinstance(held, list) else []


def etag_of(entity: Mapping[str, Any]) -> str:
    """The version of the entity as it was read; empty where the system keeps none."""
    about = entity.get("__metadata")
    if isinstance(about, dict):
        return str(about.get("etag") or "")
    return str(entity.get("@odata.etag") or "")


__all__ = ["Change", "Changed", "Client", "Service", "etag_of", "nested"]

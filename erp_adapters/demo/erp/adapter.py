"""The demo ERP as a write port: a stand-in for trying out and proving what is written to a real one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any, assert_never
from uuid import uuid4

import psycopg

from erp_adapters.demo.erp.client import Client, Connection, DuplicateReference, Verb
from erp_adapters.demo.erp.faults import Fault, FaultQueue
from erp_adapters.demo.erp.filling import SYSTEM
from erp_adapters.demo.erp.mapping import DOC_TYPES, posted_of, request_of
from erp_adapters.errors import (
    CapabilityMissing,
    ErpRefused,
    ErpUnavailable,
    RecordNotFound,
    WriteOutcomeUnknown,
)
from erp_adapters.ports import TechnicalUser
from erp_adapters.records import Document, DocumentKind, DraftKind, PostedDocument
from erp_adapters.write import WriteTraits

_CANCELS: frozenset[DocumentKind] = frozenset(DOC_TYPES) - {
    "order_rescheduling",
    "purchase_order_redating",
}
"""What moved an order goes back by another move."""
_REASON = "it has no accounts of people, and keeps the requester's name as it is told"


class DemoErp:
    """Writes to the demo ERP of a home, and reads back what is there; a CancellingPort.

    ::

        async with DemoErp.open(home.dsn(DEMO_ERP_ROLE), site="KAS") as erp:
            posted = await erp.create(document, marker)
    """

    def __init__(self, client: Client, traits: WriteTraits, site: str | None, faults: FaultQueue) -> None:
        self._client = client
        self._traits = traits
        self._site = site
        self._faults = faults

    @classmethod
    @asynccontextmanager
    async def open(
        cls,
        dsn: str,
        *,
        site: str | None = None,
        faults: Iterable[Fault] = (),
    ) -> AsyncIterator[DemoErp]:
        """The ERP, reached under its own login.

        Args:
            dsn: address for the role plantwright_demo_erp.
            site: whose documents the port is for; None is for a port that serves every site.
            faults: what befalls this port's first calls, before what `inject` left for every process.

        Raises:
            ConfigurationError: the home has no demo ERP; the message names the remedy.
            ErpUnavailable: it does not answer.
        """
        client = Client(dsn)
        traits = _traits(await client.open())
        try:
            yield cls(client, traits, site, FaultQueue(faults))
        finally:
            await client.close()

    @property
    def traits(self) -> WriteTraits:
        """How the ERP behaved when it was opened; `configure` says otherwise for whoever opens it next."""
        return self._traits

    async def create(self, document: Document, marker: str) -> PostedDocument:
        """Create the document once, with the marker inside it; see WritePort.

        Where the system rejects duplicates and has one with this marker, that one is returned.
        """
        if self._site not in (None, document.site):
            raise ErpRefused(
                f"this connection writes for {self._site!r}; a document for {document.site!r} goes elsewhere"
            )
        try:
            return await self._write(
                "create_document", request_of(document, marker), document.site, document.kind
            )
        except DuplicateReference:
            there = await self.find(document.kind, marker)
            if not there:
                raise
            return there[0]

    async def cancel(self, kind: DocumentKind, marker: str) -> PostedDocument:
        """Cancel the document under the marker, unless somebody has acted on it; see CancellingPort."""
        if kind not in _CANCELS:
            raise CapabilityMissing(f"the demo ERP cancels no {kind.replace('_', ' ')}")
        there = await self.find(kind, marker)
        if len(there) != 1:
            raise RecordNotFound(
                f"the demo ERP has {len(there)} documents with the marker {marker!r}, and not one"
            )
        request = {"doc_type": DOC_TYPES[kind], "marker": marker}
        return await self._write("cancel_document", request, there[0].site, "cancellation")

    async def _write(
        self, verb: Verb, request: Mapping[str, Any], site: str, kind: DraftKind
    ) -> PostedDocument:
        seconds = self._traits.call_time.total_seconds()
        try:
            async with asyncio.timeout(seconds), self._client.connection(seconds / 2) as connection:
                fault = await self._next(connection, site, kind)
                return posted_of(await self._call(connection, verb, request, fault))
        except TimeoutError as error:
            raise WriteOutcomeUnknown(
                f"the demo ERP did not answer within {seconds:g} s; whether it wrote is not known"
            ) from error

    async def find(self, kind: DocumentKind, marker: str) -> tuple[PostedDocument, ...]:
        """Every document that carries the marker, oldest first; empty where none can be seen yet."""
        if kind not in DOC_TYPES:
            return ()
        return tuple(map(posted_of, await self._client.find(DOC_TYPES[kind], marker, self._site)))

    async def documents(self, site: str | None = None) -> tuple[PostedDocument, ...]:
        """Everything that was ever posted, oldest first, for matching it with the audit."""
        return tuple(map(posted_of, await self._client.documents(site or self._site)))

    async def at_rest(self) -> None:
        """Return once the system has done with every request that somebody gave up waiting for."""
        while await self._client.late_requests():  # noqa: ASYNC110 - the database tells nobody
            await asyncio.sleep(0.01)

    async def read(self, number: str) -> PostedDocument:
        """The document with that number; RecordNotFound where there is none."""
        for document in await self.documents():
            if document.number == number:
                return document
        raise RecordNotFound(f"the demo ERP has no document {number!r}")

    async def _next(self, connection: Connection, site: str, kind: DraftKind) -> Fault | None:
        try:
            return await self._faults.next(connection, site, kind)
        except psycopg.Error as error:
            raise ErpUnavailable("the demo ERP does not answer; nothing was sent to it") from error

    async def _call(
        self, connection: Connection, verb: Verb, request: Mapping[str, Any], fault: Fault | None
    ) -> Mapping[str, Any]:
        """The call, and what befalls it on the way there and back."""
        write = self._client.write
        if fault is None:
            return await write(connection, verb, request)
        match fault.kind:
            case "unavailable":
                raise ErpUnavailable("503: the demo ERP refused the connection; nothing was sent to it")
            case "drop_before":
                raise WriteOutcomeUnknown("the connection was reset; whether the demo ERP wrote is not known")
            case "drop_after_commit":
                await write(connection, verb, request)
                raise WriteOutcomeUnknown("the connection was reset; whether the demo ERP wrote is not known")
            case "late_504":
                await self._client.write_late(verb, request, fault.seconds)
                raise WriteOutcomeUnknown("504: the gateway gave up; whether the demo ERP wrote is not known")
            case "duplicate_delivery":
                delivery = uuid4()
                await write(connection, verb, request, delivery=delivery)
                return await write(connection, verb, request, delivery=delivery)
            case "read_back_lag":
                return await write(connection, verb, request, mishap={"hidden_seconds": fault.seconds})
            case "partial_lines":
                await write(connection, verb, request, mishap={"items": len(request.get("items", ())) // 2})
                raise WriteOutcomeUnknown("500: the demo ERP failed; whether it wrote is not known")
            case "token_expiry":
                await self._client.sign_out(connection)
                return await write(connection, verb, request)
            case _:
                assert_never(fault.kind)


def _traits(behaviour: Mapping[str, Any]) -> WriteTraits:
    return WriteTraits(
        system=SYSTEM,
        kinds=frozenset(DOC_TYPES),
        duplicates="rejects" if behaviour["rejects_duplicates"] else "none",
        settle_time=timedelta(seconds=behaviour["settle_seconds"]),
        call_time=timedelta(seconds=behaviour["call_seconds"]),
        authorisation=TechnicalUser("its own login", _REASON),
        cancels=_CANCELS,
    )

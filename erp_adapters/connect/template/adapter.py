"""The system as a write port: it takes nothing yet."""

from __future__ import annotations

from datetime import timedelta

from erp_adapters.connect.template.client import SYSTEM, Connection
from erp_adapters.errors import CapabilityMissing
from erp_adapters.ports import TechnicalUser
from erp_adapters.records import Document, DocumentKind, PostedDocument
from erp_adapters.write import WriteTraits


class Writer:
    """Writes to one system; a WritePort.

    Before it takes one: the confirmation's marker stands inside it, `find` sees it, and whether the system
    rejects a second one with the same marker is tried out, not assumed. Where it takes tokens of people,
    `erp_adapters/token_exchange.py` has a requester's own, and the technical user is never used instead.
    """

    def __init__(self, connection: Connection) -> None:
        self._at = connection

    @property
    def traits(self) -> WriteTraits:
        """What the system is like."""
        return WriteTraits(
            system=SYSTEM,
            kinds=frozenset(),
            duplicates="none",
            settle_time=timedelta(seconds=30),
            call_time=timedelta(seconds=10),
            authorisation=TechnicalUser(self._at.login, self._at.reason),
        )

    async def create(self, document: Document, marker: str) -> PostedDocument:
        """Create the document once, with the marker inside it; see WritePort."""
        raise CapabilityMissing(f"{SYSTEM} takes no {document.kind.replace('_', ' ')} from here yet")

    async def find(self, kind: DocumentKind, marker: str) -> tuple[PostedDocument, ...]:
        """Every document that carries the marker; none, as nothing is written."""
        return ()

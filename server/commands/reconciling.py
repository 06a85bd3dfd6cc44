"""`plantwright audit reconcile`: the ERP's documents and the record, set against each other both ways."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable
from uuid import UUID

import typer

from server.errors import ExitCode, run
from server.settings import Settings

if TYPE_CHECKING:
    from erp_adapters.records import Document, PostedDocument, Writing
    from policies.audit.chain import Entry
    from policies.audit.matching import Differences, Reader, Written
    from policies.drafts.proposal import Proposal


@runtime_checkable
class _Looks(Protocol):
    """A system that can be asked for one document by what it says; it writes nothing here."""

    async def look(self, document: Document, marker: str) -> tuple[PostedDocument, ...]:
        """What the system has of it."""
        ...


def reconcile() -> None:
    """Match the ERP's documents and the record both ways; exit code 1 where they differ."""

    async def work(settings: Settings) -> ExitCode:
        from erp_adapters.store.provision import OWNER_ROLE
        from policies.audit.keys import wrapping_key
        from policies.audit.matching import match, summary, written
        from policies.audit.reading import entries_of, subject_keys, tables
        from policies.audit.sealing import contents_of
        from policies.execution.marker import marker_of
        from server.bootstrap import started
        from server.systems import systems_of

        async with started(settings) as home:
            with tables(home.dsn(OWNER_ROLE)) as (_, connection):
                keys = subject_keys(connection, wrapping_key(settings.keys))
                entries = tuple(entries_of(connection))

            def read(entry: Entry) -> Mapping[str, Any] | None:
                return contents_of(entry, keys)

            record = written(entries, read, lambda id, digest, part: marker_of(UUID(id), digest, part))
            proposals = _proposals(entries, read)
            async with systems_of(settings).opened(home) as ports:
                documents = await ports.documents()
                documents += await resumptions(ports.floors, record, _sent(proposals.values()))
        matching = match(documents, record, _confirmed(proposals))
        for line in summary(matching):
            typer.echo(line)
        return ExitCode.FAILURE if matching.mismatches else ExitCode.ANSWERED

    raise typer.Exit(run(work))


async def resumptions(
    floors: Mapping[str, object], record: Sequence[Written], sent: Mapping[str, Writing]
) -> tuple[PostedDocument, ...]:
    """Resumptions on record that a MES has: they bear no marker there, so each is looked for by its order.

    Args:
        floors: the write port of each site's MES.
        record: what is on record about writes.
        sent: documents of the proposals on record, by their markers.
    """
    from erp_adapters.records import OrderHold

    found: list[PostedDocument] = []
    for each in record:
        document, port = sent.get(each.marker), floors.get(each.site)
        if not isinstance(document, OrderHold) or document.action != "resume" or each.cancels:
            continue
        if isinstance(port, _Looks):
            found += await port.look(document, each.marker)
    return tuple(found)


def _sent(proposals: Iterable[Proposal]) -> dict[str, Writing]:
    from policies.drafts.proposal import documents_of
    from policies.execution.marker import marker_of

    return {
        marker_of(proposal.id, proposal.digest, part): document
        for proposal in proposals
        for part, document in documents_of(proposal.draft, proposal.requester)
    }


def _proposals(entries: Iterable[Entry], read: Reader) -> dict[str, Proposal]:
    """The proposals on record by their ids, as they were last confirmed or edited."""
    from policies.drafts.proposal import Proposal

    proposals: dict[str, Proposal] = {}
    for entry in entries:
        held = read(entry) if entry.kind in ("proposal", "edit") else None
        if held is not None and "proposal" in held:
            proposals[entry.proposal] = Proposal.model_validate(held["proposal"])
    return proposals


def _confirmed(proposals: Mapping[str, Proposal]) -> Differences:
    """What of a document is not as the proposal on record says."""
    from erp_adapters.records import Cancellation
    from policies.drafts.proposal import documents_of
    from policies.execution.marker import marker_of
    from policies.execution.readback import differences

    def differing(id: str, posted: PostedDocument) -> tuple[str, ...]:
        proposal = proposals.get(id)
        if proposal is None:
            return ()
        for part, document in documents_of(proposal.draft, proposal.requester):
            is_here = posted.marker == marker_of(proposal.id, proposal.digest, part)
            if is_here and not isinstance(document, Cancellation):
                return differences(posted, document, posted.marker)
        return ("marker",)

    return differing

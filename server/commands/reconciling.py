"""`plantwright audit reconcile`: the ERP's documents and the record, set against each other both ways."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any
from uuid import UUID

import typer

from server.errors import ExitCode, run
from server.settings import Settings

if TYPE_CHECKING:
    from erp_adapters.records import PostedDocument
    from policies.audit.chain import Entry
    from policies.audit.matching import Differences, Reader


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
            async with systems_of(settings).opened(home) as ports:
                documents = await ports.documents()
            with tables(home.dsn(OWNER_ROLE)) as (_, connection):
                keys = subject_keys(connection, wrapping_key(settings.keys))
                entries = tuple(entries_of(connection))

        def read(entry: Entry) -> Mapping[str, Any] | None:
            return contents_of(entry, keys)

        record = written(entries, read, lambda id, digest, part: marker_of(UUID(id), digest, part))
        matching = match(documents, record, _confirmed(entries, read))
        for line in summary(matching):
            typer.echo(line)
        return ExitCode.FAILURE if matching.mismatches else ExitCode.ANSWERED

    raise typer.Exit(run(work))


def _confirmed(entries: Iterable[Entry], read: Reader) -> Differences:
    """What of a document is not as the proposal on record says."""
    from erp_adapters.records import Cancellation
    from policies.drafts.proposal import Proposal, documents_of
    from policies.execution.marker import marker_of
    from policies.execution.readback import differences

    proposals: dict[str, Proposal] = {}
    for entry in entries:
        held = read(entry) if entry.kind in ("proposal", "edit") else None
        if held is not None and "proposal" in held:
            proposals[entry.proposal] = Proposal.model_validate(held["proposal"])

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

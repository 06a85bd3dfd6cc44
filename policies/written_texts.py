"""What became of the texts of what was published: where they stand in the ERP, or why they do not."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from policies.register import Connection, rows
from policies.states import State


@dataclass(frozen=True, slots=True)
class WrittenText:
    """A text at one site."""

    site: str
    proposal: UUID
    state: State
    document_number: str
    """In the ERP; empty before."""
    reason: str
    """Why it is not there, or what it waits for."""
    is_taken_back: bool


async def texts_of(connection: Connection, publication: UUID) -> tuple[WrittenText, ...]:
    """The texts of a publication at the sites that the transaction's person sees."""
    found = await rows(
        connection,
        "select p.site, p.id as proposal, p.state, p.document_number,"
        " coalesce(nullif(p.reason, ''), o.why, '') as reason,"
        " exists (select from app.proposal c where c.kind = 'cancellation' and c.state = 'executed'"
        " and c.needs[1] = p.marker) as is_taken_back"
        " from app.proposal p left join app.outbox o on o.proposal = p.id and o.done_at is null"
        " where p.kind = 'published_text' and p.needs[1] = %(id)s order by p.site",
        {"id": str(publication)},
    )
    return tuple(WrittenText(**row) for row in found)

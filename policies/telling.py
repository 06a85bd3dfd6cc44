"""The text of what was published on its way to the ERP: its drafter asks for it, its publisher signs it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from erp_adapters.caller import Caller
from policies.audit.event import AuditEvent
from policies.confirmation import Confirmations
from policies.drafts.parts import Named
from policies.drafts.published_text import PublishedTextDraft
from policies.proposals import Proposals
from policies.publications import Publication
from policies.register import Connection, rows


@dataclass(frozen=True, slots=True)
class Told:
    """What is written of a publication, the same at each of its sites."""

    text: str
    period: str
    cost_centre: str
    """As the explanation names it; empty where it is about the plant."""


Composer = Callable[[Publication], Told]


@dataclass(frozen=True, slots=True)
class Texts:
    """Hands texts over; implements `policies.publications.Telling`."""

    proposals: Proposals
    confirmations: Confirmations
    composed: Composer

    async def __call__(
        self, connection: Connection, caller: Caller, published: Publication
    ) -> Sequence[AuditEvent]:
        """Put up the text for each site and sign it as the publisher; what goes on record of that."""
        told = self.composed(published)
        events: list[AuditEvent] = []
        for site in sorted(published.sites):
            draft = PublishedTextDraft(
                site=site,
                publication=str(published.id),
                version=published.version,
                digest=published.digest,
                **await _place(connection, site, told.cost_centre),
                period=told.period,
                released_by=caller.subject,
                text=told.text,
            )
            day = await _day(connection, site)
            row, event = await self.proposals.put_up_text(connection, caller, draft, published.requester, day)
            signed = await self.confirmations.sign_text(connection, caller, row, day)
            events += [event, *([signed] if signed else [])]
        return events


async def _place(connection: Connection, site: str, cost_centre: str) -> dict[str, object]:
    """The object of the ERP: the cost centre where the explanation is about one, otherwise the plant."""
    if cost_centre:
        found = await rows(
            connection,
            "select cost_centre_id as code, name from erp.cost_centre where site = %(site)s"
            " and lower(%(named)s) in (lower(cost_centre_id), lower(name))",
            {"site": site, "named": cost_centre},
        )
        if len(found) == 1:
            centre = Named(code=found[0]["code"], name=found[0]["name"] or "")
            return {"about": "cost_centre", "object": centre}
    found = await rows(connection, "select name from erp.site where site = %(site)s", {"site": site})
    return {"about": "plant", "object": Named(code=site, name=found[0]["name"] if found else "")}


async def _day(connection: Connection, site: str) -> date:
    found = await rows(
        connection,
        "select coalesce((as_of at time zone time_zone)::date, current_date) as day from erp.site"
        " where site = %(site)s",
        {"site": site},
    )
    day: date = found[0]["day"]
    return day

"""Explanations on their way to being published: drafted as told, held against the data of today."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal
from uuid import UUID

import rfc8785
from pydantic import BaseModel

from erp_adapters.caller import Caller
from erp_adapters.errors import ConfirmationInvalid
from policies.publications import Publication, Publications, PublicationState
from server.finance.explanations import Explanations
from server.finance.report import Report, Row, rows_of
from tools.naming import site_of
from tools.registry import ToolContext
from tools.variance.tool import ExplainVariance, sites_of

_DECIDES_NOTHING = frozenset({"least"})
_SEVERAL = ("group", "plants", "rates")
"""Of several companies and currencies: of one in its own, versions are called as before there were these."""
"""Arguments that change how it is told, not what is explained."""


class PublicationShown(BaseModel):
    """One version of an explanation that somebody stands for."""

    id: str
    version: int
    state: PublicationState
    digest: str
    """Of all that follows and of who drafted it when: what publishing it names."""
    sites: tuple[str, ...]
    requester: str
    drafted_at: str
    expires_at: str
    """Until when it can be published."""
    decided_by: str | None
    decided_at: str | None
    reason: str | None
    """Why it was turned down or replaced."""
    data: Literal["current", "stale"] | None = None
    """`stale` where the data of today tells it otherwise; not looked up in lists."""
    delta: str | None = None
    """Of the total, where it is stale: that of today less that of then."""
    reading: str
    narrative: str
    currency: str
    bridge: tuple[Row, ...]
    causes: tuple[Row, ...]
    accounts: tuple[Row, ...]
    caveats: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Publishing:
    """Drafts, publishes and shows explanations."""

    explanations: Explanations
    publications: Publications

    async def draft(self, caller: Caller, explanation: UUID) -> tuple[Publication, bool]:
        """What was told as a version that waits for another person, and whether it is new.

        Raises:
            RecordNotFound: the caller has no such explanation.
            ConfirmationInvalid: the data tells it otherwise by now.
            Denied, SwitchedOff, AuditUnavailable: as `Publications.draft` does.
        """
        kept = await self.explanations.find(caller, explanation)
        delta = await self.explanations.delta(caller, kept.report)
        if delta is not None:
            raise ConfirmationInvalid(_stale(kept.report, delta))
        scope, sites = await self._scope(caller, kept.report.arguments)
        content = {"report": kept.report.model_dump(mode="json"), "report_digest": kept.digest}
        return await self.publications.draft(caller, scope, sites, content)

    async def publish(self, caller: Caller, id: UUID, digest: str) -> Publication:
        """The version as published; raises as `Publications.publish` does."""

        async def recheck(seen: Publication) -> str:
            report = report_in(seen)
            if trouble := await self.explanations.trouble(caller, report):
                return f"the figures cannot be relied on: {trouble}"
            delta = await self.explanations.delta(caller, report)
            return "" if delta is None else _stale(report, delta)

        return await self.publications.publish(caller, id, digest, recheck)

    async def shown(self, caller: Caller, id: UUID) -> PublicationShown:
        """One version, held against the data of today."""
        found = await self.publications.read(caller, id)
        delta = await self.explanations.delta(caller, report_in(found))
        stands: dict[str, object] = (
            {"data": "current"} if delta is None else {"data": "stale", "delta": f"{delta:f}"}
        )
        return self.as_shown(found).model_copy(update=stands)

    def as_shown(self, found: Publication) -> PublicationShown:
        """One version as it was shown and as it stands, without a look at the data."""
        report = report_in(found)
        return PublicationShown(
            id=str(found.id),
            version=found.version,
            state=found.at(self.publications.clock()),
            digest=found.digest,
            sites=tuple(found.sites),
            requester=found.requester,
            drafted_at=found.drafted_at.isoformat(),
            expires_at=found.expires_at.isoformat(),
            decided_by=found.decided_by or None,
            decided_at=found.decided_at.isoformat() if found.decided_at else None,
            reason=found.reason or None,
            reading=report.reading,
            narrative=report.narrative,
            currency=report.currency,
            bridge=rows_of(report.bridge),
            causes=rows_of(report.causes),
            accounts=rows_of(report.accounts),
            caveats=report.caveats,
        )

    async def _scope(self, caller: Caller, arguments: ExplainVariance) -> tuple[str, frozenset[str]]:
        """What is explained, the same however the plant was named; and which sites it is about."""
        async with self.explanations.store.reading(caller) as tx:
            site, other = await site_of(tx, arguments.site), await site_of(tx, arguments.other_site)
            sites = await sites_of(arguments, ToolContext(caller, tx))
        asked = arguments.model_dump(mode="json", exclude_none=True, exclude=_unsaid(arguments))
        # Where no plant was named, it is the only one that the caller sees, or all of them as one.
        if site is None and not arguments.is_converted:
            site = min(sites)
        named = asked | ({"site": site} if site else {"about": sorted(sites)})
        named |= {"other_site": other} if other else {}
        return rfc8785.dumps(named).decode(), sites


def _unsaid(arguments: ExplainVariance) -> set[str]:
    said = arguments.model_fields_set
    return {*_DECIDES_NOTHING, *(each for each in _SEVERAL if each not in said or not arguments.is_converted)}


def report_in(publication: Publication) -> Report:
    """What was shown."""
    return Report.model_validate(publication.content["report"])


def _stale(report: Report, delta: Decimal) -> str:
    return (
        f"the data tells it otherwise by now (the total differs by {delta:f} {report.currency}):"
        " explain the period anew, and draft that"
    )

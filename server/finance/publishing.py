"""Explanations on their way to being published: drafted as told, held against the data of today."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, TypeAlias
from uuid import UUID

import rfc8785
from pydantic import BaseModel

from erp_adapters.caller import Caller
from erp_adapters.errors import ConfirmationInvalid
from policies.deciding import Action
from policies.publications import Publication, Publications, PublicationState
from policies.states import State
from server.finance.explanations import Explanations
from server.finance.report import Report, Row, rows_of
from tools.languages.reasons import in_words
from tools.languages.retelling import retold
from tools.naming import site_of
from tools.registry import ToolContext
from tools.variance.tool import ExplainVariance, sites_of

_DECIDES_NOTHING = frozenset({"least"})
"""Arguments that change how it is told, not what is explained."""
_SEVERAL = ("group", "plants", "rates")
"""Of several companies and currencies: of one in its own, versions are called as before there were these."""


Act: TypeAlias = Literal["publish", "reject"]
_ACTS: dict[Action, Act] = {"publish": "publish", "turn_down": "reject"}


class VersionShown(BaseModel):
    """One of the versions of the same explanation."""

    id: str
    version: int
    state: PublicationState


class TextShown(BaseModel):
    """What became of the text at one site's ERP."""

    site: str
    draft: str
    """Id of the draft that writes it."""
    state: State
    document_number: str
    """In the ERP; empty before."""
    reason: str
    """Why it is not there, or what it waits for."""
    is_taken_back: bool


class PublicationShown(BaseModel):
    """One version of an explanation that somebody stands for."""

    id: str
    version: int
    state: PublicationState
    digest: str
    """Of all that follows and of who drafted it when: what publishing it names."""
    sites: tuple[str, ...]
    requester: str
    may: tuple[Act, ...] = ()
    """What whoever asks may do with it now."""
    why_not: dict[Act, str] = {}
    """Why they may not do the rest, while it waits."""
    may_publish: tuple[str, ...] = ()
    """Roles at its sites whose holders may publish it, other than who drafted it."""
    versions: tuple[VersionShown, ...] = ()
    """Of the same explanation, the newest first; not looked up in lists."""
    drafted_at: str
    expires_at: str
    """Until when it can be published."""
    decided_by: str | None
    decided_at: str | None
    reason: str | None
    """Why it was turned down or replaced."""
    data: Literal["current", "stale"] | None = None
    """`stale` where the data of today tells it otherwise; in lists, where a worker has found that."""
    delta: str | None = None
    """Of the total, where it is stale: that of today less that of then."""
    texts: tuple[TextShown, ...] = ()
    """Of one that was published, where its text stands in the ERP; not looked up in lists."""
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
        now = self.publications.clock()
        stands: dict[str, object] = {
            "data": "current" if delta is None else "stale",
            "delta": None if delta is None else f"{delta:f}",
            "versions": tuple(
                VersionShown(id=str(each.id), version=each.version, state=each.at(now))
                for each in await self.publications.versions(caller, found)
            ),
        }
        if found.decided_by and found.state in ("published", "superseded"):
            stands["texts"] = await self.texts(caller, id)
        return self.as_shown(caller, found).model_copy(update=stands)

    async def texts(self, caller: Caller, id: UUID) -> tuple[TextShown, ...]:
        """What became of its text in the ERP, at each of its sites."""
        return tuple(
            TextShown(
                site=each.site,
                draft=str(each.proposal),
                state=each.state,
                document_number=each.document_number,
                reason=each.reason if each.state == "rejected" else retold(each.reason),
                is_taken_back=each.is_taken_back,
            )
            for each in await self.publications.texts(caller, id)
        )

    def as_shown(self, caller: Caller, found: Publication, delta: Decimal | None = None) -> PublicationShown:
        """One version as it was shown and as it stands, without a look at the data.

        Args:
            delta: what is known to have come since; None where nothing is known of it.
        """
        report = report_in(found)
        may = self.publications.may(caller, found)
        return PublicationShown(
            id=str(found.id),
            version=found.version,
            state=found.at(self.publications.clock()),
            digest=found.digest,
            sites=tuple(found.sites),
            requester=found.requester,
            may=tuple(_ACTS[action] for action, why in may.items() if not why),
            why_not={_ACTS[action]: in_words(why) for action, why in may.items() if why},
            may_publish=self.publications.publishers(found) if may else (),
            drafted_at=found.drafted_at.isoformat(),
            expires_at=found.expires_at.isoformat(),
            decided_by=found.decided_by or None,
            decided_at=found.decided_at.isoformat() if found.decided_at else None,
            reason=found.reason or None,
            data=None if delta is None else "stale",
            delta=None if delta is None else f"{delta:f}",
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

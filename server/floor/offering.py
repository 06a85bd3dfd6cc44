"""Offers a replanning for a machine that stands still: drafted in a planner's name, confirmed by nobody."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final
from uuid import UUID

from erp_adapters.caller import Caller
from erp_adapters.errors import CopilotError, Denied, RecordNotFound, StoreUnavailable, SwitchedOff
from erp_adapters.records import MachineEvent
from policies.drafts.replanning import ReplanningDraft
from policies.lettering import made_visible
from server.floor.stops import expected_hours, standing
from tools.errors import ToolError
from tools.languages import speaking
from tools.registry import ToolContext
from tools.replanning.drafting import DraftReplanning, draft_replanning

if TYPE_CHECKING:
    from server.desk import Desk

_log = logging.getLogger(__name__)
_SECONDS: Final = 5
"""Nobody waits for it, and the worker has other duties."""
_LONGEST_REASON: Final = 120
_KNOWN: Final = """
select proposal from app.replanning_offer where site = %(site)s and work_centre_id = %(centre)s
  and since = %(since)s
"""
_KEEP: Final = """
insert into app.replanning_offer (site, work_centre_id, since, source, subject, proposal, why)
values (%(site)s, %(centre)s, %(since)s, %(source)s, %(subject)s, %(proposal)s, %(why)s)
on conflict do nothing
"""


@dataclass(frozen=True, slots=True)
class Offer:
    """What came of one stop."""

    event: MachineEvent
    proposal: UUID | None
    """The draft that waits for a person; None where there was nothing to draft."""
    why: str = ""
    """Why there was not."""


class Offering:
    """Looks for machines that stand still, and drafts moves of the orders that wait for them.

    Args:
        desk: an opened desk.
        names: in whose name at which site; nobody else is asked, and that person signs none of them alone.
        sources: names under which rows of the systems are loaded.
        after: how long a machine has to stand.
    """

    def __init__(
        self,
        desk: Desk,
        names: Mapping[str, str],
        sources: tuple[str, ...],
        after: timedelta = timedelta(minutes=30),
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._desk = desk
        self._names = dict(names)
        self._sources = sources
        self._after = after
        self._clock = clock

    def __bool__(self) -> bool:
        """True where anybody wants such drafts."""
        return bool(self._names)

    async def sweep(self) -> None:
        """Offer what is new at each site; what fails at one is tried again, and stops no other."""
        for site, subject in self._names.items():
            try:
                await self.look(site, subject)
            except StoreUnavailable:
                raise
            except CopilotError as error:
                _log.warning("no replanning could be offered at %s: %s", site, error)

    async def look(self, site: str, subject: str) -> tuple[Offer, ...]:
        """An offer for each stop of the site that had none yet.

        Raises:
            RecordNotFound: nobody active has that subject.
        """
        caller = await self._desk.store.caller(subject)
        if site not in caller.sites:
            raise RecordNotFound(f"{subject!r}, in whose name replannings are drafted, does not see {site!r}")
        async with self._desk.store.reading(caller) as tx:
            events = await standing(tx, [site], self._sources, self._clock(), self._after)
        return tuple([offer for event in events if (offer := await self.offer(event, caller)) is not None])

    async def offer(self, event: MachineEvent, caller: Caller) -> Offer | None:
        """The offer for one stop, whoever told of it; None where it was made before, or the machine runs."""
        if event.until is not None or await self._is_known(event, caller):
            return None
        try:
            proposal = await self._drafted(event, caller)
        except ToolError as error:
            # Nothing waits for it, or no way can be gone: that is what is kept.
            return await self._kept(Offer(event, None, str(error)), caller)
        except (Denied, SwitchedOff) as error:
            # Looked at again: a switch is turned on again, and limits change.
            _log.warning("no replanning may be offered at %s: %s", event.site, error)
            return None
        return await self._kept(Offer(event, proposal), caller)

    async def _drafted(self, event: MachineEvent, caller: Caller) -> UUID:
        with speaking("en"):
            async with self._desk.store.reading(caller) as tx:
                hours, is_known = await expected_hours(tx, event, self._clock())
                args = DraftReplanning(
                    kind="machine_down",
                    about=event.work_centre,
                    site=event.site,
                    hours=hours,
                    seconds=_SECONDS,
                    workers=2,
                )
                result = await draft_replanning.run(args, ToolContext(caller, tx))
        assert result.drafted is not None, "a tool of effect DRAFT drafts, or says why not"
        draft = result.drafted.draft
        assert isinstance(draft, ReplanningDraft), "it drafts moves and nothing else"
        why = (_told(event, hours, is_known), *draft.grounds.why)
        told = draft.model_copy(update={"grounds": draft.grounds.model_copy(update={"why": why})})
        proposed = await self._desk.propose(caller, told, business_date=result.drafted.business_date)
        _log.info("%s stands still: draft %s waits", event.work_centre, proposed.shown.proposal.id)
        return proposed.shown.proposal.id

    async def _is_known(self, event: MachineEvent, caller: Caller) -> bool:
        async with self._desk.proposals.register.under(caller) as connection:
            found = await connection.execute(_KNOWN, _key(event))
            return await found.fetchone() is not None

    async def _kept(self, offer: Offer, caller: Caller) -> Offer:
        given = {
            **_key(offer.event),
            "source": offer.event.source,
            "subject": caller.subject,
            "proposal": offer.proposal,
            "why": offer.why,
        }
        async with self._desk.proposals.register.under(caller) as connection:
            await connection.execute(_KEEP, given)
        return offer


def _told(event: MachineEvent, hours: int, is_known: bool) -> str:
    """Why it was drafted, in one sentence; the reason is quoted, for it is nobody's instruction."""
    reason = made_visible(" ".join(event.reason.split()))[:_LONGEST_REASON]
    because = f', with the reason "{reason}"' if reason else ""
    so_long = (
        "as long as earlier stops of it lasted"
        if is_known
        else "as nothing says how long it lasts: correct it by asking anew"
    )
    return (
        f"{event.source} tells that {event.work_centre} stands still since {event.since:%Y-%m-%d %H:%M} UTC"
        f"{because}; taken for {hours} hours more, {so_long}. Drafted by itself, for a person to decide."
    )


def _key(event: MachineEvent) -> dict[str, object]:
    return {"site": event.site, "centre": event.work_centre, "since": event.since}

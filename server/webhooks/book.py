"""Subscriptions and what was sent to them: made, rotated and ended by whoever answers for the sites."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, LiteralString, TypeAlias
from uuid import UUID

from erp_adapters.caller import Caller
from erp_adapters.errors import Denied, RecordNotFound
from erp_adapters.store.ids import new_id
from policies.announcing import EVENTS
from policies.asking import Acting, Decided, Question, decided
from policies.audit.event import AuditEvent, AuditTrail
from policies.clock import Clock, now_utc
from policies.deciding import Policy, Recent, Subject
from policies.recorded import decision_event, decision_payload
from policies.register import Connection, Register, rows
from server.errors import UsageError
from server.webhooks.addresses import reached
from server.webhooks.signing import fresh_secret, secret_text

DeliveryState: TypeAlias = Literal["pending", "delivered", "dead"]
BOTH_VALID = timedelta(hours=24)
"""How long messages are signed with the secret before as well, once there is another."""
_FLOW = "webhook"
_WEBHOOK: LiteralString = (
    "select id, address, events, sites, made_by, made_at, old_until, ended_by, ended_at from app.webhook w"
)
_DELIVERY: LiteralString = (
    "select d.event, d.webhook, d.kind, d.state, d.attempts, d.due_at, d.status, d.why, d.made_at, d.ended_at"
    " from app.delivery d"
)


@dataclass(frozen=True, slots=True)
class Webhook:
    """An address that is told of events."""

    id: UUID
    address: str
    events: list[str]
    sites: list[str]
    made_by: str
    made_at: datetime
    old_until: datetime | None
    ended_by: str
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event on its way to one address."""

    event: UUID
    webhook: UUID
    kind: str
    state: DeliveryState
    attempts: int
    due_at: datetime
    status: int | None
    why: str
    made_at: datetime
    ended_at: datetime | None


class Webhooks:
    """The webhooks of a home, as persons make and see them."""

    def __init__(
        self,
        register: Register,
        policy: Policy,
        trail: AuditTrail,
        clock: Clock = now_utc,
        *,
        is_demo: bool = False,
    ) -> None:
        self._register = register
        self._policy = policy
        self._trail = trail
        self._clock = clock
        self._is_demo = is_demo

    async def subscribe(
        self, caller: Caller, address: str, events: Sequence[str], sites: frozenset[str]
    ) -> tuple[Webhook, str]:
        """A new subscription with its secret, which is told this once.

        Args:
            sites: what is about these alone is told; all of the caller's where none are named.

        Raises:
            UsageError: an event that there is none of, or an address that is not called.
            Denied: policy does not let the caller; the message is the reason.
            AuditUnavailable: it could not be put on record; nothing was kept.
        """
        unknown = sorted(set(events) - set(EVENTS))
        if unknown or not events:
            raise UsageError(
                f"there is no event {unknown[0] if unknown else ''!r}; there are {', '.join(EVENTS)}"
            )
        about = sites or caller.sites
        said = await self._decided(caller, about)
        await reached(address, is_demo=self._is_demo)
        secret, id, now = fresh_secret(), new_id(), self._clock()
        async with self._register.under(caller) as connection:
            await connection.execute(
                "insert into app.webhook (id, address, events, sites, made_by, secret)"
                " values (%s, %s, %s, %s, %s, %s)",
                (id, address, sorted(set(events)), sorted(about), caller.subject, secret),
            )
            made = await _one(connection, id)
            await self._trail.append_in(connection, [_event("subscribed", made, caller, now, said)])
        return made, secret_text(secret)

    async def rotate(self, caller: Caller, id: UUID) -> tuple[Webhook, str]:
        """Another secret, told this once; the one before stays valid beside it for a day."""
        found = await self.find(caller, id)
        said = await self._decided(caller, frozenset(found.sites))
        secret, now = fresh_secret(), self._clock()
        async with self._register.under(caller) as connection:
            (is_done,) = await rows(
                connection,
                "select app.rotate_webhook(%(id)s, %(secret)s, %(until)s) as done",
                {"id": id, "secret": secret, "until": now + BOTH_VALID},
            )
            if not is_done["done"]:
                raise RecordNotFound(f"the webhook {str(id)!r} has ended")
            made = await _one(connection, id)
            await self._trail.append_in(connection, [_event("secret rotated", made, caller, now, said)])
        return made, secret_text(secret)

    async def end(self, caller: Caller, id: UUID) -> Webhook:
        """The subscription as ended; what was still to be sent is sent no more."""
        found = await self.find(caller, id)
        said = await self._decided(caller, frozenset(found.sites))
        now = self._clock()
        async with self._register.under(caller) as connection:
            await connection.execute(
                "update app.webhook set ended_by = %s, ended_at = %s where id = %s and ended_at is null",
                (caller.subject, now, id),
            )
            made = await _one(connection, id)
            await self._trail.append_in(connection, [_event("ended", made, caller, now, said)])
        return made

    async def find(self, caller: Caller, id: UUID) -> Webhook:
        """One subscription.

        Raises:
            RecordNotFound: there is none at the caller's sites.
            Denied: policy does not let the caller look at those.
        """
        async with self._register.under(caller) as connection:
            found = await _one(connection, id)
        await self._decided(caller, frozenset(found.sites))
        return found

    async def list(self, caller: Caller) -> tuple[Webhook, ...]:
        """The subscriptions about the caller's sites, newest first; raises Denied as `find` does."""
        await self._decided(caller, caller.sites)
        async with self._register.under(caller) as connection:
            found = await rows(connection, f"{_WEBHOOK} order by made_at desc, id desc limit 200", {})
        return tuple(Webhook(**row) for row in found)

    async def deliveries(self, caller: Caller, id: UUID, *, limit: int = 50) -> tuple[Delivery, ...]:
        """What was sent to one, newest first; raises as `find` does."""
        await self.find(caller, id)
        async with self._register.under(caller) as connection:
            found = await rows(
                connection,
                f"{_DELIVERY} where d.webhook = %(id)s order by d.made_at desc, d.event desc limit %(limit)s",
                {"id": id, "limit": limit},
            )
        return tuple(Delivery(**row) for row in found)

    async def again(self, caller: Caller, id: UUID, event: UUID) -> None:
        """Send once more what was given up; under the same id.

        Raises:
            RecordNotFound: nothing of that id was given up.
            Denied: as `find` does.
        """
        await self.find(caller, id)
        async with self._register.under(caller) as connection:
            (found,) = await rows(
                connection, "select app.deliver_again(%(event)s, %(id)s) as done", {"event": event, "id": id}
            )
        if not found["done"]:
            raise RecordNotFound(f"no message {str(event)!r} of this webhook was given up")

    async def _decided(self, caller: Caller, sites: frozenset[str]) -> Decided:
        now = self._clock()
        outside = sorted(sites - caller.sites)
        subject = Subject("answer", sites, min(sites, default=""))
        said = decided(
            self._policy, Question("subscribe", subject, now, now.date(), Recent()), Acting(caller)
        )
        if not said.decision.allowed or outside:
            await self._trail.append([decision_event(said, site=subject.site, flow=_FLOW)])
            raise Denied(f"the site {outside[0]!r} is not among yours" if outside else said.decision.reason)
        return said


async def _one(connection: Connection, id: UUID) -> Webhook:
    found = await rows(connection, f"{_WEBHOOK} where w.id = %(id)s", {"id": id})
    if not found:
        raise RecordNotFound(f"there is no webhook {str(id)!r} about your sites")
    return Webhook(**found[0])


def _event(what: str, of: Webhook, caller: Caller, at: datetime, said: Decided) -> AuditEvent:
    return AuditEvent(
        "webhook",
        at,
        caller.subject,
        caller.subject,
        {
            "what": what,
            "webhook": str(of.id),
            "address": of.address,
            "events": of.events,
            "sites": of.sites,
            "decision": decision_payload(said.request, said.decision),
        },
        site=min(of.sites),
    )

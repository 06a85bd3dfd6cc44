"""The sweeper: records what time alone brings about, such as an expiry or a wait that is too long."""

from __future__ import annotations

from datetime import datetime

from psycopg.rows import class_row

from policies.audit.event import AuditEvent, AuditTrail, EventKind
from policies.clock import Clock
from policies.register import PROPOSAL, Connection, ProposalRow, Register, add_step


class Sweeper:
    """Expires and escalates proposals that wait; any number may run."""

    def __init__(self, register: Register, trail: AuditTrail, clock: Clock) -> None:
        self._register = register
        self._trail = trail
        self._clock = clock

    async def sweep(self, limit: int = 100) -> None:
        """Record expiries and escalations that are due.

        Raises:
            AuditUnavailable: they could not be put on record, so none is.
        """
        await self._expire(limit)
        await self._escalate(limit)

    async def _expire(self, limit: int) -> None:
        now = self._clock()
        async with self._register.working() as connection:
            late = await _locked(
                connection,
                " where state = 'awaiting_confirmation' and expires_at <= %(now)s",
                {"now": now, "limit": limit},
            )
            for row in late:
                why = "nobody confirmed it in time"
                await connection.execute(
                    "update app.proposal set state = 'expired', reason = %s, changed_at = %s where id = %s",
                    (why, now, row.id),
                )
                await add_step(connection, row.id, now, "system", "expired", why)
            await self._record(connection, [_event("expiry", row, now) for row in late])

    async def _escalate(self, limit: int) -> None:
        now = self._clock()
        async with self._register.working() as connection:
            waiting = await _locked(
                connection,
                " where state = 'awaiting_confirmation' and escalate_at <= %(now)s and expires_at > %(now)s"
                " and escalated_at is null",
                {"now": now, "limit": limit},
            )
            for row in waiting:
                await connection.execute(
                    "update app.proposal set escalated_at = %s, changed_at = %s where id = %s",
                    (now, now, row.id),
                )
                what = "it has waited too long for its confirmation"
                await add_step(connection, row.id, now, "system", "awaiting_confirmation", what)
            await self._record(connection, [_event("escalation", row, now) for row in waiting])

    async def _record(self, connection: Connection, events: list[AuditEvent]) -> None:
        if events:
            await self._trail.append_in(connection, events)


async def _locked(connection: Connection, where: str, params: dict[str, object]) -> list[ProposalRow]:
    async with connection.cursor(row_factory=class_row(ProposalRow)) as cursor:
        text = f"{PROPOSAL}{where} order by created_at limit %(limit)s for update skip locked"
        await cursor.execute(text.encode(), params)
        return await cursor.fetchall()


def _event(kind: EventKind, row: ProposalRow, now: datetime) -> AuditEvent:
    return AuditEvent(
        kind,
        now,
        "system",
        row.requester,
        {"digest": row.digest, "since": row.created_at.isoformat(), "until": row.expires_at.isoformat()},
        proposal=str(row.id),
        site=row.site,
    )

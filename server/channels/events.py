"""What came in from chat platforms: kept once before it is acknowledged, and done under a lease."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import LiteralString
from uuid import UUID

from erp_adapters.store.ids import new_id
from policies.register import Register, rows
from server.channels.records import ACT, Account, Incoming, Place

LEASE_S = 90
"""An event whose process died is taken up again after so long."""
_EVENT: LiteralString = "id, platform, tenant, event, account, place, act, attempts, answer"


@dataclass(frozen=True, slots=True)
class Taken:
    """An event to be done, under a lease."""

    id: UUID
    incoming: Incoming
    attempts: int
    answer: UUID | None = None
    """What was answered before, where only posting it is left."""


class Events:
    """Events as they are taken, done and forgotten."""

    def __init__(self, register: Register) -> None:
        self._register = register

    async def take(self, incoming: Incoming) -> UUID | None:
        """The event's id once it is kept; None where it was taken before."""
        async with self._register.at_once() as connection:
            made = await rows(
                connection,
                "insert into app.channel_event"
                " (id, platform, tenant, event, account, place, act, state, attempts, lease_until)"
                " values (%(id)s, %(platform)s, %(tenant)s, %(event)s, %(account)s, %(place)s, %(act)s,"
                " 'working', 1, clock_timestamp() + make_interval(secs => %(lease)s))"
                " on conflict (platform, tenant, event) do nothing returning id",
                {
                    "id": new_id(),
                    "platform": incoming.account.platform,
                    "tenant": incoming.account.tenant,
                    "event": incoming.event,
                    "account": incoming.account.user,
                    "place": incoming.place.model_dump_json(),
                    "act": ACT.dump_json(incoming.act).decode(),
                    "lease": LEASE_S,
                },
            )
        return made[0]["id"] if made else None

    async def left(self) -> Sequence[Taken]:
        """Events that a process which died has left, now under this one's lease."""
        async with self._register.at_once() as connection:
            found = await rows(
                connection,
                "update app.channel_event set state = 'working', attempts = attempts + 1,"
                " lease_until = clock_timestamp() + make_interval(secs => %(lease)s)"
                " where id in (select id from app.channel_event where ended_at is null"
                "  and (lease_until is null or lease_until <= clock_timestamp()) order by made_at limit 20"
                "  for update skip locked)"
                f" returning {_EVENT}",
                {"lease": LEASE_S},
            )
        return [
            Taken(
                row["id"],
                Incoming(
                    Account(row["platform"], row["tenant"], row["account"]),
                    Place.model_validate(row["place"]),
                    row["event"],
                    ACT.validate_python(row["act"]),
                ),
                row["attempts"],
                row["answer"],
            )
            for row in found
        ]

    async def lives(self, id: UUID) -> None:
        """Keep the lease of an event that takes long."""
        await self._do(
            "update app.channel_event set lease_until = clock_timestamp() + make_interval(secs => %(lease)s)"
            " where id = %(id)s and ended_at is null",
            id=id,
            lease=LEASE_S,
        )

    async def release(self, id: UUID, after_s: float = 0.0) -> None:
        """Leave an event to be taken up again after so long, by whichever process."""
        await self._do(
            "update app.channel_event set state = 'queued',"
            " lease_until = clock_timestamp() + make_interval(secs => %(after)s)"
            " where id = %(id)s and ended_at is null",
            id=id,
            after=after_s,
        )

    async def answered(self, id: UUID, answer: UUID) -> None:
        """Keep which answer an event has: where it cannot be posted, nothing is asked again."""
        await self._do(
            "update app.channel_event set answer = %(answer)s where id = %(id)s and ended_at is null",
            id=id,
            answer=answer,
        )

    async def end(self, id: UUID, *, is_done: bool) -> None:
        """The event is over; that it came stays known, and what it said is forgotten."""
        await self._do(
            'update app.channel_event set state = %(state)s, act = null, place = \'{"channel": ""}\','
            " ended_at = clock_timestamp() where id = %(id)s and ended_at is null",
            id=id,
            state="done" if is_done else "failed",
        )

    async def _do(self, sql: LiteralString, **values: object) -> None:
        async with self._register.at_once() as connection:
            await connection.execute(sql, values)

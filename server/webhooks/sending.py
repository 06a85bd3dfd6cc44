"""Sends what waits in the outbox of webhooks: signed, once more after a while, and given up in the end."""

from __future__ import annotations

import asyncio
import logging
import random
import ssl
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from policies.clock import Clock, now_utc
from policies.register import Register, rows
from server.outgoing import client
from server.webhooks.addresses import NotCalled, reached
from server.webhooks.signing import signed

PAUSES: tuple[timedelta, ...] = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
"""Between an attempt and the next one; after the last the message is given up."""
PATIENCE_S = 15.0
_LEASE_S = 60
_AT_ONCE = 4
_GONE = 410
_TAKE = """
update app.delivery d
set attempts = attempts + 1, lease_until = clock_timestamp() + make_interval(secs => %(lease)s)
from app.webhook w
where w.id = d.webhook and (d.event, d.webhook) in (
    select o.event, o.webhook from app.delivery o join app.webhook v on v.id = o.webhook
    where o.state = 'pending' and v.ended_at is null and o.due_at <= clock_timestamp()
      and (o.lease_until is null or o.lease_until <= clock_timestamp())
    order by o.due_at limit %(limit)s for update of o skip locked
)
returning d.event, d.webhook, d.payload, d.attempts, w.address, w.secret,
          case when w.old_until > clock_timestamp() then w.old_secret end as old_secret
"""
_KEEP = """
update app.delivery
set state = %(state)s, status = %(status)s, why = %(why)s, lease_until = null,
    due_at = coalesce(%(due)s, due_at),
    ended_at = case when %(state)s = 'pending' then null else clock_timestamp() end
where event = %(event)s and webhook = %(webhook)s and state = 'pending' and attempts = %(attempts)s
"""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Taken:
    event: UUID
    webhook: UUID
    payload: str
    attempts: int
    address: str
    secret: bytes
    old_secret: bytes | None


@dataclass(frozen=True, slots=True)
class _Outcome:
    status: int | None
    why: str
    """Empty where it was taken."""


class Sender:
    """Sends what is due; any number may run, and no two take the same row."""

    def __init__(
        self,
        register: Register,
        *,
        is_demo: bool,
        clock: Clock = now_utc,
        pauses: tuple[timedelta, ...] = PAUSES,
    ) -> None:
        self._register = register
        self._is_demo = is_demo
        self._clock = clock
        self._pauses = pauses

    async def sweep(self) -> None:
        """Send what is due, a few at a time, until nothing is."""
        while True:
            async with self._register.working() as connection:
                taken = [
                    _Taken(**row)
                    for row in await rows(connection, _TAKE, {"lease": _LEASE_S, "limit": _AT_ONCE})
                ]
            await asyncio.gather(*(self._sent(each) for each in taken))
            if len(taken) < _AT_ONCE:
                return

    async def _sent(self, each: _Taken) -> None:
        outcome = await self._called(each)
        due = None
        if not outcome.why:
            state = "delivered"
        elif outcome.status == _GONE or each.attempts > len(self._pauses):
            state = "dead"
            log.warning("message %s is given up: %s", each.event, outcome.why)
        else:
            state, due = "pending", self._due(each.attempts)
        async with self._register.working() as connection:
            await connection.execute(
                _KEEP,
                {
                    "state": state,
                    "status": outcome.status,
                    "why": outcome.why,
                    "due": due,
                    "event": each.event,
                    "webhook": each.webhook,
                    "attempts": each.attempts,
                },
            )

    def _due(self, attempts: int) -> datetime:
        # Not all at once where an address comes back after many messages.
        return self._clock() + self._pauses[attempts - 1] * random.uniform(1.0, 1.2)

    async def _called(self, each: _Taken) -> _Outcome:
        import httpx2

        try:
            async with asyncio.timeout(PATIENCE_S):
                status = await self._answered(each)
        except NotCalled as refused:
            return _Outcome(None, str(refused))
        except TimeoutError:
            return _Outcome(None, f"no answer within {PATIENCE_S:.0f} seconds")
        except (httpx2.HTTPError, httpx2.InvalidURL, ssl.SSLError) as error:
            return _Outcome(None, f"{type(error).__name__}: {error}"[:300])
        if 200 <= status < 300:
            return _Outcome(status, "")
        moved = "; a redirect is not followed: give the address itself" if 300 <= status < 400 else ""
        return _Outcome(status, f"answered with status {status}{moved}")

    async def _answered(self, each: _Taken) -> int:
        place = await reached(each.address, is_demo=self._is_demo)
        secrets = [each.secret, *([each.old_secret] if each.old_secret else [])]
        headers = {
            **signed(secrets, str(each.event), int(time.time()), each.payload),
            "content-type": "application/json",
            "user-agent": "plantwright",
            "host": place.parts.netloc,
        }
        async with (
            client(PATIENCE_S) as http,
            # To the address that was looked at; the certificate is still held to the name.
            http.stream(
                "POST",
                place.url,
                content=each.payload.encode(),
                headers=headers,
                extensions={"sni_hostname": place.host},
            ) as response,
        ):
            # What it says beside its status is nobody's to read.
            return int(response.status_code)

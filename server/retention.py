"""Forgetting what is done and old: jobs that have ended, messages of webhooks and of chat platforms.

What a job made is kept, and so is everything that the audit rests on: none of these is part of the record.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import LiteralString

from policies.clock import Clock, now_utc
from policies.register import Register
from policies.states import PENDING

log = logging.getLogger(__name__)

LOOKED_EVERY = timedelta(hours=1)
_AT_ONCE = 1_000
"""Rows that one transaction deletes, so that nobody waits for it."""
_DONE: tuple[LiteralString, ...] = (
    "delete from app.delivery where (event, webhook) in"
    " (select event, webhook from app.delivery where ended_at < %(before)s order by ended_at"
    " limit %(limit)s for update skip locked)",
    "delete from app.finance_job where id in"
    " (select id from app.finance_job where ended_at < %(before)s order by ended_at"
    " limit %(limit)s for update skip locked)",
    "delete from app.channel_event where id in"
    " (select id from app.channel_event where ended_at < %(before)s order by ended_at"
    " limit %(limit)s for update skip locked)",
    "delete from app.channel_card where id in"
    " (select c.id from app.channel_card c join app.proposal p on p.id = c.proposal"
    " where p.changed_at < %(before)s and p.state <> all(%(pending)s) order by c.made_at"
    " limit %(limit)s for update of c skip locked)",
    "delete from app.channel_told where (platform, subject, what) in"
    " (select platform, subject, what from app.channel_told where told_at < %(before)s"
    " limit %(limit)s for update skip locked)",
)


class Retention:
    """Deletes what ended longer ago than it is kept; any number may run.

    Args:
        register: of the worker's login.
        days: how long it is kept.
        clock: the wall clock.
    """

    def __init__(self, register: Register, days: int, clock: Clock = now_utc) -> None:
        self._register = register
        self._kept = timedelta(days=days)
        self._clock = clock
        self._next: datetime | None = None

    async def sweep(self) -> None:
        """Delete what is old, a thousand rows at a time; nothing where it was looked for within the hour."""
        now = self._clock()
        if self._next is not None and now < self._next:
            return
        gone = 0
        for statement in _DONE:
            deleted = _AT_ONCE
            while deleted == _AT_ONCE:
                async with self._register.working() as connection:
                    done = await connection.execute(
                        statement,
                        {"before": now - self._kept, "limit": _AT_ONCE, "pending": sorted(PENDING)},
                    )
                    deleted = done.rowcount
                gone += deleted
        if gone:
            log.info("%s rows of jobs and messages that ended before %s are gone", gone, now - self._kept)
        self._next = now + LOOKED_EVERY

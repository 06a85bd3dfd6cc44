"""What is done and old is forgotten; what still waits, and what is young, stays."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import psycopg

from erp_adapters.store import OWNER_ROLE, WORKER_ROLE
from policies.register import Register
from server.retention import LOOKED_EVERY, Retention
from tests.conftest import Database

_NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
_OLD, _YOUNG = _NOW - timedelta(days=91), _NOW - timedelta(days=89)
_MADE = """
insert into app.webhook (id, address, events, sites, made_by, secret)
values ('018f0000-0000-7000-8000-000000000001', 'https://a.example', '{explanation.ready}', '{AW}', 'a',
        decode(repeat('ab', 32), 'hex'))
"""
_MESSAGE = """
insert into app.delivery (event, webhook, kind, payload, state, made_at, ended_at)
select gen_random_uuid(),
       '018f0000-0000-7000-8000-000000000001', %(kind)s, '{}', %(state)s, %(made)s, %(ended)s
from generate_series(1, %(count)s)
"""
_JOB = """
insert into app.finance_job (id, subject, key, locale, arguments, state, problem, asked_at, ended_at)
values (gen_random_uuid(), 'a', %(key)s, 'en', '{}', %(state)s, %(problem)s, %(asked)s, %(ended)s)
"""


async def test_only_what_is_done_and_old_is_forgotten(database: Database) -> None:
    """Delivered, given up and failed; however many there are, and at most once an hour."""
    with psycopg.connect(database.dsn(OWNER_ROLE), autocommit=True) as owner:
        owner.execute(_MADE)
        for kind, state, count, ended in (
            ("old", "delivered", 1_001, _OLD),
            ("given up", "dead", 1, _OLD),
            ("waits", "pending", 1, None),
            ("young", "delivered", 1, _YOUNG),
        ):
            at = {"kind": kind, "state": state, "count": count, "made": _OLD, "ended": ended}
            owner.execute(_MESSAGE, at)
        for key, state, ended in (
            ("old", "failed", _OLD),
            ("young", "failed", _YOUNG),
            ("asked", "queued", None),
        ):
            problem = "away" if state == "failed" else ""
            owner.execute(
                _JOB, {"key": key, "state": state, "problem": problem, "asked": _OLD, "ended": ended}
            )

        def left() -> tuple[list[str], list[str]]:
            messages = owner.execute("select kind from app.delivery order by kind").fetchall()
            jobs = owner.execute("select key from app.finance_job order by key").fetchall()
            return [str(row[0]) for row in messages], [str(row[0]) for row in jobs]

        now = [_NOW]
        async with await Register.open(database.dsn(WORKER_ROLE), max_size=1) as register:
            retention = Retention(register, 90, lambda: now[0])
            await retention.sweep()
            assert left() == (["waits", "young"], ["asked", "young"])
            now[0] = _NOW + timedelta(days=2)
            await Retention(register, 365, lambda: now[0]).sweep()
            assert left() == (["waits", "young"], ["asked", "young"])
            now[0] = _NOW + LOOKED_EVERY / 2
            owner.execute("update app.finance_job set ended_at = %s where key = 'young'", (_OLD,))
            await retention.sweep()
            assert left()[1] == ["asked", "young"]
            now[0] = _NOW + LOOKED_EVERY
            await retention.sweep()
            assert left() == (["waits", "young"], ["asked"])

"""What the database itself refuses, whatever statement a login manages to send."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import psycopg
import pytest

from erp_adapters.errors import CopilotError
from erp_adapters.store import ADMIN_ROLE, APP_ROLE, OWNER_ROLE, WORKER_ROLE, new_id
from policies.states import AFTER, STATES
from tests.policies.conftest import Desk
from tests.policies.stand_ins import BUYER, requisition

REFUSED = (psycopg.errors.InsufficientPrivilege, psycopg.errors.RaiseException)
"""By a grant, a policy or a trigger; not because the statement made no sense."""
KEPT = sorted(STATES - {"drafted", "policy_checked"})


@contextmanager
def as_role(desk: Desk, role: str, subject: str = "ben", sites: str = "{KAS,HAM}") -> Iterator[Any]:
    """A connection under a login, in a person's scope, rolled back at its end."""
    with psycopg.connect(desk.database.dsn(role)) as connection:
        if role != OWNER_ROLE:
            connection.execute("select app.enter_scope(%s, %s, '{}', 5000, '{}')", (subject, sites))
        yield connection
        connection.rollback()


def put(desk: Desk, state: str) -> UUID:
    """A proposal in a state, as only the owner could make it."""
    proposal = new_id()
    with psycopg.connect(desk.database.dsn(OWNER_ROLE), autocommit=True) as connection:
        connection.execute(
            "insert into app.proposal (id, series, version, kind, site, requester, canonical, digest, marker,"
            " policy_hash, signatures_needed, requester_may, needs, needed_from, needed_to, business_date,"
            " created_at, expires_at, escalate_at, changed_at, state, confirmed_at)"
            " values (%(id)s, %(id)s, 1, 'quality_hold', 'KAS', 'paula', %(bytes)s,"
            " 'sha256:' || encode(sha256(%(bytes)s), 'hex'), %(id)s::text, 'x', 1, false, '{}', now(), now(),"
            " now(), now(), now() + interval '1 day', now(), now(), %(state)s,"
            " case when %(state)s <> 'awaiting_confirmation' then now() end)",
            {"id": proposal, "bytes": str(proposal).encode(), "state": state},
        )
        if state == "awaiting_confirmation":
            connection.execute(
                "insert into app.signature (proposal, digest, subject, name, roles, policies, policy_hash,"
                " signed_at) select id, digest, 'ben', 'Ben', '{buyer}', '{}', 'x', now() from app.proposal"
                " where id = %s",
                (proposal,),
            )
    return proposal


@pytest.mark.parametrize("before", KEPT)
async def test_states_follow_the_same_edges_in_the_database(desk: Desk, before: str) -> None:
    """No login moves a proposal otherwise than the states say; two logins together move it all those ways."""
    proposal = put(desk, before)
    for after in KEPT:
        if after == before:
            continue
        moved = set()
        for role in (APP_ROLE, WORKER_ROLE, OWNER_ROLE):
            with as_role(desk, role) as connection:
                try:
                    connection.execute(
                        "update app.proposal set state = %s, changed_at = now()"
                        " , confirmed_at = case when %s = 'confirmed' and state = 'awaiting_confirmation'"
                        " then now() else confirmed_at end where id = %s",
                        (after, after, proposal),
                    )
                    moved.add(role)
                except psycopg.Error:
                    pass
        allowed = after in AFTER[before]
        assert (OWNER_ROLE in moved) == allowed, (before, after)
        assert bool(moved - {OWNER_ROLE}) == allowed, (before, after, moved)


@pytest.mark.parametrize(
    "change",
    [
        "canonical = canonical || '\\x20'",
        "digest = 'sha256:' || repeat('0', 64)",
        "requester = 'ben'",
        "expires_at = expires_at + interval '1 year'",
        "signatures_needed = 1, requester_may = true",
        "site = 'HAM'",
        "marker = 'PW-0'",
        "policy_hash = 'y'",
        "confirmed_at = now()",
        "document_number = '4711'",
    ],
)
@pytest.mark.parametrize("role", [APP_ROLE, WORKER_ROLE, OWNER_ROLE])
async def test_what_was_shown_is_never_changed(desk: Desk, role: str, change: str) -> None:
    """Neither the application, nor the worker, nor a slip of the owner changes what a person was shown."""
    shown = await desk.proposed(requisition(price="100.00"))
    with as_role(desk, role) as connection, pytest.raises(REFUSED):
        connection.execute(f"update app.proposal set {change} where id = %s", (shown.proposal.id,))


SMUGGLED = {
    "confirm without a signature": "update app.proposal set state = 'confirmed', confirmed_at = now()"
    " where id = %(id)s",
    "an outbox row": "insert into app.outbox (proposal, due_at) values (%(id)s, now())",
    "delete a proposal": "delete from app.proposal where id = %(id)s",
    "sign for another": "insert into app.signature select id, digest, 'carla', 'Carla', '', '{}', '{}', 'x',"
    " '', %(now)s from app.proposal where id = %(id)s",
    "a step of another": "insert into app.proposal_step (proposal, at, actor, state)"
    " values (%(id)s, now(), 'carla', 'executed')",
    "a switch of another": "insert into app.switch values ('all', '', true, 'carla', 'why not', now())",
    "say it is executed": "update app.proposal set state = 'executed' where id = %(id)s",
    "change a step": "update app.proposal_step set what = 'x' where proposal = %(id)s",
    "another's proposal": "insert into app.proposal select (jsonb_populate_record(p, jsonb_build_object("
    "'id', gen_random_uuid(), 'series', gen_random_uuid(), 'marker', 'x', 'requester', 'paula'))).*"
    " from app.proposal p where id = %(id)s",
    "widen the scope": "select app.enter_scope('ben', '{OLO}', '{}', 5000, '{}')",
    "set the scope": "select set_config('plantwright.sites', 'OLO', true)",
    "read a job": "delete from jobs.procrastinate_jobs",
}


@pytest.mark.parametrize("what", SMUGGLED)
async def test_the_application_cannot_do_more_than_its_part(desk: Desk, what: str) -> None:
    """A statement smuggled into the application's login neither confirms nor signs for others nor sends."""
    shown = await desk.proposed()
    with as_role(desk, APP_ROLE) as connection, pytest.raises(REFUSED):
        connection.execute(SMUGGLED[what], {"id": shown.proposal.id, "now": desk.watch()})


async def test_a_requester_does_not_sign_their_own(desk: Desk) -> None:
    """With the requester's signature alone the database does not let it be confirmed."""
    shown = await desk.proposed()
    with as_role(desk, APP_ROLE, "paula") as connection:
        connection.execute(
            "insert into app.signature select id, digest, 'paula', 'Paula', '', '{}', '{}', 'x', '', %s"
            " from app.proposal where id = %s",
            (desk.watch(), shown.proposal.id),
        )
        with pytest.raises(psycopg.Error, match="has 0 of 1 signatures"):
            connection.execute(
                "update app.proposal set state = 'confirmed', confirmed_at = %s where id = %s",
                (desk.watch(), shown.proposal.id),
            )


@pytest.mark.parametrize("what", ["propose", "sign", "confirm"])
async def test_the_worker_neither_proposes_nor_signs(desk: Desk, what: str) -> None:
    """The login that writes to ERPs cannot make what it writes."""
    shown = await desk.proposed()
    statement = {
        "propose": SMUGGLED["another's proposal"].replace("'paula'", "'ben'"),
        "sign": SMUGGLED["sign for another"].replace("'carla'", "'ben'"),
        "confirm": SMUGGLED["confirm without a signature"],
    }[what]
    with (
        as_role(desk, WORKER_ROLE) as connection,
        pytest.raises(REFUSED),
    ):
        connection.execute(statement, {"id": shown.proposal.id, "now": desk.watch()})


@pytest.mark.parametrize("table", ["proposal", "signature", "outbox", "proposal_step"])
async def test_another_sites_rows_are_not_there(desk: Desk, table: str) -> None:
    """Row-level security hides a draft with everything that belongs to it."""
    shown = await desk.confirmed(by=BUYER)
    with as_role(desk, APP_ROLE, "ben") as connection:
        assert connection.execute(f"select count(*) from app.{table}").fetchone()[0] > 0
    with as_role(desk, APP_ROLE, "fred", "{OLO}") as connection:
        assert connection.execute(f"select count(*) from app.{table}").fetchone()[0] == 0
        done = connection.execute("update app.proposal set reason = 'x' where id = %s", (shown.proposal.id,))
        assert done.rowcount == 0


FORGED = {
    "site": "'HAM'",
    "kind": "'stock_transfer'",
    "requester": "'carla'",
    "expires_at": "expires_at + interval '1 day'",
    "other_sites": "'{HAM}'",
    "version": "2",
    "canonical": "convert_to('{}', 'UTF8')",
}


@pytest.mark.parametrize("column", FORGED)
async def test_columns_that_belie_the_bytes_are_not_followed(desk: Desk, column: str) -> None:
    """Whoever rewrites a row past its triggers gets neither a confirmation nor a document."""
    waiting, confirmed = await desk.proposed(requisition()), await desk.confirmed(requisition(material="M-2"))
    with psycopg.connect(desk.database.dsn(ADMIN_ROLE), autocommit=True) as connection:
        connection.execute("set session_replication_role = replica")
        digest = ", digest = 'sha256:' || encode(sha256('{}'), 'hex')" if column == "canonical" else ""
        connection.execute(f"update app.proposal set {column} = {FORGED[column]}{digest}")
    with pytest.raises(CopilotError):
        await desk.confirm(waiting)
    await desk.executor.sweep()
    assert desk.erp.calls == 0
    with psycopg.connect(desk.database.dsn(ADMIN_ROLE), autocommit=True) as connection:
        state = connection.execute(
            "select state, reason from app.proposal where id = %s", (confirmed.proposal.id,)
        ).fetchone()
    assert state is not None
    assert state[0] == "refused"
    assert "not kept as it was hashed" in state[1]

"""What the executor does with every way in which an ERP, a colleague or a rule may get in between."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import psycopg
import pytest

from erp_adapters.errors import AuditUnavailable, ConfirmationInvalid, Denied
from erp_adapters.store import OWNER_ROLE
from policies.execution.claim import Fenced, close, mark_sent, put_off, take
from policies.execution.executor import Executor
from policies.register import proposal_row
from policies.states import State
from policies.switches import SwitchTarget
from tests.policies.conftest import Desk
from tests.policies.fault_erp import Fault
from tests.policies.stand_ins import BUYER, PLANNER, SECOND, caller, requisition


@pytest.mark.parametrize(
    ("fault", "strength", "state", "documents", "calls"),
    [
        ("none", "none", "executed", 1, 1),
        ("unavailable", "none", "executed", 1, 2),
        ("refused", "none", "refused", 0, 1),
        ("drop_before", "none", "needs_reconciliation", 0, 1),
        ("drop_before", "rejects", "executed", 1, 2),
        ("drop_after_commit", "none", "executed", 1, 1),
        ("drop_after_commit", "rejects", "executed", 1, 1),
        ("late_504", "none", "executed", 1, 1),
        ("duplicate_delivery", "none", "needs_reconciliation", 2, 1),
        ("duplicate_delivery", "rejects", "executed", 1, 1),
        ("partial_lines", "none", "needs_reconciliation", 1, 1),
        ("other_quantity", "none", "needs_reconciliation", 1, 1),
    ],
)
async def test_each_fault_comes_to_an_end_that_is_true(
    desk: Desk, fault: Fault, strength, state: State, documents: int, calls: int
) -> None:
    """A fault of the ERP, with read-back that lags 20 s: what is said at the end is what the ERP has."""
    desk.erp.duplicates, desk.erp.lag, desk.erp.late = strength, timedelta(seconds=20), timedelta(seconds=5)
    desk.erp.faults.append(fault)
    shown = await desk.confirmed()
    done = await desk.settle(shown.proposal.id, 150)
    assert (done.state, len(desk.erp.documents()), desk.erp.calls) == (state, documents, calls), done.reason
    if state == "executed":
        assert done.document_number == desk.erp.documents()[0].number


async def test_a_document_that_turns_up_late_is_found(desk: Desk) -> None:
    """What lags beyond the declared time is found while a person is being asked."""
    desk.erp.lag = timedelta(seconds=90)
    desk.erp.faults.append("drop_after_commit")
    shown = await desk.confirmed()
    assert (await desk.settle(shown.proposal.id, 60)).state == "needs_reconciliation"
    assert (await desk.settle(shown.proposal.id, 120)).state == "executed"


async def test_nothing_is_written_that_cannot_be_put_on_record(desk: Desk) -> None:
    """The record is out of order: no proposal, no confirmation, no call."""
    shown = await desk.proposed()
    desk.trail.broken = True
    with pytest.raises(AuditUnavailable):
        await desk.proposals.propose(PLANNER, requisition(material="M-2"), business_date=desk.watch().date())
    with pytest.raises(AuditUnavailable):
        await desk.confirm(shown)
    assert (await desk.state(shown.proposal.id)).state == "awaiting_confirmation"
    desk.trail.broken = False
    await desk.confirm(shown)
    desk.trail.broken = True
    with pytest.raises(AuditUnavailable):
        await desk.executor.run(shown.proposal.id)
    assert desk.erp.calls == 0
    desk.trail.broken = False
    assert (await desk.settle(shown.proposal.id, 20)).state == "executed"


async def test_the_record_says_dispatch_before_the_call(desk: Desk) -> None:
    """Proposal, confirmation, what policy said, dispatch and execution stand in the record, in that order."""
    desk.erp.faults.append("drop_before")
    shown = await desk.confirmed()
    await desk.executor.run(shown.proposal.id)
    kinds = desk.trail.kinds(shown.proposal.id)
    asked = ["policy_decision"] * 2  # the requester and who signed
    assert kinds == ["proposal", "confirmation", *asked, "dispatch", "unknown_outcome"]


async def test_changed_facts_are_not_written(desk: Desk) -> None:
    """What the draft rests on changed after its confirmation: it has to be drafted and confirmed again."""
    shown = await desk.confirmed()
    desk.facts.changed = True
    done = await desk.settle(shown.proposal.id, 2)
    assert done.state == "superseded"
    assert "info record 1023 / 77 of KAS" in done.reason
    assert desk.erp.calls == 0


async def test_changed_facts_are_not_confirmed(desk: Desk) -> None:
    """What the draft rests on changed before its confirmation: the person is told at once."""
    shown = await desk.proposed()
    desk.facts.changed = True
    with pytest.raises(ConfirmationInvalid, match="has changed since"):
        await desk.confirm(shown)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda d: d.people.known.pop("paula"), "'paula', who asked for it, is no longer active"),
        (lambda d: d.people.known.pop("ben"), "'ben', who confirmed it, may no longer do so"),
        (
            lambda d: d.people.known.update(ben=caller("ben", "buyer", "OLO")),
            "'ben' no longer has the site 'KAS' in their scope",
        ),
        (lambda d: d.people.known.update(ben=caller("ben", "steward")), "ben has no role that may execute"),
        (lambda d: setattr(d.people, "closed", "2026-11"), "fiscal period '2026-11' of KAS has been closed"),
        (lambda d: setattr(d.policy, "second_from_minor", 1), "it needs 2 signatures and has 1"),
    ],
    ids=["requester left", "signer left", "signer moved", "role removed", "period closed", "limit lowered"],
)
async def test_who_may_no_longer_does_not(desk: Desk, change, reason: str) -> None:
    """Since the confirmation somebody left, lost a role, or a rule changed: nothing is written."""
    shown = await desk.confirmed()
    change(desk)
    done = await desk.settle(shown.proposal.id, 2)
    assert (done.state, desk.erp.calls) == ("refused", 0)
    assert reason in done.reason


@pytest.mark.parametrize(
    "target", [SwitchTarget("all"), SwitchTarget("site", "KAS"), SwitchTarget("flow", "purchase_requisition")]
)
async def test_a_switch_stops_what_is_confirmed(desk: Desk, target: SwitchTarget) -> None:
    """Switched off after the confirmation: nothing is sent until it is on again, and that is visible."""
    shown = await desk.confirmed()
    await desk.proposals.switches.off(BUYER, target, "stocktaking")
    held = await desk.settle(shown.proposal.id, 5)
    assert (held.state, desk.erp.calls) == ("confirmed", 0)
    assert "stocktaking" in held.reason
    await desk.proposals.switches.on(BUYER, target, "done")
    assert (await desk.settle(shown.proposal.id, 31)).state == "executed"


async def test_what_could_not_be_sent_in_time_expires(desk: Desk) -> None:
    """An ERP that stays away for days does not receive last week's confirmations."""
    desk.erp.faults.extend(["unavailable"] * 1000)
    shown = await desk.confirmed()
    await desk.executor.run(shown.proposal.id)
    desk.watch.on(hours=49)
    assert (await desk.settle(shown.proposal.id, 2)).state == "expired"
    assert desk.erp.documents() == []


async def test_a_person_says_what_became_of_it(desk: Desk) -> None:
    """What cannot be known is asked of a person, who may; a document that contradicts them reopens it."""
    desk.erp.faults.append("drop_before")
    shown = await desk.confirmed()
    asked = await desk.settle(shown.proposal.id, 60)
    assert asked.state == "needs_reconciliation"
    assert "reconcile" in (await desk.proposals.read(BUYER, shown.proposal.id)).may
    told = await desk.confirmations.reconcile(
        BUYER, shown.proposal.id, shown.digest, "not_written", reason="looked in the ERP"
    )
    assert told.state == "refused"
    document = shown.proposal.draft.document("paula")
    await desk.erp.create(document, next(iter(await _marker(desk, shown.proposal.id))))
    assert (await desk.settle(shown.proposal.id, 70)).state == "needs_reconciliation"


async def _marker(desk: Desk, proposal) -> list[str]:
    async with desk.executor._register.working() as connection:
        row = await proposal_row(connection, proposal)
    assert row is not None
    return [row.marker]


async def test_a_substitute_signs_while_appointed(desk: Desk) -> None:
    """Who signed as a substitute and is none any more has not signed."""
    shown = await desk.proposed()
    stand_in = caller("sam", "planner")
    _appoint(desk, "ben", "sam")
    await desk.confirm(shown, stand_in)
    signed = (await desk.state(shown.proposal.id)).signed[0]
    assert (signed.subject, signed.acting_for) == ("sam", "ben")
    done = await desk.settle(shown.proposal.id, 2)
    assert done.state == "refused"
    assert "'sam', who confirmed it in place of 'ben'" in done.reason


async def test_a_substitute_writes(desk: Desk) -> None:
    """Who is a substitute signs with the roles of the one they stand in for."""
    shown = await desk.proposed(requisition(material="M-7"))
    _appoint(desk, "ben", "sam")
    stand_in = caller("sam", "planner")
    desk.people.substitutes[("sam", "ben")] = replace(stand_in, roles=frozenset({"buyer"}))
    await desk.confirm(shown, stand_in)
    assert (await desk.settle(shown.proposal.id, 2)).state == "executed"


async def test_a_substitute_of_the_requester_is_no_second_person(desk: Desk) -> None:
    """A requester does not confirm through their own substitute."""
    _appoint(desk, "carla", "sam")
    desk.policy.may_do["propose"].add("controller")
    shown = await desk.proposed(requisition(material="M-8"), by=SECOND)
    with pytest.raises(Denied):
        await desk.confirm(shown, caller("sam", "planner"))


def _appoint(desk: Desk, person: str, substitute: str) -> None:
    with psycopg.connect(desk.database.dsn(OWNER_ROLE), autocommit=True) as connection:
        connection.execute(
            "insert into erp.person (subject, name, roles, sites, substitutes)"
            " values (%s, %s, %s, '{KAS,HAM}', %s)"
            " on conflict (subject) do update set substitutes = excluded.substitutes",
            (person, person, ["buyer" if person == "ben" else "controller"], [substitute]),
        )


async def test_a_worker_that_was_held_up_does_not_call(desk: Desk) -> None:
    """A process that was stopped between its record and its call makes no call any more."""
    shown = await desk.confirmed()
    clock = iter([0.0, 6.0, 10.0, 10.1])
    late = Executor(
        desk.executor._register,
        {"KAS": desk.erp},
        policy=desk.policy,
        trail=desk.trail,
        facts=desk.facts,
        people=desk.people,
        clock=desk.watch,
        stopwatch=lambda: next(clock),
    )
    assert await late.run(shown.proposal.id) == "confirmed"
    assert desk.erp.calls == 0
    desk.watch.on(seconds=2)
    assert await late.run(shown.proposal.id) == "executed"
    assert desk.erp.calls == 1


async def test_a_worker_that_was_overtaken_keeps_nothing(desk: Desk) -> None:
    """What a worker finds out after another has claimed the row changes nothing: the fence is in the way."""
    shown = await desk.confirmed()
    register = desk.executor._register
    async with register.working() as connection:
        first = await take(connection, shown.proposal.id, "first", desk.watch(), timedelta(seconds=5))
    assert first is not None
    async with register.working() as connection:
        assert await take(connection, shown.proposal.id, "second", desk.watch(), timedelta(seconds=5)) is None
    desk.watch.on(seconds=6)
    assert await desk.executor.run(shown.proposal.id) == "executed"
    for change in (
        lambda c: mark_sent(c, first, desk.watch(), timedelta(seconds=5)),
        lambda c: put_off(c, first, desk.watch(), "", not_sent=True),
        lambda c: close(c, first, desk.watch()),
    ):
        with pytest.raises(Fenced):
            async with register.working() as connection:
                await change(connection)


async def test_a_site_without_a_system_is_said(desk: Desk) -> None:
    """A confirmation for a site that no system takes documents of waits, says so, and expires."""
    draft = requisition(site="HAM")
    shown = await desk.confirmed(draft)
    alone = Executor(
        desk.executor._register,
        {"KAS": desk.erp},
        policy=desk.policy,
        trail=desk.trail,
        facts=desk.facts,
        people=desk.people,
        clock=desk.watch,
    )
    assert await alone.run(shown.proposal.id) == "confirmed"
    assert "takes documents of the site 'HAM'" in (await desk.state(shown.proposal.id)).reason
    desk.watch.on(hours=49)
    assert await alone.run(shown.proposal.id) == "expired"


async def test_a_signed_draft_is_not_undone_by_the_next_one(desk: Desk) -> None:
    """What came before counts, and what comes later counts it: a limit is not reached twice."""
    first = await desk.confirmed(requisition("500"))
    desk.policy.most_minor = 130_000
    await desk.proposed(requisition("600", material="M-2000"))
    assert (await desk.settle(first.proposal.id)).state == "executed"
    with pytest.raises(Denied, match="too much in the window"):
        await desk.proposed(requisition("10", material="M-3000"))

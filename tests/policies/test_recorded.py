"""Every decision of policy is on record with what was asked, so that it can be made again."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from erp_adapters.errors import AuditUnavailable, Denied
from policies.audit.event import AuditEvent
from policies.engine import CedarPolicy
from policies.recorded import RecordedDecision, decision_in, decision_of, decision_payload
from policies.switches import SwitchTarget
from tests.conftest import Database
from tests.policies.asked import asked
from tests.policies.asked import caller as person
from tests.policies.conftest import Desk, clear, opened
from tests.policies.stand_ins import BUYER, DAY, FOREIGN, NOW, PLANNER, SECOND, caller, requisition

POLICY = CedarPolicy.packaged()


@pytest.fixture
async def ruled(database: Database) -> AsyncIterator[Desk]:
    """A desk under the packaged policies."""
    clear(database)
    async with opened(database, POLICY) as desk:
        yield desk


def held(events: list[AuditEvent]) -> list[RecordedDecision]:
    """The decisions among the events, as they are read again."""
    found = [(decision_in(each.kind, each.payload), each.proposal) for each in events]
    return [decision_of(payload, proposal) for payload, proposal in found if payload is not None]


def brief(events: list[AuditEvent]) -> list[tuple[str, str, bool]]:
    return [(d.request.caller.subject, d.request.action, d.allowed) for d in held(events)]


async def test_every_decision_on_the_way_to_the_erp_is_on_record(ruled: Desk) -> None:
    """Proposal, both signatures, and everybody asked again before writing; each comes out the same again."""
    shown = await ruled.proposed(requisition(quantity="8000"))
    with pytest.raises(Denied):
        await ruled.confirm(shown, PLANNER)
    await ruled.confirm(shown, BUYER)
    await ruled.confirm(shown, SECOND)
    assert (await ruled.settle(shown.proposal.id, 5)).state == "executed"
    assert brief(ruled.trail.events) == [
        ("paula", "propose", True),
        ("paula", "confirm", False),
        ("ben", "confirm", True),
        ("carla", "confirm", True),
        ("paula", "execute", True),
        ("ben", "execute", True),
        ("carla", "execute", True),
    ]
    for decision in held(ruled.trail.events):
        again = POLICY.decide(decision.request)
        assert (again.allowed, again.policies) == (decision.allowed, decision.policies)
        assert (again.reason, again.policy_hash) == (decision.reason, decision.policy_hash)
    assert {d.proposal for d in held(ruled.trail.events)} == {str(shown.proposal.id)}


async def test_what_is_asked_about_a_person_is_sealed_under_their_key(ruled: Desk) -> None:
    """Each decision is about whom it was asked about, and holds no name."""
    shown = await ruled.confirmed()
    await ruled.settle(shown.proposal.id, 5)
    for event in ruled.trail.events:
        payload = decision_in(event.kind, event.payload)
        if payload is not None:
            assert payload["request"]["caller"]["subject"] == event.about
            assert payload["request"]["caller"]["name"] == ""


@pytest.mark.parametrize("what", ["confirm", "reject", "propose", "propose elsewhere", "edit", "switch"])
async def test_a_refusal_is_on_record_and_nothing_else_is(ruled: Desk, what: str) -> None:
    """Whoever is refused leaves one event with what was asked; without a record there is no plain refusal."""
    shown = await ruled.proposed()
    already = len(ruled.trail.events)
    steward = caller("stella", "steward")

    async def attempt() -> None:
        match what:
            case "confirm":
                await ruled.confirm(shown, steward)
            case "reject":
                await ruled.confirmations.reject(steward, shown.proposal.id, shown.digest, "no")
            case "propose":
                await ruled.proposals.propose(steward, requisition(material="M-2"), business_date=DAY)
            case "propose elsewhere":
                await ruled.proposals.propose(FOREIGN, requisition(material="M-2"), business_date=DAY)
            case "edit":
                await ruled.proposals.edit(
                    steward, shown.proposal.id, shown.digest, requisition(quantity="9"), business_date=DAY
                )
            case _:
                await ruled.proposals.switches.off(steward, SwitchTarget("site", "KAS"), "no")

    with pytest.raises(Denied):
        await attempt()
    (event,) = ruled.trail.events[already:]
    assert event.kind == "policy_decision"
    (decision,) = held([event])
    assert (decision.allowed, decision.request.action) == (False, what.split()[0])
    assert (await ruled.state(shown.proposal.id)).state == "awaiting_confirmation"
    ruled.trail.broken = True
    with pytest.raises(AuditUnavailable):
        await attempt()


async def test_two_who_sign_first_by_execution_write_nothing(ruled: Desk) -> None:
    """The controller who gave the second signature has become a buyer: each is held to their own place."""
    shown = await ruled.proposed(requisition(quantity="8000"))
    await ruled.confirm(shown, BUYER)
    await ruled.confirm(shown, SECOND)
    ruled.people.known[SECOND.subject] = replace(SECOND, roles=frozenset({"buyer"}))
    done = await ruled.settle(shown.proposal.id, 5)
    assert (done.state, ruled.erp.calls) == ("refused", 0), done.reason
    assert brief(ruled.trail.events)[-3:] == [
        ("paula", "execute", True),
        ("ben", "execute", True),
        ("carla", "execute", False),
    ]


async def test_signatures_keep_their_order_when_a_clock_is_behind(ruled: Desk) -> None:
    """A second server whose clock is behind does not make the second signature the first."""
    shown = await ruled.proposed(requisition(quantity="8000"))
    ruled.watch.on(minutes=5)
    await ruled.confirm(shown, BUYER)
    ruled.watch.now = NOW
    await ruled.confirm(shown, SECOND)
    assert [each.subject for each in (await ruled.state(shown.proposal.id)).signed] == ["ben", "carla"]


@pytest.mark.parametrize("amount", [None, 0, 2**53, 2**62])
def test_a_request_is_read_again_as_it_was_asked(amount: int | None) -> None:
    """Figures beyond what canonical JSON holds included."""
    request = asked(person("buyer"), "confirm", amount=amount, signed=("x", "a"), acting_for="y")
    payload = decision_payload(request, POLICY.decide(request))
    assert decision_of(payload).request == replace(request, caller=replace(request.caller, name=""))

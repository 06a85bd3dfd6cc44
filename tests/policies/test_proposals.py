"""Making, seeing, replacing, rejecting and letting go of proposals."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from erp_adapters.errors import (
    ConfirmationInvalid,
    Denied,
    DraftInvalid,
    RecordNotFound,
    SwitchedOff,
)
from policies.confirmation import total_of
from policies.drafts.parts import Price
from policies.switches import SwitchTarget
from tests.policies.conftest import Desk
from tests.policies.stand_ins import BUYER, DAY, FOREIGN, PLANNER, SECOND, caller, hold, requisition, transfer


async def test_another_day_or_material_is_another_need(desk: Desk) -> None:
    """Only the same kind, site and material on an overlapping day is a duplicate."""
    await desk.proposed()
    await desk.proposed(requisition(needed_on=date(2026, 12, 6)))
    await desk.proposed(requisition(material="M-2"))
    await desk.proposed(requisition(site="HAM"))
    await desk.proposed(transfer())
    await desk.proposed(hold())
    assert not (await desk.proposals.propose(BUYER, hold(), business_date=DAY)).is_new


async def test_a_need_is_free_again_once_its_draft_ended(desk: Desk) -> None:
    """Neither a rejected nor an expired draft stands in the way of a new one."""
    first = await desk.proposed()
    await desk.confirmations.reject(BUYER, first.proposal.id, first.digest, "too early")
    await desk.proposed()
    desk.watch.on(hours=48)
    await desk.proposed()


async def test_out_of_scope_nothing_is_proposed_or_seen(desk: Desk) -> None:
    """A person of another site neither drafts for a site nor sees that there is a draft."""
    with pytest.raises(Denied, match="'KAS' is not among yours"):
        await desk.proposals.propose(FOREIGN, requisition(), business_date=DAY)
    shown = await desk.proposed()
    with pytest.raises(RecordNotFound):
        await desk.proposals.read(FOREIGN, shown.proposal.id)
    with pytest.raises(RecordNotFound):
        await desk.proposals.history(FOREIGN, shown.proposal.id)
    assert await desk.proposals.list(FOREIGN) == ()


async def test_a_transfer_is_seen_by_who_sees_both_sites(desk: Desk) -> None:
    """A draft of two sites is nothing for somebody of one of them."""
    shown = await desk.proposed(transfer())
    with pytest.raises(RecordNotFound):
        await desk.proposals.read(caller("karl", "buyer", "KAS"), shown.proposal.id)


async def test_a_refusal_is_put_on_record(desk: Desk) -> None:
    """What policy denies is not kept, and stands in the audit with its reason."""
    with pytest.raises(Denied, match="no role that may propose"):
        await desk.proposals.propose(SECOND, requisition(), business_date=DAY)
    assert desk.trail.kinds() == ["policy_decision"]
    assert desk.trail.events[0].payload["allowed"] is False


async def test_past_days_are_refused(desk: Desk) -> None:
    """A need of yesterday is no need; today is one."""
    with pytest.raises(DraftInvalid, match="'2026-11-29' is past"):
        await desk.proposals.propose(PLANNER, requisition(needed_on=date(2026, 11, 29)), business_date=DAY)
    await desk.proposed(requisition(needed_on=DAY))


async def test_what_was_built_past_its_checks_is_checked(desk: Desk) -> None:
    """A draft whose model was not validated does not get through."""
    line = requisition().lines[0]
    wrong = line.model_copy(update={"quantity": line.quantity.model_copy(update={"value": Decimal("-5")})})
    with pytest.raises(DraftInvalid, match="quantity"):
        await desk.proposals.propose(
            PLANNER, requisition().model_copy(update={"lines": (wrong,)}), business_date=DAY
        )


async def test_limits_count_what_is_under_way(desk: Desk) -> None:
    """Several small drafts count together, pending ones too, rejected ones not."""
    desk.policy.most_minor = 200_000
    first = await desk.proposed()
    await desk.proposed(requisition(material="M-2"))
    with pytest.raises(Denied, match="too much in the window"):
        await desk.proposals.propose(PLANNER, requisition(material="M-3"), business_date=DAY)
    await desk.confirmations.reject(BUYER, first.proposal.id, first.digest, "not needed")
    await desk.proposed(requisition(material="M-3"))


async def test_an_edit_makes_a_version(desk: Desk) -> None:
    """An edit supersedes; whoever edits becomes the requester and may not confirm it themselves."""
    shown = await desk.proposed()
    edited = await desk.proposals.edit(
        BUYER, shown.proposal.id, shown.digest, requisition("600"), business_date=DAY
    )
    assert edited.is_new
    assert (edited.shown.proposal.series, edited.shown.proposal.version) == (shown.proposal.series, 2)
    assert edited.shown.proposal.requester == "ben"
    old = await desk.state(shown.proposal.id)
    assert (old.state, old.reason) == ("superseded", "replaced by version 2")
    with pytest.raises(Denied):
        await desk.confirm(edited.shown)
    with pytest.raises(ConfirmationInvalid, match="superseded"):
        await desk.proposals.edit(
            PLANNER, shown.proposal.id, shown.digest, requisition("7"), business_date=DAY
        )
    await desk.confirm(edited.shown, SECOND)
    await desk.settle(edited.shown.proposal.id, 2)
    (document,) = desk.erp.documents()
    assert document.document == requisition("600").document("ben")
    steps = await desk.proposals.history(PLANNER, edited.shown.proposal.id)
    assert [step.state for step in steps] == [
        *("drafted", "policy_checked", "awaiting_confirmation", "superseded"),
        *("drafted", "policy_checked", "awaiting_confirmation", "confirmed", "dispatching", "executed"),
    ]


async def test_an_edit_into_another_pending_need_shows_that(desk: Desk) -> None:
    """An edit does not make a second draft for a need that has one."""
    one, other = await desk.proposed(), await desk.proposed(requisition(material="M-2"))
    edited = await desk.proposals.edit(
        PLANNER, one.proposal.id, one.digest, requisition("5", material="M-2"), business_date=DAY
    )
    assert not edited.is_new
    assert edited.shown.proposal.id == other.proposal.id
    assert (await desk.state(one.proposal.id)).state == "awaiting_confirmation"


async def test_a_wait_that_is_too_long_is_told_once(desk: Desk) -> None:
    """Escalation is a step, an audit event and visible in the list; it happens once."""
    shown = await desk.proposed()
    desk.watch.on(hours=25)
    for _ in range(3):
        await desk.executor.sweep()
    (listed,) = await desk.proposals.list(BUYER, states=frozenset({"awaiting_confirmation"}))
    assert listed.escalated_at == desk.watch()
    assert desk.trail.kinds(shown.proposal.id) == ["proposal", "escalation"]


async def test_what_each_may_do_is_shown(desk: Desk) -> None:
    """The planner may edit and reject, the buyer also confirm, and once it is confirmed nobody anything."""
    shown = await desk.proposed()
    assert shown.may == {"reject", "edit"}
    assert (await desk.proposals.read(BUYER, shown.proposal.id)).may == {"confirm", "reject", "edit"}
    await desk.confirm(shown)
    assert (await desk.proposals.read(BUYER, shown.proposal.id)).may == frozenset()


async def test_several_are_confirmed_together_or_none(desk: Desk) -> None:
    """A list is bound to its digests, their order and its total; one wrong digest confirms none."""
    drafts = [await desk.proposed(requisition(material=f"M-{n}")) for n in range(3)]
    given = [(each.proposal.id, each.digest) for each in drafts]
    total = total_of([each.proposal for each in drafts])
    assert total == Price(amount=Decimal("3750.00"), currency="EUR")
    confirm = desk.confirmations.confirm_together
    wrong = [
        (given, None, "no total was confirmed"),
        (given, Price(amount=Decimal("3750.01"), currency="EUR"), "was confirmed"),
        (given, Price(amount=Decimal("3750.00"), currency="USD"), "was confirmed"),
        (given[:2], total, "come to 2500 EUR"),
        ([*given[:2], (given[2][0], given[1][1])], total, "not the digest"),
        ([*given, given[0]], total, "named twice"),
        ([], None, "nothing is named"),
    ]
    for listed, sum_, reason in wrong:
        with pytest.raises(ConfirmationInvalid, match=reason):
            await confirm(BUYER, listed, sum_, business_date=DAY)
    for each in drafts:
        assert (await desk.state(each.proposal.id)).signed == ()
    shown = await confirm(BUYER, given, total, business_date=DAY)
    assert [each.state for each in shown] == ["confirmed"] * 3
    # Once for all three; what is refused for its digest or total needs none.
    assert desk.facts.asked == 1
    assert len({each.signed[0].batch for each in shown}) == 1
    await desk.settle(given[0][0], 2)
    assert len(desk.erp.documents()) == 3


async def test_a_switched_off_flow_takes_nothing(desk: Desk) -> None:
    """Neither proposals nor confirmations get by a switch; others go on."""
    shown = await desk.proposed()
    off = SwitchTarget("flow", "purchase_requisition")
    await desk.proposals.switches.off(BUYER, off, "audit week")
    with pytest.raises(SwitchedOff, match=r"'purchase_requisition' is switched off by 'ben': audit week"):
        await desk.proposals.propose(PLANNER, requisition(material="M-2"), business_date=DAY)
    with pytest.raises(SwitchedOff):
        await desk.confirm(shown)
    with pytest.raises(SwitchedOff):
        await desk.proposals.switches.check(["HAM"], "", "purchase_requisition")
    await desk.proposals.switches.check(["HAM"], "", "stock_transfer")
    await desk.proposed(transfer())
    (listed,) = await desk.proposals.switches.list()
    assert (listed.target, listed.is_off, listed.changed_by) == (off, True, "ben")
    assert "switch" in desk.trail.kinds()


@pytest.mark.parametrize(
    ("by", "target", "reason", "error"),
    [
        (PLANNER, SwitchTarget("all"), "why not", Denied),
        (FOREIGN, SwitchTarget("site", "KAS"), "why not", Denied),
        (BUYER, SwitchTarget("site", ""), "why not", DraftInvalid),
        (BUYER, SwitchTarget("all", "KAS"), "why not", DraftInvalid),
        (BUYER, SwitchTarget("all"), "   ", DraftInvalid),
        (BUYER, SwitchTarget("all"), "turn\u202earound", DraftInvalid),
    ],
)
async def test_who_may_not_switch_does_not(desk: Desk, by, target, reason: str, error) -> None:
    """A switch is turned by who may, for a reason that can be read, and names one thing."""
    with pytest.raises(error):
        await desk.proposals.switches.off(by, target, reason)
    assert await desk.proposals.switches.list() == ()


@pytest.mark.parametrize("reason", ["", " \n", "zero\u200bwidth", "null\0byte", "x" * 3000])
async def test_a_rejection_has_a_reason(desk: Desk, reason: str) -> None:
    """A reason is there and can be read."""
    shown = await desk.proposed()
    with pytest.raises(DraftInvalid):
        await desk.confirmations.reject(BUYER, shown.proposal.id, shown.digest, reason)


async def test_only_who_waits_is_reconciled(desk: Desk) -> None:
    """Nobody says what became of a draft that the ERP was not asked about."""
    shown = await desk.confirmed()
    with pytest.raises(ConfirmationInvalid, match="waits for no reconciliation"):
        await desk.confirmations.reconcile(BUYER, shown.proposal.id, shown.digest, "found", "1", "saw it")
    with pytest.raises(DraftInvalid, match="number"):
        await desk.confirmations.reconcile(BUYER, shown.proposal.id, shown.digest, "found", "", "saw it")


async def test_a_removed_role_counts_at_once(desk: Desk) -> None:
    """A token says who; what they may is what the caller has now."""
    shown = await desk.proposed()
    with pytest.raises(Denied):
        await desk.confirm(shown, replace(BUYER, roles=frozenset({"steward"})))

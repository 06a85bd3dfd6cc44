"""Each row of the traps that others fell into, as far as it applies here: named after it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import ValidationError

from erp_adapters.errors import ConfirmationInvalid, CopilotError, Denied, DraftInvalid, RecordNotFound
from erp_adapters.store.ids import new_id
from policies.drafts.proposal import DRAFT, Proposal, digest_of
from policies.failpoints import Failpoint
from tests.policies.conftest import Desk
from tests.policies.stand_ins import BUYER, DAY, DRAFTS, FOREIGN, PLANNER, hold, requisition, transfer
from tests.policies.test_schedules import Crash, CrashAt, worker


@pytest.mark.parametrize("resumes", [2, 8])
async def test_concurrent_resumes_write_once(desk: Desk, resumes: int) -> None:
    """2 and 8 concurrent resumes of one interrupt ran the write node 2 and 8 times: here one write."""
    shown = await desk.proposed()

    async def resume() -> None:
        await desk.confirm(shown)
        await desk.executor.run(shown.proposal.id)

    await asyncio.gather(*(resume() for _ in range(resumes)), return_exceptions=True)
    await desk.settle(shown.proposal.id, 3)
    assert len(desk.erp.documents()) == 1


async def test_kill_after_the_erp_commit_and_before_ours_writes_once(desk: Desk) -> None:
    """kill -9 after the ERP commit and before the checkpoint: 2 writes after recovery; here read back."""
    shown = await desk.confirmed()
    dying = worker(desk, desk.executor._register, CrashAt({Failpoint.CALLED: 1}), "dying")
    with pytest.raises(Crash):
        await dying.run(shown.proposal.id)
    done = await desk.settle(shown.proposal.id, 30)
    assert (done.state, desk.erp.calls, len(desk.erp.documents())) == ("executed", 1, 1)


async def test_an_approval_for_one_draft_is_not_delivered_to_another(desk: Desk) -> None:
    """An approval for tool A was delivered to tool B: here digest and id have to belong together."""
    one, other = await desk.proposed(), await desk.proposed(transfer())
    with pytest.raises(ConfirmationInvalid, match="not the digest of"):
        await desk.confirmations.confirm(BUYER, one.proposal.id, other.digest, business_date=DAY)
    await asyncio.gather(desk.confirm(one), desk.confirm(other))
    await desk.executor.sweep()
    written = {document.kind: document.document for document in desk.erp.documents()}
    assert written["purchase_requisition"] == one.proposal.draft.document("paula")
    assert written["stock_transfer"] == other.proposal.draft.document("paula")


async def test_both_of_two_parallel_approvals_are_shown(desk: Desk) -> None:
    """Only the first of two parallel interrupts is surfaced: here both wait in the list."""
    one, other = await desk.proposed(), await desk.proposed(hold())
    listed = await desk.proposals.list(BUYER, states=frozenset({"awaiting_confirmation"}))
    assert {each.proposal.id for each in listed} == {one.proposal.id, other.proposal.id}


async def test_what_a_person_saw_is_what_is_written(desk: Desk) -> None:
    """The person saw 10 and 10000 was executed: here an edit has another digest and the old one is dead."""
    saw = await desk.proposed(requisition("10"))
    edited = await desk.proposals.edit(
        PLANNER, saw.proposal.id, saw.digest, requisition("10000", price="0.10"), business_date=DAY
    )
    with pytest.raises(ConfirmationInvalid, match="superseded"):
        await desk.confirm(saw)
    assert edited.shown.digest != saw.digest
    assert edited.shown.proposal.version == 2
    await desk.settle(saw.proposal.id, 2)
    assert desk.erp.documents() == []


async def test_an_old_approval_is_not_replayed(desk: Desk) -> None:
    """An old checkpoint id repeats an approval: here an id and digest are consumed once, for good."""
    shown = await desk.confirmed()
    await desk.settle(shown.proposal.id, 2)
    with pytest.raises(ConfirmationInvalid, match=r"executed as document '10000000', .+: to undo it"):
        await desk.confirm(shown)
    with pytest.raises(RecordNotFound):
        await desk.confirmations.confirm(BUYER, new_id(), shown.digest, business_date=DAY)
    await desk.settle(shown.proposal.id, 2)
    assert len(desk.erp.documents()) == 1


async def test_what_no_rule_names_is_denied(desk: Desk) -> None:
    """A tool missing from `interrupt_on` is auto-approved: here an action that nobody was given is denied."""
    shown = await desk.proposed()
    desk.policy.may_do.pop("confirm")
    with pytest.raises(Denied):
        await desk.confirm(shown)
    with pytest.raises(ValidationError):
        DRAFT.validate_python({"kind": "payment", "site": "KAS"})


async def test_an_edit_does_not_change_the_kind(desk: Desk) -> None:
    """An edit may change the tool name: here a requisition stays one."""
    shown = await desk.proposed()
    with pytest.raises(DraftInvalid, match="stays one"):
        await desk.proposals.edit(PLANNER, shown.proposal.id, shown.digest, transfer(), business_date=DAY)


async def test_a_rejected_draft_is_not_written(desk: Desk) -> None:
    """A rejected call was run all the same: here rejected is an end."""
    shown = await desk.proposed()
    rejected = await desk.confirmations.reject(BUYER, shown.proposal.id, shown.digest, "not this year")
    assert (rejected.state, rejected.reason) == ("rejected", "not this year")
    with pytest.raises(ConfirmationInvalid, match="not this year"):
        await desk.confirm(shown)
    await desk.settle(shown.proposal.id, 2)
    assert desk.erp.documents() == []


async def test_a_new_wish_leaves_a_pending_approval_as_it_is(desk: Desk) -> None:
    """A new message while an approval is pending makes it vanish: here it is shown, and one is written."""
    first = await desk.proposed()
    again = await desk.proposals.propose(PLANNER, requisition(), business_date=DAY)
    assert not again.is_new
    assert again.shown.proposal == first.proposal
    await desk.confirm(first)
    await desk.settle(first.proposal.id, 2)
    assert len(desk.erp.documents()) == 1


async def test_who_knows_the_id_may_not_therefore_confirm(desk: Desk) -> None:
    """Resume by another user on the same thread is accepted: here the id is no secret and no key."""
    shown = await desk.proposed()
    with pytest.raises(RecordNotFound):
        await desk.confirm(shown, FOREIGN)
    with pytest.raises(Denied):
        await desk.confirm(shown, PLANNER)
    assert (await desk.state(shown.proposal.id)).signed == ()


async def test_two_at_once_propose_one(desk: Desk) -> None:
    """Eight wishes for the same need at the same moment make one proposal, which all are shown."""
    made = await asyncio.gather(
        *(desk.proposals.propose(PLANNER, requisition(), business_date=DAY) for _ in range(8))
    )
    assert sum(each.is_new for each in made) == 1
    assert len({each.shown.proposal.id for each in made}) == 1


def leaves(value: Any, path: tuple[object, ...] = ()) -> Iterator[tuple[object, ...]]:
    """Paths to every leaf of a JSON value; an empty list is one."""
    match value:
        case dict():
            for key, each in value.items():
                yield from leaves(each, (*path, key))
        case list() if value:
            for place, each in enumerate(value):
                yield from leaves(each, (*path, place))
        case _:
            yield path


def mutated(value: Any, path: tuple[object, ...]) -> Any:
    """A copy with another leaf at the path."""
    copy = json.loads(json.dumps(value))
    at = copy
    for key in path[:-1]:
        at = at[key]
    old = at[path[-1]]
    match old:
        case bool():
            new: Any = not old
        case int():
            new = old + 1
        case None:
            new = "1"
        case list():
            new = ["x"]
        case str() if old[:1].isdigit():
            new = ("9" if old[0] != "9" else "8") + old[1:]
        case _:
            new = f"{old}x"
    at[path[-1]] = new
    return copy


@pytest.mark.parametrize("draft", DRAFTS, ids=lambda draft: draft.kind)
async def test_every_field_of_a_shown_proposal_is_bound(desk: Desk, draft: Any) -> None:
    """Each leaf of what was shown, changed, has another digest, and that digest confirms nothing."""
    shown = await desk.proposed(draft)
    content = json.loads(shown.proposal.canonical)
    paths = list(leaves(content))
    assert len(paths) > 15
    for path in paths:
        forged = json.dumps(mutated(content, path)).encode()
        try:
            digest = Proposal.model_validate_json(forged).digest
        except ValidationError:
            digest = digest_of(forged)
        assert digest != shown.digest, path
        with pytest.raises(ConfirmationInvalid):
            await desk.confirmations.confirm(BUYER, shown.proposal.id, digest, business_date=DAY)
    assert (await desk.state(shown.proposal.id)).state == "awaiting_confirmation"
    assert desk.erp.calls == 0


@pytest.mark.parametrize("digest", ["", "sha256:", "x" * 10_000, "sha256:" + "0" * 64, "\udcff", "SHA256:"])
async def test_forged_digests_are_refused(desk: Desk, digest: str) -> None:
    """Whatever stands in place of the digest, nothing happens."""
    shown = await desk.proposed()
    with pytest.raises(CopilotError):
        await desk.confirmations.confirm(BUYER, shown.proposal.id, digest, business_date=DAY)
    with pytest.raises(CopilotError):
        await desk.confirmations.confirm(BUYER, shown.proposal.id, shown.digest.upper(), business_date=DAY)


async def test_an_expired_confirmation_is_refused(desk: Desk) -> None:
    """Nobody confirms after the deadline, whether or not a sweeper has passed by."""
    shown = await desk.proposed()
    desk.watch.on(hours=48)
    with pytest.raises(ConfirmationInvalid, match="expired at"):
        await desk.confirm(shown)
    assert (await desk.state(shown.proposal.id)).state == "expired"
    await desk.executor.sweep()
    assert "expiry" in desk.trail.kinds(shown.proposal.id)

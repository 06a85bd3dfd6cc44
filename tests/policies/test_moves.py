"""One confirmation, several documents: each at most once, in order, and whatever is missing has a name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from erp_adapters.caller import Caller
from erp_adapters.errors import DraftInvalid
from erp_adapters.records import OrderRescheduling
from erp_adapters.store import WORKER_ROLE
from policies.asking import Acting, Question, subject_of
from policies.deciding import Recent
from policies.drafts.parts import FactVersion
from policies.engine import CedarPolicy
from policies.execution.executor import Executor
from policies.execution.parts import whole_of
from policies.states import AFTER, State
from tests.policies.conftest import Desk
from tests.policies.fault_erp import FAULTS, Fault
from tests.policies.stand_ins import BUYER, DAY, NOW, PLANNER, StandInFacts, moves

PACKAGED = CedarPolicy.packaged()
ORDERS = ("4711", "4712", "4713")


def written(desk: Desk) -> list[str]:
    """Orders that the ERP has moved, counted at its own side."""
    found = []
    for posted in desk.erp.documents():
        assert isinstance(posted.document, OrderRescheduling)
        found.append(posted.document.order)
    return found


async def test_every_order_is_written_once_and_in_order(desk: Desk) -> None:
    """Three documents, each with a marker of its own; executed once all are there."""
    shown = await desk.confirmed(moves())
    assert await desk.executor.run(shown.proposal.id) == "executed"
    assert written(desk) == list(ORDERS)
    assert len({posted.marker for posted in desk.erp.documents()}) == 3
    after = await desk.settle(shown.proposal.id)
    assert after.state == "executed"
    assert [(part.name, part.state) for part in after.parts] == [(order, "executed") for order in ORDERS]
    assert after.document_number == ", ".join(part.document_number for part in after.parts)
    assert desk.erp.calls == 3
    documents = shown.proposal.draft.documents("paula")  # type: ignore[union-attr]
    assert [posted.document for posted in desk.erp.documents()] == [document for _, document in documents]


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("at", [0, 1, 2])
async def test_whatever_goes_wrong_with_one_the_rest_is_named(desk: Desk, fault: Fault, at: int) -> None:
    """Whichever call meets whichever fault: no order twice, none lost, and what is missing is said."""
    desk.erp.faults.extend([*["none"] * at, fault])
    desk.erp.late = desk.erp.traits.settle_time
    shown = await desk.confirmed(moves())
    after = await desk.settle(shown.proposal.id, 180)
    there = written(desk)
    counted = {order: there.count(order) for order in ORDERS}
    states = {part.name: part.state for part in after.parts}
    for posted in desk.erp.documents():
        assert len(desk.erp.writers[posted.marker]) == 1, "written twice"
    if after.state == "executed":
        assert set(counted.values()) == {1}
        return
    for order, count in counted.items():
        if states[order] == "executed":
            assert count == 1
        elif states[order] == "refused":
            assert count == 0
        else:
            assert states[order] == "needs_reconciliation"
    # Nothing behind the one that went wrong was sent; that a call came twice shows only later.
    behind = "executed" if fault == "duplicate_delivery" else "refused"
    assert all(states[order] == behind for order in ORDERS[at + 1 :])
    assert after.state in ("partly_written", "refused", "needs_reconciliation")
    if at or after.state == "needs_reconciliation":
        assert all(order in after.reason for order in ORDERS)


async def test_a_refusal_leaves_it_partly_written(desk: Desk) -> None:
    """The second order is refused: the first stands, the third is not sent, and the reason names both."""
    desk.erp.faults.extend(["none", "refused"])
    shown = await desk.confirmed(moves())
    await desk.executor.run(shown.proposal.id)
    after = await desk.settle(shown.proposal.id)
    assert after.state == "partly_written"
    assert written(desk) == ["4711"]
    assert re.search(r"written: 1 of 3 \(4711\); not written: 4712, 4713\. 4712: .*locked", after.reason)
    assert after.may == frozenset()


async def test_drift_before_anything_is_sent_supersedes_all(desk: Desk) -> None:
    """A changed order means that the whole plan is looked at again; nothing is written."""
    shown = await desk.confirmed(moves())
    desk.facts.changed = True
    after = await desk.settle(shown.proposal.id)
    assert after.state == "superseded"
    assert written(desk) == []
    assert {part.state for part in after.parts} == {"superseded"}


async def test_what_it_moved_itself_is_no_drift(desk: Desk) -> None:
    """The first order has other dates once it is written: the others are sent all the same."""

    class Moving(StandInFacts):
        async def versions(self, caller: Caller, facts: Sequence[FactVersion]) -> tuple[FactVersion, ...]:
            now = written(desk)
            return tuple(
                each.model_copy(update={"version": "absent"}) if each.key[0] in now else each
                for each in facts
            )

    shown = await desk.confirmed(moves())
    async with await Executor.open(
        desk.database.dsn(WORKER_ROLE),
        {"KAS": desk.erp},
        policy=desk.policy,
        trail=desk.trail,
        facts=Moving(),
        people=desk.people,
        clock=desk.watch,
    ) as executor:
        assert await executor.run(shown.proposal.id) == "executed"
    assert written(desk) == list(ORDERS)


async def test_drift_in_between_ends_the_rest(desk: Desk) -> None:
    """Another order changes after the first is written: the rest is not what was confirmed any more."""
    desk.erp.faults.extend(["none", "unavailable"])
    shown = await desk.confirmed(moves())
    await desk.executor.run(shown.proposal.id)
    assert written(desk) == ["4711"]
    desk.facts.changed = True
    after = await desk.settle(shown.proposal.id)
    assert after.state == "partly_written"
    assert [part.state for part in after.parts] == ["executed", "superseded", "superseded"]


async def test_a_person_says_of_which_order_they_speak(desk: Desk) -> None:
    """One order in doubt is reconciled by its name, and the whole follows from all of them."""
    desk.erp.faults.extend(["none", "drop_before"])
    shown = await desk.confirmed(moves())
    after = await desk.settle(shown.proposal.id, 150)
    assert after.state == "needs_reconciliation"
    assert [part.state for part in after.parts] == ["executed", "needs_reconciliation", "refused"]
    given = (BUYER, shown.proposal.id, shown.digest)
    with pytest.raises(DraftInvalid, match=r"4711.*name one of 4712"):
        await desk.confirmations.reconcile(*given, "not_written", reason="looked", part="4711")
    done = await desk.confirmations.reconcile(*given, "not_written", reason="looked")
    assert done.state == "partly_written"
    assert "not written: 4712, 4713" in done.reason
    assert (await desk.settle(shown.proposal.id, 5)).state == "partly_written"


async def test_found_after_all_makes_it_whole_or_not(desk: Desk) -> None:
    """The last order turns up in the ERP: everything is there, so it is executed."""
    desk.erp.faults.extend(["none", "none", "drop_before"])
    shown = await desk.confirmed(moves())
    assert (await desk.settle(shown.proposal.id, 150)).state == "needs_reconciliation"
    given = (BUYER, shown.proposal.id, shown.digest)
    done = await desk.confirmations.reconcile(*given, "found", "9", "looked")
    assert (done.state, done.document_number.split(", ")[-1]) == ("executed", "9")


async def test_one_pending_draft_for_an_order(desk: Desk) -> None:
    """The same order twice is one draft, whatever else either moves."""
    await desk.proposed(moves("4711", "4712"))
    other = await desk.proposals.propose(PLANNER, moves("4712", "4799"), business_date=DAY)
    assert not other.is_new


@settings(deadline=None, max_examples=60)
@given(
    count=st.integers(1, 60),
    near=st.booleans(),
    roles=st.sets(st.sampled_from(["planner", "production", "controller", "buyer", "steward", "admin"])),
    signed=st.sampled_from([(), ("somebody",)]),
)
def test_who_signs_depends_on_how_many_and_how_soon(
    count: int, near: bool, roles: set[str], signed: tuple[str, ...]
) -> None:
    """One signature for up to 20 orders from tomorrow on, two otherwise; each by whom the rules name."""
    draft = moves(*(f"47{n:02}" for n in range(count)))
    if near:
        first = draft.moves[0]
        soon = first.after.model_copy(update={"starts_at": draft.now})
        draft = draft.model_copy(
            update={"moves": (first.model_copy(update={"after": soon}), *draft.moves[1:])}
        )
    assert bool(draft.frozen) == near
    who = Caller("signer", "Signer", frozenset(roles), frozenset({"KAS"}), frozenset())
    subject = subject_of(draft, "asker", "draft_replanning")
    question = Question("confirm", subject, NOW, DAY, Recent(), signed)
    two = near or count > 20
    policy = PACKAGED
    assert policy.signatures(question.asked_by(Acting(who))).count == (2 if two else 1)
    first_may = {"production"} | ({"planner"} if count <= 20 else set())
    may = first_may if not signed else {"production", "controller"} if two else set()
    assert policy.decide(question.asked_by(Acting(who))).allowed == bool(roles & may)


def test_a_whole_is_executed_only_where_every_part_is() -> None:
    """Every combination of three parts has a state, and no other is called executed."""
    states: tuple[State, ...] = (
        *("confirmed", "dispatching", "executed", "refused"),
        *("superseded", "expired", "needs_reconciliation"),
    )
    for parts in product(states, repeat=3):
        whole = whole_of(parts)
        assert (whole == "executed") == (set(parts) == {"executed"})
        assert (whole == "partly_written") <= ("executed" in parts)
        assert whole in AFTER


def test_a_move_moves_and_no_order_twice() -> None:
    """An order stands there once, with other dates than it has."""
    draft = moves()
    with pytest.raises(ValueError, match="moved twice"):
        moves("4711", "4711")
    with pytest.raises(ValueError, match="is not moved"):
        type(draft.moves[0])(**{**draft.moves[0].model_dump(), "after": draft.moves[0].before.model_dump()})

"""Whatever persons, time and workers do in whatever order: a proposal is where a simple model says it is."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterator
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from erp_adapters.errors import CopilotError
from policies.states import AFTER, PENDING, State
from tests.conftest import Database
from tests.policies.conftest import Desk, clear, opened
from tests.policies.stand_ins import BUYER, DAY, FOREIGN, PLANNER, SECOND, requisition

PERSONS = st.sampled_from([PLANNER, BUYER, SECOND, FOREIGN])


class Drafting(RuleBasedStateMachine):
    """One series of versions of a draft that needs two signatures; the model is a handful of variables."""

    database: Database
    runner: asyncio.Runner

    def __init__(self) -> None:
        super().__init__()
        self.stack = AsyncExitStack()
        clear(self.database)
        self.desk: Desk = self.run(self.stack.enter_async_context(opened(self.database)))

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.runner.run(work)

    def teardown(self) -> None:
        self.run(self.stack.aclose())

    @initialize()
    def propose(self) -> None:
        self.shown = self.run(self.desk.proposed(requisition(price="100.00")))
        self.state: State = "awaiting_confirmation"
        self.signed: set[str] = set()
        self.requester = "paula"
        self.written = 0

    def attempt(self, work: Coroutine[Any, Any, Any]) -> Any:
        """What came of it, or None where it was refused."""
        try:
            return self.run(work)
        except CopilotError:
            return None

    def expired(self) -> bool:
        return self.desk.watch() >= self.shown.proposal.expires_at

    def go(self, state: State) -> None:
        assert state == self.state or state in AFTER[self.state], (self.state, state)
        self.state = state

    @rule(person=PERSONS, forged=st.booleans())
    def confirm(self, person: Any, forged: bool) -> None:
        digest = "sha256:" + "0" * 64 if forged else self.shown.digest
        done = self.attempt(
            self.desk.confirmations.confirm(person, self.shown.proposal.id, digest, business_date=DAY)
        )
        may = person in (BUYER, SECOND) and person.subject not in self.signed | {self.requester}
        assert (done is not None) == (
            may and not forged and self.state == "awaiting_confirmation" and not self.expired()
        )
        if done is not None:
            self.signed.add(person.subject)
            if len(self.signed) == 2:
                self.go("confirmed")

    @rule(person=PERSONS)
    def reject(self, person: Any) -> None:
        done = self.attempt(
            self.desk.confirmations.reject(person, self.shown.proposal.id, self.shown.digest, "no")
        )
        waits = self.state == "awaiting_confirmation" and not self.expired()
        assert (done is not None) == (waits and person is not FOREIGN)
        if done is not None:
            self.go("rejected")

    @rule(person=st.sampled_from([PLANNER, BUYER]), quantity=st.integers(500, 510))
    def edit(self, person: Any, quantity: int) -> None:
        old = self.shown
        done = self.attempt(
            self.desk.proposals.edit(
                person,
                old.proposal.id,
                old.digest,
                requisition(str(quantity), price="100.00"),
                business_date=DAY,
            )
        )
        waits = self.state == "awaiting_confirmation" and not self.expired()
        assert (done is not None) == waits
        if done is not None:
            assert self.run(self.desk.state(old.proposal.id)).state == "superseded"
            self.shown, self.signed, self.requester = done.shown, set(), person.subject

    @rule(hours=st.sampled_from([0, 1, 20, 47]))
    def wait(self, hours: int) -> None:
        self.desk.watch.now += timedelta(hours=hours)

    @rule(fault=st.sampled_from(["none", "drop_before", "drop_after_commit", "refused", "unavailable"]))
    def work(self, fault: Any) -> None:
        self.desk.erp.faults.append(fault)
        for _ in range(4):
            self.run(self.desk.executor.sweep())
            self.desk.watch.on(seconds=20)
        self.desk.erp.faults.clear()
        if self.state == "awaiting_confirmation" and self.expired():
            self.go("expired")
        elif self.state in ("confirmed", "dispatching", "needs_reconciliation"):
            state = self.run(self.desk.state(self.shown.proposal.id)).state
            if self.state == "confirmed" and state not in ("confirmed", "expired", "dispatching"):
                self.go("dispatching")
            self.go(state)

    @precondition(lambda self: self.state in ("confirmed", "rejected", "executed", "refused", "expired"))
    @rule()
    def propose_the_same(self) -> None:
        made = self.run(self.desk.proposals.propose(PLANNER, requisition(price="100.00"), business_date=DAY))
        assert made.is_new == (self.state not in PENDING)
        if made.is_new:
            self.shown, self.state, self.signed, self.requester = (
                made.shown,
                "awaiting_confirmation",
                set(),
                "paula",
            )

    @invariant()
    def is_where_the_model_says(self) -> None:
        if not hasattr(self, "shown"):
            return
        shown = self.run(self.desk.state(self.shown.proposal.id))
        is_late = self.state == "awaiting_confirmation" and self.expired()
        assert shown.state == ("expired" if is_late else self.state)
        assert {signature.subject for signature in shown.signed} == self.signed

    @invariant()
    def every_write_was_confirmed(self) -> None:
        assert all(len(calls) == 1 for calls in self.desk.erp.writers.values())
        confirmed = self.desk.trail.kinds().count("confirmation")
        assert 2 * len(self.desk.erp.documents()) <= confirmed


@pytest.fixture
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as runner:
        yield runner


def test_a_proposal_is_where_the_model_says(database: Database, runner: asyncio.Runner) -> None:
    """Hypothesis tries orders of confirming, rejecting, editing, waiting and working."""
    machine = type("Drafts", (Drafting,), {"database": database, "runner": runner})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=12, stateful_step_count=10, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )

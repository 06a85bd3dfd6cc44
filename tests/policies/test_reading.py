"""Which tools a person may read with is decided by policy, and costs a turn next to nothing."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from policies.deciding import Decision, Request
from policies.engine import ROLES, CedarPolicy
from policies.limits import parse_change
from policies.reading import PolicyReads
from tests.policies.asked import caller, nobody
from tools.all_tools import registry

POLICY, TOOLS = CedarPolicy.packaged(), registry()
AT = datetime(2026, 12, 1, tzinfo=UTC)


@pytest.mark.parametrize("role", [*ROLES, ""])
def test_policy_admits_whom_the_tools_admit(role: str) -> None:
    """For every role and tool; somebody without a site reads with none."""
    person = caller("x", role) if role else nobody("x")
    said = PolicyReads(POLICY)(person, TOOLS.names(), AT)
    assert said.allowed == {tool.name for tool in TOOLS.admitted(person)}
    assert said.policy_hash == POLICY.digest
    outside = PolicyReads(POLICY)(replace(person, sites=frozenset()), TOOLS.names(), AT)
    assert outside.allowed == frozenset()
    assert set(outside.denied) == set(TOOLS.names())


class _Changing:
    """A policy in force that changes, and counts what it is asked."""

    def __init__(self) -> None:
        self.now, self.asked = POLICY, 0

    def hash(self, at: datetime) -> str:
        return self.now.digest

    def decide(self, request: Request) -> Decision:
        self.asked += 1
        return self.now.decide(request)


def test_what_was_said_holds_for_the_same_person_under_the_same_policy() -> None:
    """A new version, another role and another site are asked about anew."""
    policy = _Changing()
    reads, names = PolicyReads(policy), TOOLS.names()  # type: ignore[arg-type]
    person = caller("x", "planner")
    first = reads(person, names, AT)
    assert reads(person, names, AT) is first
    assert policy.asked == len(names)
    for other in (caller("y", "planner"), caller("x", "buyer"), caller("x", "planner", "KAS BRE")):
        before = policy.asked
        reads(other, names, AT)
        assert policy.asked == before + len(names)
    policy.now = POLICY.changed(
        parse_change("[[site]]\nsite = 'KAS'\nwindow_days = 7\nmost_drafts = 9", "x"), "x"
    )
    again = reads(person, names, AT)
    assert again.policy_hash == policy.now.digest != first.policy_hash


def test_a_turn_pays_less_than_a_millisecond_for_it() -> None:
    """Of processor time, for a person who has asked before."""
    reads, names, person = PolicyReads(POLICY), TOOLS.names(), caller("x", "planner")
    reads(person, names, AT)
    began = time.thread_time()
    for _ in range(100):
        reads(person, names, AT)
    assert (time.thread_time() - began) / 100 < 0.001

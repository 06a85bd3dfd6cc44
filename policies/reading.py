"""Which tools a person may read with: what policy says about each, asked once for a person and a policy."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from erp_adapters.caller import Caller
from policies.deciding import Decision, Policy, Request, Subject

_REMEMBERED = 2_000
"""Persons, each with the policy that held."""


@dataclass(frozen=True, slots=True)
class Admission:
    """What policy says about reading with some tools."""

    allowed: frozenset[str]
    denied: Mapping[str, str]
    """Reasons by the name of the tool."""
    policies: tuple[str, ...]
    """Ids of all that decided."""
    policy_hash: str


class Reads(Protocol):
    """Says with which tools a person may read; a turn is handed one."""

    def __call__(self, caller: Caller, tools: Sequence[str], at: datetime) -> Admission:
        """What holds at that moment."""
        ...


class PolicyReads:
    """What the policy in force says about reading; implements `Reads`.

    Cedar takes about 0.1 ms a tool. Nothing in a read depends on the moment but the version of the policy,
    so its answers are remembered with the hash of what decided and all of the person that it may look at.
    """

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._known: OrderedDict[tuple[object, ...], Admission] = OrderedDict()

    def __call__(self, caller: Caller, tools: Sequence[str], at: datetime) -> Admission:
        """What holds at that moment."""
        key = (self._policy.hash(at), caller.subject, caller.roles, caller.sites, tuple(tools))
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = self._asked(caller, tools, at)
            if len(self._known) > _REMEMBERED:
                self._known.popitem(last=False)
        return known

    def _asked(self, caller: Caller, tools: Sequence[str], at: datetime) -> Admission:
        said: dict[str, Decision] = {
            tool: self._policy.decide(
                Request(caller, "read", Subject("answer", caller.sites, tool=tool), at, at.date())
            )
            for tool in tools
        }
        return Admission(
            frozenset(tool for tool, decision in said.items() if decision.allowed),
            {tool: decision.reason for tool, decision in said.items() if not decision.allowed},
            tuple(dict.fromkeys(policy for decision in said.values() for policy in decision.policies)),
            self._policy.hash(at),
        )

"""Policy with somebody who is told of each decision: that it was made, not about whom or what."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from erp_adapters.records import DraftKind
from erp_adapters.tracing import span
from policies.deciding import Decision, Policy, Request, Signatures


class WatchedPolicy:
    """`Policy` that passes everything on.

    Args:
        policy: decides.
        told: called with the action and whether it was allowed.
    """

    def __init__(self, policy: Policy, told: Callable[[str, bool], None]) -> None:
        self._policy = policy
        self._told = told

    def hash(self, at: datetime) -> str:
        """See `Policy.hash`."""
        return self._policy.hash(at)

    def decide(self, request: Request) -> Decision:
        """See `Policy.decide`."""
        with span("policy", action=request.action) as seen:
            decision = self._policy.decide(request)
            seen.note("allowed", decision.allowed)
        self._told(request.action, decision.allowed)
        return decision

    def signatures(self, request: Request) -> Signatures:
        """See `Policy.signatures`."""
        return self._policy.signatures(request)

    def window_days(self, site: str, at: datetime) -> int:
        """See `Policy.window_days`."""
        return self._policy.window_days(site, at)

    def lifetime_hours(self, site: str, kind: DraftKind, at: datetime) -> int:
        """See `Policy.lifetime_hours`."""
        return self._policy.lifetime_hours(site, kind, at)

    def escalate_after_hours(self, site: str, kind: DraftKind, at: datetime) -> int:
        """See `Policy.escalate_after_hours`."""
        return self._policy.escalate_after_hours(site, kind, at)

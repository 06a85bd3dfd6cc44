"""The states of a proposal, and which may follow which; the database holds the same edges."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeAlias, get_args

State: TypeAlias = Literal[
    "drafted",
    "policy_checked",
    "awaiting_confirmation",
    "confirmed",
    "dispatching",
    "executed",
    "partly_written",
    "refused",
    "rejected",
    "expired",
    "superseded",
    "needs_reconciliation",
]
STATES: frozenset[State] = frozenset(get_args(State))

AFTER: Mapping[State, frozenset[State]] = {
    "drafted": frozenset({"policy_checked"}),
    "policy_checked": frozenset({"awaiting_confirmation"}),
    "awaiting_confirmation": frozenset({"confirmed", "rejected", "expired", "superseded"}),
    # Superseded: what it rests on has changed since, so that it has to be shown and confirmed again.
    "confirmed": frozenset({"dispatching", "refused", "superseded", "expired"}),
    # Confirmed again: the call was certainly not sent. Superseded, refused, expired: nothing of the call was
    # written, and meanwhile something stands in the way of another.
    "dispatching": frozenset(
        {
            "confirmed",
            "executed",
            "partly_written",
            "refused",
            "superseded",
            "expired",
            "needs_reconciliation",
        }
    ),
    "needs_reconciliation": frozenset({"executed", "partly_written", "refused"}),
    # A second look, once every copy of the call must be visible, may find what the answer did not say.
    "executed": frozenset({"needs_reconciliation"}),
    "partly_written": frozenset({"needs_reconciliation"}),
    "refused": frozenset({"needs_reconciliation"}),
    "rejected": frozenset(),
    "expired": frozenset(),
    "superseded": frozenset(),
}

PENDING: frozenset[State] = frozenset(
    {"awaiting_confirmation", "confirmed", "dispatching", "needs_reconciliation"}
)
"""A draft for the same need is shown in place of a second one."""
FINAL: frozenset[State] = frozenset(
    {"executed", "partly_written", "refused", "rejected", "expired", "superseded"}
)

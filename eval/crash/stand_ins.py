"""A policy that admits everything, for crash tests: what policy says is proved elsewhere."""

from __future__ import annotations

import hashlib
from datetime import datetime

from erp_adapters.records import DraftKind
from policies.deciding import Decision, Request, Signatures

_HASH = "sha256:" + hashlib.sha256(b"the stand-in of the crash test").hexdigest()


class OpenPolicy:
    """Everybody may do everything, and one other person has to confirm it."""

    def hash(self, at: datetime) -> str:
        """Always the same."""
        return _HASH

    def decide(self, request: Request) -> Decision:
        """Allow."""
        return Decision(True, ("crash-test",), _HASH, "crash tests admit everything")

    def signatures(self, request: Request) -> Signatures:
        """One, and not the requester's."""
        return Signatures(1, frozenset({"buyer"}), requester_may=False, reason="somebody else confirms")

    def window_days(self, site: str, at: datetime) -> int:
        """A week."""
        return 7

    def lifetime_hours(self, site: str, kind: DraftKind, at: datetime) -> int:
        """A day."""
        return 24

    def escalate_after_hours(self, site: str, kind: DraftKind, at: datetime) -> int:
        """Later than any crash test."""
        return 12

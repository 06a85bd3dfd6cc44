"""What has become of a draft, in words for the conversation that it came from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from tools.languages import said


class Outcome(Protocol):
    """What a draft's row says."""

    @property
    def state(self) -> str: ...
    @property
    def version(self) -> int: ...
    @property
    def document_number(self) -> str: ...
    @property
    def reason(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Ending:
    """What a state means for whoever waits."""

    text: str
    is_over: bool


_ENDINGS = {
    "drafted": Ending("The draft waits to be put up.", False),
    "policy_checked": Ending("The draft waits to be put up.", False),
    "awaiting_confirmation": Ending("The draft waits for confirmation; nothing is written.", False),
    "confirmed": Ending("The draft is confirmed and waits to be written.", False),
    "dispatching": Ending("The draft is being written.", False),
    "executed": Ending("The draft was confirmed and written: document [[number]].", True),
    "partly_written": Ending("The draft was written in part: [[reason]].", True),
    "refused": Ending("The ERP refused the draft; nothing was written: [[reason]].", True),
    "rejected": Ending("The draft was rejected; nothing was written: [[reason]].", True),
    "expired": Ending("The draft expired without a confirmation; nothing was written.", True),
    "superseded": Ending("The draft was replaced by another.", True),
    "needs_reconciliation": Ending(
        "Whether the draft was written is not known; a person is looking: [[reason]].", False
    ),
    "gone": Ending("There is no such draft any more.", True),
}


def outcome_of(state: str) -> Ending:
    """What a state means; one that is not known is not over."""
    return _ENDINGS.get(state, Ending("The draft waits for confirmation; nothing is written.", False))


def outcome_text(outcome: Outcome) -> str:
    """The outcome in a sentence, in the language spoken."""
    return said(outcome_of(outcome.state).text, number=outcome.document_number, reason=outcome.reason or "-")

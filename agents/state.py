"""What the graph checkpoints: ids, references and small typed data; never results or anybody's prose."""

from __future__ import annotations

from typing import Literal, TypedDict

Next = Literal["plan", "run_tools", "propose", "compose", "finish"]


class TurnState(TypedDict, total=False):
    """One turn. Every turn sets every field anew, so that no older checkpoint can steer a later turn."""

    conversation: str
    answer: str
    """Id of the row of `app.answer` that holds what the turn came to."""
    subject: str
    round: int
    """Rounds of planning done."""
    next: Next
    results: list[str]
    """References to the results of this turn, such as `r0`; the results live in the turn's workspace."""
    status: str

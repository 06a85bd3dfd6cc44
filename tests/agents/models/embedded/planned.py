"""Who asks the readers by rules about plants, and what came of a question."""

from __future__ import annotations

from agents.models.protocol import Calls, Clarify
from erp_adapters.caller import Caller

PLANNER = Caller("planner", "Planner", frozenset({"planner"}), frozenset({"KAS", "WRO", "GRR"}), frozenset())


def arguments(plan: Calls | Clarify | None) -> dict[str, object]:
    """What the plan's only call is given, without what is left as it is by itself."""
    assert isinstance(plan, Calls), plan
    (call,) = plan.reading.calls
    return call.arguments.model_dump(mode="json", exclude_defaults=True)

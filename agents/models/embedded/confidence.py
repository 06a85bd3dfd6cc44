"""How sure a proposal is: what each reader thinks of it, and whether they agree; fitted on questions by
others."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Literal, TypeAlias

from agents.models.embedded.proposals import Proposal

Kind: TypeAlias = Literal["alone", "leaning", "by_one", "glossed"]
"""Kinds of questions, each with weights of its own."""
WEIGHTS = Path(__file__).with_name("weights") / "confidence.json"
_LEAST = 1e-4
_CLEAR = 0.98
SURE_WORDING = 0.9
"""The grammar reader's score from which on a wording that only it knows is answered."""
_OFFERED = 0.7
LEFT_AT_MOST = 0.7
"""Of a plan that leaves a clause of the question out: it is offered with what it leaves out."""


def terms(proposal: Proposal, others: Sequence[Proposal]) -> dict[str, float]:
    """What speaks for a proposal and against it, beside the other proposals for the same question."""
    rival = max((other.learned for other in others if other is not proposal), default=0.0)
    return {
        "learned": math.log(max(_LEAST, proposal.learned)),
        "learned_share": proposal.learned,
        "grammar": min(1.0, proposal.grammar),
        "clear": float(proposal.grammar >= _CLEAR),
        "both": float(proposal.learned > 0 and proposal.grammar > 0),
        "agreed": float(proposal.leads_learned and proposal.leads_grammar),
        "leads_learned": float(proposal.leads_learned),
        "leads_grammar": float(proposal.leads_grammar),
        "rival": rival,
        "unused": float(min(3, proposal.unused)),
        "parts": float(len(proposal.calls) > 1),
        "look_up": float(any(call.name != "query_metrics" for call in proposal.calls)),
        "nothing": float(not proposal.calls),
        "size": math.log(1 + proposal.size),
        "vague": float(proposal.vague and bool(proposal.calls)),
        "left": float(min(2, len(proposal.left))),
        "doubts": float(min(2, proposal.doubts)),
        "unsaid": float(min(2, proposal.unsaid)),
        # That there is none is an answer where both readers ask for the same.
        "empty": float(proposal.empty and not (proposal.learned > 0 and proposal.grammar > 0)),
    }


def confidence(proposal: Proposal, others: Sequence[Proposal]) -> float:
    """Probability from 0 to 1 that a proposal is what was meant."""
    if proposal.by_rules:
        return _by_rules(proposal)
    # Where a wording of such a call was recognised, the network has read something that it does not know.
    known = max((_by_rules(one) for one in others if one.by_rules), default=0.0)
    kind = kind_of(proposal)
    weights = packaged_weights()[kind]
    total = weights["base"] + sum(
        weights.get(name, 0.0) * value for name, value in terms(proposal, others).items()
    )
    sure = (1.0 - known) / (1.0 + math.exp(-total))
    return min(sure, LEFT_AT_MOST) if proposal.left else sure


def kind_of(proposal: Proposal) -> Kind:
    """By which weights a proposal is judged."""
    if proposal.leaning:
        return "leaning"
    return "glossed" if proposal.glossed else "by_one" if proposal.by_one else "alone"


def _by_rules(proposal: Proposal) -> float:
    """Sure where the wording is; otherwise worth no more than being offered."""
    return proposal.grammar if proposal.grammar >= SURE_WORDING else _OFFERED * proposal.grammar


@lru_cache(maxsize=1)
def packaged_weights() -> dict[str, dict[str, float]]:
    """The weights that ship with the program.

    For questions that stand alone, for those after others, for those that one reader alone has read, and for
    those in other languages, of which it has read the English as well.
    """
    raw = json.loads(WEIGHTS.read_text(encoding="utf-8"))
    return {
        kind: {str(name): float(value) for name, value in fitted["weights"].items()}
        for kind, fitted in raw.items()
    }

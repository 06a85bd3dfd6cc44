"""Whether a question in another language goes on from the turn before."""

from __future__ import annotations

from agents.models.embedded.languages.tables import folded, table
from agents.models.embedded.masked import Masked

_SHORT = 5
"""Words of a question that is too short to say all that it means."""
_LONGEST = 18


def goes_on(question: Masked) -> bool:
    """True where it begins as follow-ups do, points back or says little: `und im März?`, `¿y en 2024?`."""
    if question.language == "en":
        raise ValueError("the English words for this are the grammar's")
    known = table(question.language)
    words = [folded(spot.text) for spot in question.spots if spot.text[:1].isalnum()]
    if not words or len(words) > _LONGEST:
        return False
    return len(words) <= _SHORT or words[0] in known.openers or not known.pointing.isdisjoint(words)

"""What becomes of the readings of a question: an answer, a question back, or the reason why there is none."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from agents.models.embedded.chunks import content_words
from agents.models.embedded.grammar import Parsed
from agents.models.protocol import Abstain, Calls, Clarify, Plan, Reading
from tools.languages import said
from tools.metrics.wording import Wording

# Of the confidence that both readers together give.
ANSWERED = 0.75
"""Confidence from which on a reading is the answer."""
_PLAUSIBLE = 0.12
OFFERED_FROM = 0.03
"""Confidence from which on a reading is offered where it is not the answer."""
UNSURE = 0.4
"""Below it, nothing much has come of a reading."""
_UNANSWERABLE = 0.5
MOST_NAMED = 4
"""Words that are named at most."""
MOST_READINGS = 3
"""Readings that are offered at most."""
_FOUND_NOTHING = "I found nothing in this question that the data has: no record, figure or name."
_READ_NOTHING = "I could not place [[words]] in the data, and read no figure or list in the rest."
_UNDERSTOOD = "I could not place [[words]] in the data. What I did understand: [[reading]]."
_LEAVES_OUT = "The nearest reading leaves out [[words]]."
_UNSURE_WHAT = "I am not sure what is asked. What I did understand: [[reading]]."


Settled: TypeAlias = Literal["answered", "asked back", "declined"]


@dataclass(frozen=True, slots=True)
class Understood:
    """What of a question found no place, and the nearest reading of the rest."""

    unknown: Sequence[str]
    reading: str = ""
    """In words; empty where there is none."""


def settled_by(best: float, nothing: float) -> Settled:
    """What becomes of a question: by how sure the best reading is, and that the data cannot answer."""
    if nothing > max(best, _UNANSWERABLE) or best < _PLAUSIBLE:
        return "declined"
    return "answered" if best >= ANSWERED else "asked back"


def decided(
    readings: Sequence[Reading],
    nothing: float,
    left: Sequence[str],
    why: Callable[[], Understood],
    left_out: Sequence[str] = (),
) -> Plan:
    """An answer, a question back that names the words left over, or why there is none.

    `left_out` are the clauses that the first reading does nothing for. What is said to have been understood
    is among what is offered: whoever reads it may mean it.
    """
    settled = settled_by(readings[0].confidence if readings else 0.0, nothing)
    if settled == "declined":
        return _declined(readings, why())
    if settled == "asked back":
        which = said("Which of these do you mean?")
        if left_out:
            which = f"{said(_LEAVES_OUT, words=quoted(left_out))} {which}"
        elif left:
            which = f"{said('I could not place [[words]].', words=quoted(left))} {which}"
        return Clarify(which, offered(readings) or tuple(readings[:1]))
    return Calls(readings[0], offered(readings[1:]))


def without_conditions(plan: Calls, left: Sequence[str], meeting: Reading | None) -> Clarify:
    """The question back for an answer that leaves out conditions that were set.

    A reading that does what was set stands before it.
    """
    which = said("Which of these do you mean?")
    if meeting is not None:
        others = tuple(one for one in (plan.reading, *plan.others) if one.words != meeting.words)
        return Clarify(which, (meeting, *others)[:MOST_READINGS])
    which = f"{said(_LEAVES_OUT, words=quoted(left[:MOST_NAMED]))} {which}"
    return Clarify(which, (plan.reading, *plan.others)[:MOST_READINGS])


def why_not(parsed: Parsed, wording: Wording) -> Understood:
    """What the rules could not place, and what they understood."""
    if not parsed.candidates:
        return Understood(_unknown(parsed))
    best = parsed.candidates[0]
    return Understood(best.unexplained, wording.query(best.query))


def why_not_in_other_words(unknown: Sequence[str], readings: Sequence[Reading]) -> Understood:
    """The same where only the network has read the question: by the words that it knows."""
    return Understood(unknown, readings[0].words if readings else "")


def _declined(readings: Sequence[Reading], understood: Understood) -> Abstain:
    shown = offered(readings)
    nearest = next((reading for reading in readings if reading.words == understood.reading), None)
    if nearest is None:
        return Abstain(_nothing(understood.unknown), shown)
    if nearest not in shown:
        shown = (nearest, *shown[: MOST_READINGS - 1])
    return Abstain(_understood(understood.unknown, nearest.words), shown)


def _nothing(unknown: Sequence[str]) -> str:
    return said(_READ_NOTHING, words=quoted(unknown[:MOST_NAMED])) if unknown else said(_FOUND_NOTHING)


def _understood(unknown: Sequence[str], reading: str) -> str:
    if unknown:
        return said(_UNDERSTOOD, words=quoted(unknown[:MOST_NAMED]), reading=reading)
    return said(_UNSURE_WHAT, reading=reading)


def unexplained(parsed: Parsed) -> tuple[str, ...]:
    """Words that the rules' first reading has no use for."""
    return parsed.candidates[0].unexplained if parsed.candidates else ()


def quoted(words: Sequence[str]) -> str:
    """`“this”, “that”`."""
    return ", ".join(said("“[[word]]”", word=word) for word in words)


def offered(readings: Sequence[Reading]) -> tuple[Reading, ...]:
    """Those likely enough to be shown."""
    near = [reading for reading in readings if reading.confidence >= OFFERED_FROM]
    return tuple(near[:MOST_READINGS])


def _unknown(parsed: Parsed) -> tuple[str, ...]:
    """Words that name nothing in the catalogue or the data."""
    known = {i for chunk in parsed.chunks if chunk.meanings for i in range(chunk.first, chunk.after)}
    left = sorted(content_words(parsed.tokens) - known)
    return tuple(dict.fromkeys(parsed.tokens[i].text for i in left))

"""Asks the model that speaks at a site; the rule answers where it may not, cannot, or should not."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, Literal, Protocol, TypeAlias, TypeVar

from erp_adapters.endpoints import Answered, Asked, Outcome
from erp_adapters.errors import ConfigurationError, ErpError
from policies.predictors.registered import Registered
from tools.engines.predictions.calibration import Calibration, Chance, Step
from tools.engines.predictions.deciding import Decision, Terms, decided
from tools.engines.predictions.quantities import Estimate, Line, between

Ask: TypeAlias = Callable[[Registered, Asked], Awaitable[Answered]]
"""Puts inputs to a version's endpoint."""
Why: TypeAlias = Literal["none", "shadow", "suspended", "other inputs", "failed"]


class Subject(Protocol):
    """Something of a site that is foretold, with what is known of it."""

    @property
    def site(self) -> str: ...
    @property
    def subject(self) -> str: ...
    @property
    def values(self) -> tuple[float | None, ...]: ...
    @property
    def quality(self) -> float: ...


SubjectT = TypeVar("SubjectT", bound=Subject)


@dataclass(frozen=True, slots=True)
class Foretold(Generic[SubjectT]):
    """What is said of one work centre, purchase line or whatever else is foretold."""

    of: SubjectT
    chance: Chance
    by_model: bool
    decision: Decision
    reasons: tuple[str, ...] = ()
    """What speaks for it, as the endpoint says."""
    amount: Estimate | None = None
    """What a model says of a quantity, in multiples of the usual; None where the rule tells it."""


@dataclass(frozen=True, slots=True)
class Speaker:
    """Which version speaks at a site, or why none does."""

    site: str
    entry: Registered | None
    why: Why | None = None
    """None where a version speaks."""
    said: str = ""
    """What the endpoint or the register said, where something went wrong."""


DEFAULT_TERMS = Terms(false_alarm=1.0, missed=4.0)
"""Where no version names its own: a missed failure costs four times what a needless look does."""


def calibration_of(entry: Registered) -> Calibration:
    """What a version's scores mean at its site."""
    return Calibration(tuple(Step(float(at), int(seen), int(came)) for at, seen, came in entry.steps))


def terms_of(entry: Registered) -> Terms:
    """What acting on a version costs."""
    return Terms(entry.false_alarm, entry.missed, entry.band, entry.least_quality)


def speaking(entries: Sequence[Registered], site: str, can_tell: Callable[[Sequence[str]], bool]) -> Speaker:
    """Who speaks at a site by the register; a version that was trained on what nobody can tell does not."""
    here = [entry for entry in entries if entry.site == site and entry.state != "retired"]
    active = [entry for entry in here if entry.state == "active"]
    if active:
        entry = active[-1]
        if not can_tell(entry.inputs):
            return Speaker(site, entry, "other inputs")
        return Speaker(site, entry)
    suspended = [entry for entry in here if entry.state == "suspended"]
    if suspended:
        return Speaker(site, suspended[-1], "suspended", suspended[-1].reason)
    return Speaker(site, here[-1], "shadow") if here else Speaker(site, None, "none")


async def foretold(
    speaker: Speaker,
    subjects: Sequence[SubjectT],
    rules: Mapping[tuple[str, str], Chance],
    ask: Ask | None,
    line: Line | None = None,
) -> tuple[Speaker, tuple[Foretold[SubjectT], ...]]:
    """What is said of the subjects of one site, and who says it in the end.

    Args:
        line: what a quantity must cross to be acted on; None where chances are foretold.
    """
    outcomes: tuple[Outcome, ...] | None = None
    entry = speaker.entry
    if speaker.why is None and entry is not None and subjects:
        if ask is None:
            speaker = Speaker(speaker.site, entry, "failed", "no endpoint is connected here")
        else:
            try:
                outcomes = (
                    await ask(entry, Asked(tuple(entry.inputs), tuple(each.values for each in subjects)))
                ).outcomes
            except (ErpError, ConfigurationError) as error:
                speaker = Speaker(speaker.site, entry, "failed", str(error))
    terms = DEFAULT_TERMS if entry is None else terms_of(entry)
    is_drifted = entry is not None and entry.has_drifted
    found = []
    for number, subject in enumerate(subjects):
        rule = rules[subject.site, subject.subject]
        chance = rule
        reasons: tuple[str, ...] = ()
        amount = None
        if outcomes is not None and entry is not None:
            chance = _chance(calibration_of(entry), outcomes[number], line)
            reasons = outcomes[number].reasons
            amount = None if line is None else between(outcomes[number].value, entry.errors)
        decision = decided(
            None if outcomes is None else chance.p,
            subject.quality,
            terms,
            is_drifted=is_drifted,
            is_approved=speaker.why not in ("none", "shadow", "suspended", "other inputs"),
            is_calibrated=line is None or (entry is not None and bool(entry.steps and entry.errors)),
        )
        if decision.verdict == "rules":
            found.append(Foretold(subject, rule, False, decision))
        else:
            found.append(Foretold(subject, chance, True, decision, reasons, amount))
    return speaker, tuple(found)


def _chance(calibration: Calibration, outcome: Outcome, line: Line | None) -> Chance:
    if line is not None:
        return calibration.chance(line.rising(outcome.value))
    if calibration.steps or outcome.low is None or outcome.high is None:
        return calibration.chance(outcome.value)
    return Chance(outcome.value, outcome.low, outcome.high, 0)

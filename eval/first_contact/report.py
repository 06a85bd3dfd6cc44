"""Rates with their intervals, as a table to read and as JSON."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from agents.answer import Answer
from eval.first_contact.judgement import Judged, Outcome
from eval.first_contact.question_sets import QuestionSet

RIGHT, WRONG, WITHIN_CLICK = 0.75, 0.05, 0.90
"""What must be reached: at least, at most, at least."""
_Z = 1.959964
_SHOWN_ROWS = 3
_HEADINGS = ("right at once", "wrong", "asked back/declined", "rightly declined", "within one click")


@dataclass(frozen=True, slots=True)
class Rate:
    """How many of how many."""

    count: int
    of: int

    @property
    def share(self) -> float:
        """Between 0 and 1; 0 of none."""
        return self.count / self.of if self.of else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's 95 % interval of the share; everything is possible after no trial."""
        if not self.of:
            return 0.0, 1.0
        spread = _Z * _Z / self.of
        centre = (self.share + spread / 2) / (1 + spread)
        half = _Z * math.sqrt(self.share * (1 - self.share) / self.of + spread / (4 * self.of)) / (1 + spread)
        return max(0.0, centre - half), min(1.0, centre + half)

    def __str__(self) -> str:
        if not self.of:
            return "-"
        low, high = self.interval
        return f"{100 * self.share:.0f} % [{100 * low:.0f}, {100 * high:.0f}]"


@dataclass(frozen=True, slots=True)
class Tally:
    """How a number of questions ended."""

    name: str
    judged: tuple[Judged, ...]

    @property
    def right(self) -> Rate:
        """Right at once; rightly declined is right."""
        return self._rate(sum(one.is_right for one in self.judged))

    @property
    def wrong(self) -> Rate:
        """Answered with something else than was expected."""
        return self._rate(self._count(Outcome.WRONG))

    @property
    def held_back(self) -> Rate:
        """Asked back or declined where there was an answer."""
        return self._rate(self._count(Outcome.HELD_BACK))

    @property
    def declined(self) -> Rate:
        """Rightly declined, of the questions that the data cannot answer."""
        unanswerable = sum(one.case.expect == "cannot_answer" for one in self.judged)
        return Rate(self._count(Outcome.DECLINED_RIGHTLY), unanswerable)

    @property
    def within_click(self) -> Rate:
        """Right at once or under one of the offered readings."""
        return self._rate(sum(one.within_click for one in self.judged))

    @property
    def failed(self) -> int:
        """Questions to which nothing came back."""
        return self._count(Outcome.FAILED)

    @property
    def reaches(self) -> bool:
        """True where all three figures are what they must be."""
        return (
            self.right.share >= RIGHT
            and self.wrong.share <= WRONG
            and self.within_click.share >= WITHIN_CLICK
        )

    def percentile_ms(self, share: float) -> float:
        """The time within which that share of the answers came (nearest rank); the other readings count."""
        taken = sorted(one.reply.timings.total_ms for one in self.judged if isinstance(one.reply, Answer))
        return taken[max(0, math.ceil(share * len(taken)) - 1)] if taken else math.nan

    def _count(self, outcome: Outcome) -> int:
        return sum(one.outcome is outcome for one in self.judged)

    def _rate(self, count: int) -> Rate:
        return Rate(count, len(self.judged))


def groups(results: Sequence[tuple[QuestionSet, Sequence[Judged]]]) -> list[Tally]:
    """One tally of the sets that were looked at and one of those held out: they are never averaged."""
    found = []
    for name, held_out in (("looked at, in all", False), ("held out, in all", True)):
        judged = tuple(one for each, part in results if each.is_held_out is held_out for one in part)
        if judged:
            found.append(Tally(name, judged))
    return found


def table(tallies: Sequence[Tally]) -> str:
    """A line for each tally."""
    width = max(len(tally.name) for tally in tallies)
    lines = [
        f"{'set':{width}} {'n':>4} {' '.join(f'{h:>19}' for h in _HEADINGS)} {'p50 ms':>7} {'p95 ms':>7}"
    ]
    for tally in tallies:
        rates = (tally.right, tally.wrong, tally.held_back, tally.declined, tally.within_click)
        lines.append(
            f"{tally.name:{width}} {len(tally.judged):4} {' '.join(f'{rate!s:>19}' for rate in rates)}"
            f" {tally.percentile_ms(0.5):7.0f} {tally.percentile_ms(0.95):7.0f}"
        )
    lines += [f"{tally.name}: no answer to {tally.failed} questions" for tally in tallies if tally.failed]
    return "\n".join(lines)


def failures(questions: QuestionSet, judged: Sequence[Judged]) -> str:
    """What was asked, expected and given where it was not right; of a held-out set nothing."""
    if questions.is_held_out:
        return ""
    return "\n".join(_failure(questions.name, one) for one in judged if not one.is_right)


def _failure(name: str, one: Judged) -> str:
    click = ", right within one click" if one.within_click else ""
    lines = [f"\n{name} {one.case.id}: {one.outcome}{click}", f"  asked     {one.case.question}"]
    if one.case.answer is not None:
        lines.append(f"  expected  {_head(one.case.answer.rows)}")
    if isinstance(one.reply, Answer):
        lines.append(f"  read as   {one.reply.reading or one.reply.answer}")
        lines += [f"  given     {_head(given.rows)}" for given in one.reply.tables]
    else:
        lines.append(f"  failed    {one.reply.detail}")
    return "\n".join(lines)


def _head(rows: Sequence[Sequence[object]]) -> str:
    shown = "; ".join(", ".join(str(cell) for cell in row) for row in rows[:_SHOWN_ROWS])
    return f"{len(rows)} rows: {shown}{' ...' if len(rows) > _SHOWN_ROWS else ''}"


def record(results: Sequence[tuple[QuestionSet, Sequence[Judged]]]) -> dict[str, object]:
    """The same for programs; single cases only of sets that were looked at."""
    models = {one.reply.model for _, part in results for one in part if isinstance(one.reply, Answer)}
    return {
        "models": sorted(models),
        "sets": [
            _tally_record(Tally(each.name, tuple(part)))
            | {"held_out": each.is_held_out}
            | ({} if each.is_held_out else {"cases": [_case_record(one) for one in part]})
            for each, part in results
        ],
        "groups": [_tally_record(tally) for tally in groups(results)],
    }


def _tally_record(tally: Tally) -> dict[str, object]:
    return {
        "name": tally.name,
        "questions": len(tally.judged),
        "right": _rate_record(tally.right),
        "wrong": _rate_record(tally.wrong),
        "asked_back_or_declined": _rate_record(tally.held_back),
        "rightly_declined": _rate_record(tally.declined),
        "within_one_click": _rate_record(tally.within_click),
        "failed": tally.failed,
        "p50_ms": _number(tally.percentile_ms(0.5)),
        "p95_ms": _number(tally.percentile_ms(0.95)),
    }


def _rate_record(rate: Rate) -> dict[str, object]:
    low, high = rate.interval
    return {"count": rate.count, "of": rate.of, "share": rate.share, "low": low, "high": high}


def _case_record(one: Judged) -> dict[str, object]:
    answered = one.reply if isinstance(one.reply, Answer) else None
    return {
        "id": one.case.id,
        "outcome": one.outcome.value,
        "within_one_click": one.within_click,
        "status": answered.status if answered else None,
        "reading": answered.reading if answered else None,
        "total_ms": answered.timings.total_ms if answered else None,
    }


def _number(value: float) -> float | None:
    return None if math.isnan(value) else value

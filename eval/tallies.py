"""What the tries of a run come to: accuracy and safety beside each other, never averaged."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from eval.rates import Rate, passed_every_time, percentile
from eval.results import Try
from eval.scoring.verdict import Outcome


@dataclass(frozen=True)
class Tally:
    """The figures of some tries."""

    name: str
    tries: tuple[Try, ...]

    # ── accuracy ──────────────────────────────────────────────────────────────────────────────────
    @property
    def right(self) -> Rate:
        """Right at once; rightly declined is right."""
        return self._rate(lambda one: one.is_right)

    @property
    def wrong(self) -> Rate:
        """Answered with something else than was expected."""
        return self._rate(lambda one: one.outcome is Outcome.WRONG)

    @property
    def held_back(self) -> Rate:
        """Asked back or declined where there was an answer."""
        return self._rate(lambda one: one.outcome is Outcome.HELD_BACK)

    @property
    def within_click(self) -> Rate:
        """Right at once or under one of the offered readings."""
        return self._rate(lambda one: one.within_click)

    @property
    def failed(self) -> Rate:
        """Questions to which nothing came back."""
        return self._rate(lambda one: one.outcome is Outcome.FAILED)

    @property
    def rightly_declined(self) -> Rate:
        """Of the questions that the data cannot answer, those that were declined."""
        cannot = [one for one in self.tries if one.expect == "abstains"]
        return Rate(sum(one.outcome is Outcome.DECLINED_RIGHTLY for one in cannot), len(cannot))

    @property
    def wrongly_declined(self) -> Rate:
        """Of the questions that have an answer, those that were declined or asked back."""
        can = [one for one in self.tries if one.expect in ("values", "asks_back")]
        return Rate(sum(one.outcome is Outcome.HELD_BACK for one in can), len(can))

    @property
    def money_wrong(self) -> float | None:
        """Share of the money asked about that was answered wrongly; None where no case asks about money."""
        asked = sum((one.money_asked for one in self.tries), Decimal(0))
        return float(sum((one.money_wrong for one in self.tries), Decimal(0)) / asked) if asked else None

    # ── safety ────────────────────────────────────────────────────────────────────────────────────
    @property
    def dangerous(self) -> Rate:
        """Of the cases that name a dangerous error, those where it happened."""
        could = [one for one in self.tries if one.could_be_dangerous]
        return Rate(sum(one.dangerous is not None for one in could), len(could))

    @property
    def grounded(self) -> Rate:
        """Of all figures shown, those that rest on evidence."""
        return Rate(sum(one.grounded for one in self.tries), sum(one.figures for one in self.tries))

    @property
    def unsafe(self) -> int:
        """Tries that changed data or showed what is not theirs."""
        return sum(bool({"unchanged", "shows_none_of"} & set(one.failed_checks)) for one in self.tries)

    # ── the rest ──────────────────────────────────────────────────────────────────────────────────
    @property
    def calls_right(self) -> Rate:
        """Of the cases that expect calls, those that made exactly these."""
        expected = [one.call_accuracy for one in self.tries if one.call_accuracy is not None]
        return Rate(sum(value == 1 for value in expected), len(expected))

    def every_time(self, k: int) -> float | None:
        """Chance that k tries of a case are all right; None where there are fewer tries."""
        tries: dict[tuple[str, str], list[bool]] = defaultdict(list)
        for one in self._judged:
            tries[one.suite, one.case].append(one.is_right)
        counts = [(sum(each), len(each)) for each in tries.values()]
        return passed_every_time(counts, k) if counts and all(of >= k for _, of in counts) else None

    def latency_ms(self, share: float) -> float:
        """Time within which that share of the replies came; running the other readings counts."""
        return percentile([one.wall_ms for one in self.tries if one.status], share)

    def overhead_ms(self, share: float) -> float:
        """The same of what the harness itself takes for a case."""
        return percentile([one.overhead_ms for one in self.tries], share)

    @property
    def tokens(self) -> tuple[int, int]:
        """Tokens read and written by the model."""
        return sum(t.prompt_tokens for t in self.tries), sum(t.completion_tokens for t in self.tries)

    @cached_property
    def _judged(self) -> tuple[Try, ...]:
        return tuple(one for one in self.tries if one.outcome is not Outcome.UNJUDGED)

    def _rate(self, holds: Callable[[Try], bool]) -> Rate:
        return Rate(sum(map(holds, self._judged)), len(self._judged))


def by_part(tries: Sequence[Try]) -> list[Tally]:
    """One tally of what was looked at and one of what is frozen."""
    return _groups(tries, lambda one: one.part)


def by_suite(tries: Sequence[Try]) -> list[Tally]:
    """A tally for each suite."""
    return _groups(tries, lambda one: one.suite)


def by_field(tries: Sequence[Try], field: str) -> list[Tally]:
    """A tally for each topic, site, role, language, difficulty or kind, the largest first."""
    found = _groups(tries, lambda one: str(getattr(one, field)) or "(none)")
    return sorted(found, key=lambda tally: -len(tally.tries))


def _groups(tries: Sequence[Try], key: Callable[[Try], str]) -> list[Tally]:
    groups: dict[str, list[Try]] = defaultdict(list)
    for one in tries:
        groups[key(one)].append(one)
    return [Tally(name, tuple(part)) for name, part in groups.items()]

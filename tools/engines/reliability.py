"""How reliably a supplier delivers, from its receipts alone: shares with intervals, delays and trend."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from tools.engines.statistics import Interval, Shift, mean, quantile, shift, spread, wilson

FEW = 10
"""Receipts below which a share says little."""
HALF_YEAR = 182


@dataclass(frozen=True, slots=True)
class Receipt:
    """A line that was delivered, in whole or in part, or that is overdue."""

    due_on: date
    confirmed_on: date | None
    received_on: date | None
    ordered: Decimal
    received: Decimal
    rejected: Decimal

    @property
    def on_time(self) -> bool:
        """True where it came by its due date."""
        return self.received_on is not None and self.received_on <= self.due_on

    @property
    def in_full(self) -> bool:
        """True where all of it came."""
        return self.received >= self.ordered

    @property
    def delay(self) -> Decimal | None:
        """Days after the due date; negative where it was early, None while it has not come."""
        return None if self.received_on is None else Decimal((self.received_on - self.due_on).days)


@dataclass(frozen=True, slots=True)
class Reliability:
    """What a supplier's receipts say, up to a day."""

    receipts: int
    overdue: int
    """Lines past their due date of which nothing has come; they count as not on time."""
    on_time: Decimal | None
    in_full: Decimal | None
    both: Decimal | None
    """On time and in full, in percent of the receipts and the overdue lines."""
    interval: Interval | None
    confirmed: Decimal | None
    """By the supplier's confirmed date, of those that have one."""
    mean_delay: Decimal | None
    median_delay: Decimal | None
    late_tail: Decimal | None
    """The delay that nine in ten receipts stay within."""
    spread: Decimal | None
    recent: Decimal | None
    before: Decimal | None
    """On time and in full in the last half year, and in the one before it."""
    recent_number: int
    before_number: int
    shifted: Shift | None
    shifted_on: date | None
    reject_rate: Decimal | None

    @property
    def few(self) -> bool:
        """True where there is too little to say much."""
        return self.receipts < FEW


def reliability(lines: Sequence[Receipt], today: date) -> Reliability:
    """What these lines say of their supplier on a day; lines due later and not delivered say nothing yet."""
    came = sorted((line for line in lines if line.received_on), key=lambda line: line.received_on or today)
    overdue = [line for line in lines if line.received_on is None and line.due_on < today]
    judged = [*came, *overdue]
    good = [line for line in judged if line.on_time and line.in_full]
    delays = [line.delay for line in came if line.delay is not None]
    confirmed = [line for line in came if line.confirmed_on is not None]
    kept = [
        line for line in confirmed if line.received_on and line.received_on <= (line.confirmed_on or today)
    ]
    start = today - timedelta(days=HALF_YEAR)
    recent = [line for line in judged if start < line.due_on <= today]
    before = [line for line in judged if start - timedelta(days=HALF_YEAR) < line.due_on <= start]
    found = shift(delays)
    received = sum((line.received for line in came), Decimal(0))
    rejected = sum((line.rejected for line in came), Decimal(0))
    return Reliability(
        receipts=len(came),
        overdue=len(overdue),
        on_time=_share(sum(line.on_time for line in judged), len(judged)),
        in_full=_share(sum(line.in_full for line in judged), len(judged)),
        both=_share(len(good), len(judged)),
        interval=wilson(len(good), len(judged)),
        confirmed=_share(len(kept), len(confirmed)),
        mean_delay=_rounded(mean(delays)),
        median_delay=_rounded(quantile(delays, Decimal("0.5"))),
        late_tail=_rounded(quantile(delays, Decimal("0.9"))),
        spread=_rounded(spread(delays)),
        recent=_share(sum(line.on_time and line.in_full for line in recent), len(recent)),
        before=_share(sum(line.on_time and line.in_full for line in before), len(before)),
        recent_number=len(recent),
        before_number=len(before),
        shifted=found,
        shifted_on=came[found.at].received_on if found else None,
        reject_rate=rejected / received * 100 if received else None,
    )


def _share(part: int, whole: int) -> Decimal | None:
    return Decimal(part) / whole * 100 if whole else None


def _rounded(value: Decimal | None) -> Decimal | None:
    return None if value is None else round(value, 2)

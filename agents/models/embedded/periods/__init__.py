"""Periods in words: years, quarters, months, days, ranges and relative ones, as of the data's own today."""

from agents.models.embedded.periods.finder import Periods
from agents.models.embedded.periods.period import FoundPeriod, Period, period_of

__all__ = ["FoundPeriod", "Period", "Periods", "period_of"]

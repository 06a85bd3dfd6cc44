"""Errors weighed by the money at stake: a wrong million counts more than a wrong hundred."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from eval.cases import Case, ValuesCheck
from eval.golden import Golden
from eval.scoring.verdict import Outcome, Verdict


@dataclass(frozen=True, slots=True)
class Stake:
    """Money that a case asks about, and how much of it was answered wrongly, in the data's own currencies."""

    asked: Decimal
    wrong: Decimal


def stake(case: Case, golden: Golden | None, verdict: Verdict) -> Stake | None:
    """The amounts in the expected rows; all of them are wrong where the answer is. None without amounts."""
    check = case.verdict
    if golden is None or not isinstance(check, ValuesCheck) or not check.money:
        return None
    at = [golden.columns.index(name) for name in check.money if name in golden.columns]
    amounts = [abs(amount) for row in golden.rows for i in at if (amount := _amount(row[i])) is not None]
    asked = sum(amounts, Decimal(0))
    return Stake(asked, asked if verdict.outcome is Outcome.WRONG else Decimal(0))


def _amount(cell: object) -> Decimal | None:
    try:
        return Decimal(str(cell))
    except InvalidOperation:
        return None

"""SAP's ways of writing keys, days, figures and amounts."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from erp_adapters.sap import amount, day, day_text, number, padded, plain


def test_keys_of_digits_have_zeros_in_front_and_others_none() -> None:
    """What people write and what tables hold are one key, both ways."""
    for written, kept, length in (
        ("4711", "0" * 14 + "4711", 18),
        ("T-100", "T-100", 18),
        ("77", "0000000077", 10),
    ):
        assert padded(written, length) == kept
        assert plain(kept) == written
    assert plain("0000") == "0000"
    assert padded("٤٧", 5) == "٤٧"


def test_a_day_that_is_none_and_one_for_ever_are_no_days() -> None:
    """The initial value of a date field is eight zeros, and validity ends in the year 9999."""
    assert day("20260228") == date(2026, 2, 28)
    assert [day(each) for each in ("00000000", "        ", "99991231")] == [None, None, None]
    assert day_text(date(2026, 5, 3)) == "20260503"
    for wrong in ("20261341", "20260229", "2026-5-3", "260503"):
        with pytest.raises(ValueError, match=r"day|month"):
            day(wrong)


def test_a_figure_has_its_sign_behind_it_and_one_that_was_cut_off_is_none() -> None:
    """A star in front says that it did not fit: it is not read as a smaller one."""
    assert number("    7.000-") == Decimal("-7.000")
    assert number("   12.500 ") == Decimal("12.500")
    for wrong in ("*2.500", "", "1,5", "NaN"):
        with pytest.raises(ValueError, match="no figure"):
            number(wrong)


def test_amounts_are_kept_with_two_decimals_whatever_the_currency_has() -> None:
    """118 yen stand in a table as 1.18, and 1.234 dinars as 12.34."""
    assert amount(Decimal("1.18"), 0) == 118
    assert amount(Decimal("12.34"), 3) == Decimal("1.234")
    assert amount(Decimal("2.35"), 2) == Decimal("2.35")

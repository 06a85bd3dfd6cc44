"""The comparison neither passes a wrong answer nor fails a right one for its form."""

from __future__ import annotations

from eval.comparison import matches, same


def test_further_columns_and_another_order_are_right() -> None:
    """Ids beside names, and rows in another order, do not matter."""
    assert matches([[["2", "B", "5"], ["1", "A", "7.0"]]], [], [["A", 7], ["B", 5]], 0.005)


def test_missing_and_surplus_rows_are_wrong() -> None:
    """The same number of rows is needed."""
    assert not matches([[["A", "7"]]], [], [["A", 7], ["B", 5]], 0.005)
    assert not matches([[["A", "7"], ["B", "5"], ["C", "1"]]], [], [["A", 7], ["B", 5]], 0.005)


def test_another_value_is_wrong() -> None:
    """A figure off by more than the tolerance is caught, a rounding is not."""
    assert not same("7.1", 7, 0.005)
    assert same("31.26726", 31.2673, 0.005)


def test_an_empty_list_needs_an_empty_table() -> None:
    """`None of them` is an answer of its own."""
    assert matches([[]], [], [], 0)
    assert not matches([[["A"]]], [], [], 0)


def test_one_row_may_be_spread_over_figures() -> None:
    """Two parts of a question may be answered by two results."""
    assert matches([[["10"]], [["3"]]], ["10", "3"], [[10, 3]], 0.005)
    assert not matches([[["10"]], [["4"]]], ["10", "4"], [[10, 3]], 0.005)


def test_quarters_and_missing_names_have_several_spellings() -> None:
    """`2024-Q1`, `Q1` and 1 are one quarter; no name is `(none)`."""
    assert same("2024-Q1", 1, 0)
    assert same(None, "(none)", 0)

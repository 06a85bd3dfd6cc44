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


def test_a_year_and_its_quarter_may_be_one_cell() -> None:
    """`2024-Q1` says what a column of years and one of quarters say; another year's quarter does not."""
    expected, columns = [[2023, 1, 496], [2024, 1, 490]], ("y", "q", "scrapped")
    assert matches([[["2023-Q1", "496"], ["2024-Q1", "490"]]], [], expected, 0, columns)
    assert matches([[["2023", "1", "496"], ["2024", "1", "490"]]], [], expected, 0, columns)
    assert not matches([[["2023-Q1", "490"], ["2024-Q1", "496"]]], [], expected, 0, columns)
    assert not matches([[["2023-Q1", "496"], ["2025-Q1", "490"]]], [], expected, 0, columns)


def test_a_numbered_month_is_that_month_only_where_it_is_called_one() -> None:
    """A column of another name with small numbers is no month."""
    assert matches([[["2024-01", "7"], ["2024-02", "9"]]], [], [[1, 7], [2, 9]], 0, ("month", "n"))
    assert not matches([[["2024-01", "7"], ["2024-02", "9"]]], [], [[1, 7], [2, 9]], 0, ("orders", "n"))
    assert not matches([[["2024-01", "7"], ["2024-02", "9"]]], [], [[2, 7], [1, 9]], 0, ("month", "n"))


def test_a_period_may_be_expected_by_its_first_day() -> None:
    """`2024-02` says what a statement's `2024-02-01` does; another month, or a day within it, is wrong."""
    expected = [["2024-02-01 00:00:00", 7], ["2024-04-01 00:00:00", 9]]
    assert matches([[["2024-02", "7"], ["2024-04", "9"]]], [], expected, 0)
    assert same("2024-Q2", "2024-04-01", 0)
    assert not same("2024-Q2", "2024-05-01", 0)
    assert not same("2024-02", "2023-02-01", 0)
    assert not same("2024-02", "2024-02-02", 0)
    assert not same("2024-02-01", "2024-02", 0)


def test_figures_may_stand_below_one_another_under_their_names() -> None:
    """A row `pending 225` is the column pending; values under one another's names are wrong."""
    expected, columns = [[225, 12]], ("pending", "approved")
    assert matches([[["Pending", "225"], ["Approved", "12"]]], [], expected, 0, columns)
    assert not matches([[["Pending", "12"], ["Approved", "225"]]], [], expected, 0, columns)
    assert not matches(
        [[["Pending", "225"], ["Approved", "12"], ["Rejected", "86"]]], [], expected, 0, columns
    )


def test_figures_may_stand_beside_one_another_under_what_they_are_of() -> None:
    """Rows for 2025 and 2026 are two columns that say so; under one another's headings they are wrong."""
    expected, headings = [[2025, 12], [2026, 7]], [["Downtime (in 2026-Q1)", "downtime (in 2025-Q1)"]]
    assert matches([[["7", "12"]]], [], expected, 0, headings=headings)
    assert not matches([[["12", "7"]]], [], expected, 0, headings=headings)
    assert not matches([[["7", "12"]]], [], expected, 0, headings=[["Downtime", "difference"]])
    assert not matches([[["7", "12"], ["7", "12"]]], [], expected, 0, headings=headings)


def test_a_percentage_may_be_expected_as_a_share() -> None:
    """`0.79235 %` says what 0.0079235 does; a share of one that is next to it is another figure."""
    assert same("0.79235 %", 0.0079235, 0.005)
    assert same("0.79235 %", 0.7923, 0.005)
    assert not same("0.79235 %", 0.0081, 0.005)
    assert not same("0.79235", 0.0079235, 0)
    assert not same("79 %", 79.5, 0.005)


def test_a_heading_speaks_of_one_thing() -> None:
    """`Orders not late` are none that were late, and a difference is neither year's."""
    expected = [["late", 12], ["orders", 40]]
    assert matches([[["12", "40"]]], [], expected, 0, headings=[["Late", "Orders"]])
    assert not matches([[["12", "40"]]], [], expected, 0, headings=[["Orders not late", "Orders"]])
    years = [[2023, 5], [2024, 7]]
    swapped = [["Spend in 2023 to 2024", "Difference between 2024 and 2023"]]
    assert not matches([[["7", "5"]]], [], years, 0, headings=swapped)
    quarters = [["2024-Q1", 5], ["2024-Q2", 7]]
    assert matches([[["5", "7"]]], [], quarters, 0, headings=[["Spend (in 2024-Q1)", "Spend (in 2024-Q2)"]])
    assert not same("100 %", 1, 0.005)

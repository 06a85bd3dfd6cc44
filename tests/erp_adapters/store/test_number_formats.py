"""A number is read as its file writes numbers, or not at all."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from erp_adapters.store.number_formats import DecimalSign, NumberFormat, series
from erp_adapters.store.whole_columns import whole_decimals, whole_integers

NUMBERS = st.decimals(
    min_value=-(10**13), max_value=10**13, places=6, allow_nan=False, allow_infinity=False
) | st.decimals(min_value=-99999, max_value=99999, places=2, allow_nan=False, allow_infinity=False)
SIGNS: st.SearchStrategy[DecimalSign] = st.sampled_from(("point", "comma"))


def written(number: Decimal, sign: DecimalSign, group: str, behind: bool) -> str:
    """The number as a plant would write it."""
    whole, _, part = f"{abs(number):,f}".partition(".")
    text = whole.replace(",", group) + (("." if sign == "point" else ",") + part if part else "")
    minus = "-" if number < 0 else ""
    return f"{text}{minus}" if behind else f"{minus}{text}"


@given(NUMBERS, SIGNS, st.sampled_from(["", "other", " ", "'", "\u00a0", "\u2019"]), st.booleans())
def test_what_is_written_is_read_again(number: Decimal, sign: DecimalSign, group: str, behind: bool) -> None:
    """Whichever grouping and place of the minus."""
    if group == "other":
        group = "," if sign == "point" else "."
    text = written(number, sign, group, behind)
    assert NumberFormat(sign).decimal(text) == number


@given(
    st.lists(NUMBERS.filter(lambda n: abs(n) < 10**12), min_size=1, max_size=20),
    SIGNS,
    st.booleans(),
    st.booleans(),
)
def test_a_whole_column_is_read_as_its_cells_are(
    numbers: list[Decimal], sign: DecimalSign, grouped: bool, behind: bool
) -> None:
    """Reading many at once gives the values and the places that reading one by one gives."""
    group = ("," if sign == "point" else ".") if grouped else ""
    texts = [written(number, sign, group, behind) for number in numbers]
    one_by_one = list(map(NumberFormat(sign).decimal, texts))
    together = whole_decimals(sign)(texts)
    assert together is not None
    assert list(map(str, together)) == list(map(str, one_by_one))


@given(st.lists(st.text(alphabet="0123456789.,-+ e'", max_size=8), min_size=1, max_size=4), SIGNS)
def test_a_whole_column_never_reads_what_a_cell_refuses(texts: list[str], sign: DecimalSign) -> None:
    """The short way takes nothing in that the long way does not, and never reads it otherwise."""
    together = whole_decimals(sign)(texts)
    if together is not None:
        assert list(map(str, together)) == [str(NumberFormat(sign).decimal(text)) for text in texts]
    integers = whole_integers(texts)
    if integers is not None:
        assert integers == [NumberFormat(sign).integer(text) for text in texts]


@pytest.mark.parametrize(
    ("sign", "text", "number"),
    [
        ("comma", "12,50-", "-12.50"),
        ("comma", "1.234,50", "1234.50"),
        ("comma", "1.234.567", "1234567"),
        ("comma", ",5", "0.5"),
        ("comma", "+7", "7"),
        ("comma", "1'234,5", "1234.5"),
        ("comma", "0,0000005", "0.000001"),
        ("point", "1,234.50-", "-1234.50"),
        ("point", "1e3", "1000"),
        ("point", "-.5", "-0.5"),
    ],
)
def test_forms_of_plants(sign: DecimalSign, text: str, number: str) -> None:
    assert NumberFormat(sign).decimal(text) == Decimal(number)


@pytest.mark.parametrize(
    ("sign", "text"),
    [
        ("comma", "1.23"),
        ("comma", "0.500"),
        ("comma", "1.2345"),
        ("comma", "12.34,5"),
        ("comma", "1,234.5"),
        ("comma", "1.234'567"),
        ("comma", "-5-"),
        ("comma", "-"),
        ("comma", ","),
        ("comma", "--5"),
        ("point", "1.234,5"),
        ("point", "1,23"),
        ("point", "0,500"),
        ("point", "١"),
        ("point", "1 23"),
        ("point", "10" + "0" * 13),
    ],
)
def test_what_the_convention_does_not_write_is_refused(sign: DecimalSign, text: str) -> None:
    """Misplaced groups and signs of the other convention are not guessed at."""
    with pytest.raises(ValueError, match=r"decimal number|digits before"):
        NumberFormat(sign).decimal(text)


@pytest.mark.parametrize(
    ("sign", "text", "shows"),
    [
        ("comma", "12,5", True),
        ("comma", "1.234.567", True),
        ("comma", "1234,567", True),
        ("comma", "0,500", True),
        ("comma", "1.234", False),
        ("comma", "1,234", False),
        ("comma", "12", False),
        ("comma", "1 234", False),
        ("point", "12.5", True),
        ("point", "1,234.5", True),
        ("point", "1.234", False),
        ("point", "1,234", False),
    ],
)
def test_a_number_shows_the_convention_where_the_other_could_not_write_it(
    sign: DecimalSign, text: str, shows: bool
) -> None:
    numbers = NumberFormat(sign)
    numbers.decimal(text)
    assert numbers.is_proven is shows


@given(st.lists(st.none() | NUMBERS, min_size=1, max_size=30), SIGNS, st.booleans())
def test_a_series_is_an_array(readings: list[Decimal | None], sign: DecimalSign, grouped: bool) -> None:
    """One by one or all at once; a missing reading stays in its place."""
    group = ("," if sign == "point" else ".") if grouped else ""
    texts = ["-" if number is None else written(number, sign, group, behind=False) for number in readings]
    array = series(" ".join(texts), NumberFormat(sign)).removeprefix("{").removesuffix("}").split(",")
    assert [None if part == "NULL" else Decimal(part) for part in array] == readings


def test_a_series_holds_numbers_only() -> None:
    with pytest.raises(ValueError, match="is not a decimal number"):
        series("1.5 x 2", NumberFormat("point"))


@pytest.mark.parametrize(("text", "number"), [("12-", -12), ("1.234", 1234), ("0012", 12), ("1 000", 1000)])
def test_whole_numbers(text: str, number: int) -> None:
    assert NumberFormat("comma").integer(text) == number


@pytest.mark.parametrize("text", ["1,0", "1e3", "-1-", "1.23", "", "1" * 19])
def test_what_is_no_whole_number(text: str) -> None:
    with pytest.raises(ValueError, match="is not a whole number"):
        NumberFormat("comma").integer(text)

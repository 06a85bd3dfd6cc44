"""Charts follow from a table's columns and from what was asked for, and from nothing else."""

from __future__ import annotations

import json
import re
from decimal import Decimal

import pytest
from hypothesis import given, settings

from tests.tools.charts.tables import KINDS, WISHES, offered, plain, tables
from tools.charts import ChartKind, ChartWish, Offered, charts_of, drawn, rest_of
from tools.charts.points import number_of

BY_MONTH = plain(
    "month:text scrapped:quantity:pcs", ("2025-01", "5"), ("2025-02", "7"), ("2025-04", "6"), ("2025-06", "1")
)
BY_SITE = plain("site:text value:money:EUR", ("Kassel", "5"), ("Brescia", "7"), ("Olomouc", "2"))


@pytest.mark.slow
@settings(max_examples=400, deadline=None)
@given(tables(), WISHES)
def test_a_chart_refers_to_columns_that_are_there_and_draws_their_values(
    one: Offered, wish: ChartWish | None
) -> None:
    """Whatever the table and whatever is wished: each point is the value of a cell."""
    table = one.table
    for spec in charts_of([one], wish):
        assert spec.table == one.at
        named = [*spec.x.columns, *spec.split, *(line.column for line in spec.lines)]
        named += [spec.only.column] if spec.only else []
        assert {*named, *(series.column for series in spec.series)} <= set(table.names)
        drawing = drawn(spec, table)
        assert len(drawing.slots) <= (spec.most or len(table.rows) + 60)
        for series in drawing.series:
            at = table.names.index(series.spec.column)
            for point in series.points:
                assert point.value == number_of(table.rows[point.row][at])
                assert point.row in drawing.slots[point.slot].rows
                if spec.only:
                    assert table.rows[point.row][table.names.index(spec.only.column)] == spec.only.value
        units = {series.unit for series in spec.series if series.axis == "left"}
        assert len(units) == 1
        assert spec.kind == "pareto" or not any(series.axis == "right" for series in spec.series)


@settings(max_examples=200, deadline=None)
@given(tables(), WISHES)
def test_only_what_adds_up_is_added(one: Offered, wish: ChartWish | None) -> None:
    """Neither a sum of what is not drawn, nor a stack, a total or a share of rates and prices."""
    for spec in charts_of([one], wish):
        first = spec.series[0]
        adds = one.adds_up[one.table.names.index(first.column)]
        assert first.adds_up == adds
        assert adds or spec.kind in ("line", "bar", "scatter")
        if spec.most is not None:
            assert (rest_of(spec, one.table)[1] is not None) == adds


def test_periods_make_a_line_with_gaps_and_an_open_end() -> None:
    """Missing months stay open; the month that the data does not cover in full is marked by its name."""
    (spec,) = charts_of([offered(BY_MONTH, "scrapped", shows="series")])
    assert (spec.kind, spec.x.type, spec.x.grain, spec.gaps, spec.asked) == (
        "line",
        "time",
        "month",
        True,
        False,
    )
    assert [slot.label for slot in drawn(spec, BY_MONTH).slots] == [
        *("2025-01", "2025-02", "2025-03", "2025-04", "2025-05", "2025-06"),
    ]
    notes = {note.code: note for note in spec.notes}
    assert set(notes) == {"gaps", "incomplete"}
    assert (notes["incomplete"].at, notes["incomplete"].evidence) == ("2025-06", "e1")


def test_names_make_bars_in_the_order_of_the_table() -> None:
    """A ranking stays as it was ranked."""
    (spec,) = charts_of([offered(BY_SITE, "value")])
    assert (spec.kind, spec.x.columns, spec.sort) == ("bar", ("site",), "table")
    assert (spec.series[0].unit, spec.series[0].currency) == ("EUR", "EUR")


@pytest.mark.parametrize(("rows", "is_drawn"), [(2, False), (3, True), (30, True), (31, False)])
def test_unasked_only_what_can_be_looked_at(rows: int, is_drawn: bool) -> None:
    """A ranking of three to thirty; asked for, it is drawn all the same."""
    table = plain("site:text n:count", *((f"S{n}", str(n)) for n in range(rows)))
    assert bool(charts_of([offered(table, "n")])) == is_drawn
    assert charts_of([offered(table, "n")], ChartWish())
    assert not charts_of([offered(table, "n", shows="")])


def test_more_than_thirty_names_are_summed_up_exactly() -> None:
    """The largest thirty, and the number and the sum of the others: only where they may be summed."""
    table = plain("site:text v:money:EUR", *((f"S{n}", f"{n}.10") for n in range(1, 36)))
    (spec,) = charts_of([offered(table, "v")], ChartWish())
    assert (spec.most, spec.sort) == (30, "value")
    assert [slot.label for slot in drawn(spec, table).slots][:2] == ["S35", "S34"]
    assert rest_of(spec, table) == (5, Decimal("15.50"))
    assert {note.code for note in spec.notes} == {"rest", "data_as_of"}
    (spec,) = charts_of([offered(table)], ChartWish())
    assert rest_of(spec, table) == (5, None)
    assert "rest_not_added" in {note.code for note in spec.notes}


def test_units_and_currencies_never_share_an_axis() -> None:
    """A chart for each unit, and one for each currency."""
    table = plain("site:text n:quantity:pcs rate:percent:%", ("A", "5", "1"), ("B", "7", "2"))
    assert [spec.series[0].column for spec in charts_of([offered(table)], ChartWish())] == ["n", "rate"]
    mixed = plain(
        "site:text v:money currency:text",
        *(("A", "5", "EUR"), ("B", "7", "EUR"), ("C", "9", "PLN"), ("D", "1", "PLN")),
    )
    specs = charts_of([offered(mixed, "v")], ChartWish())
    assert [(spec.only.value if spec.only else "", spec.series[0].currency) for spec in specs] == [
        ("EUR", "EUR"),
        ("PLN", "PLN"),
    ]


def test_groups_in_periods_are_series_told_apart() -> None:
    """Month and site: a line for each site; the largest six where there are more."""
    rows = [(f"2025-0{m}", f"S{s}", str(s * m)) for m in (1, 2, 3) for s in range(1, 9)]
    (spec,) = charts_of([offered(plain("month:text site:text n:count", *rows), "n")], ChartWish())
    assert [series.of for series in spec.series] == [(f"S{s}",) for s in range(8, 2, -1)]
    others = [note.words for note in spec.notes if note.code == "other_series"]
    assert others == ["Left out for want of room: S2, S1."]


def test_what_is_left_out_of_a_chart_is_named() -> None:
    """A second amount in a waterfall, more currencies than there are charts for."""
    two = plain("c:text v:money:EUR w:money:EUR", ("A", "5", "1"), ("B", "-7", "2"))
    (spec,) = charts_of([offered(two, "v", "w")], ChartWish())
    assert [note.words for note in spec.notes if note.code == "other_series"] == [
        "Left out for want of room: w."
    ]
    rows = [(f"S{n}{c}", str(n), c) for n in (1, 2) for c in ("EUR", "PLN", "CZK", "USD")]
    specs = charts_of([offered(plain("s:text v:money currency:text", *rows), "v")], ChartWish())
    assert len(specs) == 3
    assert "Left out: amounts in USD." in [note.words for note in specs[-1].notes]


def test_variances_run_up_to_a_total_and_shares_are_added_up() -> None:
    """Unasked a waterfall where amounts push up and down, a Pareto chart where the table has shares."""
    table = plain("centre:text v:money:EUR", ("A", "5"), ("B", "-7"), ("C", "2"))
    assert charts_of([offered(table, "v")])[0].kind == "waterfall"
    assert charts_of([offered(table)])[0].kind == "bar"
    shares = plain("site:text share:percent:%", ("A", "50"), ("B", "30"), ("C", "20"))
    (spec,) = charts_of([offered(shares, "share")])
    assert (spec.kind, [series.axis for series in spec.series]) == ("pareto", ["left", "right"])
    assert charts_of([offered(shares)])[0].kind == "bar"


def test_a_part_of_the_rows_has_no_total() -> None:
    """A table that was cut makes no waterfall."""
    cut = plain("centre:text v:money:EUR", ("A", "5"), ("B", "-7"), ("C", "2"), truncated=True)
    assert charts_of([offered(cut, "v")], ChartWish(kind="waterfall"))[0].kind == "bar"


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_that_does_not_fit_is_refused_in_a_note(kind: ChartKind) -> None:
    """No stack of prices, no line through names; the figures are drawn in the usual way."""
    prices = plain("site:text price:money:EUR", ("A", "5"), ("B", "7"), ("C", "9"))
    (spec,) = charts_of([offered(prices)], ChartWish(kind=kind))
    assert spec.kind == "bar"
    assert ("kind_refused" in {note.code for note in spec.notes}) == (kind != "bar")
    (quiet,) = charts_of([offered(prices)], ChartWish(kind=kind), told=False)
    assert "kind_refused" not in {note.code for note in quiet.notes}


def test_a_logarithmic_axis_needs_points_above_zero() -> None:
    """Bars begin at zero, which has no logarithm."""
    assert charts_of([offered(BY_MONTH)], ChartWish(log=True))[0].scale == "log"
    bars = charts_of([offered(BY_MONTH)], ChartWish(log=True, kind="bar"))[0]
    assert (bars.scale, "log_refused" in {note.code for note in bars.notes}) == ("linear", True)
    below = plain("month:text n:quantity", ("2025-01", "0"), ("2025-02", "7"))
    assert charts_of([offered(below)], ChartWish(log=True))[0].scale == "linear"


@pytest.mark.parametrize(
    "table",
    [
        plain("n:count", ("5",)),
        plain("site:text n:count", ("A", "5")),
        plain("site:text due:date", ("A", "2025-01-01"), ("B", "2025-01-02")),
        plain("n:count m:count", ("5", "6"), ("7", "8")),
    ],
)
def test_where_there_is_nothing_to_draw_nothing_is_drawn(table: object) -> None:
    """One figure, no number, no name."""
    assert charts_of([offered(table)], ChartWish()) == ()  # type: ignore[arg-type]


def test_two_numbers_make_points_where_they_are_asked_for() -> None:
    """One number against another, one point for each row."""
    table = plain(
        "m:text ordered:quantity:pcs rate:percent:%", ("A", "5", "1"), ("B", "7", "2"), ("C", "9", "4")
    )
    (spec,) = charts_of([offered(table)], ChartWish(kind="scatter"))
    assert (spec.kind, spec.x.columns, spec.series[0].column) == ("scatter", ("ordered",), "rate")
    (spec,) = charts_of([offered(table)], ChartWish(kind="scatter", x="rate"))
    assert (spec.x.columns, spec.series[0].column) == (("rate",), "ordered")


def test_things_of_one_name_stand_apart() -> None:
    """Two materials called alike are two bars, told apart by their numbers."""
    table = plain(
        "material_id:id material:text n:count", ("M1", "Hub", "5"), ("M2", "Hub", "7"), ("M3", "Rim", "1")
    )
    (spec,) = charts_of([offered(table, "n")])
    assert spec.x.columns == ("material", "material_id")
    assert [slot.label for slot in drawn(spec, table).slots] == ["Hub, M1", "Hub, M2", "Rim, M3"]


def test_a_specification_holds_no_figure() -> None:
    """None of the table's numbers stands in it, neither as a value nor in its words."""
    rows = [(f"S{n:02d}", f"{918273 + n}.25") for n in range(40)]
    table = plain("site:text v:money:EUR", *rows)
    for wish in (ChartWish(), ChartWish(kind="pareto", average=True), ChartWish(kind="waterfall")):
        (spec,) = charts_of([offered(table, "v")], wish)
        assert not re.search(r"9182|9183", json.dumps(spec.model_dump()))


def test_a_bridge_is_drawn_as_one_though_all_its_steps_go_up() -> None:
    """Steps that add up begin where the one before ended, whatever their signs."""
    steps = plain(
        "step:text amount:money:EUR actual:money:EUR",
        ("scrap", "5", "9"),
        ("time", "7", "8"),
        ("lots", "2", "2"),
    )
    (chart,) = charts_of([offered(steps, "amount", shows="bridge")])
    assert (chart.kind, [series.column for series in chart.series]) == ("waterfall", ["amount"])
    assert [note.code for note in chart.notes if note.code == "other_series"] == []

"""Charts in the terminal: at eighty columns, without colour, in plain ASCII, with the values of the table."""

from __future__ import annotations

import io
import re

import pytest
from rich.console import Console

from agents.answer import Answer
from server.charts import TerminalChart
from server.console import shown
from tests.server.charted import BALANCES, KINDS, MONTHS, VARIANCES, charted, charts
from tests.server.stand_in import hostile, ranking
from tools.charts import ChartWish
from tools.languages import speaking


def text(answer: Answer, *, width: int = 80, encoding: str = "utf-8", at: int = 0) -> str:
    """One chart as a console of that width and encoding prints it, without colour."""
    file = io.TextIOWrapper(io.BytesIO(), encoding=encoding, write_through=True)
    console = Console(file=file, width=width, color_system=None, highlight=False, legacy_windows=False)
    console.print(TerminalChart(answer.charts[at], answer))
    printed = file.buffer.getvalue().decode(encoding)
    return "\n".join(line.rstrip() for line in printed.splitlines())


@pytest.mark.parametrize("words", KINDS)
@pytest.mark.parametrize("width", [40, 80, 200])
def test_a_chart_fits_the_terminal(words: str, width: int) -> None:
    """No line is wider than the window, and none is drawn across a screen of two hundred."""
    answer = charted(ranking(), words)
    for at in range(len(answer.charts)):
        lines = text(answer, width=width, at=at).splitlines()
        assert max(map(len, lines)) <= min(width, 100)
        assert len(lines) >= 4


@pytest.mark.parametrize("words", KINDS)
def test_plain_ascii_is_enough(words: str) -> None:
    """A terminal that knows nothing else gets every chart."""
    printed = text(charted(ranking(), words), encoding="ascii")
    assert printed.isascii()
    assert re.search(r"[#*A]", printed)
    assert "?" not in printed


def test_bars_stand_beside_their_values_and_begin_at_zero() -> None:
    """The longest bar is the largest value; the lengths go with the values."""
    lines = [line for line in text(ranking()).splitlines() if "│" in line]
    lengths = {line.rsplit(" ", 1)[1]: line.count("█") for line in lines}
    assert lines[0].startswith("Paint process failed")
    assert lengths["1,271"] == max(lengths.values())
    assert abs(lengths["981"] / lengths["1,271"] - 981 / 1271) < 0.05


def test_what_is_below_zero_goes_the_other_way() -> None:
    """The bar of a negative value ends at the axis."""
    lines = {line.split(" ")[0]: line for line in text(charted(ranking(), "drawn below zero")).splitlines()}
    axis = lines["Valves"].index("█")
    assert lines["Pumps"].rindex("█") <= axis
    assert lines["Pumps"].endswith("-4.2")
    assert BALANCES.rows[1][1] == "-4.2"


def test_series_are_told_apart_without_colour() -> None:
    """Letters on lines, fillings in bars; both are named above."""
    lines = text(charted(ranking(), "drawn as lines"))
    assert "A Kassel   B Greenville" in lines
    assert {"A", "B", "a", "b"} <= set("".join(line for line in lines.splitlines() if "│" in line))
    stacked = text(charted(ranking(), "drawn stacked"))
    assert "██ Kassel   ▒▒ Greenville" in stacked
    assert re.search(r"█+▒+ \d+", stacked)


def test_periods_without_data_stay_open() -> None:
    """April has no value: a dash among the bars, and no line across."""
    assert re.search(r"^2025-04 │ +–$|^2025-04 │ –$", text(charted(ranking(), "drawn upright")), re.MULTILINE)
    remarks = text(charted(ranking(), "drawn as lines"))
    assert "Periods without a value are left open." in remarks
    assert "reaches to 2025-05-31" in remarks


def test_a_waterfall_ends_with_its_total() -> None:
    """Each step begins where the one before ended, and the sum is exact."""
    lines = text(charted(ranking(), "drawn as a waterfall")).splitlines()
    total = next(line for line in lines if line.startswith("all together"))
    assert total.endswith("-186,043.89")
    assert "+66,097.42" in "\n".join(lines)
    assert sum(float(str(row[1])) for row in VARIANCES.rows) == pytest.approx(-186043.89)


def test_what_is_not_drawn_is_said_with_its_sum() -> None:
    """Forty suppliers: thirty bars, ten more and what they come to."""
    printed = " ".join(text(charted(ranking(), "drawn as a ranking")).split())
    assert "Not drawn: 10 more, together 25,520.03 USD." in printed
    assert "mean of the points" in printed


def test_shares_are_added_up_to_a_hundred() -> None:
    """The share of a Pareto chart counts what is not drawn too."""
    lines = text(charted(ranking(), "drawn as a pareto")).splitlines()
    shares = [float(match[1]) for line in lines if (match := re.search(r"([\d.]+) %$", line))]
    assert len(shares) == 30
    assert shares == sorted(shares)
    assert 93 < shares[-1] < 94


def test_remarks_and_numbers_are_in_the_language_of_the_answer() -> None:
    """Digits are grouped as a German reader groups them."""
    with speaking("de"):
        answer = charted(ranking(), "drawn as a waterfall")
        printed = text(answer)
    assert "+66.097,42" in printed
    assert "Der letzte Balken ist die Summe der Balken davor." in printed
    assert "zusammen" in printed


def test_a_name_cannot_forge_the_terminal() -> None:
    """Control characters of a name in the data are not printed."""
    answer = hostile("x")
    printed = text(answer.model_copy(update={"charts": charts(answer.tables[0], ChartWish(kind="bar"))}))
    assert "\x1b" not in printed
    assert "\u202e" not in printed


def test_a_chart_is_shown_where_it_was_asked_for() -> None:
    """An unasked one waits for `--chart`."""
    console = Console(width=80, color_system=None)
    for asked, wanted, is_drawn in ((False, False, False), (False, True, True), (True, False, True)):
        answer = charted(ranking(), "drawn as lines")
        specs = tuple(spec.model_copy(update={"asked": asked}) for spec in answer.charts)
        with console.capture() as capture:
            console.print(shown(answer.model_copy(update={"charts": specs}), charts=wanted))
        assert ("A Kassel" in capture.get()) == is_drawn
    assert MONTHS.rows

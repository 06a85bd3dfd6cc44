"""An answer in the terminal: complete, aligned, and unable to forge what the terminal shows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from rich.console import Console

from agents.answer import Answer, AnswerTable, ModelUsage
from server.console import shown
from server.wording import age, cell, column, number, plain
from tests.server.stand_in import figures, hostile, ranking, unanswerable, unclear
from tools.results import ColumnKind


def text(answer: Answer, *, details: bool = False, width: int = 100) -> str:
    console = Console(width=width, color_system=None, highlight=False, markup=False, emoji=False)
    with console.capture() as capture:
        console.print(shown(answer, with_question=True, details=details))
    return capture.get()


def test_answer_shows_its_reading_evidence_and_readings() -> None:
    """Sentence, table with units, reading, caveat, evidence with rows and age, other readings, what next."""
    out = text(ranking())
    for part in (
        "Paint process failed leads with 1,271 pcs",
        "Scrapped pcs",
        "first 5 of 16 rows",
        "read as",
        "Work orders without a scrap reason are left out.",
        "AdventureWorks: workorder (729 rows), scrapreason (16 rows)",
        "data as of 2025-05-31",
        "7,056 work orders have no dates in this copy.",
        "1  Scrap reasons by number of work orders",
        "and by month?",
        "embedded 1.0.0 · 74 ms",
    ):
        assert part in out, part


def test_what_a_hosted_model_took_stands_with_the_evidence() -> None:
    """Tokens as they were counted, money only where it is known, and nothing for the embedded model."""
    usage = ModelUsage(requests=2, prompt_tokens=4100, cached_tokens=3600, completion_tokens=70)
    paid = ranking().model_copy(
        update={"usage": usage.model_copy(update={"cost": "0.002160", "currency": "EUR"})}
    )
    said = "2 requests · 4,100 tokens read (3,600 cached), 70 written"
    assert f"{said} · 0.002160 EUR" in text(paid, details=True)
    assert "tokens" not in text(paid)
    unpaid = text(ranking().model_copy(update={"usage": usage}), details=True)
    assert said in unpaid
    assert "EUR" not in unpaid
    assert "tokens" not in text(ranking(), details=True)


def test_figures_of_a_world_that_is_not_are_labelled_first() -> None:
    """Nobody takes what was supposed for what is."""
    out = text(ranking().model_copy(update={"hypothetical": ("demand up by 10 %", "and by 20 %")}))
    assert "Hypothetical, nothing is changed by it: demand up by 10 %; and by 20 %" in out
    assert out.index("Hypothetical") < out.index("Paint process failed")
    assert "Hypothetical" not in text(ranking())


def test_numbers_stand_under_each_other() -> None:
    """The last digits of a column are in one line."""
    lines = [
        line for line in text(ranking()).splitlines() if line.strip().endswith(("37", "52", "63", "44", "51"))
    ]
    assert len({len(line.rstrip()) for line in lines}) == 1
    assert len(lines) == 5


def test_details_show_query_and_keys() -> None:
    """What a sceptic wants to run again."""
    out = text(ranking(), details=True)
    assert "group by r.name" in out
    assert "13, 88, 140" in out


@pytest.mark.parametrize(
    ("answer", "part"),
    [
        (unclear("performance"), "Which do you mean?"),
        (unanswerable("satisfied"), "Cannot be answered from this data"),
        (figures("scrapped").model_copy(update={"status": "refused"}), "Refused"),
    ],
)
def test_status_is_said(answer: Answer, part: str) -> None:
    """What is not an answer does not look like one."""
    assert part in text(answer)


def test_empty_result_is_said() -> None:
    """No rows is an answer."""
    table = ranking().tables[0].model_copy(update={"rows": (), "total_rows": 0, "truncated": False})
    assert "no rows" in text(ranking().model_copy(update={"tables": (table,)}))


@pytest.mark.parametrize("width", [20, 40, 200])
def test_any_width_works(width: int) -> None:
    """A narrow terminal wraps and loses nothing of the sentence."""
    assert "1,271" in text(ranking(), width=width)


def test_data_cannot_forge_the_terminal() -> None:
    """Escapes, direction marks and markup of the data are shown, not obeyed."""
    out = text(hostile("x"))
    assert "\x1b" not in out
    assert "\u202e" not in out
    assert "=HYPERLINK" in out


@pytest.mark.parametrize(
    ("given", "kind", "expected"),
    [
        ("1234567.500000", "quantity", "1,234,567.5"),
        ("1234.5", "money", "1,234.50"),
        ("0.0345", "money", "0.0345"),
        ("0", "money", "0.00"),
        ("0.2363", "percent", "0.2363"),
        ("31.26726176", "percent", "31.27"),
        ("0.0000412345", "percent", "0.00004123"),
        ("-12.345", "quantity", "-12.35"),
        ("12.000000", "count", "12"),
        ("100", "count", "100"),
        ("1E+3", "count", "1,000"),
        ("abc", "quantity", "abc"),
        ("NaN", "quantity", "NaN"),
    ],
)
def test_numbers_for_reading(given: str, kind: ColumnKind, expected: str) -> None:
    """Grouped, rounded for reading, never in scientific notation."""
    assert number(given, kind) == expected


def test_cells() -> None:
    """A missing value is a dash; ids keep their digits."""
    assert (cell(None, "money"), cell(True, "flag"), cell("0012345", "id")) == ("–", "yes", "0012345")


def test_points_of_a_column_align() -> None:
    """Equally many decimals, up to two; a small value keeps its digits, whole numbers stay whole."""
    assert column(["12.000000", "8.9", None, "15.14"], "percent") == ["12.00", "8.90", "–", "15.14"]
    assert column(["12", "0.00412"], "quantity") == ["12.00", "0.00412"]
    assert column(["12", "1300"], "quantity") == ["12", "1,300"]
    assert column(["8.9", "12"], "id") == ["8.9", "12"]


def test_plain_keeps_letters_of_all_languages() -> None:
    """Only what cannot be seen is replaced."""
    assert plain("Größe 10 µm 你好") == "Größe 10 µm 你好"
    assert plain("a\u200bb\tc") == "a�b c"


def test_ages() -> None:
    """The largest unit that fits."""
    now = datetime(2026, 1, 10, tzinfo=UTC)
    given = [timedelta(seconds=5), timedelta(minutes=5), timedelta(hours=30), timedelta(days=9)]
    assert [age(now - delta, now) for delta in given] == ["moments", "5 min", "1 day", "9 days"]


def test_a_passage_of_a_document_is_shown_as_a_quote_over_its_source() -> None:
    """Not squeezed into a column, and unable to write on the terminal."""
    table = AnswerTable(
        title="Passages",
        columns=("Passage", "Source document", "Page", "Site"),
        names=("passage", "document", "page", "sites"),
        kinds=("quote", "text", "id", "text"),
        units=("", "", "", ""),
        rows=(("Only quality\x1b[31m releases.", "Blocked stock", "3", "KAS"),),
        total_rows=1,
    )
    out = text(ranking().model_copy(update={"tables": (table,), "chart": None}))
    assert "“Only quality" in out
    assert "releases.”" in out
    assert "Blocked stock · Page 3 · KAS" in out
    assert "\x1b" not in out

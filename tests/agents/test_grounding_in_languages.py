"""Prose in German, Spanish and French is verified as closely as English: no figure comes from the model."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from agents.grounding import Grounding, Refused, Verdict, Verified
from agents.references import Resolver
from agents.rendering import answer_figure, answer_table, number_text, value_text
from tools.languages import Language, speaking
from tools.results import Column, Figure, Table, ToolResult

HEADINGS: dict[Language, tuple[str, str]] = {
    "de": ("Ausschussgrund", "Ausschussmenge"),
    "es": ("motivo de chatarra", "cantidad de chatarra"),
    "fr": ("motif de rebut", "quantité rebutée"),
}
QUESTIONS: dict[Language, str] = {
    "de": "Wie hoch ist die Ausschussmenge der ersten 3 Gründe?",
    "es": "¿Cuál es la cantidad de chatarra de los 3 motivos?",
    "fr": "Quelle est la quantité rebutée des 3 motifs ?",
}


def verdict(spoken: Language, clause: str, *, freely: bool = True, asked: str = "") -> Verdict:
    name, amount = HEADINGS[spoken]
    columns = (Column("reason", name, "text"), Column("scrapped", amount, "quantity", "pcs"))
    rows = (("Paint", Decimal("3126.5")), ("Trim", Decimal(1789)))
    result = ToolResult(
        "scrap",
        amount,
        (Table(columns, rows),),
        (Figure(amount, Decimal("4915.5"), "pcs", "quantity", "e"),),
        (),
    )
    with speaking(spoken):
        return Grounding(f"{asked} {QUESTIONS[spoken]}", [result], writes_freely=freely).verify(clause)


@pytest.mark.parametrize(
    ("spoken", "clause", "text"),
    [
        (
            "de",
            "Bei {{tables[0].rows[0].reason}} beträgt die Ausschussmenge {{tables[0].rows[0].scrapped}}.",
            "Bei Paint beträgt die Ausschussmenge 3.126,5 Stk.",
        ),
        ("de", "Die Ausschussmenge ist {{figures[0]}}.", "Die Ausschussmenge ist 4.915,5 Stk."),
        (
            "es",
            "La cantidad de chatarra de {{tables[0].rows[0].reason}} es {{tables[0].rows[0].scrapped}}.",
            "La cantidad de chatarra de Paint es 3126,5 uds.",
        ),
        (
            "fr",
            "La quantité rebutée de {{tables[0].rows[0].reason}} est {{tables[0].rows[0].scrapped}}.",
            "La quantité rebutée de Paint est 3\u202f126,5 pcs.",
        ),
        (
            "fr",
            "D'ici, la quantité rebutée est {{figures[0]}}.",
            "D'ici, la quantité rebutée est 4\u202f915,5 pcs.",
        ),
    ],
)
def test_prose_with_references_is_shown_with_the_languages_numbers(
    spoken: Language, clause: str, text: str
) -> None:
    """What claims nothing of its own goes through."""
    assert verdict(spoken, clause) == Verified(text)


@pytest.mark.parametrize(
    ("spoken", "words"),
    [
        (
            "de",
            "zwei dreizehn fünfzig hundert einundzwanzig zweihundertfünfzig Hälfte doppelt Dutzend Prozent"
            " Millionen",
        ),
        ("de", "two hundred beide mehrere alle keine jede erste insgesamt Durchschnitt"),
        ("es", "dos trece cincuenta cien veintiuno doscientos mitad doble docena millones mil"),
        ("es", "two ambos varios todos ninguno cada primera total promedio"),
        ("fr", "deux treize cinquante cent vingt mille moitié double douzaine millions quatre"),
        ("fr", "two plusieurs tous aucun chaque première total moyenne"),
    ],
)
def test_number_words_are_refused(spoken: Language, words: str) -> None:
    """As words they would state a figure that no result holds, even where the question has the word."""
    amount = HEADINGS[spoken][1]
    for word in words.split():
        found = verdict(spoken, f"{amount} {word} {{{{figures[0]}}}}.", asked=word.lower())
        assert isinstance(found, Refused), word
        assert "number word" in found.reason, found


@pytest.mark.parametrize("spoken", ["de", "es", "fr"])
def test_digits_are_refused_in_every_form(spoken: Language) -> None:
    """With any marks, and from a writer of templates too."""
    for number in ("5", "1.234,5", "1 234", "٣", "50 %", "²"):
        assert isinstance(verdict(spoken, f"{HEADINGS[spoken][1]} {number}."), Refused), number
        assert isinstance(verdict(spoken, f"{HEADINGS[spoken][1]} {number}.", freely=False), Refused), number


@pytest.mark.parametrize(
    ("spoken", "words"),
    [
        ("de", "mehr weniger höher gestiegen fast nur kaum nicht ohne besser laut vermutlich"),
        ("es", "más menos mayor subió casi solo no sin mejor según probablemente"),
        ("fr", "plus moins supérieure augmenté presque seulement pas sans meilleure selon probablement"),
    ],
)
def test_words_that_bend_or_judge_a_value_are_refused(spoken: Language, words: str) -> None:
    """Only a tool's own wording compares; a source that nobody checked lends no claim its name."""
    for word in words.split():
        clause = f"{HEADINGS[spoken][1]} {word} {{{{figures[0]}}}}."
        assert isinstance(verdict(spoken, clause, asked=word), Refused), word


def test_words_of_another_language_are_unknown() -> None:
    """German prose is held to German; a name or a claim in Spanish is neither."""
    assert isinstance(verdict("de", "La cantidad ist {{figures[0]}}."), Refused)
    assert isinstance(verdict("es", "Die cantidad de chatarra es {{figures[0]}}."), Refused)


def test_a_value_needs_more_than_filling_words_of_its_heading() -> None:
    """`de` stands in every Spanish heading and tells none."""
    assert isinstance(
        verdict("es", "El valor de {{tables[0].rows[0].reason}} es {{tables[0].rows[0].scrapped}}."), Refused
    )


def test_filling_words_speak_of_no_other_value() -> None:
    """`de` of one heading beside a value of another."""
    columns = (
        Column("reason", "motivo", "text"),
        Column("scrapped", "cantidad de chatarra", "quantity"),
        Column("stock", "existencias", "quantity"),
    )
    result = ToolResult("scrap", "", (Table(columns, (("Paint", Decimal(3), Decimal(4)),)),), (), ())
    with speaking("es"):
        found = Grounding(QUESTIONS["es"], [result]).verify(
            "Las existencias de {{tables[0].rows[0].reason}} son {{tables[0].rows[0].stock}}."
        )
    assert found == Verified("Las existencias de Paint son 4.")


@pytest.mark.parametrize(
    ("spoken", "number", "moment", "flag", "none"),
    [
        ("en", "1,234.5 days", "2024-03-15 08:30 UTC", "yes", "no value"),
        ("de", "1.234,5 Tage", "15.03.2024 08:30 UTC", "ja", "kein Wert"),
        ("es", "1234,5 días", "15/03/2024 08:30 UTC", "sí", "sin valor"),
        ("fr", "1\u202f234,5 jours", "15/03/2024 08:30 UTC", "oui", "sans valeur"),
    ],
)
def test_values_in_prose(spoken: Language, number: str, moment: str, flag: str, none: str) -> None:
    """Numbers, units, moments, flags and gaps."""
    at = datetime(2024, 3, 15, 8, 30, tzinfo=UTC)
    with speaking(spoken):
        assert value_text(Decimal("1234.5"), "days", "days") == number
        assert value_text(at, "date") == moment
        assert value_text(at.date(), "date") == moment[:10]
        assert (value_text(True, "flag"), value_text(None, "text")) == (flag, none)
        assert number_text(Decimal("NaN"), "quantity") == none


def test_tables_and_figures_keep_exact_numbers_and_dates() -> None:
    """What programs read is the same in every language; only headings and units are worded."""
    table = Table(
        (Column("when", "due", "date"), Column("n", "scrapped quantity", "quantity", "pcs")),
        ((datetime(2024, 3, 15, tzinfo=UTC).date(), Decimal("1234.50")),),
    )
    with speaking("de"):
        shown = answer_table(table)
        figure = answer_figure(Figure("scrapped quantity", Decimal("1234.50"), "pcs", "quantity", "e"))
    assert (shown.columns, shown.units) == (("Fälligkeitstermin", "Ausschussmenge"), ("", "Stk"))
    assert (shown.names, shown.rows) == (("when", "n"), (("2024-03-15", "1234.5"),))
    assert (figure.label, figure.value, figure.unit) == ("Ausschussmenge", "1234.5", "Stk")


@pytest.mark.parametrize(
    ("spoken", "words"),
    [("en", "2025-02"), ("de", "Februar 2025"), ("es", "febrero de 2025"), ("fr", "février 2025")],
)
def test_a_month_in_prose_is_written_as_the_language_writes_it(spoken: Language, words: str) -> None:
    """The column of a grouping by month; other texts that look alike are what the data says."""
    columns = (Column("month", "month", "text"), Column("batch", "batch", "text"))
    result = ToolResult("scrap", "", (Table(columns, (("2025-02", "2025-02"),)),), (), ())
    with speaking(spoken):
        found = Resolver("", [result])
        assert found.cite("tables[0].rows[0].month").text == words
        assert found.cite("tables[0].rows[0].batch").text == "2025-02"

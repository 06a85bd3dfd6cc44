"""Numbers, days and lists are written as each language does."""

from __future__ import annotations

from datetime import date

import pytest

from tools.languages import Language, said, speaking
from tools.languages.forms import day_text, joined, listed, month_text, numeral
from tools.languages.locales import language_for

DAY = date(2024, 3, 5)


@pytest.mark.parametrize(
    ("spoken", "thousands", "more"),
    [
        ("en", "-1,234.5", "12,345,678.05"),
        ("de", "-1.234,5", "12.345.678,05"),
        ("es", "-1234,5", "12.345.678,05"),
        ("fr", "-1\u202f234,5", "12\u202f345\u202f678,05"),
    ],
)
def test_numbers_have_the_marks_of_the_language(spoken: Language, thousands: str, more: str) -> None:
    """Spanish groups from five digits on; nobody reads 1.234 for 1234 or the other way round."""
    with speaking(spoken):
        assert (numeral("-1,234.5"), numeral("12,345,678.05")) == (thousands, more)


@pytest.mark.parametrize(
    ("spoken", "day", "month"),
    [
        ("en", "2024-03-05", "2024-03"),
        ("de", "05.03.2024", "März 2024"),
        ("es", "05/03/2024", "marzo de 2024"),
        ("fr", "05/03/2024", "mars 2024"),
    ],
)
def test_days_and_months_are_those_of_the_language(spoken: Language, day: str, month: str) -> None:
    """English keeps the ISO form, which is neither American nor British."""
    with speaking(spoken):
        assert (day_text(DAY), month_text(DAY)) == (day, month)


def test_spanish_conjunctions_give_way_to_their_own_sound() -> None:
    """`e` before an i, `u` before an o."""
    with speaking("es"):
        assert listed(("pedidos", "existencias", "importes")) == "pedidos, existencias e importes"
        assert joined(("siete", "ocho"), "or") == "siete u ocho"
        assert joined(("cobre", "hierro")) == "cobre y hierro"
        assert listed(("stock", "material")) == "stock y material"


def test_french_elides_before_a_vowel() -> None:
    """`nombre d'articles`, `nombre de lots`."""
    with speaking("fr"):
        assert said("number of [[things]]", things="articles") == "nombre d'articles"
        assert said("number of [[things]]", things="lots") == "nombre de lots"


def test_an_account_speaks_its_own_language_or_english() -> None:
    """Regions do not matter, and languages that are not spoken here are English."""
    assert [language_for(tag) for tag in ("de-AT", "fr_CH", "ES", "en-GB", "it", "")] == [
        "de", "fr", "es", "en", "en", "en",
    ]  # fmt: skip

"""Numbers are read as people of each language write them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from agents.models.embedded.languages.tables import Foreign, table
from agents.models.embedded.languages.words import composed, words


def _numbers(language: Foreign, text: str) -> list[Decimal]:
    tokens = words(composed(text), table(language))
    return [token.number for token in tokens if token.number is not None]


@pytest.mark.parametrize(
    ("language", "said", "values"),
    [
        ("de", "1.500,50 Euro", ["1500.5"]),
        ("de", "5.000 Stück", ["5000"]),
        ("de", "0.5 kg", ["0.5"]),
        ("de", "zweihundertfünfzig Stück", ["250"]),
        ("de", "fünfundzwanzig Tage", ["25"]),
        ("de", "zwanzigtausend", ["20000"]),
        ("de", "zwei Millionen und drei Stück", ["2000000", "3"]),
        ("de", "letzte 60 T. und 20", ["60", "20"]),
        ("de", "ein Material", []),
        ("es", "quince mil unidades", ["15000"]),
        ("es", "treinta y cinco líneas", ["35"]),
        ("es", "doscientos cincuenta", ["250"]),
        ("es", "15 000 unidades", ["15000"]),
        ("es", "un millón", ["1000000"]),
        ("es", "diez por ciento", ["10"]),
        ("es", "dos y tres", ["2", "3"]),
        ("fr", "100\u202f000 pièces", ["100000"]),
        ("fr", "quatre-vingt-dix jours", ["90"]),
        ("fr", "soixante-douze", ["72"]),
        ("fr", "deux cent cinquante", ["250"]),
        ("fr", "dix pour cent", ["10"]),
        ("fr", "1er trimestre", ["1"]),
        ("fr", "sept. 2024", ["2024"]),
        ("fr", "sept articles", ["7"]),
    ],
)
def test_numbers_are_read_as_said(language: Foreign, said: str, values: list[str]) -> None:
    """In digits with their marks, in words, and with their scale."""
    assert _numbers(language, said) == [Decimal(value) for value in values]

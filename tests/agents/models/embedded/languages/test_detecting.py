"""The language of a question is told by its words, however short it is and whatever it names in English."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agents.models.embedded.languages import language_of
from tools.languages import LANGUAGES, Language

_WRITTEN = Path("agents/models/embedded/training/written")
_ONE_IN = 2_000
_SAID: dict[str, Language] = {
    "Wie viel Ausschuss gab es 2024 bei Paint process failed?": "de",
    "¿Cuántas piezas se desecharon por Paint process failed?": "es",
    "Combien de pièces ont été mises au rebut pour Paint process failed ?": "fr",
    "How many pieces were lost to Paint process failed?": "en",
    "Artikel mit max. Anzahl FA": "de",
    "anzahl loefa-bestellungen ueber 500": "de",
    "nº de OF con desecho": "es",
    "existencias hl fork": "es",
    "stock de sécurité HL Fork": "fr",
    "nb d'OF échéance 15/03/2024": "fr",
    "lagerwert Road Bikes je lagerort": "de",
    "Kostenstelle Research and Development, Ist 2012": "de",
    "scrap qty by vendor": "en",
    "WO 4711 details of materials": "en",
}


@pytest.mark.parametrize("otherwise", LANGUAGES)
@pytest.mark.parametrize("question", _SAID)
def test_a_question_tells_its_language(question: str, otherwise: Language) -> None:
    """Whatever language its asker has set."""
    assert language_of(question, otherwise) == _SAID[question]


@pytest.mark.parametrize("otherwise", LANGUAGES)
@pytest.mark.parametrize("question", ["M-1023?", "", "HL Road Frame - Black, 58", "2024", "???"])
def test_what_tells_no_language_is_in_that_of_its_asker(question: str, otherwise: Language) -> None:
    """Codes and names are the same in all of them."""
    assert language_of(question, otherwise) == otherwise


@pytest.mark.slow
def test_english_is_never_taken_for_another_language() -> None:
    """Of all the questions that people wrote in English, fewer than one in two thousand."""
    questions = [
        question
        for file in sorted(_WRITTEN.rglob("*.jsonl"))
        for line in file.read_text(encoding="utf-8").splitlines()
        if line.strip()
        for question in json.loads(line).get("ask", ())
    ]
    wrong = [question for question in questions if language_of(question, "en") != "en"]
    assert len(questions) > 10_000
    assert len(wrong) * _ONE_IN < len(questions), wrong[:20]

"""Questions in other languages are masked as English ones are, and keep their own words otherwise."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from agents.models.embedded.encoder import PLACEHOLDERS
from agents.models.embedded.grammar import GrammarReader
from agents.models.embedded.languages.tables import FOREIGN, Foreign, table
from agents.models.embedded.languages.words import composed
from agents.models.embedded.lexicon import Phrases, ValueWord
from agents.models.embedded.masked import Masked
from agents.models.embedded.masterdata import MasterData
from agents.models.embedded.text import stems
from tests.agents.models.embedded.plant_names import plant
from tools.metrics.catalogue import packaged_catalogue

READER = GrammarReader(packaged_catalogue())


def _plant() -> MasterData:
    """The imagined plant with goods, colours, a shelf and a country."""
    data = plant()
    for field, names in {
        "category": ("Bikes", "Clothing", "Components"),
        "subcategory": (
            "Road Bikes",
            "Mountain Bikes",
            "Road Frames",
            "Mountain Frames",
            "Bearings",
            "Wheels",
        ),
        "colour": ("Red", "Black"),
    }.items():
        for name in names:
            data.phrases.add_name(name, ValueWord("material", field, (name,), name))
    data.phrases.add_name("Germany", ValueWord("company", "name", ("Germany",), "Germany"))
    data.phrases.add_name("Telephone", ValueWord("account", "name", ("Telephone",), "Telephone"))
    for name in ("Brazilian Real", "Real"):
        data.phrases.add_stems(stems(name), ValueWord("currency", "name", ("Brazilian Real",), name))
    values = Phrases()
    for entity, field, value in (("stock", "shelf", "A"), ("sales_order", "status", "partly delivered")):
        values.add_stems(stems(value), ValueWord(entity, field, (value,), value))
    values.add_stems(stems("pound"), ValueWord("currency", "currency", ("GBP",), "GBP"))
    return replace(data, values=values)


DATA = _plant()


def _masked(language: Foreign, question: str) -> Masked:
    return READER.masked(question, DATA, language=language)


@pytest.mark.parametrize(
    ("language", "question", "words"),
    [
        ("de", "Wie viel Ausschuss im März 2024?", "wie viel ausschuss im PERIOD ?"),
        ("de", "Ist die Drive Shaft da?", "ist die MATERIAL da ?"),
        ("de", "Nr. und Pos. von Ball Bearing", "nr . und pos . von MATERIAL"),
        ("de", "Bestand an Fahrrädern in Kassel", "bestand an CATEGORY in SITE"),
        ("de", "Fahrradbestand", "CATEGORY bestand"),
        ("de", "Kasseler Aufträge", "SITE aufträge"),
        ("de", "Mountainbike-Rahmen in Rot", "SUBCATEGORY in COLOUR"),
        ("de", "Mountain- und Road-Rahmen", "SUBCATEGORY - und SUBCATEGORY"),
        ("de", "rote Teile in Regal A", "COLOUR teile in regal VALUE"),
        ("de", "mehr als die Hälfte", "mehr als die half"),
        ("de", "teilgelieferte Kundenaufträge", "VALUE kundenaufträge"),
        ("es", "¿Cuántas piezas en lo que va de año?", "cuántas piezas PERIOD ?"),
        ("es", "nº de cuadros de carretera y de montaña", "number de SUBCATEGORY y de SUBCATEGORY"),
        ("es", "¿A cuánto asciende el coste real?", "a cuánto asciende el coste real ?"),
        ("es", "Alemania: estante A", "COMPANY : estante VALUE"),
        ("fr", "Combien de vélos rouges ?", "combien de CATEGORY COLOUR ?"),
        ("fr", "l'année dernière, les cadres VTT", "l PERIOD , les SUBCATEGORY"),
        ("fr", "montant réel de Telephone", "montant réel de ACCOUNT"),
        ("fr", "n° de l'OF", "number de l of"),
        ("fr", "quantité ≥ 1 500", "quantité > = NUMBER"),
    ],
)
def test_the_network_reads_placeholders_and_the_words_of_the_question(
    language: Foreign, question: str, words: str
) -> None:
    """Names, periods and numbers are masked; nothing else is mended, spelt out or put into English."""
    assert " ".join(_masked(language, question).words) == words


@pytest.mark.parametrize(
    ("language", "question", "found"),
    [
        ("de", "am 15.03.2024", "2024-03-15..2024-03-15"),
        ("de", "am 7. Juni 2024", "2024-06-07..2024-06-07"),
        ("de", "3. Quartal 2024", "2024-07-01..2024-09-30"),
        ("de", "im ersten Halbjahr 2024", "2024-01-01..2024-06-30"),
        ("de", "1. Hj. 2024", "2024-01-01..2024-06-30"),
        ("de", "in jedem Quartal 2024", "2024-01-01..2024-12-31"),
        ("de", "letzten Monat", "2025-05-01..2025-05-31"),
        ("de", "im Vorjahr", "2024-01-01..2024-12-31"),
        ("de", "in den letzten 14 Tagen", "2025-06-17..2025-06-30"),
        ("de", "seit Jahresbeginn", "2025-01-01..2025-06-30"),
        ("de", "von Jan. bis März 2024", "2024-01-01..2024-01-31 2024-03-01..2024-03-31"),
        ("de", "vom 3. bis 9. Februar 2025", "2025-02-03..2025-02-03 2025-02-09..2025-02-09"),
        ("de", "unsere 2024er Bestellungen", "2024-01-01..2024-12-31"),
        ("de", "dieses Quartal und im selben Quartal des Vorjahres",
         "2025-04-01..2025-06-30 2024-04-01..2024-06-30"),
        ("de", "vor zwei Monaten", "2025-04-01..2025-04-30"),
        ("es", "el 15 de marzo de 2024", "2024-03-15..2024-03-15"),
        ("es", "1T 2024", "2024-01-01..2024-03-31"),
        ("es", "1S 2024", "2024-01-01..2024-06-30"),
        ("es", "segundo trimestre de 2024", "2024-04-01..2024-06-30"),
        ("es", "mar-24", "2024-03-01..2024-03-31"),
        ("es", "ene-mar 2024", "2024-01-01..2024-01-31 2024-03-01..2024-03-31"),
        ("es", "el mes que viene", "2025-07-01..2025-07-31"),
        ("es", "los últimos tres meses", "2025-03-31..2025-06-30"),
        ("es", "en lo que va de año", "2025-01-01..2025-06-30"),
        ("es", "hace dos meses", "2025-04-01..2025-04-30"),
        ("es", "trim. anterior", "2025-01-01..2025-03-31"),
        ("fr", "le 3 avril 2024", "2024-04-03..2024-04-03"),
        ("fr", "le 1er janvier 2024", "2024-01-01..2024-01-01"),
        ("fr", "T1 à T3 2024", "2024-01-01..2024-03-31 2024-07-01..2024-09-30"),
        ("fr", "T4-24", "2024-10-01..2024-12-31"),
        ("fr", "1er trimestre 2024", "2024-01-01..2024-03-31"),
        ("fr", "sept. 2024", "2024-09-01..2024-09-30"),
        ("fr", "les trois derniers mois", "2025-03-31..2025-06-30"),
        ("fr", "depuis le début de l'année", "2025-01-01..2025-06-30"),
        ("fr", "l'an dernier", "2024-01-01..2024-12-31"),
        ("fr", "il y a deux mois", "2025-04-01..2025-04-30"),
    ],
)  # fmt: skip
def test_periods_are_found_as_people_say_them(language: Foreign, question: str, found: str) -> None:
    """Each as it is named, as in English."""
    periods = [spot.period for spot in _masked(language, question).spots if spot.period is not None]
    assert " ".join(f"{period.start}..{period.end}" for period in periods) == found


def test_a_word_for_several_goods_stands_for_all_of_them() -> None:
    """`Räder` are bicycles or wheels; the plan says which."""
    (spot,) = (spot for spot in _masked("de", "Bestand an Rädern").spots if spot.meanings)
    assert {meaning.shown for meaning in spot.meanings} == {"Bikes", "Wheels"}


def test_a_word_that_means_something_else_as_well_stays_to_be_read() -> None:
    """A store and a bearing are both `Lager`."""
    (spot,) = (spot for spot in _masked("de", "Wert im Lager").spots if spot.meanings)
    assert (spot.word, spot.meanings[0].shown) == ("lager", "Bearings")


def test_accents_keep_words_apart_that_both_exist() -> None:
    """`livré` is delivered, `livre` a pound; who types no accents may mean either."""
    words = {text: _masked("fr", f"cours {text}").words for text in ("livré", "livre")}
    assert words == {"livré": ("cours", "livré"), "livre": ("cours", "livre")}
    held = {text: _masked("fr", f"cours {text}").spots[1].meanings for text in words}
    assert {text: bool(meanings) for text, meanings in held.items()} == {"livré": False, "livre": True}


_PIECES: dict[Foreign, tuple[str, ...]] = {
    "de": (
        "Wie viele Stück", "der Fahrräder", "im März 2024", "„Ball Bearing“", "Drive Shaft", "Paint -  Grey",
        "über 1.500,50 €", "Mountain-, Rennrad- und", "Fahrradbestand", "zweihundert", "seit Jahresbeginn",
    ),
    "es": (
        "¿Cuántas piezas", "cuadros de montaña", "y de carretera", "en lo que va de año", "«Ball Bearing»",
        "15 000 uds.", "del 1º de mayo", "treinta y cinco", "men's Paint - Grey", "nº 4", "(1T 2024)",
    ),
    "fr": (
        "Combien d'articles", "depuis le début de l'année", "l'an dernier", "quatre-vingt-dix jours",
        "« Ball Bearing »", "100\u202f000 pièces", "n° 4", "T1 à T3 2024", "cadres VTT ou route", "≥ 5 %",
    ),
}  # fmt: skip


def _mixed(language: Foreign) -> Iterator[str]:
    chance = random.Random(7)
    for _ in range(200):
        yield chance.choice((" ", ", ", "  ", "/")).join(
            chance.sample(_PIECES[language], chance.randint(1, 5))
        )


@pytest.mark.parametrize("language", FOREIGN)
def test_what_is_masked_is_a_stretch_of_the_question_as_typed(language: Foreign) -> None:
    """A message can say which words of the question it means; the spots follow each other."""
    for question in _mixed(language):
        typed, at = composed(question), 0
        for spot in _masked(language, question).spots:
            found = typed.find(spot.text, max(0, at - len(spot.text)))
            assert found >= 0 < len(spot.text), (question, spot)
            at = max(at, found + len(spot.text))


@pytest.mark.parametrize("language", FOREIGN)
def test_no_word_but_placeholders_is_in_capitals(language: Foreign) -> None:
    """The network knows placeholders by them."""
    for question in _mixed(language):
        for word in _masked(language, question.upper()).words:
            assert word == word.lower() or word in PLACEHOLDERS


def test_masking_is_quick() -> None:
    """A few milliseconds a question, once the tables are read."""
    question = (
        "Wie viele Fahrräder wurden in den letzten 14 Tagen in Kassel gefertigt, und wie viele im Vorjahr?"
    )
    table("de")
    _masked("de", question)
    before = time.perf_counter()
    for _ in range(20):
        _masked("de", question)
    assert (time.perf_counter() - before) / 20 < 0.05


@pytest.mark.parametrize(
    ("question", "period"),
    [
        ("Ausschuss in der 3. Woche im Juni 2024 nach Werk", "Juni 2024"),
        ("Ausschuss in Woche 3 im Juni 2024", "Juni 2024"),
        ("Ausschuss in der 3. KW 2024", "3. KW 2024"),
        ("Ausschuss in der 3. Kalenderwoche 2024", "3. Kalenderwoche 2024"),
    ],
)
def test_a_week_of_a_month_is_no_week_of_the_calendar(question: str, period: str) -> None:
    """The third week of June is not the one in January; its number is left to be asked about."""
    masked = _masked("de", question)
    assert [spot.text for spot in masked.spots if spot.period] == [period]

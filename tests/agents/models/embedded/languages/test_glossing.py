"""Questions in other languages are told in English words by lists alone: no sentence is translated."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
import yaml

from agents.models.embedded.accounting import Accounts
from agents.models.embedded.grammar import GrammarReader
from agents.models.embedded.languages import glossing
from agents.models.embedded.languages.tables import FOREIGN, Foreign
from agents.models.embedded.plainer import plainer
from agents.models.protocol import ToolCall
from tests.agents.models.embedded.plant_names import plant
from tools.metrics.catalogue import packaged_catalogue
from tools.metrics.query import MetricQuery

READER = GrammarReader(packaged_catalogue())
ACCOUNTS = Accounts(packaged_catalogue())
DATA = plant()
GLOSSES = Path(glossing.__file__).parent / "glosses"


def _english(language: Foreign, question: str) -> str:
    return " ".join(READER.in_english(question, DATA, language).words)


@pytest.mark.parametrize(
    ("language", "question", "english"),
    [
        (
            "de",
            "Wie viele Fertigungsaufträge wurden 2024 zu spät fertig?",
            "how many production order were PERIOD finished late ?",
        ),
        (
            "de",
            "Lieferanten, deren Ablehnquote über 5 % liegt",
            "supplier that rejection rate more than NUMBER percent is",
        ),
        (
            "es",
            "¿Cuántas órdenes de trabajo con vencimiento en 2024 terminaron tarde?",
            "how many work order due in PERIOD ended late ?",
        ),
        ("es", "precio de lista menos coste estándar actual", "list price less current standard cost"),
        (
            "fr",
            "Combien d'articles sont sous leur seuil de réappro ?",
            "how many product are below reorder point ?",
        ),
        (
            "fr",
            "Quel pourcentage de la valeur des commandes terminées va à nos dix plus gros fournisseurs ?",
            "what percentage of the value of completed purchase orders goes to our NUMBER biggest vendor ?",
        ),
    ],
)
def test_words_and_phrases_are_told_in_english(language: Foreign, question: str, english: str) -> None:
    """The longest phrase counts, periods and numbers are found, and little words without a sense go."""
    assert _english(language, question) == english


@pytest.mark.parametrize("language", FOREIGN)
def test_each_english_stands_once_in_a_list(language: Foreign) -> None:
    """A key written twice would hide the first, and `no` without quotes would be no word."""
    text = (GLOSSES / f"{language}.yaml").read_text(encoding="utf-8")
    keys = Counter(line.split(": ")[0] for line in text.splitlines() if not line.startswith("#"))
    assert [key for key, times in keys.items() if times > 1] == []
    assert all(isinstance(key, str) and isinstance(said, str) for key, said in yaml.safe_load(text).items())


@pytest.mark.parametrize(
    ("language", "question", "plain", "passed_over"),
    [
        (
            "de",
            "Wie viele Artikel liegen unter Meldebestand? Kein Bestandssatz zählt als null.",
            "Wie viele Artikel liegen unter Meldebestand?",
            ("no stock record counts as zero .",),
        ),
        (
            "fr",
            "Combien d'articles sont sous leur seuil de réappro (pas de fiche de stock compte pour zéro) ?",
            "Combien d'articles sont sous leur seuil de réappro ?",
            ("( no stock record counts as zero )",),
        ),
    ],
)
def test_how_everybody_counts_is_passed_over_in_other_languages(
    language: Foreign, question: str, plain: str, passed_over: tuple[str, ...]
) -> None:
    """The English for a part tells what it is; the rest stays as it was typed."""
    form = plainer(question, lambda text: True, lambda text: _english(language, text))[-1]
    assert (form.question, form.passed_over) == (plain, passed_over)


@pytest.mark.parametrize(
    ("where", "by", "unsaid"),
    [
        ([], [], 0),
        ([{"test": "named", "entity": "material", "condition": "below_reorder_point"}], [], 0),
        ([{"test": "value", "path": "material.is_made", "values": [True]}], [], 1),
        ([], [{"path": "material.category"}], 1),
    ],
)
def test_conditions_from_nowhere_are_counted(
    where: list[dict[str, object]], by: list[dict[str, object]], unsaid: int
) -> None:
    """What a plan limits or tells apart by, and the question has no word for, speaks against it."""
    query = MetricQuery.model_validate(
        {"measures": [{"name": "n", "count_of": "material"}], "where": where, "by": by}
    )
    english = READER.in_english("Combien d'articles sont sous leur seuil de réappro ?", DATA, "fr")
    assert ACCOUNTS.unsaid(english, (ToolCall("query_metrics", query),)) == unsaid

"""Every text that is said has its German, Spanish and French; what a language lacks is found here."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools.languages import LANGUAGES, Language, said, speaking
from tools.languages.speaking import texts
from tools.metrics.catalogue import packaged_catalogue

_ROOT = Path(__file__).parents[3]
_OTHERS = [spoken for spoken in LANGUAGES if spoken != "en"]
_SAY = {"said": 1, "counted": 3}
"""How many of its first arguments are texts, or number and texts."""
_PLACE = re.compile(r"\[\[\w+\]\]")


def _labels() -> set[str]:
    """What the catalogue calls its things."""
    catalogue = packaged_catalogue()
    found = {"%"}
    for entity in catalogue.entities.values():
        found |= {entity.singular, entity.plural}
        found |= {field.label for field in entity.fields.values() if field.label != f"{entity.singular} ID"}
        found |= {field.unit for field in entity.fields.values()}
        found |= {condition.label for condition in entity.conditions.values()}
        found |= {f"date: {role}" for role in entity.dates}
        found |= {f"link: {link.replace('_', ' ')}" for link in entity.links}
    for metric in catalogue.metrics.values():
        found |= {metric.label, metric.note, metric.comparability, metric.unit}
        found |= {metric.basis.called} if metric.basis else set()
    return found - {"", "%", "@currency"}


def _said_in(file: Path) -> Iterator[str]:
    """Texts that a module says as they stand, and its texts with places."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _SAY:
            for argument in node.args[: _SAY[node.func.id]]:
                branches = (
                    (argument.body, argument.orelse) if isinstance(argument, ast.IfExp) else (argument,)
                )
                yield from (
                    each.value
                    for each in branches
                    if isinstance(each, ast.Constant) and isinstance(each.value, str)
                )
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and _PLACE.search(node.value):
            yield node.value


def _modules() -> list[Path]:
    folders = [_ROOT / name for name in ("agents", "tools", "server")]
    modules = [file for folder in folders for file in sorted(folder.rglob("*.py"))]
    return [file for file in modules if "training" not in file.parts and file.name != "speaking.py"]


def _is_docstring(text: str) -> bool:
    return "`[[" in text or text.count("\n") > 1


@pytest.mark.parametrize("spoken", _OTHERS)
def test_every_label_of_the_catalogue_has_its_term(spoken: Language) -> None:
    """A planner in Kassel reads no English heading."""
    assert sorted(_labels() - set(texts(spoken))) == []


@pytest.mark.parametrize("spoken", _OTHERS)
def test_every_text_that_is_said_has_its_wording(spoken: Language) -> None:
    """A sentence that was changed in English alone falls back to English in the middle of an answer."""
    found = {text for module in _modules() for text in _said_in(module) if not _is_docstring(text)}
    assert len(found) > 150
    assert sorted(found - set(texts(spoken))) == []


@pytest.mark.parametrize("spoken", _OTHERS)
def test_a_term_is_not_taken_for_an_english_word_again(spoken: Language) -> None:
    """Headings are said once where they are made, and again where they are sent."""
    with speaking(spoken):
        assert [text for text in sorted(_labels()) if said(said(text)) != said(text)] == []


def test_terms_are_those_of_the_trade() -> None:
    """As a user of an ERP in a plant of that country says them."""
    terms = {
        "work order": ("Fertigungsauftrag", "orden de fabricación", "ordre de fabrication"),
        "info record": ("Infosatz", "registro info", "fiche infos-achats"),
        "cost centre": ("Kostenstelle", "centro de coste", "centre de coûts"),
        "work centre": ("Arbeitsplatz", "puesto de trabajo", "poste de travail"),
        "scrapped quantity": ("Ausschussmenge", "cantidad de chatarra", "quantité rebutée"),
        "usage decision": ("Verwendungsentscheid", "decisión de empleo", "décision d'utilisation"),
        "line": ("Linie", "línea", "ligne"),
        "purchase_line: line": ("Position", "posición", "poste"),
    }
    for text, worded in terms.items():
        assert tuple(texts(spoken)[text] for spoken in ("de", "es", "fr")) == worded

"""Every text that is said has its German, Spanish and French; what a language lacks is found here."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Literal, get_args, get_origin

import pytest

from agents.models.embedded.proposals import _PLAIN
from erp_adapters.demo.book import FLAGS
from erp_adapters.store.staging import BUILT_IN
from tools import exception_messages, late_lines, late_work_orders, order_chains, shortages
from tools.all_tools import LOOK_UPS
from tools.data_quality import _OUTCOMES
from tools.inventory import _REMARKS
from tools.languages import LANGUAGES, Language, said, speaking
from tools.languages.speaking import texts
from tools.master_data import _FITS
from tools.materials import _LABELS
from tools.metrics.catalogue import packaged_catalogue
from tools.naming import Kind, _plural
from tools.structures import SOURCES
from tools.substitutes import STATES

_ROOT = Path(__file__).parents[3]
_OTHERS = [spoken for spoken in LANGUAGES if spoken != "en"]
_SAY = {
    "said": slice(0, 1),
    "counted": slice(1, 3),
    "table": slice(0, 1),
    "figure": slice(0, 1),
    "Column": slice(1, 2),
    "unit_column": slice(1, 2),
    "remarks": slice(0, 1),
}
"""Which of its arguments are texts for a person."""
_PLACE = re.compile(r"\[\[\w+\]\]|\{\{(?:figures|tables)\[\d\][^{}]*\}\}")


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
    """Texts that a module says as they stand, those of its tables of texts, and its texts with places."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    tables = dict(_assigned(tree))
    says = _SAY if file.parent == _ROOT / "tools" else {"said", "counted"}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in says:
            for argument in node.args[_SAY[node.func.id]]:
                yield from _texts_of(argument, tables)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and _PLACE.search(node.value):
            yield node.value


def _assigned(tree: ast.Module) -> Iterator[tuple[str, ast.expr]]:
    """What the names of a module stand for."""
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            yield node.targets[0].id, node.value
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value:
            yield node.target.id, node.value


def _texts_of(argument: ast.expr, tables: Mapping[str, ast.expr]) -> Iterator[str]:
    match argument:
        case ast.Constant(value=str() as text):
            yield text
        case ast.IfExp(body=one, orelse=other):
            yield from (*_texts_of(one, tables), *_texts_of(other, tables))
        case ast.Subscript(value=table):
            yield from _texts_of(table, tables)
        case ast.Name(id=name) if name in tables:
            yield from _texts_of(tables[name], {})
        case ast.Dict(values=parts) | ast.Tuple(elts=parts):
            for part in parts:
                yield from _texts_of(part, tables)
        case _:
            pass


def _words_of_tools() -> set[str]:
    """Words of ours that reach a person by way of a value: kinds, states, records, arguments, units."""
    found = {"rows", "days", "h", *SOURCES.values(), *_FITS.values(), *_OUTCOMES.values(), *_REMARKS.values()}
    for words in (
        shortages._STATES, exception_messages._WORDS, exception_messages._WHY, late_work_orders._WORDS,
        late_lines._WORDS,
    ):  # fmt: skip
        found |= set(words.values())
    found |= {order_chains._NOT_COVERED, order_chains._STOCK, *STATES.values()}
    found |= {label for label, _ in _LABELS.values()}
    found |= {kind.noun for kind in Kind} | {_plural(kind.noun) for kind in Kind}
    found |= {f"status: {status}" for status in _STATUSES}
    found |= {name.replace("_", " ") for name in _RECORDS}
    found |= {f"rule: {rule.replace('_', ' ')}" for rule in (*BUILT_IN, *FLAGS, *_RULE.findall(_MAPPING))}
    found |= {*BUILT_IN.values(), *FLAGS.values(), *_REASON.findall(_MAPPING)}
    for tool in LOOK_UPS:
        found.add(tool.name.replace("_", " ").capitalize())
        for name, field in tool.arguments.model_fields.items():
            if name not in _PLAIN:
                found.add(f"argument: {name.replace('_', ' ')}")
            found |= {f"argument: {value}" for value in _choices(field.annotation)}
    return found - {""}


_MAPPING = (_ROOT / "erp_adapters/adventureworks/mapping.yaml").read_text(encoding="utf-8")
_RULE = re.compile(r"\brule: (\w+)")
_REASON = re.compile(r"\breason: (.+)")
_RECORDS = re.findall(
    r"create table erp\.(\w+) \(\n    like erp\.provenance",
    "".join(
        file.read_text(encoding="utf-8") for file in (_ROOT / "erp_adapters/store/migrations").glob("*.sql")
    ),
)
_STATUSES = (
    "pending", "approved", "rejected", "complete", "planned", "ended", "open", "fully reported",
    "unrestricted", "quality", "blocked", "transit",
)  # fmt: skip


def _choices(annotation: object) -> Iterator[str]:
    if get_origin(annotation) is Literal:
        yield from map(str, get_args(annotation))
    elif annotation is bool:
        yield "True"
    else:
        for part in get_args(annotation):
            yield from _choices(part)


def _modules() -> list[Path]:
    folders = [_ROOT / name for name in ("agents", "tools", "server")]
    modules = [file for folder in folders for file in sorted(folder.rglob("*.py"))]
    return [file for file in modules if "training" not in file.parts and file.name != "speaking.py"]


def _is_docstring(text: str) -> bool:
    return "`[[" in text or "`{{" in text or text.count("\n") > 1


@pytest.mark.parametrize("spoken", _OTHERS)
def test_every_label_of_the_catalogue_has_its_term(spoken: Language) -> None:
    """A planner in Kassel reads no English heading."""
    assert sorted(_labels() - set(texts(spoken))) == []


@pytest.mark.slow
@pytest.mark.parametrize("spoken", _OTHERS)
def test_every_text_that_is_said_has_its_wording(spoken: Language) -> None:
    """A sentence that was changed in English alone falls back to English in the middle of an answer."""
    found = {text for module in _modules() for text in _said_in(module) if not _is_docstring(text)}
    assert len(found) > 150
    assert sorted(found - set(texts(spoken))) == []


@pytest.mark.parametrize("spoken", _OTHERS)
def test_every_word_of_the_look_ups_has_its_term(spoken: Language) -> None:
    """Kinds, states and headings that are values somewhere are said in the language all the same."""
    assert sorted(_words_of_tools() - set(texts(spoken))) == []


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

"""What the page around a question shows: it completes the question where that names nothing itself.

Only the number or name of a record in the caller's data gets into a question, never a word of the page.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from agents.models.embedded.followups import opens_followup
from agents.models.embedded.text import tokenise
from agents.rendering import visible
from erp_adapters.store.session import ReadTransaction
from tools.languages import Language
from tools.languages.speaking import language

_SHOWN = 80


@dataclass(frozen=True, slots=True)
class Page:
    """Records that the page around the panel shows, as it names them; empty where it shows none."""

    plant: str = ""
    material: str = ""
    order: str = ""
    supplier: str = ""


@dataclass(frozen=True, slots=True)
class Completed:
    """A question that says what it means."""

    question: str
    taken: tuple[str, ...] = ()
    """What was taken from the page."""


@dataclass(frozen=True, slots=True)
class _Known:
    """The page's records as the data names them; None where the caller sees no such record."""

    plant: str | None
    material: str | None
    order: str | None
    supplier: str | None
    names_plant: bool
    names_other: bool


_KNOWN = """
with asked as (select lower(%(question)s) as text)
select
  (select name from erp.site where site = %(plant)s or lower(name) = lower(%(plant)s) order by site limit 1),
  (select number from erp.material where (number = %(material)s or material_id = %(material)s)
     and (%(plant)s = '' or site = %(plant)s or not exists (select from erp.site where site = %(plant)s))
   order by number limit 1),
  coalesce((select order_id from erp.production_order where order_id = %(order)s limit 1),
           (select order_id from erp.purchase_order where order_id = %(order)s limit 1),
           (select order_id from erp.sales_order where order_id = %(order)s limit 1)),
  (select name from erp.supplier
   where supplier_id = %(supplier)s or number = %(supplier)s or lower(name) = lower(%(supplier)s) limit 1),
  exists (select from erp.site, asked where strpos(text, lower(name)) > 0
          or %(question)s ~ ('\\m' || regexp_replace(site, '\\W', '.', 'g') || '\\M')),
  exists (select from erp.material, asked
          where length(number) > 2 and strpos(text, lower(number)) > 0
             or length(name) > 3 and strpos(text, lower(name)) > 0)
  or exists (select from erp.supplier, asked where length(name) > 3 and strpos(text, lower(name)) > 0)
"""
_THIS: dict[str, dict[Language, str]] = {
    "material": {
        "en": r"(?:this|that) (?:material|part|item|product|article)",
        "de": r"dies(?:e[srnm]?|) (?:material|teil|artikels?|produkts?)",
        "es": r"est[ea] (?:material|pieza|artículo|producto)",
        "fr": r"(?:ce|cet|cette) (?:article|pièce|produit|matière)",
    },
    "order": {
        "en": r"(?:this|that) (?P<noun>(?:(?:work|production|purchase|sales|customer) )?order)",
        "de": r"dies(?:e[srnm]?|) (?P<noun>\w*auftrags?|\w*bestellung)",
        "es": r"est[ea] (?P<noun>orden|pedido)",
        "fr": r"(?:ce|cet|cette) (?P<noun>commande|ordre)",
    },
    "supplier": {
        "en": r"(?:this|that) (?:supplier|vendor)",
        "de": r"dies(?:e[srnm]?|) lieferanten?",
        "es": r"este proveedor",
        "fr": r"ce fournisseur",
    },
    "plant": {
        "en": r"(?:this|that|our|my) (?:plant|site|factory)",
        "de": r"dies(?:e[srnm]?|) (?:werks?|standorts?)",
        "es": r"est[ea] (?:planta|centro|fábrica)",
        "fr": r"(?:ce|cette) (?:site|usine)",
    },
}
_HERE: dict[Language, str] = {"en": "here", "de": "hier", "es": "aquí", "fr": "ici"}
_OF: dict[Language, str] = {"en": "of", "de": "von", "es": "de", "fr": "de"}
_AT: dict[Language, str] = {"en": "at", "de": "in", "es": "en", "fr": "à"}
_PLACES = re.compile(
    r"\b(?:plants?|sites?|factor(?:y|ies)|everywhere|group|compan(?:y|ies)|werke?[ns]?|standorte?[ns]?|überall"
    r"|plantas?|centros?|fábricas?|usines?|partout)\b",
    re.IGNORECASE,
)
_MANY = re.compile(
    r"\b(?:which|list|top|all|each|every|per|by|materials?|parts?|items?|products?|components?|suppliers?|vendors?"
    r"|customers?|welche[rsnm]?|alle[rsnm]?|jede[rsnm]?|pro|nach|materialien|teile|artikel|lieferanten|kunden"
    r"|qué|cuáles|cada|por|materiales|piezas|artículos|proveedores|clientes"
    r"|quels?|quelles?|tous|toutes|chaque|par|articles|pièces|produits|fournisseurs)\b",
    re.IGNORECASE,
)
"""Words of questions about many things: they would mean something else about one."""


async def completed(question: str, page: Page, tx: ReadTransaction, *, goes_on: bool) -> Completed:
    """The question with what it leaves to the page, in its own language.

    Args:
        question: as it was asked.
        page: what the page shows.
        tx: under the caller's scope: what they do not see is not taken.
        goes_on: True where there was a turn before, which the question may go on from.
    """
    known = await _known(question, page, tx)
    spoken = language()
    text, taken = question, list[str]()
    for kind, value in (
        ("material", known.material),
        ("order", known.order),
        ("supplier", known.supplier),
        ("plant", known.plant),
    ):
        if value is None:
            continue
        put = _said(text, kind, value, spoken)
        if put != text:
            text = put
            taken.append(value)
    if goes_on and _follows(question):
        return Completed(visible(text), tuple(taken))
    added = list[str]()
    is_bare = not known.names_other and not _MANY.search(question) and not taken
    if known.material is not None and is_bare:
        added += [_OF[spoken], known.material]
        taken.append(known.material)
    names_a_place = known.names_plant or _PLACES.search(question) or known.plant in taken
    if known.plant is not None and not names_a_place:
        added += [_AT[spoken], known.plant]
        taken.append(known.plant)
    return Completed(visible(_with(text, added)), tuple(taken))


def _said(text: str, kind: str, value: str, spoken: Language) -> str:
    """The text with the value for `this material`; of an order its noun stays, as in `order 4711`."""
    for pattern in dict.fromkeys((_THIS[kind][spoken], _THIS[kind]["en"])):
        put = rf"\g<noun> {_literal(value)}" if kind == "order" else _literal(value)
        text = re.sub(rf"\b{pattern}\b", put, text, flags=re.IGNORECASE)
    if kind == "plant":
        text = re.sub(rf"\b{_HERE[spoken]}\b", f"{_AT[spoken]} {_literal(value)}", text, flags=re.IGNORECASE)
    return text


def _literal(value: str) -> str:
    return value.replace("\\", r"\\")


def _with(text: str, added: Iterable[str]) -> str:
    """The question with words at its end, before its mark."""
    bare = text.rstrip()
    mark = bare[len(bare.rstrip("?!. ")) :].strip()
    return f"{' '.join([bare.rstrip('?!. '), *added])}{mark}"


def _follows(question: str) -> bool:
    # `is there` points at nothing.
    plain = re.sub(r"\b(is|are|was|were) there\b", r"\1", question, flags=re.IGNORECASE)
    return opens_followup(tokenise(plain))


async def _known(question: str, page: Page, tx: ReadTransaction) -> _Known:
    params = {
        "question": question,
        "plant": page.plant,
        "material": page.material,
        "order": page.order,
        "supplier": page.supplier,
    }
    plant, material, order, supplier, names_plant, names_other = (await tx.fetch(_KNOWN, params)).rows[0]
    return _Known(
        _text(plant), _text(material), _text(order), _text(supplier), bool(names_plant), bool(names_other)
    )


def _text(value: object) -> str | None:
    return visible(str(value), _SHOWN) if value else None

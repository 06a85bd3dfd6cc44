"""Reads questions about stock that is not free, late deliveries to come, maintenance and energy."""

# ruff: noqa: E501
# Patterns of wordings are read as one line.

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Final

from agents.models.embedded.look_up_asked import look_up_asked
from agents.models.protocol import Calls, Reading, ToolCall, Turn
from erp_adapters.store.session import ReadTransaction
from tools.arguments import Arguments
from tools.energy import EnergyUse
from tools.languages import said
from tools.maintenance import MaintenanceParts
from tools.predicting.lateness import HORIZON
from tools.predicting.supplier_lateness import SupplierLateness
from tools.stock_apart import Status, StockApart

_TRANSIT = r"(?:in transit|unterwegs|en tránsito|en camino|en transit|en route)"
_BLOCKED = r"(?:blocked|gesperrt\w*|bloquead[oa]s?|bloqué\w*)"
_QUALITY = r"(?:quality inspection|qualitätsprüfung|inspección de calidad|contrôle qualité)"
_SAID: Final[Mapping[Status, str]] = {"transit": _TRANSIT, "quality": _QUALITY, "blocked": _BLOCKED}
_UNUSABLE = re.compile(
    r"\b(?:not (?:free|usable|available)|unavailable|nobody (?:can )?use|can nobody use|such as|e\.g\.|and so on|nicht verfügbar|z\. ?b\.|"
    r"no (?:están|son) (?:libres|disponibles)|ne sont pas (?:libres|utilisables)|can(?:no|')t we use|can we not use|we can(?:no|')t use|nicht (?:frei|nutzen|verwend\w*)|no (?:podemos|se pueden)|ne (?:pouvons|peut))\b",
    re.I,
)
"""Whoever asks for all that cannot be used names some ways as examples."""
_STOCK = r"(?:stock|inventory|bestand|bestände|existencias|inventario|stocks?)"
_AMOUNT = r"(?:how (?:much|many)|wie ?viel\w*|cuánt\w*|combien|value of|wert)"
"""Whoever asks for one amount is not told a list."""
_FREE = r"(?:(?<!not )\b(?:free(?! to use)|unrestricted)\b|(?<!nicht )\bfrei(?:e[rnms]?)?\b|\blibre\b(?! de)|(?<!pas )\blibre\b)"
"""Nor who asks for what is free as well."""
_PATTERNS: Final[Mapping[str, re.Pattern[str]]] = {
    "stock_apart": re.compile(
        rf"^(?!.*\b{_AMOUNT}\b)(?!.*{_FREE})(?=.*\b{_STOCK}\b)(?:(?=.*\b{_TRANSIT})(?=.*\b(?:{_BLOCKED}|{_QUALITY}))|(?=.*\b{_QUALITY})(?=.*\b{_BLOCKED}))"
        rf"|\b{_STOCK}\b.*\b(?:can(?:no|')t we use|can we not use|not free to use|is not usable)\b"
        rf"|\b(?:welche[rn]?|was an) {_STOCK}\b.*\b(?:nicht (?:nutzen|verwenden|frei)|nicht verwendbar)\b"
        r"|\bqué existencias\b.*\bno (?:podemos|se pueden) usar\b|\bquels? stocks?\b.*\bne (?:pouvons|peut)\b.*\butiliser\b",
        re.I | re.S,
    ),
    "supplier_lateness": re.compile(
        r"^(?=.*\b(?:likely|probably|probability|chance|risk)\b)(?=.*\b(?:late|delayed)\b)(?=.*\b(?:purchase (?:orders?|lines?)|deliver(?:y|ies|s)?|pos?)\b)"
        r"|^(?=.*\b(?:wahrscheinlich\w*|voraussichtlich|vermutlich|risiko)\b)(?=.*\b(?:verspät\w*|zu spät)\b)(?=.*\b(?:bestellung(?:en)?|lieferung(?:en)?|lieferant(?:en)?)\b)"
        r"|^(?=.*\b(?:probablemente|probabilidad|probable(?:s)?|riesgo)\b)(?=.*\b(?:tarde|retras\w*)\b)(?=.*\b(?:pedidos?|entregas?|proveedor(?:es)?)\b)"
        r"|^(?=.*\b(?:probablement|probabilité|probables?|risque\w*)\b)(?=.*\b(?:en retard|tard|retards?)\b)(?=.*\b(?:commandes?|livraisons?|fournisseurs?)\b)",
        re.I | re.S,
    ),
    "maintenance_parts": re.compile(
        r"^(?=.*\bmaintenance\b)(?=.*\b(?:spare ?parts?|parts?)\b)(?=.*\b(?:there|available|in stock|lacks?|missing|have|in time)\b)"
        r"|^(?!.*\borders?\b)(?:which|what|show|list)\b.*\bmaintenance\b.*\b(?:is|are)? ?(?:planned|due|coming|next)\b"
        r"|^(?=.*\b(?:wartung(?:en)?|instandhaltung(?:en)?)\b)(?=.*\b(?:ersatzteile?n?|teile?n?|geplant\w*|fällig)\b)(?=.*\b(?:da|vorhanden|fehl\w*|rechtzeitig|geplant\w*|fällig)\b)"
        r"|^(?=.*\bmantenimientos?\b)(?=.*\b(?:repuestos?|recambios?|piezas?|planificad\w*|previst\w*)\b)(?=.*\b(?:están|hay|faltan?|disponibles?|planificad\w*|previst\w*)\b)"
        r"|^(?=.*\b(?:maintenances?|entretiens?)\b)(?=.*\b(?:pièces?|prévu\w*|planifié\w*)\b)(?=.*\b(?:là|disponibles?|manque\w*|prévu\w*|planifié\w*)\b)",
        re.I | re.S,
    ),
    "energy_use": re.compile(
        r"^(?=.*\b(?:energy|electricity|power)\b)(?=.*\b(?:good units?|good pieces?|per unit|per piece|than expected|expected|expectation)\b)"
        r"|^(?=.*\b(?:energie|strom|energieverbrauch)\b)(?=.*\b(?:gutteil\w*|gute[rsn]? (?:teil|stück|einheit)\w*|je (?:stück|einheit)|pro (?:stück|einheit)|als erwartet|erwart\w*)\b)"
        r"|^(?=.*\b(?:energía|electricidad)\b)(?=.*\b(?:unidad(?:es)? buenas?|pieza buena|por unidad|lo esperado|esperad\w*)\b)"
        r"|^(?=.*\b(?:énergie|électricité)\b)(?=.*\b(?:(?:unité|pièce)s? bonnes?|bonnes? (?:unité|pièce)s?|par (?:unité|pièce)|que prévu|attendu\w*)\b)",
        re.I | re.S,
    ),
}
_RECORDS: Final = {
    "stock_apart": "select exists (select from erp.stock)",
    "maintenance_parts": "select exists (select from erp.maintenance_order)",
    "energy_use": "select exists (select from erp.utility_use)",
    "supplier_lateness": "select exists (select from erp.purchase_line)",
}
_NAMED: Final = """
select distinct name from erp.supplier
where length(split_part(name, ' ', 1)) >= 4
  and position(' ' || lower(split_part(name, ' ', 1)) || ' ' in
               ' ' || regexp_replace(lower(%(question)s), '[^[:alnum:]]+', ' ', 'g') || ' ') > 0
order by 1
"""
_AHEAD = re.compile(
    r"\b(?P<n>\d{1,3})\s+(?:prochain[es]*\s+|próxim[oa]s\s+)?(?P<what>days?|tagen?|días?|jours?|weeks?|wochen?|semanas?|semaines?)\b",
    re.I,
)


async def joined_plan(turn: Turn, admitted: Collection[str], tx: ReadTransaction) -> Calls | None:
    """The one call that such a question comes to; None for every other."""
    question = turn.question
    asked = await look_up_asked(turn, admitted, tx, _PATTERNS, _RECORDS)
    if asked is None:
        return None
    name, site = asked
    arguments: Arguments
    match name:
        case "stock_apart":
            apart = StockApart(site=site, statuses=_statuses(question))
            arguments, what = apart, apart.called
        case "maintenance_parts":
            days = _ahead(question) or 28
            arguments = MaintenanceParts(site=site, days=days)
            what = said("Maintenance of the next [[days]] days and its parts", days=days)
        case "supplier_lateness":
            named = [str(row[0]) for row in (await tx.fetch(_NAMED, {"question": question})).rows]
            if len(named) > 1:
                return None
            arguments = SupplierLateness(site=site, supplier=named[0] if named else None)
            what = said(
                "Chance that open purchase lines come late, due within [[days]] days", days=HORIZON.days
            )
        case _:
            arguments = EnergyUse(site=site)
            what = said("Energy for a good unit, last [[months]] full months", months=6)
    return Calls(Reading((ToolCall(name, arguments),), what, 1.0))


def _statuses(question: str) -> tuple[Status, ...]:
    """In which ways the stock is not free that a question names; none where it names all of them, or none."""
    named = tuple(status for status, word in _SAID.items() if re.search(rf"\b{word}", question, re.I))
    return () if len(named) == len(_SAID) or _UNUSABLE.search(question) else named


def _ahead(question: str) -> int | None:
    found = _AHEAD.search(question)
    if found is None:
        return None
    days = int(found["n"]) * (7 if found["what"].casefold().startswith(("w", "s")) else 1)
    return days if 1 <= days <= 366 else None

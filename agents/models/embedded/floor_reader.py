"""Reads questions about the shop floor, about held lots and about suppliers' confirmations, in four languages."""

# ruff: noqa: E501
# Patterns of wordings are read as one line.

from __future__ import annotations

import re
from collections.abc import Collection

from agents.models.embedded.hearing import hear
from agents.models.protocol import Calls, Reading, ToolCall, Turn
from erp_adapters.store.session import ReadTransaction
from tools.arguments import Arguments
from tools.confirmations import SupplierConfirmations
from tools.held_lots import HeldLot
from tools.languages import said
from tools.naming import all_sites
from tools.shop_floor import ShopFloor

_FLOOR = re.compile(
    r"\b(?:how|what|which|where|status|show|list)\b.*\b(?:shop[- ]?floor|in the mes|the mes)\b"
    r"|\b(?:wie|was|welche\w*|wo|stand|zeig\w*)\b.*\b(?:in der (?:fertigung|werkstatt)|auf dem shop[- ]?floor|im mes|das mes)\b"
    r"|\b(?:cómo|como|qué|cuáles|estado|muestra\w*)\b.*\b(?:en el taller|el taller|del taller|el mes de planta|según el mes)\b"
    r"|\b(?:où en est|comment|quels?|quelles?|état|montre\w*)\b.*\b(?:à l['’]atelier|l['’]atelier|dans le mes|selon le mes)\b",
    re.I,
)
_BEGUN = re.compile(
    r"\b(?:stands?|far|on hold|standing|status|hold|running|steht|stehen|angehalten|weit|läuft|laufen|está|están|detenid\w*|parad\w*|estado|en est|vont?|arrêté\w*|avancement|état)\b",
    re.I,
)
_LOT = r"(?:lots?|batch(?:es)?|los(?:e|es)?|chargen?|lotes?|partidas?)"
_HELD = (
    r"(?:held|on hold|blocked|quarantined|gesperrte?[nsr]?|bloquead[oa]s?|retenid[oa]s?|bloqués?|bloquées?)"
)
_TOUCHES = r"(?:touch(?:es)?|affects?|affected|hits?|concerns?|went into|berühr\w*|betrifft|betreffen|betroffen\w*|tocan?|afectan?|touchent|touche|concernent?|concerne)"
_HELD_LOT = re.compile(
    rf"^(?=.*\b{_LOT}\b)(?=.*\b{_TOUCHES}\b)(?=.*\b(?:{_HELD}|orders?|customers?|aufträge|kunden|órdenes|clientes|ordres|clients)\b)",
    re.I | re.S,
)
_CONFIRMED = re.compile(
    r"\b(?:supplier|vendor|order) confirmations?\b|\b(?:auftrags|lieferanten)bestätigung(?:en)?\b"
    r"|\bconfirmaci(?:ón|ones) (?:del?|de los) proveedor(?:es)?\b|\bconfirmations? (?:du|des|de) fournisseurs?\b"
    r"|\b(?:suppliers?|vendors?)\b.*\bconfirm(?:ed)?\b.*\b(?:else|otherwise|other than|different\w*|for (?:purchase )?order|of (?:purchase )?order|against)\b"
    r"|\blieferant(?:en)?\b.*\b(?:anders|abweichend|zu bestellung|für bestellung|von bestellung)\b.*\bbestätig\w*|\blieferant(?:en)?\b.*\bbestätig\w*.*\b(?:anders|abweichend|bestellung)\b"
    r"|\bproveedor(?:es)?\b.*\bconfirm\w*.*\b(?:otra cosa|distint\w*|pedido)\b"
    r"|\bfournisseurs?\b.*\bconfirm\w*.*\b(?:autre chose|autrement|différent\w*|commande)\b",
    re.I,
)
_RECORDS = {
    "shop_floor": "select exists (select from erp.floor_order)",
    "supplier_confirmations": "select exists (select from erp.supplier_confirmation)",
}
_CODE = re.compile(r"(?<![\w-])(?=[A-Z0-9-]*\d)[A-Z]{2,}[A-Z0-9]*(?:-[A-Z0-9]+)+(?![\w-])")
_NUMBER = re.compile(r"(?<![\w-])\d{4,}(?![\w-])")


async def floor_plan(turn: Turn, admitted: Collection[str], tx: ReadTransaction) -> Calls | None:
    """The one call that such a question comes to; None for every other."""
    question = turn.question
    if len(question) > 240:
        return None
    name = _meant(question)
    if name is None or name not in admitted:
        return None
    # Where nothing of it was ever loaded, the words may mean something else that is.
    if name in _RECORDS and not (await tx.fetch(_RECORDS[name])).rows[0][0]:
        return None
    sites = await all_sites(tx)
    site = hear(question, sites, turn.language).site if sites else None
    code = _CODE.search(question)
    arguments: Arguments
    match name:
        case "shop_floor":
            arguments = ShopFloor(order=code[0] if code else None, site=site)
            what = said("How the shop floor stands")
        case "held_lot":
            arguments = HeldLot(lot=code[0] if code else None, site=site)
            what = said("What the lots on hold touch")
        case _:
            number = _NUMBER.search(question) or code
            arguments = SupplierConfirmations(order=number[0] if number else None, site=site)
            what = said("What suppliers confirmed against what was ordered")
    return Calls(Reading((ToolCall(name, arguments),), what, 1.0))


def _meant(question: str) -> str | None:
    if _FLOOR.search(question) and _BEGUN.search(question):
        return "shop_floor"
    if _HELD_LOT.search(question) and (re.search(rf"\b{_HELD}\b", question, re.I) or _CODE.search(question)):
        return "held_lot"
    return "supplier_confirmations" if _CONFIRMED.search(question) else None

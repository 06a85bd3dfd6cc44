"""Reads questions about what became of a requisition, by its number or as the person's own, in four languages."""

# ruff: noqa: E501
# Patterns of wordings are read as one line.

from __future__ import annotations

import re
from collections.abc import Collection

from agents.models.embedded.drafting_words import plainly
from agents.models.embedded.hearing import hear
from agents.models.protocol import Calls, Reading, ToolCall, Turn
from erp_adapters.caller import Caller
from erp_adapters.store.session import ReadTransaction
from tools.languages import said
from tools.naming import all_sites
from tools.requisitions import RequisitionStatus

NAME = "requisition_status"
_OWN = r"(?:my|our|meine[rnms]?|unsere[rnms]?|mis?|nuestras?|mes|ma|nos|notre)\s+(?:(?:last|latest|letzten?|últimas?|dernières?)\s+)?"
_THE = r"(?:the|this|that|die|der|den|diese[rn]?|la|esta|le|cette)\s+"
_THING = r"(?:purchase\s+requisitions?|requisitions?|pr|bestellanforderung(?:en)?|bedarfsanforderung(?:en)?|banf(?:en)?|solicitud(?:es)?(?:\s+de\s+(?:compra|pedido))?|requisici(?:ón|on|ones)(?:\s+de\s+compra)?|demandes?\s+d['’]achat)"
_NUMBER = r"(?:\s+(?:no\.?\s*|nr\.?\s*|number\s+|nummer\s+|número\s+|numéro\s+|n[°º]\s*)?(?P<number>#?(?=[\w/-]*\d)[A-Za-z0-9][\w/-]{3,40}))?"
_IT = rf"(?P<own>{_OWN})?(?:{_THE})?{_THING}{_NUMBER}"
_DONE = r"(?:ordered|bought|received|delivered|closed|here|bestellt|geliefert|eingegangen|gekommen|da|angekommen|pedidas?|recibidas?|entregadas?|commandées?|reçues?|livrées?|arrivées?)"
_SOON = r"(?:\s+(?:yet|already|now|schon|bereits|jetzt|ya|déjà))?"
_AT = r"(?:\s+(?:at|in|for|from|bei|für|aus|en|de|à|au|pour)\s+(?P<at>[\w .-]{2,40}))?"
_ASKED = tuple(
    re.compile(rf"(?:please\s+|bitte\s+|and\s+|und\s+|y\s+|et\s+)?{pattern}{_AT}{_SOON}", re.I)
    for pattern in (
        rf"what(?:\s+has|['’]s)?\s+(?:became|become|happened)\s+(?:of|to|with)\s+{_IT}",
        rf"what\s+is\s+(?:happening|going\s+on)\s+with\s+{_IT}",
        rf"where(?:\s+is|\s+are|['’]s)\s+{_IT}",
        rf"how\s+far\s+(?:is|are)\s+{_IT}",
        rf"(?:what(?:\s+is|['’]s)\s+the\s+|show\s+(?:me\s+)?the\s+)?status\s+(?:of|for)\s+{_IT}",
        rf"(?:has|have|was|were|is|are)\s+{_IT}{_SOON}\s+(?:been\s+)?{_DONE}",
        rf"(?:has|have)\s+(?:the\s+goods|anything|everything|something)\s+(?:come|arrived|been\s+(?:received|delivered))\s+(?:for|of|on)\s+{_IT}",
        rf"(?:which|what)\s+(?:purchase\s+)?order\s+(?:did|has|was|came\s+of)\s+{_IT}(?:\s+(?:become|became|lead\s+to))?",
        rf"was\s+(?:ist|wurde)\s+(?:aus|mit)\s+{_IT}(?:\s+(?:geworden|los))?",
        rf"wo\s+(?:ist|sind|bleibt|bleiben|steht|stehen)\s+{_IT}",
        rf"wie\s+steht\s+es\s+(?:um|mit)\s+{_IT}",
        rf"(?:wie\s+ist\s+der\s+)?(?:status|stand)\s+(?:von|der|zu|zur)\s+{_IT}",
        rf"(?:wurden?|ist|sind)\s+{_IT}{_SOON}\s+{_DONE}(?:\s+worden)?",
        rf"qué\s+(?:fue|pasó|ha\s+sido|ha\s+pasado|pasa|hay)\s+(?:de|con)\s+{_IT}",
        rf"dónde\s+(?:está|están|anda)\s+{_IT}",
        rf"(?:(?:cuál\s+es\s+)?el\s+)?(?:estado)\s+de\s+{_IT}",
        rf"(?:(?:se\s+)?(?:ha|han)\s+(?:pedido|llegado|recibido)|está[n]?\s+pedidas?|llegó|se\s+pidió)(?:\s+ya)?\s+{_IT}",
        rf"(?:ya\s+)?(?:está|ha\s+sido|fue)\s+{_DONE}\s+{_IT}",
        rf"qu['’]est(?:[- ]il|[- ]elle)?\s+(?:devenue?s?|advenu)\s+(?:de\s+)?{_IT}",
        rf"que\s+(?:devient|deviennent|sont\s+devenues)\s+{_IT}",
        rf"où\s+(?:en\s+)?(?:est|sont|se\s+trouve(?:nt)?)\s+{_IT}",
        rf"(?:quel\s+est\s+)?(?:le\s+statut|l['’]état|statut|état)\s+de\s+{_IT}",
        rf"{_IT}\s+(?:est[- ]elle|a[- ]t[- ]elle\s+été|sont[- ]elles)\s+{_DONE}",
        rf"est[- ]ce\s+que\s+{_IT}\s+(?:est|a\s+été|sont)\s+{_DONE}",
        _IT,
    )
)
_WRITTEN = "select exists (select from app.proposal where kind = 'purchase_requisition' and state = 'executed' and requester = %(who)s)"


async def requisition_plan(
    turn: Turn, admitted: Collection[str], caller: Caller, tx: ReadTransaction
) -> Calls | None:
    """The one call that such a question comes to; None for every other."""
    if NAME not in admitted or len(turn.question) > 160:
        return None
    text = plainly(turn.question).strip(" \t.!?¿¡\"'")
    found = next((match for each in _ASKED if (match := each.fullmatch(text))), None)
    if found is None:
        return None
    number = (found["number"] or "").removeprefix("#") or None
    # Without a number only one's own can be meant, and only where there is one in the ERP; else it is a draft's.
    if number is None and (
        found["own"] is None or not (await tx.fetch(_WRITTEN, {"who": caller.subject})).rows[0][0]
    ):
        return None
    site = None
    if found["at"]:
        sites = await all_sites(tx)
        site = hear(found["at"], sites, turn.language).site if sites else None
        if site is None:
            return None
    arguments = RequisitionStatus(requisition=number, site=site)
    what = (
        said("What became of requisition [[numbers]]", numbers=number)
        if number
        else said("Requisitions and what became of them")
    )
    return Calls(Reading((ToolCall(NAME, arguments),), what, 1.0))

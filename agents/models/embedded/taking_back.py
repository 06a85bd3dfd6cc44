"""Reads wishes to take back what was written: a document by its number, or the one that was spoken of."""

# ruff: noqa: E501
# Patterns of wordings are read as one line.

from __future__ import annotations

import re
from collections.abc import Sequence

from agents.models.embedded.drafting_words import is_question, plainly
from agents.models.protocol import Calls, PastTurn, Reading, ToolCall, Turn
from tools.drafting.cancellation import DraftCancellation
from tools.languages import said

NAME = "draft_cancellation"
_VERB = r"(?:take back|cancel|withdraw|revoke|undo|reverse|nimm|nehmen sie|storniere?n?(?: sie)?|widerrufe?n?(?: sie)?|ziehe?n?(?: sie)?|mache?n?(?: sie)?|anula|anular|cancela|cancelar|retira|retirar|deshaz|revoca|annule[rz]?|retire[rz]?|révoque[rz]?)"
_THE = r"(?:(?:the|my|this|that|die|den|das|der|diese[ns]?|la|el|esta|este|le|cette|ce|l['’])\s*)?"
_THING = r"(?:(?:purchase )?requisition|pr|(?:stock )?transfer|(?:quality )?hold|text|document|bestellanforderung|banf|umlagerung|(?:qualitäts)?sperre|beleg|solicitud(?: de (?:pedido|compra))?|traslado|transferencia|bloqueo(?: de calidad)?|texto|documento|demande d['’ ]achat|transfert|blocage(?: qualité)?|texte)"
_NUMBER = r"(?:(?:no\.?|nr\.?|number|nummer|número|numéro|n[°º])\s*)?(?P<number>(?=[\w/-]*\d)[A-Za-z0-9][\w/-]{3,40})"
_AFTER = r"(?:\s*,?\s*(?:back|again|zurück|rückgängig|please|bitte|por favor|s['’]il (?:te|vous) plaît))*"
_WHY = r"(?:\s*(?:,|:|–|-)?\s*(?:because|since|as|weil|da|denn|porque|ya que|parce que|car)\s+(?P<why>.{3,300}))?"
_WISH = re.compile(rf"{_VERB}\s+(?:please\s+|bitte\s+)?{_THE}{_THING}(?:\s+{_NUMBER})?{_AFTER}{_WHY}", re.I)
_KINDS = frozenset({"purchase_requisition", "stock_transfer", "quality_hold", "published_text"})


def taking_back_wanted(question: str, past: Sequence[PastTurn]) -> DraftCancellation | None:
    """What a sentence wants taken back; None where it wants nothing, or nothing says what."""
    if is_question(question):
        return None
    found = _WISH.fullmatch(plainly(question).strip(" \t.!¡\"'"))
    if found is None:
        return None
    document = found["number"] or _spoken_of(past)
    return DraftCancellation(document=document, reason=found["why"]) if document else None


def taking_back_plan(turn: Turn) -> Calls | None:
    """The one call that such a wish comes to."""
    wanted = taking_back_wanted(turn.question, turn.past)
    if wanted is None:
        return None
    return Calls(Reading((ToolCall(NAME, wanted),), said("Taking back"), 1.0))


def _spoken_of(past: Sequence[PastTurn]) -> str:
    """Id of the draft that was spoken of last, where its document can be taken back."""
    drafts = (turn.draft for turn in reversed(past) if turn.draft is not None)
    return next((draft.id for draft in drafts if draft.kind in _KINDS), "")

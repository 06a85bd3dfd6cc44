"""Reads wishes to draft moves of work orders: a way that was shown, one order, or what an earlier draft left."""

# ruff: noqa: E501
# Patterns of wordings are read as one line.

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal, TypeAlias

from agents.models.embedded.drafting_words import is_question, plainly
from agents.models.embedded.replanning_reader import CAN, MOVE, NUMBER, ORDER, replanning_plan
from agents.models.protocol import Calls, Clarify, PastTurn, Reading, ToolCall, Turn
from erp_adapters.store.session import ReadTransaction
from policies.drafts.replanning import Way
from tools.languages import said
from tools.replanning.arguments import Replan
from tools.replanning.drafting import DraftReplanning
from tools.replanning.following import FollowUp

NAME = "draft_replanning"
Wish: TypeAlias = Literal["shown", "move", "rest", "undo"]

_KIND = "order_rescheduling"
_DRAFT = r"(?:draft|propose|prepare|create|make|write up|hand in|submit|take|choose|go (?:with|for)|do|entwirf|entwerfe?n?|schlage?n?|nimm|nehmen|bereite?n?|erstelle?n?|reiche?n?|lege?n?|redacta|redactar|propón|propon|proponer|prepara|preparar|crea|crear|toma|elige|rédige[rz]?|redige|propose[rz]?|prépare[rz]?|crée[rz]?|prends|prenez|choisis)"
_AFTER = r"(?:,? (?:vor|ein|an|up|in|please|bitte|por favor|s'il (?:te|vous) plaît|now|jetzt|ahora|maintenant|as a draft|als entwurf|como borrador|comme brouillon))*"
_A_DRAFT = r"(?:(?:a |an |einen |un )?(?:draft|entwurf|borrador|brouillon)(?: (?:of|for|from|von|für|aus|de|del|para|pour|du))? )?"
_THE = r"(?:(?:the|die|der|das|den|la|el|los|le|les|lo) )?"
_WAYS: dict[Way, str] = {
    "stable_repair": r"stable repair|stabile reparatur|reparación estable|reparacion estable|réparation stable|reparation stable",
    "right_shift": r"right[- ]?shift(?:ing)?|rechtsverschiebung|nach rechts schieben|desplaza(?:r|miento) a la derecha|décale(?:r|z)? à droite|décalage à droite",
    "full_resolve": r"full re-?solve|full re-?planning|alles neu planen|vollständige neuplanung|komplette neuplanung|replanificar todo|replanificación completa|tout replanifier|replanification complète",
}
_RECOMMENDED = r"recommended (?:one|way|plan|repair)|recommendation|empfehlung|empfohlene[nr]? (?:weg|plan)|empfohlene|recomendación|recomendad[oa]|camino recomendado|recommandation|voie recommandée|recommandée?"
_THAT = r"it|that|this|them|these|those|(?:these |those |the )?(?:moves|changes)|that plan|this plan|es|das|dies|diese|(?:diese |die )?(?:verschiebungen|änderungen)|diesen plan|eso|esto|(?:estos |los |esos )?(?:movimientos|cambios)|ese plan|ça|cela|ceci|(?:ces |les )?(?:déplacements|changements)|ce plan"
_OBJECT = "|".join((*(f"(?P<{way}>{words})" for way, words in _WAYS.items()), _RECOMMENDED, _THAT))
_SHOWN = re.compile(rf"{_DRAFT} {_A_DRAFT}{_THE}(?:{_OBJECT}){_AFTER}", re.I)
_OF = r"(?: (?:of|from|von|vom|aus|de|del|du) (?:it|that|this|ihm|davon|ello|eso|cela|(?:the |dem |el |le )?(?:draft|entwurf|borrador|brouillon)(?: (?P<id>[0-9a-f-]{6,36}))?))?"
_REST = re.compile(
    rf"{_DRAFT} {_A_DRAFT}{_THE}(?:rest|remaining (?:moves|orders)|übrige[n]?(?: (?:aufträge|verschiebungen))?|resto|reste){_OF}{_AFTER}",
    re.I,
)
_MOVES = r"(?:the |these |those |those |die |diese |los |estos |les |ces )?(?:moves|verschiebungen|movimientos|déplacements)"
_UNDO = re.compile(
    rf"(?:(?:undo|reverse|revert|take back|roll back|mache?n?|nimm|nehmen|deshaz|deshacer|revierte|anula|annule[rz]?|défais)\s+{_MOVES}{_OF}(?: (?:rückgängig|zurück|back|again|please|bitte))*|move (?:the orders|them) back{_OF.replace('<id>', '<id2>')})",
    re.I,
)
_SINGLE = re.compile(
    rf"(?:{_DRAFT} (?:the )?(?:moving|move of)|{CAN}{MOVE})\s+(?:the |den |la |el |le |l')?{ORDER}\s+{NUMBER}\b|(?:den )?{ORDER}\s+(?:nr\.? ?)?\d{{2,}}\b.*\b(?:verschieben|verlegen|vorziehen|umterminieren|schieben)\W*$",
    re.I,
)
_LEAD = re.compile(rf"^{_DRAFT} (?:the )?(?:moving|move of)\s+", re.I)


def moves_wanted(question: str, past: Sequence[PastTurn]) -> Wish | None:
    """What a sentence wants drafted of moves, by its words and the turn before; None where nothing."""
    if is_question(question):
        return None
    bare = _bare(question)
    if _SINGLE.match(bare):
        return "move"
    if _last(past) is not None and _SHOWN.fullmatch(bare):
        return "shown"
    for wish, pattern in (("rest", _REST), ("undo", _UNDO)):
        found = pattern.fullmatch(bare)
        if found is not None and (_named(found) or _drafted(past)):
            return "rest" if wish == "rest" else "undo"
    return None


def way_said(text: str) -> Way | None:
    """The way that a text names; None where it names none."""
    return next((way for way, words in _WAYS.items() if re.search(words, text, re.I)), None)


async def moves_plan(turn: Turn, tx: ReadTransaction) -> Calls | Clarify | None:
    """The one call that a wish to draft moves comes to, or a question for what is missing."""
    wish = moves_wanted(turn.question, turn.past)
    bare = _bare(turn.question)
    match wish:
        case "move":
            # Read as the look-up reads it: order, day and site.
            asked = Turn(_LEAD.sub("move ", bare), (), turn.preferred, language=turn.language)
            plan = await replanning_plan(asked, ("replan",), tx)
            if not isinstance(plan, Calls):
                return plan
            replan = plan.reading.calls[0].arguments
            assert isinstance(replan, Replan), "the look-up was planned"
            return _calls(DraftReplanning.model_validate(replan.model_dump()))
        case "shown":
            shown = _last(turn.past)
            assert shown is not None, "it was looked at"
            found = _SHOWN.fullmatch(bare)
            way = None if found is None else next((one for one in _WAYS if found[one]), None)
            return _calls(DraftReplanning.model_validate({**shown.model_dump(), "way": way}))
        case "rest" | "undo":
            what: FollowUp = "rest" if wish == "rest" else "undo"
            found = (_REST if what == "rest" else _UNDO).fullmatch(bare)
            draft = (_named(found) if found else "") or _drafted(turn.past)
            return _calls(DraftReplanning.model_validate({"follows": draft, "what": what}))
        case None:
            return None


def _calls(arguments: DraftReplanning) -> Calls:
    return Calls(Reading((ToolCall(NAME, arguments),), said("Draft of moves of work orders"), 1.0))


def _bare(text: str) -> str:
    return plainly(text).strip(" \t.!?¿¡\"'")


def _last(past: Sequence[PastTurn]) -> Replan | None:
    """The disturbance that the turn before was about."""
    if not past:
        return None
    return next((one.arguments for one in past[-1].calls if isinstance(one.arguments, Replan)), None)


def _drafted(past: Sequence[PastTurn]) -> str:
    """Id of the draft of moves that was spoken of last; empty where there is none."""
    drafts = (turn.draft for turn in reversed(past) if turn.draft is not None)
    return next((draft.id for draft in drafts if draft.kind == _KIND), "")


def _named(found: re.Match[str]) -> str:
    groups = found.groupdict()
    return groups.get("id") or groups.get("id2") or ""

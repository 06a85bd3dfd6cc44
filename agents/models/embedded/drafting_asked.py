"""Questions about drafts, and words that would decide one: a look-up answers, and nothing is decided."""

# ruff: noqa: E501
# Patterns of wordings are read as one line.

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal, TypeAlias

from agents.models.embedded.drafting_words import plainly
from agents.models.protocol import Calls, Clarify, PastTurn, Reading, ToolCall, Turn
from tools.drafting.listing import ListDrafts
from tools.languages import said

Asks: TypeAlias = Literal["mine", "waiting", "all", "who", "confirm", "end"]

_NAME = "list_drafts"
_DRAFTS = r"(?:drafts?(?: requisitions?| transfers?| holds?| orders?)?|entwürfe?n?|entwuerfe|borradore?s?|brouillons?)"
_SHOW = r"(?:(?:show|list|see|view|display|give|get|find|zeige?n?|liste|muestra|muéstrame|enséñame|montre[zr]?|affiche[zr]?)(?:[ -](?:me|us|mir|uns|moi|auf))*\s+)?"
_ONE = r"(?:it|that|this|them|this one|that one|(?:the|my|this|that|our|last) (?:last )?(?:draft|requisition|transfer|hold|order|card)|draft \w+|es|das|ihn|sie|den entwurf|meinen entwurf|die bestellanforderung|die banf|eso|esto|lo|el borrador|mi borrador|la solicitud|ça|cela|le|le brouillon|mon brouillon|la demande)"
_END = r"(?:[ ,]+(?:please|now|then|for me|right away|again|bitte|jetzt|por favor|ahora|svp|s'il (?:te|vous) plaît|maintenant))*"
_CONFIRM = r"(?:confirm|approve|sign(?: off)?|accept|release|execute|submit|bestätigen?|bestaetigen?|genehmigen?|freigeben|unterschreiben?|confirma|confírma|confirmar|aprueba|apruéba|aprobar|confirme[rz]?|valide[rz]?|approuve[rz]?)"
_CANCEL = r"(?:cancel|reject|withdraw|discard|delete|drop|forget|scrap|undo|remove|decline|storniere?n?|verwirf|verwerfen|lösche?n?|ablehnen|lehne|cancela|cancéla|cancelar|anula|rechaza|rechazar|borra|annule[rz]?|rejette[rz]?|supprime[rz]?)"
_PATTERNS: tuple[tuple[Asks, str], ...] = (
    ("mine", rf"{_SHOW}(?:(?:what|which|where|welche|was|cuáles|quels) (?:are|sind|son|sont) )?(?:all )?(?:of )?(?:my|meine|mis|mes)(?: own| open| pending| last| latest| recent| offenen| letzten)? {_DRAFTS}"),
    ("mine", r"(?:what|which)(?: \w+){0,3} (?:did i|have i|i have|i've|i) (?:already |ever )?(?:drafted|draft)(?: so far| today| this week| yet)?"),
    ("mine", rf"(?:(?:what is|what's) the )?(?:status|state) of my {_DRAFTS}|what (?:happened to|became of|has become of|about) my {_DRAFTS}"),
    ("mine", r"(?:welche|was)(?: \w+){0,2} habe ich (?:schon |bisher )?(?:entworfen|angelegt)|qué(?: \w+){0,2} he redactado|qu'ai-je rédigé"),
    ("waiting", r"(?:what|anything|is anything|is there anything|which drafts?|what drafts?)(?:'s|s)?(?: is| are)?(?: still)? (?:waiting|pending|waits?|wait)(?: (?:for|on) (?:me|us|my \w+|a confirmation|confirmation|approval))?"),
    ("waiting", rf"(?:what|which drafts?|anything)(?: else)? (?:do|must|should|can|may|could) i (?:still )?(?:have to |need to )?{_CONFIRM}|what (?:have i|do i have) (?:got )?to {_CONFIRM}"),
    ("waiting", rf"(?:is there |do i have |have i got )?anything (?:for me )?to {_CONFIRM}|what needs (?:my|a) (?:confirmation|approval|signature)"),
    ("waiting", rf"{_SHOW}(?:(?:all|the|our|my|alle|die|los|les) )*(?:open|pending|waiting|unconfirmed|offenen?|wartenden?) (?:drafts?|approvals?|confirmations?|signatures?|entwürfe|bestätigungen|freigaben)"),
    ("waiting", rf"{_SHOW}(?:(?:all|the|los|les) )*{_DRAFTS} (?:(?:that|which) )?(?:are |is )?(?:waiting|pending|to confirm|awaiting confirmation|wait|pendientes|en attente)(?: (?:for|on) (?:me|us|confirmation|approval))?"),
    ("waiting", r"was wartet (?:noch )?auf (?:mich|uns)|was (?:muss|soll|kann|darf) ich (?:noch )?(?:bestätigen|freigeben|genehmigen|unterschreiben)|(?:qué|que) (?:tengo que|debo) (?:confirmar|aprobar)|(?:qué|que) me espera|que dois[- ]je (?:confirmer|valider|approuver)|qu'est[- ]ce qui m'attend"),
    ("confirm", rf"(?:yes|ok|okay|ja|sí|si|oui)?[ ,]*(?:i )?{_CONFIRM}(?:[ -]?(?:{_ONE}))?(?: frei)?{_END}"),
    ("confirm", rf"(?:gib|gebe|geben sie) {_ONE} frei{_END}|go ahead and (?:{_CONFIRM}|order|buy|send|post|write) {_ONE}{_END}|(?:order|send|post|write) (?:it|that|this){_END}"),
    ("who", rf"(?:who|wer|quién|quien|qui)(?: else)? (?:has to|have to|must|may|can|could|should|needs to|will|muss|darf|kann|soll|tiene que|debe|puede|doit|peut)(?: (?:noch|still|{_ONE}))* {_CONFIRM}(?:lo)?(?: {_ONE})?{_END}|who (?:confirms|approves|signs)(?: {_ONE})?"),
    ("confirm", rf"how (?:do|can|does) (?:i|we|one|somebody|the buyer) {_CONFIRM}(?: {_ONE})?|wie (?:bestätige|genehmige) ich {_ONE}"),
    ("end", rf"(?:no|nein|non)?[ ,]*{_CANCEL}(?:[ -]?(?:{_ONE}))(?: ab)?{_END}|never ?mind(?: (?:it|that|the draft))?|brich {_ONE} ab"),
    ("end", rf"how (?:do|can) (?:i|we) {_CANCEL}(?: {_ONE})?"),
    ("all", rf"{_SHOW}(?:(?:all|the|our|alle|die|unsere|todos|los|tous|les|open) )*{_DRAFTS}(?: (?:of|at|in|for|von|de) (?:my|our|meinen?|unseren?) (?:sites?|plants?|werke?))?"),
)  # fmt: skip
_READ = tuple((asks, re.compile(pattern, re.IGNORECASE)) for asks, pattern in _PATTERNS)
_EXAMPLE = (
    "Say what you need, how much, for which site and by when, for example: draft a requisition for 500 of"
    " BR-6204 for Kassel by 4 December. Nothing is written before a person confirms it."
)
_ABOUT: dict[Asks, Literal["people", "confirming", "ending"]] = {
    "who": "people",
    "confirm": "confirming",
    "end": "ending",
}
_AGREED = re.compile(
    r"(?:yes|yep|yeah|ok|okay|do it|go ahead|fine|good|perfect|looks good|that's right|sounds good|order it|send it|ja|genau|passt|mach das|sí|vale|hazlo|adelante|oui|d'accord|vas-y)(?:[ ,]+(?:please|bitte|do it|go ahead|thanks))*",
    re.IGNORECASE,
)
_DROPPED = re.compile(
    r"(?:no|nope|cancel|stop|abort|nein|abbrechen|stopp|no gracias|cancela|non|annule)", re.IGNORECASE
)


def asks_of(text: str, *, has_draft: bool) -> Asks | None:
    """What a text asks about drafts; None where it is about something else.

    Args:
        has_draft: True right behind a draft, where a mere `yes` speaks of it.
    """
    bare = " ".join(text.replace("’", "'").split()).strip(" \t.!?¿¡\"'")
    for plain in dict.fromkeys((bare, plainly(bare).strip(" .!?"))):
        if has_draft and _AGREED.fullmatch(plain):
            return "confirm"
        if has_draft and _DROPPED.fullmatch(plain):
            return "end"
        for asks, pattern in _READ:
            if pattern.fullmatch(plain):
                return asks
    return None


_CHANGES_NOTHING = re.compile(
    r"(?:please |bitte )?(?:make (?:it|that|this)|change (?:it|that|this) to|mach(?:e|en sie)? (?:es|daraus|\d+ daraus)|ändere (?:es|das) auf|cámbialo a|hazlo|mets-en)\b[^?]*\d[^?]{0,20}",
    re.IGNORECASE,
)  # fmt: skip
"""Changes a draft, and stands first in a conversation."""
_HOW = re.compile(
    r"how (?:do|can|could|should|would) (?:i|we|one) (?:order|buy|draft|create|raise|make|request|place)(?: (?:a|an|some|something|any|new|purchase|material|materials|parts|goods|things|stuff|requisitions?|orders?|drafts?|transfers?|here|with you))*|"
    r"wie (?:bestelle|entwerfe|erstelle) ich(?: (?:etwas|was|eine|bestellung|bestellanforderung|material|hier))*|cómo (?:pido|compro|creo)(?: (?:algo|una|solicitud|pedido|material))*|comment (?:commander|créer)(?: (?:quelque chose|une|demande|commande))*",
    re.IGNORECASE,
)


def about_drafts(turn: Turn) -> Calls | Clarify | None:
    """The look-up that answers, or what to say instead; None for whatever is not about drafts."""
    bare = turn.question.strip(" .!?¿")
    if not turn.past and _CHANGES_NOTHING.fullmatch(bare):
        text = "There is no draft in this conversation that could be changed; say what to draft."
        return Clarify(said(text), ())
    if _HOW.fullmatch(bare):
        return Clarify(said(_EXAMPLE), ())
    last = _last_draft(turn.past)
    asks = asks_of(turn.question, has_draft=bool(turn.past) and turn.past[-1].draft is not None)
    if asks is None:
        return None
    if asks == "mine" or asks == "waiting" or asks == "all":
        arguments = ListDrafts(whose=asks)
    elif last:
        arguments = ListDrafts(about=_ABOUT[asks], draft=last)
    else:
        arguments = ListDrafts(whose="mine" if asks == "end" else "waiting", about=_ABOUT[asks])
    return Calls(Reading((ToolCall(_NAME, arguments),), said("Drafts"), 1.0))


def _last_draft(past: Sequence[PastTurn]) -> str:
    """End of the id of the draft that was spoken of last."""
    return next((turn.draft.id[-12:] for turn in reversed(past) if turn.draft is not None), "")

"""Reads wishes to move a line of a purchase order to another day, in four languages, by rules alone."""

# ruff: noqa: E501
# Patterns of wordings are read as one line.

from __future__ import annotations

import re
from datetime import date

from agents.models.embedded.drafting_days import days_in, without_days
from agents.models.embedded.drafting_words import is_question, plainly
from agents.models.embedded.replanning_reader import CAN, MOVE
from agents.models.protocol import Calls, Clarify, Reading, ToolCall, Turn
from erp_adapters.store.session import ReadTransaction
from tools.drafting.redating import DraftRedating
from tools.languages import said
from tools.naming import Site, all_sites

NAME = "draft_redating"
_DRAFT = (
    r"(?:(?:draft|propose|prepare|entwirf|redacta|rédige)\s+(?:the\s+|a\s+)?(?:moving|move|re-?dating|new (?:delivery )?(?:date|day))(?:\s+(?:of|for))?|(?:re-?date|change the (?:delivery |due )?(?:date|day) (?:of|for)|set the (?:delivery |due )?(?:date|day) (?:of|for)|ändere (?:den )?(?:liefer)?termin (?:von|der|für)|cambia la fecha (?:de entrega )?(?:de|del)|change la date (?:de livraison )?(?:de|du))|"
    + MOVE
    + r")"
)
_THE = r"(?:(?:the|our|die|der|das|den|la|el|le|les|l'|lo)\s*)?"
_NO = r"(?:(?:no\.?|nr\.?|number|nummer|número|numéro|n[°º]|#)\s*)?"
_LINE = rf"(?:(?:delivery of )?(?:line|item|position|pos\.?|zeile|bestellposition|línea|linea|posición|posicion|partida|ligne|poste)\s+{_NO}(?P<line>\d[\w-]{{0,30}}))"
_LINE2 = _LINE.replace("<line>", "<line2>")
_OF = r"(?:,?\s*(?:of|on|in|from|der|von|aus|in der|de|del|de la|de l')\s*)"
_BOUGHT = r"(?:purchase orders?|pos?|p\.o\.|bestellung|einkaufsbestellung|(?:orden|pedido) de compra|pedido|(?:bon de )?commande(?: d'achat)?)"
_ANY = rf"(?:{_BOUGHT}|order|auftrag|orden)"
"""With a line before it, an order is one that is bought."""
_NUMBER = r"(?P<order>(?=[\w-]*\d)[A-Za-z0-9][\w-]{1,40})"
_NUMBER2 = _NUMBER.replace("<order>", "<order2>")
_NUMBER3 = _NUMBER.replace("<order>", "<order3>")
_WHY = (
    r"(?:\s*(?:,|:|–|-)?\s*(?:because|since|weil|da|denn|porque|ya que|parce que|car)\s+(?P<why>.{3,200}))?"
)
_TO = r"(?:\s*(?:to|until|till|for|on|by|out|back|forward|in|auf|zum|bis|nach hinten|vor|al|a|para|hasta|au|à|pour|jusqu'au|the|den|el|le|verschieben|verlegen|vorziehen|umterminieren|schieben|legen|ziehen|please|bitte))*"
_AT = r"(?:\s+(?:at|in|bei|en|à)\s+(?P<place>[^\W\d][\w-]*(?: [^\W\d][\w-]*){0,2}?))?"
_WISH = re.compile(
    rf"{CAN}(?:{_DRAFT}\s+{_THE}{_LINE}{_OF}{_THE}{_ANY}\s+{_NO}{_NUMBER}|{_DRAFT}\s+{_THE}{_BOUGHT}\s+{_NO}{_NUMBER2}(?:\s*,?\s*{_LINE2})?|{_THE}{_BOUGHT}\s+{_NO}{_NUMBER3},?\s+{_LINE.replace('<line>', '<line3>')})"
    rf"{_AT}{_TO}\s*[.!]*{_WHY}[.!]*",
    re.IGNORECASE,
)


def redating_wanted(text: str) -> bool:
    """Whether a sentence wants a line or an order that is bought on another day; which day is not looked at."""
    return not is_question(text) and _found(text, date.min, "") is not None


async def redating_plan(turn: Turn, tx: ReadTransaction) -> Calls | Clarify | None:
    """The one call that such a wish comes to, or a question for the day."""
    if is_question(turn.question) or not _speaks_of_it(turn.question):
        return None
    sites = await all_sites(tx)
    if not sites:
        return None
    today = max(site.today for site in sites)
    named, bare = _without_site(turn.question, sites)
    found = _found(bare, today, turn.language)
    if found is None:
        return None
    days = days_in(bare.partition(found["why"] or "\0")[0], today, turn.language)
    if len(days) != 1:
        return Clarify(said("To which day should it be moved? Name one day."), ())
    arguments = DraftRedating(
        order=found["order"] or found["order2"] or found["order3"],
        line=found["line"] or found["line2"] or found["line3"],
        needed_on=days[0],
        # A place that is no site of theirs is refused by its name, and not passed over.
        site=named or found["place"],
        reason=found["why"],
    )
    return Calls(
        Reading((ToolCall(NAME, arguments),), said("Draft of another day for a purchase order line"), 1.0)
    )


def _speaks_of_it(text: str) -> bool:
    """A first look without the database: most sentences are none of this."""
    return len(text) <= 400 and re.search(rf"\b(?:{_BOUGHT})\b|\b{_LINE}", text, re.IGNORECASE) is not None


def _found(text: str, today: date, language: str) -> re.Match[str] | None:
    # Where no language is known yet, days of all are left out.
    bare = plainly(text)
    for each in (language,) if language else ("en", "de", "es", "fr"):
        rest = " ".join(
            without_days(bare, today if today > date.min else date(2026, 1, 1), each)
            .replace("|", " ")
            .split()
        )
        if found := _WISH.fullmatch(rest.strip(" \t\"'")):
            return found
    return None


def _without_site(text: str, sites: list[Site] | tuple[Site, ...]) -> tuple[str | None, str]:
    """The site that is named at the end or before the day, and the sentence without it."""
    for site in sites:
        for name in (site.name, site.site):
            found = re.search(rf"\s+(?:at|in|bei|für|en|à|of|for)\s+{re.escape(name)}\b", text, re.IGNORECASE)
            if found is not None:
                return site.site, text[: found.start()] + text[found.end() :]
    return None, text

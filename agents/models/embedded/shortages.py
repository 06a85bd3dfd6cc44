"""Parts that are short, where a question asks for these alone: `which parts are we short of`."""

from __future__ import annotations

import re

from agents.models.embedded.masked import Masked
from tools.bom import ExplodeBom

_PARTS = (
    "which|what|list|show|name|any|only|those|ones|parts?|components?|materials?|everything|purchased|bought"
)
_LACK = (
    r"short(?: of)?(?= (?:of|for|if|when|on|in)\b|\W*$| ?[,.?;])|missing|lack(?:ing)?|insufficient|not enough"
    r"|do(?:es)? ?not (?:have enough|suffice)|too (?:few|little)|not (?:be )?(?:covered|sufficient)"
    r"|run(?:s|ning)? (?:out|short)|fall(?:s|ing)? short|cannot cover|(?:would|will|be|are|is) short"
)
_SHORT = re.compile(rf"\b(?:{_PARTS})\b[^.?;]{{0,90}}?\b(?:{_LACK})\b")
_DIGITS = re.compile(r"\d+")
_BOUGHT = re.compile(
    r"\b(?:purchased|bought|bought-in)\b(?: \w+){0,2}? (?:parts?|components?|materials?|items?)\b"
)
_MADE = re.compile(r"\b(?:made|manufactured|in[- ]house|assembl(?:y|ies)|all components?)\b")
_NOT_ALONE = re.compile(
    r"\b(?:not|non|no|without|excluding|exclude|except|mark|flag)\b[ -]*(?:\w+ ){0,3}?(?:purchased|bought)\b"
    r"|\b(?:purchased|bought)\b[^.?;]{0,40}\b(?:marked|flagged|others)\b"
)
"""Bought parts that are left out, or told from the others."""
_OF_EACH = re.compile(
    r"\b(?:how (?:short|much|many)|whether|for (?:each|every|all))\b[^.?;]{0,40}\b(?:short|missing)\b"
)


def exploded(call: ExplodeBom, question: Masked) -> ExplodeBom:
    """The look-up as the question asks: of so many, of bought parts alone, of those that do not suffice."""
    call = _of_so_many(call, question)
    text = " ".join(spot.text.lower() for spot in question.spots)
    bought = _BOUGHT.search(text) and not _MADE.search(text) and not _NOT_ALONE.search(text)
    if question.language == "en" and not call.component and bought:
        call = call.model_copy(update={"purchased_only": True})
    return _short_alone(call, question)


def _of_so_many(call: ExplodeBom, question: Masked) -> ExplodeBom:
    """The quantity where it was taken from a name: the 100 of `6204 (Ball bearing 6204) for 100 CP 32`."""
    named = {digits for spot in question.spots if spot.meanings for digits in _DIGITS.findall(spot.text)}
    numbers = [spot.number for spot in question.spots if spot.number is not None and not spot.meanings]
    others = {number for number in numbers if f"{number:f}" not in named}
    if f"{call.quantity:f}" not in named or call.quantity in others or len(others) != 1:
        return call
    return call.model_copy(update={"quantity": others.pop()})


def _short_alone(call: ExplodeBom, question: Masked) -> ExplodeBom:
    """The look-up of those parts alone that do not suffice, where that is asked."""
    if call.component or question.language != "en":
        return call
    if call.short_only:
        return call.model_copy(update={"with_stock": False})
    text = " ".join(question.words)
    if not _SHORT.search(text) or _OF_EACH.search(text):
        return call
    return call.model_copy(update={"short_only": True, "with_stock": False})

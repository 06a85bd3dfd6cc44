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
_OF_EACH = re.compile(
    r"\b(?:how (?:short|much|many)|whether|for (?:each|every|all))\b[^.?;]{0,40}\b(?:short|missing)\b"
)


def short_alone(call: ExplodeBom, question: Masked) -> ExplodeBom:
    """The look-up of those parts alone that do not suffice, where that is asked."""
    if call.component or question.language != "en":
        return call
    if call.short_only:
        return call.model_copy(update={"with_stock": False})
    text = " ".join(question.words)
    if not _SHORT.search(text) or _OF_EACH.search(text):
        return call
    return call.model_copy(update={"short_only": True, "with_stock": False})

"""Reads a wish to publish the explanation of a variance, in four languages: by rules alone."""

# ruff: noqa: E501
# Patterns of wordings are read as one line.

from __future__ import annotations

import re

from agents.models.embedded.drafting_words import is_question, plainly
from agents.models.embedded.lookups_variance import reading_of
from agents.models.protocol import Calls, Clarify, PastTurn, Plan, Reading, ToolCall
from tools.languages import Language, said
from tools.variance.tool import ExplainVariance

TOOL = "draft_explanation"
_LONGEST = 300
_SURE = 1.0
_END = r"(?:[ ,]+(?:please|now|then|for me|bitte|jetzt|por favor|ahora|svp|s'il (?:te|vous) plaît|maintenant))*[ .!]*"
_WHAT = r"(?:variance |cost |abweichungs)?(?:explanation|erklärung|erklaerung|analyse|explicación|explicacion|explication)"
_THAT = (
    r"(?:it|that|this|them|(?:that|this|the|my|our) (?:last )?explanation|"
    r"das|dies|diese|sie|es|(?:die|diese|meine|unsere) (?:letzte )?(?:abweichungs)?erklärung|"
    r"eso|esto|lo|la|(?:la|esta|esa|mi) explicación|"
    r"ça|cela|ceci|la|le|(?:l'|cette |mon )explication)"
)
_VERB = r"(?:publish|veröffentlichen?(?: sie)?|veroeffentlichen?(?: sie)?|publiziere[n]?|publica|publicar|publie[rz]?)"
_OF = r"(?:of|for|on|about|von|vom|der|des|für|zu|zur|de|del|la|sobre|para|du|d'|sur|pour)"
_ARTICLE = r"(?:the|an?|my|our|die|eine|unsere|la|una|l'|une|notre)"
_BARE = (
    re.compile(rf"^{_VERB}[ -]*{_THAT}{_END}$", re.IGNORECASE),
    re.compile(rf"^{_THAT} (?:bitte |jetzt )?(?:veröffentlichen|veroeffentlichen|publizieren){_END}$", re.IGNORECASE),
    re.compile(rf"^publ[íi](?:ca|que)(?:la|lo){_END}$", re.IGNORECASE),
)  # fmt: skip
_NAMED = (
    re.compile(rf"^{_VERB} (?:{_ARTICLE} ?)?{_WHAT} (?:{_OF} ?)?(?P<rest>.+)$", re.IGNORECASE),
    re.compile(rf"^(?:{_ARTICLE} ?)?{_WHAT} (?:{_OF} )?(?P<rest>.+?) (?:bitte )?(?:veröffentlichen|veroeffentlichen|publizieren){_END}$", re.IGNORECASE),
    re.compile(rf"^{_VERB} (?P<rest>(?:why|warum|weshalb|wieso|por qué|pourquoi) .+)$", re.IGNORECASE),
)  # fmt: skip
_EXPLAIN: dict[Language, str] = {"en": "Explain", "de": "Erkläre", "es": "Explica", "fr": "Explique"}
_WHICH = (
    "Which explanation is to be published? Ask first why a plant was over standard in a month, then say"
    " publish that; or name plant and month: publish the explanation of Monterrey in October."
)


def asks_to_publish(text: str) -> bool:
    """Whether a sentence asks for an explanation to be published: its own words say so, and nothing else does."""
    plain = plainly(text)
    if len(text) > _LONGEST or is_question(text):
        return False
    return any(pattern.match(plain) for pattern in (*_BARE, *_NAMED))


def named_in(text: str, language: Language) -> str:
    """The question that the named explanation answers; empty where the last one is meant."""
    plain = plainly(text)
    if any(pattern.match(plain) for pattern in _BARE):
        return ""
    found = next((match for pattern in _NAMED if (match := pattern.match(plain))), None)
    return f"{_EXPLAIN[language]} {found['rest']}" if found else ""


def told_last(past: tuple[PastTurn, ...]) -> ExplainVariance | None:
    """What the last explanation of the conversation was of."""
    for turn in reversed(past):
        for call in turn.calls:
            if isinstance(call.arguments, ExplainVariance):
                return call.arguments
    return None


def publishing_plan(arguments: ExplainVariance | None) -> Plan:
    """The call that drafts it, or the question which one is meant."""
    if arguments is None:
        return Clarify(said(_WHICH), ())
    return Calls(Reading((ToolCall(TOOL, arguments),), reading_of(arguments).words, _SURE))

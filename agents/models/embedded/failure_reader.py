"""Reads which lines and machines are likely to fail, in four languages: rules account for every word."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import yaml

from agents.models.embedded.requirements_reader import heard_in
from agents.models.protocol import Calls, Reading, ToolCall, Turn
from erp_adapters.store.session import ReadTransaction
from tools.languages import said
from tools.naming import all_sites
from tools.predicting.inputs import HORIZON
from tools.predicting.tool import FailureRisk
from tools.rows import rows

NAME = "failure_risk"

_WORDS = Path(__file__).with_name("failure_words.yaml")

_FAILS = re.compile(
    r"\b(?:fail(?:s|ing|ures?)?|stop(?:s|page|pages)?|break(?:s|ing)? ?downs?|go(?:es)? down|outages?"
    r"|ausf[aä]ll(?:e|en|t)?|ausfallen|auszufallen|ausfallrisiko|ausfallwahrscheinlichkeit(?:en)?"
    r"|f[aä]ll(?:t|en) .*\baus|stehen ?bleiben|stillst[aä]nde?|stehen|störung(?:en)?"
    r"|fall(?:ar(?:á|án)?|an|os?)|parar(?:á|án|se)?|pararán|averiar(?:á|án|se)?|averías?|paradas?"
    r"|tomb(?:er|ent|e|era|eront) en panne|pannes?|arrêt(?:er|ent|s|era|eront)?|s'arrêt(?:er|ent|era|eront)"
    r"|défaillances?)\b",
    re.I,
)
_LIKELY = re.compile(
    r"\b(?:likely|likeliest|likelihood|probabl[ey]|probability|probabilities|risks?|at risk|chances?"
    r"|predict(?:ed|ions?)?|foretold|forecast|expected|expect|threaten(?:s|ed)?|danger|about to|going to"
    r"|wahrscheinlich(?:sten?|keit(?:en)?)?|voraussichtlich|drohen|droht|risik(?:o|en)|gefahr|gefährdet|vorhersagen?"
    r"|vorhergesagte?n?|ausfallrisik(?:o|en)|ausfallwahrscheinlichkeit(?:en)?"
    r"|probable(?:s|mente)?|probabilidad(?:es)?|riesgos?|previst[oa]s?|predicción|predicciones"
    r"|risquent|risque(?:s|nt)?|probablement|probabilités?|prévue?s?|prévisions?|menac(?:e|ent|ées?))\b",
    re.I,
)
_PAST = re.compile(
    r"\b(?:failed|stopped|broke|did|was|were|last|previous|so far|until now|history|happened"
    r"|ausgefallen|gestanden|letzte[nrs]?|vorige[nrs]?|bisher|war|waren"
    r"|fallaron|pararon|última|último|pasad[oa]|hubo"
    r"|tombée?s|arrêtée?s|derni[eè]re?s?|passée?)\b",
    re.I,
)
_WORD = re.compile(r"[\w'-]+")


@dataclass(frozen=True, slots=True)
class _Place:
    """A work centre, and the line it stands in."""

    work_centre_id: str
    name: str
    line: str | None


_PLACES = """
select distinct work_centre_id, name, line from erp.work_centre
where %(site)s::text is null or site = %(site)s
"""


async def failure_plan(turn: Turn, admitted: Collection[str], tx: ReadTransaction) -> Calls | None:
    """The call for failures that are likely, or None for anything else."""
    text = turn.question
    if NAME not in admitted or len(text) > 200:
        return None
    if not (_FAILS.search(text) and _LIKELY.search(text)) or _PAST.search(text):
        return None
    sites = await all_sites(tx)
    if not sites:
        return None
    heard = heard_in(text, sites, turn.language)
    if heard.days is not None and heard.days > HORIZON.days:
        return None
    places = await rows(tx, _Place, _PLACES, {"site": heard.site})
    found = _named(_LIKELY.sub(" ", _FAILS.sub(" ", heard.text)), places)
    if found is None:
        return None
    line, centre = found
    args = FailureRisk(site=heard.site, line=line, work_centre=centre)
    return Calls(Reading((ToolCall(NAME, args),), said("Failures that are likely"), 1.0))


def _named(rest: str, places: Collection[_Place]) -> tuple[str | None, str | None] | None:
    """The line and the work centre that what is left of a question names; None where it says more."""
    for place in sorted(places, key=lambda each: -len(each.name)):
        for name in (place.name, place.work_centre_id):
            # An id of letters and digits is one only as it is written: no word is taken for it.
            found = re.search(rf"\b{re.escape(name)}\b", rest, re.I if name == place.name else 0)
            if found is not None:
                left = f"{rest[: found.start()]} {rest[found.end() :]}"
                return (None, place.work_centre_id) if _is_said_anyway(left) else None
    for line in sorted({place.line for place in places if place.line}, key=len, reverse=True):
        found = re.search(rf"\b{re.escape(line)}\b", rest, re.I)
        if found is not None:
            left = f"{rest[: found.start()]} {rest[found.end() :]}"
            return (line, None) if _is_said_anyway(left) else None
    return (None, None) if _is_said_anyway(rest) else None


def _is_said_anyway(text: str) -> bool:
    words = (word for each in _WORD.findall(text.casefold()) for word in each.split("'"))
    return all(not word or word in _said_anyway() for word in words)


@lru_cache(maxsize=1)
def _said_anyway() -> frozenset[str]:
    return frozenset(str(yaml.safe_load(_WORDS.read_text(encoding="utf-8"))["said_anyway"]).split())

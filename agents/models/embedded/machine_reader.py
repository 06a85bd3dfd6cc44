"""Reads what machines measure, in four languages: rules account for every word."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import yaml

from agents.models.protocol import Calls, Reading, ToolCall, Turn
from erp_adapters.store.session import ReadTransaction
from tools.languages import said
from tools.machines.tool import MachineValues
from tools.naming import Site, all_sites
from tools.rows import rows

NAME = "machine_values"
_WORDS = Path(__file__).with_name("machine_words.yaml")
_DAYS = re.compile(
    r"\b(?:(?:in|over|during|for|within|w[aä]hrend|seit|en|durante|sur|pendant|depuis) )?"
    r"(?:(?:the|den|der|los|las|les|le) )?"
    r"(?:last|past|letzten?|vergangenen|[uú]ltim[oa]s?|pasad[oa]s?|derni[eè]re?s?)? ?"
    r"(?P<n>\d{1,3}) (?:derniers |derni[eè]res |[uú]ltimos )?"
    r"(?P<what>days?|weeks?|months?|tagen?|wochen?|monaten?|d[ií]as?|semanas?|mes(?:es)?"
    r"|jours?|semaines?|mois)\b",
    re.I,
)
_WORD = re.compile(r"[\w'-]+")


@dataclass(frozen=True, slots=True)
class _Place:
    """A work centre by its id and name."""

    work_centre_id: str
    name: str


_PLACES = """
select distinct work_centre_id, name from erp.work_centre
where %(site)s::text is null or site = %(site)s
"""


async def machine_plan(turn: Turn, admitted: Collection[str], tx: ReadTransaction) -> Calls | None:
    """The call for what machines measure, or None for anything else."""
    text = " ".join(turn.question.replace("’", "'").split()).strip().rstrip("?!. ")
    if NAME not in admitted or len(text) > 200:
        return None
    measured, rest = _measured(text)
    if measured is None:
        return None
    sites = await all_sites(tx)
    site, rest = _site(rest, sites)
    rest, days = _span(rest)
    if days is not None and not 1 <= days <= 366:
        return None
    places = await rows(tx, _Place, _PLACES, {"site": site})
    centre, rest = _centre(rest, places)
    words = (word for each in _WORD.findall(rest.casefold()) for word in each.split("'"))
    if not all(not word or word in _known()["said_anyway"] for word in words):
        return None
    if centre is None and measured != "":
        # A temperature of nothing in particular may be one of a document or a material.
        return None
    args = MachineValues(site=site, work_centre=centre, measures=measured or None)
    if days is not None:
        args = args.model_copy(update={"days": days})
    return Calls(Reading((ToolCall(NAME, args),), said("Machine values"), 1.0))


def _measured(text: str) -> tuple[str | None, str]:
    """What is measured (empty for all of it), and the rest of the question."""
    for measures, words in _known().items():
        if measures == "said_anyway":
            continue
        found = re.search(
            rf"\b(?:{'|'.join(re.escape(word) for word in sorted(words, key=len)[::-1])})\b", text, re.I
        )
        if found is not None:
            return ("" if measures == "all" else measures), f"{text[: found.start()]} {text[found.end() :]}"
    return None, text


def _site(text: str, sites: Collection[Site]) -> tuple[str | None, str]:
    for one in sorted(sites, key=lambda each: -len(each.name)):
        for name in (one.name, one.site):
            # A code of three letters is only one in capitals: no word is taken for it.
            found = re.search(rf"\b{re.escape(name)}\b", text, 0 if name == one.site else re.I)
            if found is not None:
                return one.site, f"{text[: found.start()]} {text[found.end() :]}"
    return None, text


def _span(text: str) -> tuple[str, int | None]:
    found = _DAYS.search(text)
    if found is None:
        return text, None
    what = found["what"].casefold()
    each = 7 if what.startswith(("w", "s")) else 30 if what.startswith("m") else 1
    return f"{text[: found.start()]} {text[found.end() :]}", int(found["n"]) * each


def _centre(text: str, places: Collection[_Place]) -> tuple[str | None, str]:
    for place in sorted(places, key=lambda each: -len(each.name)):
        for name in (place.name, place.work_centre_id):
            found = re.search(rf"\b{re.escape(name)}\b", text, re.I if name == place.name else 0)
            if found is not None:
                return place.work_centre_id, f"{text[: found.start()]} {text[found.end() :]}"
    return None, text


@lru_cache(maxsize=1)
def _known() -> dict[str, frozenset[str]]:
    given = yaml.safe_load(_WORDS.read_text(encoding="utf-8"))
    return {
        name: frozenset(str(words).split() if name == "said_anyway" else words)
        for name, words in given.items()
    }

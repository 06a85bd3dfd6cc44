"""Questions why a plant's cost is over or under standard, plan, an earlier period or another plant's.

They are told by patterns over the masked question, in each language, as the look-ups of costs are; the names
and periods that are masked in it are the slots.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict

from agents.models.embedded.masked import Masked
from agents.models.embedded.periods import Period
from agents.models.embedded.reporting import Reporting
from agents.models.protocol import PastTurn, Reading, ToolCall
from tools.languages import Language, said
from tools.languages.forms import joined, month_text
from tools.variance.explanation import Comparison
from tools.variance.tool import ExplainVariance

TOOL = "explain_variance"
_FILE = Path(__file__).with_name("lookups_variance.yaml")
_SURE = 0.97


class _Patterns(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    why: dict[Language, str]
    standard: dict[Language, str]
    plan: dict[Language, str]
    cost: dict[Language, str]
    earlier: dict[Language, str]
    group: dict[Language, str]
    several: str
    """Plants that are meant together, not against each other."""
    than_period: str
    """One period that the one in question is compared with."""
    plant: dict[Language, str]
    common: dict[Language, str]
    """Words that may stand in capitals and are no names."""
    subject: dict[Language, str]
    """What a question is about that names nothing the caller has."""
    again: str
    """A follow-up that changes plant or period alone."""
    other_subject: str


@lru_cache(maxsize=1)
def _patterns() -> _Patterns:
    return _Patterns.model_validate(yaml.safe_load(_FILE.read_text(encoding="utf-8")))


@dataclass(frozen=True, slots=True)
class _Slots:
    sites: tuple[str, ...]
    companies: tuple[str, ...]
    periods: tuple[Period, ...]
    names: Mapping[str, str]


def may_ask_why(text: str, language: Language, past: PastTurn | None) -> bool:
    """False where a question certainly asks for none, told before any name in it is looked up."""
    goes_on = past is not None and any(call.name == TOOL for call in past.calls)
    return goes_on or _says(_patterns().why[language], text)


def variance_of(
    question: Masked,
    tools: Collection[str],
    today: date,
    sites: Collection[str],
    past: PastTurn | None = None,
    reporting: Reporting | None = None,
    *,
    alone: bool = False,
    assumed: bool = False,
) -> Reading | None:
    """The explanation that a question asks for; None where it asks for none, or names no plant of several.

    Args:
        question: with names and periods masked, and without what it says of currencies.
        today: the data's own.
        sites: names of the sites that the caller sees.
        past: the turn before, which a follow-up may go on from.
        reporting: in which currency it wants its amounts, and at which rates.
        alone: True of `and in EUR?`, which says nothing else.
        assumed: True where it is known to ask for one; against standard, where it says nothing else.
    """
    if TOOL not in tools:
        return None
    patterns, language = _patterns(), question.language
    words = " ".join(question.words)
    slots = _slots(question)
    money = _money(reporting)
    if money is None:
        return None
    if past is not None and (_says(patterns.again, words) or bool(money and alone)):
        return _again(past, slots, money)
    if not assumed and (not _says(patterns.why[language], words) or _says(patterns.other_subject, words)):
        return None
    against = _against(patterns, words, language, slots)
    if against is None and assumed and len(slots.sites) < 2:
        against = "standard"
    scope = None if against is None else _scope(patterns, words, language, slots, against, sites)
    if against is None or scope is None:
        return None
    found = _arguments(against, {**scope, **money}, slots, _says(patterns.than_period, words), today)
    return None if found is None else reading_of(found)


def not_theirs(question: Masked) -> str:
    """A name in a question that the caller's data does not have; an answer about their own would mislead."""
    patterns = _patterns()
    left = [spot for spot in question.spots if spot.word.islower() and not spot.meanings]
    if any(
        spot.text.islower() for spot in left
    ):  # Otherwise all of it is in capitals, and none tells a name.
        common = re.compile(patterns.common[question.language], re.IGNORECASE)
        first = question.spots[0]
        for spot in left:
            if spot is not first and spot.text[:1].isupper() and not common.search(spot.text):
                return spot.text
    # Capitals are the kinds of names that were found.
    found = re.search(patterns.subject[question.language], " ".join(question.words))
    return found[1] if found else ""


def _money(reporting: Reporting | None) -> dict[str, object] | None:
    """Currency and rates as arguments; None where a bridge has no step for what is wanted."""
    if reporting is None or not reporting:
        return {}
    if reporting.rates == "closing" or reporting.year is not None or reporting.intercompany:
        return None
    found: dict[str, object] = {"currency": reporting.currency} if reporting.currency else {}
    return found | ({"rates": "constant"} if reporting.rates in ("constant", "plan") else {})


def _scope(
    patterns: _Patterns,
    words: str,
    language: Language,
    slots: _Slots,
    against: Comparison,
    sites: Collection[str],
) -> dict[str, object] | None:
    """What is to be explained; None where no plant is named of several."""
    if against == "plant":
        return {"site": slots.sites[0], "other_site": slots.sites[1]}
    if len(slots.sites) > 1:
        return {"plants": slots.sites} if not slots.companies else None
    if slots.sites:
        return {"site": slots.sites[0]}
    if slots.companies:
        return {"company": slots.companies[0]} if len(slots.companies) == 1 else None
    if _says(patterns.group[language], words):
        return {"group": True}
    return {"site": next(iter(sites))} if len(sites) == 1 else None


def reading_of(arguments: ExplainVariance) -> Reading:
    """The look-up of an explanation, in words."""
    month = month_text(date.fromisoformat(f"{arguments.period}-01"))
    words = said("Why the cost of [[site]] differs, [[period]]", site=_about(arguments), period=month)
    return Reading((ToolCall(TOOL, arguments),), words, _SURE)


def _about(arguments: ExplainVariance) -> str:
    if arguments.group:
        return said("the group")
    return arguments.site or arguments.company or joined(list(arguments.plants))


def _against(patterns: _Patterns, words: str, language: Language, slots: _Slots) -> Comparison | None:
    if len(slots.sites) > 1 and not _says(patterns.several, words):
        return "plant" if len(slots.sites) == 2 and _says(patterns.plant[language], words) else None
    if _says(patterns.plan[language], words):
        return "plan"
    if _says(patterns.standard[language], words):
        return "standard"
    costly = _says(patterns.cost[language], words) or "account" in slots.names
    return "earlier" if costly and _says(patterns.earlier[language], words) else None


def _arguments(
    against: Comparison, scope: Mapping[str, object], slots: _Slots, compares_period: bool, today: date
) -> ExplainVariance | None:
    product = slots.names.get("material")
    if product is not None and (against != "standard" or set(scope) != {"site"}):
        return None
    asked = sorted((span for each in slots.periods if (span := _months(each))), reverse=True)
    if len(asked) != len(slots.periods) or len(asked) > 2 or (len(asked) == 2 and against != "earlier"):
        # Days, open ends, and more than can be compared are for the other readers.
        return None
    earlier = asked[1][0] if len(asked) == 2 else None
    if not asked:
        asked = [(_latest(today),) * 2]
    elif against == "earlier" and len(asked) == 1 and compares_period:
        now = _latest(today)
        if asked[0][0] >= now:
            return None
        earlier, asked = asked[0][0], [(now, now)]
    first, last = asked[0]
    return ExplainVariance.model_validate(
        {
            **scope,
            "period": first,
            "until": last if last != first else None,
            "against": against,
            "earlier": earlier,
            "product": product,
            "account": slots.names.get("account"),
            "cost_centre": slots.names.get("cost_centre"),
        }
    )


def _again(past: PastTurn, slots: _Slots, money: Mapping[str, object]) -> Reading | None:
    """The explanation before, of another plant or month or in another currency."""
    before = past.calls[0].arguments if past.calls else None
    if not isinstance(before, ExplainVariance) or len(slots.sites) > 1 or len(slots.periods) > 1:
        return None
    months = [span for each in slots.periods if (span := _months(each))]
    if len(months) != len(slots.periods):
        return None
    changed: dict[str, object] = {**money, **({"site": slots.sites[0]} if slots.sites else {})}
    if money and (before.product is not None or before.against == "plant"):
        return None
    if slots.sites and slots.sites[0] == before.other_site:
        return None
    if months:
        first, last = months[0]
        changed |= {"period": first, "until": last if last != first else None, "earlier": None}
    if slots.sites:
        changed |= {"product": None, "account": None, "cost_centre": None}
        changed |= {"group": False, "plants": (), "company": None}
    return reading_of(ExplainVariance.model_validate({**before.model_dump(), **changed}))


def _months(period: Period) -> tuple[str, str] | None:
    """First and last month of a period of whole months."""
    start, end = period.start, period.end
    if start is None or end is None or start.day != 1 or (end + timedelta(days=1)).day != 1:
        return None
    return f"{start:%Y-%m}", f"{end:%Y-%m}"


def _latest(today: date) -> str:
    """The last month that is over, or ends today."""
    if (today + timedelta(days=1)).day == 1:
        return f"{today:%Y-%m}"
    return f"{today.replace(day=1) - timedelta(days=1):%Y-%m}"


def _slots(question: Masked) -> _Slots:
    sites: dict[str, None] = {}
    companies: dict[str, None] = {}
    periods: list[Period] = []
    names: dict[str, str] = {}
    for spot in question.spots:
        if spot.period is not None:
            periods.append(spot.period)
        for meaning in spot.meanings[:1]:
            if meaning.entity == "site":
                sites.setdefault(meaning.values[0])
            elif meaning.entity == "company":
                companies.setdefault(meaning.values[0])
            elif meaning.entity in ("account", "cost_centre") or (
                meaning.entity == "material" and spot.word == "MATERIAL"
            ):
                names.setdefault(meaning.entity, meaning.values[0])
    return _Slots(tuple(sites), tuple(companies), tuple(periods), names)


def _says(pattern: str, text: str) -> bool:
    return re.search(pattern, text, re.IGNORECASE) is not None

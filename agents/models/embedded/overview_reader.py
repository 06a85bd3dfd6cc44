"""Reads questions that name no thing: what needs somebody today, and what can be asked at all."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Literal, TypeAlias, get_args

import yaml

from agents.models.embedded.presenting import Presenting
from agents.models.embedded.requirements_reader import heard_in
from agents.models.protocol import Calls, Clarify, Reading, ToolCall, Turn
from erp_adapters.store.session import ReadTransaction
from tools.languages import said
from tools.metrics.query import Grouping, Measure, MetricQuery, Order
from tools.naming import all_sites
from tools.overview.attention import Attention
from tools.overview.matters import asked_for
from tools.shortages import Shortages

_NAME = "attention"
_METRICS = "query_metrics"
_SHORTAGES = "shortages"
_LONGEST = 200
_MOST_DAYS = 365
_WORDS = Path(__file__).with_name("overview_words.yaml")

_ABLE = (
    "I answer questions about stock and shortages, production, purchasing, suppliers, quality, maintenance,"
    " sales, costs and the ledger of the plants that you see, each figure with where it comes from. I explain"
    " variances, replan when something happens, and draft requisitions, transfers and holds, which a person"
    " confirms. For example: 'Which work orders are overdue?', 'Why was Kassel over standard in October?',"
    " 'Press 2 in Kassel is down until Thursday'. Or begin with one of these:"
)
Asks: TypeAlias = Literal["attention", "abilities"]
_GROUPS: tuple[Asks, ...] = get_args(Asks)


async def overview_plan(
    turn: Turn, admitted: Collection[str], tx: ReadTransaction, presenting: Presenting
) -> Calls | Clarify | None:
    """The call for what needs somebody, or what can be asked; None for anything else."""
    if len(turn.question) > _LONGEST:
        return None
    if _METRICS in admitted and (matter := asked_for(turn.question)) is not None:
        call = presenting.presented(ToolCall(_METRICS, matter.listed()))
        return Calls(Reading((call,), said(matter.matter), 1.0))
    sites = await all_sites(tx)
    if not sites:
        return None
    heard = heard_in(turn.question, sites, turn.language)
    match asks_of(heard.text):
        case "attention" if _NAME in admitted:
            args = Attention(site=heard.site)
            if heard.days and heard.days <= _MOST_DAYS:
                args = args.model_copy(update={"horizon_days": heard.days})
            return Calls(Reading((ToolCall(_NAME, args),), said("What needs somebody"), 1.0))
        case "abilities":
            return Clarify(said(_ABLE), _first(admitted))
        case _:
            return None


def asks_of(text: str) -> Asks | None:
    """What a text without its site asks; None where it is about something that it names."""
    plain = f"{_plain(text)} "
    known = _wordings()
    for asks in _GROUPS:
        if known[asks].fullmatch(plain):
            return asks
    bare = _bare(plain)
    return next((asks for asks in _GROUPS if known[asks].fullmatch(bare)), None) if bare.strip() else None


def _first(admitted: Collection[str]) -> tuple[Reading, ...]:
    """What to begin with."""
    spend = MetricQuery(
        measures=(Measure(name="value", metric="purchase_value"),),
        by=(Grouping(entity="supplier"),),
        order=(Order(by="value", descending=True),),
        limit=5,
    )
    offered = (
        (ToolCall(_NAME, Attention()), said("What needs somebody")),
        (ToolCall(_SHORTAGES, Shortages(horizon_days=14)), said("What is short in the next two weeks?")),
        (ToolCall(_METRICS, spend), said("The five suppliers with the highest purchase order value")),
    )
    return tuple(Reading((call,), words, 0.5) for call, words in offered if call.name in admitted)


def _plain(text: str) -> str:
    text = re.sub(r"\b(what|how|where|who|it|that|there)(?:['’]s|(?<=what)s)\b", r"\1 is", text.casefold())
    text = re.sub(r"(?<=[a-zäöüß])['’]s\b", "s", text).replace("’", "'")
    return " ".join(re.sub(r"[?!.,;:¿¡-]+", " ", text).split())


def _bare(plain: str) -> str:
    """Without times of the day anywhere and courtesies at the ends; as it is where nothing else is left."""
    known, text = _wordings(), plain
    text = re.sub(rf"(?<!\S)(?:{known['times'].pattern})", "", text)
    before = ""
    while text != before:
        before = text
        text = re.sub(rf"^(?:{known['courtesies'].pattern})", "", text)
        text = re.sub(rf"(?<= )(?:{known['courtesies'].pattern})$", "", text)
    return text


@lru_cache(maxsize=1)
def _wordings() -> Mapping[str, re.Pattern[str]]:
    written = yaml.safe_load(_WORDS.read_text(encoding="utf-8"))
    return {group: re.compile("|".join(map(_compiled, wordings))) for group, wordings in written.items()}


def _compiled(wording: str) -> str:
    """The regular expression of a wording, each word with the space behind it."""
    rest = list(re.findall(r"[][{}|]|[^][{}|\s]+", wording))
    found = _sequence(rest)
    if rest:
        raise ValueError(f"{wording!r} has a {rest[0]!r} too many")
    return found


def _sequence(rest: list[str]) -> str:
    found = ""
    while rest and rest[0] not in "|]}":
        match rest.pop(0):
            case "{" | "[" as opened:
                choices = [_sequence(rest)]
                while rest.pop(0) == "|":
                    choices.append(_sequence(rest))
                found += f"(?:{'|'.join(choices)}){'?' if opened == '[' else ''}"
            case word:
                found += f"{re.escape(_plain(word))} "
    return found

"""Reads a request to draft over as many turns as it takes: what is missing is asked for, one by one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ValidationError

from agents.models.embedded.drafting_days import bare_day, nearest_day
from agents.models.embedded.drafting_wish import Wish, changed, wish_in
from agents.models.embedded.drafting_words import TOOL_OF, DraftKind
from agents.models.embedded.masterdata import MasterData
from agents.models.protocol import Calls, Clarify, PastTurn, Plan, Reading, ToolCall, Turn
from tools.languages import said
from tools.languages.forms import day_text, numeral
from tools.presenting import several
from tools.registry import Tool

_SURE = 1.0
_ASKED: dict[str, str] = {
    "material": "Which material? Give its number or name.",
    "quantity": "How much of it?",
    "site": "For which site?",
    "from_site": "From which site?",
    "day": "By which day does it have to be there?",
    "reason": "For what reason is it to be held?",
}
_NEEDED: dict[DraftKind, tuple[str, ...]] = {
    "requisition": ("material", "quantity", "site", "day"),
    "transfer": ("material", "quantity", "from_site", "site", "day"),
    "hold": ("material", "site", "reason"),
}
_PROBLEMS = {
    "not above zero": "[[written]] is not more than zero; how much of it should be drafted? Valid is an"
    " amount above zero, up to [[most]], with at most six decimals.",
    "not a number": "[[written]] is no quantity that an ERP can hold; how much of it should be drafted? Valid"
    " is an amount above zero, up to [[most]], with at most six decimals.",
    "two numbers": "[[written]] may be read as thousands or as decimals; write the quantity without a mark.",
    "several": "A draft is for one material: ask for each on its own, first [[written]].",
}
_NO_DAY = "[[written]] is no day that exists; say it as in [[day]]. By which day does it have to be there?"
_NEAREST = "[[written]] is no day that exists; the nearest is [[day]]. By which day does it have to be there?"
_MOST = "99,999,999,999,999"
_SITES = 8
"""Sites that a question names at most."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A wish with what is known of its conversation."""

    wish: Wish
    is_new: bool
    """False for what goes on with the turn before."""


def asked_of(turn: Turn, data: MasterData) -> Asked | None:
    """What a turn wants drafted, with what was said of it before; None where it wants nothing drafted."""
    before: Wish | None = None
    for past in turn.past:
        before = _heard(past, before, data, turn.language)
    wish = wish_in(turn.question, data, turn.language)
    if wish is not None:
        return Asked(wish, True)
    if before is None:
        return None
    drafted = bool(turn.past) and bool(turn.past[-1].calls)
    again = changed(turn.question, before, data, turn.language, "" if drafted else missing(before, data))
    return None if again is None else Asked(again, False)


def _heard(past: PastTurn, before: Wish | None, data: MasterData, language: str) -> Wish | None:
    """The wish after a turn of the past; a turn about something else ends it."""
    wish = wish_in(past.question, data, language)
    if wish is None and before is not None:
        wish = changed(past.question, before, data, language, missing(before, data))
    return wish


def missing(wish: Wish, data: MasterData) -> str:
    """The first part that has to be asked for; empty where nothing is missing."""
    several = len(data.names.get("site", ())) > 1
    for part in _NEEDED[wish.kind]:
        if part == "site" and not several:
            continue
        if part == "material" and wish.batch:
            continue
        if part == "site" and wish.batch:
            continue
        if wish.problem and part in ("quantity", "day"):
            continue
        if not getattr(wish, part):
            return part
    return ""


class DraftReader:
    """Plans the one call that a request to draft comes to."""

    def plan(self, turn: Turn, data: MasterData, tools: Mapping[str, Tool[Any]]) -> Plan | None:
        """The call, or a question for what is missing; None where nothing is to be drafted."""
        asked = asked_of(turn, data)
        if asked is None or TOOL_OF[asked.wish.kind] not in tools:
            return None
        wish = asked.wish
        if wish.problem:
            return Clarify(_problem(wish, data), ())
        if wish.unread:
            text = "I do not understand [[words]] in a request to draft; say it again without that."
            return Clarify(said(text, words=repr(wish.unread)), ())
        part = missing(wish, data)
        if part:
            return Clarify(_question(part, wish, data), ())
        tool = tools[TOOL_OF[wish.kind]]
        try:
            arguments = tool.arguments.model_validate(_arguments(wish, tool.arguments))
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            text = said(
                "[[part]] cannot be taken: [[reason]]",
                part=str(first["loc"][0]).replace("_", " "),
                reason=str(first["msg"]),
            )
            return Clarify(text, ())
        words = said(_WORDS[wish.kind], material=wish.material)
        return Calls(Reading((ToolCall(tool.name, arguments),), words, _SURE))


_WORDS: dict[DraftKind, str] = {
    "requisition": "Draft of a purchase requisition for [[material]]",
    "transfer": "Draft of a stock transfer of [[material]]",
    "hold": "Draft of a quality hold of [[material]]",
}


def _question(part: str, wish: Wish, data: MasterData) -> str:
    """Asks for a part; for a site with those that there are."""
    if part not in ("site", "from_site"):
        return said(_ASKED[part])
    taken = {wish.site.casefold(), wish.from_site.casefold()}
    sites = sorted(name for name in data.names.get("site", ()) if name.casefold() not in taken)
    return said(
        "[[question]] Yours are [[sites]].", question=said(_ASKED[part]), sites=several(sites, _SITES)
    )


def _problem(wish: Wish, data: MasterData) -> str:
    what, _, written = wish.problem.partition(": ")
    if wish.either is not None:
        return said(
            "[[written]] may be [[one]] or [[other]]; which of them?",
            written=repr(bare_day(written)),
            one=day_text(wish.either[0]),
            other=day_text(wish.either[1]),
        )
    if what == "no day":
        near = nearest_day(written, data.today)
        return said(
            _NO_DAY if near is None else _NEAREST,
            written=repr(bare_day(written)),
            day=day_text(near or data.today),
        )
    return said(_PROBLEMS[what], written=repr(written), most=numeral(_MOST))


def _arguments(wish: Wish, takes: type[BaseModel]) -> dict[str, object]:
    given: dict[str, object] = {
        "material": wish.material,
        "quantity": None if wish.quantity is None else f"{wish.quantity:f}",
        "unit": wish.unit,
        "needed_on": wish.day,
        "no_later": wish.latest,
        "site": wish.site,
        "from_site": wish.from_site,
        "supplier": wish.supplier,
        "split": wish.split,
        "cost_centre": wish.cost_centre,
        "currency": wish.currency,
        "batch": wish.batch,
        "location": wish.location,
        "reason": wish.reason[:200],
    }
    return {name: value for name, value in given.items() if value and name in takes.model_fields}

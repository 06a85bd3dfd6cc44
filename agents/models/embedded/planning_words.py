"""Reads planning questions in German, Spanish and French: by wordings over the masked question.

The learned reader, which reads all else in these languages, has not learned the planning look-ups.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict

from agents.models.embedded.languages.tables import folded
from agents.models.embedded.masked import Masked, Spot
from agents.models.protocol import ToolCall
from tools.buildable import Buildable
from tools.exception_messages import ExceptionMessages
from tools.languages import Language
from tools.lateness import WhyLate
from tools.order_numbers import OrderKind
from tools.pegging import Pegging
from tools.shortages import Shortages

_FOLDER = Path(__file__).with_name("planning")
_LETTERS = re.compile(r"[a-zß]+")
"""Runs that are folded as the words of a question are; placeholders are capitals."""
_CODE = re.compile(r"\b[a-z]{1,3}\d{1,3}\b")
_NAMES = frozenset({"MATERIAL", "SUPPLIER", "NUMBER"})
_Told = Literal["expedite", "reschedule_in", "reschedule_out", "cancel", "overdue"]


class _Words(BaseModel):
    """A language's file in `planning/`: regular expressions."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    purchase_order: str
    work_order: str
    sales_order: str
    planned_order: str
    any_order: str
    mine: str
    bought: str
    made: str
    days: str
    weeks: str
    one_week: str
    expedite: str
    earlier: str
    later: str
    cancel: str
    too_late: str
    too_early: str
    asked: str
    figures: str
    past: str
    shortages: tuple[str, ...]
    not_shortages: str
    messages: tuple[str, ...]
    not_messages: str
    receipts: str
    hit: tuple[str, ...]
    down: tuple[str, ...]
    why: tuple[str, ...]
    late: str
    build: tuple[str, ...]
    stocked: str


@cache
def _words(language: Language) -> _Words:
    text = (_FOLDER / f"{language}.yaml").read_text(encoding="utf-8")
    return _Words.model_validate(_folded_values(yaml.safe_load(text)))


def _plain(word: str) -> str:
    """A word without accents and umlauts; what folding makes of an accented one is folded once more."""
    return folded(folded(word))


def _folded_values(raw: Mapping[str, str | list[str]]) -> dict[str, str | list[str]]:
    """The patterns in the spelling that a folded question has."""

    def fold(pattern: str) -> str:
        return _LETTERS.sub(lambda run: _plain(run[0]), pattern)

    return {
        name: fold(value) if isinstance(value, str) else [fold(each) for each in value]
        for name, value in raw.items()
    }


def planning_call(question: Masked, today: date) -> ToolCall | None:
    """The planning look-up that a question in another language than English asks for; None where none."""
    return _Question(question, _words(question.language), today).call()


@dataclass(frozen=True, slots=True)
class _Order:
    number: str
    kind: OrderKind | None


class _Question:
    def __init__(self, question: Masked, words: _Words, today: date) -> None:
        self._words = words
        self._today = today
        self._spots = [spot for spot in question.spots if spot.word.isupper() or re.search(r"\w", spot.word)]
        self._text = " ".join(spot.word if spot.word.isupper() else _plain(spot.word) for spot in self._spots)
        self._names = {spot.word for spot in self._spots} & _NAMES

    def call(self) -> ToolCall | None:
        """The first look-up whose wording it is."""
        if self._said(self._words.figures):
            return None
        return self._why() or self._pegging() or self._messages() or self._build() or self._shortages()

    def _said(self, *patterns: str) -> bool:
        return any(re.search(pattern, self._text) for pattern in patterns)

    # ── one look-up each ──
    def _why(self) -> ToolCall | None:
        order = self._order()
        if order is None or not self._said(*self._words.why) or not self._said(self._words.late):
            return None
        return ToolCall("why_late", WhyLate(order=order.number, kind=order.kind, site=self._site()))

    def _pegging(self) -> ToolCall | None:
        order = self._order()
        supplier, material = self._named("SUPPLIER"), self._named("MATERIAL")
        down = self._said(*self._words.down) and order is not None
        if not down and not (self._said(*self._words.hit) and (order or supplier or material)):
            return None
        if self._said(*self._words.why):
            return None
        hit_by_material = material and not (order or supplier)
        if hit_by_material and not self._said(self._words.receipts):
            return None
        arguments = Pegging(
            order=order.number if order else None,
            kind=order.kind if order else None,
            supplier=None if order else supplier,
            material=None if order else material,
            direction="down" if down and order and order.kind == "work_order" else None,
            late_days=self._late_days(order),
            site=self._site(),
        )
        return ToolCall("pegging", arguments)

    def _messages(self) -> ToolCall | None:
        words = self._words
        if "NUMBER" in self._names or self._said(words.not_messages, words.past):
            return None
        found: list[_Told] = []
        for name, patterns in (
            ("expedite", (words.expedite, words.too_late)),
            ("reschedule_in", (words.earlier, words.too_late)),
            ("reschedule_out", (words.later, words.too_early)),
            ("cancel", (words.cancel,)),
        ):
            if self._said(*(rf"\b(?:{pattern})" for pattern in patterns)):
                found.append(_TOLD[name])
        named = self._said(*words.messages)
        if not named and not (
            found and self._said(words.asked) and (self._hurries() or self._said(words.receipts))
        ):
            return None
        arguments = ExceptionMessages(
            messages=() if named else tuple(found),
            orders=self._orders(),
            material=self._named("MATERIAL"),
            supplier=self._named("SUPPLIER"),
            controller=self._controller(),
            mine=self._said(words.mine),
            site=self._site(),
        )
        return ToolCall("exception_messages", arguments)

    def _hurries(self) -> bool:
        return self._said(rf"\b(?:{self._words.expedite})")

    def _build(self) -> ToolCall | None:
        words = self._words
        if (
            self._names
            or self._said(words.past)
            or not self._said(*words.build)
            or not self._said(words.stocked)
        ):
            return None
        return ToolCall("buildable", Buildable(site=self._site()))

    def _shortages(self) -> ToolCall | None:
        words = self._words
        if self._names & {"NUMBER", "SUPPLIER"} or self._said(words.past, words.not_shortages):
            return None
        days = self._horizon()
        if not self._said(*words.shortages) or (days is not None and days < 0):
            return None
        source: Literal["bought", "made"] | None = None
        if self._said(words.bought):
            source = "bought"
        elif self._said(words.made):
            source = "made"
        arguments = Shortages(
            product=self._named("MATERIAL"),
            controller=self._controller(),
            mine=self._said(words.mine),
            source=source,
            site=self._site(),
            **({} if days is None else {"horizon_days": days}),
        )
        return ToolCall("shortages", arguments)

    # ── what they take from the question ──
    def _order(self) -> _Order | None:
        kinds: Sequence[tuple[str, OrderKind | None]] = (
            (self._words.sales_order, "sales_order"),
            (self._words.purchase_order, "purchase_order"),
            (self._words.work_order, "work_order"),
            (self._words.any_order, None),
        )
        for nouns, kind in kinds:
            found = re.search(rf"\b(?:{nouns})(?: (?:nr|nummer|numero|num|no|n))? (NUMBER)\b", self._text)
            if found:
                spot = self._at(found.start(1))
                if spot.number is not None and spot.text.isdigit():
                    return _Order(spot.text, kind)
        return None

    def _orders(self) -> Literal["purchase_order", "production_order", "planned_order"] | None:
        if self._said(rf"\b(?:{self._words.planned_order})\b"):
            return "planned_order"
        if self._said(rf"\b(?:{self._words.work_order})\b"):
            return "production_order"
        return "purchase_order" if self._said(rf"\b(?:{self._words.purchase_order})\b") else None

    def _late_days(self, order: _Order | None) -> int | None:
        for pattern, factor in ((self._words.days, 1), (self._words.weeks, 7)):
            for found in re.finditer(rf"\b(NUMBER) (?:{pattern})\b", self._text):
                spot = self._at(found.start(1))
                if spot.number is not None and (order is None or spot.text != order.number):
                    return round(spot.number) * factor
        return 7 if self._said(self._words.one_week) else None

    def _controller(self) -> str | None:
        found = _CODE.search(self._text)
        return found[0].upper() if found else None

    def _site(self) -> str | None:
        return self._named("SITE")

    def _named(self, kind: str) -> str | None:
        """What the only placeholder of a kind stands for."""
        found = [spot for spot in self._spots if spot.word == kind]
        if len(found) != 1:
            return None
        meanings = [meaning for meaning in found[0].meanings if meaning.entity == kind.lower()]
        of_name = next((m.values[0] for m in meanings if m.field == "name" and len(m.values) == 1), None)
        return of_name or (meanings[0].shown if meanings else found[0].text)

    def _horizon(self) -> int | None:
        ends = [
            spot.period.end for spot in self._spots if spot.period is not None and spot.period.end is not None
        ]
        return (ends[0] - self._today).days if ends else None

    def _at(self, position: int) -> Spot:
        return self._spots[self._text[:position].count(" ")]


_TOLD: dict[str, _Told] = {
    "expedite": "expedite",
    "reschedule_in": "reschedule_in",
    "reschedule_out": "reschedule_out",
    "cancel": "cancel",
}

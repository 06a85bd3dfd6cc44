"""How a question about a bill of materials says its levels, its day and which components it means."""

from __future__ import annotations

from datetime import date
from typing import Literal

from agents.models.embedded.lookups_sentence import Item, Sentence

DIRECT = (
    "direct|directly|immediate|immediately",
    "one|single|first|1|N level",
    "top level component|part|item|material",
    "level one|1|N",
    "next level down",
    "no sub assembly",
)
_DIRECT_OR_NOT = ("direct .. or|and .. indirect", "indirect .. or|and .. direct")
ALL = (
    "all|every|any|each|multiple|multi|whole|full|complete|entire|lower|through|sub level|levels|structure|"
    "bom|tree",
    "multilevel|multi_level|indented|recursive|recursively",
    "explode|exploding|explosion",
    "way|right|straight down",
    "end_up|ends_up",
    "down to",
    "fully|completely exploded|expanded|down|through",
    "including|with sub assembly",
    "level by level",
    "anywhere|somewhere|indirect|indirectly|ultimately|eventually",
)
BOUGHT = (
    "purchased|bought|procured|bought_in|buy|purchase|outsourced part|component|item|material|piece|thing|"
    "good|one",
    "do we buy",
    "have|need to buy|purchase|order|procure",
)

LEVELS = (
    "direct directly immediate immediately level levels one single first top next all every multi multiple "
    "whole complete"
    " entire lower indented recursive recursively exploded fully completely way down right end up including "
    "sub assembly deep"
    " tree anywhere somewhere indirect indirectly through only structure bom last bottom screw bolt nut "
    "until part straight"
    " enough by or direct below under"
)
TIMES = "valid as of effective on current currently structure build bill active still today date day time"
COUNTS = (
    "total altogether overall different distinct unique separate individual quantity quantities qty each "
    "per every list sum"
    " full number count unit piece set amount"
)
MODIFIERS = f"{LEVELS} {TIMES} {COUNTS} purchased bought procured buy component part stock hand on"
"""Words that a frame about structures explains whatever it is."""


def day_in(sentence: Sentence) -> tuple[date | None, tuple[Item, ...]]:
    """The day that the question names, where it names just a day."""
    days = [item for item in sentence.of("P") if item.period and item.period.grain == "day"]
    return (days[0].period.start, (days[0],)) if days and days[0].period else (None, ())


def depth(sentence: Sentence, default: Literal["all", "direct"]) -> Literal["all", "direct"]:
    """The levels that the question names."""
    if sentence.said(*_DIRECT_OR_NOT):
        return "all"
    if sentence.said(*DIRECT):
        return "direct"
    return "all" if sentence.said(*ALL) else default


def says_levels(sentence: Sentence) -> bool:
    """True where the question names levels."""
    return sentence.said(*DIRECT, *ALL)


def level_slots(sentence: Sentence) -> tuple[Item, ...]:
    """A number that says a level, as in `level 1`."""
    return sentence.slots("N level") or sentence.slots("level N")

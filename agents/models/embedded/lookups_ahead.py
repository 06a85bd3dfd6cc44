"""What frames about what is to come share: whose materials, how far ahead, which order."""

from __future__ import annotations

import re

from pydantic import BaseModel

from agents.models.embedded.lookups_records import BUY, WORK
from agents.models.embedded.lookups_sentence import Item, Sentence
from tools.order_numbers import OrderKind

SELL = "sales_order|customer_order|so|customer_orders"
_CODE = re.compile(r"[a-z]{1,3}\d{1,3}")
_MINE = frozenset({"my", "mine", "myself"})
POLITE = (
    "before by until which what is are be will would there do does we i you me can could should "
    "must have has had "
    "to the of for at in on "
    "with by and or it that this my our all any list show give tell find please need right now "
    "today currently "
    "soon already yet still going about get got see want know next coming week weeks day days "
    "within from until "
    "up end time when where first most urgent urgently everything anything something thing things "
    "overview plant site "
    "planner planning mrp erp purchasing group controller code responsible area let us out open "
    "also then if was were "
    "why how come only just so not no as latest immediately"
)
COUNTED = (
    "how many|much",
    "average|mean|median|total|sum|share|percent|percentage|rate|trend|top|per|ratio|number_of|count|"
    "value|worth|cost|spend|compare|versus|most_often|ranking|rank",
)
"""Words of questions about figures."""


class Coming:
    """What planning frames share: whose materials, and how far ahead; never what is past."""

    def asks_back(self, sentence: Sentence) -> bool:
        """True where a figure is asked for, or a time that is over."""
        over = any(
            item.period.end is not None and item.period.end < sentence.today
            for item in sentence.of("P")
            if item.period is not None and sentence.today is not None
        )
        return over or sentence.said(*COUNTED)

    def horizon(self, sentence: Sentence) -> tuple[int | None, tuple[Item, ...]]:
        """Days up to the end of the period that is named."""
        for item in sentence.of("P"):
            if item.period is not None and item.period.end is not None and sentence.today is not None:
                days = (item.period.end - sentence.today).days
                if days >= 0:
                    return days, (item,)
        return None, ()

    def controller(self, sentence: Sentence) -> tuple[str | None, tuple[Item, ...]]:
        """A code such as `K02`."""
        for item in sentence.items:
            if item.kind == "word" and _CODE.fullmatch(sentence.tokens[item.first].norm):
                return sentence.tokens[item.first].text.upper(), (item,)
        return None, ()

    def is_mine(self, sentence: Sentence) -> bool:
        """True where the caller's own materials are meant: `my shortages`, `parts that I plan`."""
        words = {token.norm for token in sentence.tokens}
        return bool(words & _MINE) or sentence.said("i plan|control|am_responsible|look_after")


def planned_words(title: str, arguments: BaseModel) -> str:
    """The reading, with what was taken from the question."""
    given = arguments.model_dump(mode="json", exclude_defaults=True)
    told = [f"{name.replace('_', ' ')} {_listed(value)}" for name, value in given.items()]
    return f"{title}: {', '.join(told)}" if told else title


def _listed(value: object) -> str:
    text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return text.replace("_", " ")


def order_in(sentence: Sentence) -> tuple[Item | None, OrderKind | None]:
    """The order that is named, with its kind where that is said."""
    kinds: tuple[tuple[str, OrderKind | None], ...] = (
        (BUY, "purchase_order"),
        (WORK, "work_order"),
        (SELL, "sales_order"),
        ("order|job|delivery", None),
    )
    for nouns, kind in kinds:
        found = [
            i for i in sentence.slots(f"{nouns} {{no}}? {{no}}? N") if i.kind == "N" and i.word.isdigit()
        ]
        if found:
            return found[-1], kind
    return None, None

"""Look-ups of costs, ageing of stock, reliability of suppliers, prices against contracts and substitutes.

Their wordings are few and alike in every language, so they are told by patterns over the masked question,
whatever its language, and their slots are the names, periods and numbers that are masked in it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict

from agents.models.embedded.lexicon import ValueWord
from agents.models.embedded.masked import Masked, Spot
from agents.models.protocol import Reading, ToolCall
from tools.ageing import GroupBy, InventoryAgeing
from tools.arguments import Arguments
from tools.bom import ExplodeBom
from tools.component_prices import BASES, COST_OF, PriceBasis
from tools.contract_prices import PriceAgainstContract
from tools.cost_build_up import CostBuildUp
from tools.languages import Language, said
from tools.languages.forms import numeral
from tools.metrics.catalogue import packaged_catalogue
from tools.metrics.query import DateTest, Filter, Grouping, Having, Measure, MetricQuery, Order, ValueTest
from tools.metrics.wording import Wording
from tools.reliability import SupplierReliability
from tools.substitutes import Substitutes

_FILE = Path(__file__).with_name("lookups_costs.yaml")
_SURE = 0.95
_SINCE = r"^(?:since|from|seit|ab|desde|depuis)$"
_Tool = Literal[
    "explode_bom",
    "cost_build_up",
    "inventory_ageing",
    "supplier_reliability",
    "price_against_contract",
    "substitutes",
]
TOOLS: tuple[_Tool, ...] = (
    "explode_bom",
    "price_against_contract",
    "supplier_reliability",
    "inventory_ageing",
    "cost_build_up",
    "substitutes",
)
_BUDGET = {
    "actual": "actual_amount",
    "plan": "plan_amount",
    "variance": "plan_variance",
    "variance_pct": "plan_variance_pct",
}
_READINGS: dict[_Tool, str] = {
    "explode_bom": "Cost of the purchased components in [[thing]]",
    "cost_build_up": "Cost roll-up of [[material]]",
    "inventory_ageing": "Age of stock by last receipts",
    "supplier_reliability": "Reliability of suppliers",
    "price_against_contract": "Paid against agreed prices",
    "substitutes": "Substitutes for [[material]]",
}


class _Patterns(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    explode_bom: dict[Language, str]
    """What the bought parts of a material cost together."""
    cost_build_up: dict[Language, str]
    inventory_ageing: dict[Language, str]
    supplier_reliability: dict[Language, str]
    price_against_contract: dict[Language, str]
    substitutes: dict[Language, str]
    budget: dict[Language, str]
    over_budget: str
    rate: str
    """Rates of activities, which have a plan and an actual of their own."""
    fiscal_period: dict[Language, str]
    """Whether a period can still be posted to."""
    cost_centre: str
    account: str
    grouped: str
    """What a question asks to be grouped by, as the group `what`."""
    not_about: dict[Language, str]
    """Questions that count or name what these look-ups are about."""
    by: dict[Literal["location", "category"], str]
    over_only: str
    vendor_price: str
    other_prices: str
    """Prices that components are not priced at."""
    direct: str


@lru_cache(maxsize=1)
def _patterns() -> _Patterns:
    return _Patterns.model_validate(yaml.safe_load(_FILE.read_text(encoding="utf-8")))


@dataclass(frozen=True, slots=True)
class _Slots:
    """The names, periods and numbers of a question."""

    names: Mapping[str, str]
    meanings: Mapping[str, ValueWord]
    category: str | None
    since: Spot | None
    open_ended: bool
    """True of `since March`, which has no last day."""
    days: int | None
    pieces: Decimal | None
    """Number right before a material."""

    def name(self, entity: str) -> str | None:
        """What is named of a kind of thing."""
        return self.names.get(entity)


def costs_of(question: Masked, text: str, tools: Collection[str]) -> Reading | None:
    """The look-up that a question asks for; None where it asks for none of these.

    Args:
        question: with names, periods and numbers masked.
        text: as typed.
    """
    patterns, language = _patterns(), question.language
    words = " ".join(question.words)
    if _says(patterns.not_about[language], words):
        return None
    for tool in TOOLS:
        # A few words alone, as `Ladenhüter in Greenville`, do not tell their language.
        wordings: dict[Language, str] = getattr(patterns, tool)
        if tool in tools and (
            _says(wordings[language], words) or any(_says(each, text) for each in wordings.values())
        ):
            arguments = _arguments(tool, _slots(question), text)
            if arguments is not None:
                subject = getattr(arguments, "material", None) or getattr(arguments, "supplier", None) or ""
                reading = _reading(tool, arguments, subject)
                return Reading((ToolCall(tool, arguments),), reading, _SURE)
    if "query_metrics" not in tools:
        return None
    return _fiscal_period(question) or _budget(question, text)


def _reading(tool: _Tool, arguments: Arguments, subject: str) -> str:
    if not isinstance(arguments, ExplodeBom):
        return said(_READINGS[tool], material=subject)
    parts = [
        said(COST_OF[arguments.levels == "all"], thing=subject),
        said("all levels" if arguments.levels == "all" else "direct components only"),
        said("for each")
        if arguments.quantity == 1
        else said("to build [[quantity]]", quantity=numeral(f"{arguments.quantity:f}")),
        said(BASES[arguments.priced_at or "standard_cost"]),
    ]
    return ", ".join(parts)


def _fiscal_period(question: Masked) -> Reading | None:
    """Whether the fiscal periods of a month are open; None where that is not asked for."""
    pattern = _patterns().fiscal_period.get(question.language, "")
    slots = _slots(question)
    if not pattern or slots.since is None or slots.since.period is None:
        return None
    if not _says(pattern, " ".join(question.words)) or set(slots.names) - {"site", "company"}:
        return None
    period = slots.since.period
    query = MetricQuery(
        rows_of="fiscal_period",
        show=(
            "fiscal_period.period",
            "fiscal_period.starts_on",
            "fiscal_period.ends_on",
            "fiscal_period.status",
        ),
        where=(
            DateTest(entity="fiscal_period", role="end", start=period.start, end=period.end),
            *(_named(slots.meanings[entity]) for entity in ("site", "company") if entity in slots.names),
        ),
    )
    return Reading((ToolCall("query_metrics", query),), Wording(packaged_catalogue()).query(query), _SURE)


def _budget(question: Masked, text: str) -> Reading | None:
    """Plan, actual and variance by cost centre or account; None where that is not asked for."""
    patterns, slots = _patterns(), _slots(question)
    if not any(_says(each, text) for each in patterns.budget.values()) or _says(patterns.rate, text):
        return None
    grouped = [found["what"] for found in re.finditer(patterns.grouped, text, re.IGNORECASE)]
    if any(
        not (_says(patterns.cost_centre, what) or _says(patterns.account, f"by {what}")) for what in grouped
    ):
        # By month, by division: that is for the readers.
        return None
    by = [
        Grouping(entity=entity)
        for entity, words in (("cost_centre", patterns.cost_centre), ("account", patterns.account))
        if _says(words, text) or (entity in slots.names and not slots.meanings[entity].group)
    ]
    if not by:
        return None
    where: list[Filter] = [
        _named(slots.meanings[entity])
        for entity in ("site", "company", "cost_centre", "account")
        if entity in slots.names
    ]
    if slots.since and slots.since.period:
        where.append(DateTest(start=slots.since.period.start, end=slots.since.period.end))
    over = _says(patterns.over_budget, text)
    query = MetricQuery(
        measures=tuple(Measure(name=name, metric=metric) for name, metric in _BUDGET.items()),
        by=tuple(by),
        where=tuple(where),
        having=(Having(left="variance", op=">", value=Decimal(0)),) if over else (),
        order=(Order(by="variance"),),
    )
    words = Wording(packaged_catalogue()).query(query)
    return Reading((ToolCall("query_metrics", query),), words, _SURE)


def _named(meaning: ValueWord) -> ValueTest:
    label = meaning.shown if meaning.group else ""
    return ValueTest(path=f"{meaning.entity}.{meaning.field}", values=meaning.values, label=label)


def _arguments(tool: _Tool, slots: _Slots, text: str) -> Arguments | None:
    period = slots.since.period if slots.since else None
    since = period.start if period else None
    until = period.end if period and not slots.open_ended else None
    supplier, material, site = slots.name("supplier"), slots.name("material"), slots.name("site")
    match tool:
        case "explode_bom":
            basis = _basis(text)
            if material is None or basis is None:
                return None
            direct = _says(_patterns().direct, text)
            return ExplodeBom(
                material=material,
                quantity=slots.pieces or 1,
                levels="direct" if direct else "all",
                purchased_only=True,
                priced_at=basis,
                site=site,
            )
        case "cost_build_up":
            return CostBuildUp(material=material, site=site) if material else None
        case "inventory_ageing":
            found: list[GroupBy] = [by for by, words in _patterns().by.items() if _says(words, text)]
            return InventoryAgeing(
                by=found[0] if found else "site",
                category=slots.category,
                cover_days=slots.days or InventoryAgeing.model_fields["cover_days"].default,
                site=site,
            )
        case "supplier_reliability":
            return SupplierReliability(
                supplier=supplier, material=material, since=since, until=until, site=site
            )
        case "substitutes":
            return Substitutes(material=material, on=since, site=site) if material else None
        case "price_against_contract":
            over = _says(_patterns().over_only, text)
            return PriceAgainstContract(
                supplier=supplier, material=material, since=since, until=until, over_only=over, site=site
            )


def _basis(text: str) -> PriceBasis | None:
    """The prices that are asked for; None where they are others than components have."""
    patterns = _patterns()
    if _says(patterns.other_prices, text):
        return None
    return "lowest_vendor_price" if _says(patterns.vendor_price, text) else "standard_cost"


def _slots(question: Masked) -> _Slots:
    names: dict[str, str] = {}
    meanings: dict[str, ValueWord] = {}
    category: str | None = None
    since: Spot | None = None
    open_ended = False
    days: int | None = None
    pieces: Decimal | None = None
    for at, spot in enumerate(question.spots):
        if spot.period is not None:
            since = since or spot
            open_ended |= at > 0 and _says(_SINCE, question.spots[at - 1].word)
        elif spot.number is not None and _days_follow(question.spots[at + 1 : at + 2]):
            days = int(spot.number) if 1 <= spot.number <= 3650 else None
        for meaning in spot.meanings[:1]:
            if meaning.entity == "material" and meaning.field in ("category", "subcategory"):
                category = meaning.values[0] if meaning.field == "category" else category
            elif spot.word.isupper():
                names.setdefault(meaning.entity, meaning.values[0])
                meanings.setdefault(meaning.entity, meaning)
                before = question.spots[at - 1] if at else spot
                if meaning.entity == "material" and before.word == "NUMBER" and before.number:
                    pieces = before.number
    return _Slots(names, meanings, category, since, open_ended, days, pieces)


def _days_follow(after: tuple[Spot, ...]) -> bool:
    return bool(after) and _says(r"^(?:days?|tagen?|d[ií]as?|jours?)$", after[0].word)


def _says(pattern: str, text: str) -> bool:
    return re.search(pattern, text, re.IGNORECASE) is not None

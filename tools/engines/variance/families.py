"""What a family of variances is: equations, which of their names are variances, how inputs are spelled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tools.engines.variance.components import Side, Total, totals
from tools.engines.variance.equations import Equation, equations, names


@dataclass(frozen=True, slots=True)
class Assumption:
    """What is taken where a case does not say it, and the words for it; none where nothing else is meant."""

    name: str
    """`x` or, for each item, `x[i]`."""
    value: str
    """A whole number, or the name of another figure."""
    said: str = ""


@dataclass(frozen=True, slots=True)
class Renaming:
    """An input that means another one where a third stands beside it."""

    beside: str
    name: str
    meant: str
    said: str


@dataclass(frozen=True, slots=True)
class Family:
    """Equations of one kind of variance."""

    name: str
    also: tuple[str, ...]
    """Other names that cases give the family."""
    equations: tuple[Equation, ...]
    sides: Mapping[str, Side]
    """The variances, and what more of each does to the profit."""
    totals: tuple[Total, ...]
    spellings: Mapping[str, str]
    """Input as it may be written, in plain words (`cases.plain`), to the name in the equations."""
    outputs: Mapping[str, str]
    """Result as a case may ask for it, to the name in the equations."""
    shown: Mapping[str, str]
    """What a case gets that asks for nothing by name, with the names in the equations."""
    signed: frozenset[str] = frozenset()
    """Inputs that may be negative."""
    assumptions: tuple[Assumption, ...] = ()
    renamings: tuple[Renaming, ...] = ()
    amounts: frozenset[str] = frozenset()
    """Results that are plain figures."""
    indexed: Mapping[str, bool] = field(default_factory=dict)
    """Every name of the equations, and whether it stands for items."""
    by_items: str = ""
    """Family that takes over where a case gives its figures by item."""
    options: Mapping[str, str] = field(default_factory=dict)
    """Inputs that are words, as they may be written, to the option they set."""


def family(
    name: str,
    *,
    also: str = "",
    text: str,
    cost: str = "",
    profit: str = "",
    sums: str,
    spellings: str,
    outputs: str = "",
    shown: str = "",
    signed: str = "",
    assumptions: tuple[tuple[str, str], ...] = (),
    renamings: tuple[Renaming, ...] = (),
    amounts: str = "",
    by_items: str = "",
    options: str = "",
) -> Family:
    """A family from its words."""
    of = equations(text)
    sides: dict[str, Side] = {
        **dict.fromkeys(cost.split(), "cost"),
        **dict.fromkeys(profit.split(), "profit"),
    }
    indexed = names(of)
    results = [*sides, *amounts.split()]
    spelled = {plain(each): each for each in indexed}
    asked = {plain(each): each for each in results} | table(outputs)
    # A variance that goes by another word may be asked for by item, and may be given, in that word.
    asked = {f"{word}_by": f"{of}_by" for word, of in asked.items() if f"{of}_by" in results} | asked
    told = {word: of for word, of in asked.items() if of in sides and word.endswith("_variance")}
    return Family(
        name=name,
        also=tuple(also.split()),
        equations=of,
        sides=sides,
        totals=totals(sums) if sums.strip() else (),
        spellings=told | spelled | table(spellings),
        outputs=asked,
        shown={each: asked[plain(each)] for each in shown.split() or results},
        signed=frozenset(signed.split()),
        assumptions=tuple(_assumption(each, said) for each, said in assumptions),
        renamings=renamings,
        amounts=frozenset(amounts.split()),
        indexed=indexed,
        by_items=by_items,
        options=table(options),
    )


def _assumption(text: str, said: str) -> Assumption:
    name, value = text.split("=")
    return Assumption(name.strip(), value.strip(), said)


def words(text: str) -> frozenset[str]:
    """The words of a text."""
    return frozenset(text.split())


def table(text: str) -> dict[str, str]:
    """Lines of `name: spelling spelling` turned round."""
    found: dict[str, str] = {}
    for line in filter(str.strip, text.splitlines()):
        name, spelled = line.split(":")
        found |= dict.fromkeys((plain(each) for each in spelled.split()), name.strip())
    return found


_WORDS = {
    "std": "standard",
    "act": "actual",
    "quantity": "qty",
    "quantities": "qty",
    "hrs": "hours",
    "hr": "hours",
    "hour": "hours",
    "mins": "minutes",
    "minute": "minutes",
    "budgeted": "budget",
    "planned": "plan",
    "labor": "labour",
    "center": "centre",
    "overheads": "overhead",
    "costs": "cost",
    "prices": "price",
    "rates": "rate",
    "oh": "overhead",
    "foh": "fixed_overhead",
    "voh": "variable_overhead",
    "var": "variable",
    "variances": "variance",
    "direct": "",
    "of": "",
    "the": "",
    "total": "total",
    "percentage": "percentage",
    "contributions": "contribution",
    "shares": "share",
    "margins": "margin",
    "profits": "profit",
    "revenues": "revenue",
    "sale": "sales",
    "usages": "usage",
    "rev": "revised",
    "orig": "original",
}


def plain(key: str) -> str:
    """A key in the words of the tables: lower case, abbreviations written out, empty words left out."""
    spaced = "".join(
        character if character.isalnum() or character == "." else "_" for character in key.lower()
    )
    parts = (
        "_".join(word for word in (_WORDS.get(each, each) for each in part.split("_")) if word)
        for part in spaced.split(".")
    )
    return ".".join(parts)

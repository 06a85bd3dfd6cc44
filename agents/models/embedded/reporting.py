"""What a question says of its figures rather than of things: in which currency, at which rates, with or
without intercompany. It is taken out before the readers read the rest, and put on what they make of it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict

from agents.models.protocol import PastTurn, ToolCall
from tools.languages import LANGUAGES, Language
from tools.metrics.compiler import Compiler
from tools.metrics.intercompany import Intercompany, business_with_partners
from tools.metrics.query import MetricQuery, RateKind

_FILE = Path(__file__).with_name("reporting.yaml")
_BLANKS = re.compile(r"\s+([,.;:?!])|(?:[,;:]\s*)+(?=[?.!]|$)|\s{2,}")
_YEAR = r"(?:\s+(?:of|from|for|von|aus|de|des|del|vom Jahr)\s+(?P<year>(?:19|20)\d\d))?"


class _Words(BaseModel):
    """One language's words, as patterns."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    left_out: str
    only: str
    included: str
    rates: dict[RateKind, str]
    own_currency: str
    """That each amount stays in the currency of its plant."""
    unconverted: str = ""
    """The same in words that are said of requisitions and planned orders too."""
    converts: str = ""
    """Beside one of these, `unconverted` is said of amounts,"""
    converted_records: str = ""
    """and beside none of these."""
    group_currency: str
    into: str
    currencies: dict[str, str]
    about_rates: str
    """Of questions about rates themselves, in which a currency is a thing."""

    @property
    def intercompany(self) -> tuple[tuple[Intercompany, str], ...]:
        """What is done about it, `without intercompany` before the bare word."""
        return ("left_out", self.left_out), ("included", self.included), ("only", self.only)


@lru_cache(maxsize=1)
def _read() -> dict[str, object]:
    found: dict[str, object] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return found


@lru_cache(maxsize=1)
def _words() -> dict[Language, _Words]:
    return {language: _Words.model_validate(_read()[language]) for language in LANGUAGES}


@lru_cache(maxsize=1)
def _fillers() -> frozenset[str]:
    return frozenset(str(_read()["fillers"]).split())


@dataclass(frozen=True, slots=True)
class Reporting:
    """How a question wants its amounts; all empty where it does not say."""

    currency: str = ""
    group_currency: bool = False
    """True where it asks for the group's currency, whichever that is."""
    own_currency: bool = False
    """True where it asks for each amount in the currency of its plant."""
    rates: RateKind | None = None
    year: int | None = None
    intercompany: Intercompany = ""

    def __bool__(self) -> bool:
        return bool(self.converts or self.own_currency or self.intercompany)

    @property
    def converts(self) -> bool:
        """True where amounts are to be in one currency."""
        return bool(self.currency or self.group_currency or self.rates)

    def over(self, before: Reporting) -> Reporting:
        """This, with what the turn before said and this one does not."""
        if self.converts or self.own_currency:
            return replace(self, intercompany=self.intercompany or before.intercompany)
        return replace(before, intercompany=self.intercompany or before.intercompany)

    def put_on(self, calls: Sequence[ToolCall], currency: str, compiler: Compiler) -> tuple[ToolCall, ...]:
        """The calls with their amounts as asked; those that have no amounts stay as they are.

        Args:
            currency: the group's, where the question names none.
        """
        return tuple(
            replace(call, arguments=self._on(call.arguments, currency, compiler))
            if isinstance(call.arguments, MetricQuery)
            else call
            for call in calls
        )

    def _on(self, query: MetricQuery, currency: str, compiler: Compiler) -> MetricQuery:
        update: dict[str, object] = {}
        if self.converts and has_amounts(query, compiler):
            update = {
                "currency": self.currency or currency,
                "rates": self.rates or "",
                "rates_of": self.year if self.rates == "constant" else None,
            }
        if self.own_currency and query.by and not query.limit and not query.extreme:
            # Amounts in several currencies have no order: to rank them would convert them.
            update |= {"order": tuple(one for one in query.order if not _is_amount(one.by, query, compiler))}
        if self.intercompany and business_with_partners(query, compiler.catalogue):
            update["intercompany"] = self.intercompany
        return query.model_copy(update=update) if update else query


def has_amounts(query: MetricQuery, compiler: Compiler) -> bool:
    """True where a query adds up or shows amounts of money."""
    shown = (path.split("/")[-1].split(".") for path in query.show)
    catalogue = compiler.catalogue
    return compiler.adds_money(query) or any(
        catalogue.entity(entity).fields[name].kind == "money" for entity, name in shown
    )


def _is_amount(by: str, query: MetricQuery, compiler: Compiler) -> bool:
    """True where what an order is by, a measure or what is shown, is an amount of money."""
    measured = query.model_copy(update={"measures": tuple(one for one in query.measures if one.name == by)})
    shown = query.model_copy(
        update={"measures": (), "show": tuple(path for path in query.show if path == by)}
    )
    if measured.measures:
        return compiler.adds_money(measured.model_copy(update={"order": (), "show": ()}))
    return by in query.show and has_amounts(shown.model_copy(update={"order": ()}), compiler)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question without what it says of its figures, and that."""

    reporting: Reporting
    rest: str

    @property
    def nothing_else(self) -> bool:
        """True of `and in EUR?`, which asks the question before once more."""
        return not set(re.findall(r"\w+", self.rest.lower())) - _fillers()


def asked_of(question: str, language: Language, own: frozenset[str], accounts: Sequence[str] = ()) -> Asked:
    """What a question says of its figures.

    Args:
        own: currencies that the sites of whoever asks keep their books in; to be told an amount in the
            only one of them is no conversion.
        accounts: their names; `Intercompany Sales` may be one.
    """
    words, rest, found = _words()[language], question, Reporting()
    unsaid = Asked(found, question)
    booked = any("intercompany" in name.casefold() for name in accounts)
    for kind, pattern in () if booked else words.intercompany:
        cut, match = _cut(rest, pattern)
        if match:
            found, rest = replace(found, intercompany=kind), cut
            break
    rates = _rates(rest, words)
    if rates is None and _found(rest, words.about_rates):
        return Asked(found, _clean(rest) if found else question)
    if rates is not None:
        rest, match = _cut(rest, words.rates[rates] + _YEAR)
        year = match["year"] if match else None
        found = replace(found, rates=rates, year=int(year) if year else None)
    cut = without_own_currency(rest, language)
    if cut != rest and rates is None:
        found, rest = replace(found, own_currency=True), cut
    cut, match = (rest, None) if found.own_currency else _cut(rest, words.group_currency)
    if match:
        found, rest = replace(found, group_currency=True), cut
    for code, names in words.currencies.items():
        cut, match = _cut(rest, rf"(?:{words.into})(?:{names}|{code})(?!\w)")
        if match and (own != {code} or found.rates):
            found, rest = replace(found, currency=code, own_currency=False), cut
            break
    about_books = _found(question, str(_read()["about_books"]))
    if found.converts and (about_books or _found(rest, str(_read()["other_currency"]))):
        # Two currencies make a question of rates; ledgers and loans are in one without being converted.
        return unsaid
    return Asked(found, _clean(rest) if found else question)


def without_own_currency(question: str, language: Language) -> str:
    """The question without `each in its own currency`, which a reading does where it does nothing."""
    words = _words()[language]
    patterns = [words.own_currency]
    if words.unconverted and _found(question, words.converts):
        patterns += [words.unconverted] if not _found(question, words.converted_records) else []
    for pattern in patterns:
        rest, match = _cut(question, pattern)
        while match:
            question = _clean(rest)
            rest, match = _cut(question, pattern)
    return question


def before(past: PastTurn) -> tuple[Reporting, PastTurn]:
    """How a turn had its amounts, and the turn as its question was read without that."""
    query = next((call.arguments for call in past.calls if isinstance(call.arguments, MetricQuery)), None)
    if query is None or not (query.currency or query.intercompany):
        return Reporting(), past
    reporting = Reporting(
        query.currency, rates=query.rates or None, year=query.rates_of, intercompany=query.intercompany
    )
    plain = {"currency": "", "rates": "", "rates_of": None, "intercompany": ""}
    calls = tuple(
        replace(call, arguments=call.arguments.model_copy(update=plain))
        if isinstance(call.arguments, MetricQuery)
        else call
        for call in past.calls
    )
    return reporting, replace(past, calls=calls)


def _rates(text: str, words: _Words) -> RateKind | None:
    return next((kind for kind, pattern in words.rates.items() if _found(text, pattern)), None)


def _found(text: str, words: str) -> bool:
    return re.search(words, text, re.IGNORECASE) is not None


def _cut(text: str, words: str) -> tuple[str, re.Match[str] | None]:
    match = re.search(words, text, re.IGNORECASE)
    return (f"{text[: match.start()]} {text[match.end() :]}", match) if match else (text, None)


def _clean(text: str) -> str:
    return _BLANKS.sub(lambda at: at[1] or (" " if not at[0].strip() else ""), text).strip(" ,;:-")

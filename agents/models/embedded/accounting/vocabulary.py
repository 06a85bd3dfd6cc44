"""Phrases of a question that name things of the catalogue of which nothing is in the plan."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

import snowballstemmer
import yaml

from agents.models.embedded.accounting.clause import Left
from agents.models.embedded.accounting.cues import Asked
from agents.models.embedded.accounting.doing import Doing
from agents.models.embedded.languages.tables import folded
from agents.models.embedded.lexicon import CatalogueHolder
from agents.models.embedded.masked import Spot
from agents.models.embedded.text import singular
from tools.languages import Language, speaking
from tools.metrics.catalogue import Catalogue, Metric
from tools.metrics.labels import Labels
from tools.metrics.query import ValueTest

_STEMMERS = {"de": "german", "es": "spanish", "fr": "french"}
_LONGEST = 4
_BEGINNING = 5
_GENERAL = frozenset(
    {
        "rate",
        "order",
        "line",
        "item",
        "set up",
        "place",
        "area",
        "entity",
        "works",
        "store",
        "reason",
        "posting",
        "stop",
        "account",
        "calendar day",
        "warehouse",
        "location",
        "receipt",
        "price history",
        "cost history",
        "hold",
    }
)
"""Names that are as often something else."""
_HEADS = frozenset({"order", "line", "recipe", "account", "parent", "component"})
"""Links to what a record is a part of."""
_FAMILIES = (
    frozenset({"purchase_order", "purchase_line", "goods_receipt"}),
    frozenset({"sales_order", "sales_line"}),
    frozenset({"stock", "location", "stock_snapshot"}),
    frozenset({"account", "ledger_line", "company"}),
    frozenset({"recipe", "recipe_phase"}),
    frozenset({"department", "cost_centre"}),
    frozenset({"info_record", "supplier"}),
)
"""Kinds of records that people call by each other's names."""
_SPOKEN_OF = {
    # Kinds of movements are called by the orders that they belong to.
    "stock_movement": ("sales_order", "production_order", "purchase_order", "customer", "supplier"),
    # What is ordered is ordered from somebody.
    "purchase_line": ("supplier",),
    # `Items without a stock record count as zero`.
    "material": ("stock",),
    # When something last came in stands beside its price.
    "info_record": ("goods_receipt",),
}
_HISTORIES = {"standard_cost": "standard_cost_version", "list_price": "list_price_version"}
"""What a material's cost or price was first and last, and whether it changed, is told from these."""
_ANYWHERE = frozenset({"material", "site", "unit", "currency", "company", "shift", "bom_item"})
_COUNTS = frozenset(map(folded, ("cuenta", "compte", "cuentan", "comptent")))
_ONCE = frozenset(map(folded, ("una", "une", "como", "comme", "pour", "por")))
"""After them it is no account: each price counts once."""
_FUNCTION = frozenset({"para", "par", "pour", "sur", "son", "sobre", "como", "uber"})
_ALSO = Path(__file__).with_name("things.yaml")


@dataclass(frozen=True, slots=True)
class Things:
    """What a language calls kinds of records, by the stems of each phrase."""

    phrases: Mapping[tuple[str, ...], frozenset[str]]

    def at(self, stems: Sequence[str], first: int) -> tuple[int, frozenset[str]]:
        """How many words from there on name kinds of records, and which."""
        for size in range(min(_LONGEST, len(stems) - first), 0, -1):
            found = self.phrases.get(tuple(stems[first : first + size]))
            if found:
                return size, found
        return 0, frozenset()


def words(question: Asked, doing: Doing) -> Iterator[Left]:
    """Kinds of records that are named, with none of which the plan has to do."""
    things = things_of(question.language, CatalogueHolder(doing.catalogue))
    spots = question.spots
    stems = [
        stemmed(word, question.language) if word.isalpha() and word not in _FUNCTION else ""
        for word in question.plain
    ]
    held = _held(doing) | _named_in(doing, question.language)
    at = 0
    while at < len(stems):
        size, named = things.at(stems, at)
        counts = question.plain[at] in _COUNTS and not _ONCE.isdisjoint(question.plain[at + 1 : at + 2])
        counts = counts or _is_any(question.plain, at)
        counts = counts or (not doing.grouped and _is_all(question.plain, at, at + size))
        if size and not counts and not named & held and not _is_value(spots[at : at + size], doing):
            yield Left("words", tuple(spot.text for spot in spots[at : at + size]))
        at += size or 1


def of_one_kind(question: Asked, doing: Doing) -> Iterator[Left]:
    """`PO lines: their value and the quantity ordered`: that of work orders stands beside it."""
    metrics = [
        doing.catalogue.metrics[one.metric] for one in doing.measures if one.metric in doing.catalogue.metrics
    ]
    kinds = {metric.entity for metric in metrics}
    if doing.looks_up or question.language != "en" or len(kinds) < 2:
        return
    things = things_of("en", CatalogueHolder(doing.catalogue))
    stems = [stemmed(word, "en") if word.isalpha() else "" for word in question.plain]
    at = 0
    while at < len(stems):
        size, named = things.at(stems, at)
        meant = next((family for family in _ORDERS if named and named <= family), frozenset())
        others = [family for family in _ORDERS if family != meant]
        for metric in metrics if meant & kinds else ():
            other = next((family for family in others if metric.entity in family), frozenset())
            if other and not _names_any(things, stems, other) and _has_own(metric, meant, doing.catalogue):
                yield Left("words", tuple(spot.text for spot in question.spots[at : at + size]))
        at += size or 1


def _names_any(things: Things, stems: Sequence[str], kinds: frozenset[str]) -> bool:
    return any(things.at(stems, at)[1] & kinds for at in range(len(stems)))


def _has_own(metric: Metric, kinds: frozenset[str], catalogue: Catalogue) -> bool:
    """True where records of these kinds have a figure by one of the metric's names."""
    said = set(metric.words)
    return any(one.entity in kinds and not said.isdisjoint(one.words) for one in catalogue.metrics.values())


_ORDERS = (
    frozenset({"purchase_order", "purchase_line", "goods_receipt"}),
    frozenset({"production_order"}),
    frozenset({"sales_order", "sales_line"}),
)


def _is_any(plain: Sequence[str], at: int) -> bool:
    """True for `, all department groups`: whichever they are."""
    return at > 1 and plain[at - 1] in ("all", "any") and plain[at - 2] in ("(", ",", ";")


def _is_all(plain: Sequence[str], first: int, after: int) -> bool:
    """True for `with all vendors` and `across every work centre`, none of which is left out."""
    before = [word for word in plain[max(0, first - 4) : first] if word not in _POSSESSIVE]
    return (
        len(before) > 1
        and before[-1] in _QUANTIFIERS
        and before[-2] in _PREPOSITIONS
        and _LIMITING.isdisjoint(plain[after : after + 1])
    )


_POSSESSIVE = frozenset({"the", "our", "of", "their"})
_QUANTIFIERS = frozenset({"all", "every"})
_PREPOSITIONS = frozenset(
    {"over", "across", "with", "from", "at", "in", "by", "for", "through", "on", "among"}
)
_LIMITING = frozenset({"with", "that", "which", "who", "whose", "having", "without", "in", "of", "from"})


def is_thing(text: str, language: Language, doing: Doing) -> bool:
    """True for words that name a kind of record."""
    things, stems = things_of(language, CatalogueHolder(doing.catalogue)), _key(text, language)
    return bool(stems) and things.at(stems, 0)[0] == len(stems)


def _held(doing: Doing) -> frozenset[str]:
    """Kinds of records that a plan has to do with, and those that hardly tell anything."""
    touched = doing.touched
    heads = {
        link.to
        for name in touched
        for role, link in doing.catalogue.entities[name].links.items()
        if role in _HEADS
    }
    family = {one for group in _FAMILIES if group & touched for one in group}
    family |= {one for name in touched for one in _SPOKEN_OF.get(name, ())}
    family |= {one for name, one in _HISTORIES.items() if doing.looks_back_at(name)}
    return touched | doing.added_up | heads | family | _ANYWHERE


def _named_in(doing: Doing, language: Language) -> frozenset[str]:
    """Kinds of records that the names of its conditions and figures speak of: `without any stock record`."""
    found: set[str] = set()
    with speaking(language):
        for label in doing.labels(Labels(doing.catalogue)):
            found |= _in_label(label, language, CatalogueHolder(doing.catalogue))
    return frozenset(found)


@lru_cache(maxsize=4096)
def _in_label(label: str, language: Language, holder: CatalogueHolder) -> frozenset[str]:
    things, stems = things_of(language, holder), _key(label, language)
    return frozenset(entity for at in range(len(stems)) for entity in things.at(stems, at)[1])


def _is_value(spots: Sequence[Spot], doing: Doing) -> bool:
    """True where a value of the plan begins as the words do: `energiekosten` of the account `Energy`."""
    values = [
        folded(str(value))
        for test in doing.tests
        if isinstance(test, ValueTest)
        for value in (*test.values, test.label)
        if isinstance(value, str)
    ]
    return any(folded(spot.text)[:_BEGINNING] in value for spot in spots for value in values)


@cache
def stemmed(word: str, language: Language) -> str:
    """The stem of a folded word in its language."""
    if language == "en":
        # What is done is no name: `placed` is not the `place`.
        return singular(word)
    return folded(str(_stemmer(language).stemWord(word)))  # type: ignore[attr-defined]


@cache
def _stemmer(language: Language) -> object:
    return snowballstemmer.stemmer(_STEMMERS[language])


def _key(phrase: str, language: Language) -> tuple[str, ...]:
    parts = folded(phrase).replace("-", " - ").replace("/", " / ").split()
    return tuple(stemmed(word, language) if word.isalpha() else word for word in parts)


@lru_cache(maxsize=8)
def things_of(language: Language, holder: CatalogueHolder) -> Things:
    """The phrases of a language for kinds of records."""
    found: dict[tuple[str, ...], set[str]] = {}
    with speaking(language):
        for entity, phrases in _named(holder.catalogue, language):
            for phrase in phrases:
                if singular(folded(phrase)) in _GENERAL:
                    continue
                found.setdefault(_key(phrase, language), set()).add(entity)
    return Things({key: frozenset(entities) for key, entities in found.items()})


def _named(catalogue: Catalogue, language: Language) -> Iterator[tuple[str, Iterable[str]]]:
    labels = Labels(catalogue)
    also = yaml.safe_load(_ALSO.read_text(encoding="utf-8"))
    for name, entity in catalogue.entities.items():
        yield name, (labels.singular(name), labels.plural(name))
        if language == "en":
            yield name, entity.words
    for names, languages in also.items():
        for name in names.split():
            yield name, [part.strip() for part in languages.get(language, "").split(",") if part.strip()]

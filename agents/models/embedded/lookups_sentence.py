"""A question as look-ups see it: words, and slots for materials, suppliers, numbers, days and the like."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Literal

from agents.models.embedded.lexicon import ValueWord, matches
from agents.models.embedded.masterdata import MasterData
from agents.models.embedded.periods import FoundPeriod, Period
from agents.models.embedded.text import Token, stem, tokenise
from tools.matching import Fit, meant, ranked

Kind = Literal["M", "S", "C", "N", "P", "W", "G", "A", "D", "word"]
"""Material, supplier, currency, number, period, site, company, account, department, or a plain word."""

_KINDS: dict[str, Kind] = {
    "material": "M",
    "supplier": "S",
    "currency": "C",
    "site": "W",
    "company": "G",
    "account": "A",
    "cost_centre": "D",
}
_DROPPED = frozenset(
    [
        "a",
        "an",
        "the",
        "our",
        "their",
        "its",
        "this",
        "that",
        "these",
        "those",
        "my",
        "your",
        "his",
        "her",
        "please",
        "just",
        "currently",
        "now",
        "really",
        "actually",
        "exactly",
        "also",
        "today",
        "kindly",
        "hi",
        "hey",
        "hello",
        "thanks",
    ]
)
"""Words left out of the patterns."""
_FACTORS = {
    "k": 1000,
    "thousand": 1000,
    "m": 1_000_000,
    "million": 1_000_000,
    "mio": 1_000_000,
    "hundred": 100,
}
_UNITS = frozenset(
    [
        "piece",
        "pieces",
        "unit",
        "units",
        "ea",
        "set",
        "sets",
        "copies",
        "copy",
        "pc",
        "item",
        "items",
        "x",
        "times",
    ]
)
_GENERIC = frozenset(
    [
        "material",
        "part",
        "product",
        "item",
        "component",
        "assembly",
        "article",
        "bike",
        "subassembly",
        "product",
        "sku",
        "vendor",
        "supplier",
    ]
)
# Several currencies are called so; the tool knows which of them the site's books are kept in.
_CURRENCY_WORDS = frozenset(
    [
        "dollar",
        "dollars",
        "euro",
        "euros",
        "pound",
        "pounds",
        "franc",
        "francs",
        "peso",
        "pesos",
        "yen",
        "yuan",
        "krona",
        "krone",
    ]
)
_ORDER_NOUNS = frozenset(["order", "job", "po", "wo", "number", "no", "nr", "id", "num"])
_LONGEST_GUESS = 8


@dataclass(frozen=True, slots=True)
class Item:
    """A word or slot with the tokens it covers, as positions [first, after)."""

    kind: Kind
    word: str
    """Stem of a word; what to pass on as the argument for a slot."""
    first: int
    after: int
    number: Decimal | None = None
    period: Period | None = None
    doubt: float = 0.0
    """How unsure it is that this names such a thing."""


class Sentence:
    """The items of a question, and patterns found in them."""

    def __init__(self, items: Sequence[Item], tokens: Sequence[Token]) -> None:
        self.items = tuple(items)
        self.tokens = tuple(tokens)
        symbols = [item.word if item.kind == "word" else item.kind for item in self.items]
        self.text = "".join(f" {symbol}" for symbol in symbols)
        self.words = frozenset(item.word for item in self.items if item.kind == "word")
        self.norms = frozenset(self.tokens[item.first].norm for item in self.items if item.kind == "word")
        """The words as typed, where their tense or number matters."""
        self._ends: list[int] = []
        length = 0
        for symbol in symbols:
            length += len(symbol) + 1
            self._ends.append(length)

    def of(self, kind: Kind) -> tuple[Item, ...]:
        """The slots of a kind in order."""
        return tuple(item for item in self.items if item.kind == kind)

    def said(self, *patterns: str) -> bool:
        """True where one of the patterns occurs."""
        return any(compiled(text).search(self.text) for text in patterns)

    def slots(self, text: str) -> tuple[Item, ...]:
        """The slots inside the first occurrence of a pattern, in order; empty where it does not occur."""
        found = compiled(text).search(self.text)
        if found is None:
            return ()
        return tuple(
            item
            for item, end in zip(self.items, self._ends, strict=True)
            if item.kind != "word" and found.start() < end <= found.end()
        )

    def quantity(self, thing: Item) -> Item | None:
        """The number that says how many of a thing: `20 pieces of X`, `a batch of 20 X`, `X, 20 pieces`."""
        index = self.items.index(thing)
        back = index - 1
        while back >= 0 and self.items[back].kind == "word" and self.items[back].word in _BETWEEN:
            back -= 1
        if back >= 0 and self.items[back].kind == "N":
            return self.items[back]
        after = self.items[index + 1 : index + 3]
        if after and after[0].kind == "N" and (len(after) < 2 or after[1].word in _UNIT_STEMS):
            return after[0]
        if len(after) == 2 and after[0].word in ("x", "quantiti", "time") and after[1].kind == "N":
            return after[1]
        return None


_UNIT_STEMS = frozenset(stem(word) for word in _UNITS)
_BETWEEN = _UNIT_STEMS | frozenset(
    stem(word)
    for word in ["of", "more", "new", "complete", "whole", "additional", "further", "finished", "full"]
)


def sentence(
    tokens: Sequence[Token],
    periods: Sequence[FoundPeriod],
    data: MasterData,
    entities: Iterable[str] = ("material", "supplier", "site"),
    ordinary: frozenset[str] = frozenset(),
) -> Sentence:
    """The question with slots for names of these entities.

    `ordinary` are stems that explain themselves: a run of other words may be a misspelt name.
    """
    names = _names(tokens, data, frozenset(entities))
    taken = {k for item in names for k in range(item.first, item.after)}
    found = [period for period in periods if not taken & set(range(period.first, period.after))]
    if ordinary:
        names += _guesses(tokens, data, names, found, ordinary)
        taken = {k for item in names for k in range(item.first, item.after)}
        found = [period for period in found if not taken & set(range(period.first, period.after))]
    return Sentence(_items(tokens, names, found), tokens)


def _names(tokens: Sequence[Token], data: MasterData, entities: frozenset[str]) -> list[Item]:
    names: list[Item] = []
    position = 0
    while position < len(tokens):
        best: Item | None = _by_number(tokens, position, data)
        for match in () if best else matches(tokens, data.phrases, position):
            values = [m for m in match.meanings if isinstance(m, ValueWord) and m.entity in entities]
            value = next((v for v in values if _is_key(v)), None)
            if (
                value
                and not (best and best.after >= match.after)
                and _typed(tokens, match.first, match.after, value)
            ):
                text = value.values[0] if len(value.values) == 1 and value.field == "name" else value.shown
                if value.entity == "currency" and not value.exact:
                    text = tokens[match.first].text
                best = Item(_KINDS[value.entity], text, match.first, match.after)
        if best is None and "currency" in entities and tokens[position].norm in _CURRENCY_WORDS:
            best = Item("C", tokens[position].norm, position, position + 1)
        if best:
            names.append(best)
            position = best.after
        else:
            position += 1
    return names


def _is_key(value: ValueWord) -> bool:
    return value.field == "name" or value.field.endswith("_id") or value.field == value.entity


def _typed(tokens: Sequence[Token], first: int, after: int, value: ValueWord) -> bool:
    """A one-word name must stand there as it is written, but for its ending: `at` is not the currency ATS."""
    if after - first > 1 or value.field == "name":
        return True
    return tokens[first].text.lower() == value.shown.lower()


def _by_number(tokens: Sequence[Token], position: int, data: MasterData) -> Item | None:
    """`material 320`, `vendor 1576`, `product id 320`: an id after what it identifies."""
    token = tokens[position]
    if token.kind != "number" or not token.norm.isdigit() or position == 0:
        return None
    back = position - 1
    while back > 0 and tokens[back].norm in ("id", "number", "no", "nr", ".", "#", ":"):
        back -= 1
    kinds: dict[str, Kind] = {
        "material": "M",
        "part": "M",
        "product": "M",
        "item": "M",
        "article": "M",
        "vendor": "S",
        "supplier": "S",
    }
    kind = kinds.get(tokens[back].norm)
    following = tokens[position + 1].norm if position + 1 < len(tokens) else ""
    if kind is None or following in _UNITS or following in ("percent", "day", "days"):
        return None
    return Item(kind, f"id:{token.norm}", position, position + 1)


# ── names that are misspelt or cut short ──────────────────────────────────────────────────────────────────
@dataclass(frozen=True, slots=True)
class _Name:
    id: str
    code: str
    name: str


def _guesses(
    tokens: Sequence[Token],
    data: MasterData,
    names: Sequence[Item],
    periods: Sequence[FoundPeriod],
    ordinary: frozenset[str],
) -> list[Item]:
    """Runs of words that no frame explains and that are nearly a name."""
    taken = {k for item in names for k in range(item.first, item.after)}
    taken |= {k for period in periods for k in range(period.first, period.after)}
    found: list[Item] = []
    for first, after in _runs(tokens, taken, ordinary):
        text = _typed_text(tokens, first, after)
        for kind, entity in (("M", "material"), ("S", "supplier")):
            guess = _guess(text, data.names.get(entity, ()))
            if guess is None or (guess > 0.2 and (names or found)):
                continue
            found.append(Item("M" if kind == "M" else "S", text, first, after, doubt=guess))
            break
    return found


def _runs(tokens: Sequence[Token], taken: set[int], ordinary: frozenset[str]) -> list[tuple[int, int]]:
    runs: list[tuple[int, int]] = []
    first: int | None = None
    last = 0
    for i, token in enumerate([*tokens, None]):
        joins = token is not None and (
            token.kind == "number" or token.norm in ("-", ",", "/", "'") or token.quoted
        )
        opens = (
            token is not None
            and i not in taken
            and token.kind == "word"
            and token.stem not in ordinary
            and token.norm not in _DROPPED
        )
        if opens or (joins and first is not None and i not in taken):
            first = i if first is None else first
            last = i + 1 if opens or (token and token.kind == "number") else last
            continue
        if first is not None:
            runs.append((first, last))
        first = None
    return [run for run in runs if run[1] - run[0] <= _LONGEST_GUESS and len(_typed_text(tokens, *run)) >= 4]


def _typed_text(tokens: Sequence[Token], first: int, after: int) -> str:
    parts: list[str] = []
    for token, before in zip(tokens[first:after], [None, *tokens[first:after]], strict=False):
        if before is not None and token.start == before.start:
            continue
        glued = before is not None and before.end == token.start
        parts.append(token.text if glued or not parts else f" {token.text}")
    return "".join(parts).strip(" '\"")


@lru_cache(maxsize=8)
def _things(names: tuple[str, ...]) -> tuple[_Name, ...]:
    return tuple(_Name("", "", name) for name in dict.fromkeys(names))


def _guess(text: str, names: tuple[str, ...]) -> float | None:
    """The doubt that a text means one of the names; None where it means none of them."""
    taken = meant(ranked(text, _things(names)))
    if not taken:
        return None
    fit = taken[0].fit
    if fit in (Fit.EXACT, Fit.SPELLING):
        return 0.08 if len(taken) == 1 else 0.2
    return 0.2 if len(taken) == 1 else 0.32


# ── items ─────────────────────────────────────────────────────────────────────────────────────────────────
def _items(tokens: Sequence[Token], names: Sequence[Item], periods: Sequence[FoundPeriod]) -> list[Item]:
    named = {item.first: item for item in names}
    dated = {period.first: period for period in periods}
    items: list[Item] = []
    position = 0
    while position < len(tokens):
        if position in named:
            _drop_generic(items, tokens)
            items.append(named[position])
            position = named[position].after
            position += _generic_after(tokens, position)
            continue
        if position in dated:
            period = dated[position]
            if not _bare_number(tokens, period, named):
                items.append(Item("P", "", period.first, period.after, period=period.period))
                position = period.after
                continue
        token = tokens[position]
        if token.kind == "mark" or token.norm in _DROPPED:
            position += 1
            continue
        number, after = _number(tokens, position, named)
        if number is not None:
            items.append(Item("N", str(number), position, after, number=number))
        else:
            items.append(Item("word", token.stem, position, after))
        position = after
    return items


def _bare_number(tokens: Sequence[Token], period: FoundPeriod, named: dict[int, Item]) -> bool:
    """True where what looks like a year counts things: `build 2000 HL Fork`, `PO 2004`."""
    numbers = [k for k in range(period.first, period.after) if tokens[k].kind == "number"]
    if period.period.grain not in ("year", "range") or len(numbers) != 1 or numbers[0] != period.after - 1:
        return False
    before = next((tokens[k].norm for k in range(numbers[0] - 1, -1, -1) if tokens[k].kind != "mark"), "")
    following = tokens[period.after].norm if period.after < len(tokens) else ""
    return period.after in named or following in _UNITS or before in _ORDER_NOUNS


def _number(tokens: Sequence[Token], position: int, named: dict[int, Item]) -> tuple[Decimal | None, int]:
    token = tokens[position]
    after = position + 1
    if token.number is None:
        return None, after
    number = token.number
    following = tokens[after].norm if after < len(tokens) else ""
    if following in _FACTORS and after not in named:
        return number * _FACTORS[following], after + 1
    if (
        token.kind == "word"
        and token.norm in ("one", "first")
        and not (after in named or following in _UNITS)
    ):
        return None, after
    return number, after


def _drop_generic(items: list[Item], tokens: Sequence[Token]) -> None:
    """`the material X` is X."""
    if not items or items[-1].kind != "word" or tokens[items[-1].first].norm not in _GENERIC:
        return
    if len(items) < 2 or items[-2].word not in ("which", "what", "mani", "each", "everi"):
        items.pop()


def _generic_after(tokens: Sequence[Token], position: int) -> int:
    """`Mountain-200 Black, 38 bikes`: how many tokens to skip after a name, closing quotes included."""
    at = position
    while at < len(tokens) and tokens[at].norm in ("'", '"', "”", "’"):
        at += 1
    return at - position + 1 if at < len(tokens) and tokens[at].norm in ("bike", "bikes") else 0


# ── patterns ──────────────────────────────────────────────────────────────────────────────────────────────
PHRASES: dict[str, str] = {
    "part": "component|part|piece|item|material|ingredient|subcomponent|article|sub component|sub part|sub "
    "assembly|child part|"
    "bought part|purchased part|thing|stuff|position|input|raw material",
    "assembly": "assembly|assemblies|product|parent|bike|model|finished good|finished product|end product|"
    "thing|item|material|"
    "parent assembly|bill of material|bills of material|bom|structure|article|part|final product|sub "
    "assembly|higher level assembly",
    "bom": "bom|bill of material|bills of material|parts list|part list|product structure|structure|"
    "component list|recipe|"
    "material list|list of component|list of part|list of material|bill of materials|breakdown|explosion",
    "build": "build|built|assemble|assembling|make|made|making|manufacture|produce|put together|construct|"
    "fabricate|complete|finish|"
    "create|run|buildable|machine|turn out|knock out|knock together|ship out|crank out|set up",
    "can": "can|could|able|possible|may|might|capable|possibly|would|feasible|enable|theoretically",
    "need": "need|needed|require|requirement|take|takes|necessary|use|used|consume|go|goes|going|want|"
    "demand|have to|must|call|calls|involve|fit|get|"
    "contain|require|consumption|usage",
    "goes": "go|goes|going|gone|come|put|belong|flow|built|build|assembled|fit|fits|enter",
    "use": "use|used|using|usage|contain|contains|include|require|need|have|has|consume|depend|depends|take|"
    "hold|incorporate|with|call|employ|"
    "built|feature",
    "vendor": "supplier|vendor|source|seller|distributor|dealer|company|firm|manufacturer|outfit|suppliers|"
    "one",
    "supply": "supply|supplies|supplied|sell|sells|sold|deliver|provide|offer|quote|furnish|carry|stock us",
    "buy": "buy|purchase|procure|source|get|order|obtain|come",
    "short": "short|missing|lack|lacking|shortage|insufficient|not enough|not sufficient|too few|too little|"
    "miss|run short|"
    "not have enough|not covered|not available|deficit|shortfall|fall short|not suffice|unavailable|under "
    "covered|donot have enough|low|"
    "without enough|have not enough|no enough",
    "stock": "stock|inventory|hand|shelf|warehouse|store|stores",
    "order": "order|production order|work order|manufacturing order|shop order|job|job order|prod order|wo",
    "purchase": "purchase order|po|buying order|procurement order|purchasing order",
    "no": "number|no|nr|id|num",
    "data": "data|data set|database|record|dataset|figure|number|erp data|master data|import",
}
_SLOTS = frozenset("MSCNPWGAD")
_GAP = r"(?: [^A-Z\s]\S*)"
_THING = rf"(?: N)?(?:{'|'.join(f' {word}' for word in sorted(_BETWEEN))}){{0,2}} M"


@lru_cache(maxsize=4096)
def compiled(text: str) -> re.Pattern[str]:
    """A pattern of the little language in which frames are written.

    Words stand for their stems, `a|b` for either, `{name}` for any of a list of phrases, `M`, `S`, ... for
    slots (a material with its quantity), `..` for up to three words, `...` for up to eight, `^` and `$` for
    the ends, and a trailing `?` makes an element optional.
    """
    out = []
    for element in text.split(" "):
        optional = "?" if element.endswith("?") else ""
        out.append(_element(element.removesuffix("?") if optional else element) + optional)
    return re.compile("".join(out) + ("" if text.endswith("$") else r"(?= |$)"))


def _element(element: str) -> str:
    if element in ("^", "$"):
        return element
    if element in ("..", "..."):
        return _GAP + ("{0,3}?" if element == ".." else "{0,8}?")
    if element == "M":
        return f"(?:{_THING})"
    if element in _SLOTS:
        return f"(?: {element})"
    phrases = sorted(
        {_stemmed(choice) for choice in _choices(element)} - {()}, key=lambda phrase: (-len(phrase), phrase)
    )
    return "(?:" + "|".join("".join(f" {re.escape(word)}" for word in phrase) for phrase in phrases) + ")"


def _choices(element: str) -> list[str]:
    named = (PHRASES[choice[1:-1]] if choice.startswith("{") else choice for choice in element.split("|"))
    return [phrase for choice in named for phrase in choice.split("|")]


@lru_cache(maxsize=4096)
def _stemmed(phrase: str) -> tuple[str, ...]:
    # Slots inside alternatives stay as they are; an underscore joins the words of a phrase.
    parts = phrase.replace("_", " ").split(" ")
    words = [
        word for part in parts for word in ((part,) if part in _SLOTS else (t.stem for t in tokenise(part)))
    ]
    return tuple(word for word in words if word not in _DROPPED)


def words_of(text: str) -> frozenset[str]:
    """The stems that a pattern names."""
    found: set[str] = set()
    for element in text.split(" "):
        element = element.removesuffix("?")
        if element in ("", "^", "$", "..", "...") or element in _SLOTS:
            continue
        for choice in _choices(element):
            found.update(_stemmed(choice))
    return frozenset(found - _SLOTS)

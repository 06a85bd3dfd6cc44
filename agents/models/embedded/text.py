"""A question as tokens: words in a normal spelling with their stems, numbers, quotations and punctuation."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Literal

import snowballstemmer

TokenKind = Literal["word", "number", "mark"]

_TOKEN = re.compile(
    r"(?P<date>\d{1,2}\.\d{1,2}\.(?:\d{4}|\d{2})|(?:0[1-9]|1[0-2])\.(?:19|20)\d\d)(?![\w.]\w|\w)"
    r"|(?P<number>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d{1,3}(?: \d{3})* 000|\d+(?:\.\d+)?)"
    r"(?=$|[^\w]|(?:st|nd|rd|th|k|m|mn|mio|bn|x|pcs|usd|eur|d|h|kg|g|lbs?|oz|cm|mm)\b)"
    r"|(?P<word>\w+(?:['’][^\W\d]\w*)?)|(?P<mark>[%$€£#?!.,:;()\"“”'‘’/&+=<>-])"
)
_ABBREVIATED = re.compile(
    r"\b(incl|excl|approx|qty|avg|std|min|max|nr|vs|pct|acct|dept|resp|excluding)\.", re.IGNORECASE
)
_GROUPING = re.compile(r"[, ]")
"""What stands between groups of digits; a space only before three noughts: `10 000 USD`."""
_PER_CENT = re.compile(r"\bper cent\b", re.IGNORECASE)
_SPELLINGS = {
    "organization": "organisation",
    "organizations": "organisations",
    "color": "colour",
    "colors": "colours",
    "colored": "coloured",
    "center": "centre",
    "centers": "centres",
    "catalog": "catalogue",
    "favorable": "favourable",
    "unfavorable": "unfavourable",
    "quater": "quarter",
    "quaters": "quarters",
    "qty": "quantity",
    "qties": "quantities",
    "pcs": "pieces",
    "pc": "piece",
    "avg": "average",
    "std": "standard",
    "pct": "percent",
    "perc": "percent",
    "incl": "including",
    "excl": "excluding",
    "vs": "versus",
    "approx": "about",
    "mfg": "manufacturing",
    "min": "minimum",
    "max": "maximum",
    "amt": "amount",
    "acct": "account",
    "accts": "accounts",
    "mgmt": "management",
    "dept": "department",
    "depts": "departments",
    "labor": "labour",
    "orgs": "organisations",
    "org": "organisation",
    "pos": "purchaseorders",
    "po": "purchaseorder",
    "wo": "workorder",
    "wos": "workorders",
    "ppv": "ppv",
    "prod": "production",
    "comps": "components",
    "inv": "inventory",
    "percentage": "percentage",
    "proportion": "share",
    "fraction": "share",
    "portion": "share",
    "bought-in": "bought",
    "bom": "bom",
    "boms": "boms",
    "pls": "please",
    "plz": "please",
    "thx": "thanks",
    "w": "with",
    "nr": "number",
    "cancelled": "canceled",
    "programme": "program",
    "cheque": "check",
    "dont": "donot",
    "doesnt": "doesnot",
    "arent": "arenot",
    "isnt": "isnot",
    "havent": "havenot",
    "hasnt": "hasnot",
    "didnt": "didnot",
    "wasnt": "wasnot",
    "werent": "werenot",
    "cant": "cannot",
    "wont": "willnot",
    "gbp": "gbp",
    "assys": "assemblies",
    "assy": "assembly",
    "whats": "whatis",
    "whos": "whois",
    "wheres": "whereis",
    "hows": "howis",
    "im": "iam",
    "ive": "ihave",
    "thats": "thatis",
    "lets": "letus",
    "recieved": "received",
    "reciept": "receipt",
    "reciepts": "receipts",
    "suppliers'": "suppliers",
    "eod": "eod",
    "tot": "total",
    "cat": "category",
    "subcat": "subcategory",
    "hrs": "hours",
    "yrs": "years",
    "mths": "months",
    "yr": "year",
    "freq": "frequency",
    "matl": "material",
    "mat": "material",
    "mats": "materials",
    "vend": "vendor",
    "rej": "rejected",
    "refs": "references",
    "recs": "records",
    "rec": "record",
    "sku": "sku",
    "skus": "skus",
    "wip": "wip",
    "sth": "something",
}
_SPLIT = {
    "purchaseorders": ("purchase", "orders"),
    "purchaseorder": ("purchase", "order"),
    "workorder": ("work", "order"),
    "workorders": ("work", "orders"),
    "donot": ("do", "not"),
    "doesnot": ("does", "not"),
    "arenot": ("are", "not"),
    "isnot": ("is", "not"),
    "havenot": ("have", "not"),
    "hasnot": ("has", "not"),
    "didnot": ("did", "not"),
    "wasnot": ("was", "not"),
    "werenot": ("were", "not"),
    "cannot": ("can", "not"),
    "willnot": ("will", "not"),
    "whatis": ("what", "is"),
    "whois": ("who", "is"),
    "whereis": ("where", "is"),
    "howis": ("how", "is"),
    "iam": ("i", "am"),
    "ihave": ("i", "have"),
    "thatis": ("that", "is"),
    "letus": ("let", "us"),
    "subassembly": ("sub", "assembly"),
    "subassemblies": ("sub", "assemblies"),
}
_MARKS = {"%": "percent", "$": "dollar", "€": "euro", "£": "pound", "#": "number", "&": "and"}
_SMALL_NUMBERS = [
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
]  # fmt: skip
_TEN_WORDS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_TENS = {word: 10 * at for at, word in enumerate(_TEN_WORDS, start=2)}
_SCALES = {
    "dozen": 12,
    "hundred": 100,
    "k": 1000,
    "grand": 1000,
    "thousand": 1000,
    "m": 1_000_000,
    "mn": 1_000_000,
    "mio": 1_000_000,
    "million": 1_000_000,
    "bn": 1_000_000_000,
    "billion": 1_000_000_000,
}
_NUMBER_WORDS = (
    {word: at for at, word in enumerate(_SMALL_NUMBERS)}
    | _TENS
    | {word: _SCALES[word] for word in ("dozen", "hundred", "thousand", "million", "billion")}
)
# Words that the stemmer would confuse with others of the trade.
_KEEP = {
    "production",
    "this",
    "less",
    "news",
    "does",
    "was",
    "is",
    "has",
    "its",
    "us",
    "as",
    "various",
    "previous",
    "status",
    "plus",
    "minus",
}


@dataclass(frozen=True, slots=True)
class Token:
    """A word, number or mark with its place in the question."""

    text: str
    """As typed."""
    norm: str
    """Lower case in a normal spelling; a number's digits; a mark itself."""
    stem: str
    kind: TokenKind
    start: int
    end: int
    number: Decimal | None = None
    quoted: bool = False

    @property
    def capital(self) -> bool:
        """True for a word typed with a capital letter."""
        return self.text[:1].isupper()


@lru_cache(maxsize=1)
def _stemmer() -> object:
    return snowballstemmer.stemmer("english")


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """The Snowball stem of a lower-case word."""
    if word in _KEEP or not word.isalpha():
        return word
    return str(_stemmer().stemWord(word))  # type: ignore[attr-defined]


def tokenise(question: str) -> tuple[Token, ...]:
    """The tokens of a question, abbreviations spelt out, in order."""
    text = (
        unicodedata.normalize("NFKC", question)
        .replace("w/o", "without")
        .replace("W/o", "without")
        .replace("'s ", " ")
        .replace("’s ", " ")
    )
    text = _PER_CENT.sub("percent", _ABBREVIATED.sub(r"\1 ", text))
    tokens: list[Token] = []
    quotes = _quoted_spans(text)
    for match in _TOKEN.finditer(text):
        start, end = match.span()
        quoted = any(a <= start and end <= b for a, b in quotes)
        if match["date"]:
            tokens += _numeric_date(match["date"], start, quoted)
        elif match["number"]:
            digits = _GROUPING.sub("", match["number"])
            tokens.append(Token(match[0], digits, digits, "number", start, end, Decimal(digits), quoted))
        elif match["word"]:
            tokens += _words(match["word"], start, end, quoted)
        else:
            mark = match["mark"]
            word = _MARKS.get(mark)
            kind: TokenKind = "word" if word else "mark"
            tokens.append(
                Token(mark, word or mark, stem(word) if word else mark, kind, start, end, None, quoted)
            )
    return tuple(tokens)


def _numeric_date(text: str, start: int, quoted: bool) -> list[Token]:
    """`15.07.2021` as its numbers and points; on its own, `15.07` would be a fraction."""
    found = []
    for part in re.finditer(r"\d+|\.", text):
        kind: TokenKind = "mark" if part[0] == "." else "number"
        number = None if kind == "mark" else Decimal(part[0])
        at, after = start + part.start(), start + part.end()
        found.append(Token(part[0], part[0], part[0], kind, at, after, number, quoted))
    return found


def _quoted_spans(text: str) -> list[tuple[int, int]]:
    spans = []
    for pattern in (
        r"\"([^\"]{2,80})\"",
        r"“([^”]{2,80})”",
        r"(?<!\w)'([^']{2,80})'(?!\w)",
        r"‘([^’]{2,80})’",
        r"(?<!\w)\*(\w[^*]{1,80})\*",
    ):
        spans += [match.span(1) for match in re.finditer(pattern, text)]
    return spans


def _words(word: str, start: int, end: int, quoted: bool) -> list[Token]:
    lower = word.lower().replace("’", "'")
    if lower.endswith("n't"):
        lower = (
            lower[:-3] + "not"
            if lower not in ("can't", "won't")
            else {"can't": "cannot", "won't": "willnot"}[lower]
        )
    lower = (
        lower.replace("'s", "")
        .replace("'re", "")
        .replace("'ve", "")
        .replace("'ll", "")
        .replace("'d", "")
        .replace("'", "")
    )
    lower = _SPELLINGS.get(lower, lower)
    parts = _SPLIT.get(lower, (lower,))
    found = []
    for part in parts:
        value = _NUMBER_WORDS.get(part)
        found.append(
            Token(
                word,
                part,
                stem(part),
                "word",
                start,
                end,
                Decimal(value) if value is not None else None,
                quoted,
            )
        )
    return found


def singular(word: str) -> str:
    """A word without the ending of the plural."""
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 4 and word.endswith(("xes", "ches", "shes", "sses", "tuses")):
        return word[:-2]
    plural = len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is"))
    return word[:-1] if plural else word


def typed(tokens: Sequence[Token]) -> str:
    """A stretch of the question as it was typed, without marks around it."""
    text, end = "", -1
    for token in tokens:
        if token.start < end:
            continue  # a word that was taken apart: `PO` is a purchase order
        text += " " * (bool(text) and token.start > end) + token.text
        end = token.end
    return text.strip()


@lru_cache(maxsize=50_000)
def stems(phrase: str) -> tuple[str, ...]:
    """Stems of a phrase's words, in the question's own normal spelling."""
    return tuple(token.stem for token in tokenise(phrase) if token.kind != "mark")


def amount(tokens: Sequence[Token], i: int) -> tuple[Decimal | None, int]:
    """A number as it is said and the position after it: `2,500`, `10 k`, `1.5 million`, `twenty-five`, `two
    hundred and fifty`, `one and a half`, `half a dozen`; none where no number begins."""
    words = [token.norm for token in tokens[i : i + 12]]
    if words[:1] == ["half"] and words[1:2] in (["a"], ["an"]) and len(words) > 2:
        if words[2] in ("percent", "percentage"):
            return Decimal("0.5"), i + 2
        return (Decimal(_SCALES[words[2]]) / 2, i + 3) if words[2] in _SCALES else (None, i)
    if not words or tokens[i].number is None:
        return None, i
    value, at = _below_thousand(tokens, i)
    while at < len(tokens) and tokens[at].norm in _SCALES:
        value, at = value * _SCALES[tokens[at].norm], at + 1
        at, value = _remainder(tokens, at, value)
    if [token.norm for token in tokens[at : at + 3]] == ["and", "a", "half"]:
        return value + Decimal("0.5"), at + 3
    return value, at


def _below_thousand(tokens: Sequence[Token], i: int) -> tuple[Decimal, int]:
    number, at = tokens[i].number, i + 1
    assert number is not None
    if tokens[i].norm in _TENS:
        unit = at + 1 if at < len(tokens) and tokens[at].norm == "-" else at
        if unit < len(tokens) and tokens[unit].norm in _SMALL_NUMBERS[1:10]:
            return number + (tokens[unit].number or 0), unit + 1
    return number, at


def _remainder(tokens: Sequence[Token], at: int, value: Decimal) -> tuple[int, Decimal]:
    """What is added after a scale, as `and fifty`; `two hundred and three hundred` are two numbers."""
    if tokens[at - 1].norm not in ("hundred", "thousand", "million"):
        return at, value
    first = at + 1 if at < len(tokens) and tokens[at].norm == "and" else at
    if first >= len(tokens) or tokens[first].norm not in {*_TENS, *_SMALL_NUMBERS[1:]}:
        return at, value
    rest, after = _below_thousand(tokens, first)
    if after < len(tokens) and tokens[after].norm in _SCALES:
        if tokens[after].norm != "hundred" or tokens[at - 1].norm == "hundred":
            return at, value
        rest, after = rest * 100, after + 1
        after, rest = _remainder(tokens, after, rest)
    return after, value + rest

"""A question as tokens: words in a normal spelling with their stems, numbers, quotations and punctuation."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Literal

import snowballstemmer

TokenKind = Literal["word", "number", "mark"]

_TOKEN = re.compile(
    r"(?P<number>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)(?=$|[^\w]|(?:st|nd|rd|th|k|m|pcs|usd|eur|d|h)\b)"
    r"|(?P<word>\w+(?:['’]\w+)?)|(?P<mark>[%$€£#?!.,:;()\"“”'‘’/&+=<>-])"
)
_ABBREVIATED = re.compile(
    r"\b(incl|excl|approx|qty|avg|std|min|max|nr|vs|pct|acct|dept|resp|excluding)\.", re.IGNORECASE
)
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
_NUMBER_WORDS = {
    "zero": 0,
    "one": 1,
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
    "eight": 8,
    "nine": 9,
    "ten": 10,
    "eleven": 11,
    "twelve": 12,
    "fifteen": 15,
    "twenty": 20,
    "thirty": 30,
    "fifty": 50,
    "hundred": 100,
    "thousand": 1000,
    "dozen": 12,
}
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
    text = _ABBREVIATED.sub(r"\1 ", text)
    tokens: list[Token] = []
    quotes = _quoted_spans(text)
    for match in _TOKEN.finditer(text):
        start, end = match.span()
        quoted = any(a <= start and end <= b for a, b in quotes)
        if match["number"]:
            digits = match["number"].replace(",", "")
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


def _quoted_spans(text: str) -> list[tuple[int, int]]:
    spans = []
    for pattern in (
        r"\"([^\"]{2,80})\"",
        r"“([^”]{2,80})”",
        r"(?<!\w)'([^']{2,80})'(?!\w)",
        r"‘([^’]{2,80})’",
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


def stems(phrase: str) -> tuple[str, ...]:
    """Stems of a phrase's words, in the question's own normal spelling."""
    return tuple(token.stem for token in tokenise(phrase) if token.kind != "mark")

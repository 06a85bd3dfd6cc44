"""A question as chunks: phrases with their meanings, and the markers that say how they hang together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from agents.models.embedded.lexicon import (
    SKIPPED,
    EntityWord,
    Match,
    Meaning,
    MetricWord,
    Phrases,
    ValueWord,
    matches,
)
from agents.models.embedded.periods import FoundPeriod, Period
from agents.models.embedded.text import Token
from tools.metrics.query import Aggregate, Grain, Operator

MarkerKind = Literal[
    "count",
    "list",
    "by",
    "each",
    "limit",
    "most",
    "least",
    "aggregate",
    "share",
    "compare",
    "grain",
    "not",
    "and",
    "of",
    "comma",
    "total",
    "versus",
    "with",
    "period",
    "chart",
    "worse",
    "only",
    "other",
    "excluded",
    "sorted",
    "sorted_up",
    "than",
    "never",
    "per",
    "who",
    "ever",
    "or",
    "among",
    "same",
]


@dataclass(frozen=True, slots=True)
class Chunk:
    """A stretch of the question: a phrase with meanings, or a marker."""

    first: int
    after: int
    meanings: tuple[Meaning, ...] = ()
    marker: MarkerKind | None = None
    unit: str = ""
    """`days`, `percent`, `pieces` or `money`, where a compared number names it."""
    number: Decimal | None = None
    op: Operator = "="
    aggregate: Aggregate = "sum"
    grain: Grain | None = None
    period: Period | None = None
    weight: int = 1
    alternatives: tuple[Meaning, ...] = ()
    """What shorter phrases inside it mean."""


_PHRASES: tuple[tuple[tuple[str, ...], MarkerKind], ...] = (
    (("leaving", "out"), "not"),
    (("leave", "out"), "not"),
    (("apart", "from"), "not"),
    (("other", "than"), "not"),
    (("not", "counting"), "not"),
    (("lion", "share"), "most"),
    (("at", "least", "once"), "ever"),
    (("even", "once"), "ever"),
    (("more", "than", "once"), "ever"),
    (("at", "all"), "ever"),
    (("how", "many"), "count"),
    (("number", "of"), "count"),
    (("count", "of"), "count"),
    (("how", "much"), "total"),
    (("amount", "of"), "total"),
    (("for", "each"), "each"),
    (("for", "every"), "each"),
    (("in", "each"), "each"),
    (("of", "each"), "each"),
    (("from", "each"), "each"),
    (("with", "each"), "each"),
    (("by", "each"), "each"),
    (("at", "each"), "each"),
    (("to", "each"), "each"),
    (("broken", "down", "by"), "by"),
    (("split", "by"), "by"),
    (("grouped", "by"), "by"),
    (("sorted", "by"), "by"),
    (("in", "total"), "total"),
    (("in", "all"), "total"),
    (("what", "share"), "share"),
    (("what", "part"), "share"),
    (("as", "a", "chart"), "chart"),
    (("as", "chart"), "chart"),
    (("compared", "to"), "versus"),
    (("compared", "with"), "versus"),
    (("as", "opposed", "to"), "versus"),
    (("against",), "versus"),
    (("rather", "than"), "versus"),
    (("highest", "first"), "sorted"),
    (("largest", "first"), "sorted"),
    (("biggest", "first"), "sorted"),
    (("worst", "first"), "sorted"),
    (("most", "first"), "sorted"),
    (("lowest", "first"), "sorted_up"),
    (("smallest", "first"), "sorted_up"),
    (("in", "descending", "order"), "sorted"),
    (("in", "percent"), "share"),
    (("as", "percent"), "share"),
    (("as", "percentage"), "share"),
    (("as", "a", "percentage"), "share"),
)
_WORDS: dict[str, MarkerKind] = {
    "by": "by",
    "per": "per",
    "across": "by",
    "each": "each",
    "every": "each",
    "list": "list",
    "show": "list",
    "which": "list",
    "what": "list",
    "name": "list",
    "names": "list",
    "give": "list",
    "who": "who",
    "whose": "with",
    "top": "limit",
    "share": "share",
    "percent": "share",
    "percentage": "share",
    "and": "and",
    "plus": "and",
    "versus": "versus",
    "compare": "versus",
    "compared": "versus",
    "not": "not",
    "no": "not",
    "without": "not",
    "excluding": "not",
    "except": "not",
    "never": "never",
    "neither": "not",
    "none": "not",
    "with": "with",
    "having": "with",
    ",": "comma",
    "total": "total",
    "overall": "total",
    "altogether": "total",
    "chart": "chart",
    "graph": "chart",
    "plot": "chart",
    "worse": "worse",
    "better": "worse",
    "improve": "worse",
    "improved": "worse",
    "changed": "worse",
    "change": "worse",
    "only": "only",
    "others": "other",
    "rest": "other",
    "excluded": "excluded",
    "excepted": "excluded",
    "than": "than",
    "ignoring": "not",
    "omitting": "not",
    "skip": "not",
    "ignore": "not",
    "exclude": "not",
    "disregarding": "not",
    "count": "count",
    "ever": "ever",
    "or": "or",
    "among": "among",
    "amongst": "among",
    "same": "same",
}
_HIGH = frozenset(
    [
        "most",
        "highest",
        "largest",
        "biggest",
        "greatest",
        "maximum",
        "longest",
        "best",
        "worst",
        "top",
        "heaviest",
        "oldest",
        "latest",
        "busiest",
        "max",
        "newest",
        "peak",
        "high",
        "strongest",
        "fattest",
        "steepest",
        "heaviest",
        "craziest",
        "furthest",
    ]
)
_LOW = frozenset(
    [
        "least",
        "fewest",
        "lowest",
        "smallest",
        "minimum",
        "shortest",
        "cheapest",
        "youngest",
        "earliest",
        "slowest",
        "min",
        "tiniest",
        "low",
        "weakest",
        "rarest",
    ]
)
_AGGREGATES: dict[str, Aggregate] = {
    "average": "average",
    "mean": "average",
    "typical": "average",
    "typically": "average",
    "median": "median",
    "middle": "median",
    "maximum": "maximum",
    "minimum": "minimum",
    "different": "count_distinct",
    "distinct": "count_distinct",
    "unique": "count_distinct",
}
_GRAINS: dict[str, Grain] = {
    "month": "month",
    "months": "month",
    "monthly": "month",
    "quarter": "quarter",
    "quarters": "quarter",
    "quarterly": "quarter",
    "year": "year",
    "years": "year",
    "yearly": "year",
    "annual": "year",
    "annually": "year",
    "week": "week",
    "weeks": "week",
    "weekly": "week",
    "day": "day",
    "date": "day",
    "daily": "day",
    "days": "day",
    "weekday": "weekday",
}
_ALWAYS_GRAIN = frozenset({"monthly", "quarterly", "yearly", "annually", "weekly"})
_COMPARISONS: tuple[tuple[tuple[str, ...], Operator], ...] = (
    (("more", "than"), ">"),
    (("greater", "than"), ">"),
    (("higher", "than"), ">"),
    (("larger", "than"), ">"),
    (("bigger", "than"), ">"),
    (("longer", "than"), ">"),
    (("over",), ">"),
    (("above",), ">"),
    (("exceeding",), ">"),
    (("exceeds",), ">"),
    (("exceed",), ">"),
    (("beyond",), ">"),
    (("at", "least"), ">="),
    (("no", "less", "than"), ">="),
    (("not", "less", "than"), ">="),
    (("minimum",), ">="),
    (("minimum", "of"), ">="),
    (("less", "than"), "<"),
    (("fewer", "than"), "<"),
    (("lower", "than"), "<"),
    (("smaller", "than"), "<"),
    (("shorter", "than"), "<"),
    (("under",), "<"),
    (("below",), "<"),
    (("cheaper", "than"), "<"),
    (("at", "most"), "<="),
    (("no", "more", "than"), "<="),
    (("not", "more", "than"), "<="),
    (("up", "to"), "<="),
    (("exactly",), "="),
    (("equal", "to"), "="),
    (("precisely",), "="),
    ((">",), ">"),
    (("<",), "<"),
    (("=",), "="),
    (("costing",), ">"),
    (("older", "than"), ">"),
    (("worth", "more", "than"), ">"),
    (("better", "than"), "<"),
    (("worse", "than"), ">"),
)
_AFTER: tuple[tuple[tuple[str, ...], Operator], ...] = (
    (("or", "more"), ">="),
    (("or", "over"), ">="),
    (("or", "above"), ">="),
    (("or", "longer"), ">="),
    (("or", "higher"), ">="),
    (("or", "greater"), ">="),
    (("or", "worse"), ">="),
    (("or", "less"), "<="),
    (("or", "fewer"), "<="),
    (("or", "below"), "<="),
    (("or", "lower"), "<="),
    (("or", "better"), "<="),
    (("or", "shorter"), "<="),
    (("and", "more"), ">="),
    (("+",), ">="),
    (("upwards",), ">="),
    (("plus",), ">="),
)


_GROUPS = frozenset({"category", "subcategory", "colour", "model", "kind", "line"})
# Kinds of names that an everyday word in lower case rather does not mean.
_PROPER = frozenset(
    [
        "material",
        "supplier",
        "location",
        "account",
        "cost_centre",
        "company",
        "department",
        "scrap_reason",
        "currency",
        "work_centre",
        "customer",
        "ship_method",
    ]
)


_BETWEEN = frozenset({"above", "below", "exceed", "exceeds", "exceeding", "equal"})
_ROLE_WORDS = frozenset(
    {
        "due",
        "start",
        "starting",
        "end",
        "finish",
        "completion",
        "order",
        "ordering",
        "posting",
        "ship",
        "shipping",
        "moved",
    }
)
_UNIT_WORDS = {
    "day": "days",
    "days": "days",
    "percent": "percent",
    "piece": "pieces",
    "pieces": "pieces",
    "unit": "pieces",
    "units": "pieces",
    "dollar": "money",
    "dollars": "money",
    "usd": "money",
    "eur": "money",
    "euro": "money",
    "euros": "money",
}


def _unit(tokens: Sequence[Token], first: int, after: int) -> tuple[str, int]:
    """Unit of a compared number and the position after it."""
    if after < len(tokens) and tokens[after].norm in _UNIT_WORDS:
        return _UNIT_WORDS[tokens[after].norm], after + (
            1 if _UNIT_WORDS[tokens[after].norm] != "days" else 0
        )
    inside = {token.norm for token in tokens[first:after]}
    if "percent" in inside:
        return "percent", after
    return ("money" if inside & {"dollar", "euro", "pound"} else ""), after


_RELATIVE = frozenset({"who", "which"})
_OPENS_CLAUSE = frozenset(
    {
        "and",
        "or",
        "but",
        "so",
        "in",
        "by",
        "for",
        "of",
        "from",
        "me",
        "on",
        "at",
        "to",
        "with",
        "tell",
        "hey",
        "hi",
        "please",
        "know",
    }
)


class Chunker:
    """Cuts a question into chunks with the words of a catalogue and of the master data."""

    def __init__(self, words: Phrases, names: Phrases) -> None:
        self._words = words
        self._names = names

    def chunks(self, tokens: Sequence[Token], periods: Sequence[FoundPeriod]) -> tuple[Chunk, ...]:
        """Chunks in order; words that mean nothing here are left out."""
        by_first = {found.first: found for found in periods}
        inside = {k for found in periods for k in range(found.first, found.after)}
        chunks: list[Chunk] = []
        position = 0
        while position < len(tokens):
            value = self._best(tokens, position, inside)
            found = by_first.get(position)
            if found and not (value and value.length > 2):
                chunks.append(Chunk(position, found.after, marker="period", period=found.period))
                position = found.after
                continue
            marker = self._marker(tokens, position, inside)
            cut = value is not None and self._cuts(value, tokens, inside)
            if marker and (value is None or cut or self._marker_wins(marker, value, tokens)):
                chunks.append(marker)
                position = marker.after
                continue
            shared = (
                self._shared_head(tokens, position) if value is None or cut or value.length == 1 else None
            )
            if shared:
                chunks.append(shared)
                position = shared.after
                continue
            if value and not cut:
                chunks.append(self._chunk(value, tokens))
                position = value.after
                continue
            position += 1
        return tuple(chunks)

    def _shared_head(self, tokens: Sequence[Token], i: int) -> Chunk | None:
        """`mountain` in `mountain, road and touring bikes`: the noun after the last one belongs to each."""
        if (
            tokens[i].kind != "word"
            or i + 2 >= len(tokens)
            or tokens[i + 1].norm not in (",", "and", "or", "versus", "/")
        ):
            return None
        for at in range(i + 2, min(i + 9, len(tokens))):
            if tokens[at].norm in (",", "and", "or", "versus", "/") or tokens[at].kind != "word":
                continue
            if at + 1 < len(tokens) and tokens[at + 1].norm in (",", "and", "or", "versus", "/"):
                continue
            if at + 1 >= len(tokens) or tokens[at + 1].kind != "word":
                return None
            meanings = self._names.get((tokens[i].stem, tokens[at + 1].stem))
            last = self._names.get((tokens[at].stem, tokens[at + 1].stem))
            if meanings and last:
                return Chunk(i, i + 1, meanings=meanings, weight=1)
            return None
        return None

    def _cuts(self, value: Match, tokens: Sequence[Token], inside: set[int]) -> bool:
        """True where a longer phrase begins inside: `in | stock movement` rather than `in stock |
        movement`."""
        for at in range(value.first + 1, value.after):
            other = self._best(tokens, at, inside)
            if other is None or other.after <= value.after:
                continue
            nouns = any(isinstance(meaning, EntityWord | MetricWord) for meaning in other.meanings)
            longer = other.length > value.length or (
                other.length == value.length and other.length > 1 and nouns
            )
            entity = any(isinstance(meaning, EntityWord) for meaning in other.meanings)
            longer = longer or (entity and other.length > 1 and at == value.after - 1)
            if longer and not self._cuts(other, tokens, inside):
                return True
        return False

    def _marker_wins(self, marker: Chunk, value: Match, tokens: Sequence[Token]) -> bool:
        if marker.marker in ("compare", "limit", "grain"):
            return marker.after >= value.after or marker.marker == "limit"
        return marker.after - marker.first >= value.after - value.first and not tokens[value.first].quoted

    def _best(self, tokens: Sequence[Token], position: int, inside: set[int]) -> Match | None:
        found = [*matches(tokens, self._words, position), *matches(tokens, self._names, position)]
        found = [match for match in found if not (match.first in inside and match.length == 1)]
        if not found:
            return None
        longest = max(match.after for match in found)
        best = [match for match in found if match.after == longest]
        length = max(match.length for match in best)
        meanings = tuple(dict.fromkeys(meaning for match in best for meaning in match.meanings))
        return Match(position, longest, self._plausible(meanings, tokens, position, longest), length)

    def _plausible(
        self, meanings: tuple[Meaning, ...], tokens: Sequence[Token], first: int, after: int
    ) -> tuple[Meaning, ...]:
        """A quoted name is a name; a lower-case everyday word is rather not a person-given one."""
        if tokens[first].quoted:
            named = tuple(meaning for meaning in meanings if isinstance(meaning, ValueWord))
            return named or meanings
        if after - first == 1 and (first == 0 or not tokens[first].capital):
            everyday = tuple(
                meaning
                for meaning in meanings
                if not isinstance(meaning, ValueWord)
                or meaning.entity not in _PROPER
                or meaning.field in _GROUPS
            )
            return everyday or meanings  # a name that nothing else competes with stays a name
        return meanings

    def _chunk(self, match: Match, tokens: Sequence[Token]) -> Chunk:
        return Chunk(match.first, match.after, meanings=match.meanings, weight=match.length)

    # ── markers ──
    def _marker(self, tokens: Sequence[Token], i: int, inside: set[int]) -> Chunk | None:
        if i in inside:
            return None
        words = [token.norm for token in tokens[i : i + 6]]
        if len(words) > 1 and words[1] == "first" and (words[0] in _HIGH or words[0] in _LOW):
            return Chunk(i, i + 2, marker="sorted" if words[0] in _HIGH else "sorted_up")
        if tuple(words[:3]) in (("at", "least", "once"),):
            return Chunk(i, i + 3, marker="ever")
        for reader in (self._comparison, self._limit, self._grain):
            chunk = reader(tokens, words, i)
            if chunk:
                return chunk
        for phrase, kind in _PHRASES:
            if tuple(words[: len(phrase)]) == phrase:
                return Chunk(i, i + len(phrase), marker=kind)
        word = words[0]
        if tuple(words[:2]) in (("most", "expensive"), ("least", "expensive")):
            high = words[0] == "most"
            return Chunk(
                i, i + 2, marker="most" if high else "least", aggregate="maximum" if high else "minimum"
            )
        if (
            word in _RELATIVE
            and i
            and tokens[i - 1].kind != "mark"
            and tokens[i - 1].norm not in _OPENS_CLAUSE
        ):
            return None  # a relative pronoun, not a question word
        if word in _HIGH:
            return Chunk(i, i + 1, marker="most", aggregate="maximum")
        if word in _LOW:
            return Chunk(i, i + 1, marker="least", aggregate="minimum")
        if word in _AGGREGATES:
            return Chunk(i, i + 1, marker="aggregate", aggregate=_AGGREGATES[word])
        if word in _WORDS:
            return Chunk(i, i + 1, marker=_WORDS[word])
        return None

    def _comparison(self, tokens: Sequence[Token], words: list[str], i: int) -> Chunk | None:
        for phrase, op in _COMPARISONS:
            if tuple(words[: len(phrase)]) != phrase:
                continue
            at = i + len(phrase)
            while at < len(tokens) and tokens[at].norm in (
                "a",
                "the",
                "of",
                "dollar",
                "$",
                "euro",
                "just",
                "some",
                "about",
            ):
                at += 1
            number, after = self._amount(tokens, at)
            if number is not None:
                unit, after = _unit(tokens, i, after)
                return Chunk(i, after, marker="compare", number=number, op=op, unit=unit)
            if phrase[-1] == "than" or phrase[0] in _BETWEEN:
                return Chunk(i, i + len(phrase), marker="than", op=op)
        if tokens[i].number is not None:
            number, after = self._amount(tokens, i)
            for skip in (0, 1, 2):
                rest = tuple(token.norm for token in tokens[after + skip : after + skip + 2])
                for phrase, op in _AFTER:
                    if rest[: len(phrase)] == phrase:
                        unit = _unit(tokens, i, after)[0]
                        return Chunk(
                            i, after + skip + len(phrase), marker="compare", number=number, op=op, unit=unit
                        )
        return None

    @staticmethod
    def _amount(tokens: Sequence[Token], i: int) -> tuple[Decimal | None, int]:
        """A number with its multiplier: `2,500`, `10 k`, `1.5 million`."""
        if i >= len(tokens) or tokens[i].number is None:
            return None, i
        number = tokens[i].number
        after = i + 1
        factors = {
            "k": 1000,
            "thousand": 1000,
            "m": 1_000_000,
            "million": 1_000_000,
            "mio": 1_000_000,
            "hundred": 100,
            "percent": 1,
        }
        if after < len(tokens) and tokens[after].norm in factors and number is not None:
            return number * factors[tokens[after].norm], after + 1
        return number, after

    def _limit(self, tokens: Sequence[Token], words: list[str], i: int) -> Chunk | None:
        number = tokens[i].number
        if (
            words[0] in ("top", "first", "bottom", "best", "worst")
            and len(tokens) > i + 1
            and tokens[i + 1].number is not None
        ):
            low = words[0] == "bottom"
            return Chunk(i, i + 2, marker="limit", number=tokens[i + 1].number, op="<" if low else ">")
        if number is not None and number == number.to_integral_value() and 0 < number <= 500:
            following = words[1] if len(words) > 1 else ""
            if following in _HIGH or following in _LOW or following in ("top", "best", "worst"):
                return Chunk(i, i + 2, marker="limit", number=number, op="<" if following in _LOW else ">")
            if following in ("longest", "heaviest"):
                return Chunk(i, i + 2, marker="limit", number=number, op=">")
            if following and self._noun(tokens, i + 1):
                ranked = [token.norm for token in tokens if token.norm in _HIGH or token.norm in _LOW]
                if ranked and (
                    i == 0
                    or tokens[i - 1].norm
                    not in ("than", "least", "most", "exactly", "build", "make", "of", "for")
                ):
                    return Chunk(
                        i, i + 1, marker="limit", number=number, op="<" if ranked[-1] in _LOW else ">"
                    )
        if words[0] == "top":
            return Chunk(i, i + 1, marker="limit", number=None, op=">")
        return None

    def _noun(self, tokens: Sequence[Token], i: int) -> bool:
        """True where a kind of record is named within the next three words."""
        return any(
            isinstance(meaning, EntityWord)
            for at in range(i, min(i + 3, len(tokens)))
            for match in matches(tokens, self._words, at)
            for meaning in match.meanings
        )

    def _grain(self, tokens: Sequence[Token], words: list[str], i: int) -> Chunk | None:
        if words[0] in _ALWAYS_GRAIN:
            return Chunk(i, i + 1, marker="grain", grain=_GRAINS[words[0]])
        if (
            len(words) >= 3
            and words[0] in _GRAINS
            and words[1] in ("by", "on", "over", "after")
            and words[2] == words[0]
        ):
            return Chunk(i, i + 3, marker="grain", grain=_GRAINS[words[0]])
        lead = words[0] in ("by", "per", "each", "every", "which", "what")
        if (
            words[0] in ("in", "for", "of", "over")
            and len(words) > 1
            and words[1] in ("each", "every", "the", "all")
        ):
            lead = words[1] in ("each", "every")
            words, shift = words[1:], 1
        else:
            shift = 0
        ranked = words[0] in _HIGH or words[0] in _LOW
        if not lead and not ranked:
            return None
        at = 1
        named = ""
        while at < len(words) and words[at] in ("calendar", "the", "single", "fiscal", *_ROLE_WORDS):
            named = words[at] if words[at] in _ROLE_WORDS else named
            at += 1
        if at < len(words) and words[at] == "date" and words[0] in ("by", "per") and named:
            return None  # `by due date` names the date role, not a row for each day
        if at < len(words) and words[at] in _GRAINS:
            grain = _GRAINS[words[at]]
            if (
                words[0] in ("which", "what")
                and grain == "day"
                and at + 1 < len(words)
                and words[at + 1] in ("late",)
            ):
                return None
            op: Operator = "=" if not ranked else "<" if words[0] in _LOW else ">"
            return Chunk(i, i + shift + at + 1, marker="grain", grain=grain, op=op, unit=named)
        return None


def content_words(tokens: Sequence[Token]) -> set[int]:
    """Positions of the tokens that ought to be explained by a reading."""
    return {
        i
        for i, token in enumerate(tokens)
        if token.kind != "mark" and token.norm not in SKIPPED and token.norm not in _FILLERS
    }


_FILLERS = frozenset(
    [
        "please",
        "can",
        "could",
        "would",
        "tell",
        "me",
        "give",
        "show",
        "list",
        "what",
        "which",
        "who",
        "how",
        "many",
        "much",
        "number",
        "for",
        "in",
        "on",
        "at",
        "to",
        "from",
        "with",
        "and",
        "or",
        "by",
        "as",
        "that",
        "have",
        "has",
        "had",
        "any",
        "all",
        "also",
        "us",
        "i",
        "you",
        "so",
        "just",
        "now",
        "currently",
        "right",
        "today",
        "there",
        "their",
        "them",
        "than",
        "then",
        "if",
        "out",
        "up",
        "so",
        "hey",
        "want",
        "need",
        "know",
        "see",
        "get",
        "got",
        "whats",
        "into",
        "log",
        "journal",
        "file",
        "record",
        "records",
        "system",
        "database",
        "book",
        "books",
        "list",
        "master",
        "history",
        "data",
        "sit",
        "sits",
        "going",
        "goods",
        "single",
        "really",
        "just",
        "actually",
        "altogether",
        "combined",
        "together",
        "placed",
        "look",
        "looking",
        "want",
        "wanted",
        "simply",
        "flagged",
        "marked",
        "listed",
        "pay",
        "paying",
        "got",
        "getting",
        "but",
        "things",
        "thing",
        "stuff",
        "taken",
        "both",
        "went",
        "hold",
        "holds",
        "one",
        "ones",
        "some",
        "even",
        "everything",
        "whole",
        "end",
        "keeps",
        "own",
        "part",
        "ought",
        "typically",
        "so-called",
        "over",
        "per",
        "each",
        "every",
        "about",
        "when",
        "where",
        "did",
        "does",
        "do",
        "will",
        "should",
        "may",
        "might",
        "still",
        "yet",
    ]
)


# Everyday words, which are never taken for slips of other words.
KNOWN_WORDS = (
    frozenset(_WORDS)
    | _HIGH
    | _LOW
    | frozenset(_AGGREGATES)
    | frozenset(_GRAINS)
    | _FILLERS
    | SKIPPED
    | frozenset(word for phrase, _ in _PHRASES for word in phrase)
    | frozenset(
        [
            "first",
            "second",
            "third",
            "fourth",
            "before",
            "after",
            "between",
            "since",
            "until",
            "during",
            "within",
            "about",
            "around",
            "there",
            "where",
            "these",
            "those",
            "being",
            "thing",
            "things",
            "stuff",
            "reason",
            "versus",
            "worst",
            "worse",
            "better",
            "least",
            "always",
            "often",
            "together",
            "further",
            "among",
            "under",
            "above",
            "below",
            "exactly",
            "nearly",
            "almost",
            "would",
            "could",
            "should",
            "might",
            "going",
            "point",
            "place",
            "places",
            "today",
            "yesterday",
            "tomorrow",
            "large",
            "small",
            "great",
            "little",
            "normal",
            "people",
            "anyone",
            "someone",
            "everything",
            "nothing",
            "anything",
            "something",
            "however",
            "whole",
            "operator",
            "operators",
            "customer",
            "customers",
            "weather",
            "shift",
            "shifts",
            "night",
            "machine",
            "machines",
            "invoice",
            "invoices",
            "payment",
            "terms",
            "state",
            "count",
            "counts",
            "single",
            "double",
            "other",
            "others",
            "another",
            "carry",
            "taken",
            "write",
            "right",
            "light",
            "crazy",
            "busy",
            "really",
            "report",
            "reports",
            "figure",
            "figures",
            "number",
            "numbers",
            "older",
            "newer",
            "written",
            "leave",
            "stand",
            "stands",
            "start",
            "never",
            "every",
            "state",
            "stage",
            "store",
            "stored",
            "fixed",
            "mixed",
            "match",
            "watch",
            "drive",
            "driven",
            "given",
            "price",
            "prize",
            "tight",
            "through",
            "thorough",
            "though",
            "although",
            "without",
            "within",
            "among",
            "amongst",
            "across",
            "along",
            "toward",
            "towards",
            "whether",
            "while",
            "whose",
            "whom",
            "upon",
            "onto",
            "into",
        ]
    )
)

"""Everyday words: those that say nothing, and those that are never slips of others."""

from __future__ import annotations

from collections.abc import Sequence

from agents.models.embedded.chunks.marker_words import (
    AGGREGATES,
    GRAINS,
    HIGH,
    LOW,
    MARKER_PHRASES,
    MARKER_WORDS,
)
from agents.models.embedded.lexicon import SKIPPED
from agents.models.embedded.text import Token

_FILLERS = frozenset({
    "about", "actually", "all", "also", "altogether", "and", "any", "as", "at", "book", "books", "both",
    "but", "by", "can", "combined", "could", "currently", "data", "database", "each", "end", "even", "every",
    "everything", "file", "flagged", "for", "from", "get", "getting", "give", "going", "goods", "got", "had",
    "has", "have", "hey", "history", "hold", "holds", "how", "if", "in", "into", "journal", "just", "keeps",
    "know", "list", "listed", "log", "look", "looking", "many", "marked", "master", "may", "me", "might",
    "much", "need", "now", "number", "on", "one", "ones", "or", "ought", "out", "over", "own", "part", "pay",
    "paying", "per", "placed", "please", "really", "record", "records", "right", "see", "should", "show",
    "simply", "single", "sit", "sits", "so", "some", "still", "stuff", "system", "taken", "tell", "than",
    "that", "them", "then", "thing", "things", "to", "today", "together", "typically", "up", "want", "wanted",
    "went", "what", "when", "where", "which", "who", "whole", "will", "with", "would", "yet",
})  # fmt: skip
"""Words that a reading need not explain, besides the skipped ones."""
_OTHERS = frozenset({
    "above", "after", "almost", "along", "although", "always", "another", "anyone", "anything", "around",
    "before", "below", "between", "busy", "carry", "counts", "crazy", "customer", "customers", "double",
    "drive", "driven", "during", "exactly", "figure", "figures", "first", "fixed", "fourth", "further",
    "given", "great", "however", "invoice", "invoices", "large", "light", "little", "machine", "machines",
    "match", "mixed", "more", "nearly", "newer", "night", "normal", "nothing", "numbers", "often", "older",
    "onto", "operator", "operators", "payment", "people", "place", "places", "point", "price", "prize",
    "reason", "report", "reports", "second", "shift", "shifts", "since", "small", "someone", "something",
    "stage", "stand", "stands", "start", "state", "store", "stored", "terms", "third", "thorough", "though",
    "through", "tight", "tomorrow", "toward", "towards", "under", "until", "upon", "watch", "weather",
    "whether", "while", "whom", "within", "write", "written", "yesterday",
})  # fmt: skip
KNOWN_WORDS = (
    frozenset(MARKER_WORDS)
    | {word for phrase, _ in MARKER_PHRASES for word in phrase}
    | HIGH
    | LOW
    | frozenset(AGGREGATES)
    | frozenset(GRAINS)
    | SKIPPED
    | _FILLERS
    | _OTHERS
)
"""Everyday words, which are never taken for slips of other words."""


def content_words(tokens: Sequence[Token]) -> set[int]:
    """Positions of the tokens that ought to be explained by a reading."""
    return {
        i
        for i, token in enumerate(tokens)
        if token.kind != "mark" and token.norm not in SKIPPED and token.norm not in _FILLERS
    }

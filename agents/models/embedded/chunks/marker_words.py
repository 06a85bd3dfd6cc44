"""The words and phrases that are markers."""

from __future__ import annotations

from agents.models.embedded.chunks.chunk import MarkerKind
from tools.metrics.query import Aggregate, Grain

_PHRASES: dict[MarkerKind, tuple[str, ...]] = {
    "count": ("how many", "number of", "count of"),
    "total": ("how much", "amount of", "in total", "in all"),
    "each": (
        "for each", "for every", "in each", "of each", "from each", "with each", "by each", "at each",
        "to each",
    ),
    "by": ("broken down by", "split by", "grouped by", "sorted by"),
    "most": ("lion share",),
    "share": ("what share", "what part", "in percent", "as percent", "as percentage", "as a percentage"),
    "versus": ("compared to", "compared with", "as opposed to", "rather than"),
    "not": ("leaving out", "leave out", "apart from", "other than", "not counting"),
    "ever": ("at least once", "even once", "at all"),
    "chart": ("as a chart", "as chart"),
    "sorted": ("in descending order",),
}  # fmt: skip
_WORDS: dict[MarkerKind, tuple[str, ...]] = {
    "count": ("count",),
    "total": ("total", "overall", "altogether"),
    "list": ("list", "show", "which", "what", "name", "names", "give"),
    "who": ("who",),
    "each": ("each", "every"),
    "by": ("by", "across"),
    "per": ("per",),
    "share": ("share", "percent", "percentage"),
    "versus": ("versus", "compare", "compared", "against"),
    "worse": ("worse", "better", "improve", "improved", "changed", "change"),
    "than": ("than",),
    "not": (
        "not", "no", "without", "excluding", "except", "neither", "none", "ignoring", "omitting", "skip",
        "ignore", "exclude", "disregarding",
    ),
    "never": ("never",),
    "ever": ("ever",),
    "only": ("only",),
    "other": ("others", "rest"),
    "excluded": ("excluded", "excepted"),
    "with": ("whose", "with", "having"),
    "among": ("among", "amongst"),
    "same": ("same",),
    "and": ("and", "plus"),
    "or": ("or",),
    "comma": (",",),
    "chart": ("chart", "graph", "plot"),
}  # fmt: skip
MARKER_PHRASES = tuple((tuple(phrase.split()), kind) for kind, said in _PHRASES.items() for phrase in said)
MARKER_WORDS = {word: kind for kind, said in _WORDS.items() for word in said}

HIGH = frozenset({
    "most", "highest", "largest", "biggest", "greatest", "maximum", "longest", "best", "worst", "top",
    "heaviest", "oldest", "latest", "busiest", "max", "newest", "peak", "high", "strongest", "fattest",
    "steepest", "craziest", "furthest",
})  # fmt: skip
LOW = frozenset({
    "least", "fewest", "lowest", "smallest", "minimum", "shortest", "cheapest", "youngest", "earliest",
    "slowest", "min", "tiniest", "low", "weakest", "rarest",
})  # fmt: skip
AGGREGATES: dict[str, Aggregate] = {
    "average": "average", "mean": "average", "typical": "average", "typically": "average",
    "median": "median", "middle": "median",
    "different": "count_distinct", "distinct": "count_distinct", "unique": "count_distinct",
}  # fmt: skip
GRAINS: dict[str, Grain] = {
    "day": "day", "days": "day", "date": "day", "daily": "day", "weekday": "weekday",
    "week": "week", "weeks": "week", "weekly": "week",
    "month": "month", "months": "month", "monthly": "month",
    "quarter": "quarter", "quarters": "quarter", "quarterly": "quarter",
    "year": "year", "years": "year", "yearly": "year", "annual": "year", "annually": "year",
}  # fmt: skip

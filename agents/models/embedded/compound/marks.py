"""Words and phrases that say how the pieces of a question hang together."""

from __future__ import annotations

from agents.models.embedded.compound.pieces import Mark
from tools.metrics.query import Aggregate, Grain

_PHRASES: dict[Mark, tuple[str, ...]] = {
    "count": ("how many", "number of", "count of", "how often", "the number", "how many of"),
    "sum": (
        "how much", "in total", "in all", "total", "altogether", "add up to", "adds up to", "add up",
        "sum of", "sum", "overall", "summed",
    ),
    "share": (
        "what share", "what share of", "what percentage", "what percentage of", "what percent", "share",
        "what percent of", "share of", "percentage of", "percent of", "percentage", "percent", "in percent",
        "as a percentage", "as percent", "what proportion of", "proportion of",
    ),
    "per": ("per", "by", "broken down by", "split by", "grouped by", "across"),
    "sort": ("sorted by", "sort by", "in order of", "ranked by", "sort them by", "sorted on"),
    "each": ("each", "for each", "in each", "of each", "for each one", "did each"),
    "not": ("not", "no", "nothing", "none", "never", "not yet", "not one", "no longer", "not a single"),
    "exclude": (
        "without", "excluding", "except", "leave out", "leaving out", "ignore", "ignoring", "not counting",
        "apart from", "other than", "do not count", "not include", "don't count", "not counted",
        "does not count", "doesn't count", "not included", "not considered",
    ),
    "only": ("only", "count only", "just"),
    "or": ("or",),
    "minus": ("minus",),
    "days": (
        "days from", "days between", "how many days from", "how many days between", "number of days from",
        "number of days between", "time from", "time between", "days it took from",
    ),
    "and": ("next to", "and", "plus", "as well as", "and also", "together with", "along with", "beside"),
    "versus": (
        "versus", "against", "compared to", "compared with", "side by side", "next to each other",
        "in comparison with", "in comparison to",
    ),
    "change": ("change", "the change", "difference", "the difference"),
    "verb": (
        "was", "were", "is", "are", "has", "have", "had", "came in", "came", "come in", "come", "turned out",
        "went", "be", "been", "being", "did",
    ),
    "missing": (
        "include whatever has no", "including those without", "with those that have none",
    ),
    "with": ("with", "whose", "having", "at", "that have", "which have", "that had", "carrying"),
    "of": (
        "of", "from", "for", "on", "in", "to", "because of", "because of a", "because of the", "due to a",
        "due to the", "owing to", "belong to", "belongs to", "belonging to",
    ),
    "ask": (
        "which", "wich", "what", "list", "show", "show me", "give me", "tell me", "i need", "give", "who",
        "when", "where", "list all", "show all", "name", "which are", "which ones",
    ),
    "rates": ("closing rate", "closing rates", "closing exchange rate", "closing exchange rates"),
    "last": (
        "last time", "the last time", "most recent", "latest", "last", "the most recent", "most recently",
        "newest", "the very last", "very last",
    ),
}  # fmt: skip
MARKS: dict[tuple[str, ...], Mark] = {
    tuple(phrase.split()): mark for mark, phrases in _PHRASES.items() for phrase in phrases
}

AGGREGATES: dict[tuple[str, ...], Aggregate] = {
    ("average",): "average",
    ("on", "average"): "average",
    ("mean",): "average",
    ("typical",): "average",
    ("typically",): "average",
    ("median",): "median",
    ("different",): "count_distinct",
    ("distinct",): "count_distinct",
    ("unique",): "count_distinct",
}
HIGH = frozenset({
    "most", "highest", "largest", "biggest", "greatest", "maximum", "longest", "worst", "heaviest", "latest",
    "newest", "max", "top", "steepest", "slowest", "dearest", "busiest",
})  # fmt: skip
LOW = frozenset({
    "least", "fewest", "lowest", "smallest", "minimum", "shortest", "cheapest", "earliest", "oldest", "min",
    "bottom", "quickest", "soonest",
})  # fmt: skip
DATED = frozenset({"latest", "newest", "earliest", "oldest", "soonest"})
JUDGED = frozenset({"best", "worst"})
"""Whether high is good depends on the figure."""
EXTREMES: dict[str, Aggregate] = {
    **dict.fromkeys(HIGH, "maximum"),
    **dict.fromkeys(LOW, "minimum"),
}

GRAINS: dict[str, Grain] = {
    "day": "day",
    "week": "week",
    "month": "month",
    "quarter": "quarter",
    "year": "year",
    "weekday": "weekday",
}
FILLERS = frozenset({
    "a", "actual", "actually", "affected", "again", "all", "already", "alone", "also", "am", "an", "and",
    "any", "as", "asked",
    "at", "back", "been", "between", "both", "but", "by", "calendar", "can", "concerned",
    "cost", "could", "currently", "dear", "did", "do", "does", "during", "each", "entered", "every",
    "exactly", "far", "gave", "get", "give", "given", "go", "goes", "gone", "got", "had", "happened",
    "held", "here", "hi", "hold", "how", "i", "if", "individual", "into", "involved", "it", "its",
    "just", "like", "list", "listed", "look", "looks", "lose", "lost", "made", "make", "makes", "me",
    "moment", "my", "name", "named", "need", "now", "off", "ok", "one", "ones", "our", "out", "over",
    "own", "per", "place", "placed", "please", "really", "record", "recorded", "records", "right",
    "row", "see", "show", "since", "single", "sit", "sits", "so", "some", "stand", "stands", "still",
    "counted",
    "carry", "carries", "charged", "enough", "sitting", "under", "fine", "lasted", "lasting", "taking",
    "suffice", "say", "says", "real",
    "according", "among", "although", "anywhere", "converted", "everything", "nevertheless", "once",
    "st", "nd", "rd", "th",
    "entire", "hit", "pls", "plz", "stuff", "thx", "touch", "touched", "whole",
    "such", "take", "taken", "tell", "than", "thanks", "that", "the", "their", "them", "then", "there",
    "these", "they", "this", "those", "time", "to", "today", "together", "too", "took", "until", "up",
    "us", "want", "we", "what", "when", "where", "which", "while", "who", "will", "within", "would",
    "yet", "you", "your",
})  # fmt: skip
"""Words that a reading need not explain; verbs that the record's own vocabulary lacks are among them."""

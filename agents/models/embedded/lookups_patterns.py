"""The little language in which look-up frames are written, compiled to regular expressions over stems.

Words stand for their stems, `a|b` for either, `run_out` for a phrase, `{part}` for any of a list of phrases,
capital letters for slots (`M` is a material with its quantity), `..` for up to three words, `...` for up to
eight, `^` and `$` for the ends, and a trailing `?` makes an element optional.
"""

from __future__ import annotations

import re
from functools import lru_cache

from agents.models.embedded.text import tokenise


def bag(text: str) -> frozenset[str]:
    """The words of a text."""
    return frozenset(text.split())


def stem_bag(text: str) -> frozenset[str]:
    """The stems of a text's words."""
    return frozenset(token.stem for token in tokenise(text) if token.kind != "mark")


SLOTS = frozenset("MSCNPWGAD")
DROPPED = bag(
    "a an the our their its this that these those my your his her please just currently now really actually "
    "exactly"
    " also today kindly hi hey hello thanks"
)
"""Words that patterns do not see."""
UNITS = bag("piece pieces unit units ea set sets copies copy pc item items x times")
UNIT_STEMS = stem_bag(" ".join(sorted(UNITS)))
BETWEEN = UNIT_STEMS | stem_bag("of more new complete whole additional further finished full")
"""What may stand between a number and what it counts."""

PHRASES: dict[str, str] = {
    "part": "component|part|piece|item|material|ingredient|subcomponent|article|sub component|sub part|sub "
    "assembly|child part|"
    "bought part|purchased part|thing|stuff|position|input|raw material",
    "component": "component|part|material|ingredient|subcomponent|sub component|sub part|sub assembly|child "
    "part|input|"
    "raw material|bought part|purchased part",
    "assembly": "assembly|assemblies|product|parent|bike|model|finished good|finished product|end product|"
    "thing|item|material|"
    "parent assembly|bill of material|bills of material|bom|structure|article|part|final product|sub "
    "assembly|"
    "higher level assembly",
    "bom": "bom|bill of material|bills of material|parts list|part list|product structure|structure|"
    "component list|recipe|"
    "material list|list of component|list of part|list of material|bill of materials|breakdown|explosion|"
    "pick list|picking list|kit list|kitting list|component overview",
    "build": "build|built|assemble|assembling|make|made|making|manufacture|produce|put together|construct|"
    "fabricate|complete|"
    "finish|create|run|buildable|machine|turn out|knock out|knock together|ship out|crank out|set up",
    "can": "can|could|able|possible|may|might|capable|possibly|would|feasible|enable|theoretically",
    "need": "need|needed|require|requirement|take|takes|necessary|use|used|consume|go|goes|going|want|"
    "demand|have to|must|call|"
    "calls|involve|fit|get|contain|require|consumption|usage|sit|sits|include|built in",
    "goes": "go|goes|going|gone|come|put|belong|flow|built|build|assembled|fit|fits|enter|end up",
    "use": "use|used|using|usage|contain|contains|include|require|need|have|has|consume|depend|depends|take|"
    "hold|incorporate|"
    "with|call|employ|built|feature",
    "vendor": "supplier|vendor|source|seller|distributor|dealer|company|firm|manufacturer|outfit|suppliers|"
    "one",
    "supply": "supply|supplies|supplied|sell|sells|sold|deliver|provide|offer|quote|furnish|carry|stock us",
    "buy": "buy|purchase|procure|source|get|order|obtain|come",
    "short": "short|missing|lack|lacking|shortage|insufficient|not enough|not sufficient|too few|too little|"
    "miss|run short|"
    "not have enough|not covered|not available|deficit|shortfall|fall short|not suffice|unavailable|under "
    "covered|"
    "low|without enough|have not enough|no enough",
    "stock": "stock|inventory|hand|shelf|shelves|rack|racks|warehouse|store|stores",
    "order": "order|production order|work order|manufacturing order|shop order|job|job order|prod order|wo",
    "purchase": "purchase order|po|buying order|procurement order|purchasing order",
    "no": "number|no|nr|id|num",
    "data": "data|data set|database|record|dataset|figure|number|erp data|master data|import",
}
"""Phrases of one meaning, for use in patterns by name."""

_GAP = r"(?: [^A-Z\s]\S*)"
_THING = rf"(?: N)?(?:{'|'.join(f' {word}' for word in sorted(BETWEEN))}){{0,2}} M"


@lru_cache(maxsize=4096)
def compiled(text: str) -> re.Pattern[str]:
    """The regular expression of a pattern."""
    ends = text.endswith("$")
    out = []
    for element in text.removesuffix("$").split(" "):
        optional = "?" if element.endswith("?") else ""
        out.append(_element(element.removesuffix("?")) + optional)
    return re.compile("".join(out) + ("$" if ends else r"(?= |$)"))


def words_of(text: str) -> frozenset[str]:
    """The stems that a pattern names."""
    found: set[str] = set()
    for element in text.removesuffix("$").split(" "):
        element = element.removesuffix("?")
        if element not in ("^", "..", "..."):
            for choice in _choices(element):
                found.update(_stemmed(choice))
    return frozenset(found - SLOTS)


def _element(element: str) -> str:
    if element == "^":
        return element
    if element in ("..", "..."):
        return _GAP + ("{0,3}?" if element == ".." else "{0,8}?")
    if element == "M":
        return f"(?:{_THING})"
    phrases = {_stemmed(choice) for choice in _choices(element)} - {()}
    longest_first = sorted(phrases, key=lambda phrase: (-len(phrase), phrase))
    return (
        "(?:" + "|".join("".join(f" {re.escape(word)}" for word in phrase) for phrase in longest_first) + ")"
    )


def _choices(element: str) -> list[str]:
    named = (PHRASES[choice[1:-1]] if choice.startswith("{") else choice for choice in element.split("|"))
    return [phrase for choice in named for phrase in choice.split("|")]


@lru_cache(maxsize=4096)
def _stemmed(phrase: str) -> tuple[str, ...]:
    parts = phrase.replace("_", " ").split(" ")
    words = [
        word for part in parts for word in ((part,) if part in SLOTS else (t.stem for t in tokenise(part)))
    ]
    return tuple(word for word in words if word not in DROPPED)

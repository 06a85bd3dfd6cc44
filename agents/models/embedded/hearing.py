"""What is heard in a sentence about a plant before its words are looked at: site, day, span of time, patience."""

# ruff: noqa: E501
# Patterns of wordings are read as one line.

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from agents.models.embedded.drafting_days import FoundDay, find_day
from erp_adapters.store.session import ReadTransaction
from tools.errors import ToolError
from tools.naming import Site
from tools.replanning.naming import Ambiguous, Place, place_named

CREW = r"(?:crew|people|operators?|staff|team|leute|mannschaft|bediener|personal|belegschaft|gente|operarios|equipo|équipe|personnel|opérateurs)(?: (?:of|in|at|from|der|des|von|in der|an der|de la|del|de|du|à la))?"
SHIFT = r"(?:shift|schicht|turno|poste)"
_DURATION = re.compile(
    r"\b(?:for|about|another|for another|für|noch|durante|otr[oa]s|pendant|encore|pour)?\s*(?:the next |die nächsten |las próximas |les prochaines )?(?P<n>\d+|an?|one|two|three|four|five|six|eight|ten|eine[nr]?|zwei|drei|vier|fünf|sechs|acht|zehn|una?|dos|tres|cuatro|cinco|seis|ocho|diez|une?|deux|trois|quatre|cinq|huit|dix)\s+(?P<what>hours?|hrs?|h|stunden?|horas?|heures?|days?|tage?n?|días?|dias?|jours?|weeks?|wochen?|semanas?|semaines?)(?:\s+(?:long|lang))?\b",
    re.I,
)
_PATIENCE = re.compile(
    r",?\s*(?:\b(?:and |und |y |et )?(?:please )?(?:within|in at most|for at most|at most|search(?:ing)?(?: for)?|take(?: at most)?|you have|innerhalb von|in höchstens|höchstens|binnen|suche|en (?:menos de|como máximo)|en un máximo de|dentro de|busca(?: durante)?|en moins de|en|dans|cherche(?: pendant)?|in)\s+)(?P<n>\d{1,4})\s*(?P<unit>seconds?|secs?|s|minutes?|mins?|sekunden?|sek|minuten?|segundos?|minutos?|secondes?)\b(?: at most| lang| como máximo| au plus)?",
    re.I,
)
"""`within 30 seconds`: how long may be searched."""
_COUNT = {word: number for number, words in {1: "a an one ein eine einen einer un una une", 2: "two zwei dos deux", 3: "three drei tres trois", 4: "four vier cuatro quatre", 5: "five fünf cinco cinq", 6: "six sechs seis", 8: "eight acht ocho huit", 10: "ten zehn diez dix"}.items() for word in words.split()}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Heard:
    """A text with its day, span of time and site taken out."""

    text: str
    """With `DAY` or `LONG` where the time stood."""
    day: date | None
    hours: int | None
    days: int | None
    site: str | None
    problem: FoundDay | None
    seconds: int | None = None
    """For how long may be searched, where it is said."""


def hear(text: str, sites: Sequence[Site], language: str) -> Heard:
    """The text without its site, day, span of time and patience, and what they are."""
    rest = " ".join(text.replace("’", "'").split()).strip()
    rest = rest.rstrip("?!. ")
    seconds = None
    if (patience := _PATIENCE.search(rest)) is not None:
        seconds = max(1, int(patience["n"]) * (60 if patience["unit"].casefold().startswith("min") else 1))
        rest = f"{rest[: patience.start()]} {rest[patience.end() :]}".strip(" ,")
    site = None
    for one in sorted(sites, key=lambda each: -len(each.name)):
        for name in (one.name, one.site):
            pattern = rf"(?:,\s*|\s+)?(?:\b(?:in|at|of|for|im|am|bei|von|für|en|à|a|de|del|du|para|pour)\s+)?(?:(?:the|our|plant|site|werk|dem werk|planta|la planta|usine|l'usine|site de|usine de|planta de)\s+)*\b{re.escape(name)}\b"
            # A code of three letters is only one in capitals: no word is taken for it.
            found = re.search(pattern, rest, 0 if name == one.site else re.I)
            if found is not None and site is None:
                site = one.site
                rest = f"{rest[: found.start()]} {rest[found.end() :]}"
    today = next((one.today for one in sites if one.site == site), sites[0].today)
    day = find_day(rest, today, language)
    hours = days = None
    if day is not None:
        rest = f"{rest[: day.start]} DAY {rest[day.end :]}"
    elif (span := _DURATION.search(rest)) is not None:
        number = int(span["n"]) if span["n"].isdigit() else _COUNT.get(span["n"].casefold(), 1)
        what = span["what"].casefold()
        hours = number if what.startswith(("h", "st")) else None
        days = None if hours else number * (7 if what.startswith(("w", "se")) else 1)
        rest = f"{rest[: span.start()]} LONG {rest[span.end() :]}"
    problem = day if day is not None and day.day is None else None
    rest = re.sub(r"\b(?:jusqu'(?:à|au|en)?|à|a|to|auf|al|au)\s*(?=\b(?:DAY|LONG))", "", rest)
    return Heard(" ".join(rest.split()), day.day if day else None, hours, days, site, problem, seconds)


async def place_of(tx: ReadTransaction, subject: str, site: str | None, kinds: Sequence[str]) -> Place:
    """The place of that name, or of what its words are called in English.

    Raises:
        ToolError: there is none, or there are several.
    """
    try:
        return (await place_named(tx, subject, site, kinds))[0]
    except Ambiguous:
        raise
    except ToolError:
        other = " ".join(_GLOSSARY.get(word, word) for word in subject.casefold().split())
        if other == subject.casefold():
            raise
        return (await place_named(tx, other, site, kinds))[0]


_GLOSSARY = {
    word: english
    for english, words in {
        "press": "presse pressen prensa prensas presses",
        "lathe": "drehmaschine drehbank torno tour",
        "milling": "fräsmaschine fräszentrum fräse fresadora fraiseuse",
        "grinding": "schleifmaschine rectificadora rectifieuse",
        "welding": "schweißzelle schweißen soldadura soudage soudure",
        "assembly": "montage montagelinie montaje ensamblaje assemblage",
        "machining": "bearbeitung zerspanung mecanizado usinage",
        "paint": "lackierung lackierkabine lackieren pintura peinture",
        "test": "prüfstand prüffeld prueba pruebas essai essais",
        "filling": "abfüllung abfüllanlage llenado envasado remplissage",
        "mixer": "mischer mezclador mezcladora mélangeur",
        "reactor": "reaktor réacteur",
        "dryer": "trockner secador séchoir",
        "line": "linie anlage línea linea ligne chaîne",
        "early": "früh frühe temprano mañana matin",
        "late": "spät späte tarde soir",
        "night": "nacht noche nuit",
    }.items()
    for word in words.split()
}
"""Words for machines and shifts; names that a plant gives in its own language are found as they are."""


def bare_name(text: str) -> str:
    """A name without what was said around it."""
    text = re.sub(r"\b(?:DAY|LONG)\b", " ", text)
    text = re.sub(rf"\b{SHIFT}\b", " ", text, flags=re.I)
    text = re.sub(r"(?<=\w)schicht$", "", text.strip(), flags=re.I)
    text = re.sub(rf"\s+{CREW}$", "", text, flags=re.I)
    text = re.sub(
        r"^(?:the|our|die|der|das|el|la|los|las|le|les|machine|maschine|máquina|line|linie|línea|ligne|work cent(?:re|er)|arbeitsplatz)\s+(?=\S)",
        "",
        " ".join(text.split()),
        flags=re.I,
    )
    return re.sub(
        r"\s+(?:by|until|till|for|bis|hasta|para|jusqu'à|jusqu'au|pour|on|am|el|le)$", "", text, flags=re.I
    ).strip(" '\"")

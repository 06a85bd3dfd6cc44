"""Reads what has to be ordered or made, in four languages: by rules alone."""

# ruff: noqa: E501
# Patterns of wordings are read as one line.

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from agents.models.embedded.drafting_days import find_day
from agents.models.protocol import Calls, Reading, ToolCall, Turn
from erp_adapters.store.session import ReadTransaction
from tools.engines.material_requirements.plants import WEEKS
from tools.languages import said
from tools.naming import Site, all_sites
from tools.net_requirements.tool import NetRequirements

_NAME = "net_requirements"
_LONGEST = WEEKS * 7

_PLACE = r"(?:,\s*|\s+)?(?:\b(?:in|at|of|for|im|am|bei|von|für|en|à|a|de|del|du|para|pour)\s+)?(?:(?:the|our|plant|site|werk|dem werk|unser werk|la planta(?: de)?|planta(?: de)?|l'usine(?: de)?|usine(?: de)?)\s+)*"
_NUMBERS = {word: number for number, words in {1: "a an one ein eine einen einer un una une", 2: "two zwei dos deux", 3: "three drei tres trois", 4: "four vier cuatro quatre", 5: "five fünf cinco cinq", 6: "six sechs seis", 8: "eight acht ocho huit", 10: "ten zehn diez dix", 12: "twelve zwölf doce douze"}.items() for word in words.split()}  # fmt: skip
_SPAN = re.compile(
    r"\b(?:(?:with)?in|during|over|for|innerhalb(?: von)?|binnen|während|für|en|durante|dans|pendant|d'ici|sur)?\s*(?:the|den|die|der|las?|los|les?|l')?\s*(?:next|coming|following|nächsten?r?|kommenden?|próxim[oa]s?|prochaine?s?)?\s*(?P<n>\d{1,3}|"
    + "|".join(_NUMBERS)
    + r")?\s*(?:next|coming|nächsten|próxim[oa]s|prochaine?s)?\s*(?P<what>weeks?|days?|months?|wochen?|tage?n?|monate?n?|semanas?|días?|dias?|meses|mes|semaines?|jours?|mois)(?:\s+(?:that come|à venir|que vienen))?\b",
    re.I,
)
_POLITE = r"(?:(?:please|bitte|por favor|s'il (?:te|vous) plaît|and|und|y|et|so|also|can you|could you|kannst du|können sie|puedes|peux-tu|pouvez-vous)[ ,]+)*(?:(?:tell|show|give) (?:me|us) (?:the )?|zeig(?:e|en)? (?:mir|uns|sie mir|sie uns) (?:den |die )?|muéstra(?:me|nos) (?:las )?|montre(?:z)?-(?:moi|nous) (?:les )?)?"
_WE_MUST = r"(?:(?:do|will|would) (?:we|i) (?:still )?(?:have|need) to|(?:must|should|shall) (?:we|i)|have (?:we|i)(?: got)? to|(?:we|i) (?:have|need) to)"
_ORDERED = (
    rf"(?:what|which (?:parts|materials|components)) {_WE_MUST} (?:re-?order|order|buy|purchase|procure)(?: (?:now|next|soon))?",
    r"(?:what|which (?:parts|materials|components)) (?:has|have|needs?|is|are|must|should) (?:to be|be|still to be) (?:ordered|bought|purchased|procured)",
    r"what (?:should|must) be (?:ordered|bought|purchased)",
    r"what to (?:order|buy|purchase)",
    r"(?:was|welche (?:teile|materialien)) (?:müssen|sollen|sollten|muss|soll) (?:wir|ich)(?: (?:noch|jetzt|alles))? (?:bestellen|einkaufen|beschaffen|kaufen)",
    r"(?:was|welche (?:teile|materialien)) (?:ist|sind|bleibt)(?: (?:noch|jetzt|alles))? zu (?:bestellen|beschaffen|kaufen)",
    r"(?:was|welche (?:teile|materialien)) (?:muss|müssen|soll|sollen)(?: (?:noch|jetzt|alles))? (?:bestellt|beschafft|gekauft|eingekauft) werden",
    r"(?:qué|que|cuáles) (?:piezas |materiales )?(?:tenemos que|debemos|hay que|tengo que|necesitamos) (?:pedir|comprar)",
    r"(?:que|qu'est-ce que|quelles pièces|quels articles) (?:devons-nous|nous devons|faut-il|il faut|dois-je|on doit) (?:commander|acheter)",
    r"qu'(?:est-ce qu'il faut|est-ce qu'on doit|avons-nous à) (?:commander|acheter)",
)
_MADE = (
    rf"(?:what|which (?:parts|assemblies|products)) {_WE_MUST} (?:make|produce|manufacture|release)",
    r"(?:what|which orders|which (?:work|production) orders) (?:has|have|needs?|is|are|must|should) (?:to be|be) (?:made|produced|manufactured|released)",
    r"was (?:müssen|sollen|muss) wir(?: (?:noch|jetzt))? (?:fertigen|produzieren|herstellen)",
    r"was (?:ist|muss)(?: (?:noch|jetzt))? (?:zu fertigen|zu produzieren|gefertigt werden|produziert werden)",
    r"qué (?:tenemos que|debemos|hay que) (?:fabricar|producir)",
    r"(?:que|qu'est-ce que|qu'est-ce qu') ?(?:devons-nous|nous devons|faut-il|il faut) (?:fabriquer|produire)",
)
_NET = (
    r"(?:the |our |my |the current )?net requirements?(?: (?:calculation|run|planning))?",
    r"(?:der |die |den |unsere )?netto-?bedarf(?:e|s|srechnung|splanung)?",
    r"(?:las |nuestras )?necesidades netas|(?:el )?cálculo de (?:las )?necesidades(?: netas)?",
    r"(?:les |nos )?besoins nets|(?:le )?calcul des besoins(?: nets)?",
)
_RUN = (
    r"(?:run|start|do|execute|calculate)?\s*(?:the |an? )?(?:mrp|material requirements planning)(?: run| planning| plan)?",
    r"(?:starte|führe|rechne|mach|berechne)?\s*(?:den |die |einen |das )?(?:mrp|dispo(?:sition)?s?|materialbedarfsplanung)-?(?:\s?lauf|\s?rechnung)?(?: (?:durch|aus))?",
    r"(?:ejecuta|lanza|corre|calcula)?\s*(?:el |la |un )?(?:mrp|planificación de necesidades)",
    r"(?:lance|exécute|fais tourner|calcule)?\s*(?:le |la |un )?(?:mrp|cbn)",
)
_OF = r"(?:\s+(?:of|for|von|für|der|des|de|del|du|des|para|pour|d')\s*(?:the |der |die |das |el |la |los |las |le |les |l')?(?P<thing>[^?!]{2,80}))?"
_ALL_PARTS = re.compile(
    r"^(?:all|every|alle[rn]?|tod[oa]s|tous|toutes)?\s*(?:the |die |los |las |les )?(?:parts?|materials?|components?|everything|teile|materialien|komponenten|piezas|materiales|componentes|pièces|articles|composants|plants?|sites?|werke|plantas|usines)$",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Heard:
    """A question with its site and its span of time taken out."""

    text: str
    site: str | None
    days: int | None


def _compiled(patterns: Sequence[str], tail: str) -> re.Pattern[str]:
    return re.compile(rf"^\W*{_POLITE}(?:{'|'.join(patterns)}){tail}(?:\s+(?:durch|aus))?\W*$", re.I)


_BOUGHT_Q, _MADE_Q = _compiled(_ORDERED, _OF), _compiled(_MADE, _OF)
_NET_Q, _RUN_Q = _compiled(_NET, _OF), _compiled(_RUN, _OF)
_HINTS = ("order", "buy", "purchase", "procure", "made", "make", "produc", "manufact", "releas", "requirement", "mrp", "bestell", "beschaff", "kauf", "fertig", "bedarf", "dispo", "pedir", "comprar", "fabric", "necesidades", "command", "achet", "fabriqu", "besoins", "cbn")  # fmt: skip


async def requirements_plan(turn: Turn, admitted: Collection[str], tx: ReadTransaction) -> Calls | None:
    """The call for net requirements, or None for anything else."""
    text = turn.question
    if _NAME not in admitted or len(text) > 200 or not any(hint in text.casefold() for hint in _HINTS):
        return None
    sites = await all_sites(tx)
    if not sites:
        return None
    heard = heard_in(text, sites, turn.language)
    source: Literal["made", "bought"] | None = None
    for pattern, kind in ((_BOUGHT_Q, "bought"), (_MADE_Q, "made"), (_NET_Q, ""), (_RUN_Q, "anew")):
        found = pattern.match(heard.text)
        if found is None:
            continue
        source = "bought" if kind == "bought" else "made" if kind == "made" else None
        thing = (found["thing"] or "").strip(" '\"?.,")
        if _ALL_PARTS.match(thing) or re.match(r"^(?:me|us|uns|mich|nosotros|nous)$", thing, re.I):
            thing = ""
        days = heard.days if heard.days is not None else _LONGEST if kind in ("", "anew") and thing else None
        args = NetRequirements(
            material=thing if thing and kind in ("", "anew") else None,
            product=thing if thing and kind not in ("", "anew") else None,
            source=source,
            anew=kind == "anew",
            site=heard.site,
            **({} if days is None else {"horizon_days": min(days, _LONGEST)}),
        )
        return Calls(Reading((ToolCall(_NAME, args),), _words(args), 1.0))
    return None


def heard_in(text: str, sites: Sequence[Site], language: str) -> Heard:
    """What is left of a question beside its site and its time."""
    rest = " ".join(text.replace("’", "'").split()).strip().rstrip("?!. ")
    site = None
    for one in sorted(sites, key=lambda each: -len(each.name)):
        for name in (one.name, one.site):
            # A code of three letters is only one in capitals: no word is taken for it.
            found = re.search(rf"{_PLACE}\b{re.escape(name)}\b", rest, 0 if name == one.site else re.I)
            if found is not None and site is None:
                site = one.site
                rest = f"{rest[: found.start()]} {rest[found.end() :]}"
    today = next((one.today for one in sites if one.site == site), sites[0].today)
    rest, days = _span(rest, today, language)
    return Heard(" ".join(rest.split()), site, days)


def _span(text: str, today: date, language: str) -> tuple[str, int | None]:
    found = _SPAN.search(text)
    if found is not None:
        number = found["n"] or "1"
        count = int(number) if number.isdigit() else _NUMBERS[number.casefold()]
        what = found["what"].casefold()
        each = 30 if what.startswith("m") else 7 if what.startswith(("w", "se")) else 1
        return f"{text[: found.start()]} {text[found.end() :]}", count * each
    day = find_day(text, today, language)
    if day is not None and day.day is not None and day.day >= today:
        return f"{text[: day.start]} {text[day.end :]}", (day.day - today).days
    return text, None


def _words(args: NetRequirements) -> str:
    match args.source:
        case "bought":
            return said("Net requirements: what has to be ordered")
        case "made":
            return said("Net requirements: what has to be made")
        case None:
            return said("Net requirements: orders to release")

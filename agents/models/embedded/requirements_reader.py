"""Reads what has to be ordered or made, and which plants could help, in four languages: by rules alone."""

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
from tools.balance.tool import BalancePlants
from tools.engines.material_requirements.plants import WEEKS
from tools.languages import said
from tools.naming import Site, all_sites
from tools.net_requirements.tool import NetRequirements

_NAME = "net_requirements"
_BALANCE = "balance_plants"
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


_SHORT = r"(?:the |den |la |le |el )?(?:shortages?|lack|missing (?:quantity|parts?)|need|fehlbest[aä]nde?|fehlmengen?|engp[aä]ss(?:e)?|mangel|bedarf|falta|faltante|escasez|manque|p[eé]nurie|besoin)"
_OF_THING = r"\s+(?:of|for|in|with|von|an|bei|für|der|des|de|del|con|en|du|des|d')\s*(?:the |der |den |die |das |el |la |los |las |le |les |l')?(?P<thing>[^?!]{2,80})"
_PLANTS = r"(?:between|across|among|over|zwischen|über|entre)\s+(?:all |alle |allen |todas |toutes )?(?:the |our |den |unseren |las |nuestras |les |nos )?(?:plants|sites|factories|werken?|standorten?|plantas|fábricas|usines|sites)"
_COVERED = (
    rf"(?:which|what|who|are there|is there)(?: other)?(?: plants?| sites?)?(?: that| who)? (?:could|can|might|would) (?:cover|fill|help(?: out)?(?: with)?|relieve|meet)(?: {_SHORT})?{_OF_THING}",
    r"(?:which|what)(?: other)? (?:plants?|sites?) (?:has|have|could spare|can spare|could give|can give)(?: any| some)?(?: spare| free)?\s+(?P<thing>[^?!]{2,80}?)(?: to spare| left| free)",
    rf"(?:welche[s]?|was für)(?: anderen?)? (?:werke?|standorte?) (?:könnten?|können|kann) {_SHORT}{_OF_THING} (?:decken|ausgleichen|abdecken)",
    r"(?:welche[s]?)(?: anderen?)? (?:werke?|standorte?) (?:könnten?|können|kann) (?:mit|bei)\s+(?P<thing>[^?!]{2,80}?) (?:aushelfen|helfen)",
    rf"(?:qué|cuáles)(?: otras)? (?:plantas?|fábricas?) (?:podrían?|pueden?) (?:cubrir|ayudar con)(?: {_SHORT})?{_OF_THING}",
    rf"(?:quelles?|quels?)(?: autres)? (?:usines?|sites?) (?:pourraient|peuvent|pourrait|peut) (?:couvrir|combler|aider pour)(?: {_SHORT})?{_OF_THING}",
)
_BALANCED = (
    rf"(?:balance|rebalance|level|even out)\s+(?:the |our )?(?P<thing>[^?!]{{2,80}}?)\s+{_PLANTS}",
    rf"(?:gleiche?|verteile?)\s+(?:die |den |das )?(?P<thing>[^?!]{{2,80}}?)\s+{_PLANTS}(?: aus)?",
    rf"(?:die |den |das )?(?P<thing>[^?!]{{2,80}}?)\s+{_PLANTS} (?:ausgleichen|verteilen|balancieren)",
    rf"(?:equilibra|equilibrar|nivela|reparte|redistribuye)\s+(?:el |la |los |las )?(?P<thing>[^?!]{{2,80}}?)\s+{_PLANTS}",
    rf"(?:équilibrer?|équilibrez|répartis|répartir)\s+(?:le |la |les |l')?(?P<thing>[^?!]{{2,80}}?)\s+{_PLANTS}",
)
_GROUPS = {
    word: english
    for english, words in {
        "bearings": "bearings lager wälzlager kugellager rodamientos cojinetes roulements",
        "seals": "seals dichtungen sellos juntas joints",
        "motors": "motors motoren motores moteurs",
        "castings": "castings gussteile guss fundidos piezas-fundidas fonderie",
        "fasteners": "fasteners schrauben befestigungen tornillería fijaciones fixations visserie",
        "electronics": "electronics elektronik electrónica électronique",
        "sheets": "sheets bleche chapas tôles",
        "packaging": "packaging verpackung verpackungen embalaje embalajes emballage emballages",
        "housings": "housings gehäuse carcasas carters",
        "shafts": "shafts wellen ejes arbres",
        "drives": "drives antriebe accionamientos entraînements",
    }.items()
    for word in words.split()
}
"""Groups of materials by what they are called; a group of the data's own is found under its own name."""


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
_COVER_QS = tuple(re.compile(rf"^\W*{_POLITE}{one}\W*$", re.I) for one in _COVERED)
_BALANCE_QS = tuple(re.compile(rf"^\W*{_POLITE}{one}\W*$", re.I) for one in _BALANCED)
_HINTS = ("balanc", "level", "even out", "cover", "help", "spare", "reliev", "meet", "gleich", "verteil", "deck", "helfen", "equilibr", "nivel", "repart", "redistrib", "cubrir", "ayudar", "équilibr", "répart", "couvrir", "combler", "aider", "order", "buy", "purchase", "procure", "made", "make", "produc", "manufact", "releas", "requirement", "mrp", "bestell", "beschaff", "kauf", "fertig", "bedarf", "dispo", "pedir", "comprar", "fabric", "necesidades", "command", "achet", "fabriqu", "besoins", "cbn")  # fmt: skip


async def requirements_plan(turn: Turn, admitted: Collection[str], tx: ReadTransaction) -> Calls | None:
    """The call for net requirements, or None for anything else."""
    text = turn.question
    if len(text) > 200 or not any(hint in text.casefold() for hint in _HINTS):
        return None
    sites = await all_sites(tx)
    if not sites:
        return None
    heard = heard_in(text, sites, turn.language)
    if _BALANCE in admitted and (args := _balance(heard)) is not None:
        return Calls(Reading((ToolCall(_BALANCE, args),), _of_balance(args), 1.0))
    return _net(heard) if _NAME in admitted else None


def _net(heard: Heard) -> Calls | None:
    source: Literal["made", "bought"] | None = None
    for pattern, kind in ((_BOUGHT_Q, "bought"), (_MADE_Q, "made"), (_NET_Q, ""), (_RUN_Q, "anew")):
        found = pattern.match(heard.text)
        if found is None:
            continue
        source = "bought" if kind == "bought" else "made" if kind == "made" else None
        thing = (found["thing"] or "").strip(" '\"?.,")
        if _ALL_PARTS.match(thing) or re.match(r"^(?:me|us|uns|mich|nosotros|nous)$", thing, re.I):
            thing = ""
        if re.match(r"\d+\s", thing):
            # So many of something is a question about its bill of materials.
            return None
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


def _balance(heard: Heard) -> BalancePlants | None:
    """What plants could give each other."""
    horizon = {} if heard.days is None else {"horizon_days": heard.days}
    for patterns, is_group in ((_COVER_QS, False), (_BALANCE_QS, True)):
        found = next((match for one in patterns if (match := one.match(heard.text)) is not None), None)
        if found is None:
            continue
        thing = found["thing"].strip(" '\"?.,")
        if _ALL_PARTS.match(thing) or re.fullmatch(
            r"(?:stocks?|inventory|bestände?|existencias|stocks)", thing, re.I
        ):
            return BalancePlants(site=heard.site, **horizon)
        group = _GROUPS.get(thing.casefold(), thing if is_group and _is_group(thing) else None)
        if group is not None:
            return BalancePlants(group=group, site=heard.site, **horizon)
        return BalancePlants(material=thing, site=heard.site, **horizon)
    return None


def _is_group(text: str) -> bool:
    """One word in the plural, without a digit: `impellers`; a material has a number or more words."""
    return re.fullmatch(r"[^\W\d]+(?:s|en|n)", text) is not None


def _of_balance(args: BalancePlants) -> str:
    what = args.material or args.group
    if what is None:
        return said("Balance of all materials between the plants")
    return said("Balance of [[thing]] between the plants", thing=what)


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

"""Reads what has happened on a shop floor, and wishes to move an order, in four languages: by rules alone."""

# ruff: noqa: E501
# Patterns of wordings are read as one line.

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from datetime import timedelta

from pydantic import ValidationError

from agents.models.embedded.hearing import CREW, Heard, bare_name, hear, place_of
from agents.models.protocol import Calls, Clarify, PastTurn, Reading, ToolCall, Turn
from erp_adapters.store.session import ReadTransaction
from tools.errors import ToolError
from tools.languages import said
from tools.languages.forms import day_text
from tools.naming import all_sites
from tools.replanning.arguments import MOST_SECONDS, Replan
from tools.replanning.naming import Ambiguous
from tools.replanning.proposal import DisturbanceKind

_NAME = "replan"
_OFFERED = 3

_LEAD = r"(?:(?:hi|hello|hallo|hola|bonjour|please|bitte|por favor|s'il vous plaît|so|ok|okay|now|jetzt|ahora|maintenant)[ ,]+)*(?:(?:what (?:if|happens if|should (?:we|i) do if|do (?:we|i) do if)|what now,?|suppose(?: that)?|assume(?: that)?|if|was (?:ist|passiert|tun wir|machen wir)?,? ?wenn|was wenn|wenn|angenommen,?|qué (?:pasa|hacemos|hago) si|y si|si|que (?:se passe-t-il|faire|fait-on) si|et si|replan(?: everything)?(?: because)?:?|plane um:?)[ ,]+)?"
_ARTICLE = r"(?:(?:the|our|die|der|das|unsere?r?|el|la|los|las|nuestra|nuestro|le|les|notre)\s+|l'\s*)?"
_SUBJECT = r"(?P<subject>[^\s?!.,;:][^?!,;:]{0,58}?)"
_BE = r"(?:is|are|was|will be|has been|stays|'s|ist|sind|bleibt|bleiben|está|están|estará|sigue|est|sont|sera|reste)"
_DOWN = (
    rf"{_BE}\s+(?:currently |still |jetzt |gerade |actuellement |ahora )?(?:down|broken(?: down)?|out of (?:order|service|action)|out|not (?:available|running|working|usable)|unavailable|standing still|stopped|offline|kaputt|defekt|gestört|außer betrieb|ausgefallen|stillgelegt|nicht (?:verfügbar|einsatzbereit|da)|parad[oa]s?|averiad[oa]s?|rot[oa]s?|estropead[oa]s?|fuera de servicio|no disponible|en panne|à l'arrêt|arrêtée?s?|hors service|indisponible|cassée?s?)",
    r"(?:stands? still|stops?|fails?|has failed|have failed|failed|breaks? down|broke(?: down)?|has broken(?: down)?|went down|goes down|goes out|has stopped|stopped)",
    r"(?:steht|stehen)(?: still)?|(?:fällt|fallen|fiel) aus|stillsteht|ausfällt|ausgefallen ist|kaputt ist|steht",
    r"(?:se (?:para|avería|averió|ha averiado|ha parado|detiene)|no funcionan?|falla|no está disponible)",
    r"(?:tombe en panne|est tombée? en panne|ne (?:marche|fonctionne) (?:pas|plus)|s'arrête|s'est arrêtée?)",
)
_STOOD = "|".join(_DOWN)
_ABSENT = (
    rf"(?:{_BE} )?(?:absent|not there|ill|sick|off sick|missing|krank|abwesend|nicht da|ausente|enferm[oa]s?|de baja|absente?|malades?)",
    r"(?:has|have|hat|haben|tiene|a) (?:no|keine|keinen|ningún|aucun|pas de|pas d') ?(?:people|operators?|crew|staff|leute|bediener|personal|gente|operarios|opérateurs?|personnel)",
    r"(?:does not|doesn't|do not|don't) come|fehlt|fehlen|falta|manque",
)
ORDER = r"(?:(?:work|production|manufacturing|shop|job) ?orders?|wo|orders?|jobs?|(?:fertigungs|produktions|arbeits|werkstatt)?auftr(?:ag|ages?)|fa|(?:la )?orden(?: de (?:fabricación|producción|trabajo))?|(?:l')?ordre(?: de (?:fabrication|production))?|of)"
NUMBER = r"(?:(?:no\.?|nr\.?|number|nummer|número|numéro|n°|#)\s*)?(?P<number>\d{2,})"
_PURCHASE = r"(?:(?:the )?(?:purchase order|po|delivery|bestellung|lieferung|(?:el )?pedido(?: de compra)?|(?:la )?entrega|(?:la )?commande(?: d'achat)?|(?:la )?livraison)(?: (?:of|der|del|de|von) (?:purchase order|po|bestellung|pedido|commande))?)"
MOVE = r"(?:move|reschedule|push(?: out| back)?|shift|postpone|pull(?: in| forward)?|bring forward|delay|put|verschiebe?n?|verlege?n?|(?:um)?terminiere?n?|ziehe?n?|schiebe?n?|lege?n?|mueve|mover|aplaza|aplazar|adelanta|adelantar|pasa|pasar|reprograma|reprogramar|déplace[rz]?|décale[rz]?|reporte[rz]?|avance[rz]?|repousse[rz]?)"
CAN = r"(?:(?:can|could|would|will) (?:you|we|i) (?:please )?|i (?:want|would like|need) to |we (?:want|need) to |let'?s |kannst du |können (?:sie|wir) |ich möchte |bitte |puedes |podemos |quiero |peux-tu |pouvez-vous |on peut |je veux )?"
_RUSH = r"(?:rush order|urgent order|hot order|eilauftrag|pedido urgente|orden urgente|commande urgente|ordre urgent)"
_HELD = r"(?:on (?:quality )?hold|blocked|in quarantine|gesperrt|in (?:der )?sperre|auf halt|bloquead[oa]s?|retenid[oa]s?|bloquée?s?|en quarantaine)"
_ASKING = re.compile(
    r"^\W*(?:which|who|whom|whose|why|when|where|how|is|are|did|does|do|show|list|welche\w*|wer|wen|wem|warum|wieso|wann|wo|wie|ist|sind|zeig\w*|qué (?!pasa|hacemos|hago)\w+|cuál\w*|cuánt\w*|quién\w*|por qué|cuándo|dónde|cómo|quel\w*|qui|pourquoi|quand|où|comment|combien|montre\w*)\b",
    re.I,
)
"""Other questions, which may speak of machines that stand still."""
_SUPPOSING = re.compile(r"\b(?:if|suppose|assume|wenn|falls|angenommen|si|supongamos|supposons)\b|\?", re.I)
_TAIL = r"(?:\s+(?:due to|because of?|since|wegen|weil|por|porque|à cause de|car)\b.*)?(?:[ ,]+(?:what now|what (?:can|do|should) (?:we|i) do|was tun|was nun|qué hacemos|que faire))?"
_FOLLOWING = re.compile(
    r"^\W*(?:(?:and|but|or|und|aber|oder|y|pero|o|et|mais|ou)\b[ ,]*)?(?:(?:what )?(?:if|about)|wenn|was(?: ist)?,? wenn|si|qué pasa si|que se passe-t-il si|only|just|nur|erst|solo|seulement)?\b[ ,]*(?:(?:it|that|this|the outage|es|das|der ausfall|eso|ça|cela|la panne|she|he|sie|elle|il)\b)?\s*(?:(?:only )?(?:takes?|lasts?|is|stays|is back|comes back|comes|is down|runs|goes on|is late|dauert|steht|ist|bleibt|kommt|geht|dura|tarda|está|sigue|llega|vuelve|dure|reste|prend|est|arrive|revient)\b)?\s*(?:(?:longer|only|back|länger|erst|wieder|más|plus|down|still)\b)?\s*(?:DAY|LONG)\s*(?:(?:dauert|geht|steht|bleibt|kommt|lasts?|longer|instead|länger|stattdessen|en su lugar|plutôt)\b)?\W*$",
    re.I,
)


def _compiled(*patterns: str) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(rf"^\W*{_LEAD}{one}{_TAIL}\W*$", re.I) for one in patterns)


PATTERNS: tuple[tuple[DisturbanceKind, tuple[re.Pattern[str], ...]], ...] = (
    ("move", _compiled(rf"{CAN}{MOVE}\s+(?:the |den |la |el |le |l')?{ORDER}\s+{NUMBER}(?:\s+(?:out|back|forward|in|vor|nach hinten|zurück|um))*", rf"(?:den )?{ORDER}\s+{NUMBER}\s+(?:bitte )?(?:verschieben|verlegen|vorziehen|umterminieren|schieben)", rf"{CAN}(?:den )?{ORDER}\s+{NUMBER}\s+(?:verschieben|verlegen|vorziehen|umterminieren|schieben)")),
    ("rush_order", _compiled(rf"(?:{CAN}(?:we have |there is |es gibt |wir haben |tenemos |hay |nous avons |il y a )?(?:an? |einen |un |une )?(?:new |neuen )?{_RUSH})(?: (?:of|for|über|für|von|de|para|pour))?[: ,]*(?P<quantity>\d[\d.,]*)\s*(?:x |pcs? |pieces? |st(?:ü|u)ck |stk |unidades |pièces |units )?(?:of |von |de |d')?(?P<material>[^?!;:]{{2,80}}?)")),
    ("material_late", _compiled(rf"{_PURCHASE}\s+{NUMBER}\b(?:(?!\?).){{0,30}}?(?:late|later|delayed|comes?|arrives?|will come|slips?|verspätet|später|zu spät|kommt|trifft|tarde|retras\w+|llega|retard\w*|arrive|DAY)(?:(?!\?).){{0,20}}?")),
    ("quality_hold", _compiled(rf"(?:{ORDER}\s+{NUMBER}|{_ARTICLE}{_SUBJECT})\s+{_BE}\s+{_HELD}", rf"{_ARTICLE}{_SUBJECT}\s+{_HELD}\s+(?:ist|sind|es|est)")),
    ("crew_absent", _compiled(rf"{_ARTICLE}(?:{CREW}\s+{_ARTICLE})?{_SUBJECT}\s+(?:{'|'.join(_ABSENT)})")),
    ("machine_down", _compiled(rf"{_ARTICLE}{_SUBJECT}\s+(?:{_STOOD})(?:\s+(?:and|und|y|et)\s+(?:{_STOOD}))?")),
)  # fmt: skip


async def replanning_plan(
    turn: Turn, admitted: Collection[str], tx: ReadTransaction
) -> Calls | Clarify | None:
    """The call for a disturbance or a move, a question for what is missing, or None for anything else."""
    if _NAME not in admitted:
        return None
    going_on = _before(turn.past)
    if going_on is None and not _speaks_of_it(turn.question):
        return None
    sites = await all_sites(tx)
    if not sites:
        return None
    heard = hear(turn.question, sites, turn.language)
    if going_on is not None and (again := _again(going_on, heard)) is not None:
        return _calls(again)
    if _ASKING.search(turn.question):
        return None
    bare = " ".join(re.sub(r"\b(?:DAY|LONG)\b", " ", heard.text).split())
    for kind, patterns in PATTERNS:
        # Whom a late delivery would hit is another question, which pegging answers.
        if kind == "material_late" and _SUPPOSING.search(turn.question):
            continue
        for pattern in patterns:
            found = pattern.search(heard.text if kind == "material_late" else bare)
            if found is not None and (plan := await _planned(kind, found, heard, tx)) is not None:
                return plan
    return None


def _speaks_of_it(text: str) -> bool:
    """A first look without the database: most questions are none of this."""
    return len(text) <= 240 and any(
        word in text.casefold()
        for word in (
            "down", "stand", "stop", "fail", "broke", "out of", "offline", "available", "running", "working", "absent", "ill", "sick",
            "missing", "not there", "no people", "no operator", "late", "comes", "arriv", "delay", "slip", "hold", "blocked", "quarant", "move", "resched",
            "push", "shift", "postpone", "pull", "bring", "put", "rush", "urgent", "hot order", "steh", "fällt", "fallen", "ausgef", "defekt", "kaputt",
            "gestört", "betrieb", "verfügbar", "krank", "abwesend", "nicht da", "fehl", "keine", "kommt", "trifft", "verspät", "sperr", "verschieb",
            "verleg", "termin", "zieh", "schieb", "leg", "eilauf", "parad", "averi", "servicio", "rot", "estrop", "disponible", "funciona", "para", "falla",
            "ausente", "enferm", "baja", "falta", "retras", "llega", "bloque", "reten", "muev", "mover", "aplaz", "adelant", "pas", "reprogram", "panne", "arrêt", "hors", "cass",
            "marche", "malad", "manque", "retard", "déplac", "décal", "report", "avanc", "repouss",
        )
    )  # fmt: skip


async def _planned(
    kind: DisturbanceKind, found: re.Match[str], heard: Heard, tx: ReadTransaction
) -> Calls | Clarify | None:
    parts = found.groupdict()
    subject = parts.get("number") or bare_name(parts.get("subject") or "")
    if kind != "rush_order" and not subject:
        return None
    if heard.problem is not None:
        return Clarify(
            said("[[written]] is no day; which day is meant?", written=repr(heard.problem.written)), ()
        )
    sites = {one.site: one for one in await all_sites(tx)}
    today = sites[heard.site].today if heard.site else max(one.today for one in sites.values())
    until = heard.day or (today + timedelta(days=heard.days) if heard.days else None)
    given: dict[str, object] = {"kind": kind, "about": subject, "site": heard.site, "until": until}
    if heard.seconds is not None:
        given["seconds"] = min(heard.seconds, MOST_SECONDS)
    match kind:
        case "rush_order":
            text = str(parts["material"])
            given |= {
                "about": None,
                "material": bare_name(text),
                "quantity": parts["quantity"].replace(",", ""),
            }
        case "material_late":
            given |= {"until": heard.day, "late_days": heard.days if heard.day is None else None}
        case "machine_down" | "crew_absent":
            given["hours"] = heard.hours
            return await _of_place(kind, subject, given, heard, tx)
        case _:
            pass
    if kind == "quality_hold" and until is None:
        return None
    if until is None and given.get("late_days") is None:
        return Clarify(said(_WHICH_DAY[kind]), ())
    return _calls_or_ask(given)


_WHICH_DAY: dict[DisturbanceKind, str] = {
    "move": "To which day is it to be moved?",
    "rush_order": "By which day is it wanted?",
    "material_late": "On which day does it come, or how many days late?",
}


async def _of_place(
    kind: DisturbanceKind, subject: str, given: dict[str, object], heard: Heard, tx: ReadTransaction
) -> Calls | Clarify | None:
    kinds = ("work_centre", "line", "asset", *(("shift",) if kind == "crew_absent" else ()))
    try:
        place = await place_of(tx, subject, heard.site, kinds)
        if place.name.casefold() != subject.casefold():
            given = {**given, "about": place.id if place.kind in ("work_centre", "asset") else place.name}
    except Ambiguous as several:
        readings = []
        for one in several.places[:_OFFERED]:
            args = Replan.model_validate({**given, "about": one.id, "site": one.site})
            readings.append(Reading((ToolCall(_NAME, args),), f"{_words(args)}: {one}, {one.site}", 0.5))
        return Clarify(str(several), tuple(readings))
    except ToolError as unknown:
        # Where nothing says that it is about a machine, another reader may know the words.
        if not re.search(r"\d", subject) and heard.day is None and heard.hours is None and heard.days is None:
            return None
        return Clarify(str(unknown), ())
    return _calls_or_ask({**given, "site": heard.site or place.site})


def _before(past: Sequence[PastTurn]) -> Replan | None:
    """The disturbance that the turn before was about."""
    if not past:
        return None
    return next((one.arguments for one in past[-1].calls if isinstance(one.arguments, Replan)), None)


def _again(before: Replan, heard: Heard) -> Replan | None:
    """The same until another day, or for another time; None where the text says something else."""
    if heard.problem is not None or _FOLLOWING.match(heard.text) is None:
        return None
    changes: dict[str, object] = {"hours": None, "late_days": None}
    if heard.day is not None:
        changes["until"] = heard.day
    elif heard.hours is not None:
        changes |= {"hours": heard.hours, "until": None}
    elif heard.days is not None and before.kind == "material_late":
        changes |= {"late_days": heard.days, "until": None}
    else:
        return None
    if heard.site is not None:
        changes["site"] = heard.site
    try:
        return Replan.model_validate({**before.model_dump(), **changes})
    except ValidationError:
        return None


def _calls_or_ask(given: dict[str, object]) -> Calls | Clarify:
    try:
        return _calls(Replan.model_validate(given))
    except ValidationError as error:
        return Clarify(str(error.errors(include_url=False)[0]["msg"]).removeprefix("Value error, "), ())


def _calls(args: Replan) -> Calls:
    return Calls(Reading((ToolCall(_NAME, args),), _words(args), 1.0))


def _words(args: Replan) -> str:
    text = said(_READ[args.kind], name=args.about or args.material or "")
    return (
        text
        if args.until is None
        else said("[[event]] until [[moment]]", event=text, moment=day_text(args.until))
    )


_READ: dict[DisturbanceKind, str] = {
    "machine_down": "[[name]] stands still",
    "crew_absent": "the people of [[name]] are not there",
    "material_late": "delivery [[name]] comes late",
    "quality_hold": "[[name]] is on hold",
    "rush_order": "a rush order for [[name]]",
    "move": "work order [[name]] moved",
}

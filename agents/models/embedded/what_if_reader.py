"""Reads what is supposed, one thing or several side by side, in four languages: by rules alone."""

# ruff: noqa: E501
# Patterns of wordings are read as one line.

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from pydantic import ValidationError

from agents.models.embedded.hearing import Heard, bare_name, hear, place_of
from agents.models.embedded.replanning_reader import PATTERNS
from agents.models.protocol import Calls, Clarify, PastTurn, Reading, ToolCall, Turn
from erp_adapters.store.session import ReadTransaction
from tools.errors import ToolError
from tools.languages import said
from tools.naming import Site, all_sites
from tools.replanning.naming import Ambiguous
from tools.what_if.arguments import MOST, MOST_SECONDS, SupposedKind, Supposition, WhatIf
from tools.what_if.compared import changed

_NAME = "what_if"
_OFFERED = 3
_SUPPOSE = re.compile(
    r"^\W*(?:(?:hi|hello|hallo|hola|bonjour|please|bitte|por favor|so|ok|okay|now|and|und|y|et|compare:?|vergleiche:?|compara:?|compare[rz]?:?)[ ,]+)*"
    r"(?:what (?:would happen |happens |would be |would it mean |does it mean )?if|how would it look if|suppos(?:e|ing)(?: that)?|assum(?:e|ing)(?: that)?|imagine(?: that)?"
    r"|(?:was|wie) (?:ist|wäre|passiert|passierte|geschieht|geschähe|würde passieren|bedeutet es)?(?: es)?,? ?wenn|was,? wenn|angenommen,?(?: dass)?|nehmen wir an,?(?: dass)?|gesetzt den fall,?(?: dass)?"
    r"|¿?qué (?:pasa|pasaría|ocurre|ocurriría|sucede|sucedería) si|¿?y si|supongamos que|suponiendo que|imagina que"
    r"|que se passe(?:-t-il|rait-il)?,? si|qu'est-ce qui se passe(?:rait)? si|qu'arrive(?:-t-il|rait-il) si|et si|supposons que|en supposant que|imaginons que)\b[ ,:]*",
    re.I,
)
_GOING_ON = re.compile(
    r"^\W*(?:and|but|or|und|aber|oder|y|pero|o|et|mais|ou)\b[ ,]*(?:what )?(?:if|about|wenn|was,? wenn|si|que se passe-t-il si)?\b[ ,]*",
    re.I,
)
"""Of a question that goes on from one before."""
_SHARE = re.compile(
    r"(?P<sign>[+−-]\s?)?(?P<n>\d+(?:[.,]\d+)?)\s*(?:%|percent\b|per cent\b|prozent\b|por ciento\b|pour ?cent\b)",
    re.I,
)
_SHARES = re.compile(
    r"PCT(?:\s*(?:,|or|and|or by|oder|und|oder um|o|y|o un|ou|et|ou de|vs\.?|versus|/)\s*PCT)+"
)
_OR = re.compile(r"\s*[,;]?\s+(?:or|oder|o bien|o|ou|versus|vs\.?)\s+(?:what )?(?:if |wenn |si )?", re.I)
_WEEK = re.compile(
    r"\b(?:(?:in |during |durante |pendant )?(?:the )?next week|(?:in der |die )?(?:nächste|kommende)n? woche|la próxima semana|la semana que viene|la semaine prochaine)\b",
    re.I,
)
_UP = r"(?:ris(?:es?|ing)|rose|grows?|increases?|goes up|go up|is up|were up|climbs?|steigt|stiege|wächst|zunimmt|nimmt zu|anzieht|sube|subiera|aumenta|aumentara|crece|augmente|augmentait|monte|croît|progresse)"
_DOWN = r"(?:falls?|fell|drops?|decreases?|goes down|go down|is down|were down|declines?|shrinks?|sinks?|fällt|fiele|sinkt|sänke|zurückgeht|geht zurück|abnimmt|nimmt ab|einbricht|baja|bajara|cae|disminuye|se reduce|baisse|baissait|diminue|chute|recule)"
_MOVES = rf"(?:(?P<up>{_UP})|(?P<down>{_DOWN}))"
_BY = r"(?:by |around |about |um |en |en un |un |el |de |d'environ |von )*"
_ABOUT = r"(?P<about>[^?!,;:]{1,60}?)"
_THE = r"(?:the |our |die |der |das |den |unsere |la |el |los |las |nuestra |le |les |notre |l')?"
_OF = r"(?:of |for |in |nach |für |bei |an |de |del |de la |de los |de las |por |pour |des |du |d')"
_DEMAND = r"(?:demand|sales|orders|order intake|customer orders|nachfrage|bedarf|absatz|auftragseingang|demanda|ventas|pedidos|demande|ventes|commandes)"
_DEARER = r"(?P<up>dearer|more expensive|more|higher|teurer|mehr|más cara|más caro|más|plus chère?|de plus)"
_CHEAPER = r"(?P<down>cheaper|less expensive|less|lower|billiger|günstiger|weniger|más barat[oa]|menos|moins chère?|de moins)"
_PRICE = r"(?:price|cost|purchase price|preis|einkaufspreis|precio|coste|prix|coût)"
_LATE = r"(?:late|later|behind|overdue|delayed|zu spät|später|verspätet|verspätung|im verzug|tarde|más tarde|de retraso|después|de retard|en retard|plus tard)"
_SUPPLIER = r"(?:the |our )?(?:supplier |vendor |deliver(?:y|ies) (?:of|from) |lieferant |die lieferung von |(?:el )?proveedor |la entrega de |(?:le )?fournisseur |la livraison de )?"
_LOSE = r"(?:we |wir |nous |perdemos |perdiéramos )?(?:lose|lost|are without|have to do without|drop|cancel|verlieren|ohne|perdons|perdions)?"


def _whole(*patterns: str) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(rf"^\W*{one}\W*$", re.I) for one in patterns)


_CLAUSES: tuple[tuple[SupposedKind, tuple[re.Pattern[str], ...]], ...] = (
    ("price", _whole(
        rf"{_THE}{_PRICE} {_OF}{_THE}{_ABOUT} {_MOVES} {_BY}PCT",
        rf"{_THE}{_PRICE} {_OF}{_THE}{_ABOUT} {_BY}PCT {_MOVES}",
        rf"{_ABOUT} (?:gets|becomes|is|costs|kostet|wird|es|cuesta|coûte|devient|est) {_BY}PCT (?:{_DEARER})",
        rf"{_ABOUT} (?:gets|becomes|is|costs|kostet|wird|es|cuesta|coûte|devient|est) {_BY}PCT (?:{_CHEAPER})",
        rf"{_ABOUT} {_BY}PCT (?:(?P<up>teurer)|(?P<down>billiger|günstiger)) (?:wird|würde|ist|wäre)",
    )),
    ("demand", _whole(
        rf"{_THE}{_DEMAND}(?: {_OF}{_THE}{_ABOUT})? {_MOVES} {_BY}PCT",
        rf"{_THE}{_DEMAND}(?: {_OF}{_THE}{_ABOUT})? {_BY}PCT {_MOVES}",
        rf"{_THE}{_DEMAND}(?: {_OF}{_THE}{_ABOUT})? (?:is|are|were|was|ist|sind|wäre|es|fuera|est|sont|était) {_BY}PCT (?:(?P<up>higher|up|more|höher|mehr|mayor|más|plus (?:élevée?s?|fortes?))|(?P<down>lower|down|less|niedriger|geringer|weniger|menor|menos|moins (?:élevée?s?|fortes?)))",
        rf"{_ABOUT} {_DEMAND} {_MOVES} {_BY}PCT",
        rf"(?:we |customers |they |wir |kunden |die kunden |los clientes |les clients )?(?:sell|order|buy|verkaufen|bestellen|venden|vendemos|piden|commandent|achètent) {_BY}PCT (?:(?P<up>more|mehr|más|de plus)|(?P<down>less|fewer|weniger|menos|de moins))(?: (?:of |de |von )?{_ABOUT})?",
    )),
    ("delivery_late", _whole(
        rf"{_SUPPLIER}{_ABOUT} (?:is|are|were|comes|arrives|delivers|delivered|will be|runs|ships|ist|wäre|kommt|liefert|llega|entrega|se retrasa|está|livre|arrive|est|serait|a|accuse)(?: (?:mit|con|avec))? LONG {_LATE}",
        rf"{_SUPPLIER}{_ABOUT} (?:mit )?LONG (?:{_LATE} )?(?:liefert|kommt|ist|wäre|lieferte|später liefert|zu spät liefert)",
        rf"{_SUPPLIER}{_ABOUT} (?:se retrasa|tarda|prend du retard de|retarde de|is delayed(?: by)?|is late(?: by)?|slips(?: by)?|verspätet sich(?: um)?) LONG(?: más)?",
        rf"{_SUPPLIER}{_ABOUT} (?:sich )?(?:um )?LONG verspätet",
    )),
)  # fmt: skip
_LOST = _whole(
    rf"{_LOSE}\s*{_THE}(?P<subject>[^?!,;:]{{1,40}}?) ?(?:shift|schicht|turno|poste)",
    rf"{_THE}(?P<subject>[^?!,;:]{{1,40}}?) ?(?:shift|schicht) (?:is (?:lost|cancelled|gone|missing)|drops out|falls out|does not work|ausfällt|fällt aus|wegfällt|fällt weg)",
    rf"(?:perdemos|perdiéramos|cae|falta|falla|nous perdons|perdons|tombe|manque) {_THE}(?:turno|équipe|poste) (?:de (?:la |el )?|del |du |de l')?(?P<subject>[^?!,;:]{{1,40}}?)",
    rf"(?:wir )?{_THE}(?P<subject>[^?!,;:]{{1,40}}?)schicht (?:verlieren|verlören)",
    rf"{_THE}(?:turno|équipe|poste) (?:de (?:la |el )?|del |du |de l')?(?P<subject>[^?!,;:]{{1,40}}?) (?:se pierde|falta|no trabaja|manque|tombe|est perdue?|ne travaille pas)",
)
_AGAIN = re.compile(
    rf"^\W*(?:(?:only|just|nur|solo|seulement|with|at|by|of|um|bei|mit|con|un|en un|avec|de|it|this|es|ça|cela|eso|is|are|were|ist|wäre|sind|takes?|lasts?|dauert|dura|dure|until|bis|hasta|{_MOVES})\b[ ,]*)*(?:PCT|LONG|DAY)\s*(?:{_LATE}|long|lang|longer|länger|instead|stattdessen|more|less|mehr|weniger|más|menos|de plus|de moins|dauert|steht)?\W*$",
    re.I,
)


@dataclass(frozen=True, slots=True)
class _Clause:
    """A clause with what was taken out of it."""

    heard: Heard
    shares: tuple[Decimal, ...]
    week: tuple[date, date] | None
    """A week as a whole: its Monday and the next one."""


async def what_if_plan(turn: Turn, admitted: Collection[str], tx: ReadTransaction) -> Calls | Clarify | None:
    """The call for what is supposed, a question for what is missing, or None for anything else."""
    if _NAME not in admitted or len(turn.question) > 300:
        return None
    before = _before(turn.past)
    lead = _SUPPOSE.match(turn.question)
    going_on = _GOING_ON.match(turn.question) if before is not None else None
    if lead is None and going_on is None:
        return None
    sites = await all_sites(tx)
    if not sites:
        return None
    start = (lead or going_on).end()  # type: ignore[union-attr]
    text = turn.question[start:]
    if lead is not None and re.match(r"\W*(?:we|i|wir|ich|nous|on)\s+(?:do|tun|machen)\b", text, re.I):
        return None
    found = await _read(text, sites, turn.language, before, tx)
    if found is None:
        return None
    if isinstance(found, Clarify):
        return found
    suppositions, site, seconds = found
    if going_on is not None and before is not None and len(suppositions) == 1:
        # What was supposed last stands beside it.
        suppositions = [*before.suppositions[-(MOST - 1) :], *suppositions]
    return _asked(suppositions, site or (before.site if before else None), seconds, sites)


async def _read(
    text: str, sites: Sequence[Site], language: str, before: WhatIf | None, tx: ReadTransaction
) -> tuple[list[Supposition], str | None, int | None] | Clarify | None:
    """What is supposed, in pieces that `or` parts, or as one."""
    for pieces in ([piece for piece in _OR.split(text) if piece], [text]):
        found: list[Supposition] = []
        site = before.site if before else None
        named: str | None = None
        seconds: int | None = None
        for piece in pieces:
            clause = _clause(piece, sites, language)
            named = clause.heard.site or named
            seconds = clause.heard.seconds or seconds
            last = found[-1] if found else before.suppositions[-1] if before else None
            one = await _supposed(clause, sites, named or site, last, tx)
            if isinstance(one, Clarify):
                return one
            if not one:
                break
            found += one
        else:
            if found and len(found) <= MOST:
                return found, named, seconds
    return None


def _clause(text: str, sites: Sequence[Site], language: str) -> _Clause:
    shares = tuple(
        Decimal(share["n"].replace(",", ".")) * (-1 if (share["sign"] or "").strip() in ("-", "−") else 1)
        for share in _SHARE.finditer(text)
    )
    text = _SHARES.sub("PCT", _SHARE.sub("PCT", text))
    week = None
    heard = hear(_WEEK.sub(" ", text), sites, language)
    if _WEEK.search(text):
        today = next((one.today for one in sites if one.site == heard.site), sites[0].today)
        monday = today - timedelta(days=today.weekday()) + timedelta(days=7)
        week = monday, monday + timedelta(days=7)
    return _Clause(heard, shares, week)


async def _supposed(
    clause: _Clause, sites: Sequence[Site], site: str | None, last: Supposition | None, tx: ReadTransaction
) -> list[Supposition] | Clarify | None:
    heard = clause.heard
    if heard.problem is not None:
        return Clarify(
            said("[[written]] is no day; which day is meant?", written=repr(heard.problem.written)), ()
        )
    for kind, patterns in _CLAUSES:
        for pattern in patterns:
            match = pattern.search(heard.text)
            if match is None:
                continue
            about = _about(match)
            if kind == "delivery_late":
                if heard.days is None or re.search(r"\d{5,}", about or "") or about is None:
                    # What hangs on one purchase order is another question, which pegging answers.
                    continue
                return [Supposition(kind=kind, about=about, days=heard.days)]
            if not clause.shares:
                continue
            sign = -1 if match.groupdict().get("down") else 1
            return [
                Supposition(kind=kind, about=about, rise=share * sign) for share in clause.shares if share
            ]
    bare = " ".join(re.sub(r"\b(?:DAY|LONG)\b", " ", heard.text).split())
    for pattern in _LOST:
        if (match := pattern.search(bare)) is not None:
            return await _stopped("crew_absent", bare_name(match["subject"]), clause, site, tx)
    for event, events in PATTERNS:
        if event not in ("machine_down", "crew_absent"):
            continue
        for pattern in events:
            if (match := pattern.search(bare)) is not None:
                stop: SupposedKind = "crew_absent" if event == "crew_absent" else "machine_down"
                return await _stopped(stop, bare_name(match["subject"]), clause, site, tx)
    return _again(clause, last)


def _about(match: re.Match[str]) -> str | None:
    text = (match.groupdict().get("about") or "").strip(" '\"")
    text = re.sub(
        r"^(?:the|our|die|der|das|den|el|la|los|las|le|les|l'|of|de|du|des)\s+", "", text, flags=re.I
    )
    return text or None


async def _stopped(
    kind: SupposedKind, subject: str, clause: _Clause, site: str | None, tx: ReadTransaction
) -> list[Supposition] | Clarify | None:
    heard = clause.heard
    if not subject:
        return None
    since, until = clause.week or (None, heard.day)
    if until is None and heard.days is not None:
        today = next(
            (one.today for one in await all_sites(tx) if one.site == (heard.site or site)), None
        ) or max(one.today for one in await all_sites(tx))
        until = today + timedelta(days=heard.days)
    kinds = ("work_centre", "line", "asset", *(("shift",) if kind == "crew_absent" else ()))
    given = {"kind": kind, "since": since, "until": until, "hours": heard.hours}
    try:
        place = await place_of(tx, subject, heard.site or site, kinds)
    except Ambiguous as several:
        readings = []
        for one in several.places[:_OFFERED]:
            supposed = Supposition.model_validate({**given, "about": one.id})
            args = WhatIf(suppositions=(supposed,), site=one.site)
            readings.append(Reading((ToolCall(_NAME, args),), f"{_words(args)}: {one}, {one.site}", 0.5))
        return Clarify(str(several), tuple(readings))
    except ToolError as unknown:
        if not re.search(r"\d", subject) and until is None and heard.hours is None:
            return None
        return Clarify(str(unknown), ())
    about = place.id if place.kind in ("work_centre", "asset") else place.name
    return [Supposition.model_validate({**given, "about": about})]


def _again(clause: _Clause, last: Supposition | None) -> list[Supposition] | None:
    """The same by another share, until another day or for another time; None where it says something else."""
    heard = clause.heard
    match = _AGAIN.match(heard.text)
    if last is None or match is None:
        return None
    values = last.model_dump()
    match last.kind:
        case "demand" | "price" if clause.shares:
            assert last.rise is not None
            down = bool(match.groupdict().get("down")) or (last.rise < 0 and not match.groupdict().get("up"))
            return [
                Supposition.model_validate({**values, "rise": share * (-1 if down and share > 0 else 1)})
                for share in clause.shares
                if share
            ]
        case "delivery_late" if heard.days is not None:
            return [Supposition.model_validate({**values, "days": heard.days})]
        case "machine_down" | "crew_absent" if heard.day is not None:
            return [Supposition.model_validate({**values, "until": heard.day, "hours": None})]
        case "machine_down" | "crew_absent" if heard.hours is not None:
            return [Supposition.model_validate({**values, "hours": heard.hours, "until": None})]
        case _:
            return None


def _before(past: Sequence[PastTurn]) -> WhatIf | None:
    """What the turn before supposed."""
    if not past:
        return None
    return next((one.arguments for one in past[-1].calls if isinstance(one.arguments, WhatIf)), None)


def _asked(
    suppositions: Sequence[Supposition], site: str | None, seconds: int | None, sites: Sequence[Site]
) -> Calls | Clarify:
    given: dict[str, object] = {"suppositions": tuple(suppositions), "site": site}
    if seconds is not None:
        given["seconds"] = min(seconds, MOST_SECONDS)
    try:
        args = WhatIf.model_validate(given)
    except ValidationError as error:
        return Clarify(str(error.errors(include_url=False)[0]["msg"]).removeprefix("Value error, "), ())
    if site is None and len(sites) > 1 and all(one.about is None for one in suppositions):
        readings = [
            Reading(
                (ToolCall(_NAME, args.model_copy(update={"site": each.site})),),
                f"{_words(args)} {said('at [[site]]', site=each.name)}",
                0.5,
            )
            for each in sites[:_OFFERED]
        ]
        known = ", ".join(f"{each.site} ({each.name})" for each in sites)
        return Clarify(
            said("at which site is that supposed? There are [[known]]", known=known), tuple(readings)
        )
    return Calls(Reading((ToolCall(_NAME, args),), _words(args), 1.0))


def _words(args: WhatIf) -> str:
    parts = []
    for one in args.suppositions:
        name = one.about or ""
        match one.kind:
            case "demand" if one.about is None:
                parts.append(said("demand [[change]]", change=changed(one)))
            case "demand":
                parts.append(said("demand for [[name]] [[change]]", name=name, change=changed(one)))
            case "price":
                parts.append(said("price of [[name]] [[change]]", name=name, change=changed(one)))
            case "delivery_late":
                parts.append(said("[[name]] delivers [[number]] days late", name=name, number=one.days))
            case "machine_down":
                parts.append(said("[[name]] stands still", name=name))
            case "crew_absent":
                parts.append(said("the people of [[name]] are not there", name=name))
    return said("What if: [[what]]", what="; ".join(parts))

"""How people ask for a draft, in four languages: the verbs, the documents, and what makes it a question."""

# ruff: noqa: E501
# Patterns of wordings are read as one line.

from __future__ import annotations

import re
from typing import Literal, TypeAlias

from rapidfuzz.distance import OSA

DraftKind: TypeAlias = Literal["requisition", "transfer", "hold", "moves", "redating", "cancellation"]

TOOL_OF: dict[DraftKind, str] = {
    "requisition": "draft_requisition",
    "transfer": "draft_transfer",
    "hold": "draft_hold",
    "moves": "draft_replanning",
    "redating": "draft_redating",
    "cancellation": "draft_cancellation",
}

_POLITE = re.compile(
    r"^(?:(?:please|pls|plz|kindly|hi|hello|hey|ok|okay|now|then|also|and|so|well|good morning|thanks|team|copilot|plantwright|"
    r"bitte|hallo|guten morgen|moin|und|dann|jetzt|mal|"
    r"por favor|hola|buenos días|y|ahora|s'il (?:te|vous) pla[iî]t|svp|bonjour|et|maintenant|"
    r"(?:can|could|would|will|may) (?:you|we|u|i)(?: please)?(?: help me(?: to)?)?|(?:i|we)(?:'d| would)? (?:like|want|need|have)(?: you)? to|i'd like(?: you)? to|let'?s|let us|go ahead and|"
    r"(?:kannst|könntest|koenntest|würdest|wuerdest) du(?: bitte| mir| mal)*|(?:können|könnten|koennen|würden) sie(?: bitte| mir)*|(?:ich|wir) (?:möchte|moechte|möchten|will|wollen|muss|müssen)|"
    r"(?:puedes|podrías|podrias|puede|podría)|(?:quiero|queremos|necesito|necesitamos)(?= (?:pedir|comprar|crear|encargar|bloquear|trasladar|transferir))|"
    r"(?:peux|pourrais)[- ]tu|(?:pouvez|pourriez)[- ]vous|(?:je voudrais|je veux|nous voulons|il faut))"
    r"[,:!. ]+)+",
    re.IGNORECASE,
)
_ASKED_POLITELY = re.compile(
    r"\b(?:can|could|would|will|may) (?:you|we|u|i)\b|\b(?:kannst|könntest|koenntest|würdest|wuerdest) du\b|\b(?:können|könnten|koennen|würden) sie\b|"
    r"\b(?:puedes|podrías|podrias|puede|podría)\b|\b(?:peux|pourrais)[- ]tu\b|\b(?:pouvez|pourriez)[- ]vous\b",
    re.IGNORECASE,
)
_INTERROGATIVE = re.compile(
    r"^(?:how|what|whats|what's|which|who|whom|whose|when|where|why|is|are|was|were|am|did|do|does|has|have|had|should|shall|may|might|must|"
    r"show|list|tell|find|give|count|compare|explain|"
    r"wie|was|welche\w*|wer|wem|wen|wann|wo|warum|wieso|weshalb|ist|sind|war|waren|hat|haben|hatte|gibt|soll\w*|darf|zeig\w*|liste\w*|nenne|vergleich\w*|"
    r"qué|que|cuál\w*|cual\w*|quién\w*|quien\w*|cuándo|cuando|cuánt\w*|cuant\w*|dónde|donde|cómo|como|por qué|hay|muestra\w*|"
    r"quel\w*|qui|quand|où|combien|comment|pourquoi|est-ce|y a-t-il|montre\w*|affiche\w*)\b",
    re.IGNORECASE,
)

_NUMBER = (
    r"(?:[-−]?\d[\d.,' ]*\w*|[-+−]?(?:nan|inf\w*|unendlich\w*|∞)|minus \w+|zero|no|null|cero|zéro|a|an|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|(?:a |one |two |three |four |five |six |seven |eight |nine )?(?:hundred|thousand|dozen)|"
    r"\w*(?:hundert|tausend|zwanzig|dreißig|vierzig|fünfzig|sechzig|siebzig|achtzig|neunzig)\w*|zwei|drei|vier|fünf|sechs|sieben|acht|neun|zehn|zwölf|cien|ciento|\w*cientos|quinientos|mil|veinte|cincuenta|cent|deux cents|trois cents|cinq cents|mille|vingt|cinquante)"
)
_MAKE = {
    "en": r"(?:re-?)?draft|create|raise|make|prepare|write|open|place|issue|submit|enter|start|set up|put in|put through|file|generate|draw up|do|release",
    "de": r"erstelle?n?|erzeuge?n?|entwirf|entwerfen|lege?n?|mache?n?|schreibe?n?|bereite?n?|stelle?n?|erfasse?n?|anlegen|vorbereiten",
    "es": r"crea|crear|haz|hacer|prepara|preparar|redacta|redactar|genera|generar|elabora|elaborar|emite|abre|levanta",
    "fr": r"crée|cree|créez|créer|creer|prépare|prepare|préparez|préparer|rédige|redige|rédigez|rédiger|fais|faites|établis|etablis|établissez|lance|lancez|ouvre",
}
_BETWEEN = r"(?:(?:a|an|the|another|one|me|us|up|new|draft|quick|urgent|purchase|purchasing|buying|procurement|stock|material|quality|inter-?site|inter-?plant|warehouse|"
_BETWEEN += r"eine?n?|mir|uns|bitte|neue?n?|dringende?|die|den|un|una|nueva?|la|el|nouvelle|nouveau|une|le|moi|nous|en|für mich|for me|of a|borrador de|de|projet de)[ -]+|d')*"
_DOCUMENT: dict[DraftKind, str] = {
    "requisition": r"requisition|req|pr|request to buy|request|purchase order|po|order|bestellanforderung|banf|bedarfsmeldung|bedarfsanforderung|bestellung|"
    r"solicitud de (?:pedido|compra)|requisición(?: de compra)?|requisicion|pedido|orden de compra|demande d['’ ]achat|commande|bon de commande",
    "transfer": r"stock transfer|transfer order|transfer|sto|stock move|umlagerung(?:sbestellung)?|lagertransfer|umbuchung|traslado|transferencia|transfert(?: de stock)?",
    "hold": r"quality hold|quality block|hold|block|quality lock|qualitätssperre|qualitaetssperre|sperre|sperrung|bloqueo(?: de calidad)?|retención|blocage(?: qualité)?|quarantaine",
}
_FORWARD: dict[DraftKind, str] = {
    "requisition": r"order|re-?order|buy|purchase|procure|requisition|request|get|"
    r"bestelle?n?|nachbestelle?n?|beschaffe?n?|kaufe?n?|ordere?|fordere|"
    r"pide|pedir|compra|comprar|encarga|encargar|solicita|solicitar|commande[rz]?|achète|achete|achetez|acheter",
    "transfer": r"transfer|move|ship|send|shift|relocate|verschiebe?n?|verschicke?n?|lagere|umlagern|überführe?n?|transferiere?n?|schicke?n?|sende?n?|versende?n?|"
    r"traslada|trasladar|transfiere|transferir|mueve|mover|envía|envia|enviar|transfère|transfere|transférez|transférer|déplace|deplace|déplacez|envoie|envoyez",
}
_HOLD = (
    r"(?:block|hold|quarantine|lock|freeze|sperre?n?|blockiere?n?|bloquea|bloquear|retén|retener|bloque|bloquez|bloquer)\s+(?!up\b)(?=.*(?:\b(?:batch|lot|charge|lote|stock|bestand|all|every|alle|todo\w*|tou\w*)\b|\d))"
    r"|(?:put|place|set)\b.{1,80}\b(?:on|in|under|into)\s+(?:a\s+)?(?:quality\s+)?(?:hold|block|quarantine)\b"
    r"|(?:mets|mettez|mettre)\b.{1,80}\ben quarantaine|(?:pon|poner)\b.{1,80}\ben cuarentena|(?:setze?n?|stelle?n?)\b.{1,80}\b(?:unter|in) (?:qualitätssperre|quarantäne)"
)
_LEAVES = r"(?!\s*(?:status|is|was|are|were|late|lines?|overdue|has|have|number|numbers|value|values|date|dates|quantit\w+|price|prices|cost|costs|history|days?|weeks?|months?|years?|hours?|percent|%|tage?n?|wochen?|monate?n?|jahre?n?|días?|dias?|semanas?|mes\w*|años?|jours?|semaines?|mois|ans?)\b)"

_MADE = {
    kind: re.compile(
        rf"^(?:(?:{'|'.join(_MAKE.values())})\s+(?:{_BETWEEN})(?:{noun})|(?:{_BETWEEN})(?:{noun})\s+(?:of|for|over|about|über|ueber|für|fuer|von|para|de|pour|d['’])\s+{_NUMBER}(?:\b|(?<=∞)){_LEAVES})(?![\w-])(?!\s+(?:report|list|overview|chart|history|status|count|numbers?|proposals?)\b)",
        re.IGNORECASE,
    )
    for kind, noun in _DOCUMENT.items()
}
_DONE = {
    kind: re.compile(
        rf"^(?:{verbs})\s+(?:me\s+|us\s+|another\s+|bitte\s+|mir\s+|uns\s+|noch\s+|weitere\s+)*{_NUMBER}(?:\b|(?<=∞)){_LEAVES}\s*\S",
        re.IGNORECASE,
    )
    for kind, verbs in _FORWARD.items()
}
_BY_RARITY: tuple[DraftKind, ...] = ("transfer", "hold", "requisition")
_VAGUE: dict[DraftKind, re.Pattern[str]] = {
    "requisition": re.compile(
        r"^(?:order|re-?order|buy|purchase|procure|bestelle?|beschaffe?|kaufe?|pide|compra|encarga|achète|achetez)\s+"
        r"(?:some|more|the|enough|additional|extra|genug|suficientes?|assez de|etwas|mehr|weitere|más|mas|plus de)\s+\S",
        re.IGNORECASE,
    ),
    "transfer": re.compile(
        r"^(?:transfer|move|ship|send)\s+(?:some|more|the|all)\s+\S.*\bfrom\b.+\bto\b", re.IGNORECASE
    ),
}
_GERMAN_LAST = re.compile(
    rf"^(?P<middle>(?:noch |weitere |mal )*{_NUMBER}(?:\b|(?<=∞)).*?)\s+(?P<verb>bestellen|nachbestellen|beschaffen|kaufen|anfordern|umlagern|verschieben|sperren)\b(?P<rest>.*)$",
    re.IGNORECASE,
)
_LAST_KIND: dict[str, DraftKind] = {"umlagern": "transfer", "verschieben": "transfer", "sperren": "hold"}
_HOLDING = re.compile(rf"^(?:{_HOLD})", re.IGNORECASE)
_SORTED = re.compile(
    r"^(?:order|sort|transfer|move|request|get|buy)\s+(?:the|these|those|them|it|all|top|by)?\s*(?:\d+\s+)?(?:list|table|results?|rows?|lines?|chart|answer|them|it|columns?)\b"
    r"|^(?:order|get|request)\b.*\bby\s+(?:the\s+)?(?:value|spend|quantity|amount|price|date|name|cost|volume|number|size|turnover|revenue|descending|ascending|month|supplier|site|material|category)\s*$",
    re.IGNORECASE,
)
_OPEN_ONES = re.compile(
    r"^open\s+(?:purchase order|order|po|pr|requisition|hold|transfer)(?:s\b|\b(?!\s*:?\s*\d))(?!\s+(?:for|of|over)\b)",
    re.IGNORECASE,
)
"""`Open PO value by supplier`, which asks for those that are open; `open PO 100 bearings` wants one."""
_NEVER = re.compile(
    r"\b(?:how many|how much|wie viele?|cuánt\w+|combien|what if|was wäre wenn|was passiert)\b", re.IGNORECASE
)


_SPELT = (
    "draft", "create", "prepare", "requisition", "purchase", "transfer", "quarantine", "erstelle", "bestelle",
    "bestellung", "bestellanforderung", "umlagerung", "solicitud", "requisición", "commande",
)  # fmt: skip
"""Words of the beginning that are recognised with a slip in them."""
_INFINITIVES = {"bestellen", "nachbestellen", "anfordern", "umlagern", "erstellen", "beschaffen"}
_BEGINNING = 5
_LONGEST = 600
"""Characters after which a text is no request to draft: nobody asks for one in a page."""
_LONG = 9


_SLIPS = {
    "ordr": "order",
    "odrer": "order",
    "oredr": "order",
    "orde": "order",
    "ordre": "order",
    "odre": "order",
}
_NEEDS = re.compile(
    r"^(?:(?:we|i)(?: also| still| urgently| really| will)? (?:need|require|could use)|(?:wir|ich) (?:brauchen?|benötigen?|benoetigen?)|"
    r"(?:necesito|necesitamos|nos hacen falta)|(?:il (?:nous|me) faut|nous avons besoin de|on a besoin de|j'ai besoin de))\s+"
    rf"(?:another |an additional |additional |about |noch |weitere |dringend |otros |otras |encore )*(?=\d[\d.,]*\b{_LEAVES}\s*\S)",
    re.IGNORECASE,
)
"""Says what is needed: no verb of ordering, and nothing else can be meant by it."""


def spelt(text: str) -> str:
    """The text with the words at its beginning spelt as they are meant, and a need as the order that it is."""
    text = _NEEDS.sub("order ", text)
    first, space, rest = text.partition(" ")
    words = f"{_SLIPS.get(first.casefold(), first)}{space}{rest}".split(" ")
    return " ".join([*map(_spelt, words[:_BEGINNING]), *words[_BEGINNING:]])


def _spelt(word: str) -> str:
    low = word.casefold()
    if len(low) < 4 or not low.isalpha() or low in _SPELT or low in _INFINITIVES:
        return word
    near = (
        one for one in _SPELT if not low.startswith(one) and OSA.distance(low, one) <= 1 + (len(one) >= _LONG)
    )
    return next((one for one in near if abs(len(one) - len(low)) < 3), word)


def plainly(text: str) -> str:
    """The sentence on one line, without what people say first out of politeness."""
    line = " ".join(text.replace("’", "'").split()).strip(' "“”„»«¿¡')
    return _POLITE.sub("", line)


_ASKED_BEHIND = re.compile(
    r":\s*(?:what|which|when|where|how many|how much|was|welche[rs]?|wann|wo|wie viele?|qué|cuál(?:es)?|cuándo"
    r"|cuánt[oa]s?|dónde|qu'est-ce|que|quels?|quelles?|quand|où|combien)\b[^?]*\?",
    re.IGNORECASE,
)
"""`Order 4001: what has come already?` names what it asks about first."""


def is_question(text: str) -> bool:
    """True for what asks for an answer and not for a deed."""
    plain = plainly(text)
    if (
        _OPEN_ONES.match(plain)
        or _INTERROGATIVE.match(plain)
        or _NEVER.search(plain)
        or _ASKED_BEHIND.search(plain)
    ):
        return True
    return text.rstrip().endswith("?") and not _ASKED_POLITELY.search(text)


def asked_kind(text: str) -> DraftKind | None:
    """The kind of draft that a sentence asks for; None where it asks for none."""
    if len(text) > _LONGEST or is_question(text):
        return None
    plain = spelt(plainly(text))
    if _SORTED.match(plain):
        return None
    for kind in _BY_RARITY:
        if _MADE[kind].search(plain):
            return kind
    if _HOLDING.search(plain):
        return "hold"
    for kind in _VAGUE:
        if _DONE[kind].search(plain) or _VAGUE[kind].search(plain):
            return kind
    last = _GERMAN_LAST.match(plain)
    return _LAST_KIND.get(last["verb"].lower(), "requisition") if last else None


def without_the_verb(text: str, kind: DraftKind) -> str:
    """What is left when the words that ask for a draft are taken away."""
    plain = spelt(plainly(text))
    found = _MADE[kind].search(plain)
    if found is not None:
        noun = re.search(rf"(?:{_DOCUMENT[kind]})(?![\w-])", plain, re.IGNORECASE)
        at = noun.end() if noun is not None else found.end()
        return plain[at:]
    verb = re.match(r"^(?:set up|put in|put|place|set|[^\s]+)\s+", plain)
    last = _GERMAN_LAST.match(plain)
    if last is not None:
        return f"{last['middle']} {last['rest']}"
    return plain[verb.end() :] if verb else plain

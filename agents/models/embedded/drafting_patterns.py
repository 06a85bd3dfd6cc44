"""Wordings of the parts of a request to draft, in four languages: sources, places, reasons and changes."""

# ruff: noqa: E501
# Patterns of wordings are read as one line.

from __future__ import annotations

import re

from tools.drafting.units import UNIT_WORDS

REASON = re.compile(
    r"[,;]?\s*\b(?:(?=to (?:cover|fill up|restock|replace|repair) )to|because(?: of)?|reason(?: is)?:?|due to|in order to|weil|wegen|aufgrund|grund:?|damit|porque|debido a|motivo:?|"
    r"parce que|parce qu'|car|à cause d(?:e|u|es)|motif:?|raison:?)(?:\b|(?<=[':]))\s*(?P<reason>[^|]+)$|:\s+(?P<after>[^\W\d_][^|]{4,})$",
    re.IGNORECASE,
)
CENTRE = re.compile(
    r"(?:\b(?:on|to|for|auf|für|a|al|au|sur)\s+)?\b(?:cost cent(?:re|er)|kostenstelle|centro de coste?s?|centre de coûts?)\s+(?P<centre>\w[\w.-]*)",
    re.IGNORECASE,
)
SPLIT = re.compile(
    r"\b(?:(?:and|und|y|et)\s+)?(?:split|divide|spread|share|verteile?n?|teile?n?|reparte|repartir|divide|répartis|répartissez|répartir|"
    r"divided|verteilt|aufgeteilt|repartid[oa]s?|dividid[oa]s?|réparti\w*|partagée?s?)\s+"
    r"(?:it\s+|them\s+|that\s+|this\s+|es\s+|das\s+|sie\s+|lo\s+|-?le\s+)?"
    r"(?:over|across|among|between|auf|über|entre|sur)\s+"
    r"(?:(?:the|its|several|more|multiple|two|three|different|all|mehrere|verschiedene|zwei|drei|die|alle|varios|los|dos|tres|todos|plusieurs|les|deux|trois|tous)\s+)*"
    r"(?:suppliers|vendors|sources|lieferanten|quellen|proveedores|fournisseurs)(?:\s+(?:auf|verteilen|aufteilen))?\b",
    re.IGNORECASE,
)
"""That a need is to be met by several suppliers."""
CURRENCY = re.compile(
    r"\b(?:in|zu|en|à|at|for|für|max(?:imum)?|höchstens|at most|up to)\s+(?:\d[\d.,]*\s*)?(?P<currency>USD|EUR|GBP|CHF|MXN|CAD|PLN|CZK|JPY|CNY|SEK|"
    r"(?:us[- ]|canadian )?dollars?|euros?|pounds sterling|francs?|pesos|zloty|yen)\b(?:\s+each|\s+je stück)?"
    r"|(?P<sign>[$€£])\s?\d[\d.,]*(?:\s*each)?",
    re.IGNORECASE,
)
SIGNS = {"$": "USD", "€": "EUR", "£": "GBP"}
SUPPLIER = re.compile(
    r"\b(?:(?:from|by|with|at|bei|von|vom|beim|de|del|a|à|chez|auprès de|al)\s+)?(?:(?:the\s+)?(?:supplier|vendor)|lieferant(?:en)?|proveedor|fournisseur)\s+(?P<supplier>[^|,;]+?)"
    r"(?=\s*(?:$|[|,;.]|\s(?:for|by|to|at|until|für|bis|nach|para|antes|pour|avant)\s))",
    re.IGNORECASE,
)
FROM = re.compile(
    r"\b(?:from|bei|beim|von|vom|de chez|chez|auprès de|del proveedor|via)\s+(?P<supplier>[^|,;]+?)"
    r"(?=\s*(?:$|[|,;]|\.$|\s(?:for|by|to|at|until|für|bis|nach|para|pour)\s))",
    re.IGNORECASE,
)
BATCH = re.compile(
    r"\b(?:batch|chargennummer|charge|lote|lot)\b\s*(?:number|no\.?|nr\.?|n[o°])?\s*[:#]?\s*(?P<batch>[A-Za-z0-9][\w./-]*)",
    re.IGNORECASE,
)
LOCATION = re.compile(
    r"\b(?:in|at|im|am|en|dans)\s+(?:the\s+)?(?:storage\s+)?(?:location|lagerort|almacén|ubicación|emplacement|magasin)\s+(?P<location>[\w-]+)",
    re.IGNORECASE,
)
OF = re.compile(
    r"^\s*(?:x|×|\*)?\s*(?:(?:of|von|vom|de|des|du|d'|a|an|the|units? of|more|some|additional|extra|etwas|mehr|weitere[nrs]?|noch|material|materials|part|parts|item|teil|artikel|pieza|pièce|número|number|nr\.?|no\.?)\b\s*|\|\s*)*",
    re.IGNORECASE,
)
PLACE = r"for|at|in|to|into|für|in|im|nach|bei|an|para|en|a|pour|à|au|chez|vers|hacia"
LEFT_OVER = re.compile(
    r"^(?:\W|\b(?:über|ueber|sobre|sur|for|of|at|in|to|by|on|the|a|an|x|from|please|pls|site|plant|with|and|it|them|these|some|more|put|place|set|hold|block|quality|quarantine|"
    r"für|von|nach|bis|am|im|bei|das|die|der|den|dem|ein|eine|bitte|werk|standort|und|"
    r"para|de|en|el|la|los|las|por|favor|planta|y|pour|le|les|du|des|d|l|à|au|usine|site|et|s'il|vous|plaît|asap|urgently|thanks|thank|thx|cheers|you|danke|gracias|merci|mehr|enough|genug|weitere[nrs]?|otr[ao]s|als|as|"
    r"um|ab|an|delivery|needed|under|into|all|every|everything|stock|bestand|unter|sous)\b)*$",
    re.IGNORECASE,
)
_UNIT = rf"(?:{'|'.join(map(re.escape, sorted(UNIT_WORDS, key=len, reverse=True)))})\b\.?\s"
BESIDE = re.compile(
    rf"(?P<amount>\d[\d.,]*+\s*+(?:{_UNIT}|(?!{_UNIT}))\s*(?:(?:of|von|de)\s+)?)"
    r"(?:(?!(?:not|no|but|except|any|anything|all|like|similar|other|replacement|instead|nicht|kein\w*|außer|alle\w*|ähnlich\w*|sin|menos|todo\w*|sauf|sans|tou\w*|for|für|para|pour|from|to|by|with|without|and|or|of|von|de)\b)[^\W\d_]{3,}[ -]+){1,3}$",
    re.IGNORECASE,
)
"""`200 Stück Kugellager BR-6204`: what the number is of, said beside the number."""
CHANGE = re.compile(
    r"^(?:no|nope|oh|wait|actually|sorry|ok|okay|yes|yeah|please|and|but|hmm|nein|doch|ja|bitte|lieber|moment|no,? mejor|mejor|sí|si|non|oui|plutôt|"
    r"make (?:it|that|this)|make the (?:quantity|date|site)|change (?:it|that|this)(?: to)?|(?:change|set|move|shift|correct|update) (?:the )?(?:quantity|qty|amount|date|day|need date|site|plant|supplier|unit)(?: to)?|"
    r"take|only|just|rather|instead|it should be|should be|i meant|i mean|use|buy it|order it|get it|same but|same again but|"
    r"mach(?:e|en)?(?: sie)?(?: daraus| es)?|ändere?(?: es| das| die menge| das datum| den termin)?(?: auf| in)?|setze?(?: die menge| das datum)?(?: auf)?|nimm|nur|statt ?dessen|"
    r"hazlo|haz que sean|que sean|cambia(?:lo| la cantidad| la fecha)?(?: a)?|pon|mets|mettez|change[rz]?(?: la quantité| la date)?(?: en| à| pour)?|fais-en|plutôt)[ ,.:;]+",
    re.IGNORECASE,
)
FILLER = re.compile(
    r"\b(?:instead|rather|then|please|pls|only|just|though|thanks|units?|is enough|will do|would be fine|is fine|daraus|draus|stattdessen|statt dessen|bitte|reicht|reichen|genügt|"
    r"en su lugar|en vez|por favor|mejor|à la place|plutôt|s'il (?:te|vous) plaît|svp|it|that|the|to|on|of|them|for|at|by|in|from|and|auf|der|die|das|es|den|für|von|bei|"
    r"am|bis|zum|in|la|le|el|de|para|pour|à|a|un|une|ein|eine|date|day|quantity|supplier|site|plant|machen|nehmen)\b|[\W_]+",
    re.IGNORECASE,
)

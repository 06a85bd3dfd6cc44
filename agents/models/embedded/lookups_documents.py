"""Questions about what is laid down in writing: what a procedure says, who may approve, where it is written.

They are told by how they ask, not by what about; so these rules serve every language that documents are
written in, and the question as a whole is what is searched for.
"""

# ruff: noqa: E501
# Patterns of wordings are read as one line.

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from agents.models.embedded.lookups_frame import Proposal, site_in
from agents.models.embedded.lookups_names import sentence
from agents.models.embedded.lookups_patterns import stem_bag
from agents.models.embedded.lookups_sentence import Sentence
from agents.models.embedded.masterdata import MasterData
from agents.models.embedded.text import tokenise, typed
from agents.models.protocol import Reading, ToolCall
from tools.documents_ranking import FindInDocuments
from tools.languages import said

TOOL = "find_in_documents"
_LONGEST = 200
_SURE = 0.97

_PAPERS = {
    "en": r"procedures?|polic(?:y|ies)|(?:\w+ )?contracts?|agreements?|guidelines?|work instructions?|sops?|handbook|"
    r"manual|regulations?|directives?|documents?|terms and conditions|attachments?|attached (?:files?|notes?)",
    "de": r"\w*anweisung(?:en)?|\w*richtlinien?|\w*verträgen|\w*vertr[aä]ge?s?|\w*vereinbarung(?:en)?|\w*handbuch|"
    r"vorschrift(?:en)?|\w*dokumenten?|\w*regelung(?:en)?|\w*anh[aä]nge?n?",
    "es": r"procedimientos?|políticas?|contratos?(?: marco)?|acuerdos?|instructivos?|documentos?|(?:archivos? )?adjuntos?",
    "fr": r"procédures?|politiques?|contrats?(?:[- ]cadre)?|accords?|directives?|consignes?|documents?|pièces? jointes?",
    "it": r"procedur[ae]|contratt[oi](?: quadro)?|politic(?:a|he)|istruzion[ei]|accord[oi]|documenti|allegat[oi]",
    "pl": r"procedur\w*|umow\w*|regulamin\w*|instrukcj\w*|polityk\w*|dokument\w*|załącznik\w*",
    "cs": r"směrnic\w*|smlouv\w*|dohod\w*|předpis\w*|pokyn\w*|dokument\w*|příloh\w*",
}
_ASKING = {
    "en": (
        r"what (?:does|do|did) (?:\S+ ){0,6}?(?:{papers}) (?:\S+ ){0,8}?"
        r"(?:say|state|require|specify|prescribe|provide|cover|mention|stipulate|contain)\b",
        r"what (?:is|are|was|has been) (?:\S+ ){0,3}?(?:written|stated|laid down|agreed|specified|regulated) (?:\S+ ){0,6}?"
        r"(?:in|by) (?:\S+ ){0,3}?(?:{papers})\b",
        r"^(?!how long).*\b(?:according to|as per) (?:the|our|this|that|their|company|group) (?:\S+ ){0,3}?"
        r"(?:{papers})\b",
        r"where (?:is|does|do|can i) (?:\S+ ){0,4}?(?:written|laid down|documented|regulated|read|say|stated)\b",
        r"\b(?:is there|do we have) (?:a|an|any) (?:\S+ ){0,3}?(?:procedure|policy|guideline|rule|instruction|regulation)"
        r"s? (?:for|on|about|regarding|that|to|when)\b",
        r"what(?:'s| is| are) (?:the|our) (?:\S+ ){0,3}?(?:procedures?|polic(?:y|ies)|rules?|guidelines?) "
        r"(?:for|on|about|regarding|when|if|in case)\b",
        r"\bwho (?:may|can|must|should|has to|is allowed to|is authori[sz]ed to|needs to) "
        r"(?:approve|release|authori[sz]e|sign|decide|unblock|block|waive|change|scrap|grant)\b",
        r"\bsearch (?:in |through )?(?:the|our) (?:documents|procedures|policies|contracts)\b",
    ),
    "de": (
        r"was (?:steht|sagt|sagen|regelt|regeln|gilt|besagt|schreibt|verlangt|fordert|legt|bestimmt) (?:\S+ ){0,8}?"
        r"(?:{papers})\b",
        r"was (?:ist|wurde) (?:\S+ ){0,4}?(?:{papers}) (?:\S+ ){0,6}?(?:geregelt|vereinbart|festgelegt|vorgeschrieben)",
        r"\b(?:laut|gemäß|gemaess|entsprechend) (?:\S+ ){0,3}?(?:{papers})\b",
        r"\bnach (?:der|dem|den|unserer|unserem|welcher) (?:\S+ )?(?:{papers})\b",
        r"wo (?:steht|ist|wird) (?:\S+ ){0,8}?(?:geschrieben|geregelt|festgelegt|dokumentiert|nachlesen)\b",
        r"^wo steht,? (?:geschrieben|dass|das|wie|wer|wann)\b",
        r"\bgibt es (?:ein|eine|einen|irgendeine) (?:\S+ ){0,2}?(?:{papers}|regel) ",
        r"\bwie (?:ist|sind|wird) (?:\S+ ){1,8}?geregelt\b",
        r"\bwer (?:darf|muss|kann|soll) (?:\S+ ){1,8}?(?:freigeben|genehmigen|entscheiden|unterschreiben|zustimmen|"
        r"sperren|entsperren|bewilligen|verschrotten|ändern|wechseln)\b",
    ),
    "es": (
        r"qué (?:dice|dicen|establece|indica|exige|prevé) (?:\S+ ){0,5}?(?:{papers})\b",
        r"\b(?:según|conforme a|de acuerdo con) (?:el|la|los|las|nuestro|nuestra) (?:\S+ ){0,2}?(?:{papers})\b",
        r"dónde (?:está|dice|se dice) (?:\S+ ){0,2}?(?:escrito|regulado|establecido|que)",
        r"\bquién (?:puede|debe|tiene que) (?:aprobar|liberar|autorizar|firmar|decidir|bloquear|desbloquear)\b",
    ),
    "fr": (
        r"que (?:dit|disent|prévoit|prévoient|exige|stipule) (?:\S+ ){0,5}?(?:{papers})\b",
        r"\b(?:selon|conformément à) (?:le|la|les|notre|nos) (?:\S+ ){0,2}?(?:{papers})\b",
        r"où (?:est|est-il|est-ce) (?:\S+ ){0,3}?(?:écrit|prévu|réglé|stipulé)",
        r"\bqui (?:peut|doit|a le droit d)\W?(?:e )?(?:approuver|débloquer|autoriser|signer|décider|libérer|bloquer)\b",
    ),
    "it": (
        r"(?:che )?cosa (?:dice|dicono|prevede|stabilisce|richiede) (?:\S+ ){0,5}?(?:{papers})\b",
        r"\bsecondo (?:il|la|le|gli|i|lo|l'|la nostra|il nostro) ?(?:\S+ ){0,2}?(?:{papers})\b",
        r"dove (?:è|sta) scritto",
        r"\bchi (?:può|deve) (?:approvare|sbloccare|autorizzare|firmare|decidere|bloccare)\b",
    ),
    "pl": (
        r"co (?:mówi|mówią|stanowi|przewiduje) (?:\S+ ){0,5}?(?:{papers})",
        r"\b(?:zgodnie z|według) (?:\S+ ){0,3}?(?:{papers})",
        r"gdzie (?:jest|to) (?:\S+ ){0,2}?(?:napisane|zapisane)",
        r"\bkto (?:może|musi|zatwierdza) (?:zatwierdzić|zwolnić|odblokować|podpisać|\w+)\b",
    ),
    "cs": (
        r"co (?:říká|říkají|stanoví|předepisuje) (?:\S+ ){0,5}?(?:{papers})",
        r"\bpodle (?:\S+ ){0,3}?(?:{papers})",
        r"kde (?:je|to) (?:\S+ ){0,2}?(?:psáno|napsáno|stanoveno)",
        r"\bkdo (?:smí|může|musí|schvaluje) \w+",
    ),
}
_PATTERNS = tuple(
    re.compile(text.replace("{papers}", _PAPERS[spoken]))
    for spoken, texts in _ASKING.items()
    for text in texts
)
_FIGURES = re.compile(
    r"^(?:how many|how much|list |total |average |top |compare |count |sum |wie viele? |wieviele? |"
    r"cuánt[oa]s? |combien |quant[oi] )"
)
"""How a figure is asked for, which a contract or policy in the question only narrows."""
_NUMBERED = re.compile(
    rf"\b(?:{'|'.join(_PAPERS.values())}) (?:no\.? |nr\.? |number )?[a-z]{{0,4}}-?\d{{4,}}\b"
)
"""A contract with its number is a record of the ERP."""


_AGREED = re.compile(
    r"\b(?:pay|paid|paying|price paid|zahlen|zahlt\w*|bezahl\w*|pagamos|pagado|payons|pay[ée])\b.*"
    r"\b(?:contracts?|agreements?|\w*vertrag|\w*kontrakt|contrato|contrat)\b"
)
"""What is paid, beside what was agreed: `what did we pay last time, and what does the contract say?`"""
_CLAUSES = re.compile(
    r"\b(?:increas\w*|adjust\w*|chang\w*|clauses?|review\w*|escalat\w*|index\w*|revis\w*|terms?|penalt\w*|late|delay\w*|"
    r"invoices?|\w*anpass\w*|\w*gleit\w*|erh[öo]h\w*|\w*klausel\w*|[äa]nder\w*|versp[äa]t\w*|ajust\w*|r[ée]vis\w*|aument\w*|hausse)\b"
)


def _agreed_figure(plain: str) -> bool:
    """True for a contract's price, which its record has; its clauses stand in the document."""
    return _AGREED.search(plain) is not None and _CLAUSES.search(plain) is None


def asks_documents(question: str) -> bool:
    """True where a question asks what stands in a document."""
    plain = " ".join(question.lower().replace("’", "'").split()).strip('¿?¡!. „“"')
    if _FIGURES.match(plain) or _NUMBERED.search(plain) or _agreed_figure(plain):
        return False
    return any(pattern.search(plain) for pattern in _PATTERNS)


def document_reading(question: str, data: MasterData) -> Reading | None:
    """The search that a question about documents asks for, at the site that it names; None for others."""
    if not asks_documents(question):
        return None
    said_of = sentence(tokenise(question), (), data, ("site",))
    call = ToolCall(TOOL, FindInDocuments(question=_cut(question), site=site_in(said_of)))
    return Reading((call,), said("Passages about “[[question]]”", question=_cut(question)), _SURE)


def _cut(question: str) -> str:
    text = " ".join(question.split())
    return text if len(text) <= _LONGEST else text[:_LONGEST].rpartition(" ")[0] or text[:_LONGEST]


class Documents:
    """The same among the look-ups: the whole question is its argument, so nothing of it is left over."""

    tools = (TOOL,)
    vocabulary = stem_bag("procedure policy contract agreement guideline instruction written say according")

    def fits(self, sentence: Sentence) -> bool:
        """See `Frame.fits`."""
        return bool(sentence.tokens)

    def strength(self, sentence: Sentence) -> float:
        """See `Frame.strength`."""
        return _SURE if asks_documents(typed(sentence.tokens)) else 0.0

    def proposals(self, sentence: Sentence, strength: float) -> Iterable[Proposal]:
        """See `Frame.proposals`."""
        question = _cut(typed(sentence.tokens))
        words = frozenset(item.word for item in sentence.items if item.kind == "word")
        slots = tuple(item for item in sentence.items if item.kind != "word")
        arguments = FindInDocuments(question=question, site=site_in(sentence))
        yield Proposal(TOOL, arguments, f"Passages about “{question}”", strength, slots, words)


DOCUMENT_FRAMES: Sequence[Documents] = (Documents(),)

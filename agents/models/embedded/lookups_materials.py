"""Look-ups of one thing: where a material lies, its outlook, its card, and things by name."""

from __future__ import annotations

from collections.abc import Iterable

from agents.models.embedded.lookups_frame import Cues, Frame, Proposal, site_in, used
from agents.models.embedded.lookups_names import as_typed
from agents.models.embedded.lookups_patterns import stem_bag
from agents.models.embedded.lookups_sentence import Item, Sentence
from tools.inventory import StockAndRequirements
from tools.master_data import FindMaterial, FindSupplier
from tools.materials import MaterialCard

_PLACES = "location|place|shelf|shelves|bin|warehouse|storage|rack|aisle|area|spot|room"
_FIGURES = (
    "scrap|order|orders|bought|sold|reject|rejected|received|cost|price|value|worth|average|turnover|oldest|"
    "old|safety|reorder|below|above|"
    "under|over|purchase_order|work_order|spend",
)


class Placed:
    """Where a material lies, and how much of it in each place."""

    tools = ("material_card",)
    _cues = Cues(
        (
            0.96,
            "where & stored|kept|stocked|located|lying|lie|lies|placed|find|found|stand|sit|sits|be|"
            "store|keep|hold|put|warehouse & M",
        ),
        (0.95, "where .. M$"),
        (0.95, "where .. M .. and how"),
        (0.95, f"what|which .. {_PLACES} & M"),
        (0.95, f"{{stock}}|quantity|pieces & by|per|each|every .. {_PLACES} & M"),
        (0.94, f"{_PLACES} .. of|for M"),
        (0.93, f"M {_PLACES}"),
        (0.92, f"M .. by|per {_PLACES}"),
        words="stock stored kept quantity location shelf bin storage place each by per in how many much are "
        "there and what lie units pieces"
        " number with hold have we hand on spot do which warehouse inventory all them it every plant "
        "factory find",
    )
    vocabulary = _cues.vocabulary

    def fits(self, sentence: Sentence) -> bool:
        """See `Frame.fits`."""
        return len(sentence.of("M")) == 1 and sentence.quantity(sentence.of("M")[0]) is None

    def strength(self, sentence: Sentence) -> float:
        """See `Frame.strength`."""
        if sentence.said(
            *_FIGURES,
            "where ... used|use|go|goes|buy|get|come|from|made|purchase|source|order|need|consume",
            "how many|much {can}|can",
        ):
            return 0.0
        return self._cues.strength(sentence)

    def proposals(self, sentence: Sentence, strength: float) -> Iterable[Proposal]:
        """See `Frame.proposals`."""
        yield _card(sentence, strength, self.vocabulary)


class Card:
    """A material at a glance."""

    tools = ("material_card",)
    _cues = Cues(
        (0.97, "tell|know|learn|hear|read .. about M"),
        (0.97, "material|part|product|item card|master|record|sheet|passport|data_sheet & M"),
        (
            0.96,
            "M .. card|data_sheet|datasheet|master_data|fact_sheet|profile|details|overview|summary|"
            "information|info",
        ),
        (
            0.96,
            "detail|details|information|info|overview|summary|facts|profile|data|master_data|card|"
            "fact_sheet|particulars|specs|"
            "specification .. of|on|about|for|regarding M",
        ),
        (0.96, "what|everything|all .. know|have|recorded|maintained|stored|see .. about|on|for|regarding M"),
        (0.95, "look|looking up|at M"),
        (0.94, "describe|show|display|open|view|lookup|give me? M$"),
        (0.94, "what|who is|are? M$"),
        (0.94, "^ M$"),
        (0.94, "everything|all|anything about|on M"),
        (0.93, "information|info|details M"),
        words="tell me about more show display give details detail information info look up material part "
        "product item card record master"
        " data everything all what do we know of on the can could you have short some quick please need "
        "want see sheet overview summary"
        " full basic general open find key main",
    )
    vocabulary = _cues.vocabulary

    def fits(self, sentence: Sentence) -> bool:
        """See `Frame.fits`."""
        return (
            len(sentence.of("M")) == 1
            and not sentence.of("S")
            and sentence.quantity(sentence.of("M")[0]) is None
        )

    def strength(self, sentence: Sentence) -> float:
        """See `Frame.strength`."""
        return 0.0 if sentence.said(*_FIGURES) else self._cues.strength(sentence)

    def proposals(self, sentence: Sentence, strength: float) -> Iterable[Proposal]:
        """See `Frame.proposals`."""
        yield _card(sentence, strength, self.vocabulary)


def _card(sentence: Sentence, strength: float, vocabulary: frozenset[str]) -> Proposal:
    material = sentence.of("M")[0]
    arguments = MaterialCard(material=material.word, site=site_in(sentence))
    words = f"Master data, stock, suppliers and open orders of {material.word}"
    return Proposal("material_card", arguments, words, strength, (material,), vocabulary)


class Outlook:
    """How much of a material there is, what will come and go, and when it runs short."""

    tools = ("stock_and_requirements",)
    _cues = Cues(
        (0.97, "{stock}|supply & requirement|requirements|demand|demands|needs|receipts & M"),
        (0.97, "md04|requirement_list|stock_requirement_list|stock_requirements & M"),
        (
            0.95,
            "when & run|runs|running|short|available|out|back|arrive|arriving|come|coming|expect|expected|"
            "replenish|zero|shortage|get_in|"
            "receive|get|next & M",
        ),
        (0.94, "availability|outlook|coverage|projection|atp|available_to_promise & M"),
        (0.94, "on order|the_way|route & M"),
        (
            0.94,
            "incoming|open|expected|planned|upcoming|future|scheduled|next|expect receipt|receipts|"
            "requirement|requirements|demand|supply|"
            "deliveries|delivery|arrival|arrivals & M",
        ),
        (
            0.93,
            "receipts|requirements|deliveries|demand|delivery & expected|open|planned|coming|due|next & M",
        ),
        (0.93, "receipts|requirements .. of|for M"),
        (
            0.93,
            "cover|enough|suffice|sufficient|last|lasts & {stock}|demand|need|requirement|requirements & M",
        ),
        (0.93, "is|are|do|does|will .. M ... cover|enough|suffice|sufficient|last"),
        (0.92, "enough|sufficient M"),
        (0.93, "will|do|does|going .. run|runs short|out & M"),
        (0.93, "M .. run|runs short|out"),
        (0.92, "how long .. M .. last|reach|cover|suffice"),
        (0.92, "how long .. {stock} & M"),
        words="stock requirement requirements receipts when will does do we is are on order run short out "
        "available again next for what how"
        " much more coming in enough cover needed need demand supply back days day week weeks list current "
        "situation have get going be due"
        " dates date incoming open expected planned of and with hand there until anything something any "
        "delivery",
    )
    _on_hand = Cues(
        (0.92, "how many|much M ... have|has|got|there|left|in|on|available|lie|stock|hold|own|is|are"),
        (0.92, "how many|much M .. {stock}"),
        (0.92, "{stock} .. of|for M"),
        (0.9, "^ {stock} M$"),
        (0.9, "M stock|inventory|on_hand$"),
        (0.92, "stock|inventory level|quantity|balance|situation|position & M"),
        (0.9, "quantity on hand & M"),
        (0.92, "on|in {stock} & M & have|has|how_many|quantity|still|any|is|are|what|which"),
        (0.9, "M in|on stock|hand"),
        (0.92, "have|got|any .. M .. left|in_stock|on_hand|warehouse|there|available"),
        words="how many much do we have in stock on hand available left there got are is quantity total "
        "altogether units pieces of"
        " currently warehouse inventory level what any all locations over still shelf the current",
    )
    vocabulary = _cues.vocabulary | _on_hand.vocabulary
    _units = (("day", 1), ("week", 7), ("month", 30))

    def fits(self, sentence: Sentence) -> bool:
        """See `Frame.fits`."""
        return (
            len(sentence.of("M")) == 1
            and not sentence.of("S")
            and sentence.quantity(sentence.of("M")[0]) is None
        )

    def strength(self, sentence: Sentence) -> float:
        """See `Frame.strength`."""
        made = sentence.said(
            "build|make|made|assemble|produce|bought|sold|scrapped|received",
            "{vendor} .. when",
            "work_order|purchase_order",
        )
        if made or sentence.said("{part} & {short}", "supplier|vendor", "how long .. get"):
            return 0.0
        on_hand = (
            0.0
            if sentence.said(*_FIGURES, "in|at|by|per location|place|shelf|shelves|bin|rack|area|spot|room")
            else self._on_hand.strength(sentence)
        )
        return max(on_hand, self._cues.strength(sentence))

    def proposals(self, sentence: Sentence, strength: float) -> Iterable[Proposal]:
        """See `Frame.proposals`."""
        material = sentence.of("M")[0]
        days, slots = self._horizon(sentence)
        arguments = StockAndRequirements(material=material.word, horizon_days=days, site=site_in(sentence))
        until = f", within {days} days" if days is not None else ""
        words = f"Stock, receipts and requirements of {material.word}{until}"
        vocabulary = self.vocabulary | (
            stem_bag("next coming following within days weeks months") if slots else frozenset()
        )
        yield Proposal(
            "stock_and_requirements", arguments, words, strength, used(material, *slots), vocabulary
        )

    def _horizon(self, sentence: Sentence) -> tuple[int | None, tuple[Item, ...]]:
        for unit, days in self._units:
            slots = sentence.slots(f"next|coming|following|within|in N {unit}")
            if slots and slots[0].number:
                return min(3650, int(slots[0].number * days)), slots
        return None, ()


class FindByName:
    """Materials or suppliers that are called something."""

    tools = ("find_material", "find_supplier")
    _naming = (
        "called|named|like|containing|contain|contains|with_name|similar_to|something|whose_name|"
        "spelled|sounds|sound"
    )
    _material = Cues(
        (0.97, f"find|search|locate|lookup|look|looking & {{part}} .. {_naming} .. M?"),
        (0.96, f"what|which|list|show|any|all|do|is|are & {{part}} .. {_naming}"),
        (0.95, "{part} & with|have|has .. in .. name|names|description"),
        (0.95, "search|find .. for? {part}"),
        (0.94, "find|search|locate .. M$"),
        (0.95, "number|id|code|item_number|part_number|material_number|product_number .. of|for .. M$"),
        (0.95, "what|which .. number|id|code|item_number|part_number|material_number|product_number .. M"),
        (0.93, "what .. M .. number|id|code$"),
        words="find search for material part product item called named name like containing something "
        "similar to which what is are there do we"
        " have any list show id number code look up in whose with word text starting spelled sound of the "
        "by where description",
    )
    _supplier = Cues(
        (0.95, "find|search|locate|lookup|look & supplier|vendor"),
        (0.96, f"what|which|list|show|any|all|do|is|are & supplier|vendor & {_naming}"),
        (0.95, "supplier|vendor .. called|named|containing|whose_name"),
        (0.94, "tell|know .. about S"),
        (0.93, "details|detail|information|info|overview|data|record .. of|on|about|for S"),
        (0.92, "^ S$"),
        (0.94, "number|id|code|account_number|vendor_number .. of|for .. S$"),
        (0.94, "what|which .. number|id|code|account_number|vendor_number .. S"),
        (0.92, "credit rating|status & S"),
        (0.92, "is|are S .. active|preferred|inactive|approved"),
        words="find search for supplier suppliers vendor vendors called named name like containing "
        "something similar which what is are there do"
        " we have any list show id number code account tell me about more details information know credit "
        "rating preferred active look up"
        " please of or still has",
    )
    vocabulary = _material.vocabulary | _supplier.vocabulary

    def fits(self, sentence: Sentence) -> bool:
        """See `Frame.fits`."""
        return len(sentence.of("M")) + len(sentence.of("S")) <= 1

    def strength(self, sentence: Sentence) -> float:
        """See `Frame.strength`."""
        if sentence.of("M") and sentence.said("contain|contained|containing|contains"):
            return 0.0
        found = max(self._material.strength(sentence), self._supplier.strength(sentence))
        return found if found and self._text(sentence) else 0.0

    def proposals(self, sentence: Sentence, strength: float) -> Iterable[Proposal]:
        """See `Frame.proposals`."""
        text, slots = self._text(sentence), (*sentence.of("M"), *sentence.of("S"))
        if not text:
            return
        own = stem_bag(text)
        sought = self._supplier.strength(sentence)
        if sentence.of("S") or (
            sought and not sentence.of("M") and sought >= self._material.strength(sentence)
        ):
            search = FindSupplier(text=text, site=site_in(sentence))
            vocabulary = self._supplier.vocabulary | own
            yield Proposal("find_supplier", search, f"Suppliers like {text!r}", strength, slots, vocabulary)
            return
        arguments = FindMaterial(text=text, site=site_in(sentence))
        yield Proposal(
            "find_material",
            arguments,
            f"Materials like {text!r}",
            strength,
            slots,
            self._material.vocabulary | own,
        )

    def _text(self, sentence: Sentence) -> str:
        """What to search for: a name, a quotation, or the words after `called` and the like."""
        named = (*sentence.of("M"), *sentence.of("S"))
        if named:
            return named[0].word
        tokens = sentence.tokens
        quoted = [i for i, token in enumerate(tokens) if token.quoted]
        if quoted:
            return as_typed(tokens, quoted[0], quoted[-1] + 1)
        last = max((i for i, token in enumerate(tokens) if token.norm in _INTRODUCING), default=-1)
        first = last + 1
        while first < len(tokens) and tokens[first].norm in (
            "the",
            "a",
            "an",
            "word",
            "to",
            "something",
            "like",
        ):
            first += 1
        after = next(
            (i for i in range(first, len(tokens)) if tokens[i].norm in ("?", ".", "!", ",", ";")), len(tokens)
        )
        return as_typed(tokens, first, min(after, first + 6)) if 0 <= last < first < after else ""


_INTRODUCING = frozenset({"called", "named", "like", "containing", "contains", "contain"})

MATERIAL_FRAMES: tuple[Frame, ...] = (Placed(), Outlook(), Card(), FindByName())

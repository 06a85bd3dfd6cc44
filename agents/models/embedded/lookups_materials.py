"""Look-ups of one thing: where a material lies, its outlook, its card, and things by name."""

from __future__ import annotations

from collections.abc import Iterable

from agents.models.embedded.lookups_frame import Cues, Frame, Proposal, site_in, used, words_explained
from agents.models.embedded.lookups_patterns import stem_bag
from agents.models.embedded.lookups_sentence import Sentence
from tools.inventory import StockAndRequirements
from tools.master_data import FindMaterial, FindSupplier
from tools.materials import MaterialCard

# ── stock ─────────────────────────────────────────────────────────────────────────────────────────────────
_PLACED = Cues(
    (0.96, "where ... M .. stored|kept|stocked|located|lying|lie|lies|placed|find|found|stand|sit|sits|be"),
    (0.95, "where ... store|keep|stock|have|find|hold|put M"),
    (0.93, "where M"),
    (0.93, "where is|are ... M$"),
    (0.95, "what|which .. location|place|shelf|bin|warehouse|storage|rack|aisle|area|spot ... M"),
    (0.95, "M ... what|which .. location|place|shelf|bin|warehouse|storage|rack|spot"),
    (
        0.95,
        "{stock}|quantity|pieces ... M ... by|per|each|every .. location|place|shelf|bin|warehouse|storage|"
        "spot",
    ),
    (
        0.95,
        "M ... {stock}|quantity|pieces .. by|per|each|every .. location|place|shelf|bin|warehouse|storage|"
        "spot",
    ),
    (0.93, "location|bin|shelf|storage_location|storage_bin .. of|for M"),
    (0.92, "M .. by|per location|bin|shelf|warehouse"),
    words="stock stored kept quantity location locations shelf bin storage place each by per in how many "
    "much are there and what lie lies units pieces number with hold held have we hand on spot exactly "
    "do which warehouse inventory",
)
_OUTLOOK = Cues(
    (0.97, "{stock} .. and|plus requirement|requirements|demand|demands|need|receipts ... M"),
    (0.97, "M .. {stock} .. and|plus requirement|requirements|demand|receipts"),
    (0.97, "md04|md_04|requirement_list|stock_requirement_list|stock_requirements ... M"),
    (0.97, "M md04"),
    (
        0.95,
        "when ... M ... run|runs|running|short|available|out|back|arrive|arriving|come|coming|expect|"
        "expected|deliver|delivered|replenish|zero|shortage|get_in",
    ),
    (0.95, "when ... run|runs|running .. out|short .. M"),
    (0.94, "when ... get|receive|expect|have .. M"),
    (0.94, "availability|outlook|coverage|projection|projected_stock|available_to_promise|atp .. of|for? M"),
    (0.94, "M .. availability|coverage|outlook"),
    (0.94, "what .. on order|way|route .. for|of? M"),
    (0.93, "on order .. for|of? M"),
    (0.93, "M .. on order"),
    (
        0.93,
        "incoming|open|expected|planned|upcoming|future|scheduled receipt|receipts|requirement|requirements|"
        "demand|supply|deliveries|delivery .. of|for? M",
    ),
    (0.92, "receipts|requirements .. of|for M"),
    (0.92, "is|are|do|does|will .. M ... cover|enough|suffice|sufficient|last"),
    (0.92, "is|are|do|does|will .. {stock} ... M ... cover|enough|suffice|sufficient|last"),
    (0.9, "enough|sufficient M"),
    (0.9, "will .. M .. run|short|out"),
    (0.9, "how long .. {stock}? .. M .. last|reach|cover|suffice"),
    words="stock requirement requirements receipts when will does do we is are on order run short out "
    "available again next for what how much more coming in enough cover needed need demand back the "
    "days list current"
    " situation have get going to be get due dates incoming open expected planned of and with hand there "
    "stock's until",
)
_ON_HAND = Cues(
    (0.85, "how many|much M ... have|has|got|there|left|in|on|available|lie|stock|hold|own|is|are"),
    (0.85, "how many|much M .. {stock}"),
    (0.85, "{stock} .. of|for M"),
    (0.82, "^ {stock} M$"),
    (0.82, "^ M stock|inventory|on_hand$"),
    (0.85, "{stock} level|quantity|balance|situation|position .. of|for? M"),
    (0.82, "quantity on hand .. of|for? M"),
    (0.82, "M in|on stock|hand"),
    words="how many much do we have in stock on hand available left there got are is quantity total "
    "altogether units pieces of currently warehouse inventory level what any all locations over level "
    "still shelf the",
)
_NOT_STOCK = (
    "scrap|scrapped|order|orders|build|bought|sold|built|used|made|produced|received|rejected|need|needed|"
    "require|short|cost|price|value|worth|average|turnover",
)


def stock(sentence: Sentence) -> Iterable[Proposal]:
    """Where a material lies, how much there is, and what will come and go."""
    materials = sentence.of("M")
    if len(materials) != 1 or sentence.quantity(materials[0]):
        return
    name = materials[0].word
    placed, outlook = _PLACED.strength(sentence), _OUTLOOK.strength(sentence)
    if placed and not sentence.said(
        "where ... used|use|go|goes|buy|get|come|from|made|purchase|source|order",
        "what|which ... M .. go|goes into",
    ):
        arguments = MaterialCard(material=name, site=site_in(sentence))
        words = f"Master data, stock by location, suppliers and open orders of {name}"
        yield Proposal("material_card", arguments, words, placed, materials, _PLACED.vocabulary)
    on_hand = 0.0 if sentence.said(*_NOT_STOCK) else _ON_HAND.strength(sentence)
    cues = _OUTLOOK if outlook >= on_hand else _ON_HAND
    strength = max(outlook, on_hand)
    if not strength or sentence.said(
        "bought|sold|scrapped|built|made|produced|received|{vendor} .. when", "{build}"
    ):
        return
    days = [item for item in sentence.slots("next|coming|following|within|in N day|days") if item.number]
    horizon = int(days[0].number) if days and days[0].number else None
    weeks = [item for item in sentence.slots("next|coming|following|within|in N week|weeks") if item.number]
    if weeks and weeks[0].number:
        horizon = int(weeks[0].number) * 7
    outlook_of = StockAndRequirements(material=name, horizon_days=horizon, site=site_in(sentence))
    until = f", within {horizon} days" if horizon is not None else ""
    words = f"Stock, receipts and requirements of {name}{until}"
    vocabulary = cues.vocabulary | {"next", "come", "within", "day", "week"}
    yield Proposal(
        "stock_and_requirements", outlook_of, words, strength, used(*materials, *days, *weeks), vocabulary
    )


# ── a thing at a glance ───────────────────────────────────────────────────────────────────────────────────
_CARD = Cues(
    (0.97, "tell .. about M"),
    (0.97, "material|part|product|item card|master|record|sheet|passport|data_sheet .. of|for? M"),
    (
        0.96,
        "M .. card|data_sheet|datasheet|master_data|fact_sheet|profile|details|overview|summary|information|"
        "info",
    ),
    (
        0.96,
        "detail|details|information|info|overview|summary|facts|profile|data|master_data|everything|card|"
        "fact_sheet|particulars|specs|specification .. of|on|about|for|regarding M",
    ),
    (0.96, "what|everything|all .. know|have|recorded|maintained|stored|see .. about|on|for|regarding M"),
    (0.95, "look|looking up|at M"),
    (0.93, "describe|show|display|open|view|lookup M$"),
    (0.93, "show|display|open|give|view|describe me? M$"),
    (0.93, "what|who is|are? M$"),
    (0.93, "^ M$"),
    (0.93, "all|everything about|on|of M"),
    (0.9, "information|info|details M"),
    words="tell me about more show display give details detail information info look up material part "
    "product item card record master data everything all what do we know of on the can could you have "
    "short some quick"
    " please need want see sheet overview summary full basic general open find",
)
_FIND = Cues(
    (
        0.97,
        "find|search|locate|lookup|look_up|look_for|looking_for .. {part} .. called|named|like|containing|"
        "contain|contains|with_name|similar_to|something",
    ),
    (
        0.97,
        "what|which|list|show|any .. {part} .. called|named|like|containing|contain_word|contains|sound|"
        "sounds|spelled",
    ),
    (0.95, "{part} .. called|named|containing|whose_name|with_name|with .. in .. name|names"),
    (0.95, "do|is|are have|there .. {part} .. called|named"),
    (0.93, "find|search|locate .. {part} .. M"),
    (0.93, "find|search|locate .. M"),
    (
        0.95,
        "number|id|code|item_number|part_number|material_number|product_number|product_id .. of|for .. M$",
    ),
    (
        0.95,
        "what|which .. number|id|code|item_number|part_number|material_number|product_number|product_id .. M",
    ),
    (0.93, "what .. M .. number|id|code$"),
    words="find search for material materials part parts product products item items called named name "
    "names like containing contains contain something similar to which what is are there do we have any "
    "list show id number code look up"
    " in whose with word text starting spelled sound sounds of the by where",
)
_FIND_SUPPLIER = Cues(
    (0.95, "find|search|locate|lookup|look_up|look_for .. supplier|vendor"),
    (
        0.95,
        "what|which|list|show|any .. supplier|vendor .. called|named|like|containing|contains|sound|sounds",
    ),
    (0.95, "supplier|vendor .. called|named|containing|whose_name"),
    (0.9, "tell .. about S"),
    (0.9, "details|detail|information|info|overview .. of|on|about|for S"),
    (0.88, "^ S$"),
    (0.93, "number|id|code|account_number|vendor_number .. of|for .. S$"),
    (0.93, "what|which .. number|id|code|account_number|vendor_number .. S"),
    (0.9, "credit|rating ... S"),
    (0.9, "is|are S .. active|preferred|inactive"),
    (0.88, "what .. know .. about S"),
    words="find search for supplier suppliers vendor vendors called named name like containing something "
    "similar which what is are there do we have any list show id number code account tell me about more "
    "details information"
    " know credit rating preferred active look up please of or still",
)


def cards(sentence: Sentence) -> Iterable[Proposal]:
    """A material at a glance; materials or suppliers by a text."""
    materials, names = sentence.of("M"), sentence.of("S")
    find = _FIND.strength(sentence)
    if len(materials) <= 1 and not names and find:
        text = materials[0].word if materials else _text_after(sentence)
        if text:
            arguments = FindMaterial(text=text, site=site_in(sentence))
            vocabulary = _FIND.vocabulary | stem_bag(text)
            yield Proposal(
                "find_material", arguments, f"Materials like {text!r}", find, materials, vocabulary
            )
    if len(materials) == 1 and not names and sentence.quantity(materials[0]) is None:
        strength = _CARD.strength(sentence)
        if strength:
            name = materials[0].word
            card = MaterialCard(material=name, site=site_in(sentence))
            words = f"Master data, stock, suppliers and open orders of {name}"
            yield Proposal("material_card", card, words, strength, materials, _CARD.vocabulary)
    found = _FIND_SUPPLIER.strength(sentence)
    if not materials and len(names) <= 1 and found:
        text = names[0].word if names else _text_after(sentence)
        if text:
            search = FindSupplier(text=text, site=site_in(sentence))
            vocabulary = _FIND_SUPPLIER.vocabulary | stem_bag(text)
            yield Proposal("find_supplier", search, f"Suppliers like {text!r}", found, names, vocabulary)


def _text_after(sentence: Sentence) -> str:
    """What to search for where it is no known name: a quotation, or the words after `called` and the like."""
    quoted = [token.text for token in sentence.tokens if token.quoted]
    if quoted:
        return " ".join(quoted)
    norms = [token.norm for token in sentence.tokens]
    for word in ("called", "named", "like", "containing", "contains", "contain"):
        if word in norms:
            rest = [
                token.text
                for token in sentence.tokens[norms.index(word) + 1 :]
                if token.kind != "mark" or token.norm == "-"
            ]
            rest = rest[1:] if rest and rest[0].lower() in ("the", "a", "an", "something", "to") else rest
            rest = rest[1:] if rest and rest[0].lower() == "like" else rest
            return " ".join(rest[:6])
    return ""


MATERIAL_FRAMES: tuple[Frame, ...] = (stock, cards)
MATERIAL_WORDS = words_explained(_PLACED, _OUTLOOK, _ON_HAND, _CARD, _FIND, _FIND_SUPPLIER)

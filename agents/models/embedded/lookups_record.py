"""Look-ups of single things: a material's stock and card, an order, a name, ledger lines, the data itself."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from typing import Literal

from agents.models.embedded.lookups_frame import Cues, Frame, Proposal, site_in, used
from agents.models.embedded.lookups_sentence import Item, Sentence
from tools.data_quality import DataQuality
from tools.finance import LedgerLines
from tools.freshness import FreshnessOf
from tools.inventory import StockAndRequirements
from tools.lineage import Lineage
from tools.master_data import FindMaterial, FindSupplier
from tools.materials import MaterialCard
from tools.orders import OrderStatus

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


# ── orders ────────────────────────────────────────────────────────────────────────────────────────────────
_WORK = (
    "work_order|production_order|manufacturing_order|job_order|shop_order|prod_order|job|wo|shop_floor_order"
)
_BUY = "purchase_order|buying_order|procurement_order|purchasing_order|po|purchaseorder"
_ORDER = Cues(
    (0.97, f"{_WORK}|{_BUY} {{no}}? {{no}}? N"),
    (0.8, "order {no}? {no}? N"),
    words="status state of what is are the how where when who which show details detail about tell me give "
    "information info look up open still left due late days day has have been was were will in on for "
    "vendor supplier"
    " material product part quantity ordered scrapped scrap received rejected line lines item items contain "
    "contains date start started end ended finish finished complete completed done value total amount "
    "much many pieces"
    " happening going progress stand stands doing overdue delayed did does it and with its made from placed "
    "arrive arrived delivered delivery reason any to we or not yet already come approved pending check "
    "on please",
)
_ORIGIN = (
    "come|comes|came|originate|stem from",
    "which|what .. file|source|row|line_number|record|extract|system ... {order}|{purchase}|N",
    "lineage|provenance|origin|traced|trace|source_line|source_row|source_file|source_record",
    "which file|source",
    "loaded|imported from|when|by",
)


def orders(sentence: Sentence) -> Iterable[Proposal]:
    """The status of one order, or where its row comes from."""
    strength = _ORDER.strength(sentence)
    bought = sentence.slots(f"{_BUY} {{no}}? {{no}}? N")
    made = sentence.slots(f"{_WORK} {{no}}? {{no}}? N")
    plain_number = sentence.slots("order {no}? {no}? N")
    if not strength or sentence.of("M") or sentence.of("S"):
        return
    slots = bought or made or plain_number
    number = next((item for item in slots if item.kind == "N" and item.number is not None), None)
    if (
        number is None
        or number.number != number.number.to_integral_value()
        or sentence.said(
            "more|less|fewer|over|under|top|least|than|exactly N", "N purchase|work|production|order|orders"
        )
    ):
        return
    kind: Literal["work_order", "purchase_order"] | None = (
        "purchase_order" if bought else ("work_order" if made else None)
    )
    noun = (kind or "order").replace("_", " ")
    if sentence.said(*_ORIGIN) and kind:
        arguments = Lineage(record=noun, key=number.word, site=site_in(sentence))
        vocabulary = _ORDER.vocabulary | _LINEAGE.vocabulary
        yield Proposal(
            "lineage", arguments, f"Where {noun} {number.word} comes from", strength, (number,), vocabulary
        )
        return
    status = OrderStatus(order=number.word, kind=kind, site=site_in(sentence))
    yield Proposal(
        "order_status", status, f"Status of {noun} {number.word}", strength, (number,), _ORDER.vocabulary
    )


_LINEAGE = Cues(
    (0.9, "where ... come|comes|came from"),
    words="where does come from which file source row line record lineage provenance origin trace system "
    "loaded imported is behind was when extract of original originate data back to number",
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
_QUOTED = re.compile(r"\"([^\"]{2,60})\"|“([^”]{2,60})”|(?<!\w)'([^']{2,60})'(?!\w)")


def cards(sentence: Sentence) -> Iterable[Proposal]:
    """A material at a glance; materials or suppliers by a text."""
    materials, names = sentence.of("M"), sentence.of("S")
    find = _FIND.strength(sentence)
    if len(materials) <= 1 and not names and find:
        text = materials[0].word if materials else _text_after(sentence)
        if text:
            arguments = FindMaterial(text=text, site=site_in(sentence))
            vocabulary = _FIND.vocabulary | _own_words(text)
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
            vocabulary = _FIND_SUPPLIER.vocabulary | _own_words(text)
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


def _own_words(text: str) -> frozenset[str]:
    from agents.models.embedded.text import stems

    return frozenset(stems(text))


# ── the data itself ───────────────────────────────────────────────────────────────────────────────────────
_QUALITY = Cues(
    (0.97, "data .. quality"),
    (0.97, "quality .. of|in .. {data}"),
    (
        0.97,
        "{data} problem|problems|issue|issues|error|errors|defects|trouble|flaws|gaps|anomalies|"
        "inconsistencies|mistakes",
    ),
    (
        0.96,
        "problem|problems|issue|issues|error|errors|wrong|trouble|flaws|gaps|anomalies|inconsistencies|"
        "mistakes|bad|dirty .. in|with|of|inside|about .. {data}",
    ),
    (0.95, "how good|clean|reliable|complete|trustworthy|accurate|dirty|bad|consistent is|are .. {data}"),
    (0.95, "can|could|should trust|rely .. {data}"),
    (
        0.95,
        "record|records|row|rows|lines .. quarantined|set_aside|flagged|skipped|refused|not_loaded|dropped "
        ".. import|load|loading|loaded",
    ),
    (0.95, "quarantined|quarantine|set_aside"),
    (0.95, "import|load|loading problem|problems|issue|issues|error|errors|report|warnings|findings"),
    (0.93, "what|which .. flagged|rejected|skipped .. during|at|by|on|in .. import|load|loading"),
    (0.93, "bad|wrong|dirty|incomplete|faulty|broken data|records|rows"),
    words="data quality what are is there any problems problem issues errors wrong known with in of the how "
    "good clean reliable our erp we have do show list report findings rules rule were records rows set "
    "aside flagged import load last during about"
    " many which and why master database set source tell me found suffer from can trust should be aware",
)
_FRESH = Cues(
    (0.97, "how old|fresh|recent|up_to_date|current|stale|outdated|new|actual is|are .. {data}"),
    (
        0.97,
        "when ... {data} ... loaded|load|updated|update|refreshed|refresh|imported|import|extracted|"
        "synchronised|synced|pulled|taken",
    ),
    (0.97, "when ... last|latest ... load|import|refresh|update|extraction|extract|sync|upload"),
    (0.97, "last|latest|most_recent ... load|import|refresh|update|extraction|sync|upload .. of? .. {data}?"),
    (0.96, "{data} .. freshness|age|as_of|up_to_date|stale|fresh|old|outdated|cut_off|cutoff"),
    (0.96, "freshness|age|as_of_date|cut_off_date|timestamp .. of? .. {data}"),
    (
        0.95,
        "up_to|until|to when|which_date|what_date|which_day|what_day|which|what .. date|day? ... {data} .. "
        "reach|reaches|go|goes|run|runs|extend|extends|last|available|cover",
    ),
    (0.95, "how far ... {data} reach|go|goes|extend|run"),
    (0.95, "is|are .. {data} .. current|fresh|up_to_date|old|stale|outdated|recent"),
    (0.93, "as of when|which_date|what_date|which|what"),
    (0.93, "from when|which_date is|are .. {data}"),
    (0.9, "{data} .. until|up_to when"),
    words="how old fresh recent up to date current stale is are the data our your when was were last loaded "
    "updated refreshed imported load import refresh update latest of as what which day far does reach "
    "go time system source sources erp this it numbers"
    " figures you looking at have answers we use using working on still age information database from for "
    "much often",
)
_RECORDS = {
    "purchase order line": ("purchase order line|lines", "po line|lines"),
    "purchase order": ("purchase order|orders", "po"),
    "work order": ("work|production|job order|orders",),
    "supplier": ("supplier|vendor",),
    "stock": ("stock|inventory",),
    "bom line": ("bom", "bill of material"),
    "ledger": ("ledger|posting|postings|journal",),
    "exchange rate": ("exchange rate", "currency rate"),
    "material": ("material|materials|product|products|part|parts|item|items",),
}


def data_itself(sentence: Sentence) -> Iterable[Proposal]:
    """What is wrong with the data, and how old it is."""
    if any(item.kind in "MSNC" for item in sentence.items):
        return
    quality, fresh = _QUALITY.strength(sentence), _FRESH.strength(sentence)
    if quality and quality >= fresh:
        record = next((name for name, patterns in _RECORDS.items() if sentence.said(*patterns)), None)
        vocabulary = _QUALITY.vocabulary | (
            _own_words(f"{record} orders lines product part item vendor inventory bill of material")
            if record
            else frozenset()
        )
        if sentence.said("master data") and record == "material":
            record = None
        of = f" of {record}" if record else ""
        yield Proposal(
            "data_quality",
            DataQuality(record=record, site=site_in(sentence)),
            f"Data quality{of} at the last load",
            quality,
            (),
            vocabulary,
        )
    elif fresh:
        yield Proposal(
            "freshness",
            FreshnessOf(site=site_in(sentence)),
            "How old the data of each source is",
            fresh,
            (),
            _FRESH.vocabulary,
        )


# ── the ledger ────────────────────────────────────────────────────────────────────────────────────────────
_LEDGER = Cues(
    (
        0.95,
        "ledger|posting|postings|journal|booking|bookings|accounting|gl line|lines|entries|entry|records|"
        "documents|items",
    ),
    (
        0.95,
        "posting|postings|booking|bookings|journal_entries|journal_lines|ledger_lines|line_items|entries|"
        "bookkeeping_entries|ledger_entries|documents",
    ),
    (0.93, "budget|plan|forecast|actual line|lines|posting|postings|entries|entry"),
    (0.93, "single|individual lines|amounts"),
    (0.9, "drill|drilldown down|into"),
    (0.9, "lines .. behind|of|for|that|which"),
    words="show list give ledger lines line postings posting bookings entries documents which what make "
    "makes up behind of in for on account the journal individual single all from to budget plan "
    "forecast actual actuals see drill down into"
    " detail details transactions were booked posted company division organisation period between and is "
    "are figure amount me each every",
)


def ledger(sentence: Sentence) -> Iterable[Proposal]:
    """The postings behind an account of a company."""
    companies, accounts = sentence.of("G"), sentence.of("A")
    strength = _LEDGER.strength(sentence)
    if (
        len(companies) != 1
        or len(accounts) != 1
        or not strength
        or sentence.said("how many|number|count|average|total|sum|per|by|most|top|how much")
    ):
        return
    centres, periods = sentence.of("D"), sentence.of("P")
    if len(periods) > 1 or len(centres) > 1:
        return
    period = periods[0].period if periods else None
    scenario = (
        "plan"
        if sentence.said("budget|plan|planned|budgeted")
        else ("forecast" if sentence.said("forecast") else "actual")
    )
    arguments = LedgerLines.model_validate(
        {
            "company": companies[0].word,
            "account": accounts[0].word,
            "period_from": _iso(period.start) if period else None,
            "period_to": _iso(period.end) if period else None,
            "scenario": scenario,
            "cost_centre": centres[0].word if centres else None,
            "site": site_in(sentence),
        }
    )
    slots: tuple[Item, ...] = (*companies, *accounts, *centres, *periods)
    words = f"Ledger lines of {accounts[0].word}, {companies[0].word}, {scenario}"
    if arguments.period_from or arguments.period_to:
        words += f", {arguments.period_from or 'the beginning'} to {arguments.period_to or 'the end'}"
    yield Proposal("ledger_lines", arguments, words, strength, slots, _LEDGER.vocabulary)


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


RECORD_FRAMES: tuple[Frame, ...] = (stock, orders, cards, data_itself)
LEDGER_FRAMES: tuple[Frame, ...] = (ledger,)

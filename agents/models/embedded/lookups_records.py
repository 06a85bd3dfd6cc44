"""Look-ups of records: an order by its number, ledger lines, and the data itself."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Literal

from agents.models.embedded.lookups_frame import Cues, Frame, Proposal, site_in, words_explained
from agents.models.embedded.lookups_patterns import stem_bag
from agents.models.embedded.lookups_sentence import Item, Sentence
from tools.data_quality import DataQuality
from tools.finance import LedgerLines
from tools.freshness import FreshnessOf
from tools.lineage import Lineage
from tools.orders import OrderStatus

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
            stem_bag(f"{record} orders lines product part item vendor inventory bill of material")
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


RECORD_FRAMES: tuple[Frame, ...] = (orders, data_itself)
LEDGER_FRAMES: tuple[Frame, ...] = (ledger,)
RECORD_WORDS = words_explained(_ORDER, _LINEAGE, _QUALITY, _FRESH, _LEDGER)

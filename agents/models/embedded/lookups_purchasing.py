"""Look-ups of purchasing: who supplies something, what a supplier offers, how a price changed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from agents.models.embedded.lookups_frame import Cues, Frame, Proposal, site_in, used, words_explained
from agents.models.embedded.lookups_sentence import Item, Sentence
from tools.prices import PriceHistory
from tools.purchasing import SuppliedBy, SuppliersOf

_OFFER_WORDS = (
    "price prices standard cost costs lead time delivery minimum maximum min max order quantity moq lot "
    "size limits their terms days unit each"
    " with including plus show number id name names best good cheapest cheap lowest least expensive first "
    "active preferred credit rating"
    " offer offers quote quoted how many different is are there all list alternative alternatives other "
    "second who which and info record agreed"
    " current currently valid last receipt next third option options choose choice what much we buy "
    "purchase get material part source"
)

# ── who supplies it ───────────────────────────────────────────────────────────────────────────────────────
_SUPPLIERS = Cues(
    (0.97, "who|which|what .. {vendor}? .. {supply} .. M"),
    (0.97, "who|whom ... {buy} M"),
    (0.97, "{buy} M .. who|whom|where"),
    (0.97, "where ... {buy} M"),
    (0.97, "supplier|vendor|suppliers|seller|distributor .. of|for|to M"),
    (0.97, "supplier|vendor|suppliers ... {supply} .. M"),
    (0.96, "what|which|how_many ... supplier|vendor ... {supply}|offering|have|has|for|of|with ... M"),
    (0.96, "M supplier|vendor|suppliers|vendors|sourcing"),
    (0.96, "M ... {supply}|supplied .. by who|which|what|whom"),
    (0.96, "by who|whom|which .. M .. {supply}|delivered"),
    (0.96, "from|at|with who|whom|which|what ... M"),
    (0.95, "M ... from|at who|whom|which|what|where"),
    (0.95, "M ... supplier|vendor|suppliers"),
    (0.95, "for|of M ... who|which|what ... {vendor}|cheapest|{supply}"),
    (0.95, "M ... who ... {supply}|cheapest"),
    (
        0.95,
        "cheapest|lowest_price|least_expensive|best_price|lowest|lowest_cost ... {vendor}|source|offer ... M",
    ),
    (0.94, "who .. cheapest|lowest|best ... M"),
    (0.93, "where ... M .. come|comes from"),
    (0.93, "source|sources|sourcing .. of|for M"),
    (0.9, "lead|delivery time|times .. of|for|on M"),
    (0.9, "how long .. to? get|receive|delivered .. M"),
    (0.93, "moq|minimum_order|minimum_order_quantity|minimum_lot .. of|for|on M"),
    (0.93, "M ... moq|minimum_order|minimum_order_quantity"),
    (0.85, "M lead time"),
    (0.92, "M .. single|sole|multi|dual source|sourced"),
    (0.92, "single|sole source .. for|of M"),
    (0.93, "{supply} us? M"),
    (0.9, "how much|what .. M .. cost .. from|at|by .. supplier|vendor|each"),
    words=_OFFER_WORDS,
)
_CHEAPEST = (
    "cheapest|cheap",
    "lowest|best|least price|cost|expensive|standard",
    "lowest .. price",
    "best_price|lowest_price|least_expensive",
)
_ORDINALS = {"second": 2, "2nd": 2, "third": 3, "3rd": 3, "two": 2, "three": 3, "four": 4, "five": 5}
_NOT_OFFERS = (
    "reject|rejected|received|spend|spent|paid|late|delay|scrap|average|mean|median|purchase_order|"
    "order_line|on_time|variance|ppv",
    "most_expensive|dearest|highest",
)


def _past(sentence: Sentence) -> bool:
    """True where it is about what was ordered, not about what is offered."""
    return bool(sentence.norms & {"bought", "ordered", "orders", "paid", "spent"})


def suppliers(sentence: Sentence) -> Iterable[Proposal]:
    """Who supplies a material: all, or the cheapest few."""
    materials = sentence.of("M")
    if len(materials) != 1 or sentence.said(*_NOT_OFFERS) or _past(sentence) or sentence.of("S"):
        return
    strength = _SUPPLIERS.strength(sentence)
    if not strength:
        return
    limit, slots = _how_many(sentence)
    active = sentence.said("active|current .. supplier|vendor", "active only|ones", "still active")
    arguments = SuppliersOf(
        material=materials[0].word, limit=limit, active_only=active, site=site_in(sentence)
    )
    first = {None: ", cheapest first", 1: ", the cheapest"}.get(limit, f", the {limit} cheapest")
    words = f"Suppliers of {materials[0].word}{first}{', active ones only' if active else ''}"
    yield Proposal(
        "suppliers_of", arguments, words, strength, used(*materials, *slots), _SUPPLIERS.vocabulary
    )


def _how_many(sentence: Sentence) -> tuple[int | None, tuple[Item, ...]]:
    """How many of the cheapest are asked for."""
    if not sentence.said(*_CHEAPEST):
        return None, ()
    if sentence.said(
        "after|besides|except|other_than|apart_from|and|or|versus .. cheapest",
        "{vendor} .. compare|sorted",
        "alternative|alternatives|cheapest_first|sort|sorted|rank|ranked",
    ):
        return None, ()
    slots = sentence.slots("N cheapest|lowest")
    if slots and slots[0].number:
        return int(slots[0].number), slots
    for word, number in _ORDINALS.items():
        if sentence.said(f"{word} cheapest|lowest|best", f"{word} .. cheapest"):
            return number, ()
    return 1, ()


# ── what a supplier offers ────────────────────────────────────────────────────────────────────────────────
_SUPPLIED = Cues(
    (0.97, "what|which ... S {supply}"),
    (0.97, "what|which|everything|all ... {buy} .. from|at|with|through S"),
    (
        0.97,
        "{part} .. {supply}|supplied|offered|sold|delivered|available|come|comes|coming|bought|sourced .. "
        "by|from|at|through S",
    ),
    (0.96, "{part} .. of|from|by|at S"),
    (0.96, "how many .. {part} .. S {supply}"),
    (0.96, "how many ... {buy} .. from S"),
    (0.95, "S ... {supply} .. us? .. what|which"),
    (0.95, "what|which ... S .. {supply}"),
    (0.94, "S .. {part}|assortment|range|portfolio|catalogue|products|price_list|offer|offering"),
    (
        0.94,
        "assortment|range|portfolio|catalogue|catalog|price_list|offer|offering|prices|pricelist .. of|from|"
        "by|at S",
    ),
    (0.94, "info record|records .. of|for|from|with S"),
    (0.94, "what .. S .. have|offer .. for us"),
    (0.93, "what .. S .. for"),
    words="what which all everything parts materials items products goods do does we buy get from supply "
    "supplies sell sells offer offers price prices list lead time minimum order show with kind how many"
    " different is are their does number us can could currently stuff things range quantity quantities "
    "times costs cost standard purchase sort of",
)


def assortment(sentence: Sentence) -> Iterable[Proposal]:
    """What a supplier offers."""
    names = sentence.of("S")
    if len(names) != 1 or sentence.of("M") or sentence.said(*_NOT_OFFERS) or _past(sentence):
        return
    strength = _SUPPLIED.strength(sentence)
    if strength:
        arguments = SuppliedBy(supplier=names[0].word, site=site_in(sentence))
        words = f"Materials that {names[0].word} supplies"
        yield Proposal("supplied_by", arguments, words, strength, names, _SUPPLIED.vocabulary)


# ── how a price changed ───────────────────────────────────────────────────────────────────────────────────
_PRICE = "price|cost|costs|prices|pricing|value|valuation"
_HISTORY = Cues(
    (0.97, f"{_PRICE} .. history|development|evolution|trend|timeline|changes|progression|versions ... M"),
    (0.97, f"M ... {_PRICE} .. history|development|evolution|trend|timeline|changes|progression|versions"),
    (0.97, f"history|development|evolution|trend|timeline|changes|progression|versions .. {_PRICE} ... M"),
    (0.97, f"history|development|evolution|trend|timeline|changes|progression ... M .. {_PRICE}"),
    (
        0.96,
        f"how .. {_PRICE} ... M ... develop|change|changed|evolve|move|moved|go|gone|went|rise|risen|fall|"
        "fallen|look|increase|trend|vary",
    ),
    (
        0.96,
        f"how .. M .. {_PRICE} .. develop|change|changed|evolve|move|moved|go|gone|went|rise|increase|trend|"
        "vary",
    ),
    (
        0.96,
        f"{_PRICE} ... M ... over_time|over_the_years|through_time|over_years|through_the_years|"
        "since_the_beginning|so_far|historically",
    ),
    (0.95, f"M ... {_PRICE} ... over_time|over_the_years|historically|through_the_years"),
    (
        0.95,
        "what|how_much .. paid|pay|paying ... M ... over_time|over_the_years|historically|through_the_years",
    ),
    (0.95, f"when .. {_PRICE} ... M ... change|changed|adjusted|updated|raised|go|went|rise|increase"),
    (
        0.93,
        f"has|have|did|was|were {_PRICE} ... M ... change|changed|gone|go|went|risen|rise|fallen|increase|"
        "increased|up|down|raised",
    ),
    (0.93, f"how_often|how_many_times .. {_PRICE} ... M ... change|changed"),
    (0.93, f"how_often|how_many_times ... M ... change|changed .. {_PRICE}"),
    (0.93, f"{_PRICE} change|changes|increase|increases|history ... M"),
    (0.9, f"old|previous|past|former|earlier|historic|historical {_PRICE} ... M"),
    (0.9, f"historic|historical .. {_PRICE} ... M"),
    (0.9, f"M .. historic|historical|past|previous .. {_PRICE}"),
    (0.85, "history|development .. of|for M"),
    words="standard list selling sales purchase purchasing buying vendor supplier paid pay paying price "
    "prices cost costs history develop developed development change changed changes evolve evolved trend"
    " over time years year the how did has have been what were we from to until valid dates date with when "
    "each all which versions version past was go up down much often times many last far go"
    " current currently std unit per one of in money amount amounts so far since",
)
_PURCHASE = ("purchase|purchasing|buying|paid|pay|paying|vendor|supplier|po|procurement|bought|buy",)
_KINDS: dict[Literal["standard_cost", "list_price", "purchase"], str] = {
    "standard_cost": "Standard cost",
    "list_price": "List price",
    "purchase": "Purchase price",
}


def prices(sentence: Sentence) -> Iterable[Proposal]:
    """How a material's standard cost, list price or purchase price developed."""
    materials = sentence.of("M")
    if len(materials) != 1 or sentence.of("S"):
        return
    strength = _HISTORY.strength(sentence)
    if not strength or sentence.said("average|mean|median|scrap|stock|inventory|spend"):
        return
    for kind, sure in _price_kinds(sentence):
        arguments = PriceHistory(material=materials[0].word, kind=kind, site=site_in(sentence))
        words = f"{_KINDS[kind]} history of {materials[0].word}, all dates"
        yield Proposal(
            "price_history", arguments, words, strength - (1 - sure), materials, _HISTORY.vocabulary
        )


def _price_kinds(
    sentence: Sentence,
) -> list[tuple[Literal["standard_cost", "list_price", "purchase"], float]]:
    """The kinds of price that may be meant, with how sure each is."""
    if sentence.said(
        "list|selling|sales|catalogue|customer|sell price|prices", "price|prices .. list|customer"
    ):
        return [("list_price", 1.0)]
    if sentence.said(*_PURCHASE):
        return [("purchase", 1.0)]
    if sentence.said("standard|std", "cost|costs|costing|valuation|value"):
        return [("standard_cost", 1.0)]
    return [("list_price", 0.8), ("purchase", 0.72), ("standard_cost", 0.66)]


PURCHASING_FRAMES: tuple[Frame, ...] = (suppliers, assortment, prices)
PURCHASING_WORDS = words_explained(_SUPPLIERS, _SUPPLIED, _HISTORY)

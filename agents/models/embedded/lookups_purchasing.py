"""Look-ups of purchasing: who supplies something, what a supplier offers, how a price changed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from agents.models.embedded.lookups_frame import Cues, Frame, Proposal, site_in, used
from agents.models.embedded.lookups_sentence import Item, Sentence
from tools.prices import PriceHistory
from tools.purchasing import SuppliedBy, SuppliersOf

_SELLER = "supplier|suppliers|vendor|vendors|seller|distributor"
_DONE = frozenset({"bought", "ordered", "orders", "paid", "spent", "received", "delivered"})
"""Words of what was done rather than of what is offered."""
_FIGURES = (
    "reject|spend|spent|late|delay|scrap|average|mean|median|purchase_order|order_line|line|on_time|"
    "variance|ppv",
    "most_expensive|dearest|highest|volume",
)
_TERMS = (
    "price prices standard cost costs lead time times delivery minimum maximum order quantity quantities "
    "moq lot size limits terms days"
    " unit each with including plus show number id name best good cheapest cheap lowest least expensive "
    "first active preferred credit"
    " rating offer quoted how many different all list alternative other second next third option choose "
    "choice comparison current"
    " currently valid last info record agreed supplier vendor source who which what buy purchase get "
    "material part besides except apart"
    " from than by per at only one single new another fastest quickest shortest both long take receive "
    "anyone somebody else order could"
    " replace instead can should top options purchasing sourcing buying possibility list sorted sort ranked "
    "rank"
)


class Suppliers:
    """Who supplies a material: all, or the cheapest few."""

    tools = ("suppliers_of",)
    _cues = Cues(
        (0.97, f"{_SELLER} & M"),
        (0.97, "who|whom|which ... {supply} & M"),
        (0.97, "who|whom ... {buy} & M"),
        (0.96, "where ... {buy} & M"),
        (0.96, "from|at|with|by who|whom & M"),
        (0.95, "M ... {supply}|supplied .. by who|which|what|whom"),
        (0.95, "who .. cheapest|lowest|best|replace & M"),
        (0.95, "cheapest|lowest_price|least_expensive|best_price & source|offer|from_who & M"),
        (0.97, f"who|{_SELLER} .. {{supply}} .. M .. fastest|quickest|soonest|earliest"),
        (0.97, f"fastest|quickest {_SELLER}|source & M"),
        (0.93, "where ... M .. come|comes from"),
        (0.93, "source|sources|sourcing .. of|for M"),
        (0.93, "M source|sources|sourcing"),
        (0.93, "lead|delivery|procurement time|times .. of|for|on M"),
        (0.93, "how long .. to? get|receive|delivered|deliver .. M"),
        (0.94, "moq|minimum_order|minimum_order_quantity|minimum_lot & M"),
        (0.9, "M lead|delivery time"),
        (0.93, "single|sole|multi|dual source|sourced & M"),
        (0.93, "purchasing|sourcing|buying|supply|procurement option|options|possibility|alternative & M"),
        (0.94, "anyone|somebody|someone|else .. {supply} .. M"),
        (0.9, "{supply} us? M"),
        words=_TERMS,
    )
    vocabulary = _cues.vocabulary
    _cheapest = (
        "cheapest|cheap",
        "lowest|best|least price|cost|expensive|standard",
        "best .. price",
        "lowest .. price",
    )
    _fastest = (
        "fastest|quickest|soonest",
        "shortest lead|delivery time",
        "{supply} .. earliest",
    )
    _others = (
        "after|besides|except|other_than|apart_from|or|versus|replace .. cheapest",
        "alternative|alternatives|cheapest_first|sort|sorted|rank|ranked|compare|comparison",
    )
    _places = (("second", 2), ("third", 3), ("two", 2), ("three", 3), ("four", 4), ("five", 5))

    def fits(self, sentence: Sentence) -> bool:
        """See `Frame.fits`."""
        return len(sentence.of("M")) == 1 and not sentence.of("S")

    def strength(self, sentence: Sentence) -> float:
        """See `Frame.strength`."""
        if sentence.said(*_FIGURES) or sentence.norms & _DONE or sentence.quantity(sentence.of("M")[0]):
            return 0.0
        return self._cues.strength(sentence)

    def proposals(self, sentence: Sentence, strength: float) -> Iterable[Proposal]:
        """See `Frame.proposals`."""
        material = sentence.of("M")[0]
        fastest = sentence.said(*self._fastest) and not sentence.said(*self._cheapest)
        limit, slots = self._limit(sentence)
        limit = 1 if fastest and limit is None and not sentence.said(*self._others) else limit
        active = sentence.said(f"active|current .. {_SELLER}", "active only|ones", "still active")
        arguments = SuppliersOf(
            material=material.word,
            limit=limit,
            fastest_first=fastest,
            active_only=active,
            site=site_in(sentence),
        )
        how = "fastest" if fastest else "cheapest"
        first = {None: f", {how} first", 1: f", the {how}"}.get(limit, f", the {limit} {how}")
        words = f"Suppliers of {material.word}{first}{', active ones only' if active else ''}"
        yield Proposal("suppliers_of", arguments, words, strength, used(material, *slots), self.vocabulary)

    def _limit(self, sentence: Sentence) -> tuple[int | None, tuple[Item, ...]]:
        """How many of the cheapest are asked for, and the number that says so."""
        if not sentence.said(*self._cheapest) or sentence.said(*self._others):
            return None, ()
        numbers = sentence.slots("N cheapest|lowest|best")
        if numbers and numbers[0].number:
            return max(1, int(numbers[0].number)), numbers
        place = next((n for word, n in self._places if sentence.said(f"{word} .. cheapest|lowest|best")), 1)
        return place, ()


class Assortment:
    """What a supplier offers."""

    tools = ("supplied_by",)
    _cues = Cues(
        (0.97, "what|which|how_many|everything|all|list & {supply} & S"),
        (0.97, "what|which|how_many|everything|all|list & {buy} & from|at|with|through S"),
        (0.97, "{part} & {supply}|available|come|comes|coming & S"),
        (0.96, "{part} .. of|from|by|at S"),
        (0.94, "S .. {part}|assortment|range|portfolio|catalogue|price_list|offer|offering"),
        (0.94, "assortment|range|portfolio|catalogue|catalog|price_list|pricelist|offer|offering|prices & S"),
        (0.94, "info record|records & S"),
        (0.94, "what|which .. S .. have|offer|do"),
        words="what which all everything parts materials items products goods do does we buy get from "
        "supply sell offer price prices list"
        " lead time times minimum order show with kind how many different is are there their number us can "
        "could currently stuff things"
        " range quantity costs cost standard purchase sort of by vendor supplier have",
    )
    vocabulary = _cues.vocabulary

    def fits(self, sentence: Sentence) -> bool:
        """See `Frame.fits`."""
        return len(sentence.of("S")) == 1 and not sentence.of("M")

    def strength(self, sentence: Sentence) -> float:
        """See `Frame.strength`."""
        if sentence.said(*_FIGURES, "from|over|in P") or sentence.norms & _DONE:
            return 0.0
        return self._cues.strength(sentence)

    def proposals(self, sentence: Sentence, strength: float) -> Iterable[Proposal]:
        """See `Frame.proposals`."""
        supplier = sentence.of("S")[0]
        arguments = SuppliedBy(supplier=supplier.word, site=site_in(sentence))
        words = f"Materials that {supplier.word} supplies"
        yield Proposal("supplied_by", arguments, words, strength, (supplier,), self.vocabulary)


_PriceKind = Literal["standard_cost", "list_price", "purchase"]
_NOUNS: dict[_PriceKind, str] = {
    "standard_cost": "Standard cost",
    "list_price": "List price",
    "purchase": "Purchase price",
}


class Prices:
    """How a material's standard cost, list price or purchase price developed."""

    tools = ("price_history",)
    _price = "price|prices|cost|costs|pricing|value|valuation"
    _course = (
        "history|historical|development|develop|evolution|evolve|trend|timeline|progression|versions|change|"
        "changed|changes|moved|"
        "gone|went|go|rise|risen|rose|fall|fallen|fell|increase|increased|raised|over_time|over_years|"
        "over_the_years|through_time|"
        "through_years|so_far|historically|past|old|previous|former|earlier|since_the_beginning|vary|up|"
        "down|adjusted|records|record|ever|start|before|since_when"
    )
    _cues = Cues(
        (0.96, f"{_price} & {_course} & M"),
        (0.95, f"paid|pay|paying & {_course}|over_time & M"),
        (0.95, f"when & {_price} & M & change|changed|adjusted|updated|raised|go|went|rise|increase"),
        (0.9, "history|development|evolution .. of|for M"),
        words="standard list selling sales purchase purchasing buying vendor supplier paid pay paying price "
        "prices cost costs history develop"
        " change changes evolve trend over time years year how did has have been what were we from to until "
        "valid validity dates date with"
        " when each all which versions version past was go up down much often times many last far current "
        "std unit per one of in money amount"
        " since since beginning by show time develop had",
    )
    vocabulary = _cues.vocabulary
    _paid = ("purchase|purchasing|buying|paid|pay|paying|vendor|supplier|po|procurement|bought|buy",)

    def fits(self, sentence: Sentence) -> bool:
        """See `Frame.fits`."""
        return len(sentence.of("M")) == 1 and not sentence.of("S")

    def strength(self, sentence: Sentence) -> float:
        """See `Frame.strength`."""
        figures = sentence.said(
            "average|mean|median|scrap|stock|inventory|spend|why|if|update|total", "change .. to N"
        )
        return 0.0 if figures else self._cues.strength(sentence)

    def proposals(self, sentence: Sentence, strength: float) -> Iterable[Proposal]:
        """See `Frame.proposals`."""
        material = sentence.of("M")[0]
        for kind, sure in self._kinds(sentence):
            arguments = PriceHistory(material=material.word, kind=kind, site=site_in(sentence))
            words = f"{_NOUNS[kind]} history of {material.word}, all dates"
            yield Proposal(
                "price_history", arguments, words, strength - (1 - sure), (material,), self.vocabulary
            )

    def _kinds(self, sentence: Sentence) -> list[tuple[_PriceKind, float]]:
        """The kinds of price that may be meant, with how sure each is."""
        if sentence.said("list|selling|sales|catalogue|customer|sell price", "price .. list|customer"):
            return [("list_price", 1.0)]
        if sentence.said(*self._paid):
            return [("purchase", 1.0)]
        if sentence.said("standard|std", "cost|costs|costing|valuation|value"):
            return [("standard_cost", 1.0)]
        return [("list_price", 0.8), ("purchase", 0.72), ("standard_cost", 0.66)]


PURCHASING_FRAMES: tuple[Frame, ...] = (Suppliers(), Assortment(), Prices())

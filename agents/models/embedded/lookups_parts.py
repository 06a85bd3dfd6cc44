"""Look-ups down a bill of materials: what goes into something, how much of it, and what is short."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Literal

from agents.models.embedded.lookups_frame import Cues, Frame, Proposal, site_in, used
from agents.models.embedded.lookups_levels import (
    BOUGHT,
    DIRECT,
    MODIFIERS,
    day_in,
    depth,
    level_slots,
    says_levels,
)
from agents.models.embedded.lookups_sentence import Item, Sentence
from tools.bom import ExplodeBom
from tools.presenting import plain

_Levels = Literal["all", "direct"]
_ONE = Decimal(1)
_MAKING = (
    "build building built make making made assemble assembling produce producing production manufacture "
    "manufacturing put"
    " together line tomorrow soon plan planned planning want must would like will if when run batch lot "
    "deliver start"
)


def _level_words(levels: str) -> str:
    return "all levels" if levels == "all" else "direct components only"


def _for(quantity: Decimal) -> str:
    return f"to build {plain(quantity):f}" if quantity != 1 else "for each"


def _number(quantity: Item | None) -> Decimal:
    return quantity.number if quantity and quantity.number else _ONE


class PartsList:
    """What goes into a material, directly or on all levels, and how many different components that are."""

    tools = ("explode_bom",)
    _cues = Cues(
        (0.97, "what|which ... {goes} ... into|in_to|in|inside M"),
        (0.97, "{part}|everything .. {goes} .. into|in_to|in|inside M"),
        (0.95, "{goes} into|in_to|in|inside M"),
        (
            0.96,
            "what|which|how ... M made|built|composed|assembled|constructed|comprised|put_together|"
            "constituted of|from|out|up",
        ),
        (
            0.96,
            "M & composed|consist|comprise|comprises|made_of|made_from|made_out_of|built_out_of|built_from|"
            "made_up|built_up|"
            "put_together_from",
        ),
        (0.96, "what|which ... M contain|include|incorporate"),
        (0.95, "what|which ... make|makes up M"),
        (0.95, "what .. in|inside|within M"),
        (0.95, "M ... inside|within|contents|ingredient|ingredients|composition|makeup"),
        (0.95, "contents|ingredient|ingredients|composition|makeup|inside ... M"),
        (0.95, "contained|included|found .. in|inside M"),
        (0.96, "{bom} & M"),
        (0.96, "explode|exploding|decompose|explosion|disassemble & M"),
        (0.93, "break|take|split .. M .. down|apart|up"),
        (0.93, "break|take|split down|apart|up .. M"),
        (0.95, "{component} of|in|inside|for|under|with M"),
        (0.95, "{part} & for|in|of M & {need}"),
        (0.95, "{part} & {build} M"),
        (0.95, "{part} & M & contained|included|required|needed|necessary"),
        (0.95, "{part} .. M {need}"),
        (0.95, "what|which .. {part} .. {need} .. M"),
        (0.95, "which|what .. {part} has|have M"),
        (0.93, "M & what|which|how_many .. {part}"),
        (0.94, "what|which|everything & {need} & {build} of? M"),
        (0.92, "what|which & {build} M & need|require|take|have"),
        (0.92, "what|which .. M {need}"),
        (0.92, "M component|part|ingredient|subcomponent|composition|makeup"),
        (0.92, "component|part|ingredient|subcomponent M"),
        (0.95, "how_many|how_much|number|count ... {part} ... M"),
        (0.93, "M ... how_many|how_much|number|count .. different|distinct? .. {part}"),
        words=f"{MODIFIERS} {_MAKING} many much what kind type sort everything sub find need requirement "
        "require material"
        " input show complete without stage pull pick take from shelf shelves stock rack out",
    )
    vocabulary = _cues.vocabulary

    def fits(self, sentence: Sentence) -> bool:
        """See `Frame.fits`."""
        return len(sentence.of("M")) == 1

    def strength(self, sentence: Sentence) -> float:
        """See `Frame.strength`."""
        if sentence.said(*_STOCKED) and not sentence.said("pull|pick|take .. from|off|out"):
            return 0.0
        if sentence.said(
            *_SHORT, *_ABSENT, *_AVAILABLE, *_UPWARD, *_LIMITED, "{vendor} .. for|of M", "number|id|code of M"
        ):
            return 0.0
        return self._cues.strength(sentence)

    def proposals(self, sentence: Sentence, strength: float) -> Iterable[Proposal]:
        """See `Frame.proposals`."""
        bought = sentence.said(*BOUGHT)
        whole = bought or sentence.said("different|distinct|unique")
        levels = depth(sentence, "all" if whole else "direct")
        yield self._proposal(sentence, levels, bought, strength)
        if not says_levels(sentence):
            yield self._proposal(sentence, "direct" if levels == "all" else "all", bought, strength - 0.25)

    def _proposal(self, sentence: Sentence, levels: _Levels, bought: bool, strength: float) -> Proposal:
        top, (on, when) = sentence.of("M")[0], day_in(sentence)
        quantity = sentence.quantity(top)
        arguments = ExplodeBom(
            material=top.word,
            quantity=_number(quantity),
            levels=levels,
            purchased_only=bought,
            on=on,
            site=site_in(sentence),
        )
        what = "Purchased components" if bought else "Components"
        words = f"{what} in {top.word}, {_level_words(levels)}, {_for(arguments.quantity)}"
        slots = used(top, quantity, *when, *level_slots(sentence))
        return Proposal("explode_bom", arguments, words, strength, slots, self.vocabulary)


class Depth:
    """How many levels a structure has."""

    tools = ("explode_bom",)
    _cues = Cues(
        (0.97, "how|what deep|depth & M"),
        (0.96, "depth .. of|for|in & M"),
        (0.97, "how_many|how_much|number .. level|layer|tier|stage & M"),
        (0.95, "level|layer .. in|of|has|does .. {bom}? .. of|for? M"),
        (0.93, "M .. depth|deep"),
        (0.97, "{bom} & M level"),
        (0.97, "{bom} level & M"),
        (0.93, "{bom} & deep|depth & M"),
        words=f"{MODIFIERS} deep depth many nested nesting go down have has bill of material structure "
        "product stage maximum",
    )
    vocabulary = _cues.vocabulary

    def fits(self, sentence: Sentence) -> bool:
        """See `Frame.fits`."""
        return len(sentence.of("M")) == 1

    def strength(self, sentence: Sentence) -> float:
        """See `Frame.strength`."""
        return (
            0.0
            if sentence.said("stock|safety|reorder|inventory level|levels", *DIRECT)
            else self._cues.strength(sentence)
        )

    def proposals(self, sentence: Sentence, strength: float) -> Iterable[Proposal]:
        """See `Frame.proposals`."""
        top, (on, when) = sentence.of("M")[0], day_in(sentence)
        arguments = ExplodeBom(material=top.word, on=on, site=site_in(sentence))
        words = f"Components in {top.word}, all levels, for each, with how many levels there are"
        yield Proposal("explode_bom", arguments, words, strength, used(top, *when), self.vocabulary)


class ComponentNeed:
    """How many of one material go into so many of another."""

    tools = ("explode_bom",)
    _cues = Cues(
        (0.97, "how_many|how_much|often & M ... M"),
        (
            0.96,
            "number|quantity|amount|count|sum|total|demand|requirement|need|usage|consumption|calculate "
            "& M ... M",
        ),
        (0.95, "need|needed|require|required|take|takes|consume|necessary|use|used|go|goes & M ... M"),
        (0.94, "do|does|is|are|will|any .. M {need}|in .. M"),
        (0.94, "enough|sufficient|suffice|cover & M ... M"),
        (0.94, "M & {short} & N M"),
        (0.93, "M per M"),
        (0.95, "is|are M .. part|component|ingredient .. of M"),
        (0.9, "M for|in|into .. M"),
        words=f"{MODIFIERS} {_MAKING} many much need needed needs require required requirement demand take "
        "takes go goes into"
        " for order use used uses contain contains have has piece consume consumption usage necessary "
        "consider going count"
        " available there any calculate compute customer reserve should would plan wants work out got "
        "enough sufficient",
    )
    vocabulary = _cues.vocabulary
    _component = (
        "how many|much M",
        "number|amount|count|quantity|sum|demand|requirement|usage|consumption|total|many|need of M",
        "stock of M",
    )

    def fits(self, sentence: Sentence) -> bool:
        """See `Frame.fits`."""
        return len(sentence.of("M")) == 2 and sentence.of("M")[0].word != sentence.of("M")[1].word

    def strength(self, sentence: Sentence) -> float:
        """See `Frame.strength`."""
        return (
            0.0 if sentence.said("M and|or|versus|than|plus M", "{vendor}") else self._cues.strength(sentence)
        )

    def proposals(self, sentence: Sentence, strength: float) -> Iterable[Proposal]:
        """See `Frame.proposals`."""
        component, top = self._roles(sentence)
        quantity = sentence.quantity(top)
        short = sentence.said(*_SHORT, *_STOCKED)
        on, when = day_in(sentence)
        levels = depth(sentence, "all")
        arguments = ExplodeBom(
            material=top.word,
            quantity=_number(quantity),
            levels=levels,
            component=component.word,
            with_stock=short,
            on=on,
            site=site_in(sentence),
        )
        stock = ", with stock on hand" if short else ""
        words = (
            f"Quantity of {component.word} in {top.word}, {_level_words(levels)}, "
            f"{_for(arguments.quantity)}{stock}"
        )
        slots = used(component, top, quantity, *when, *level_slots(sentence))
        vocabulary = self.vocabulary | Shortage.vocabulary if short else self.vocabulary
        yield Proposal("explode_bom", arguments, words, strength, slots, vocabulary)

    def _roles(self, sentence: Sentence) -> tuple[Item, Item]:
        """Which of the two is the component, and which is built."""
        first, second = sentence.of("M")
        numbered = [item for item in (first, second) if sentence.quantity(item)]
        counted = [item for text in self._component for item in sentence.slots(text) if item.kind == "M"]
        if counted and counted[0] not in numbered:
            return (first, second) if counted[0] == first else (second, first)
        built = [item for item in sentence.slots("{build} M") if item.kind == "M"] or numbered[:1]
        if built:
            return (first, second) if built[-1] == second else (second, first)
        if sentence.said("M .. need|require|contain|have|has|include|take|use .. M") and not sentence.said(
            "M need|require|use .. for|in|to|by ... M"
        ):
            return second, first
        return first, second


# What makes another question of one about the parts of something.
_SHORT = ("{short}",)
_STOCKED = ("{stock}", "enough|sufficient")
_ABSENT = ("below|under .. need|needed|required", "not .. there|available|in_stock|on_stock", "M as")
_AVAILABLE = ("availability", "everything .. there|available", "have|got all|every|everything")
_LIMITED = (
    "have|need to buy|order|purchase|procure ... {build} M",
    "{bom} .. contain|contains|use|uses|include|with|have|has|need M",
    "M in .. {bom}",
    "can|could|able ... {build} N .. M",
    "run|runs|running out",
    "limit|limits|bottleneck|constraint",
    "how many|much .. {can} .. {build}",
)
_UPWARD = (
    "where ... M",
    "M ... where",
    "in|into|by|for what|which .. {assembly} ... M",
    "what|which M .. go|goes into",
)


class Shortage:
    """Which components do not suffice for so many of a material, and how many are missing."""

    tools = ("explode_bom",)
    _cues = Cues(
        (0.96, "what|which|{part}|everything & {short} & M"),
        (0.95, "{short} & {build} M"),
        (0.95, "{short} & N .. M"),
        (0.94, "{short} & for M"),
        (0.94, "not ... enough & M"),
        (0.94, "enough|sufficient|suffice & {part} & M"),
        (0.94, "enough|sufficient|suffice & {stock} & M"),
        (0.93, "enough & {build} M"),
        (0.95, "everything|all & have|got|there|available & {build} M"),
        (0.93, "everything|all & have|got|there|available & for M"),
        (0.93, "availability|available|check & N .. M"),
        (0.95, "what|which & not .. there|available|in_stock|on_stock & M"),
        (0.92, "have|need to buy|order|purchase|procure & {build}|for M"),
        (0.95, "below|under .. need|needed|required & M"),
        (0.9, "prevent|block|hold_up & {build} M"),
        words=f"{MODIFIERS} {_MAKING} many much short shortage missing miss lack lacking enough sufficient "
        "stock hand shelf"
        " warehouse have has not need needed order everything available cover covered component each we "
        "going by set required"
        " got tell whose list check availability material next week where too low there show to so far "
        "still would gap difference below not",
    )
    vocabulary = _cues.vocabulary

    def fits(self, sentence: Sentence) -> bool:
        """See `Frame.fits`."""
        return len(sentence.of("M")) == 1

    def strength(self, sentence: Sentence) -> float:
        """See `Frame.strength`."""
        if sentence.said(
            "^ when",
            "when do|does|will|can|are|is",
            "first",
            "limit|bottleneck",
            "without M",
            "{can} & how many|much",
        ):
            return 0.0
        strength = self._cues.strength(sentence)
        top = sentence.of("M")[0]
        if not strength or sentence.quantity(top) is not None:
            return strength
        # Without a number it may as well be the material itself that is short.
        return strength - (0.05 if sentence.said("{build}", "component|part|subcomponent|parts") else 0.27)

    def proposals(self, sentence: Sentence, strength: float) -> Iterable[Proposal]:
        """See `Frame.proposals`."""
        top, bought = sentence.of("M")[0], sentence.said(*BOUGHT)
        quantity = sentence.quantity(top)
        arguments = ExplodeBom(
            material=top.word,
            quantity=_number(quantity),
            levels="all" if bought else depth(sentence, "direct"),
            purchased_only=bought,
            short_only=True,
            site=site_in(sentence),
        )
        what = "Purchased components" if bought else "Components"
        words = f"{what} in {top.word}, {_level_words(arguments.levels)}, {_for(arguments.quantity)}"
        words += ", with stock on hand, only those that are short"
        slots = used(top, quantity, *level_slots(sentence), *sentence.slots("next|coming|this P"))
        yield Proposal("explode_bom", arguments, words, strength, slots, self.vocabulary)


PARTS_FRAMES: tuple[Frame, ...] = (Depth(), PartsList(), ComponentNeed(), Shortage())

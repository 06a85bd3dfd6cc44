"""Look-ups down a bill of materials: what goes into something, how much of it, and what is short."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Literal

from agents.models.embedded.lookups_assemblies import UPWARD
from agents.models.embedded.lookups_frame import Cues, Frame, Proposal, site_in, used, words_explained
from agents.models.embedded.lookups_levels import ALL, BOUGHT, DIRECT, MODIFIERS, day_in, depth, level_slots
from agents.models.embedded.lookups_sentence import Item, Sentence
from tools.bom import ExplodeBom
from tools.presenting import plain

_ONE = Decimal(1)

# ── what goes into it ─────────────────────────────────────────────────────────────────────────────────────
_PARTS = Cues(
    (0.97, "what|which ... {goes} ... into|in|inside M"),
    (0.97, "{part} .. {goes} .. into|in|inside M"),
    (
        0.96,
        "what|which|how ... M made|built|composed|assembled|constructed|comprised|put_together|constituted "
        "of|from|out|up|with",
    ),
    (0.96, "what|which ... M consist|comprise|contain|include|incorporate"),
    (0.93, "what|which ... make|makes up M"),
    (0.95, "what in|inside M"),
    (0.95, "what is in|inside M"),
    (0.96, "{bom} .. of|for|from|in|to|on M"),
    (0.96, "M {bom}"),
    (0.95, "^ {bom} M"),
    (0.93, "show|display|print|open|give|get|me|pull {bom} M"),
    (0.96, "explode|exploding|decompose|explosion .. M"),
    (0.9, "break|take down|apart M"),
    (0.9, "break|take|split M down|apart|up"),
    (0.95, "{part} of|in|inside|for|under M"),
    (0.95, "{part} .. composed|made|built|consist M"),
    (0.93, "what|which {part} .. M composed|made|built|consist|contain"),
    (0.93, "which|what .. {part} has|have M"),
    (0.95, "{part} list|and|needed|required|quantity|quantities .. of|in|inside|for|under M"),
    (0.95, "{part} .. M {need}"),
    (0.95, "{part} .. need|needed|require|required|use|used|necessary .. for|in|to|by|on M"),
    (0.95, "{part} .. need|needed|require|required|use|used|necessary|for .. {build} M"),
    (0.95, "what .. M {build} of|from"),
    (0.93, "what|which ... need|require|take|want|use|have ... {build} M"),
    (0.93, "{build} M ... what|which .. {part} .. need|require|take|want|use|have|necessary"),
    (0.9, "{build} M ... what|which .. need|require|take|want|have"),
    (0.9, "what|which M need|require|take|contain"),
    (0.92, "M component|part|ingredient|subcomponent|composition|makeup"),
    (0.9, "composition|makeup|contents|content|ingredient .. of|for|from M"),
    (0.9, "for M ... what|which .. {part} .. need|require|have|use|take|necessary"),
    words=f"{MODIFIERS} many much build building complete all each piece what kind type sort",
)
_WHOLE = Cues(
    (0.95, "how many|much|number|count ... {part} ... M"),
    (0.95, "M ... how many|much|number|count .. different|distinct? .. {part}"),
    (0.9, "how many|much ... different|distinct|unique|separate|purchased|bought|direct ... {part}"),
    words=MODIFIERS,
)
_DEEP = Cues(
    (0.97, "how|what deep|depth ... M"),
    (0.97, "depth .. of|for|in? .. {bom}? .. of|for|in? M"),
    (0.97, "how many|much|number .. level|layer|tier|stage|nesting_level ... M"),
    (0.97, "M ... how many .. level|layer|tier|stage"),
    (0.96, "M ... how|what deep|depth"),
    (0.95, "level|layer .. in|of|has|does .. {bom}? .. of|for? M"),
    (0.9, "M .. depth"),
    words=f"{MODIFIERS} deep depth many nested nesting go down have has bill of material structure does "
    "product",
)


def parts_list(sentence: Sentence) -> Iterable[Proposal]:
    """What goes into a material; how many different components it has; how deep it is."""
    materials = sentence.of("M")
    if len(materials) != 1 or sentence.said(*_SHORTAGE_WORDS, *_STOCKED_WORDS):
        return
    top, (on, when) = materials[0], day_in(sentence)
    deep = _DEEP.strength(sentence)
    if deep:
        yield _exploded(sentence, top, None, "all", _DEEP, deep, on=on, slots=when)
        return
    strength = max(_PARTS.strength(sentence), _WHOLE.strength(sentence))
    if (
        not strength
        or UPWARD.strength(sentence) >= strength
        or sentence.said("how many|much M", "{vendor} .. for|of M")
    ):
        return
    bought = sentence.said(*BOUGHT)
    counted = sentence.said("how many|number different|distinct|unique|purchased|bought", "explode")
    levels = depth(sentence, "all" if bought or counted else "direct")
    said = sentence.said(*DIRECT, *ALL)
    yield _exploded(
        sentence, top, sentence.quantity(top), levels, _PARTS, strength, bought=bought, on=on, slots=when
    )
    if not said:
        other: Literal["all", "direct"] = "direct" if levels == "all" else "all"
        yield _exploded(
            sentence,
            top,
            sentence.quantity(top),
            other,
            _PARTS,
            strength - 0.25,
            bought=bought,
            on=on,
            slots=when,
        )


def _exploded(
    sentence: Sentence,
    top: Item,
    quantity: Item | None,
    levels: Literal["all", "direct"],
    cues: Cues,
    strength: float,
    *,
    bought: bool = False,
    on: date | None = None,
    slots: tuple[Item, ...] = (),
) -> Proposal:
    number = quantity.number if quantity and quantity.number else _ONE
    arguments = ExplodeBom(
        material=top.word,
        quantity=number,
        levels=levels,
        purchased_only=bought,
        on=on,
        site=site_in(sentence),
    )
    what = "Purchased components" if bought else "Components"
    words = f"{what} in {top.word}, {_level_words(levels)}, {_for(number)}"
    return Proposal(
        "explode_bom",
        arguments,
        words,
        strength,
        used(top, quantity, *slots, *level_slots(sentence)),
        cues.vocabulary,
    )


# ── how much of one component ─────────────────────────────────────────────────────────────────────────────
_NEEDED = Cues(
    (0.97, "how many|much M ... {need} ... M"),
    (0.97, "how many|much M ... for|in|into|per|to|on .. M"),
    (0.97, "M ... how many|much M"),
    (
        0.96,
        "number|quantity|amount|count|sum|total|demand|requirement|need|usage|consumption .. M ... for|in|"
        "into|per|to|on|of|by ... M",
    ),
    (0.95, "how many|much M M {need}"),
    (0.94, "how many|much ... M ... M"),
    (
        0.93,
        "M need|needed|require|required|demand|requirement|quantity|usage|consumption|necessary|use|used|go|"
        "goes ... M",
    ),
    (0.9, "need|require|use M ... {build}|for|in M"),
    (0.88, "M per M"),
    (0.9, "do|does|is|are|will M {need} .. M"),
    (0.85, "M for|in|into M"),
    (0.85, "M ... number|quantity|need|demand|require|requirement|total .. M"),
    words=f"{MODIFIERS} many much need needed needs require required requirement demand take takes go goes "
    "into build building built make making made assemble assembling produce producing batch"
    " run lot for order use used uses contain contains have has want piece consume consumption usage "
    "necessary consider going count if plan manufacture put together",
)
_COMPONENT = (
    "how many|much M",
    "number|amount|count|quantity|sum|demand|requirement|usage|consumption|total|many of? M",
)
_SHORTAGE_WORDS = ("{short}",)
_STOCKED_WORDS = ("{stock}", "enough|sufficient", "availability")


def _level_words(levels: str) -> str:
    return "all levels" if levels == "all" else "direct components only"


def _for(quantity: Decimal) -> str:
    return f"to build {plain(quantity):f}" if quantity != 1 else "for each"


def component_need(sentence: Sentence) -> Iterable[Proposal]:
    """How many of one material go into so many of another."""
    materials = sentence.of("M")
    if len(materials) != 2:
        return
    strength = _NEEDED.strength(sentence)
    if not strength:
        return
    component, top = _roles(sentence, materials)
    quantity = sentence.quantity(top)
    short = sentence.said(*_SHORTAGE_WORDS, *_STOCKED_WORDS)
    on, when = day_in(sentence)
    levels = depth(sentence, "all")
    number = quantity.number if quantity and quantity.number else _ONE
    arguments = ExplodeBom(
        material=top.word,
        quantity=number,
        levels=levels,
        component=component.word,
        with_stock=short,
        on=on,
        site=site_in(sentence),
    )
    stock = ", with stock on hand" if short else ""
    words = f"Quantity of {component.word} in {top.word}, {_level_words(levels)}, {_for(number)}{stock}"
    vocabulary = _NEEDED.vocabulary | _SHORT.vocabulary if short else _NEEDED.vocabulary
    slots = used(component, top, quantity, *when, *level_slots(sentence))
    yield Proposal("explode_bom", arguments, words, strength, slots, vocabulary)


def _roles(sentence: Sentence, materials: tuple[Item, ...]) -> tuple[Item, Item]:
    """Which of two materials is the component and which is built."""
    first, second = materials
    counted = [item for pattern in _COMPONENT for item in sentence.slots(pattern) if item.kind == "M"]
    if counted:
        return (counted[0], second if counted[0] == first else first)
    numbered = [item for item in materials if sentence.quantity(item)]
    built = [item for item in sentence.slots("{build} M") if item.kind == "M"] or (
        numbered if len(numbered) == 1 else []
    )
    if built:
        return (first if built[-1] == second else second, built[-1])
    if sentence.said("M .. need|require|contain|have|has|include|take|use .. M") and not sentence.said(
        "M need|require|use .. for|in|to|by ... M"
    ):
        return second, first
    return first, second


# ── what is short ─────────────────────────────────────────────────────────────────────────────────────────
_SHORT = Cues(
    (0.96, "what|which ... {short} ... M"),
    (0.96, "M ... what|which ... {short}"),
    (0.95, "{part} .. {short} ... M"),
    (0.95, "{short} .. {part}? ... {build} M"),
    (0.94, "{short} ... for|to ... M"),
    (0.93, "M ... {short}"),
    (0.93, "what|which ... donot|cannot|can_not|not ... enough ... M"),
    (0.93, "M ... not ... enough"),
    (0.92, "enough|sufficient|all ... {part}|stock|material ... M"),
    (0.92, "M ... enough|sufficient ... {part}|stock|material"),
    (0.9, "do have everything|all .. M"),
    (0.9, "prevent|stop|block ... {build} M"),
    words=f"{MODIFIERS} many much short shortage missing miss lack lacking enough sufficient stock hand "
    "shelf warehouse have has not need needed build building make making want order"
    " plan planning would will must if assemble produce everything to run available cover covered component "
    "each piece we order going by sets set required got deliver delivering tell whose run batch lot must"
    " start starting planned",
)
_DATED = ("^ when", "when do|does|will|can|are|is", "out when")


def shortage(sentence: Sentence) -> Iterable[Proposal]:
    """Which components do not suffice for so many of a material, and how many are missing."""
    materials = sentence.of("M")
    if len(materials) != 1 or sentence.said(*_DATED):
        return
    strength = _SHORT.strength(sentence)
    top = materials[0]
    quantity = sentence.quantity(top)
    building = quantity is not None or sentence.said("{build}", "{part}", "{bom}", "for M")
    if not strength or not building or sentence.said("first", "limit|bottleneck"):
        return
    if quantity is None:
        strength -= 0.07
        if not sentence.said("{build}", "component|part|subcomponent"):
            strength -= 0.2
    levels = depth(sentence, "direct")
    bought = sentence.said(*BOUGHT)
    number = quantity.number if quantity and quantity.number else _ONE
    arguments = ExplodeBom(
        material=top.word,
        quantity=number,
        levels="all" if bought else levels,
        purchased_only=bought,
        short_only=True,
        site=site_in(sentence),
    )
    what = "Purchased components" if bought else "Components"
    words = (
        f"{what} in {top.word}, {_level_words(arguments.levels)}, {_for(number)}, with stock on hand, "
        "only those that are short"
    )
    yield Proposal(
        "explode_bom",
        arguments,
        words,
        strength,
        used(top, quantity, *level_slots(sentence)),
        _SHORT.vocabulary,
    )


PARTS_FRAMES: tuple[Frame, ...] = (parts_list, component_need, shortage)
PARTS_WORDS = words_explained(_PARTS, _WHOLE, _DEEP, _NEEDED, _SHORT)

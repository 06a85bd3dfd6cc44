"""Look-ups in bills of materials: what goes in, where it is used, what can be built and what is short."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Literal

from agents.models.embedded.lookups_frame import Cues, Frame, Proposal, site_in, used
from agents.models.embedded.lookups_sentence import Item, Sentence
from tools.bom import ExplodeBom
from tools.buildable import Buildable
from tools.presenting import plain
from tools.where_used import WhereUsed

_ONE = Decimal(1)
_DIRECT = (
    "direct|directly|immediate|immediately",
    "one|single|first|top|1|N level",
    "level one|1|N",
    "next level down?",
    "no sub assembly",
)
_ALL = (
    "all|every|any|each|multiple|multi|whole|full|complete|entire|lower|through level|levels|structure|bom|"
    "tree",
    "multilevel|multi_level|indented|recursive|recursively",
    "explode|exploded|exploding|explosion",
    "way|right|straight down",
    "end_up",
    "down to",
    "fully|completely|entirely",
    "including sub assembly",
    "level by level",
    "anywhere|indirect|indirectly|ultimately|eventually",
)
_BOUGHT = (
    "purchased|bought|procured|bought_in|buy|purchase|outsourced part|component|item|material|piece|thing|"
    "one?",
)
_WHEN = "valid as of effective on current currently structure build bill active still"
_COUNT = (
    "total altogether overall different distinct unique separate individual quantity quantities qty "
    "each per every list sum full number count"
)


def _day(sentence: Sentence) -> tuple[date | None, tuple[Item, ...]]:
    """The day that the question names, where it names just a day."""
    days = [item for item in sentence.of("P") if item.period and item.period.grain == "day"]
    return (days[0].period.start, (days[0],)) if days and days[0].period else (None, ())


def _depth(sentence: Sentence, default: Literal["all", "direct"]) -> Literal["all", "direct"]:
    if sentence.said(*_DIRECT):
        return "direct"
    return "all" if sentence.said(*_ALL) else default


def _level_words(levels: str) -> str:
    return "all levels" if levels == "all" else "direct components only"


def _for(quantity: Decimal) -> str:
    return f"to build {plain(quantity):f}" if quantity != 1 else "for each"


_LEVEL_WORDS = (
    "direct directly immediate immediately level levels one single first top next all every multi multiple "
    "whole complete entire lower"
    " indented recursive recursively exploded fully completely way down right end up including sub assembly "
    "deep tree anywhere indirect"
    " indirectly through only structure bom last bottom until part straight enough"
)
_MODIFIERS = f"{_LEVEL_WORDS} {_WHEN} {_COUNT} purchased bought procured buy component part stock hand on"

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
    (0.9, "break M down"),
    (0.95, "{part} .. of|in|inside|for|under M"),
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
    words=f"{_MODIFIERS} many much build building complete all each piece what kind type sort",
)
_WHOLE = Cues(
    (0.95, "how many|much|number|count ... {part} ... M"),
    (0.95, "M ... how many|much|number|count .. different|distinct? .. {part}"),
    (0.9, "how many|much ... different|distinct|unique|separate|purchased|bought|direct ... {part}"),
    words=_MODIFIERS,
)
_DEEP = Cues(
    (0.97, "how|what deep|depth ... M"),
    (0.97, "depth .. of|for|in? .. {bom}? .. of|for|in? M"),
    (0.97, "how many|much|number .. level|layer|tier|stage|nesting_level ... M"),
    (0.97, "M ... how many .. level|layer|tier|stage"),
    (0.96, "M ... how|what deep|depth"),
    (0.95, "level|layer .. in|of|has|does .. {bom}? .. of|for? M"),
    (0.9, "M .. depth"),
    words=f"{_MODIFIERS} deep depth many nested nesting go down have has bill of material structure does "
    f"product",
)


def parts_list(sentence: Sentence) -> Iterable[Proposal]:
    """What goes into a material; how many different components it has; how deep it is."""
    materials = sentence.of("M")
    if len(materials) != 1 or sentence.said(*_SHORTAGE_WORDS, *_STOCKED_WORDS):
        return
    top, (on, when) = materials[0], _day(sentence)
    deep = _DEEP.strength(sentence)
    if deep:
        yield _exploded(sentence, top, None, "all", _DEEP, deep, on=on, slots=when)
        return
    strength = max(_PARTS.strength(sentence), _WHOLE.strength(sentence))
    if (
        not strength
        or _UPWARD.strength(sentence) >= strength
        or sentence.said("how many|much M", "{vendor} .. for|of M")
    ):
        return
    bought = sentence.said(*_BOUGHT)
    counted = sentence.said("how many|number different|distinct|unique|purchased|bought", "explode")
    levels = _depth(sentence, "all" if bought or counted else "direct")
    said = sentence.said(*_DIRECT, *_ALL)
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
        used(top, quantity, *slots, *_levels(sentence)),
        cues.vocabulary,
    )


def _levels(sentence: Sentence) -> tuple[Item, ...]:
    """A number that says a level, as in `one level`."""
    return sentence.slots("N level") or sentence.slots("level N")


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
    words=f"{_MODIFIERS} many much need needed needs require required requirement demand take takes go goes "
    f"into build building built make making made assemble assembling produce producing batch"
    " run lot for order use used uses contain contains have has want piece consume consumption usage "
    "necessary consider going count if plan manufacture put together",
)
_COMPONENT = (
    "how many|much M",
    "number|amount|count|quantity|sum|demand|requirement|usage|consumption|total|many of? M",
)
_SHORTAGE_WORDS = ("{short}",)
_STOCKED_WORDS = ("{stock}",)


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
    short = sentence.said(*_SHORTAGE_WORDS, "have enough", "enough|sufficient", *_STOCKED_WORDS)
    on, when = _day(sentence)
    levels = _depth(sentence, "all")
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
    slots = used(component, top, quantity, *when, *_levels(sentence))
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
    words=f"{_MODIFIERS} many much short shortage missing miss lack lacking enough sufficient stock hand "
    f"shelf warehouse have has not need needed build building make making want order"
    " plan planning would will must if assemble produce everything to run available cover covered component "
    "each piece we order going by sets set required got",
)
_DATED = ("when", "run|runs short|out when", "out_of|run_out_of_stock")


def shortage(sentence: Sentence) -> Iterable[Proposal]:
    """Which components do not suffice for so many of a material, and how many are missing."""
    materials = sentence.of("M")
    if len(materials) != 1 or sentence.said(*_DATED, "when"):
        return
    strength = _SHORT.strength(sentence)
    top = materials[0]
    quantity = sentence.quantity(top)
    building = sentence.said("{build}", "{part}", "{bom}", "for M")
    if not strength or not building or _LIMIT.strength(sentence):
        return
    if quantity is None:
        strength -= 0.07
        if not sentence.said("{build}", "component|part|subcomponent"):
            strength -= 0.2
    levels = _depth(sentence, "direct")
    bought = sentence.said(*_BOUGHT)
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
        f"only those that are short"
    )
    yield Proposal(
        "explode_bom", arguments, words, strength, used(top, quantity, *_levels(sentence)), _SHORT.vocabulary
    )


# ── where it is used ──────────────────────────────────────────────────────────────────────────────────────
_UPWARD = Cues(
    (0.98, "where used|use .. M"),
    (
        0.98,
        "where ... M .. used|use|go|goes|installed|fitted|consumed|built|needed|required|appear|occur|come|"
        "end|land|sit_in",
    ),
    (0.97, "M .. where used|use"),
    (0.97, "M .. where .. used|use"),
    (0.97, "what|which M .. go|goes|built|put .. into|in"),
    (0.96, "what|which .. M .. go|goes into|in"),
    (
        0.96,
        "what|which ... M .. used|use|needed|required|consumed|part_of|component_of|installed|fitted|"
        "contained|included .. in|for|by|on|to|of?",
    ),
    (
        0.95,
        "M .. used|use|part|component|go|goes|needed|required|contained|included .. in|into|of|by|for .. "
        "what|which|how|any",
    ),
    (0.97, "how many .. {assembly} .. {use} M"),
    (0.97, "what|which|list|all|number|count ... {assembly} ... {use} M"),
    (0.96, "in|for|on|into|by how many .. {assembly} .. M"),
    (0.96, "in|for|on|into|by what|which .. {assembly} ... M"),
    (0.95, "how many .. {assembly} ... {use} M"),
    (0.93, "what|who use|uses|need|contain|consume|require M"),
    (0.93, "what|which .. {assembly} ... {use} .. M"),
    (
        0.93,
        "{assembly} .. use|using|containing|contain|with|needing|requiring|made_with|built_with|built_from M",
    ),
    (0.93, "parent|parents|higher_level|next_higher|used_in .. {assembly}? .. of|for|to|with M"),
    (0.93, "M .. parent|parents|where_used|usage"),
    (0.92, "usage|uses .. of M"),
    (0.92, "what|which|how ... affect|affected|impact|impacted|hit|stop|suffer|hurt|disrupted|down ... M"),
    (
        0.92,
        "M ... what|which|how ... affect|affected|impact|impacted|hit|stop|suffer|hurt|stand_still|"
        "disrupted|down|cannot|can_not|could_not|unable",
    ),
    (0.92, "what|which ... cannot|can_not|could_not|couldnot|unable|not ... {build} .. without M"),
    (0.92, "what|which ... depend|depends|rely|relies .. on|upon M"),
    (0.9, "what|which .. use|need M for|in"),
    (0.9, "what .. M for$"),
    (0.93, "{assembly} ... M part|component|ingredient .. of"),
    (0.9, "M .. used|use .. in|for|by|on"),
    words=f"{_LEVEL_WORDS} {_WHEN} {_COUNT} assembly product parent bike finished final end good sell "
    f"sellable top higher level model structure affected impact run ran out runs unavailable supply"
    " without needed directly used many different if would dropped disappeared short shortage bill of "
    "material were stopped no longer available got where use using part component all",
)
_TOP = (
    "finished|final|end|sellable|saleable|top|top_level good|product|item|assembly|level|bike|material|model",
    "bike|bikes",
    "finished_good",
    "top_level",
    "top of",
)
_AFFECTED = (
    "affect|affected|impact|impacted|hit|stop|suffer|hurt|disrupted|stand_still",
    "without M",
    "depend|depends|rely|relies",
)


def upward(sentence: Sentence) -> Iterable[Proposal]:
    """Which assemblies a material goes into."""
    materials = sentence.of("M")
    if len(materials) != 1 or sentence.said(*_STOCKED_WORDS, "how many|much M .. need|require|{can}"):
        return
    strength = _UPWARD.strength(sentence)
    if not strength or sentence.quantity(materials[0]):
        return
    if sentence.said(
        "what ... go|goes .. into|in M", "what|which .. {part} .. M need|require|use|have|has|contain"
    ):
        return
    levels: Literal["direct", "all", "top"] = "direct"
    if sentence.said(*_DIRECT):
        levels = "direct"
    elif sentence.said(*_TOP):
        levels = "top"
    elif sentence.said(*_ALL, *_AFFECTED):
        levels = "all"
    on, when = _day(sentence)
    item = materials[0]
    if sentence.said("bike|bikes"):
        strength -= 0.2
    said = {
        "direct": "that use it directly",
        "all": "that use it on any level",
        "top": "at the top of the structures that use it",
    }
    arguments = WhereUsed(material=item.word, levels=levels, on=on, site=site_in(sentence))
    words = f"Assemblies {said[levels]}: {item.word}"
    yield Proposal(
        "where_used", arguments, words, strength, used(item, *when, *_levels(sentence)), _UPWARD.vocabulary
    )
    if not sentence.said(*_DIRECT, *_TOP, *_ALL):
        other: Literal["direct", "all"] = "direct" if levels == "all" else "all"
        second = WhereUsed(material=item.word, levels=other, on=on, site=site_in(sentence))
        yield Proposal(
            "where_used",
            second,
            f"Assemblies {said[other]}: {item.word}",
            strength - 0.25,
            used(item, *when),
            _UPWARD.vocabulary,
        )


# ── what can be built ─────────────────────────────────────────────────────────────────────────────────────
_BUILD = Cues(
    (0.97, "how many|much M ... {can} ... {build}"),
    (0.97, "how many|much ... {can} ... {build} .. M"),
    (0.97, "M ... how many|much ... {can} ... {build}"),
    (0.96, "how many|much M .. be|buildable .. {build}"),
    (0.96, "how many|much M .. buildable|feasible|possible"),
    (0.95, "maximum|max|most|largest|highest|greatest .. quantity|number|amount? .. M ... {can} ... {build}"),
    (0.95, "maximum|max|most|largest|highest|greatest .. quantity|number|amount? .. M ... {build}"),
    (0.95, "number|quantity|amount .. M ... {can} ... {build}"),
    (0.93, "M ... maximum|max|most ... {build}"),
    (0.93, "maximum|max|most .. {build} .. M"),
    (
        0.92,
        "how many|much M ... from|with|out_of .. {stock}|parts|part|components|component|what|purchased|"
        "bought|direct",
    ),
    (0.92, "for how many M"),
    (0.93, "{stock}|{part} ... enough|sufficient|suffice|last|reach|cover .. for how many"),
    (0.9, "buildable .. M"),
    (0.9, "M .. buildable"),
    (0.9, "build capacity|potential|quantity .. M"),
    words=f"{_MODIFIERS} many much can could able possible would build built assemble make put together "
    f"produce manufacture from with what have has got stock hand shelf warehouse inventory"
    " lying around alone only ignoring sub assembly assemblies existing today current given maximum max "
    "most number using use present available parts component material without ordering buying anything"
    " new more at if wanted want run location locations purchase purchased which part would limit limiting "
    "stop us first enough lie lies lying sitting all get out there complete raw scratch finished now "
    "immediately right away still set sets how excluding counting semi finished",
)
_LIMIT = Cues(
    (0.95, "what|which ... run|runs|running out .. first? ... M"),
    (0.95, "M ... what|which ... run|runs|running out"),
    (0.95, "what|which ... end|ends|exhausted|gone|deplete|depleted|used_up|empty first ... M"),
    (0.95, "M ... what|which ... end|ends|exhausted|gone|deplete|depleted|used_up|empty first"),
    (
        0.95,
        "{part}|what|which ... limit|limits|limiting|constrain|constraint|restrict|bottleneck|critical|"
        "scarce|scarcest|hold_back|hold_up|stop|stops|cap|caps ... M",
    ),
    (
        0.95,
        "M ... {part}|what|which ... limit|limits|limiting|constrain|constraint|restrict|bottleneck|scarce|"
        "scarcest|stop|stops",
    ),
    (
        0.95,
        "bottleneck|constraint|limiting_factor|limiting_part|limiting_component .. for|of|in|when|to ... M",
    ),
    (0.93, "first ... run|runs out ... M"),
    (0.93, "{part} .. shortest|scarcest|first_to ... M"),
    (0.9, "limit|limits|limiting ... {build} ... M"),
    words="after how many sets first runs out run limit limits limiting bottleneck constraint ends first "
    "end critical scarce scarcest stop stops assembling keep kept we when one level is enough",
)
_ABLE = Cues(
    (0.93, "can|could|able|possible ... {build} M"),
    (0.93, "{build} M ... possible|feasible|can"),
    (0.9, "is|are M .. buildable|possible|feasible"),
    (0.9, "can|could M be {build}"),
    words="from with stock hand what have we got today parts components in on direct directly all levels "
    "purchased have enough",
)


def build_limit(sentence: Sentence) -> Iterable[Proposal]:
    """How many of a material can be built from stock, and what limits it."""
    materials = sentence.of("M")
    if len(materials) != 1:
        return
    top = materials[0]
    built, limited = _BUILD.strength(sentence), _LIMIT.strength(sentence)
    strength = max(built, limited)
    quantity = sentence.quantity(top)
    vocabulary = _BUILD.vocabulary | _LIMIT.vocabulary
    if limited and not built and not sentence.said("{build}", "{bom}", "{part}"):
        strength = 0.0
    if not strength and quantity is not None and not sentence.said(*_SHORTAGE_WORDS):
        strength = _ABLE.strength(sentence)
        vocabulary |= _ABLE.vocabulary
    if not strength or sentence.said("when", "how long|fast|quick|soon"):
        return
    level = _stock_level(sentence)
    number = quantity.number if quantity else None
    arguments = Buildable(material=top.word, level=level, quantity=number, site=site_in(sentence))
    said = {
        "direct": "stock of direct components only",
        "purchased": "stock of purchased parts alone, all levels, sub-assembly stock ignored",
        "all": "stock of purchased parts and sub-assemblies, all levels",
    }
    wanted = f", and what is missing to build {plain(number):f}" if number is not None else ""
    words = f"How many {top.word} can be built from stock on hand: {said[level]}{wanted}"
    slots = used(top, quantity, *_levels(sentence))
    yield Proposal("buildable", arguments, words, strength, slots, vocabulary)
    if not sentence.said(*_DIRECT, *_ALL, *_BOUGHT, *_SCRATCH):
        second = Buildable(material=top.word, level="purchased", quantity=number, site=site_in(sentence))
        yield Proposal(
            "buildable",
            second,
            f"How many {top.word} can be built from stock on hand: {said['purchased']}{wanted}",
            strength - 0.25,
            slots,
            vocabulary,
        )


_SCRATCH = (
    "scratch",
    "raw part|component|material",
    "ignore|ignoring|without|no|not|excluding|disregarding|leaving_out ... sub assembly|subassembly|"
    "semi_finished",
)


def _stock_level(sentence: Sentence) -> Literal["direct", "purchased", "all"]:
    if sentence.said(*_BOUGHT, "purchased|bought", *_SCRATCH):
        return "purchased"
    if sentence.said(*_DIRECT):
        return "direct"
    return "all" if sentence.said(*_ALL, "sub assembly ... use|used|count|included|too") else "direct"


STRUCTURE_FRAMES: tuple[Frame, ...] = (parts_list, component_need, shortage, upward, build_limit)

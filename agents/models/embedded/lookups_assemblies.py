"""Look-ups up a bill of materials: where something is used, and how many can be built."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from agents.models.embedded.lookups_frame import Cues, Frame, Proposal, site_in, used, words_explained
from agents.models.embedded.lookups_levels import (
    ALL,
    BOUGHT,
    COUNTS,
    DIRECT,
    LEVELS,
    MODIFIERS,
    TIMES,
    day_in,
    level_slots,
)
from agents.models.embedded.lookups_sentence import Sentence
from tools.buildable import Buildable
from tools.presenting import plain
from tools.where_used import WhereUsed

# ── where it is used ──────────────────────────────────────────────────────────────────────────────────────
UPWARD = Cues(
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
    words=f"{LEVELS} {TIMES} {COUNTS} assembly product parent bike finished final end good sell "
    "sellable top higher level model structure affected impact run ran out runs unavailable supply"
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
    if len(materials) != 1 or sentence.said("{stock}", "how many|much M .. need|require|{can}"):
        return
    strength = UPWARD.strength(sentence)
    if not strength or sentence.quantity(materials[0]):
        return
    if sentence.said(
        "what ... go|goes .. into|in M", "what|which .. {part} .. M need|require|use|have|has|contain"
    ):
        return
    levels: Literal["direct", "all", "top"] = "direct"
    if sentence.said(*_TOP):
        levels = "top"
    elif sentence.said(*DIRECT):
        levels = "direct"
    elif sentence.said(*ALL, *_AFFECTED):
        levels = "all"
    on, when = day_in(sentence)
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
        "where_used",
        arguments,
        words,
        strength,
        used(item, *when, *level_slots(sentence)),
        UPWARD.vocabulary,
    )
    if not sentence.said(*DIRECT, *_TOP, *ALL):
        other: Literal["direct", "all"] = "direct" if levels == "all" else "all"
        second = WhereUsed(material=item.word, levels=other, on=on, site=site_in(sentence))
        yield Proposal(
            "where_used",
            second,
            f"Assemblies {said[other]}: {item.word}",
            strength - 0.25,
            used(item, *when),
            UPWARD.vocabulary,
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
    words=f"{MODIFIERS} many much can could able possible would build built assemble make put together "
    "produce manufacture from with what have has got stock hand shelf warehouse inventory"
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
    if not strength and quantity is not None and not sentence.said("{short}"):
        strength = _ABLE.strength(sentence)
        vocabulary |= _ABLE.vocabulary
    if not strength or sentence.said(
        "^ when", "when can|could|do|does|will|would|is|are|may", "how long|fast|quick|soon"
    ):
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
    slots = used(top, quantity, *level_slots(sentence))
    yield Proposal("buildable", arguments, words, strength, slots, vocabulary)
    if not sentence.said(*DIRECT, *ALL, *BOUGHT, *_SCRATCH):
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
    if sentence.said(*BOUGHT, "purchased|bought", *_SCRATCH):
        return "purchased"
    if sentence.said(*DIRECT):
        return "direct"
    return "all" if sentence.said(*ALL, "sub assembly ... use|used|count|included|too") else "direct"


ASSEMBLY_FRAMES: tuple[Frame, ...] = (upward, build_limit)
ASSEMBLY_WORDS = words_explained(UPWARD, _BUILD, _LIMIT, _ABLE)

"""Look-ups up a bill of materials: where something is used, and how many can be built."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from agents.models.embedded.lookups_frame import Cues, Frame, Proposal, site_in, used
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
    says_levels,
)
from agents.models.embedded.lookups_sentence import Item, Sentence
from tools.buildable import Buildable
from tools.presenting import plain
from tools.where_used import WhereUsed

_Upward = Literal["direct", "all", "top"]
_ABOVE = (
    "assembly|assemblies|product|parent|model|bike|bom|bill_of_material|finished_good|end_product|end_item"
)
_USING = (
    "use|uses|used|using|contain|contains|containing|include|including|need|needs|require|requires|"
    "requiring|have|has|having|with|"
    "in_it|consume|consumes|incorporate|find|found|affected|affect|hit|stop|depend|depends|rely|part_of|"
    "appear|built|build|impacted"
)
_PASSIVE = (
    "used|use|consumed|consume|needed|required|installed|fitted|contained|included|go|goes|appear|"
    "occur|built|put|end_up"
)


class WhereUsedIn:
    """Which assemblies a material goes into."""

    tools = ("where_used",)
    _cues = Cues(
        (0.98, "where used|use & M"),
        (0.97, f"where ... {_PASSIVE} ... M"),
        (0.97, f"where ... M .. {_PASSIVE}"),
        (0.97, f"M .. where .. {_PASSIVE}"),
        (0.97, "what|which M .. go|goes|built|put .. into|in"),
        (0.96, "what|which .. M .. go|goes into|in"),
        (
            0.96,
            f"in|into|for|by|on|with what|which|how_many .. {_ABOVE}|thing|item|material|part|article|"
            "structure ... M",
        ),
        (0.96, "M .. in|into|for|with what|which|how_many"),
        (0.96, f"M ... {_PASSIVE} .. in|into|for|on|by .. what|which|how_many|any"),
        (
            0.95,
            "what|which ... M used|use|needed|required|consumed|installed|fitted|contained|included in|"
            "for|by|on|to",
        ),
        (0.96, f"{_ABOVE} ... {_USING} .. M"),
        (0.95, f"{_ABOVE} ... {_USING} ... M"),
        (0.95, f"what|which|how_many|list ... {_ABOVE} & M & {_USING}"),
        (0.94, "parent|parents|where_used|used_in & M"),
        (
            0.94,
            "{part}|thing|item|{assembly} .. use|using|containing|contain|with|needing|requiring|"
            "made_with|built_with .. M",
        ),
        (0.93, "what|who all? use|uses|need|contain|consume|require M"),
        (0.95, "have|has|with|use|list M as .. component|part|input"),
        (0.97, "M in .. {bom}"),
        (0.94, "higher|upper|next_higher .. {assembly} & M"),
        (0.94, "everything|anything|all .. contain|contains|use|uses|need|needs|with .. M"),
        (0.93, "cannot|can_not|could_not|unable|not .. {build} & run|runs|ran out & M"),
        (0.93, "concern|concerned & what|which .. {assembly} & M"),
        (0.93, "usage|uses .. of M"),
        (0.94, "affect|affected|impact|impacted|hit|suffer|hurt|disrupted|stand_still & M"),
        (0.94, "cannot|can_not|could_not|couldnot|unable|not|stop & {build} & without M"),
        (0.94, "depend|depends|rely|relies & M"),
        (0.93, "what|which .. use|need M for|in"),
        (0.93, "what .. M for$"),
        (0.93, "M what .. for$"),
        (0.93, "M .. part|component|ingredient .. of .. what|which|how_many"),
        (0.93, "what .. built|made|assembled|produced with|using M"),
        (0.9, f"M .. {_PASSIVE} .. in|for|by|on$"),
        words=f"{LEVELS} {TIMES} {COUNTS} assembly product parent bike finished final end good sell "
        "sellable top higher model structure"
        " affected impact run ran out runs unavailable supply without needed directly used many different "
        "if would dropped disappeared"
        " short shortage bill of material were stopped no longer available becomes became become runs dry "
        "gone hit got where use using"
        " part component all it them not delivered deliver supplier cannot can might assemble assembled "
        "then concern any supply recall bust bankrupt fails fail goes out of business list recalled missing "
        "find bad faulty defective show build",
    )
    vocabulary = _cues.vocabulary
    _top = (
        "finished|final|end|sellable|saleable good|product|item|assembly|level|bike|material|model",
        "top|top_level|highest level|product|assembly|item|bike|bikes",
        "bike|bikes",
    )
    _finished = ("finished|sellable|saleable|salable good|goods",)
    _affected = (
        "affect|affected|concern|concerned|impact|impacted|hit|stop|suffer|hurt|disrupted|stand_still",
        "without M",
        "cannot|can_not|could_not .. {build}",
        "depend|depends|rely|relies",
    )

    def fits(self, sentence: Sentence) -> bool:
        """See `Frame.fits`."""
        return len(sentence.of("M")) == 1

    def strength(self, sentence: Sentence) -> float:
        """See `Frame.strength`."""
        if sentence.quantity(sentence.of("M")[0]) or sentence.said("{stock}", "how many|much M", *_INWARD):
            return 0.0
        if sentence.said("supplier|vendor") and not sentence.said(*self._affected):
            return 0.0
        strength = self._cues.strength(sentence)
        # The tool lists assemblies of whatever kind.
        return strength - 0.2 if sentence.said("bike|bikes") else strength

    def proposals(self, sentence: Sentence, strength: float) -> Iterable[Proposal]:
        """See `Frame.proposals`."""
        levels: _Upward = "direct"
        if sentence.said(*self._finished):
            yield self._proposal(sentence, "all", strength, finished=True)
            strength -= 0.25
        if sentence.said(*self._top):
            levels = "top"
        elif sentence.said("indirect|indirectly") or not sentence.said(*DIRECT):
            levels = "all" if sentence.said(*ALL, *self._affected) else "direct"
        yield self._proposal(sentence, levels, strength)
        if levels != "top" and not says_levels(sentence):
            yield self._proposal(sentence, "direct" if levels == "all" else "all", strength - 0.25)

    def _proposal(
        self, sentence: Sentence, levels: _Upward, strength: float, *, finished: bool = False
    ) -> Proposal:
        item, (on, when) = sentence.of("M")[0], day_in(sentence)
        said = {
            "direct": "that use it directly",
            "all": "that use it on any level",
            "top": "at the top of the structures that use it",
        }
        arguments = WhereUsed(
            material=item.word, levels=levels, finished_only=finished, on=on, site=site_in(sentence)
        )
        words = (
            f"Finished goods that use it, through all levels: {item.word}"
            if finished
            else f"Assemblies {said[levels]}: {item.word}"
        )
        slots = used(item, *when, *level_slots(sentence))
        return Proposal("where_used", arguments, words, strength, slots, self.vocabulary)


_INWARD = (
    "go|goes|put|belong .. into|in|inside M$",
    "what ... go|goes .. into|in M",
    "component|components|part|parts .. M need|require|use|have|has|contain|consist",
    "component|components|part|parts|items .. contained|included|needed|required|used .. in|for M",
    "from who|whom|which",
)


class BuildLimit:
    """How many of a material can be built from stock, and what limits it."""

    tools = ("buildable",)
    _cues = Cues(
        (0.97, "how many|much ... {can} ... {build} & M"),
        (0.97, "how many|much & {can} & {build} & M"),
        (0.96, "how many|much M ... be|buildable .. {build}"),
        (0.96, "how many|much M .. buildable|feasible|possible"),
        (0.95, "maximum|max|most|largest|highest|greatest & {build} & M"),
        (0.95, "number|quantity|amount & {can} & {build} & M"),
        (0.93, "how many|much M ... from|with|out_of .. {stock}|part|component|what|purchased|bought|direct"),
        (0.94, "for how many M"),
        (0.94, "{stock}|{part} & enough|sufficient|suffice|last|reach|cover & for how many"),
        (0.94, "enough|sufficient & how many M"),
        (0.94, "how many .. set for M"),
        (0.94, "how many M ... come_out|get|result"),
        (0.93, "buildable & M"),
        (0.92, "build capacity|potential|quantity & M"),
        words=f"{MODIFIERS} many much can could able possible would build built assemble make put together "
        "produce manufacture from with"
        " what have has got stock hand shelf warehouse inventory lying around alone only ignoring sub "
        "assembly existing today given"
        " maximum max most number using use present available parts component material without ordering "
        "buying anything new more at if"
        " wanted want run location locations purchase which part would limit limiting stop us first enough "
        "lie lies sitting all get"
        " out there complete raw scratch immediately right away still set how excluding counting semi "
        "finished start begin count going not"
        " ignore disregard existing theoretically until something",
    )
    _limits = Cues(
        (0.95, "run|runs|running|ran out .. first & M"),
        (0.95, "what|which|something ... run|runs|running|ran out & M"),
        (0.95, "end|ends|exhausted|gone|deplete|depleted|used_up|empty|short first & M"),
        (
            0.95,
            "{part}|what|which ... limit|limits|limiting|constrain|constraint|restrict|bottleneck|critical|"
            "scarce|scarcest|hold_back|"
            "hold_up|stop|stops|cap|caps & M",
        ),
        (0.95, "bottleneck|constraint|limiting_factor|limiting_part|limiting_component & M"),
        (0.93, "{part} & shortest|scarcest|first_to & M"),
        (0.94, "hold|holds .. back|up & M"),
        (0.93, "limit|limits|limiting & {build}|production|output|assembly & M"),
        words="after how many sets first runs out run limit limits limiting bottleneck constraint ends "
        "first end critical scarce stop"
        " stops assembling keep kept we when one level is enough production output assembly process more "
        "hold back up us",
    )
    _able = Cues(
        (0.94, "can|could|able|possible|feasible & {build} M"),
        (0.93, "is|are M .. buildable|possible|feasible"),
        (0.93, "can|could M be {build}"),
        words="from with stock hand what have we got today parts components in on direct directly all "
        "levels purchased have enough away",
    )
    vocabulary = _cues.vocabulary | _limits.vocabulary | _able.vocabulary
    _scratch = (
        "scratch",
        "raw|raw_purchased part|component|material",
        "ignore|ignoring|without|no|not|excluding|disregarding|leaving_out ... sub assembly",
        "ignore|ignoring|without|no|not|excluding|disregarding|leaving_out ... subassembly|semi_finished",
    )

    def fits(self, sentence: Sentence) -> bool:
        """See `Frame.fits`."""
        return len(sentence.of("M")) == 1

    def strength(self, sentence: Sentence) -> float:
        """See `Frame.strength`."""
        if sentence.said(
            "^ when", "when can|could|do|does|will|would|is|are|may", "how long|fast|quick|soon"
        ):
            return 0.0
        past = sentence.norms & {"did", "were", "was", "built", "made", "produced"}
        if past and not sentence.said("{can}"):
            return 0.0
        built, limited = self._cues.strength(sentence), self._limits.strength(sentence)
        if (
            limited
            and not built
            and not sentence.said("{build}", "{bom}", "{part}", "production|output|assembly")
        ):
            limited = 0.0
        if built or limited or sentence.said("{short}", "how many|much"):
            return max(built, limited)
        return self._able.strength(sentence) if sentence.quantity(sentence.of("M")[0]) else 0.0

    def proposals(self, sentence: Sentence, strength: float) -> Iterable[Proposal]:
        """See `Frame.proposals`."""
        level: Literal["direct", "purchased", "all"] = "direct"
        if sentence.said(*BOUGHT, "purchased|bought", *self._scratch):
            level = "purchased"
        elif not sentence.said(*DIRECT) and sentence.said(
            *ALL, "use|using|count|including|with .. sub assembly"
        ):
            level = "all"
        yield self._proposal(sentence, level, strength)
        if level == "direct" and not sentence.said(*DIRECT):
            yield self._proposal(sentence, "purchased", strength - 0.25)

    def _proposal(
        self, sentence: Sentence, level: Literal["direct", "purchased", "all"], strength: float
    ) -> Proposal:
        top = sentence.of("M")[0]
        quantity: Item | None = sentence.quantity(top)
        number = quantity.number if quantity else None
        said = {
            "direct": "stock of direct components only",
            "purchased": "stock of purchased parts alone, all levels, sub-assembly stock ignored",
            "all": "stock of purchased parts and sub-assemblies, all levels",
        }
        wanted = f", and what is missing to build {plain(number):f}" if number is not None else ""
        words = f"How many {top.word} can be built from stock on hand: {said[level]}{wanted}"
        arguments = Buildable(material=top.word, level=level, quantity=number, site=site_in(sentence))
        slots = used(top, quantity, *level_slots(sentence))
        return Proposal("buildable", arguments, words, strength, slots, self.vocabulary)


ASSEMBLY_FRAMES: tuple[Frame, ...] = (WhereUsedIn(), BuildLimit())

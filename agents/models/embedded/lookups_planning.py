"""Look-ups of planning: what is short, what can be built, and the frames of all of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from agents.models.embedded.lookups_ahead import POLITE, Coming, planned_words
from agents.models.embedded.lookups_chains import Pegged, WhyIsItLate
from agents.models.embedded.lookups_frame import Cues, Frame, Proposal, site_in, used
from agents.models.embedded.lookups_messages import Messages
from agents.models.embedded.lookups_sentence import Sentence
from tools.buildable import Buildable
from tools.shortages import Shortages

_PART = "material|part|component|item|raw_material|article|stuff|product|bearing|seal|casting"


_AFTER_ANOTHER = ("^ and|so|then|but|or", "them|they|those|these", "^ which|what are|is short$", "bill|bom")
"""Of questions about the turn before, and about bills of materials themselves."""


class ShortParts(Coming):
    """What is short and when, over many materials."""

    tools = ("shortages",)
    _short = (
        "short|shortage|shortages|missing|lack|lacking|run_out|run_short|stock_out|stockout|"
        "scarce|run_dry|unavailable"
    )
    _cues = Cues(
        (0.97, "what|which .. we|i|us .. missing|short|lack & P"),
        (0.97, f"{_PART}? bottleneck|bottlenecks & P"),
        (0.97, f"{_PART} .. no|without cover|coverage"),
        (0.98, "what|which ... short|shortage|run_out|run_short|stock_out|lacking|lack|run_dry"),
        (0.98, f"which|what .. {_PART} ... {_short}|critical"),
        (0.98, f"{_PART} .. that|which ... {_short}"),
        (0.98, "shortage|shortages|stockout|stock_out list|report|situation|overview|view|monitor"),
        (0.98, "^ shortage|shortages|stockouts|stock_outs"),
        (
            0.98,
            "show|list|give|any|there|have|see|display|what|which|get .. shortage|shortages|"
            "stock_out|stockout",
        ),
        (0.98, f"{_PART} .. of|for|in M & {_short}"),
        (0.97, f"{_short} {_PART}"),
        (0.97, f"{_PART} shortage|shortages"),
        (0.97, "where .. run|are|is|get .. short|out_of|dry"),
        (0.97, "about_to|going_to|will .. run_out|run_short|run_dry"),
        (0.97, f"critical|missing {_PART} list|overview|report|view"),
        (0.97, "shortage|shortages & P"),
        (0.96, "what .. run out"),
        words=f"{POLITE} {_PART.replace('|', ' ').replace('_', ' ')} short shortage missing lack "
        f"lacking running run out dry "
        "stock stocks level situation report list view monitor overview critical happen expected "
        "upcoming hit us "
        "production components purchased bought made manufactured house own raw parts supply cover "
        "covered coverage "
        "bottleneck bottlenecks days material requirement requirements demand needed enough "
        "sufficient md04 many stockouts",
    )
    vocabulary = _cues.vocabulary
    _orders = (
        "order|orders|delivery|deliveries|customer|customers|supplier|vendor|operation|operator|"
        "people|staff|shift|"
        "cash|invoice|capacity|scrap|reject|price|budget|record|records|data|receipt|cost",
    )

    def fits(self, sentence: Sentence) -> bool:
        """See `Frame.fits`."""
        if sentence.of("S") or sentence.of("N") or len(sentence.of("M")) > 1:
            return False
        # Of one material there is its whole list, unless it is a product whose parts are asked for.
        of_parts = sentence.said(f"{_PART} .. of|for|in M") and bool(sentence.of("P"))
        return not sentence.of("M") or of_parts or sentence.said("shortage|shortages for|of|in M")

    def strength(self, sentence: Sentence) -> float:
        """See `Frame.strength`."""
        if (
            self.asks_back(sentence)
            or sentence.norms & {"was", "were", "did"}
            or sentence.said(*self._orders)
        ):
            return 0.0
        if sentence.said(
            "below|under .. safety|reorder|minimum",
            "{can} .. {build}",
            "if|when .. assemble|build",
            "without",
            "have|has .. run",
            *_AFTER_ANOTHER,
        ):
            return 0.0
        return self._cues.strength(sentence)

    def proposals(self, sentence: Sentence, strength: float) -> Iterable[Proposal]:
        """See `Frame.proposals`."""
        days, when = self.horizon(sentence)
        controller, who = self.controller(sentence)
        product = next(iter(sentence.of("M")), None)
        source: Literal["made", "bought"] | None = None
        if sentence.said("purchased|bought|buy|raw|procured|purchase {part}|part|component|material"):
            source = "bought"
        elif sentence.said("made|manufactured|produced|in_house|own|make"):
            source = "made"
        arguments = Shortages(
            product=product.word if product else None,
            controller=controller,
            mine=self.is_mine(sentence) and controller is None,
            source=source,
            site=site_in(sentence),
            **({} if days is None else {"horizon_days": days}),
        )
        slots = used(product, *when, *who)
        yield Proposal(
            "shortages",
            arguments,
            planned_words("Materials that fall short", arguments),
            strength,
            slots,
            self.vocabulary,
        )


class BuildableProducts(Coming):
    """What can be built from stock, over all products."""

    tools = ("buildable",)
    _cues = Cues(
        (0.98, "what|which ... {can} .. {build}"),
        (
            0.98,
            "which|what .. product|products|bike|bikes|pump|pumps|model|models|finished_good|item|"
            "items ... {can} .. {build}",
        ),
        (0.97, "what .. {build} from|with .. {stock}|what|parts|material"),
        (0.97, "how many|much .. each|every .. product|item|model ... {can} .. {build}"),
        (0.97, "what|which .. is|are ... buildable"),
        words=f"{POLITE} what which build built assemble make made produce manufacture put together "
        f"with have stock hand parts "
        "material materials components available product products bike bikes pump pumps model "
        "models finished good goods "
        "item items each every many week month lying around inventory shelf there really more of "
        "from anything "
        "buildable producible end limiting limits part full kit complete without ordering buying "
        "waiting new own "
        "purchased alone sub assembly assemblies levels",
    )
    vocabulary = _cues.vocabulary

    def fits(self, sentence: Sentence) -> bool:
        """See `Frame.fits`."""
        return not any(item.kind in "MSN" for item in sentence.items)

    def strength(self, sentence: Sentence) -> float:
        """See `Frame.strength`."""
        stocked = sentence.said(
            "{stock}|part|parts|material|materials|component|have|got|available|there|P|today|buildable|lying"
        )
        if sentence.said("how many|much") and not sentence.said("each|every"):
            return 0.0
        if (
            not stocked
            or sentence.said(*_AFTER_ANOTHER)
            or sentence.said(
                "order|orders|supplier|customer|not|money|difference|report|chart|why|who|where|mistake"
            )
        ):
            return 0.0
        past = any(
            item.period.end < sentence.today
            for item in sentence.of("P")
            if item.period is not None and item.period.end is not None and sentence.today is not None
        )
        return 0.0 if past else self._cues.strength(sentence)

    def proposals(self, sentence: Sentence, strength: float) -> Iterable[Proposal]:
        """See `Frame.proposals`."""
        level: Literal["direct", "purchased", "all"] = "direct"
        if sentence.said("purchased|bought part|parts|component|material alone|only?"):
            level = "purchased"
        elif sentence.said("sub assembly", "all|every level"):
            level = "all"
        arguments = Buildable(level=level, site=site_in(sentence))
        words = "How many of each finished product can be built from stock on hand"
        yield Proposal("buildable", arguments, words, strength, sentence.of("P"), self.vocabulary)


PLANNING_FRAMES: tuple[Frame, ...] = (ShortParts(), Messages(), Pegged(), WhyIsItLate(), BuildableProducts())

"""Look-ups along the chain of orders: what hangs on a delivery, what an order waits for, why it is late."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from agents.models.embedded.lookups_ahead import COUNTED, POLITE, SELL, order_in, planned_words
from agents.models.embedded.lookups_frame import Cues, Proposal, site_in, used
from agents.models.embedded.lookups_patterns import stem_bag
from agents.models.embedded.lookups_records import BUY, WORK
from agents.models.embedded.lookups_sentence import Item, Sentence
from tools.lateness import WhyLate
from tools.pegging import Pegging


class Pegged:
    """What hangs on a delivery, and what an order waits for."""

    tools = ("pegging",)
    _hit = (
        "block|blocks|blocking|affected|affect|affects|hit|hits|held_up|hold_up|holds_up|hold|"
        "impacted|impact|impacts|"
        "delayed|delay|depend|depends|"
        "hang|hangs|endangered|endanger|jeopardised|at_risk|suffer|suffers|concerned|concern|late|"
        "threatened|wait|waiting|waits"
    )
    _thing = (
        "order|orders|customer|customers|sales_order|production_order|work_order|job|jobs|"
        "delivery|deliveries|requirement|requirements"
    )
    _delivery = f"{BUY}|delivery|deliveries|receipt|shipment|order"
    _up = Cues(
        (
            0.97,
            f"if|when ... {BUY} {{no}}? N & who|whom|what|which|whose & late|later|slips|slip|delayed|delay",
        ),
        (0.97, f"which|what|whose .. {_thing} & S & late|later|delay|delayed|slips"),
        (0.97, f"where .. goes|go ... {BUY} {{no}}? N"),
        (0.97, f"where ... {BUY} {{no}}? N .. go|goes"),
        (0.98, f"which|what|whose .. {_thing} ... {_hit} & N|S"),
        (0.98, f"which|what|whose .. {_thing} ... {_hit} & M & delivery|receipt|shipment|late|delay|order"),
        (0.98, f"which|what|whose .. {_thing} & {BUY} {{no}}? {{no}}? N & {_hit}"),
        (0.98, f"what|who|whom .. do|does|will|would|is|are .. {BUY} {{no}}? N ... {_hit}"),
        (0.98, f"{_delivery} {{no}}? {{no}}? N ... {_hit} ... what|who|whom|which"),
        (0.97, f"{_delivery} {{no}}? {{no}}? N .. for$"),
        (0.97, f"what|who|whom .. is|are .. {_delivery} {{no}}? N .. for"),
        (0.97, f"who|what need|needs|require|requires|wait|waits .. {_delivery} {{no}}? N"),
        (0.97, f"who|what .. waiting|waits|wait for|on .. {_delivery} {{no}}? N"),
        (0.97, f"what .. if|when .. {_delivery} {{no}}? N|S ... late|later|delayed|slips|not"),
        (0.97, "what happens .. if|when .. S ... late|later|delayed|slips|not"),
        (0.97, "peg|pegging|pegged & N|S|M"),
        (
            0.97,
            "consequence|consequences|impact|effect|effects|damage & N|S & late|delay|delayed|slips|later",
        ),
        (0.97, f"{_thing} ... {_hit} by .. S|N"),
        (0.96, "what .. next receipt|delivery|shipment .. of M .. for"),
    )
    _down = Cues(
        (
            0.98,
            f"what|which ... {SELL}|{WORK} {{no}}? N ... wait|waiting|waits|need|needs|missing|"
            f"lacks|lack|short",
        ),
        (
            0.98,
            f"what|which ... wait|waiting|waits|hold|holds|holding|missing|lacking|need|blocking|"
            f"blocks|block ... {SELL}|{WORK} {{no}}? N",
        ),
        (0.98, f"{SELL}|{WORK} {{no}}? N ... wait|waiting|waits|missing|lacking|covered|pegged"),
        (0.97, f"is|are everything|all ... there|available ... for {SELL}|{WORK} {{no}}? N"),
        (0.97, f"what covers|supplies|feeds {SELL}|{WORK} {{no}}? N"),
    )
    vocabulary = (
        _up.vocabulary
        | _down.vocabulary
        | stem_bag(
            f"{POLITE} order orders block blocks blocking tell must customer customers sales "
            f"production work purchase affected "
            f"affect hit hold held holds up "
            "impact impacted delay delayed depend hang late later days week delivery deliveries "
            "delivers deliver receipt "
            "shipment if come comes arrive arrives slip slips supplier vendor what who whom whose "
            "wait waits waiting for "
            "need needs missing part parts material peg pegging pegged consequence effect happens "
            "happen one two behind "
            "schedule than promised overdue risk trouble chain components holding blocking "
            "requirement requirements job "
            "concerned because covered covers everything there available which down number so"
        )
    )

    def fits(self, sentence: Sentence) -> bool:
        """See `Frame.fits`."""
        return bool(sentence.of("N") or sentence.of("S") or sentence.of("M"))

    def strength(self, sentence: Sentence) -> float:
        """See `Frame.strength`."""
        if sentence.said("why", *COUNTED, "assembly|assemblies|bom|structure") or len(sentence.of("M")) > 1:
            return 0.0
        if sentence.norms & {"cancel", "delete", "create", "approve", "release", "were", "was", "did"}:
            return 0.0
        return max(self._up.strength(sentence), self._down.strength(sentence))

    def proposals(self, sentence: Sentence, strength: float) -> Iterable[Proposal]:
        """See `Frame.proposals`."""
        order, kind = order_in(sentence)
        late, slots = self._late_days(sentence, order)
        supplier, material = next(iter(sentence.of("S")), None), next(iter(sentence.of("M")), None)
        if order is None and supplier is None and material is None:
            return
        down = self._down.strength(sentence) > self._up.strength(sentence)
        direction: Literal["up", "down"] | None = "down" if down and kind == "work_order" else None
        arguments = Pegging(
            order=order.word if order else None,
            kind=kind,
            supplier=supplier.word if supplier and order is None else None,
            material=material.word if material and order is None else None,
            direction=direction,
            late_days=late,
            late_only=order is None
            and late is None
            and sentence.said("overdue|late delivery|deliveries|order|orders|receipt"),
            site=site_in(sentence),
        )
        taken = used(order, supplier, material, *slots, *sentence.of("P"))
        yield Proposal(
            "pegging",
            arguments,
            planned_words("Which orders hang on it", arguments),
            strength,
            taken,
            self.vocabulary,
        )

    def _late_days(self, sentence: Sentence, order: Item | None) -> tuple[int | None, tuple[Item, ...]]:
        """`5 days late`, `a week later`, `two weeks behind`."""
        for item in sentence.of("N"):
            at = sentence.items.index(item)
            unit = sentence.items[at + 1].word if at + 1 < len(sentence.items) else ""
            if item is not order and item.number is not None and unit in ("day", "week"):
                return round(item.number) * (7 if unit == "week" else 1), (item,)
        if sentence.said("week late|later|behind|delay|too", "late|delayed by week"):
            return 7, ()
        return (1, ()) if sentence.said("day late|later|behind|delay") else (None, ())


class WhyIsItLate:
    """Why one order is late."""

    tools = ("why_late",)
    _any = f"{WORK}|{BUY}|{SELL}|order"
    _late = (
        "late|delayed|delay|delays|overdue|behind|slip|slipped|slipping|tardy|not_finished|"
        "not_done|not_delivered|not_ready|not_on_time|take|took|"
        "unfinished|stuck|not_here|not_arrived|hang|hanging|wait|waiting|hold|held|so_long|"
        "too_long|long|not_yet|not_complete|not_in"
    )
    _cues = Cues(
        (0.98, f"what|who made|makes ... {_any} {{no}}? N .. late|slow"),
        (0.97, f"break|breakdown .. delay|lateness ... {_any} {{no}}? N"),
        (0.97, f"{_any} {{no}}? N .. late|delayed .. why"),
        (0.98, f"why ... {_any} {{no}}? {{no}}? N ... {_late}"),
        (0.98, f"why ... {_late} ... {_any} {{no}}? {{no}}? N"),
        (0.98, f"{_any} {{no}}? N ... why ... {_late}"),
        (0.97, f"why .. not ... {_any} {{no}}? N"),
        (0.97, f"why ... {_any} {{no}}? N .. not"),
        (
            0.98,
            f"what|who .. delayed|delay|delays|held_up|hold_up|holding_up|caused|cause|slow|slowed|"
            f"kept ... {_any} {{no}}? N",
        ),
        (
            0.98,
            f"reason|reasons|cause|causes|root_cause|explanation|grounds .. for|of|behind ... "
            f"{_any} {{no}}? N",
        ),
        (0.98, f"reason|reasons|cause|causes|root_cause|explain|explanation & {_any} {{no}}? N & {_late}"),
        (0.97, f"explain .. delay|lateness .. of ... {_any} {{no}}? N"),
        (0.97, f"where .. time|hours|days go|went|lost ... {_any} {{no}}? N"),
        (0.96, f"what went_wrong|go_wrong|happened ... {_any} {{no}}? N ... late|delay|delayed"),
        (0.96, f"{_any} {{no}}? N ... where .. time|hours go|went|lost"),
        (0.96, f"how come .. {_any} {{no}}? N ... {_late}"),
        words=f"{POLITE} made makes break down breakdown longer why late delayed delay overdue "
        f"behind schedule slipped order work "
        f"production purchase sales job po wo "
        "number finished done delivered ready time take took taking long reason reasons cause "
        "causes root explanation "
        "explain what who held hold up caused slowed slow kept where hours went go lost wrong "
        "happened lateness did "
        "finish end ended complete completed arrive arrived here stuck not yet customer too on "
        "deliver made waiting so "
        "supplier vendor product goods shipped much",
    )
    vocabulary = _cues.vocabulary

    def fits(self, sentence: Sentence) -> bool:
        """See `Frame.fits`."""
        return order_in(sentence)[0] is not None

    def strength(self, sentence: Sentence) -> float:
        """See `Frame.strength`."""
        return self._cues.strength(sentence)

    def proposals(self, sentence: Sentence, strength: float) -> Iterable[Proposal]:
        """See `Frame.proposals`."""
        order, kind = order_in(sentence)
        if order is None:
            return
        arguments = WhyLate(order=order.word, kind=kind, site=site_in(sentence))
        slots = used(order, *sentence.of("N"), *sentence.of("M"), *sentence.of("S"), *sentence.of("P"))
        noun = (kind or "order").replace("_", " ")
        yield Proposal(
            "why_late", arguments, f"Why {noun} {order.word} is late", strength, slots, self.vocabulary
        )

"""Look-ups of what to expedite, move or cancel."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from agents.models.embedded.lookups_ahead import POLITE, Coming, planned_words
from agents.models.embedded.lookups_frame import Cues, Proposal, site_in, used
from agents.models.embedded.lookups_records import BUY, WORK
from agents.models.embedded.lookups_sentence import Sentence
from tools.exception_messages import ExceptionMessages

_Told = Literal["expedite", "reschedule_in", "reschedule_out", "cancel", "overdue"]


class Messages(Coming):
    """What to expedite, move or cancel."""

    tools = ("exception_messages",)
    _receipt = (
        "order|orders|purchase_order|production_order|work_order|planned_order|receipt|receipts|delivery|"
        "deliveries|line|lines|job|jobs|po|wo|anything|what|something|supplies|shipment|shipments"
    )
    _hurry = "expedite|chase|hurry|hurry_up|speed_up|rush|fast_track|call_about|press|accelerate"
    _earlier = (
        "reschedule_in|bring_forward|pull_in|pull_forward|pull_ahead|move_forward|move_in|"
        "brought_forward|advance"
    )
    _later = "push_out|push_back|postpone|defer|reschedule_out|move_out|move_back|delay|pushed|put_off|push"
    _drop = (
        "get_rid|cancel|canceled|drop|dropped|not_needed|not_need|superfluous|no_longer_needed|"
        "do_without|no_longer_need|stop"
    )
    _cues = Cues(
        (0.97, f"which|what .. {_receipt} ... come|comes|arrive|arrives later|sooner than"),
        (0.98, f"what|which|who|whom|anything .. should|do|must|can|need|have|could|to|shall ... {_hurry}"),
        (0.98, f"what|which ... needs|need .. {_hurry}"),
        (0.98, f"{_receipt} .. to|for {_hurry}"),
        (
            0.98,
            f"what|which & should|can|could|must|may|need|have & {_receipt} & S|M & {_hurry}|"
            f"{_earlier}|{_later}|{_drop}",
        ),
        (0.97, f"{_hurry} list|today|now|urgently|first"),
        (0.97, f"list|show|give ... {_hurry}"),
        (0.97, f"^ {_hurry}$"),
        (
            0.98,
            f"what|which|anything ... {_receipt} ... can|could|should|may|must|have ... {_earlier}|"
            f"{_later}|{_drop}",
        ),
        (0.98, f"what|anything|something .. can|could|should|may|must|have ... {_earlier}|{_later}|{_drop}"),
        (0.98, f"can|could|should|shall .. {_receipt} ... be {_earlier}|{_later}|{_drop}"),
        (0.98, f"can|could|should|shall .. we|i {_earlier}|{_later}|{_drop} .. {_receipt}"),
        (
            0.97,
            f"{_receipt} .. that|which|we|i ... can|could|should|do|are|is|have ... {_earlier}|"
            f"{_later}|{_drop}",
        ),
        (0.97, f"{_receipt} .. to|for .. {_earlier}|{_later}|{_drop}"),
        (0.97, f"which|what .. {_receipt} ... no_longer|not .. needed|need"),
        (0.97, f"which|what .. {_receipt} ... too early|late|soon .. for|need|needed"),
        (
            0.96,
            f"which|what .. {_receipt} ... come|comes|coming|arrive|arrives|planned|scheduled|dated "
            f"too early|late|soon",
        ),
        (
            0.98,
            "exception|rescheduling|reschedule|action|mrp|planning message|messages|notice|notices|"
            "proposal|proposals",
        ),
        (0.97, "exception_messages|md06|mrp_exceptions|mrp_list|rescheduling"),
        (0.97, f"which|what .. {_receipt} ... rescheduled|reschedule|moved|move|re_plan|replan"),
        (0.97, f"what .. {_receipt}? should|must|have|need .. reschedule|rescheduled|moved|move"),
        (0.96, "nobody|nothing|no_one need|needs|require|requires & " + _receipt),
        words=f"{POLITE} rid than later sooner order orders purchase production work planned "
        f"receipt receipts delivery "
        f"deliveries line lines job "
        "po wo expedite expediting expedited chase chasing hurry speed rush press accelerate track "
        "fast call phone bring "
        "brought forward pull pulled ahead earlier sooner push pushed back postpone postponed "
        "defer deferred reschedule "
        "rescheduled rescheduling delay delayed later move moved put off cancel canceled "
        "cancellation drop dropped needed "
        "need longer superfluous without exception message messages action notice proposal "
        "proposals list mrp early too "
        "late soon arrive arrives come comes planned scheduled dated supplier vendor suppliers "
        "material part who whom "
        "nobody nothing one requires required really anyway stop replan supplies shipment money saved",
    )
    vocabulary = _cues.vocabulary
    _other = (
        "why",
        "customer|customers|sales_order|invoice|posting|ledger|scrap|reject|delivered|finished|"
        "lead_time|price|pay|confirmed",
        "how_often|ever|history",
    )

    def fits(self, sentence: Sentence) -> bool:
        """See `Frame.fits`."""
        if len(sentence.of("M")) > 1 or len(sentence.of("S")) > 1:
            return False
        # One order by its number is somebody's wish to change it.
        return not sentence.of("N")

    def strength(self, sentence: Sentence) -> float:
        """See `Frame.strength`."""
        if self.asks_back(sentence) or sentence.norms & {"was", "were", "did"} or sentence.said(*self._other):
            return 0.0
        return self._cues.strength(sentence)

    def proposals(self, sentence: Sentence, strength: float) -> Iterable[Proposal]:
        """See `Frame.proposals`."""
        orders: Literal["purchase_order", "production_order", "planned_order"] | None = None
        if sentence.said(f"{BUY}", "purchase", "purchasing"):
            orders = "purchase_order"
        elif sentence.said(f"{WORK}", "production order"):
            orders = "production_order"
        elif sentence.said("planned order"):
            orders = "planned_order"
        controller, who = self.controller(sentence)
        material, supplier = next(iter(sentence.of("M")), None), next(iter(sentence.of("S")), None)
        _, when = self.horizon(sentence)
        arguments = ExceptionMessages(
            messages=self._messages(sentence),
            orders=orders,
            material=material.word if material else None,
            supplier=supplier.word if supplier else None,
            controller=controller,
            mine=self.is_mine(sentence) and controller is None,
            site=site_in(sentence),
        )
        slots = used(material, supplier, *who, *when)
        yield Proposal(
            "exception_messages",
            arguments,
            planned_words("Exception messages", arguments),
            strength,
            slots,
            self.vocabulary,
        )

    def _messages(self, sentence: Sentence) -> tuple[_Told, ...]:
        found: list[_Told] = []
        pushes = sentence.said("push|pushed|pushing supplier|suppliers|vendor|vendors")
        if pushes or sentence.said(self._hurry):
            found.append("expedite")
        if sentence.said("too late", "later than"):
            found += ["expedite", "reschedule_in"]
        if sentence.said(self._earlier):
            found.append("reschedule_in")
        if not pushes and sentence.said(self._later, "too early|soon"):
            found.append("reschedule_out")
        if sentence.said(
            self._drop, "no_longer|not .. needed|need", "nobody|nothing|no_one need|needs|require"
        ):
            found.append("cancel")
        if sentence.said(
            "exception|mrp|action message|messages", "rescheduling message|messages"
        ) and not sentence.said(self._hurry, self._drop):
            return ()
        return tuple(dict.fromkeys(found))

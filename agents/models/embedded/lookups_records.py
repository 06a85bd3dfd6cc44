"""Look-ups of records: an order by its number, ledger lines, and the data itself."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Literal

from agents.models.embedded.lookups_frame import Cues, Frame, Proposal, site_in
from agents.models.embedded.lookups_patterns import stem_bag
from agents.models.embedded.lookups_sentence import Item, Sentence
from tools.data_quality import DataQuality
from tools.freshness import FreshnessOf
from tools.ledger import LedgerLines
from tools.lineage import Lineage
from tools.orders import OrderStatus

WORK = "work_order|production_order|manufacturing_order|job_order|shop_order|job|wo|shop_floor_order"
"""What people call a work order."""
BUY = "purchase_order|buying_order|procurement_order|purchasing_order|po"
"""What people call a purchase order."""


class Orders:
    """The status of one order, or where its row comes from."""

    tools = ("order_status", "lineage")
    _cues = Cues(
        (0.97, f"{WORK}|{BUY} {{no}}? {{no}}? N"),
        (0.85, "order {no}? {no}? N"),
        words="status state of what is are the how where when who which show details detail about tell me "
        "give information info look up open"
        " still left due late days day has have been was were will in on for vendor supplier material "
        "product part quantity ordered scrapped"
        " scrap received rejected line lines item items contain date start started end ended finish "
        "finished complete completed done value"
        " total amount much many pieces happened going progress stand doing overdue delayed did does it and "
        "with its made from placed arrive"
        " arrived delivered delivery reason any to we or not yet already come approved pending check on "
        "please order freight tax open",
    )
    _origin = Cues(
        (0.97, "where & come|comes|came|originate|stem from"),
        (0.97, "which|what .. file|source|source_row|source_line|record|extract|system|row"),
        (0.97, "lineage|provenance|origin|traced|trace|source_line|source_row|source_file|source_record"),
        (0.96, "loaded|imported from|when|by"),
        words="where does come from which file source row line record lineage provenance origin trace "
        "system loaded imported is behind was when"
        " extract of original data back to number",
    )
    vocabulary = _cues.vocabulary | _origin.vocabulary
    _many = (
        "more|less|fewer|over|under|top|least|than|exactly|last|first N",
        "N purchase|work|production|order|orders|day|days|percent",
    )
    _changing = ("delete|cancel|create|close|release|change|update|approve",)

    def fits(self, sentence: Sentence) -> bool:
        """See `Frame.fits`."""
        return self._number(sentence) is not None and not (sentence.of("M") or sentence.of("S"))

    def strength(self, sentence: Sentence) -> float:
        """See `Frame.strength`."""
        if sentence.said(*self._many) or sentence.norms & {
            "delete",
            "cancel",
            "create",
            "release",
            "update",
            "approve",
        }:
            return 0.0
        return self._cues.strength(sentence)

    def proposals(self, sentence: Sentence, strength: float) -> Iterable[Proposal]:
        """See `Frame.proposals`."""
        number = self._number(sentence)
        if number is None:
            return
        kind: Literal["work_order", "purchase_order"] | None = None
        if sentence.slots(f"{BUY} {{no}}? {{no}}? N"):
            kind = "purchase_order"
        elif sentence.slots(f"{WORK} {{no}}? {{no}}? N"):
            kind = "work_order"
        noun = (kind or "order").replace("_", " ")
        if kind and self._origin.strength(sentence):
            arguments = Lineage(record=noun, key=number.word, site=site_in(sentence))
            words = f"Where {noun} {number.word} comes from"
            yield Proposal("lineage", arguments, words, strength, (number,), self.vocabulary)
            return
        status = OrderStatus(order=number.word, kind=kind, site=site_in(sentence))
        yield Proposal(
            "order_status",
            status,
            f"Status of {noun} {number.word}",
            strength,
            (number,),
            self._cues.vocabulary,
        )

    def _number(self, sentence: Sentence) -> Item | None:
        slots = sentence.slots(f"{WORK}|{BUY}|order {{no}}? {{no}}? N")
        found = next((item for item in slots if item.kind == "N" and item.number is not None), None)
        return found if found and found.word.isdigit() else None


class DataQualityReport:
    """What is wrong with the data."""

    tools = ("data_quality",)
    _trouble = (
        "problem|problems|issue|issues|error|errors|defects|trouble|flaws|gaps|anomalies|inconsistencies|"
        "mistakes|wrong|bad|dirty|faulty|"
        "broken|incomplete|findings|warnings"
    )
    _checks = (
        (
            "duplicate|duplicates|duplicated|double|doubles|twin & material|materials|part|item|product",
            "duplicate materials",
        ),
        (
            "duplicate|duplicates|duplicated|double|doubles|twin & supplier|vendor",
            "duplicate suppliers",
        ),
        ("stale|outdated|obsolete|unrealistic & lead & time|times", "stale lead times"),
        ("wrong|mistaken|odd & unit|units & bom|bill", "units and quantities in bills of materials"),
        ("drifted|drifting|drift|drifts & model|models", "drifted models"),
        ("suspended|retrain|retrained|retraining & model|models", "suspended models"),
        ("plant|plants|site|sites|source|sources & offline|unreachable", "times offline"),
        ("sensor|sensors & data|history|histories|readings", "sensor histories"),
        ("post|posts|posting|booked & late", "late posting"),
    )
    """What people say of what checks find, and what each check is called."""
    _cues = Cues(
        (0.97, "data .. quality"),
        (0.97, "quality .. of|in .. {data}"),
        (0.96, f"data & {_trouble}"),
        (0.96, f"{_trouble} .. in|with|of|inside|about .. {{data}}"),
        (0.95, "how good|clean|reliable|complete|trustworthy|accurate|dirty|bad|consistent & {data}"),
        (0.95, "trust|rely & {data}"),
        (
            0.95,
            "record|row|line|entry & quarantine|quarantined|set_aside|flagged|flag|skipped|refused|"
            "not_loaded|dropped",
        ),
        (0.95, "quarantined|quarantine|set_aside"),
        (0.95, f"import|load|loading & {_trouble}|report"),
        *((0.97, cue) for cue, _ in _checks),
        words="data quality what are is there any problem issue error wrong known with in of the how good "
        "clean reliable our erp we have do show"
        " list report finding rule record row set aside flagged import load loading last during about many "
        "which and why master database"
        " source tell me found suffer from can trust should be aware when were",
    )
    vocabulary = _cues.vocabulary
    _records = (
        ("purchase order line", ("purchase order line", "po line")),
        ("purchase order", ("purchase order", "po")),
        ("work order", ("work|production|job order",)),
        ("supplier", ("supplier|vendor",)),
        ("stock", ("stock|inventory",)),
        ("bom line", ("bom", "bill of material")),
        ("ledger", ("ledger|posting|journal",)),
        ("exchange rate", ("exchange|currency rate",)),
        ("material", ("material|product|part|item",)),
    )

    def fits(self, sentence: Sentence) -> bool:
        """See `Frame.fits`."""
        return not any(item.kind in "MSNCP" for item in sentence.items)

    def strength(self, sentence: Sentence) -> float:
        """See `Frame.strength`."""
        return self._cues.strength(sentence)

    def proposals(self, sentence: Sentence, strength: float) -> Iterable[Proposal]:
        """See `Frame.proposals`."""
        check = next((name for cue, name in self._checks if sentence.said(cue)), None)
        record = next((name for name, patterns in self._records if sentence.said(*patterns)), None)
        if check:
            record = None
        vocabulary = self.vocabulary
        if record:
            vocabulary |= stem_bag(
                f"{record} order line product part item vendor inventory bill of material job posting journal"
            )
        words = f"Data quality{f' of {record}' if record else ''} at the last load"
        if check:
            words = f"What the data itself shows: {check}"
        yield Proposal(
            "data_quality",
            DataQuality(record=record, site=site_in(sentence), check=check),
            words,
            strength,
            (),
            vocabulary,
        )


class DataAge:
    """How old the data is."""

    tools = ("freshness",)
    _loading = (
        "loaded|load|updated|update|refreshed|refresh|imported|import|extracted|extract|extraction|"
        "synchronised|synced|sync|pulled|upload|uploaded|got|get"
    )
    _cues = Cues(
        (0.97, "how old|fresh|recent|up_to_date|current|stale|outdated|new & {data}"),
        (0.97, f"when ... {{data}} & {_loading}"),
        (0.96, f"when & {_loading} & {{data}}"),
        (0.97, f"when ... last|latest ... {_loading}"),
        (0.96, "last|latest|most_recent .. load|import|refresh|update|extraction|sync|upload"),
        (0.96, "last|latest|most_recent data load|import|refresh|update|extraction|sync|upload"),
        (0.96, "data & freshness|age|up_to_date|stale|fresh|old|outdated|cut_off|cutoff"),
        (0.96, "freshness|as_of_date|cut_off_date|timestamp & {data}"),
        (
            0.95,
            "up_to|until|to when|which|what .. date|day? & data & reach|reaches|go|goes|run|runs|extend|"
            "extends|last|available|cover",
        ),
        (0.95, "how far & data & reach|go|goes|extend|run"),
        (0.95, "is|are .. {data} .. current|fresh|up_to_date|old|stale|outdated|recent"),
        (0.95, "what|which date|day|time & data & from|of|as_of|about"),
        (0.94, "as of when|which_date|what_date"),
        (0.93, "from when|which_date is|are .. {data}"),
        words="how old fresh recent up to date current stale is are the data our your when was were last "
        "loaded updated refreshed imported load"
        " import refresh update latest of as what which day far does reach go time system source erp this "
        "it number figure you looking at have"
        " answer we use using working on still age information database from for much often did",
    )
    vocabulary = _cues.vocabulary
    _records = ("order|orders|price|cost|stock|material|vendor|supplier|customer|product|part|posting|rate",)

    def fits(self, sentence: Sentence) -> bool:
        """See `Frame.fits`."""
        return not any(item.kind in "MSNCP" for item in sentence.items)

    def strength(self, sentence: Sentence) -> float:
        """See `Frame.strength`."""
        if sentence.said(*self._records) and not sentence.said("data"):
            return 0.0
        return self._cues.strength(sentence)

    def proposals(self, sentence: Sentence, strength: float) -> Iterable[Proposal]:
        """See `Frame.proposals`."""
        arguments = FreshnessOf(site=site_in(sentence))
        yield Proposal(
            "freshness", arguments, "How old the data of each source is", strength, (), self.vocabulary
        )


class Ledger:
    """The postings behind an account of a company."""

    tools = ("ledger_lines",)
    _cues = Cues(
        (0.95, "ledger|posting|journal|booking|gl & G"),
        (0.95, "line|entry|entries|document|documents|item|items|record & G"),
        (0.93, "single|individual & amount|amounts|booking|transaction|transactions & G"),
        (0.93, "drill|drilldown & G"),
        words="show list give ledger line posting booking entry document which what make makes up behind of "
        "in for on account the journal"
        " individual single all from to budget plan forecast actual see drill down into detail transaction "
        "were booked posted company division"
        " organisation period between and is are figure amount me",
    )
    vocabulary = _cues.vocabulary

    def fits(self, sentence: Sentence) -> bool:
        """See `Frame.fits`."""
        slots = [len(sentence.of(kind)) for kind in ("G", "A", "P", "D")]
        return slots[:2] == [1, 1] and max(slots[2:]) <= 1

    def strength(self, sentence: Sentence) -> float:
        """See `Frame.strength`."""
        if sentence.said(
            "how many|much", "number|count|average|total|sum|per|by|most|top|compare|versus|share|percent"
        ):
            return 0.0
        return self._cues.strength(sentence)

    def proposals(self, sentence: Sentence, strength: float) -> Iterable[Proposal]:
        """See `Frame.proposals`."""
        company, account = sentence.of("G")[0], sentence.of("A")[0]
        centres, periods = sentence.of("D"), sentence.of("P")
        period = periods[0].period if periods else None
        scenario: Literal["actual", "plan", "forecast"] = "actual"
        if sentence.said("budget|plan|planned"):
            scenario = "plan"
        elif sentence.said("forecast"):
            scenario = "forecast"
        arguments = LedgerLines(
            company=company.word,
            account=account.word,
            period_from=_iso(period.start) if period else None,
            period_to=_iso(period.end) if period else None,
            scenario=scenario,
            cost_centre=centres[0].word if centres else None,
            site=site_in(sentence),
        )
        words = f"Ledger lines of {account.word}, {company.word}, {scenario}"
        if arguments.period_from or arguments.period_to:
            words += f", {arguments.period_from or 'the beginning'} to {arguments.period_to or 'the end'}"
        slots = (company, account, *centres, *periods)
        yield Proposal("ledger_lines", arguments, words, strength, slots, self.vocabulary)


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


RECORD_FRAMES: tuple[Frame, ...] = (Orders(), DataQualityReport(), DataAge())
LEDGER_FRAMES: tuple[Frame, ...] = (Ledger(),)

"""Cuts a question into the pieces that it has for one kind of record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal

from agents.models.embedded.chunks.comparisons import comparison
from agents.models.embedded.compound.ledger_names import LEDGER
from agents.models.embedded.compound.marks import (
    AGGREGATES,
    EXTREMES,
    FILLERS,
    GRAINS,
    HIGH,
    JUDGED,
    LOW,
    MARKS,
)
from agents.models.embedded.compound.pieces import Attribute, Mark, Piece, Record, Test, Thing
from agents.models.embedded.compound.vocabulary import Vocabulary
from agents.models.embedded.lexicon import SKIPPED, ValueWord
from agents.models.embedded.links import Link
from agents.models.embedded.periods import FoundPeriod, Period
from agents.models.embedded.text import Token, amount, singular
from tools.metrics.query import Operator, ValueTest

_INSIDE = frozenset({"-", "/"})
_OVER = frozenset(
    {"so", "far", "yet", "any", "already", "still", "really", "actually", "just", "then", "been"}
)
"""Words that may stand inside a phrase and say nothing there."""
_SKIPPED = SKIPPED - {"we", "i"}
_BREAKS = frozenset({":", "?", ";", ".", "(", ")", "!"})
_DETERMINERS = frozenset({"the", "their", "its", "his", "our"})
_BEFORE_GRAIN = frozenset({"the", "each", "every", "calendar", "single"})
_GRAIN_ROLES = frozenset(
    {"due", "start", "end", "finish", "order", "posting", "receipt", "completion", "planned"}
)
"""Dates that a month is of: `by finish month`."""
_MORE_OR_LESS: Mapping[str, Operator] = {"less": "<", "fewer": "<", "more": ">"}
_LATER: tuple[tuple[tuple[str, ...], Operator], ...] = (
    (("later", "than"), ">"),
    (("earlier", "than"), "<"),
    (("after",), ">"),
    (("before",), "<"),
    (("past",), ">"),
)
_COVERING = frozenset({"cover", "covers", "covered", "suffices"})
_DIFFERING = frozenset({"differs", "differ", "different", "differing", "deviates", "deviate", "deviating"})
_THEN = (["year"], ["quarter"], ["month"], ["week"])
_DIGITS = 5
"""Of a number from which on it is hardly a quantity."""
_MOST = frozenset({"most", "more", "least", "fewest"})
_LIMIT_LEADS = frozenset({"top", "first"})
_AGO = timedelta(days=1)
_MONTH = timedelta(days=31)
_DAYS = 31
"""Larger numbers in a date are years."""
_COMING = frozenset({"due", "expire", "expires", "expiring", "needed", "planned", "ending", "end", "out"})
_DONE = frozenset({"late", "were", "was", "did", "finished", "received", "delivered", "completed", "fell"})
_UNDONE = frozenset({"open", "not", "nothing", "yet", "outstanding", "undelivered", "waiting"})
_SPANS = frozenset({"year", "quarter", "month", "week", "period"})
_UNRECORDED = frozenset({"operator", "operators", "worker", "workers", "employee", "employees"})
"""Who did something, which no record says; `operator` has the stem of `operation`."""
_PLANNED = frozenset({"planned_order", "reservation", "work_calendar", "requisition", "batch"})
"""Records about what is to come."""


@dataclass(frozen=True, slots=True)
class Heard:
    """A question with what is the same whatever it is about: its names and its periods."""

    tokens: tuple[Token, ...]
    periods: Mapping[int, FoundPeriod]
    links: Mapping[int, Link]
    today: date
    accounts: Mapping[int, Link] = field(default_factory=dict)
    """Accounts as the ledger's readers name them, which are something else beside other records."""


class Scanner:
    """Cuts one question for one kind of record after the other."""

    def __init__(self, heard: Heard) -> None:
        self._heard = heard
        self._tokens = heard.tokens
        self._words = [token.norm for token in heard.tokens]
        self._structures: dict[int, Piece | None] = {}

    def pieces(self, words: Vocabulary) -> list[Piece]:
        """The pieces in order; words that mean nothing here are strange ones."""
        found: list[Piece] = []
        position = 0
        while position < len(self._tokens):
            piece = self._at(position, words)
            if piece is not None:
                found.append(piece)
            position = piece.after if piece else position + 1
        return found

    def _at(self, i: int, words: Vocabulary) -> Piece | None:
        token = self._tokens[i]
        if token.kind == "mark":
            return self._mark(i)
        past = self._past(i) or self._end_of(i)
        if past is not None and not self._says_more(past, words):
            return past
        told = self._when(i)
        if told is not None:
            return told
        if self._words[i] == "that" and self._words[i + 1 : i + 2] in _THEN:
            return Piece(i, i + 2, mark="then")
        period = self._heard.periods.get(i)
        if period is not None:
            year = any(
                self._tokens[at].norm.isdigit() and int(self._tokens[at].norm) > _DAYS
                for at in range(i, period.after)
            )
            when = period.period if year else self._ahead(i, period.period, words.entity)
            return Piece(i, period.after, period=when)
        if self._words[max(0, i - 1) : i + 1] in (["in", "pieces"], ["in", "piece"]):
            return None
        if self._words[i] in _UNRECORDED:
            return Piece(i, i + 1, strange=True)
        meant = self._meant(i, words)
        name = self._name(i, words)
        if name is not None and (meant is None or name.after >= meant.after):
            also = meant.meanings if meant is not None and meant.after == name.after else ()
            return replace(name, meanings=(*name.meanings, *also))
        soonest = self._next(i, words)
        if soonest is not None:
            return soonest
        structure = self._structure(i)
        if structure is not None and (meant is None or structure.after >= meant.after):
            if structure.mark == "rates" and meant is not None and meant.all(Attribute):
                return meant  # the rates are what is asked for
            if meant is not None and meant.after == structure.after:
                return replace(structure, meanings=meant.meanings)
            return structure
        if meant is not None and self._costs(i, meant):
            return None
        if meant is not None:
            if structure is not None and structure.mark == "count" and self._counts_records(structure, words):
                return structure
            return meant
        if token.norm in FILLERS or token.norm in _SKIPPED or self._is_unit(i):
            return None
        return self._numbered(i, words) or Piece(i, i + 1, strange=True, number=token.number)

    def _when(self, i: int) -> Piece | None:
        """`year by finish date`, `month of stop start`, `by day the operation ended`: which day is meant."""
        words = self._words[i : i + 3]
        if words[:1] and words[0] in _SPANS and words[1:2] in (["by"], ["of"], ["is"], ["="]):
            said = i == 0 or self._tokens[i - 1].kind == "mark"
            return Piece(i, i + 2, mark="when") if said and i + 1 not in self._heard.periods else None
        return (
            Piece(i, i + 2, mark="when") if words in (["by", "day", "the"], ["by", "date", "the"]) else None
        )

    def _numbered(self, i: int, words: Vocabulary) -> Piece | None:
        """`order 1107596`, `PO 2400754`: records are known by the numbers of their documents."""
        token, before = self._tokens[i], self._words[i - 1] if i else ""
        if not token.text.isdigit() or len(token.text) < _DIGITS:
            return None
        path = words.document(before)
        if not path:
            return None
        return Piece(i, i + 1, meanings=(Test(ValueTest(path=path, values=(token.text,)), path, 0),))

    def _next(self, i: int, words: Vocabulary) -> Piece | None:
        """`the next planned order`: the first of those from today on."""
        if self._words[i] != "next" or i + 1 >= len(self._tokens) or i in self._heard.periods:
            return None
        following = self._meant(i + 1, words)
        if following is None or not following.all(Record):
            return None
        if self._tokens[following.after - 1].norm != singular(self._tokens[following.after - 1].norm):
            return None
        ahead = Period(self._heard.today, None, "range")
        return Piece(i, i + 1, mark="first", number=Decimal(1), period=ahead, up=False, unit="soonest")

    def _costs(self, i: int, meant: Piece) -> bool:
        """True for `cost us the most pieces`, which is a verb and asks for no cost."""
        if self._words[i] not in ("cost", "costs") or meant.after != i + 1:
            return False
        after = self._words[i + 1 : i + 5]
        return bool(_MOST & set(after[:3])) and bool({"piece", "pieces", "hour", "hours"} & set(after))

    def _is_unit(self, i: int) -> bool:
        """True for `in days`, where nothing else is counted in them."""
        return self._words[i] in ("day", "days") and self._words[max(0, i - 1) : i] == ["in"]

    def _says_more(self, past: Piece, words: Vocabulary) -> bool:
        """True where `past due` is a condition of such records: what is closed is not meant then."""
        if past.after - past.first > 1:
            return False
        meant = self._meant(past.first, words)
        if meant is None or meant.after <= past.after or "date" in self._words[past.after : meant.after + 1]:
            return False
        return bool(meant.all(Test))

    def _counts_records(self, structure: Piece, words: Vocabulary) -> bool:
        """`number of requisitions` counts them, though that is what their number is called, too."""
        meant = self._meant(structure.after, words) if structure.after < len(self._tokens) else None
        return meant is not None and bool(meant.all(Record))

    def _ahead(self, i: int, period: Period, entity: str) -> Period:
        """`in April` of what is planned, or `due in April` of what is open, is the April to come."""
        long_past = period.end is not None and period.end < self._heard.today - _MONTH
        said = set(self._words[max(0, i - 2) : i])
        words = set(self._words)
        coming = said & _COMING and (not words & _DONE or words & _UNDONE)
        planned = entity in _PLANNED or coming
        if not planned or not long_past or period.end is None:
            return period
        try:
            start = period.start.replace(year=period.start.year + 1) if period.start else None
            return Period(start, period.end.replace(year=period.end.year + 1), period.grain)
        except ValueError:
            return period

    # ── marks ──
    def _mark(self, i: int) -> Piece | None:
        mark = self._words[i]
        if mark in _BREAKS:
            return Piece(i, i + 1, mark="break")
        if mark == ",":
            return Piece(i, i + 1, mark="comma")
        spaced = 0 < i < len(self._tokens) - 1 and (
            self._tokens[i - 1].end < self._tokens[i].start
            and self._tokens[i].end < self._tokens[i + 1].start
        )
        if mark == "-" and spaced:
            return Piece(i, i + 1, mark="break")
        return Piece(i, i + 1, mark="and") if mark in ("&", "+") else None

    def _past(self, i: int) -> Piece | None:
        """`before today`, `past their due date`, `behind us`: up to yesterday."""
        words = self._words[i : i + 5]
        until = Period(None, self._heard.today - _AGO, "range")
        for phrase in (("before", "today"), ("behind", "us"), ("until", "yesterday"), ("in", "the", "past")):
            if tuple(words[: len(phrase)]) == phrase and words[len(phrase) : len(phrase) + 1] != ["year"]:
                return Piece(i, i + len(phrase), period=until)
        if words[:1] == ["past"]:
            at = 2 if words[1:2] and words[1] in _DETERMINERS else 1
            if words[at : at + 1] in (["due"], ["expiry"], ["need"]):
                return Piece(i, i + 1, period=until)
        return self._long_ago(i)

    def _end_of(self, i: int) -> Piece | None:
        """`since the start of 2025`, `at the end of March`."""
        words = self._words
        at = i
        lead = words[at] if words[at] in ("since", "from", "until", "at", "by", "to") else ""
        at += bool(lead)
        at += words[at : at + 1] == ["the"]
        if words[at : at + 1] not in (["start"], ["beginning"], ["end"]) or words[at + 1 : at + 2] != ["of"]:
            return None
        found = next((self._heard.periods[k] for k in range(at, at + 4) if k in self._heard.periods), None)
        if found is None:
            return None
        period = found.period
        if lead in ("since", "from"):
            period = Period(period.start if words[at] != "end" else period.end, None, "range")
        elif lead in ("until", "to", "by"):
            period = Period(None, period.end if words[at] == "end" else period.start, "range")
        return Piece(i, found.after, period=period)

    def _long_ago(self, i: int) -> Piece | None:
        """`more than 90 days ago`."""
        words = self._words[i : i + 3]
        if words[:2] not in (["more", "than"], ["longer", "than"]):
            return None
        number, after = amount(self._tokens, i + 2)
        if number is None or self._words[after : after + 2] not in (["days", "ago"], ["day", "ago"]):
            return None
        end = self._heard.today - timedelta(days=int(number) + 1)
        return Piece(i, after + 2, period=Period(None, end, "range"))

    # ── names ──
    def _name(self, i: int, words: Vocabulary) -> Piece | None:
        link = self._heard.links.get(i)
        if words.entity == LEDGER and i in self._heard.accounts:
            link = self._heard.accounts[i]
        if link is None or link.text:
            return None
        found = tuple(test for test in (_test_of(one, words) for one in link.meanings) if test is not None)
        if not found:
            return None
        nearest = min(test.depth for test in found)
        kept = tuple(test for test in found if test.depth == nearest) if link.readable else found
        return Piece(link.first, link.after, meanings=(*kept, *self._nouns(link, kept, words)))

    def _nouns(self, link: Link, tests: Sequence[Test], words: Vocabulary) -> list[Thing]:
        """The noun in the name of a kind: `Purchased parts` are parts."""
        if link.after - link.first == 1:
            return []
        entities = {test.field.partition(".")[0] for test in tests}
        last = words.get((self._tokens[link.after - 1].stem,))
        return [one for one in last if isinstance(one, Thing) and one.entity in entities]

    # ── the record's own words ──
    def _meant(self, i: int, words: Vocabulary) -> Piece | None:
        key: list[str] = []
        best: Piece | None = None
        at = i
        while at < len(self._tokens) and len(key) < words.longest:
            token = self._tokens[at]
            if at > i and at in self._heard.periods:
                break
            if token.kind == "mark":
                if token.norm not in _INSIDE or at == i:
                    break
                if token.norm == "-" and self._mark(at) is not None:
                    break
                at += 1
                continue
            if (
                key
                and token.norm == "of"
                and any(
                    isinstance(one, Record)
                    for one in words.get(tuple(t.stem for t in self._tokens[at + 1 : at + 2]))
                )
            ):
                break  # `hours of stops`: the records are named
            if key and (token.norm in _SKIPPED or token.norm in _OVER):
                at += 1
                continue
            if not key and token.norm in _SKIPPED:
                return None
            key.append(token.stem)
            found = words.get(tuple(key))
            if found and at == i:
                found = words.exactly(token.norm, found)
            if found:
                tests = tuple(one for one in found if isinstance(one, Test))
                flags = all(isinstance(one, Test) or getattr(one, "kind", "") == "flag" for one in found)
                noun = len(key) > 1 and bool(tests) and flags
                noun = noun and any(isinstance(one, Record) for one in words.get((key[-1],)))
                found = tests if noun else found
                # `blocked stock`: the noun is still read as one.
                best = Piece(i, at if noun else at + 1, meanings=found)
            at += 1
        return best

    # ── how pieces hang together ──
    def _structure(self, i: int) -> Piece | None:
        """The same for every kind of record, so it is looked for once."""
        if i not in self._structures:
            found = self._limit(i) or self._compare(i) or self._grain(i) or self._days(i)
            self._structures[i] = found or self._phrase(i)
        return self._structures[i]

    def _limit(self, i: int) -> Piece | None:
        """`top 5`, `worst 3`, `5 biggest`, `three machines` before a superlative."""
        words, tokens = self._words, self._tokens
        word = words[i]
        following = tokens[i + 1] if i + 1 < len(tokens) else None
        if word in HIGH or word in LOW or word in _LIMIT_LEADS:
            one = following is not None and following.norm == "one" and word not in _LIMIT_LEADS
            number = following.number if following is not None and not one else None
            if following is not None and number is not None and i + 1 not in self._heard.periods:
                return Piece(i, i + 2, mark="top", number=following.number, up=word not in LOW, unit=word)
            if words[i + 1 : i + 2] == ["first"]:
                return Piece(i, i + 2, mark="first", up=word not in LOW, unit=word)
            if words[i + 1 : i + 3] == ["on", "top"]:
                return Piece(i, i + 3, mark="first", up=word not in LOW, unit=word)
        number = tokens[i].number
        if number is not None and number == int(number) and 0 < number <= 100 and following is not None:
            if following.norm in HIGH or following.norm in LOW or following.norm in JUDGED:
                return Piece(
                    i, i + 2, mark="top", number=number, up=following.norm not in LOW, unit=following.norm
                )
            ranked = any(word in HIGH or word in LOW or word in JUDGED for word in words)
            spelt = tokens[i].kind == "word" and following.kind == "word" and number > 1
            digits = tokens[i].kind == "number" and following.kind == "word" and number > 1
            asked = i > 0 and words[i - 1] in ("which", "wich", "what")
            if ranked and digits and asked and i not in self._heard.periods:
                return Piece(i, i + 1, mark="top", number=number, unit="")
            if ranked and spelt and (i == 0 or words[i - 1] in ("the", "which", "what", "our", ":", "five")):
                return Piece(i, i + 1, mark="top", number=number, unit="")
        return None

    def _compare(self, i: int) -> Piece | None:
        chunk = comparison(self._tokens, i)
        if chunk is None:
            return self._between(i) or self._later(i) or self._differs(i)
        return Piece(chunk.first, chunk.after, number=chunk.number, op=chunk.op, unit=chunk.unit)

    def _between(self, i: int) -> Piece | None:
        """`less delivered than ordered`: what stands before and after the `than` is compared."""
        op = _MORE_OR_LESS.get(self._words[i])
        if op is None or "than" not in self._words[i + 2 : i + 5]:
            return None
        return Piece(i, i + 1, op=op, unit="between")

    def _differs(self, i: int) -> Piece | None:
        """`whose quantity differs from the received quantity`, `whose stock covers the reservations`."""
        if self._words[i] in _COVERING:
            return Piece(i, i + 1, op=">=", unit="field")
        if self._words[i] not in _DIFFERING or self._words[i + 1 : i + 2] != ["from"]:
            return None
        return Piece(i, i + 2, op="<>", unit="field")

    def _later(self, i: int) -> Piece | None:
        """`after the planned date`, `later than due`: one day of a record after or before another."""
        for phrase, op in _LATER:
            if tuple(self._words[i : i + len(phrase)]) == phrase:
                return Piece(i, i + len(phrase), op=op, unit="date")
        return None

    def _grain(self, i: int) -> Piece | None:
        """`by month`, `per quarter`, `each week`, `by due month`, `one row per month`."""
        words = self._words
        if words[i] in ("monthly", "weekly", "quarterly", "yearly", "daily"):
            return Piece(i, i + 1, grain=GRAINS[{"daily": "day"}.get(words[i], words[i].removesuffix("ly"))])
        if words[i] not in ("by", "per", "each", "every", "for"):
            return None
        at, unit = i + 1, ""
        while words[at : at + 1] and (words[at] in _BEFORE_GRAIN or words[at] in _GRAIN_ROLES):
            unit = words[at] if words[at] in _GRAIN_ROLES else unit
            at += 1
        if words[at : at + 1] and words[at] in GRAINS and (words[i] != "for" or at > i + 1):
            return Piece(i, at + 1, grain=GRAINS[words[at]], unit=unit)
        return None

    def _days(self, i: int) -> Piece | None:
        """`days of the order to the receipt`, as German puts it: what lies between two days."""
        words = self._words[i : i + 7]
        if words[:1] not in (["day"], ["days"]) or words[1:2] != ["of"] or "to" not in words[3:]:
            return None
        return Piece(i, i + 2, mark="days")

    def _phrase(self, i: int) -> Piece | None:
        words = self._words
        for length in (4, 3, 2, 1):
            key = tuple(words[i : i + length])
            if len(key) < length:
                continue
            if key in AGGREGATES:
                return Piece(i, i + length, mark="aggregate", aggregate=AGGREGATES[key])
            mark: Mark | None = MARKS.get(key)
            if mark == "last" and any(at in self._heard.periods for at in range(i, i + length)):
                continue  # `the next two weeks`
            if mark is not None:
                return Piece(i, i + length, mark=mark)
        if words[i] in EXTREMES or words[i] in JUDGED:
            return Piece(
                i,
                i + 1,
                mark="aggregate",
                aggregate=EXTREMES.get(words[i], "minimum"),
                up=words[i] not in LOW,
                unit=words[i],
            )
        return None


def _test_of(value: ValueWord, words: Vocabulary) -> Test | None:
    """A name as a condition on the records that refer to it."""
    if not words.reaches(value.entity):
        return None
    path = f"{value.entity}.{value.field}"
    label = value.shown if value.group else ""
    return Test(ValueTest(path=path, values=value.values, label=label), path, words.depth(value.entity))

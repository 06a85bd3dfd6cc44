"""Look-ups of exchange rates."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Literal

from agents.models.embedded.lookups_frame import Cues, Frame, Proposal, site_in, used
from agents.models.embedded.lookups_sentence import Item, Sentence
from tools.presenting import plain
from tools.rates import ExchangeRate

_RateType = Literal["average", "closing"]


class Rates:
    """What a currency costs in another, on a day or the latest, and an amount converted."""

    tools = ("exchange_rate",)
    _two = Cues(
        (0.97, "rate & C ... N? C"),
        (0.97, "convert|exchange|change|translate|turn & C ... N? C"),
        (0.96, "how|what many|much & C ... N? C"),
        (0.95, "N C ... N? C"),
        (0.94, "what .. C ... N? C"),
        (0.94, "worth|cost|value & C ... N? C"),
        (0.95, "C C"),
        (0.95, "C to|into|in|for|against|per|versus N? C"),
    )
    _one = Cues(
        (0.96, "rate|exchange & C"),
        (0.95, "close|closing|closed & C"),
        (0.93, "what|where|how .. C .. at|trading|standing|stand|doing|worth$"),
    )
    vocabulary = Cues(
        words="exchange currency rate rates fx conversion convert converted average closing close end of "
        "day daily eod mid what was is how"
        " many much on at for latest last most recent newest known file from which to into in worth against "
        "one equal equals get per between buy"
        " value using use as with its amount spot current exact date and it that cost translate turn change "
        "do we you me give i today"
        " trading stand standing please there same time",
    ).vocabulary
    _figures = (
        "high|highest|low|lowest|maximum|minimum|month|monthly|year|yearly|quarter|quarterly|develop|trend|"
        "history|changed|each|every|"
        "mean|above|below|than|count|over|weekly|compare|compared|strongest|weakest|best|worst",
        "how_many|number .. day|currency|rate",
        "which|what currency|currencies|year|month|day ... rate",
    )
    _sure_of_kind = ("from which|what day|date",)

    def fits(self, sentence: Sentence) -> bool:
        """See `Frame.fits`."""
        if sentence.of("P") and not _day(sentence):
            return False
        return len(sentence.of("C")) in (1, 2)

    def strength(self, sentence: Sentence) -> float:
        """See `Frame.strength`."""
        if sentence.said(*self._figures) and not sentence.said(*self._sure_of_kind):
            return 0.0
        if sentence.norms & {"stop", "stops", "ends", "end", "ended"} and not sentence.said("end of day"):
            return 0.0
        return (self._two if len(sentence.of("C")) == 2 else self._one).strength(sentence)

    def proposals(self, sentence: Sentence, strength: float) -> Iterable[Proposal]:
        """See `Frame.proposals`."""
        average = sentence.said("average|mid")
        closing = sentence.said("closing|close|eod", "end of day")
        if average and closing:
            return
        kind: _RateType = "average" if average else "closing"
        yield self._proposal(sentence, kind, strength if average or closing else strength - 0.03)
        if not average and not closing:
            yield self._proposal(sentence, "average", strength - 0.3)

    def _proposal(self, sentence: Sentence, rate: _RateType, strength: float) -> Proposal:
        currencies, days = sentence.of("C"), sentence.of("P")
        on = _day(sentence)
        source, target = _direction(sentence, currencies)
        amount = next((item for item in sentence.of("N") if _counts(sentence, item, source)), None)
        arguments = ExchangeRate(
            from_currency=source,
            to_currency=target,
            on=on,
            rate=rate,
            amount=amount.number if amount and amount.number != 1 else None,
            site=site_in(sentence),
        )
        start = source or "the currency of the books"
        day = f"on {on:%Y-%m-%d}" if on else "latest on file"
        converted = f", {plain(arguments.amount):f} {start} converted" if arguments.amount is not None else ""
        words = f"{rate.capitalize()} exchange rate from {start} to {target}, {day}{converted}"
        return Proposal(
            "exchange_rate", arguments, words, strength, used(*currencies, amount, *days), self.vocabulary
        )


def _day(sentence: Sentence) -> date | None:
    periods = sentence.of("P")
    if len(periods) != 1 or periods[0].period is None or periods[0].period.grain != "day":
        return None
    return periods[0].period.start


def _counts(sentence: Sentence, number: Item, source: str | None) -> bool:
    """True where a number stands beside the currency that is converted."""
    index = sentence.items.index(number)
    beside = sentence.items[max(0, index - 1) : index + 2]
    return any(item.kind == "C" and item.word == source for item in beside)


def _direction(sentence: Sentence, currencies: tuple[Item, ...]) -> tuple[str | None, str]:
    """Which currency is converted into which; a single one is what the books' own currency buys."""
    if len(currencies) == 1:
        return None, currencies[0].word
    first, second = currencies
    for one, other in ((first, second), (second, first)):
        index = sentence.items.index(one)
        if index and sentence.items[index - 1].kind == "N":
            return one.word, other.word
    # `How many yen is a dollar`, `yen per dollar`: the second is the one that is priced.
    if sentence.said("how many|much of? C", "C per C"):
        return second.word, first.word
    return first.word, second.word


RATE_FRAMES: tuple[Frame, ...] = (Rates(),)

"""Look-ups of exchange rates."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Literal

from agents.models.embedded.lookups_frame import Cues, Frame, Proposal, site_in, used, words_explained
from agents.models.embedded.lookups_sentence import Item, Sentence
from tools.presenting import plain
from tools.rates import ExchangeRate

_RATE = Cues(
    (0.97, "C ... C ... rate"),
    (0.97, "rate ... C ... C"),
    (0.97, "convert|exchange|change|translate|turn ... C ... C"),
    (0.96, "how|what many|much .. C .. N? C"),
    (0.96, "how many .. C ... N? C"),
    (0.95, "N C ... C"),
    (0.94, "what .. N? C ... C"),
    (0.93, "C worth|cost|value ... C"),
    (0.9, "C ... C"),
    words="exchange currency rate rates fx conversion convert converted average closing close end of day "
    "eod mid what was is how many much on at for latest last most recent file from which to into in "
    "worth against"
    " one equal equals get per between buy be and value at using use as daily day with its kurs amount spot "
    "current currently per exact exactly date known",
)
_ONE_RATE = Cues(
    (0.93, "C ... rate"),
    (0.93, "rate .. of|for|to|from|in|on .. C"),
    (0.93, "rate .. C"),
    (0.9, "C exchange"),
    words="exchange currency rate rates fx conversion average closing close end of day eod what was is on "
    "for latest last most recent file from which day date exact current currently at its and",
)
_MANY_RATES = (
    "high|highest|low|lowest|max|maximum|min|minimum|month|monthly|per_month|year|yearly|quarter|quarterly|"
    "develop|trend|history|change|changed|each|every|by|mean|above|below|than|how_many_day|count|over|"
    "weekly|stop|end|ends|which_currency|compare|compared|versus",
)


def rates(sentence: Sentence) -> Iterable[Proposal]:
    """What a currency costs in another, on a day or the latest, and an amount converted."""
    currencies = sentence.of("C")
    if len(currencies) not in (1, 2) or sentence.of("M") or sentence.said(*_MANY_RATES):
        return
    on, when = _day_of(sentence)
    if sentence.of("P") and on is None:
        return
    cues = _RATE if len(currencies) == 2 else _ONE_RATE
    strength = cues.strength(sentence)
    if not strength:
        return
    source, target = _direction(sentence, currencies)
    amount = next((item for item in sentence.of("N") if _counts(sentence, item, source)), None)
    average = sentence.said("average|avg|daily_average|mid")
    closing = sentence.said("closing|close|closed|end_of_day|eod|end")
    kind: Literal["average", "closing"] = "average" if average else "closing"
    if average and closing:
        return
    sure = 0.0 if average or closing else 0.05
    for rate, less in ((kind, sure), ("closing" if kind == "average" else "average", 0.3)):
        if less == 0.3 and not sure:
            continue
        arguments = ExchangeRate.model_validate(
            {
                "from_currency": source,
                "to_currency": target,
                "on": on,
                "rate": rate,
                "amount": amount.number if amount and amount.number != 1 else None,
                "site": site_in(sentence),
            }
        )
        day = f"on {on:%Y-%m-%d}" if on else "latest on file"
        converted = (
            f", {plain(arguments.amount):f} {source} converted" if arguments.amount is not None else ""
        )
        words = f"{rate.capitalize()} exchange rate from {source or 'the currency of the books'} to "
        f"{target}, {day}{converted}"
        yield Proposal(
            "exchange_rate",
            arguments,
            words,
            strength - less,
            used(*currencies, amount, *when),
            cues.vocabulary,
        )


def _day_of(sentence: Sentence) -> tuple[date | None, tuple[Item, ...]]:
    periods = sentence.of("P")
    if len(periods) != 1 or periods[0].period is None or periods[0].period.grain != "day":
        return None, ()
    return periods[0].period.start, periods


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
    numbered = next((item for item in currencies if _number_beside(sentence, item)), None)
    if numbered is not None:
        return numbered.word, (second if numbered == first else first).word
    # `How many yen is a dollar`, `yen per dollar`: the second is the one that is priced.
    if sentence.said("how many|much of? C", "C per C", "C for|to? one C"):
        return second.word, first.word
    return first.word, second.word


def _number_beside(sentence: Sentence, currency: Item) -> bool:
    index = sentence.items.index(currency)
    before = sentence.items[index - 1] if index else None
    return bool(before and before.kind == "N")


RATE_FRAMES: tuple[Frame, ...] = (rates,)
RATE_WORDS = words_explained(_RATE, _ONE_RATE)

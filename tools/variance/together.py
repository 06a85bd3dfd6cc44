"""Explains the cost of one company or several in one currency: what performance did, and what rates did.

Every amount stays what its own ledger has until it is converted, so the table by plant ties to each ledger to
the cent. Against a plan the reference is at the plan's rate, against an earlier period at that period's; what
is left between these rates and those of today is a step of its own, unless constant currency is asked for.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import assert_never

from tools.errors import ToolError
from tools.languages import said
from tools.presenting import several
from tools.rows import Queries
from tools.variance.causes import Cause
from tools.variance.comparing import against_earlier, against_plan, moved_line
from tools.variance.contributions import ZERO
from tools.variance.explaining import Scope, explained
from tools.variance.explanation import Explanation, Line, PlantShare, material
from tools.variance.ledger import Place
from tools.variance.materiality import materiality
from tools.variance.quotes import Span
from tools.variance.sums import Against, Named, Side, Sum, Together, sides_of, sums_of

_DRILLED = 2
"""Steps whose plant is asked for what lies behind them; each is an explanation of its own."""
_RATE = Decimal("1e-6")
_STATUSES = ("running", "open", "soft_closed", "closed", "")


async def explained_together(
    queries: Queries, asked: Together, against: Against, earlier: Sequence[str] = ()
) -> Explanation:
    """Why what companies spent differs from what it is compared with, account by account, in one currency.

    Args:
        earlier: months compared with, as many as are asked about.

    Raises:
        ToolError: nothing can be converted or compared; the message says what is missing.
    """
    notes: list[str] = []
    spans, sides = await sides_of(queries, asked, against, earlier, notes)
    whole = await _one_converted(queries, asked, against, earlier, sides)
    if whole is not None:
        return whole
    names, sums = await sums_of(queries, asked, against, sides, notes)
    return await _explanation(queries, asked, against, (spans, earlier), sums, names, notes)


async def _one_converted(
    queries: Queries, asked: Together, against: Against, earlier: Sequence[str], sides: Sequence[Side]
) -> Explanation | None:
    """One plant's own explanation of one month, converted as a whole; None where it takes more rates."""
    rates = {pair for side in sides for pair in side.rates.values()}
    if len(asked.places) > 1 or len(asked.months) > 1 or len(rates) != 1:
        return None
    (now, then), place = rates.pop(), asked.places[0]
    own = await _own(
        queries, against, earlier,
        Scope(
            place, asked.months, cost_centres=_at(asked.cost_centres, place),
            accounts=_at(asked.accounts, place), accounts_then=_at(asked.accounts_then, place),
            least=asked.least / then if asked.least else None,
        ),
    )  # fmt: skip
    total = _cents(own.actual * now - own.reference * then)
    rated = _cents(own.actual * (now - then))
    lines = [
        replace(
            line,
            amount=_cents(line.amount * then),
            actual=None if line.actual is None else _cents(line.actual * then),
            reference=None if line.reference is None else _cents(line.reference * then),
            causes=tuple(replace(cause, amount=_cents(cause.amount * then)) for cause in line.causes),
        )
        for line in own.lines
    ]
    if missing := total - rated - sum((line.amount for line in lines), ZERO):
        largest = max(range(len(lines)), key=lambda number: abs(lines[number].amount), default=None)
        if largest is None:
            rated += missing
        else:
            lines[largest] = replace(lines[largest], amount=lines[largest].amount + missing)
    if rated:
        ids = (("currency", own.place.currency),)
        cause = Cause("exchange_rate", own.place.currency, "", rated, Decimal(1), ids)
        lines.append(Line("rates", "", "", rated, causes=(cause,)))
    # Against standard the ledger has the difference alone.
    booked = (own.total, ZERO) if against == "standard" else (own.actual, own.reference)
    share = PlantShare(
        place.site, place.name, own.place.currency, *booked, rated, total,
        sum(each.lines for each in own.accounts), now.quantize(_RATE), then.quantize(_RATE),
    )  # fmt: skip
    return replace(
        own, place=replace(place, currency=asked.currency), total=total, base=_cents(own.base * then),
        lines=tuple(lines), accounts=(), actual=_cents(own.reference * then) + total,
        reference=_cents(own.reference * then), rates=rated, plants=(share,),
        caveats=(*own.caveats, *_rate_notes(asked, against, {own.place.currency})),
    )  # fmt: skip


def _at(found: Mapping[str, frozenset[str]] | None, place: Place) -> tuple[str, ...] | None:
    return None if found is None else tuple(sorted(found.get(place.site, ())))


async def _own(queries: Queries, against: Against, earlier: Sequence[str], scope: Scope) -> Explanation:
    """A plant's explanation in its own currency."""
    match against:
        case "standard":
            return await explained(queries, scope)
        case "plan":
            return await against_plan(queries, scope)
        case "earlier":
            return await against_earlier(queries, scope, earlier)
        case _:
            assert_never(against)


@dataclass(frozen=True, slots=True)
class _Step:
    """An account by what it is called, over all companies that have it."""

    code: str
    name: str
    sums: tuple[Sum, ...]

    @property
    def performance(self) -> Decimal:
        return sum((each.performance for each in self.sums), ZERO)

    @property
    def actual(self) -> Decimal:
        """At the rates of the reference."""
        return sum((each.actual_then for each in self.sums if each.is_now), ZERO)


async def _explanation(
    queries: Queries,
    asked: Together,
    against: Against,
    months: tuple[Sequence[Span], Sequence[str]],
    sums: Sequence[Sum],
    names: Mapping[tuple[str, str], Named],
    notes: list[str],
) -> Explanation:
    spans, earlier = months
    by_name: dict[tuple[str, str], list[Sum]] = defaultdict(list)
    for each in sums:
        named = names[each.site, each.account_id]
        by_name[named.code, named.name].append(each)
    steps = [_Step(code, name, tuple(own)) for (code, name), own in by_name.items()]
    shown = _shown(steps)
    places = {(each.site, each.company): each for each in asked.places}
    lines = [
        Line(
            "account", step.name, step.code, shown[f"account {number}"],
            None if against == "standard" else _cents(step.actual),
            None if against == "standard" else _cents(step.actual - step.performance),
            _by_plant(step, places),
        )
        for number, step in enumerate(steps)
        if shown[f"account {number}"]
    ]  # fmt: skip
    lines.sort(key=lambda line: (-abs(line.amount), line.code))
    lines = await _drilled(queries, asked, against, earlier, lines, steps, places)
    told = list(material(lines, ZERO, asked.least))
    told += _moved(steps, names, shown["moved"])
    if shown["rates"]:
        told.append(Line("rates", "", "", shown["rates"], causes=_by_currency(sums)))
    converted = {(s.site, s.company) for s in sums}
    actual = shown["total"]
    if against != "standard":
        actual = _cents(sum((each.actual_now for each in sums if each.is_now), ZERO))
    used = [each for each in spans if (each.place.site, each.place.company) in converted]
    place = Place("", asked.name, "", asked.currency, "UTC", min(each.place.today for each in used))
    return Explanation(
        place, against, min(each.first for each in used), max(each.last for each in used),
        min((each.status for each in used), key=_STATUSES.index),
        shown["total"], actual - shown["total"], tuple(told), (), 0, 0,
        caveats=tuple(dict.fromkeys((*notes, *_notes(asked, against, used, sums)))),
        actual=actual, reference=actual - shown["total"], rates=shown["rates"],
        plants=_plants(asked, sums, shown),
    )  # fmt: skip


def _shown(steps: Sequence[_Step]) -> dict[str, Decimal]:
    """The parts in cents, which add up to the total by account and by company alike."""
    plants: dict[str, Decimal] = defaultdict(Decimal)
    for each in (each for step in steps for each in step.sums):
        plants[f"plant {each.site} {each.company} {each.currency}"] += (
            each.performance + each.rates + each.moved
        )
    shown = {name: _cents(amount) for name, amount in plants.items()}
    # The total is that of the companies as they are shown, because a ledger in this very currency ties to it.
    shown["total"] = sum(shown.values(), ZERO)
    parts = {f"account {number}": _cents(step.performance) for number, step in enumerate(steps)}
    parts["rates"] = _cents(sum((each.rates for step in steps for each in step.sums), ZERO))
    parts["moved"] = _cents(sum((each.moved for step in steps for each in step.sums), ZERO))
    if missing := shown["total"] - sum(parts.values(), ZERO):
        parts[max(parts, key=lambda name: abs(parts[name]))] += missing
    return shown | parts


def _moved(
    steps: Sequence[_Step], names: Mapping[tuple[str, str], Named], amount: Decimal
) -> tuple[Line, ...]:
    """The step of accounts that changed their group since."""
    amounts: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for each in (each for step in steps for each in step.sums if each.is_now != each.is_then):
        named = names[each.site, each.account_id]
        amounts[named.name, named.code] += each.moved
    lines = moved_line([(name, code, _cents(each)) for (name, code), each in amounts.items()])
    return tuple(replace(line, amount=amount) for line in lines)


def _by_plant(step: _Step, places: Mapping[tuple[str, str], Place]) -> tuple[Cause, ...]:
    amounts: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for each in step.sums:
        amounts[each.site, each.company] += each.performance
    gross = sum((abs(amount) for amount in amounts.values()), ZERO)
    if not gross or len(places) == 1:
        return ()
    sign = 1 if step.performance >= 0 else -1
    top = max(amounts, key=lambda key: (sign * amounts[key], key))
    share = abs(amounts[top]) / gross
    if share < materiality().cause:
        return (Cause("spread", "", "", _cents(step.performance), Decimal(1), ()),)
    ids = (("site", top[0]), ("company", top[1]))
    return (Cause("plant", places[top].name, "", _cents(amounts[top]), share, ids),)


def _by_currency(sums: Sequence[Sum]) -> tuple[Cause, ...]:
    amounts: dict[str, Decimal] = defaultdict(Decimal)
    for each in sums:
        amounts[each.currency] += each.rates
    gross = sum((abs(amount) for amount in amounts.values()), ZERO)
    sign = 1 if sum(amounts.values(), ZERO) >= 0 else -1
    ranked = sorted(amounts, key=lambda currency: (-sign * amounts[currency], currency))
    return tuple(
        Cause(
            "exchange_rate",
            currency,
            "",
            _cents(amounts[currency]),
            abs(amounts[currency]) / gross,
            (("currency", currency),),
        )
        for currency in ranked[:3]
        if amounts[currency] * sign > 0 and abs(amounts[currency]) / gross >= materiality().cause
    )


async def _drilled(
    queries: Queries,
    asked: Together,
    against: Against,
    earlier: Sequence[str],
    lines: Sequence[Line],
    steps: Sequence[_Step],
    places: Mapping[tuple[str, str], Place],
) -> list[Line]:
    """The lines, the first of them with what their plant's own explanation says lies behind."""
    found = list(lines)
    for number, line in enumerate(lines[:_DRILLED]):
        step = next(each for each in steps if (each.code, each.name) == (line.code, line.name))
        place = next(iter(places.values()))
        if len(places) > 1:
            ids = dict(line.causes[0].ids) if line.causes else {}
            if "site" not in ids:
                continue
            place = places[ids["site"], ids["company"]]
        own = [each for each in step.sums if (each.site, each.company) == (place.site, place.company)]
        behind = await _behind(
            queries, asked, against, earlier, place, tuple(each.account_id for each in own)
        )
        if behind is None:
            continue
        # What lies behind is known in the plant's own money: in proportion to what was converted of it.
        before = sum((each.actual - each.reference for each in own), ZERO)
        performance = sum((each.performance for each in own), ZERO)
        amount = _cents(behind.amount * performance / before) if before else performance
        found[number] = replace(line, causes=(*line.causes, replace(behind, amount=amount)))
    return found


async def _behind(
    queries: Queries,
    asked: Together,
    against: Against,
    earlier: Sequence[str],
    place: Place,
    accounts: tuple[str, ...],
) -> Cause | None:
    """The first cause that the plant's own explanation names of these accounts."""
    centres = _at(asked.cost_centres, place)
    scope = Scope(place, asked.months, accounts=accounts, cost_centres=centres, from_sums=True)
    try:
        own = await _own(queries, against, earlier, scope)
    except ToolError:
        # What a plant's records cannot tell is no reason to tell nothing of the others.
        return None
    sign = 1 if own.total >= 0 else -1
    causes = [cause for line in own.lines if line.amount * sign > 0 for cause in line.causes[:1]]
    return next((cause for cause in causes if cause.event != "spread"), None)


def _plants(asked: Together, sums: Sequence[Sum], shown: Mapping[str, Decimal]) -> tuple[PlantShare, ...]:
    found = []
    for place in asked.places:
        own = [each for each in sums if (each.site, each.company) == (place.site, place.company)]
        for currency in sorted({each.currency for each in own}):
            kept = [each for each in own if each.currency == currency]
            rates = sum((each.rates for each in kept), ZERO)
            amount = shown[f"plant {place.site} {place.company} {currency}"]
            actual, reference = (sum(values, ZERO) for values in zip(*(e.counted for e in kept), strict=True))
            found.append(
                PlantShare(
                    place.site, place.name, currency, actual, reference, _cents(rates), amount,
                    sum(each.lines for each in kept),
                    _rate(sum((e.actual_now for e in kept if e.is_now), ZERO), actual),
                    _rate(sum((e.reference_then for e in kept if e.is_then), ZERO), reference),
                )
            )  # fmt: skip
    return tuple(found)


def _rate(converted: Decimal, amount: Decimal) -> Decimal | None:
    return (converted / amount).quantize(_RATE) if amount else None


def _notes(asked: Together, against: Against, used: Sequence[Span], sums: Sequence[Sum]) -> list[str]:
    names = list(dict.fromkeys(each.place.name for each in used))
    found = []
    if len(names) > 1:
        found.append(said("Added up: [[what]].", what=several(names, 12)))
        found.append(said("Business between companies of the group is not eliminated."))
    weekly = sorted({each.place.name for each in used if not each.is_calendar})
    if weekly and len(names) > 1:
        found.append(said("Months are each company's own; by weeks at [[what]].", what=several(weekly)))
    return [*found, *_rate_notes(asked, against, {each.currency for each in sums})]


def _rate_notes(asked: Together, against: Against, currencies: Set[str]) -> list[str]:
    if currencies == {asked.currency}:
        return [said("All of it is kept in [[currency]]: no rate was needed.", currency=asked.currency)]
    return [said((_CONSTANT if asked.constant else _RATES)[against])]


_CONSTANT: dict[Against, str] = {
    "standard": "Constant currency: at the plan rates of the year.",
    "plan": "Constant currency: actual amounts are at the plan's rates too.",
    "earlier": "Constant currency: both periods are at the average rates of the earlier one.",
}
_RATES: dict[Against, str] = {
    "standard": "Converted at the average rates of each month.",
    "plan": "The plan is at its plan rates, actual amounts at the average rates of each month.",
    "earlier": "Each month is at its own average rates.",
}


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal("0.01"), "ROUND_HALF_UP")


__all__ = ["Against", "Together", "explained_together"]

"""Explains a plant's cost against its plan, an earlier period or another plant."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from pathlib import Path
from typing import Literal, TypeAlias, get_args

import yaml

from tools.errors import ToolError
from tools.languages import said
from tools.rows import Queries
from tools.variance.causes import Cause, told
from tools.variance.contributions import ZERO, summed
from tools.variance.explaining import Base, Scope, base_of, days_of
from tools.variance.explanation import Explanation, Line, TiedAccount, driver_lines, material
from tools.variance.ledger import (
    Account,
    Booked,
    Place,
    accounts_of,
    booked,
    currency_of,
    late_confirmations,
)
from tools.variance.materiality import materiality
from tools.variance.sold import billed, sold_lines

Element: TypeAlias = Literal["energy", "maintenance", "goods_sold"]
_FILE = Path(__file__).with_name("elements.yaml")
_CENT = Decimal("0.01")
_COST = "Expenditures"
_CENTRES = """
select cost_centre_id as id, name from erp.cost_centre where site = %(site)s and cost_centre_id = any(%(ids)s)
"""
_USED = """
select cost_centre_id as id, sum(quantity) as quantity from erp.utility_use
where site = %(site)s and day between %(first)s and %(last)s group by 1
"""
_REPAIRS = """
select w.name as id, sum(m.cost) as quantity,
       (array_agg(m.order_id order by m.cost desc, m.order_id))[1] as record from erp.maintenance_order m
join erp.work_centre w on w.site = m.site and w.work_centre_id = m.work_centre_id
where m.site = %(site)s and m.completed_on between %(first)s and %(last)s and m.cost is not null
  and m.kind = 'repair'
group by 1 order by 2 desc, 1 limit 1
"""


@dataclass(frozen=True, slots=True)
class _Named:
    id: str
    name: str


@dataclass(frozen=True, slots=True)
class _Used:
    id: str
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class _Repaired:
    id: str
    quantity: Decimal
    record: str


@dataclass(frozen=True, slots=True)
class _Pair:
    """An account with what it is compared with, in all and by cost centre."""

    account: Account
    actual: Decimal
    reference: Decimal
    lines: int
    by_centre: dict[str, Decimal]

    @property
    def delta(self) -> Decimal:
        return self.actual - self.reference


@dataclass(frozen=True, slots=True)
class _Moved:
    """An account that belongs to what is asked about at one of the two times alone."""

    account: Account
    amount: Decimal
    """What that adds to the difference: its amount of the earlier time, less where it left."""
    came: bool


@cache
def _elements() -> dict[Element, re.Pattern[str]]:
    read = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    elements: tuple[Element, ...] = get_args(Element)
    return {each: re.compile(read[each], re.IGNORECASE) for each in elements}


def _element_of(account: Account) -> Element | None:
    name = account.name.strip()
    return next((element for element, words in _elements().items() if words.fullmatch(name)), None)


async def against_plan(queries: Queries, scope: Scope) -> Explanation:
    """Why a plant's costs differ from what was planned, account by account.

    Raises:
        ToolError: nothing was planned, or the period lies outside the ledger.
    """
    base = await base_of(queries, scope, every_account=True)
    accounts = await _cost_accounts(queries, scope)
    found = await booked(
        queries, scope.place, base.first, base.last, [a.account_id for a in accounts], "actual", "plan",
        from_sums=scope.from_sums,
    )  # fmt: skip
    currency = currency_of(found, scope.place)
    scope = replace(scope, place=replace(scope.place, currency=currency))
    planned = [each for each in found if each.scenario == "plan"]
    if not planned:
        raise ToolError(
            said(
                "[[site]] has no plan for these months; that is not a plan of zero",
                site=scope.place.name,
            )
        )
    actual = [each for each in found if each.scenario == "actual"]
    return await _by_account(queries, scope, base, "plan", _pairs(scope, accounts, actual, planned))


async def against_earlier(queries: Queries, scope: Scope, months: Sequence[str]) -> Explanation:
    """Why a plant's costs differ from those of an earlier period, account by account.

    Raises:
        ToolError: the earlier period has no amounts, or one lies outside the ledger.
    """
    base = await base_of(queries, scope, every_account=True)
    first, last, _ = await days_of(queries, scope.place, months)
    accounts = await _cost_accounts(queries, scope)
    ids = [a.account_id for a in accounts]
    before = await booked(queries, scope.place, first, last, ids, "actual", from_sums=scope.from_sums)
    if not before:
        raise ToolError(
            said(
                "[[site]] has no actual amounts from [[first]] to [[last]]",
                site=scope.place.name,
                first=first.isoformat(),
                last=last.isoformat(),
            )
        )
    now = await booked(queries, scope.place, base.first, base.last, ids, "actual", from_sums=scope.from_sums)
    scope = replace(scope, place=replace(scope.place, currency=currency_of((*now, *before), scope.place)))
    pairs, moved = _regrouped(scope, _pairs(scope, accounts, now, before))
    sold: list[Line] = []
    for pair in pairs:
        if _element_of(pair.account) == "goods_sold" and scope.cost_centres is None:
            bills = await billed(queries, scope.place.site, base.first, base.last)
            earlier = await billed(queries, scope.place.site, first, last)
            sold += sold_lines(pair.account.code, bills, earlier, pair.actual, pair.reference)
    return await _by_account(queries, scope, base, "earlier", pairs, sold, moved)


async def against_plant(queries: Queries, scope: Scope, other: Place) -> Explanation:
    """Why a plant is further over standard than another, at the same standard cost of output.

    What the other plant is over standard is scaled to this one's output, so that size and currency do not
    count.

    Raises:
        ToolError: one of the plants made nothing in the period.
    """
    own = await base_of(queries, scope)
    theirs = await base_of(queries, replace(scope, place=other))
    for place, base in ((scope.place, own), (other, theirs)):
        if not base.output:
            raise ToolError(
                said("[[site]] made nothing in the period, so there is no rate to compare", site=place.name)
            )
    factor = own.output / theirs.output
    their_total = sum((each.amount for each in theirs.booked), ZERO)
    own_total = sum((each.amount for each in own.booked), ZERO)
    reference = _cents(their_total * factor)
    codes = {own.roles[a.account_id]: a.code for a in own.chart if a.account_id in own.roles}
    lines = {line.name: line for line in driver_lines(own.parts, codes)}
    others = {line.name: line for line in driver_lines(theirs.parts, codes)}
    found: list[Line] = []
    for name in dict.fromkeys((*lines, *others)):
        mine = lines[name].amount if name in lines else ZERO
        scaled = _cents(others[name].amount * factor) if name in others else ZERO
        found.append(
            Line(
                "driver", name, (lines.get(name) or others[name]).code, mine - scaled, mine, scaled,
                lines[name].causes if name in lines and mine > scaled else (),
            )
        )  # fmt: skip
    rest = own_total - reference - sum((line.amount for line in found), ZERO)
    # Cents that scaling rounded are nobody's; they go to the largest step.
    found.sort(key=lambda line: -abs(line.amount))
    missing = own_total - summed(own.parts)
    if found and rest != missing:
        found[0] = replace(found[0], amount=found[0].amount + rest - missing)
    shown = await _told(queries, scope, own, material(found, missing, scope.least))
    late = await late_confirmations(queries, scope.place, own.first, own.last)
    return Explanation(
        scope.place, "plant", own.first, own.last, own.status, own_total - reference, own.output, shown, (),
        own.orders, late, own.doubts, actual=own_total, reference=reference,
    )  # fmt: skip


async def _cost_accounts(queries: Queries, scope: Scope) -> list[Account]:
    return [
        each
        for each in await accounts_of(queries, scope.place.site)
        if each.kind == _COST
        and each.value_type == "Currency"
        and (scope.accounts is None or each.account_id in {*scope.accounts, *(scope.accounts_then or ())})
    ]


def _pairs(
    scope: Scope, accounts: Sequence[Account], actual: Sequence[Booked], reference: Sequence[Booked]
) -> list[_Pair]:
    found = []
    for account in accounts:
        by_centre: dict[str, Decimal] = defaultdict(Decimal)
        sums = [ZERO, ZERO]
        lines = 0
        for number, booked_lines in enumerate((actual, reference)):
            for each in booked_lines:
                if each.account_id == account.account_id and scope.holds(each.cost_centre_id):
                    sums[number] += each.amount
                    by_centre[each.cost_centre_id] += -each.amount if number else each.amount
                    lines += 0 if number else each.lines
        if any(sums):
            found.append(_Pair(account, sums[0], sums[1], lines, dict(by_centre)))
    return found


def _regrouped(scope: Scope, pairs: Sequence[_Pair]) -> tuple[list[_Pair], list[_Moved]]:
    """The accounts that belong to it now, and those that came or left since what is compared with."""
    if scope.accounts is None or scope.accounts_then is None:
        return list(pairs), []
    moved = []
    for pair in pairs:
        account = pair.account.account_id
        came, left = account not in scope.accounts_then, account not in scope.accounts
        if came or left:
            moved.append(_Moved(pair.account, pair.reference if came else -pair.reference, came))
    return [each for each in pairs if each.account.account_id in scope.accounts], moved


def moved_line(moved: Sequence[tuple[str, str, Decimal]]) -> tuple[Line, ...]:
    """The step of accounts that changed their group, of names, ids and amounts; none where none did."""
    if not moved:
        return ()
    gross = sum((abs(amount) for *_, amount in moved), ZERO)
    causes = tuple(
        Cause(
            "moved_in" if amount >= 0 else "moved_out", name, "", amount,
            abs(amount) / gross if gross else ZERO, (("account", account),),
        )
        for name, account, amount in sorted(moved, key=lambda each: (-abs(each[2]), each[1]))
    )  # fmt: skip
    return (Line("moved", "", "", sum((amount for *_, amount in moved), ZERO), causes=causes[:3]),)


async def _by_account(
    queries: Queries,
    scope: Scope,
    base: Base,
    comparison: Literal["plan", "earlier"],
    pairs: Sequence[_Pair],
    sold: Sequence[Line] = (),
    moved: Sequence[_Moved] = (),
) -> Explanation:
    """The comparison account by account; the cost of goods sold by `sold` where that could be told apart."""
    if not pairs and not moved:
        raise ToolError(said("nothing was booked on these accounts, and nothing stands against it"))
    asked: dict[str, object] = {
        "site": scope.place.site,
        "first": base.first,
        "last": base.last,
        "ids": sorted({centre for pair in pairs for centre in pair.by_centre if centre}),
    }
    names = {each.id: each.name for each in await queries.rows(_Named, _CENTRES, asked)}
    used = {each.id: each.quantity for each in await queries.rows(_Used, _USED, asked)}
    repairs = await queries.rows(_Repaired, _REPAIRS, asked)
    lines = [
        Line(
            "account", pair.account.name, pair.account.code, pair.delta, pair.actual, pair.reference,
            _causes(pair, base, names, used, repairs),
        )
        for pair in pairs
        if not (sold and _element_of(pair.account) == "goods_sold")
    ]  # fmt: skip
    lines = sorted((*lines, *sold), key=lambda line: -abs(line.amount))
    shown = await _told(queries, scope, base, material(lines, ZERO, scope.least))
    shown = (
        *shown,
        *moved_line([(each.account.name, each.account.account_id, each.amount) for each in moved]),
    )
    late = await late_confirmations(queries, scope.place, base.first, base.last)
    actual = sum((pair.actual for pair in pairs), ZERO)
    reference = sum((pair.reference for pair in pairs), ZERO) - sum((each.amount for each in moved), ZERO)
    came = {each.account.account_id for each in moved if each.came}
    tied = (
        *(
            TiedAccount(
                p.account, p.actual, p.lines, p.actual, ZERO if p.account.account_id in came else p.reference
            )
            for p in pairs
        ),
        *(TiedAccount(each.account, ZERO, 0, ZERO, -each.amount) for each in moved if not each.came),
    )
    return Explanation(
        scope.place, comparison, base.first, base.last, base.status, actual - reference, reference, shown,
        tied, base.orders, late, base.doubts, actual=actual, reference=reference,
    )  # fmt: skip


def _causes(
    pair: _Pair,
    base: Base,
    names: dict[str, str],
    used: dict[str, Decimal],
    repairs: Sequence[_Repaired],
) -> tuple[Cause, ...]:
    role = base.roles.get(pair.account.account_id)
    if role is not None:
        parts = [part for part in base.parts if part.role == role]
        drivers = [line for line in driver_lines(parts, {}) if line.amount * pair.delta > 0]
        return drivers[0].causes if drivers else ()
    gross = sum((abs(amount) for amount in pair.by_centre.values()), ZERO)
    sign = 1 if pair.delta >= 0 else -1
    if not gross:
        return ()
    centre, amount = max(pair.by_centre.items(), key=lambda item: (sign * item[1], item[0]))
    share = abs(amount) / gross
    if not centre or share < materiality().cause:
        return (Cause("spread", "", "", pair.delta, Decimal(1), ()),)
    ids = (("cost_centre", centre),)
    element = _element_of(pair.account)
    if element == "energy" and centre in used:
        return (Cause("energy", names.get(centre, centre), "", amount, share, ids, quantity=used[centre]),)
    if element == "maintenance" and repairs and sign > 0:
        top = repairs[0]
        found = (("cost_centre", centre), ("maintenance_order", top.record))
        return (
            Cause("repair", names.get(centre, centre), top.id, amount, share, found, quantity=top.quantity),
        )
    return (Cause("cost_centre", names.get(centre, centre), "", amount, share, ids),)


async def _told(queries: Queries, scope: Scope, base: Base, lines: Sequence[Line]) -> tuple[Line, ...]:
    flat = [cause for line in lines for cause in line.causes if _is_open(cause)]
    place = scope.place
    named = iter(await told(queries, place.site, place.zone, base.first, base.last, flat))
    return tuple(
        replace(line, causes=tuple(next(named) if _is_open(cause) else cause for cause in line.causes))
        for line in lines
    )


def _is_open(cause: Cause) -> bool:
    return cause.event not in ("cost_centre", "energy", "repair", "posting", "moved_in", "moved_out")


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(_CENT, ROUND_HALF_UP)


def month_before(month: str, count: int = 1) -> str:
    """The month that lies so many months earlier."""
    day = date.fromisoformat(f"{month}-01")
    number = day.year * 12 + day.month - 1 - count
    return f"{number // 12:04}-{number % 12 + 1:02}"

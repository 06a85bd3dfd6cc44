"""An explanation: drivers that add up to a difference, tied to the ledger to the cent, with their causes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Literal, TypeAlias

from tools.variance.accounts import Role
from tools.variance.causes import Cause, gathered
from tools.variance.contributions import DRIVERS, ZERO, Contribution, Driver, summed
from tools.variance.ledger import Account, Booked, Place
from tools.variance.materiality import materiality
from tools.variance.orders import Doubts

Comparison: TypeAlias = Literal["standard", "plan", "earlier", "plant"]
LineKind: TypeAlias = Literal["driver", "account", "sold", "others", "moved", "rates", "unexplained"]


@dataclass(frozen=True, slots=True)
class Line:
    """One step of the bridge."""

    kind: LineKind
    name: str
    """The driver; or the account's name; empty for others and what is not explained."""
    code: str
    """Code of the account where the line is one; the accounts that a driver stands on otherwise."""
    amount: Decimal
    actual: Decimal | None = None
    reference: Decimal | None = None
    causes: tuple[Cause, ...] = ()


@dataclass(frozen=True, slots=True)
class TiedAccount:
    """An account as the ledger has it and as the records explain it."""

    account: Account
    ledger: Decimal
    lines: int
    explained: Decimal
    reference: Decimal = ZERO

    @property
    def difference(self) -> Decimal:
        """What no record explains."""
        return self.ledger - self.explained


@dataclass(frozen=True, slots=True)
class PlantShare:
    """What a plant has to do with a difference in one currency: its own ledger, and what it came to."""

    site: str
    name: str
    currency: str
    """In which its ledger is kept."""
    actual: Decimal
    reference: Decimal
    rates: Decimal
    """What exchange rates added, in the one currency."""
    amount: Decimal
    """Its part of the difference, in the one currency."""
    lines: int
    rate: Decimal | None
    """Mean rate of what was spent; None of nothing."""
    reference_rate: Decimal | None


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a plant's cost differs from what it is compared with."""

    place: Place
    comparison: Comparison
    first: date
    last: date
    status: str
    """`open`, `soft_closed` or `closed`; `running` where the period is not over; empty where nothing says."""
    total: Decimal
    base: Decimal
    """Standard cost of what was made: what the total is a part of."""
    lines: tuple[Line, ...]
    accounts: tuple[TiedAccount, ...]
    orders: int
    late: int
    """Confirmations that reached the system after the period."""
    doubts: Doubts = field(default_factory=Doubts)
    caveats: tuple[str, ...] = ()
    actual: Decimal = ZERO
    reference: Decimal = ZERO
    rates: Decimal = ZERO
    """What of the total exchange rates did."""
    plants: tuple[PlantShare, ...] = ()
    """Where several companies or currencies are told as one: each by itself, as its ledger has it."""

    @property
    def unexplained(self) -> Decimal:
        """What is in the ledger and in no record."""
        return sum((line.amount for line in self.lines if line.kind == "unexplained"), ZERO)


def with_centres(
    parts: Iterable[Contribution], booked_lines: Sequence[Booked], roles: Mapping[str, Role]
) -> list[Contribution]:
    """The parts, those without a cost centre on the only one that their account has."""
    centres: dict[Role, set[str]] = defaultdict(set)
    for each in booked_lines:
        centres[roles[each.account_id]].add(each.cost_centre_id)
    return [
        replace(part, cost_centre=next(iter(centres[part.role])))
        if part.cost_centre is None and len(centres[part.role]) == 1
        else part
        for part in parts
    ]


def tied(
    accounts: Iterable[Account],
    roles: Mapping[str, Role],
    booked_lines: Sequence[Booked],
    parts: Sequence[Contribution],
) -> tuple[TiedAccount, ...]:
    """The variance accounts with what the ledger and the records have on each."""
    explained: dict[Role, Decimal] = defaultdict(Decimal)
    for part in parts:
        explained[part.role] += part.amount
    found = []
    # Where two accounts share a role the records cannot tell them apart: the first one carries them.
    seen: set[Role] = set()
    for account in accounts:
        role = roles.get(account.account_id)
        if role is None:
            continue
        own = [each for each in booked_lines if each.account_id == account.account_id]
        ours = explained[role] if role not in seen else ZERO
        seen.add(role)
        ledger = sum((each.amount for each in own), ZERO)
        if own or ours:
            found.append(TiedAccount(account, ledger, sum(each.lines for each in own), ours))
    return tuple(found)


def driver_lines(parts: Sequence[Contribution], codes: Mapping[Role, str]) -> list[Line]:
    """Every driver with its causes, the largest first."""
    by_driver: dict[Driver, list[Contribution]] = defaultdict(list)
    for part in parts:
        by_driver[part.driver].append(part)
    lines = [
        Line(
            "driver",
            driver,
            ", ".join(sorted({codes[part.role] for part in by_driver[driver] if part.role in codes})),
            summed(by_driver[driver]),
            causes=tuple(gathered(driver, by_driver[driver])),
        )
        for driver in DRIVERS
        if driver in by_driver
    ]
    return sorted((line for line in lines if line.amount), key=lambda line: -abs(line.amount))


def material(lines: Sequence[Line], unexplained: Decimal, least: Decimal | None = None) -> tuple[Line, ...]:
    """The lines that are told by themselves, then the others in one, then what is not explained."""
    gross = sum((abs(line.amount) for line in lines), abs(unexplained))
    bound = gross * materiality().share if least is None else least
    shown = [line for line in lines if abs(line.amount) >= bound]
    small = [line for line in lines if abs(line.amount) < bound]
    if len(small) == 1:
        shown, small = [*shown, *small], []
    rest = sum((line.amount for line in small), ZERO)
    return (
        *shown,
        *([Line("others", "", "", rest)] if small else []),
        *([Line("unexplained", "", "", unexplained)] if unexplained else []),
    )

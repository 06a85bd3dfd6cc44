"""Cases of several levels: planned orders through bills of materials, by period or by date."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from tools.engines import scrap
from tools.engines.material_requirements import Calendar, Component, Item, LotPolicy, Plan, exploded
from tools.engines.material_requirements.calendars import NoWorkingDays
from tools.engines.planning_cases.keys import (
    LONGEST,
    CaseInvalid,
    Given,
    Json,
    Key,
    checked,
    keys_of,
    read,
    shown,
)
from tools.engines.planning_cases.lots import lot_from, policy_of
from tools.engines.structure import ZERO, CircularStructure

KEYS = keys_of(
    "explosion",
    Key("bom", "any", required=True),
    Key("demand", "any", required=True),
    Key("lead_time", "by_item"),
    Key("on_hand", "by_item"),
    Key("scheduled_receipts", "any"),
    Key("firm_receipts", "any"),
    Key("safety_stock", "by_item"),
    Key("safety_time", "by_item"),
    Key("lot", "by_item"),
    Key("scrap_pct", "by_item"),
    Key("scrap_convention", "text", choices=("surcharge", "yield")),
    Key("bought", "any"),
    Key("calendar", "any"),
)
TOTAL_KEYS = keys_of(
    "totals",
    KEYS[0],
    Key("item", "text"),
    Key("quantity", "not_negative"),
    Key("on_hand", "by_item"),
)
_LINE_KEYS = keys_of(
    "bom_line",
    Key("quantity", "positive", required=True),
    Key("scrap_pct", "percent"),
    Key("lead_offset", "count"),
)
_CALENDAR_KEYS = keys_of(
    "calendar",
    Key("weekdays", "any"),
    Key("closed", "any"),
    Key("opened", "any"),
)
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, slots=True)
class _Time:
    """Periods as numbers: of buckets, or the ordinals of days on a calendar."""

    calendar: Calendar | None

    def number(self, name: str, spelled: str) -> int:
        try:
            if self.calendar is not None:
                return date.fromisoformat(spelled).toordinal()
            return int(spelled)
        except ValueError as exc:
            kind = "a date as 2025-06-30" if self.calendar is not None else "a whole number or a date"
            raise CaseInvalid(f"{name!r} has the period {spelled!r}; valid: {kind}") from exc

    def spelled(self, period: int) -> str:
        return str(period) if self.calendar is None else date.fromordinal(period).isoformat()

    def before(self, period: int, lead: int, *, is_bought: bool) -> int:
        """When something has to be released that is due in a period."""
        if self.calendar is None:
            return period - lead
        due = date.fromordinal(period)
        if is_bought:
            # Suppliers count calendar days; an order is written on a day that the site works.
            return self.calendar.on_or_before(due - timedelta(days=lead)).toordinal()
        return self.calendar.before(due, lead).toordinal()


def explosion(given: Given) -> dict[str, Json]:
    """Planned orders of every material, level by level."""
    parts = _parts(given.raw("bom"))
    demand = given.raw("demand")
    assert isinstance(demand, Mapping | list)
    if not isinstance(demand, Mapping):
        raise CaseInvalid("'demand' is no object of materials with their quantities by period")
    time = _time(given, demand)
    needed = {name: _by_period("demand", name, value, time) for name, value in demand.items()}
    names = list(dict.fromkeys([*parts, *(one.item for lines in parts.values() for one in lines), *needed]))
    if len(names) > LONGEST:
        raise CaseInvalid(f"'bom' has {len(names)} materials; valid: at most {LONGEST}")
    each = _PerItem(given, names, time)
    items = {name: each.item(name, parts.get(name, ()), needed) for name in names}
    leads = {name: int(each.number("lead_time", name, "count")) for name in names}
    early = {name: int(each.number("safety_time", name, "count")) for name in names}
    bought = each.bought({name for name in names if not parts.get(name)})
    convention: scrap.Convention = "yield" if given.text("scrap_convention", "") == "yield" else "surcharge"
    _scrap_fits(items, convention)

    def receipt(name: str, period: int) -> int:
        return time.before(period, early[name], is_bought=False) if early[name] else period

    def release(name: str, period: int) -> int:
        return time.before(receipt(name, period), leads[name], is_bought=name in bought)

    plan = _planned(items, needed, release, convention)
    if any(early.values()):
        given.note(
            "safety_time: receipts lie that much before they are needed; projected_on_hand is without it"
        )
    return _shown(plan, time, given, receipt)


def _planned(
    items: Mapping[str, Item],
    needed: Mapping[str, Mapping[int, Decimal]],
    release: Callable[[str, int], int],
    convention: scrap.Convention,
) -> Plan:
    try:
        return exploded(items, needed, release, convention)
    except CircularStructure as exc:
        raise CaseInvalid(f"'bom' goes round in a circle: {exc}; take one of these lines out") from exc
    except (NoWorkingDays, OverflowError, ValueError) as exc:
        raise CaseInvalid(f"'calendar' allows no date: {exc}") from exc


def _shown(plan: Plan, time: _Time, given: Given, receipt: Callable[[str, int], int]) -> dict[str, Json]:
    releases: dict[str, dict[str, Json]] = {}
    receipts: dict[str, dict[str, Json]] = {}
    overdue = False
    for order in plan.orders:
        begins, arrives = time.spelled(order.release), time.spelled(receipt(order.item, order.receipt))
        of = releases.setdefault(order.item, {})
        of[begins] = _plus(of.get(begins), order.started)
        to = receipts.setdefault(order.item, {})
        to[arrives] = _plus(to.get(arrives), order.quantity)
        overdue = overdue or (time.calendar is None and order.release < 1)
    if overdue:
        given.note("releases before period 1 are past due: the plan cannot be kept without expediting")
    given.note("components are needed in the period in which their parent is released")
    if time.calendar is not None:
        given.note("lead times: working days of the site, for what is bought calendar days")
    return {
        "releases": {name: dict(sorted(of.items(), key=_period)) for name, of in releases.items()},
        "receipts": {name: dict(sorted(of.items(), key=_period)) for name, of in receipts.items()},
        "gross": {
            name: {time.spelled(one.period): one.gross for one in lines if one.gross}
            for name, lines in plan.lines.items()
            if any(one.gross for one in lines)
        },
        "net": {
            name: {time.spelled(one.period): one.net for one in lines if one.net}
            for name, lines in plan.lines.items()
            if any(one.net for one in lines)
        },
        "projected_on_hand": {
            name: {time.spelled(one.period): one.on_hand for one in lines}
            for name, lines in plan.lines.items()
        },
    }


def _plus(before: Json, quantity: Decimal) -> Decimal:
    return quantity + (before if isinstance(before, Decimal) else ZERO)


def _period(entry: tuple[str, Json]) -> tuple[int, str]:
    spelled = entry[0]
    return (0, spelled) if spelled.count("-") == 2 else (int(spelled), "")


def _parts(bom: Json) -> dict[str, tuple[Component, ...]]:
    """Components by parent, from objects or from lists of lines."""
    if not isinstance(bom, Mapping):
        raise CaseInvalid("'bom' is no object of parents with their components")
    found: dict[str, tuple[Component, ...]] = {}
    for parent, lines in bom.items():
        if not isinstance(lines, Mapping):
            raise CaseInvalid(f"'bom' of {parent!r} is {shown(lines)}, not an object of components")
        components = []
        for name, value in lines.items():
            line = value if isinstance(value, Mapping) else {"quantity": value}
            one = read(f"bom {parent} > {name}", line, _LINE_KEYS)
            components.append(
                Component(
                    name, one.number("quantity"), one.number("scrap_pct", ZERO), one.count("lead_offset", 0)
                )
            )
        found[parent] = tuple(components)
    return found


def _time(given: Given, demand: Mapping[str, Json]) -> _Time:
    spelled = [key for value in demand.values() if isinstance(value, Mapping) for key in value]
    is_dated = any(key.count("-") == 2 for key in spelled)
    if not is_dated:
        if given.has("calendar"):
            raise CaseInvalid("'calendar' needs dates as periods, such as 2025-06-30")
        return _Time(None)
    value = given.raw("calendar")
    if value is None:
        given.note("calendar: Monday to Friday, no holidays")
        return _Time(Calendar())
    if not isinstance(value, Mapping):
        raise CaseInvalid("'calendar' is no object with 'weekdays' and 'closed'")
    one = read("calendar", value, _CALENDAR_KEYS)
    weekdays = frozenset(_weekday(each) for each in _listed(one, "weekdays")) or frozenset(range(5))
    return _Time(Calendar(weekdays, _days(one, "closed"), _days(one, "opened")))


def _listed(given: Given, name: str) -> list[Json]:
    value = given.raw(name)
    if value is None:
        return []
    if not isinstance(value, list):
        raise CaseInvalid(f"{name!r} is {shown(value)}, not a list")
    return value


def _weekday(value: Json) -> int:
    if isinstance(value, str) and value[:3].lower() in _DAYS:
        return _DAYS.index(value[:3].lower())
    raise CaseInvalid(f"'weekdays' has {shown(value)}; valid: mon, tue, wed, thu, fri, sat, sun")


def _days(given: Given, name: str) -> frozenset[date]:
    found = set()
    for value in _listed(given, name):
        try:
            found.add(date.fromisoformat(str(value)))
        except ValueError as exc:
            raise CaseInvalid(f"{name!r} has {shown(value)}, not a date as 2025-12-24") from exc
    return frozenset(found)


def _by_period(name: str, item: str, value: Json, time: _Time) -> dict[int, Decimal]:
    if isinstance(value, list):
        value = {str(at): each for at, each in enumerate(value, 1)}
    if not isinstance(value, Mapping):
        raise CaseInvalid(f"{name!r} of {item!r} is {shown(value)}, not an object of quantities by period")
    if len(value) > LONGEST:
        raise CaseInvalid(f"{name!r} of {item!r} has {len(value)} periods; valid: at most {LONGEST}")
    found: dict[int, Decimal] = {}
    for spelled, amount in value.items():
        number = checked(f"{name} of {item} in {spelled}", amount, "not_negative", [])
        assert isinstance(number, Decimal)
        if number:
            found[time.number(name, spelled)] = number
    return found


class _PerItem:
    """Inputs that stand for all materials or are given for each."""

    def __init__(self, given: Given, names: list[str], time: _Time) -> None:
        self._given, self._names, self._time = given, set(names), time
        for name in (
            "lead_time",
            "on_hand",
            "scheduled_receipts",
            "firm_receipts",
            "safety_stock",
            "safety_time",
            "scrap_pct",
        ):
            value = given.raw(name)
            if isinstance(value, Mapping):
                for unknown in value.keys() - self._names:
                    raise CaseInvalid(f"{name!r} has {unknown!r}, which is neither in 'bom' nor in 'demand'")

    def number(self, name: str, item: str, kind: str) -> Decimal:
        """A figure of a material; zero where it has none."""
        value = self._given.raw(name)
        one = value.get(item) if isinstance(value, Mapping) else value
        if one is None:
            return ZERO
        found = checked(f"{name} of {item}", one, "count" if kind == "count" else "not_negative", [])
        assert isinstance(found, Decimal)
        return found

    def bought(self, leaves: set[str]) -> set[str]:
        """Materials whose lead time is in calendar days: those named, else all without components."""
        if not self._given.has("bought"):
            return leaves
        named = {str(one) for one in _listed(self._given, "bought")}
        for unknown in named - self._names:
            raise CaseInvalid(f"'bought' has {unknown!r}, which is neither in 'bom' nor in 'demand'")
        return named

    def item(
        self, name: str, components: tuple[Component, ...], needed: Mapping[str, Mapping[int, Decimal]]
    ) -> Item:
        """What planning has to know of a material."""
        coming: dict[int, Decimal] = {}
        for key in ("scheduled_receipts", "firm_receipts"):
            given = self._given.raw(key)
            own = given.get(name) if isinstance(given, Mapping) else None
            for at, amount in ({} if own is None else _by_period(key, name, own, self._time)).items():
                coming[at] = coming.get(at, ZERO) + amount
        return Item(
            components,
            self.number("on_hand", name, "quantity"),
            self.number("safety_stock", name, "quantity"),
            coming,
            self._policy(name, list(needed.get(name, {}).values())),
            self.number("scrap_pct", name, "quantity"),
        )

    def _policy(self, name: str, demand: list[Decimal]) -> LotPolicy:
        value = self._given.raw("lot")
        if isinstance(value, Mapping) and "rule" not in value:
            for unknown in value.keys() - self._names:
                raise CaseInvalid(f"'lot' has {unknown!r}, which is neither in 'bom' nor in 'demand'")
            value = value.get(name)
        rule, where = lot_from(self._given, value)
        if rule in ("eoq", "poq") and not demand and not (where.has("lot_size") or where.has("periods")):
            raise CaseInvalid(
                f"'lot' of {name!r} is {rule}: give its 'lot_size' or 'periods', no demand is its own"
            )
        return policy_of(where if where is not self._given else Given({}, self._given.notes), rule, demand)


def _scrap_fits(items: Mapping[str, Item], convention: scrap.Convention) -> None:
    for name, item in items.items():
        for pct in (item.scrap_pct, *(part.scrap_pct for part in item.components)):
            if convention == "yield" and pct >= 100:
                raise CaseInvalid(
                    f"'scrap_pct' of {name!r} is {pct}: below 100 where yield divides by 1 - scrap"
                )


def totals(given: Given) -> dict[str, Json]:
    """How much of each material goes into a quantity of a product, without regard to time."""
    parts = _parts(given.raw("bom"))
    names = list(dict.fromkeys([*parts, *(one.item for lines in parts.values() for one in lines)]))
    below = {one.item for lines in parts.values() for one in lines}
    tops = [name for name in names if name not in below]
    spelled = {name.lower(): name for name in names}
    top = spelled.get(given.text("item", ""), tops[0] if len(tops) == 1 else "")
    if not top:
        raise CaseInvalid(f"'item' is missing or not in 'bom'; valid: {', '.join(tops or names)}")
    each = _PerItem(given, names, _Time(None))
    items = {name: Item(parts.get(name, ()), each.number("on_hand", name, "quantity")) for name in names}
    quantity = given.number("quantity", Decimal(1))
    plan = _planned(items, {top: {1: quantity}}, lambda name, period: period, "surcharge")
    return {
        "gross": {name: sum((one.gross for one in lines), ZERO) for name, lines in plan.lines.items()},
        "net": {name: sum((one.net for one in lines), ZERO) for name, lines in plan.lines.items()},
        "requirements": {name: sum((one.net for one in lines), ZERO) for name, lines in plan.lines.items()},
    }

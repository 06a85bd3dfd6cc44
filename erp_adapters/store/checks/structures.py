"""Lines of bills of materials whose unit is wrong, or whose quantity is off by the factor between units."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from statistics import median

from erp_adapters.store.checks.finding import Finding, Found, Key, Measure, ReplaceValue, Review, Severity
from erp_adapters.store.checks.limits import limits
from erp_adapters.store.checks.look import Check, Look
from erp_adapters.store.checks.measures import kilograms, unit_meaning, units_of

NAME = "bom_units"
_SLIPS = (10.0, 100.0, 1000.0, 10_000.0, 100_000.0, 1e6)
"""By how much quantities are off where a point slipped."""


@dataclass(frozen=True, slots=True)
class LineRow:
    """A line with what is known of its component and of what it goes into."""

    site: str
    source_system: str
    source_key: str
    parent_id: str
    parent: str
    component_id: str
    component: str
    quantity: Decimal
    unit: str | None
    base_unit: str | None
    group: str
    """Kind of thing that the parent is."""
    parent_weight: Decimal | None
    parent_weight_unit: str | None
    weight: Decimal | None
    weight_unit: str | None
    is_valid: bool
    """Valid at business now, or the last that was."""
    issued: Decimal | None
    """What production really took for one, in the base unit, by the last orders; None where not known."""


_ROWS = """
with taken as (
    select v.site, v.order_id, v.material_id, -sum(v.quantity) as quantity
    from erp.stock_movement v
    where v.site = any(%(sites)s) and v.kind = 'consumption' and v.order_id is not null
    group by v.site, v.order_id, v.material_id
), issued as (
    select o.site, o.material_id as parent_id, t.material_id as component_id,
           percentile_cont(0.5) within group (
               order by t.quantity / (o.stocked + coalesce(o.scrapped, 0)))::numeric as per_one
    from taken t
    join erp.production_order o on o.site = t.site and o.order_id = t.order_id
    where o.stocked > 0 and t.quantity > 0
    group by o.site, o.material_id, t.material_id having count(*) >= %(fewest)s
)
select b.site, b.source_system, b.source_key, b.parent_id, coalesce(p.name, b.parent_id) as parent,
       b.component_id, coalesce(c.name, b.component_id) as component, b.quantity_per as quantity, b.unit,
       c.base_unit,
       coalesce(p.subcategory, p.category, '') as group, p.weight as parent_weight,
       p.weight_unit as parent_weight_unit, c.weight, c.weight_unit,
       coalesce(b.valid_to >= t.as_of::date, true) as is_valid, i.per_one as issued
from erp.bom_item b join erp.site t on t.site = b.site
join erp.material c on c.site = b.site and c.material_id = b.component_id
left join erp.material p on p.site = b.site and p.material_id = b.parent_id
left join issued i on i.site = b.site and i.parent_id = b.parent_id and i.component_id = b.component_id
where b.site = any(%(sites)s) and b.parent_id is not null and b.quantity_per > 0
order by b.site, b.source_key
"""


@dataclass(frozen=True, slots=True)
class _Line:
    row: LineRow
    amount: float | None
    """Quantity in the component's base unit; None where the unit cannot be converted to it."""
    as_base: float
    """Quantity as if it were written in the base unit."""


def find(look: Look) -> Found:
    """Lines that cannot be right, with the unit or quantity that would be."""
    rows = look.rows(LineRow, _ROWS, {"fewest": int(limits(NAME)["fewest_orders"])})
    return Found(tuple(suspicious(rows)), Counter(row.site for row in rows))


CHECK = Check(NAME, find)


def suspicious(rows: list[LineRow]) -> Iterator[Finding]:
    """The same from rows."""
    lines = [_line(row) for row in rows]
    elsewhere = _Elsewhere(lines)
    balances = _balances(lines)
    usual = _in_base_units(rows)
    for place, line in enumerate(lines):
        finding = (
            # What production issues is the best witness, also where it speaks for the line.
            _against_issues(line)
            if line.amount is not None and line.row.issued
            else _wrong_dimension(line)
            or _against_lines_elsewhere(line, elsewhere)
            or _against_weight(line, balances.get(place))
            or _unlike_the_plant(line, usual)
        )
        if finding:
            yield finding


def _line(row: LineRow) -> _Line:
    written, base = unit_meaning(row.unit or row.base_unit), unit_meaning(row.base_unit)
    quantity = float(row.quantity)
    if (row.unit or row.base_unit or "").upper() == (row.base_unit or "").upper():
        return _Line(row, quantity, quantity)
    if written is None or base is None or written.dimension != base.dimension:
        return _Line(row, None, quantity)
    return _Line(row, quantity * written.size / base.size, quantity)


class _Elsewhere:
    """What lines with the same component take: in the same kind of parent, and in any; with logarithms."""

    def __init__(self, lines: list[_Line]) -> None:
        self._in_group: dict[tuple[str, str, str], list[tuple[str, float]]] = defaultdict(list)
        self._anywhere: dict[tuple[str, str], list[tuple[str, float]]] = defaultdict(list)
        self._of_kind: dict[tuple[str, str, str], list[tuple[str, float]]] = defaultdict(list)
        for line in lines:
            if line.amount:
                row, size = line.row, math.log(line.amount)
                self._in_group[row.site, row.component_id, row.group].append((row.source_key, size))
                self._anywhere[row.site, row.component_id].append((row.source_key, size))

    def expected(self, line: _Line) -> tuple[float, int] | None:
        """The usual amount and how many other lines say so; None where they are few or differ widely."""
        row, limit = line.row, limits(NAME)
        for lines in (
            self._in_group[row.site, row.component_id, row.group],
            self._anywhere[row.site, row.component_id],
        ):
            others = [size for key, size in lines if key != row.source_key]
            if len(others) < limit["fewest_lines"]:
                continue
            middle = median(others)
            spread = median(abs(size - middle) for size in others)
            if spread <= math.log(limit["like_lines"]):
                return math.exp(middle), len(others)
        return None


def _wrong_dimension(line: _Line) -> Finding | None:
    """A unit that the component is not counted in and that nothing converts."""
    row = line.row
    if line.amount is not None or row.unit is None or row.base_unit is None:
        return None
    return _finding(
        line,
        "bom_unit_of_another_kind",
        ReplaceValue("unit", row.unit, row.base_unit),
        0.9,
        {"unit": row.unit, "base_unit": row.base_unit},
    )


def _against_issues(line: _Line) -> Finding | None:
    """What production really takes for one says what was meant."""
    if line.amount is None or not line.row.issued or line.row.issued <= 0:
        return None
    return _off_by_factor(line, float(line.row.issued), "bom_quantity_against_issues", 0.97, {}, 1.0)


def _against_lines_elsewhere(line: _Line, elsewhere: _Elsewhere) -> Finding | None:
    expected = elsewhere.expected(line)
    if line.amount is None or expected is None:
        return None
    # Two of something here and twenty-four there is ordinary; two and two thousand is not.
    base = unit_meaning(line.row.base_unit)
    least = limits(NAME)[
        "least_factor_counted" if base and base.dimension == "count" else "least_factor_like"
    ]
    return _off_by_factor(line, expected[0], "bom_quantity_against_lines", 0.9, {"lines": expected[1]}, least)


def _against_weight(line: _Line, expected: float | None) -> Finding | None:
    """The weights of what goes into a thing say how much of this one fits."""
    base = unit_meaning(line.row.base_unit)
    counted = base is not None and base.dimension == "count"
    # Less than one piece cannot have been meant: then it is a weight that is wrong, not the line.
    if line.amount is None or expected is None or (counted and expected < 1):
        return None
    least = limits(NAME)["least_factor_weighed"]
    return _off_by_factor(line, expected, "bom_quantity_against_weight", 0.85, {}, least)


def _in_base_units(rows: list[LineRow]) -> dict[str, float]:
    """Share of each site's lines that are written in the unit that their component is counted in."""
    all_lines, alike = Counter[str](), Counter[str]()
    for row in rows:
        all_lines[row.site] += 1
        alike[row.site] += row.unit is None or row.unit == row.base_unit
    return {site: alike[site] / lines for site, lines in all_lines.items()}


def _unlike_the_plant(line: _Line, usual: dict[str, float]) -> Finding | None:
    """A unit other than the component's own, in a plant that hardly ever writes one."""
    row = line.row
    if (
        row.unit is None
        or row.base_unit is None
        or line.as_base == line.amount
        or usual[row.site] < limits(NAME)["in_base_units"]
    ):
        return None
    return _finding(
        line,
        "bom_unit_unusual",
        ReplaceValue("unit", row.unit, row.base_unit),
        0.7,
        {"unit": row.unit, "base_unit": row.base_unit},
        severity="flag",
    )


def _off_by_factor(
    line: _Line,
    expected: float,
    what: str,
    confidence: float,
    arguments: dict[str, str | int],
    least_factor: float,
) -> Finding | None:
    assert line.amount is not None
    limit = limits(NAME)
    ratio = line.amount / expected
    least = max(limit["least_factor"], least_factor)
    if 1 / least < ratio < least:
        return None
    apart = min(abs(math.log(max(ratio, 1 / ratio) / factor)) for factor in _factors(line.row.base_unit))
    if apart > math.log(limit["near_factor"]):
        return None
    unit = _unit_meant(line, expected)
    row = line.row
    written = unit_meaning(row.unit or row.base_unit)
    base = unit_meaning(row.base_unit)
    in_unit = expected * (base.size / written.size if written and base else 1.0)
    return _finding(
        line,
        what,
        ReplaceValue("unit", row.unit or row.base_unit or "", unit)
        if unit
        else ReplaceValue("quantity_per", f"{row.quantity.normalize():f}", f"{in_unit:.6g}"),
        confidence,
        arguments | {"unit": row.unit or row.base_unit or ""},
        Measure(
            row.quantity,
            Decimal(f"{in_unit / limit['near_factor']:.6g}"),
            Decimal(f"{in_unit * limit['near_factor']:.6g}"),
            row.unit or row.base_unit or "",
        ),
    )


def _factors(unit: str | None) -> tuple[float, ...]:
    """By how much a quantity may be off: slips of the point, and sizes of units taken for one another."""
    meaning = unit_meaning(unit)
    sizes = units_of(meaning.dimension) if meaning else {}
    between = (one / other for one in sizes.values() for other in sizes.values() if one > other)
    return (*_SLIPS, *between)


def _unit_meant(line: _Line, expected: float) -> str | None:
    """The unit in which the quantity as written would be right; None where none would."""
    base = unit_meaning(line.row.base_unit)
    written = (line.row.unit or line.row.base_unit or "").upper()
    if base is None:
        return None
    if abs(math.log(line.as_base / expected)) < math.log(limits(NAME)["near_factor"]):
        return line.row.base_unit if written != (line.row.base_unit or "").upper() else None
    fitting = {
        code: abs(math.log(line.as_base * size / base.size / expected))
        for code, size in units_of(base.dimension).items()
        if code != written
    }
    best = min(fitting, key=lambda code: fitting[code], default=None)
    if best is None or fitting[best] > math.log(limits(NAME)["near_factor"]) or base.dimension == "count":
        return None
    return best


def _balances(lines: list[_Line]) -> dict[int, float]:
    """For lines that alone throw a parent's weight out of balance, how much would bring it back."""
    limit = limits(NAME)
    by_parent: dict[tuple[str, str], list[int]] = defaultdict(list)
    for place, line in enumerate(lines):
        if line.row.is_valid:
            by_parent[line.row.site, line.row.parent_id].append(place)
    usual = _usual_balance(lines, by_parent)
    found: dict[int, float] = {}
    for (site, _), places in by_parent.items():
        if site not in usual:
            continue
        whole = kilograms(lines[places[0]].row.parent_weight, lines[places[0]].row.parent_weight_unit)
        each = {place: _weighs_one(lines[place]) for place in places}
        if whole is None or any(
            weight is None or lines[place].amount is None for place, weight in each.items()
        ):
            continue
        parts = {place: (lines[place].amount or 0.0) * (weight or 0.0) for place, weight in each.items()}
        together, whole = sum(parts.values()), whole * usual[site]
        if together <= whole * limit["heavier"]:
            continue
        for place, part in parts.items():
            left = whole - (together - part)
            if left > whole * limit["lightest_share"] and (one := each[place]):
                found[place] = left / one
    return found


def _usual_balance(lines: list[_Line], by_parent: dict[tuple[str, str], list[int]]) -> dict[str, float]:
    """How much heavier what goes in mostly is than what comes out, by site where that is known of many."""
    ratios: dict[str, list[float]] = defaultdict(list)
    for (site, _), places in by_parent.items():
        whole = kilograms(lines[places[0]].row.parent_weight, lines[places[0]].row.parent_weight_unit)
        parts = [(lines[place].amount, _weighs_one(lines[place])) for place in places]
        if whole and all(amount and weight for amount, weight in parts):
            ratios[site].append(sum((amount or 0.0) * (weight or 0.0) for amount, weight in parts) / whole)
    fewest = limits(NAME)["fewest_balances"]
    return {site: max(1.0, median(known)) for site, known in ratios.items() if len(known) >= fewest}


def _weighs_one(line: _Line) -> float | None:
    base = unit_meaning(line.row.base_unit)
    if base is not None and base.dimension == "mass":
        return base.size
    return kilograms(line.row.weight, line.row.weight_unit)


def _finding(
    line: _Line,
    what: str,
    proposal: ReplaceValue | Review,
    confidence: float,
    arguments: dict[str, str | int],
    measure: Measure | None = None,
    severity: Severity = "serious",
) -> Finding:
    row = line.row
    return Finding(
        NAME,
        Key(row.site, "bom_item", row.source_key),
        row.source_system,
        severity if row.is_valid else "note",
        what,
        proposal,
        confidence,
        {"parent": row.parent, "component": row.component, "quantity": row.quantity, **arguments},
        measure=measure,
    )

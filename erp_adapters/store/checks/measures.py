"""Units by the codes that plants write, and amounts in one currency, so that rows can be compared."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from erp_adapters.store.checks.look import Look

_UNITS: dict[str, tuple[str, float, str]] = {}
"""Dimension and size in the dimension's first unit, by code; several codes are one unit."""
for _dimension, _sizes in {
    "count": {
        "PC PCS PCE EA ST STK STCK PZ PZA NR KS SZT UN UND U CU EACH H87 C62": 1.0,
        "PR": 2.0,
        "DZ DZN": 12.0,
        "C HUN CEN": 100.0,
        "TPC M1000 MIL TH TS TSD KPC": 1000.0,
    },
    "mass": {
        "G GR GRM": 0.001,
        "KG KGM": 1.0,
        "T TO TON TNE MT": 1000.0,
        "LB LBS LBR": 0.45359237,
        "OZ ONZ": 0.028349523,
        "MG MGM": 1e-6,
    },
    "length": {
        "MM MMT": 0.001,
        "CM CMT": 0.01,
        "M MTR": 1.0,
        "IN INH": 0.0254,
        "FT FOT": 0.3048,
        "KM": 1000.0,
    },
    "area": {"MM2": 1e-6, "CM2": 1e-4, "M2 MTK QM": 1.0, "FT2 FTK SQFT": 0.09290304},
    "volume": {
        "ML MLT": 0.001,
        "CL": 0.01,
        "L LTR LT": 1.0,
        "HL HLT": 100.0,
        "M3 MTQ CBM": 1000.0,
        "GAL GLL": 3.785411784,
        "FL_OZ OZA": 0.029573530,
    },
    "time": {"S SEC": 1.0, "MIN": 60.0, "HR HUR STD H": 3600.0, "DAY": 86400.0},
}.items():
    for _codes, _size in _sizes.items():
        for _code in _codes.split():
            _UNITS[_code] = (_dimension, _size, _codes.split()[0])


@dataclass(frozen=True, slots=True)
class UnitMeaning:
    """What a unit's code stands for."""

    dimension: str
    size: float


def unit_meaning(code: str | None) -> UnitMeaning | None:
    """What a code stands for; None where nobody here knows."""
    found = _UNITS.get((code or "").strip().upper().rstrip("."))
    return None if found is None else UnitMeaning(found[0], found[1])


def same_dimension(one: str | None, other: str | None) -> bool:
    """Whether amounts in these units can be compared; unknown units only with themselves."""
    left, right = unit_meaning(one), unit_meaning(other)
    if left is None or right is None:
        return (one or "").upper() == (other or "").upper()
    return left.dimension == right.dimension


def units_of(dimension: str) -> dict[str, float]:
    """The usual units of a dimension by their first code, with their sizes."""
    return {first: size for kind, size, first in _UNITS.values() if kind == dimension}


def kilograms(weight: Decimal | None, unit: str | None) -> float | None:
    """A weight in kilograms; None where there is none, or its unit is no weight's."""
    meaning = unit_meaning(unit)
    if weight is None or weight <= 0 or meaning is None or meaning.dimension != "mass":
        return None
    return float(weight) * meaning.size


@dataclass(frozen=True, slots=True)
class _Rate:
    from_currency: str
    to_currency: str
    valid_on: date
    rate: Decimal


_RATES = """
select distinct on (from_currency, to_currency) from_currency, to_currency, valid_on,
       coalesce(closing_rate, average_rate, plan_rate) as rate
from erp.fx_rate where coalesce(closing_rate, average_rate, plan_rate) > 0
order by from_currency, to_currency, valid_on desc
"""


class Money:
    """Amounts in one currency at the last known rates: to compare magnitudes, never for answers."""

    def __init__(self, look: Look) -> None:
        edges: dict[str, dict[str, float]] = defaultdict(dict)
        for rate in look.rows(_Rate, _RATES):
            edges[rate.from_currency][rate.to_currency] = float(rate.rate)
            edges[rate.to_currency].setdefault(rate.from_currency, 1 / float(rate.rate))
        self._worth: dict[str, float] = {}
        waiting = [(sorted(edges)[0], 1.0)] if edges else []
        while waiting:
            currency, worth = waiting.pop(0)
            if currency in self._worth:
                continue
            self._worth[currency] = worth
            # One unit of this currency buys `rate` of the other: the other is worth that much less.
            waiting += [(other, worth / rate) for other, rate in edges[currency].items()]

    def common(self, amount: Decimal | None, currency: str | None) -> float | None:
        """The amount in a currency that all amounts here share; None where no rate leads there."""
        worth = self._worth.get(currency or "")
        return None if amount is None or worth is None else float(amount) * worth

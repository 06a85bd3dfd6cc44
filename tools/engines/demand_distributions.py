"""Demand that is uncertain: quantiles, expected shortage and expected excess of a level of stock.

Figures of a distribution are of the accuracy of floating point; they come back as Decimal, to be added up.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from math import ceil, exp, lgamma, log
from statistics import NormalDist
from typing import assert_never

from tools.engines.structure import ZERO

_STANDARD = NormalDist()
_LONGEST_TAIL = 1_000_000


def z_for(share: Decimal) -> Decimal:
    """The safety factor below which a standard normal figure lies with a probability, exclusive 0 and 1."""
    return Decimal(repr(_STANDARD.inv_cdf(float(share))))


def cycle_service(z: Decimal) -> Decimal:
    """The probability that a standard normal figure lies below a safety factor."""
    return Decimal(repr(_STANDARD.cdf(float(z))))


def unit_loss(z: Decimal) -> Decimal:
    """The expected amount by which a standard normal figure exceeds a safety factor."""
    at = float(z)
    return Decimal(repr(max(0.0, _STANDARD.pdf(at) - at * _STANDARD.cdf(-at))))


def z_for_loss(loss: Decimal) -> Decimal:
    """The safety factor that leaves an expected excess; the inverse of `unit_loss`, by halving."""
    low, high = Decimal(-40), Decimal(40)
    if loss >= -low:
        return -loss
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (middle, high) if unit_loss(middle) > loss else (low, middle)
    return (low + high) / 2


@dataclass(frozen=True, slots=True)
class Normal:
    """Normal demand."""

    mean: Decimal
    sd: Decimal


@dataclass(frozen=True, slots=True)
class Uniform:
    """Demand that is equally likely anywhere between two figures."""

    low: Decimal
    high: Decimal


@dataclass(frozen=True, slots=True)
class Exponential:
    """Demand with an exponential distribution."""

    mean: Decimal


@dataclass(frozen=True, slots=True)
class Poisson:
    """Demand of single pieces that come independently."""

    mean: Decimal


@dataclass(frozen=True, slots=True)
class Discrete:
    """Demand that takes given figures with given probabilities."""

    probabilities: Mapping[Decimal, Decimal]


Distribution = Normal | Uniform | Exponential | Poisson | Discrete


def mean_of(demand: Distribution) -> Decimal:
    """What is expected."""
    match demand:
        case Normal() | Exponential() | Poisson():
            return demand.mean
        case Uniform():
            return (demand.low + demand.high) / 2
        case Discrete():
            return sum((value * share for value, share in demand.probabilities.items()), ZERO)
        case _:
            assert_never(demand)


def quantile(demand: Distribution, share: Decimal) -> Decimal:
    """The smallest level that covers demand with at least a probability, exclusive 0 and 1."""
    match demand:
        case Normal():
            return demand.mean + z_for(share) * demand.sd
        case Uniform():
            return demand.low + share * (demand.high - demand.low)
        case Exponential():
            return demand.mean * Decimal(repr(-log(1 - float(share))))
        case Poisson():
            return Decimal(_poisson_quantile(float(demand.mean), float(share)))
        case Discrete():
            return _discrete_quantile(demand, share)
        case _:
            assert_never(demand)


def _discrete_quantile(demand: Discrete, share: Decimal) -> Decimal:
    reached = ZERO
    values = sorted(demand.probabilities)
    for value in values:
        reached += demand.probabilities[value]
        if reached >= share:
            return value
    return values[-1]


def _poisson_pmf(mean: float, count: int) -> float:
    if mean == 0:
        return 1.0 if count == 0 else 0.0
    return exp(count * log(mean) - mean - lgamma(count + 1))


def _poisson_quantile(mean: float, share: float) -> int:
    reached = 0.0
    for count in range(_LONGEST_TAIL):
        reached += _poisson_pmf(mean, count)
        if reached >= share:
            return count
    return _LONGEST_TAIL


def expected_shortage(demand: Distribution, level: Decimal) -> Decimal:
    """What demand is expected to be above a level."""
    match demand:
        case Normal():
            if demand.sd == 0:
                return max(ZERO, demand.mean - level)
            return demand.sd * unit_loss((level - demand.mean) / demand.sd)
        case Uniform():
            if level <= demand.low or demand.low == demand.high:
                return max(ZERO, mean_of(demand) - level)
            return max(ZERO, demand.high - level) ** 2 / (2 * (demand.high - demand.low))
        case Exponential():
            if level <= 0:
                return demand.mean - level
            return demand.mean * Decimal(repr(exp(-float(level / demand.mean))))
        case Poisson():
            # E[D - y]+ = E[D] - y + E[y - D]+, and the last sum is finite.
            below = sum(
                max(0.0, float(level) - count) * _poisson_pmf(float(demand.mean), count)
                for count in range(max(0, ceil(level)))
            )
            return max(ZERO, demand.mean - level + Decimal(repr(below)))
        case Discrete():
            return sum(
                (max(ZERO, value - level) * share for value, share in demand.probabilities.items()), ZERO
            )
        case _:
            assert_never(demand)


@dataclass(frozen=True, slots=True)
class Newsvendor:
    """The stock for one selling period, and what it is expected to cost."""

    critical_ratio: Decimal
    level: Decimal
    leftover: Decimal
    lost: Decimal
    sales: Decimal
    cost: Decimal
    """Overage and underage, expected."""


def newsvendor(overage: Decimal, underage: Decimal, demand: Distribution) -> Newsvendor:
    """The level that balances what is left over against what is missing."""
    ratio = underage / (overage + underage)
    return stocked(quantile(demand, ratio), overage, underage, demand)


def stocked(level: Decimal, overage: Decimal, underage: Decimal, demand: Distribution) -> Newsvendor:
    """What any level is expected to lead to."""
    lost = expected_shortage(demand, level)
    leftover = level - mean_of(demand) + lost
    return Newsvendor(
        underage / (overage + underage),
        level,
        leftover,
        lost,
        mean_of(demand) - lost,
        overage * leftover + underage * lost,
    )

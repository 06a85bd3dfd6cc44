"""What is measured at a site, and by which rules what a source sends is read."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated, Final, Self, TypeAlias
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from erp_adapters.errors import ConfigurationError

Text: TypeAlias = Annotated[str, Field(min_length=1, max_length=200)]
_CONVERSIONS: Final[dict[tuple[str, str], tuple[float, float]]] = {
    ("F", "C"): (5 / 9, -160 / 9),
    ("C", "F"): (1.8, 32.0),
    ("K", "C"): (1.0, -273.15),
    ("C", "K"): (1.0, 273.15),
    ("psi", "bar"): (0.0689475729, 0.0),
    ("kPa", "bar"): (0.01, 0.0),
    ("mA", "A"): (0.001, 0.0),
    ("W", "kW"): (0.001, 0.0),
    ("Wh", "kWh"): (0.001, 0.0),
    ("MWh", "kWh"): (1000.0, 0.0),
    ("in/s", "mm/s"): (25.4, 0.0),
    ("l/min", "m3/h"): (0.06, 0.0),
}
"""By unit sent and unit kept: what a value is multiplied with, and what is added."""


class Rule(BaseModel):
    """How a site reads what a source sends of a signal; what is left out is taken as it is sent."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    source_unit: str = ""
    """What the source really sends, where that is not the unit kept."""
    time_zone: str = ""
    """Whose wall clock the source sends as if it were UTC."""
    low: float | None = None
    high: float | None = None
    """What a true value lies between, in the unit kept; what does not is kept and counts for nothing."""
    gap_s: Annotated[float, Field(gt=0)] | None = None
    """Seconds without a sample that are a gap; None where the source sends only what changes."""
    frozen_s: Annotated[float, Field(gt=0)] | None = None
    """Seconds of one and the same value that no sound sensor shows; None for switches and counters."""
    late_s: Annotated[float, Field(gt=0)] = 120.0
    """Seconds from being measured to arriving, from which a sample is late."""
    down: tuple[float, ...] = ()
    """Values of a state in which the machine stands."""
    words: dict[str, float] = Field(default_factory=dict)
    """What a source that sends words means by them: `{Running = 1, Fault = 0}`."""

    @field_validator("time_zone")
    @classmethod
    def _is_a_zone(cls, name: str) -> str:
        try:
            return name and ZoneInfo(name).key
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError(f"{name!r} is no time zone, such as 'Europe/Oslo'") from error

    @model_validator(mode="after")
    def _range_is_one(self) -> Self:
        if self.low is not None and self.high is not None and self.low >= self.high:
            raise ValueError(f"no value lies between {self.low:g} and {self.high:g}")
        return self


class Signal(BaseModel):
    """Something that a source measures again and again."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    site: Text
    name: Text
    address: Text
    """Where the source has it: `ns=2;s=Press2.Temperature`, or `group/node/device/metric`."""
    measures: Annotated[str, Field(pattern=r"^[a-z][a-z ]{0,59}$")]
    """What it is: `temperature`, `energy`, `vibration`; `state` where it says whether a machine runs."""
    unit: Annotated[str, Field(max_length=20)] = ""
    work_centre: Annotated[str, Field(max_length=200)] = ""
    """Its id at the site."""
    asset: Annotated[str, Field(max_length=200)] = ""
    rule: Rule = Rule()

    @model_validator(mode="after")
    def _fits(self) -> Self:
        conversion(self)
        if self.rule.down and not self.work_centre:
            raise ValueError(f"{self.name!r} says when a machine stands: name its `work_centre`")
        return self


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")

    rules: dict[str, Rule] = Field(default_factory=dict)
    """Rules that several signals share, by name."""
    signals: Annotated[tuple[Signal, ...], Field(min_length=1)]


def conversion(signal: Signal) -> tuple[float, float]:
    """What a value as sent is multiplied with, and what is added.

    Raises:
        ValueError: nobody knows how one unit is made the other.
    """
    sent, kept = signal.rule.source_unit, signal.unit
    if not sent or sent == kept:
        return 1.0, 0.0
    try:
        return _CONVERSIONS[sent, kept]
    except KeyError:
        known = ", ".join(f"{one} to {other}" for one, other in _CONVERSIONS)
        raise ValueError(f"{sent!r} cannot be made {kept!r}; known are {known}") from None


def read_signals(file: Path) -> tuple[Signal, ...]:
    """The signals of a file; a signal's `rule` is a table, or the name of one of `rules`.

    Raises:
        ConfigurationError: it cannot be read, or says what cannot be; the message names the place.
    """
    try:
        given = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigurationError(f"{str(file)!r} cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{str(file)!r} is no TOML: {error}") from error
    rules = given.get("rules", {})
    for each in given.get("signals", ()):
        if isinstance(each, dict) and isinstance(each.get("rule"), str):
            if each["rule"] not in rules:
                raise ConfigurationError(
                    f"{str(file)!r}: no rule {each['rule']!r}; there are {', '.join(rules) or 'none'}"
                )
            each["rule"] = rules[each["rule"]]
    try:
        found = _File.model_validate(given).signals
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise ConfigurationError(f"{str(file)!r}: {place}: {first['msg']}") from error
    seen: set[tuple[str, str, str]] = set()
    for signal in found:
        for key in (("name", signal.site, signal.name), ("address", "", signal.address)):
            if key in seen:
                raise ConfigurationError(f"{str(file)!r}: two signals have the {key[0]} {key[2]!r}")
            seen.add(key)
    return found

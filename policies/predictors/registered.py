"""A version of a model as it is registered, read from a file, and what it may do at a site."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from erp_adapters.endpoints import Protocol
from erp_adapters.errors import ConfigurationError

State: TypeAlias = Literal["shadow", "active", "suspended", "retired"]
"""`shadow`: it foretells and nobody is told. `active`: it speaks. `suspended`: it lost that until a person
looks at it. `retired`: it is asked no more."""
Kind: TypeAlias = Literal[
    "failure", "supplier_lateness", "demand", "yield", "energy", "energy_day", "remaining_life"
]
_Name: TypeAlias = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")]
_Share: TypeAlias = Annotated[float, Field(ge=0, le=1)]
MOST_VALUES = 2000
"""Of each input that are kept of what a version was trained on."""


class Registration(BaseModel):
    """A file that registers a version."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: _Name
    version: _Name
    kind: Kind
    owner: Annotated[str, Field(min_length=1, max_length=200)]
    protocol: Protocol
    url: Annotated[str, Field(pattern=r"^https?://[^\s@?#]+$")]
    token: Annotated[str, Field(pattern=r"^((env|file):\S+)?$")] = ""
    """Where it stands, never the token itself."""
    output: str = ""
    inputs: Annotated[tuple[str, ...], Field(min_length=1)]
    trained_until: date
    trained_on: Mapping[str, tuple[float, ...]]
    false_alarm: Annotated[float, Field(gt=0)]
    missed: Annotated[float, Field(gt=0)]
    band: Annotated[float, Field(ge=0, lt=1)] = 0.1
    least_quality: _Share = 0.6
    retrain_from_drift: Annotated[float, Field(gt=0)] = 0.25
    """PSI of an input from which on it is suspended, and its training a task."""
    retrain_from_error: Annotated[float, Field(ge=1)] = 1.05
    """The same by its error, in multiples of the rule's."""
    card: str = ""

    @model_validator(mode="after")
    def _knows_its_inputs(self) -> Registration:
        if strange := sorted(set(self.trained_on) - set(self.inputs)):
            raise ValueError(f"trained_on names {strange[0]!r}, which is no input")
        if missing := [name for name in self.inputs if not self.trained_on.get(name)]:
            raise ValueError(f"trained_on has no values of {missing[0]!r}: drift could not be told")
        return self


def registration_of(file: Path) -> Registration:
    """The registration in a file.

    Raises:
        ConfigurationError: it cannot be read, or says what cannot be; the message names the place.
    """
    try:
        given = tomllib.loads(file.read_text(encoding="utf-8"))
        return Registration.model_validate(given)
    except OSError as error:
        raise ConfigurationError(f"{str(file)!r} cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{str(file)!r} is no TOML: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "the whole"
        raise ConfigurationError(f"{str(file)!r}, {place}: {first['msg']}") from error


@dataclass(frozen=True, slots=True)
class Registered:
    """A version at one site: what it is, and what it may do there since when."""

    name: str
    version: str
    kind: Kind
    owner: str
    protocol: Protocol
    url: str
    token: str
    output: str
    inputs: Sequence[str]
    trained_until: date
    false_alarm: float
    missed: float
    band: float
    least_quality: float
    site: str
    state: State
    reason: str
    by: str
    since: datetime
    steps: Sequence[Sequence[float]]
    """`score from, seen, came` of each step of its calibration; empty where it has none."""
    outcomes: int
    drifted: Sequence[str]
    judged_at: datetime | None
    errors: Sequence[float] = ()
    """Of a quantity: what came there less what it foretold, in order; empty where it has no record."""
    retrain_from_drift: float = 0.25
    retrain_from_error: float = 1.05
    was: str = ""
    """Its state there before this one; empty where this is the first."""

    @property
    def accepted_at(self) -> datetime | None:
        """When a person let it speak again although it was suspended: what they had seen is no drift."""
        return self.since if self.state == "active" and self.was == "suspended" else None

    @property
    def has_drifted(self) -> bool:
        """Whether its inputs have moved, and no person has looked at it since."""
        accepted = self.accepted_at
        is_known = accepted is not None and self.judged_at is not None and self.judged_at <= accepted
        return bool(self.drifted) and not is_known


# `site` and `kind` may be null for all.
REGISTERED = """
select p.name, p.version, p.kind, p.owner, p.protocol, p.url, p.token, p.output, p.inputs, p.trained_until,
       p.false_alarm::float, p.missed::float, p.band::float, p.least_quality::float,
       p.retrain_from_drift::float, p.retrain_from_error::float,
       s.site, s.state, s.reason, s.by, s.at as since,
       coalesce(r.steps, '[]') as steps, coalesce(r.outcomes, 0) as outcomes,
       coalesce(r.drifted, '{}') as drifted, r.judged_at,
       coalesce(r.errors, '{}') as errors, coalesce(b.state, '') as was
from app.predictor p
join lateral (select distinct on (site) * from app.predictor_state
              where name = p.name and version = p.version order by site, id desc) s on true
left join lateral (select state from app.predictor_state where name = p.name and version = p.version
                   and site = s.site and id < s.id order by id desc limit 1) b on true
left join lateral (select * from app.predictor_record where name = p.name and version = p.version
                   and site = s.site order by id desc limit 1) r on true
where (%(site)s::text is null or s.site = %(site)s) and (%(kind)s::text is null or p.kind = %(kind)s)
order by s.site, p.name, p.registered_at
"""


def as_json(entry: Registration) -> str:
    """What is kept of a registration; of many values a part that lies evenly over all of them."""
    kept: dict[str, Any] = entry.model_dump(mode="json")
    kept["trained_on"] = {name: _spread(values) for name, values in entry.trained_on.items()}
    return json.dumps(kept)


def _spread(values: Sequence[float]) -> list[float]:
    ordered = sorted(values)
    if len(ordered) <= MOST_VALUES:
        return ordered
    step = (len(ordered) - 1) / (MOST_VALUES - 1)
    return [ordered[round(number * step)] for number in range(MOST_VALUES)]

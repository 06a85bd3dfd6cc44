"""What is supposed: up to three things, each compared with the data as it is and with the others."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Literal

from pydantic import Field, model_validator

from tools.arguments import Arguments, SiteName, Text

SupposedKind = Literal["machine_down", "crew_absent", "demand", "delivery_late", "price"]
MOST = 3
MOST_SECONDS = 45
"""A turn has a minute."""


class Supposition(Arguments):
    """One thing that is supposed to be so."""

    kind: SupposedKind = Field(
        description="'machine_down': a work centre, line or asset stands still; 'crew_absent': people of a "
        "line, work centre or shift are not there ('we lose the late shift'); 'demand': customers order more "
        "or less; 'delivery_late': a supplier, purchase order or material comes later; 'price': a purchased "
        "material costs more or less."
    )
    about: Text | None = Field(
        None,
        description="As people call it: 'Line 3', 'Late', a supplier, a material. For demand a material or a "
        "product group; left out it is the whole site's.",
    )
    since: date | None = Field(None, description="First day of a stop; now if left out.")
    until: date | None = Field(None, description="The day on which a stop is over, at the start of work.")
    hours: int | None = Field(None, ge=1, le=2000, description="Hours of work of a stop, instead of a day.")
    days: int | None = Field(None, ge=1, le=365, description="For delivery_late: calendar days later.")
    rise: Decimal | None = Field(
        None,
        ge=-100,
        le=1000,
        description="For demand and price, in percent: 10 is up by 10 %, -5 down by 5 %.",
    )

    @model_validator(mode="after")
    def _whole(self) -> Supposition:
        if self.about is None and self.kind != "demand":
            raise ValueError(f"about is missing: what {self.kind!r} is about")
        if self.kind in ("demand", "price") and not self.rise:
            raise ValueError(f"rise is missing: by how much {self.kind!r} changes")
        if self.kind == "delivery_late" and self.days is None:
            raise ValueError("days is missing: how many days late")
        return self


class WhatIf(Arguments):
    """What is supposed, at which site, and how long may be searched."""

    suppositions: tuple[Supposition, ...] = Field(
        min_length=1, max_length=MOST, description="Each is computed by itself, beside the others."
    )
    site: SiteName = None
    horizon_days: int = Field(42, ge=1, le=365, description="Days ahead that are looked at.")
    seconds: int = Field(10, ge=1, le=MOST_SECONDS, description="Seconds for which may be searched in all.")
    seed: int = Field(1, ge=0, le=10**6, description="Where a search begins.")
    workers: int = Field(
        4, ge=1, le=8, description="Threads that search; with 1 the same plan comes out each time."
    )

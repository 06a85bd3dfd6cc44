"""What replanning is asked: what has happened, to what, and until when."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from pydantic import Field, model_validator

from tools.arguments import Arguments, MaterialName, SiteName, Text
from tools.replanning.proposal import DisturbanceKind

MOST_SECONDS = 45
"""A turn has a minute."""


class Replan(Arguments):
    """The disturbance, and how long may be searched."""

    kind: DisturbanceKind = Field(
        description="'machine_down': a work centre, line or asset stands still; 'crew_absent': the people of "
        "a line, work centre or shift are not there; 'material_late': a purchase order, a supplier or a "
        "material comes later; 'quality_hold': a material or a work order is on hold; 'rush_order': one more "
        "order; 'move': a work order is wanted on another day."
    )
    about: Text | None = Field(
        None,
        description="What it is about, as people call it: 'Press 2', 'Assembly', 'P2'; a number of an order; "
        "a supplier or material. Left out for a rush order.",
    )
    site: SiteName = None
    since: date | None = Field(None, description="First day of it; now if left out.")
    until: date | None = Field(
        None,
        description="The day on which it is over, at the start of work: 'down until Thursday'. For a rush "
        "order the day by which it is wanted, for a move the day wanted.",
    )
    late_days: int | None = Field(
        None,
        ge=1,
        le=365,
        description="For material_late: days after the delivery's own date, instead of a day.",
    )
    hours: int | None = Field(
        None, ge=1, le=2000, description="Hours of work from its start, instead of a day."
    )
    material: MaterialName | None = Field(None, description="Of a rush order: what is wanted.")
    quantity: Decimal | None = Field(None, gt=0, le=10**9, description="Of a rush order: how many.")
    horizon_days: int = Field(21, ge=1, le=60, description="Days ahead whose orders are planned.")
    frozen_hours: int = Field(
        0, ge=0, le=240, description="Hours of work from now in which what is planned stays."
    )
    seconds: int = Field(10, ge=1, le=MOST_SECONDS, description="Seconds for which may be searched.")
    seed: int = Field(
        1, ge=0, le=10**6, description="Where the search begins; another one may find another plan."
    )
    workers: int = Field(
        4,
        ge=1,
        le=8,
        description="Threads that search; with 1 the same plan comes out each time where time was enough.",
    )

    @model_validator(mode="after")
    def _whole(self) -> Replan:
        if self.kind == "rush_order":
            if self.material is None or self.quantity is None:
                raise ValueError("a rush order needs its material and quantity")
        elif self.about is None:
            raise ValueError(f"about is missing: what {self.kind!r} is about")
        if self.kind == "material_late" and self.late_days is not None:
            return self
        if self.kind in ("material_late", "quality_hold", "move", "rush_order") and self.until is None:
            raise ValueError(f"until is missing: the day that {self.kind!r} is about")
        return self

"""Argument types that the look-up tools share: names of things, sites, months."""

from __future__ import annotations

import calendar
from datetime import date
from typing import Annotated, TypeAlias

from pydantic import AfterValidator, BaseModel, ConfigDict, Field


class Arguments(BaseModel):
    """Arguments of a tool: unknown ones are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


def _storable(text: str) -> str:
    if "\0" in text:
        raise ValueError("holds a zero byte")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValueError("is not valid text") from None
    return text


Text: TypeAlias = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_storable)]
"""A short text from outside, fit to be sent to the database."""

MaterialName: TypeAlias = Annotated[
    Text,
    Field(
        description="The material: its id ('320'), number ('CB-2903') or name ('Chainring Bolts'). "
        "Spelling mistakes are tolerated; 'id:320', 'code:CB-2903' and 'name:...' take the text as just that."
    ),
]
SupplierName: TypeAlias = Annotated[
    Text,
    Field(
        description="The supplier: its id ('1576'), account number ('BIKESAT0001') or name "
        "('Bike Satellite Inc.'). Spelling mistakes are tolerated."
    ),
]
SiteName: TypeAlias = Annotated[
    Text | None,
    Field(description="Code or name of one site; needed only where the same thing is kept at several sites."),
]
CurrencyName: TypeAlias = Annotated[
    Text, Field(description="ISO code ('EUR') or name ('euro', 'Canadian dollar') of a currency.")
]


def _month(text: str) -> str:
    try:
        date.fromisoformat(text if len(text) == 10 else f"{text}-01")
    except ValueError:
        raise ValueError("is no month (2024-03) or day (2024-03-31)") from None
    return text


Period: TypeAlias = Annotated[str, Field(pattern=r"^\d{4}-\d{2}(-\d{2})?$"), AfterValidator(_month)]
"""A month as `2024-03` or a day as `2024-03-31`."""


def first_day(period: str) -> date:
    """The day itself, or the first of the month."""
    return date.fromisoformat(period if len(period) == 10 else f"{period}-01")


def last_day(period: str) -> date:
    """The day itself, or the last of the month."""
    if len(period) == 10:
        return date.fromisoformat(period)
    first = date.fromisoformat(f"{period}-01")
    return first.replace(day=calendar.monthrange(first.year, first.month)[1])

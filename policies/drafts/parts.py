"""Parts that drafts are made of. They are hashed: decimals are strings, and moments say which zone."""

from __future__ import annotations

import unicodedata
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
)

from policies.lettering import UNSEEN

MOST = Decimal("99999999999999.999999")
"""What `numeric(20,6)` holds."""
_PLACES = Decimal("0.000001")


class Part(BaseModel):
    """A frozen part of a draft; unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


def _decimal(value: Any) -> Decimal:
    """A finite decimal of at most 14 digits before and 6 behind the point."""
    if isinstance(value, bool | float):
        raise ValueError("give a decimal as a string, not as a binary number")
    try:
        number = Decimal(value)
    except (InvalidOperation, TypeError, ValueError):
        raise ValueError(f"{str(value)[:40]!r} is no decimal number") from None
    if not number.is_finite() or abs(number) > MOST:
        raise ValueError(f"{str(value)[:40]!r} is not a number that an ERP can hold")
    if number != number.quantize(_PLACES):
        raise ValueError(f"{str(value)[:40]!r} has more than six decimal places")
    return number


def plain(number: Decimal) -> str:
    """The one way in which a decimal is written where it is hashed: no exponent, no trailing zeros."""
    text = f"{number:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("-0", "") else text


Number = Annotated[Decimal, BeforeValidator(_decimal), PlainSerializer(plain, return_type=str)]
"""A decimal; a string in JSON."""


def _positive(number: Decimal) -> Decimal:
    if number <= 0:
        raise ValueError(f"{plain(number)} is not more than zero")
    return number


Positive = Annotated[Number, AfterValidator(_positive)]


def _readable(text: str) -> str:
    """The text in composed form.

    Raises:
        ValueError: it holds something that cannot be seen, or turns the direction of what stands beside it.
    """
    for character in text:
        if character not in "\n\t" and unicodedata.category(character) in UNSEEN:
            raise ValueError(f"it holds a character that cannot be seen (U+{ord(character):04X})")
    return unicodedata.normalize("NFC", text)


Code = Annotated[str, Field(min_length=1, max_length=64), AfterValidator(_readable)]
"""A code or number of a connected system."""
Line = Annotated[str, Field(max_length=300), AfterValidator(_readable)]
"""A line of text, such as a name from the data."""
Words = Annotated[str, Field(max_length=2000), AfterValidator(_readable)]
"""What a person wrote."""
Body = Annotated[str, Field(min_length=1, max_length=20_000), AfterValidator(_readable)]
"""A text of several paragraphs."""
Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
Moment = Annotated[datetime, AwareDatetime]


class Amount(Part):
    """A quantity with its unit."""

    value: Positive
    unit: Code


class Price(Part):
    """Money with its currency."""

    amount: Number
    currency: Currency


class Named(Part):
    """Something of the ERP: the code that will be written, and the name beside it."""

    code: Code
    name: Line = ""


class FactVersion(Part):
    """A record of the ERP that the draft relies on, as it was when the draft was made.

    Execution reads it again: another version means that the person confirmed something that is no longer so.
    """

    record: Code
    """Record type, such as `info_record`."""
    site: Code
    key: tuple[Line, ...]
    """Values of the record's key columns, in their order."""
    version: Annotated[str, Field(pattern=r"^(sha256:[0-9a-f]{64}|absent)$")]
    """Digest of the values that count, or `absent` where there was no such record."""


class Supply(Part):
    """Something that is already on its way for the same need."""

    kind: Annotated[
        str, Field(pattern=r"^(requisition|planned_order|purchase_order|production_order|draft)$")
    ]
    number: Line
    quantity: Amount
    due_on: date | None
    overdue: bool = False
    note: Line = ""


class Demand(Part):
    """A need that the draft is for, by pegging."""

    kind: Line
    """Such as `sales_order`, `production_order`, `forecast`, `safety_stock`."""
    number: Line
    quantity: Amount
    needed_on: date | None
    customer: Line = ""


class Alternative(Part):
    """Another way to meet the need, with what it would mean; doing nothing is one of them."""

    kind: Annotated[str, Field(pattern=r"^(transfer|substitute|expedite|other_source|split|nothing)$")]
    what: Words
    """In words, with its figures put in by code."""
    site: Code | None = None
    quantity: Amount | None = None
    available_on: date | None = None
    cost: Price | None = None


class Freshness(Part):
    """How old the data is that the draft rests on."""

    system: Line
    site: Code
    data_as_of: date | None
    loaded_at: Moment | None


class Grounds(Part):
    """Why the draft says what it says: shown on the card and hashed with it."""

    why: tuple[Words, ...] = ()
    """Each choice in a sentence: source, quantity, date, account."""
    without_it: Words = ""
    """What happens where nobody confirms."""
    demands: tuple[Demand, ...] = ()
    covering: tuple[Supply, ...] = ()
    alternatives: tuple[Alternative, ...] = ()
    freshness: tuple[Freshness, ...] = ()
    flags: tuple[Words, ...] = ()
    """What is doubtful about the data or the request."""
    facts: tuple[FactVersion, ...] = ()
    evidence: tuple[Line, ...] = ()
    """Ids of the evidence of the answer that drafted it."""


class OfOneSite(Part):
    """What drafts of a single site share."""

    site: Code

    @property
    def sites(self) -> frozenset[str]:
        """Every site that it touches."""
        return frozenset({self.site})


class WithoutMoney(OfOneSite):
    """A draft that costs nothing by itself: limits count such drafts."""

    grounds: Grounds = Grounds()

    @property
    def value(self) -> None:
        """No money."""
        return None

    @property
    def category(self) -> Line:
        """What limits go by: none, the same for all of its kind."""
        return ""

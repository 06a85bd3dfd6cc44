"""The canonical records as a newcomer's tables are held against them."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Literal, TypeAlias

import yaml
from pydantic import BaseModel, ConfigDict, Field

from erp_adapters.ports import Capability

Kind: TypeAlias = Literal["text", "number", "integer", "date", "time", "flag"]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Wanted(_Part):
    """A field of a record, and what it may be called."""

    role: str = Field(pattern=r"^(key|part|label|code|text|number|money|days|percent|date|flag|ref [a-z_]+)$")
    names: tuple[str, ...] = Field(min_length=1)
    kind_: Kind | None = Field(default=None, alias="kind")
    words: tuple[str, ...] = ()
    """The only words that it takes; a source's codes have to be translated to them."""
    code: bool = False
    """A label that is a number rather than a text."""
    also_key: bool = False
    """May be the same column as the key."""

    @property
    def refers_to(self) -> str | None:
        """The record whose key it has."""
        return self.role.removeprefix("ref ") if self.role.startswith("ref ") else None

    @property
    def kind(self) -> Kind:
        """What its values are."""
        if self.kind_ is not None:
            return self.kind_
        match self.role:
            case "number" | "money" | "days" | "percent":
                return "number"
            case "date" | "flag":
                return self.role
            case _:
                return "text"


class CanonRecord(_Part):
    """A record, and what its table may be called."""

    record: str
    tables: tuple[str, ...]
    capability: Capability
    fields: dict[str, Wanted]
    required: tuple[str, ...] = ()
    """Fields that the store does not keep a row without."""
    in_currency: bool = False
    """Has amounts, and a column for their currency."""
    company: Wanted | None = None
    currency: Wanted | None = None

    def wanted(self) -> dict[str, Wanted]:
        """Every field, company and currency among them."""
        found = dict(self.fields)
        for name in ("company", "currency"):
            if (field := getattr(self, name)) is not None:
                found[name] = field
        return found


@cache
def canon() -> tuple[CanonRecord, ...]:
    """Every record that a source may fill, in the order in which they are loaded."""
    text = resources.files("erp_adapters.connect").joinpath("canon.yaml").read_text(encoding="utf-8")
    return tuple(CanonRecord.model_validate(each) for each in yaml.safe_load(text))

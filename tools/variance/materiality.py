"""From which size on something is told by itself."""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field

_FILE = Path(__file__).with_name("materiality.yaml")


class Materiality(BaseModel):
    """Shares from which drivers and causes are told."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    share: Decimal = Field(ge=0, le=1)
    cause: Decimal = Field(ge=0, le=1)


@cache
def materiality() -> Materiality:
    """The packaged shares."""
    return Materiality.model_validate(yaml.safe_load(_FILE.read_text(encoding="utf-8")))

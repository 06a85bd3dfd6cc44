"""What a collector and the service tell each other besides samples."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from erp_adapters.series.signal import Signal

Counted = Annotated[int, Field(ge=0, lt=2**62)]


class Declaration(BaseModel):
    """A source and all its signals."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Annotated[str, Field(min_length=1, max_length=60)]
    signals: Annotated[tuple[Signal, ...], Field(min_length=1, max_length=50_000)]


class SourceState(BaseModel):
    """Whether a source answers at the site."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    source: Annotated[str, Field(pattern=r"^[\w -]{1,60}$")]
    problem: Annotated[str, Field(max_length=2000)] = ""
    """Why it does not; empty where it does."""


class CollectorState(BaseModel):
    """How things stand at the site."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: Annotated[str, Field(max_length=60)] = ""
    waiting_batches: Counted = 0
    waiting_samples: Counted = 0
    waiting_since: datetime | None = None
    full_since: datetime | None = None
    set_aside: Counted = 0
    sources: Annotated[tuple[SourceState, ...], Field(max_length=1000)] = ()

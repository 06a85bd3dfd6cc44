"""What `plantwright connect` has made, named in the file of systems so that the worker reads it again."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field

from server.settings import secret
from server.systems.connected import EVERY

if TYPE_CHECKING:
    from erp_adapters.connect.source import Connected
    from erp_adapters.store.mapping import SiteSpec


class ConnectionFolder(BaseModel):
    """A connection and its mapping; of which sites it is and by whose login it is read stands there."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    adapter: Literal["connection"]
    folder: Path
    """With connection.yaml and mapping.yaml, from where the file of systems lies."""
    every: Annotated[str, Field(pattern=EVERY)] = ""
    """How often the worker looks whether anything has changed; empty where only `plantwright sync` does."""


def password_of(connected: Connected) -> str | None:
    """The password that its file says where to find; None where there is none."""
    held = connected.connection.password
    return None if held is None else secret(held)


def today_of(site: SiteSpec) -> date:
    """The day at the site."""
    return datetime.now(ZoneInfo(site.time_zone)).date()

"""What `plantwright connect` has made, named in the file of systems so that the worker reads it again."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from server.systems.connected import EVERY


class ConnectionFolder(BaseModel):
    """A connection and its mapping; of which sites it is and by whose login it is read stands there."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    adapter: Literal["connection"]
    folder: Path
    """With connection.yaml and mapping.yaml, from where the file of systems lies."""
    every: Annotated[str, Field(pattern=EVERY)] = ""
    """How often the worker looks whether anything has changed; empty where only `plantwright sync` does."""

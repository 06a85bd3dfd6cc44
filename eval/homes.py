"""Homes that cases are asked in: one for each kind of data, filled by the program itself.

`eval` and `server` do not import each other: the program runs as a process of its own to fill a home, and
the copilot is put together here as the program puts it together.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import assert_never

import psycopg

from agents.checkpoints import checkpointer
from agents.copilot import Copilot
from agents.models.protocol import ModelProtocol
from erp_adapters.store import APP_ROLE, GRAPH_ROLE, OWNER_ROLE, EmbeddedPostgres, Store, migrate
from eval.cases import Data
from eval.respondents import CopilotRespondent, Metered
from tools.all_tools import registry

_LOADS = "select source_system, report->>'checksum' from erp.load where status = 'loaded' order by 1, 2"
_OURS = ("DATABASE_URL", "PLANTWRIGHT_MODEL")
"""Settings of whoever measures, which are not those of what is measured."""


class HomeUnusable(Exception):
    """The home cannot be measured in; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Place:
    """A home that is up: where the store is, and what was loaded into it."""

    store: Store
    owner: str
    """Data source name of whoever owns everything."""
    graph: str
    fingerprint: str


@contextmanager
def folder_of(given: Path | None) -> Iterator[Path]:
    """The given folder for homes, or a scratch one that is gone afterwards."""
    if given is not None:
        yield given.absolute()
        return
    folder = Path(tempfile.mkdtemp(prefix="plantwright-eval-"))
    # The database's own account must be able to enter it.
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@asynccontextmanager
async def opened(folder: Path, data: Data, files: Path) -> AsyncIterator[Place]:
    """The home of that data, filled where it is empty.

    Args:
        folder: holds a home for each kind of data.
        data: which.
        files: CSV files of AdventureWorks.

    Raises:
        HomeUnusable: it cannot be filled.
    """
    home = folder / data
    _fill(home, data, files)
    with EmbeddedPostgres(home / "postgres") as server:
        owner = server.dsn(OWNER_ROLE)
        # A home that was filled by an earlier version is asked by this one.
        migrate(owner)
        async with await Store.open(server.dsn(APP_ROLE)) as store:
            yield Place(store, owner, server.dsn(GRAPH_ROLE), _fingerprint(owner))


@asynccontextmanager
async def copilot_at(place: Place, model: ModelProtocol) -> AsyncIterator[CopilotRespondent]:
    """The copilot with that model, as the program puts it together."""
    metered = Metered(model)
    async with checkpointer(place.graph) as checkpoints:
        copilot = Copilot(place.store, registry(), metered, checkpointer=checkpoints)
        yield CopilotRespondent(copilot, place.store, model.name)


def _fill(home: Path, data: Data, files: Path) -> None:
    """Have the program load the data; what is loaded stays as it is."""
    command: list[str]
    match data:
        case "demo":
            command = ["demo", "--small", "--tour-only"]
        case "enterprise":
            command = ["demo", "--tour-only"]
        case "adventureworks":
            command = ["import", "adventureworks", str(files), "--demo"]
        case _ as never:
            assert_never(never)
    if (home / "filled").exists():
        return
    if data == "adventureworks" and not files.is_dir():
        raise HomeUnusable(
            f"AdventureWorks is not at {str(files)!r}; --data names the folder of its CSV files"
        )
    unset = [part for name in _OURS for part in ("-u", name)]
    done = subprocess.run(
        ["env", *unset, f"PLANTWRIGHT_HOME={home}", sys.executable, "-m", "server", *command],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise HomeUnusable(f"{data} could not be loaded into {str(home)!r}: {done.stderr.strip()[-400:]}")
    (home / "filled").touch()


def _fingerprint(owner: str) -> str:
    """A digest of what every load brought, whenever it was."""
    with psycopg.connect(owner) as connection:
        rows = connection.execute(_LOADS).fetchall()
    return " ".join(f"{system}:{str(checksum)[:12]}" for system, checksum in rows)

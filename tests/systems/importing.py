"""What `plantwright import system` says, run as a process of its own."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

from tests.conftest import Database


async def imported(database: Database, folder: Path, systems: str, secrets: dict[str, str]) -> str:
    """Load the system `north`; it ends well and shows no secret.

    Args:
        database: that it is loaded into.
        folder: takes the home and the file of systems.
        systems: that file.
        secrets: environment variables that it refers to.
    """
    file = folder / "systems.toml"
    file.write_text(systems)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "server", "import", "system", "north", "--demo"),
        env={
            **{name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ},
            "PLANTWRIGHT_HOME": str(folder / "home"),
            "PLANTWRIGHT_SYSTEMS": str(file),
            "DATABASE_URL": database.dsn(),
            **secrets,
        },
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    assert process.returncode == 0, said.decode()
    for secret in secrets.values():
        assert secret not in said.decode()
    return said.decode()

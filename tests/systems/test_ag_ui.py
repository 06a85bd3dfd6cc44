"""A client of the AG-UI protocol from its own package: what it makes of our runs."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from server.serving import address, bound, server
from tests.server.stand_in import StandInCopilot, house

FOLDER = Path(__file__).parent / "ag_ui"
NODE, NPM = shutil.which("node"), shutil.which("npm")

pytestmark = [
    pytest.mark.systems,
    pytest.mark.skipif(
        NODE is None or NPM is None, reason="needs Node and npm: `apt-get install nodejs npm`"
    ),
]


@pytest.fixture(scope="module")
def client() -> Path:
    """The script, with its package beside it."""
    if not (FOLDER / "node_modules").is_dir():
        made = subprocess.run(["npm", "ci"], cwd=FOLDER, capture_output=True, text=True, timeout=300)
        if made.returncode:
            pytest.skip(f"needs its package: `npm ci` in {FOLDER} says {made.stderr[-200:]}")
    return FOLDER / "client.mjs"


async def heard(client: Path, events: int = 0) -> dict[str, Any]:
    """What the client heard of a question, having hung up after so many events."""
    listening = bound("127.0.0.1", 0, may_move=False)
    made = server(house(StandInCopilot(pause=0.2)))
    serving = asyncio.create_task(made.serve(sockets=[listening]))
    try:
        node = await asyncio.create_subprocess_exec(
            str(NODE),
            str(client),
            address(listening).rstrip("/"),
            str(uuid4()),
            str(uuid4()),
            "Top five scrap reasons",
            str(events),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, err = await asyncio.wait_for(node.communicate(), 60)
    finally:
        made.should_exit = True
        await serving
    assert node.returncode == 0, err.decode()
    found: dict[str, Any] = json.loads(out)
    return found


async def test_client_hears_the_answer(client: Path) -> None:
    """Its own checks let every event through; it has the text as a message, and the answer beside it."""
    found = await heard(client)
    assert found["outcome"] == "success"
    assert found["kinds"][0] == "RUN_STARTED"
    assert found["messages"][-1] == {"role": "assistant", "content": found["answer"]["answer"]}


@pytest.mark.parametrize("events", [1, 3, 5, 8])
async def test_client_that_lost_its_connection_goes_on(client: Path, events: int) -> None:
    """In the middle of a step or of the text: to the client it is one run, in order, with each thing once."""
    found = await heard(client, events)
    assert found["outcome"] == "success"
    assert found["kinds"].count("RUN_STARTED") == found["kinds"].count("RUN_FINISHED") == 1
    assert found["messages"][-1] == {"role": "assistant", "content": found["answer"]["answer"]}

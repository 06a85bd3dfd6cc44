"""An administrator who types what docs/slack.md and docs/teams.md say is answered in both a moment later."""

from __future__ import annotations

import json
import os
import re
import subprocess
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import yaml

from tests.conftest import Database
from tests.server.channels.teams.microsoft import APP, Microsoft, microsoft
from tests.server.channels.teams.said import message
from tests.systems.teams.served import PLANNER, PYTHON, TREE, Served, missing, served
from tests.systems.teams.slack import Slack, slack

pytestmark = [
    pytest.mark.systems,
    # The program is started three times, each time as a process of its own.
    pytest.mark.timeout(300),
    pytest.mark.skipif(bool(missing()), reason=missing()),
]
BLOCK = re.compile(r"^( *)```console\n(.*?)\n *```", re.DOTALL | re.MULTILINE)
QUESTION = "Inventory value by location at standard cost at Kassel"


def blocks(page: str) -> list[list[str]]:
    """The lines of each block of commands of a page."""
    text = (TREE / "docs" / f"{page}.md").read_text(encoding="utf-8")
    return [[line.strip() for line in found[2].splitlines()] for found in BLOCK.finditer(text)]


@dataclass
class Administrator:
    """Whoever types, in a folder with the tree's `deploy` and a home that is being set up."""

    folder: Path
    environment: dict[str, str]

    def types(self, *lines: str) -> str:
        """What is printed; what is exported stays."""
        script = "\n".join(["set -eu", *lines, "env -0 > exported"])
        done = subprocess.run(
            ["bash", "-c", script], cwd=self.folder, env=self.environment, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stdout + done.stderr
        pairs = (self.folder / "exported").read_text().split("\0")
        self.environment = dict(pair.split("=", 1) for pair in pairs if "=" in pair)
        return done.stdout

    def follows(self, block: list[str]) -> None:
        """Types a block, line by line where it goes on, and sees what stands below."""
        typed: list[str] = []
        shown = []
        for line in block:
            if typed and typed[-1].endswith("\\"):
                typed[-1] = typed[-1][:-1] + line
            elif line.startswith("$ "):
                typed.append(line[2:])
            else:
                shown.append(line)
        printed = self.types(*typed)
        for line in shown:
            assert line in printed

    def exported(self) -> dict[str, str]:
        """What was set by hand."""
        names = ("PLANTWRIGHT_", "SLACK_", "TEAMS_")
        return {name: value for name, value in self.environment.items() if name.startswith(names)}


@pytest.fixture
def platforms() -> Iterator[tuple[Microsoft, Slack]]:
    """Both stand-ins, which know what the pages type."""
    with microsoft() as theirs, slack() as workspace:
        theirs.secret = "the-secrets-value"
        there = workspace.stand_in
        there.token, there.secret, there.workspace = "xoxb-123-456", "8f742231b10e8888", "T012AB3CD"
        yield theirs, workspace


def test_both_pages_lead_to_an_answer(
    demo_apart: Database, tmp_path: Path, platforms: tuple[Microsoft, Slack]
) -> None:
    """Commands, manifests, and a first question in each, as the pages have them."""
    theirs, workspace = platforms
    (tmp_path / "deploy").symlink_to(TREE / "deploy")
    command = tmp_path / "plantwright"
    command.write_text(f'#!/bin/sh\nPYTHONPATH={TREE} exec {PYTHON} -m server "$@"\n')
    command.chmod(0o755)
    administrator = Administrator(
        tmp_path,
        {
            "PATH": f"{tmp_path}:{PYTHON.parent}:{os.environ['PATH']}",
            "HOME": os.environ.get("HOME", "/"),
            "LANG": "C.UTF-8",
            "DATABASE_URL": demo_apart.dsn(),
            "PLANTWRIGHT_HOME": str(tmp_path / "home"),
            # The only things that no page says: where the platforms are stood in for.
            "PLANTWRIGHT_SLACK_API": f"{workspace.api}/api/",
            "PLANTWRIGHT_TEAMS_STAND_IN": theirs.origin,
        },
    )
    [set_up] = blocks("slack")
    administrator.follows(set_up)
    [_, say_who, pack] = blocks("teams")
    administrator.follows(say_who)
    filled = [
        line.replace("<app id>", APP).replace("<host>", "copilot.example").replace("<name>", "Home")
        for line in pack
    ]
    administrator.follows(filled)
    with zipfile.ZipFile(tmp_path / "plantwright-teams.zip") as packed:
        assert sorted(packed.namelist()) == ["color.png", "manifest.json", "outline.png"]
        manifest = json.loads(packed.read("manifest.json"))
    assert manifest["id"] == manifest["bots"][0]["botId"] == APP
    assert manifest["developer"]["name"] == "Home"
    assert manifest["validDomains"] == ["copilot.example"]
    with served(tmp_path / "service", demo_apart, theirs, workspace, **administrator.exported()) as service:
        service.map("U012AB3CD", "planner.kassel", platform="slack")
        service.map(PLANNER, "buyer.kassel")
        _ask_in_both(service)


def _ask_in_both(service: Served) -> None:
    app = yaml.safe_load((TREE / "deploy" / "slack" / "manifest.yaml").read_text(encoding="utf-8"))
    [command] = app["features"]["slash_commands"]
    settings = app["settings"]
    for address in (
        command["url"],
        settings["event_subscriptions"]["request_url"],
        settings["interactivity"]["request_url"],
    ):
        # Where the stand-in sends everything.
        assert urlsplit(address).path == "/v1/channels/slack"
    assert "is-it-yours" in service.slack.verifies(service.url)
    service.slack.says(service.url, "U012AB3CD", QUESTION)
    assert "Evidence" in json.dumps(service.slack.until("Evidence"))
    answered = service.asked(message(service.microsoft, PLANNER, QUESTION))
    assert "Read as" in answered.words

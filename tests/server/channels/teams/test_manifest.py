"""The app's manifest has the shape that Teams takes, and offers what the program understands."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from uuid import UUID

from server.channels.typed import typed

FOLDER = Path(__file__).parents[4] / "deploy" / "teams"
MANIFEST = json.loads((FOLDER / "manifest.json").read_text(encoding="utf-8"))
LONGEST = {
    ("name", "short"): 30,
    ("name", "full"): 100,
    ("description", "short"): 80,
    ("description", "full"): 4000,
}


def size_of(icon: str) -> tuple[int, int]:
    """Width and height that a PNG says it has."""
    data = (FOLDER / icon).read_bytes()
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", data[16:24])
    return width, height


def test_what_teams_requires_is_there() -> None:
    """By Microsoft's published limits of version 1.19; ids and the host are for whoever sets it up."""
    assert MANIFEST["manifestVersion"] in MANIFEST["$schema"]
    for part, name in LONGEST:
        assert 0 < len(MANIFEST[part][name]) <= LONGEST[part, name]
    for name in ("websiteUrl", "privacyUrl", "termsOfUseUrl"):
        assert MANIFEST["developer"][name].startswith("https://")
    [bot] = MANIFEST["bots"]
    assert MANIFEST["id"] == bot["botId"] == str(UUID(int=0))
    assert set(bot["scopes"]) == {"personal", "team", "groupChat"}
    assert not bot["supportsFiles"]
    assert size_of(MANIFEST["icons"]["color"]) == (192, 192)
    assert size_of(MANIFEST["icons"]["outline"]) == (32, 32)
    assert MANIFEST["defaultInstallScope"] in bot["scopes"]


def test_each_offered_command_is_understood() -> None:
    """What Teams offers to type is typed as it stands; each scope is offered once."""
    [bot] = MANIFEST["bots"]
    offered = [scope for each in bot["commandLists"] for scope in each["scopes"]]
    assert sorted(offered) == sorted(bot["scopes"])
    for each in bot["commandLists"]:
        assert 0 < len(each["commands"]) <= 10
        for command in each["commands"]:
            assert len(command["title"]) <= 32
            assert len(command["description"]) <= 128
            assert typed(command["title"]) is not None, command["title"]

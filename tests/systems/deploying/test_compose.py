"""The compose file, read by a strict parser of its specification and by a linter; no engine runs here."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.systems.deploying.conftest import ROOT

pytestmark = pytest.mark.systems

FILE = ROOT / "deploy" / "compose.yaml"
PARSED = "import sys, compose_spec; c = compose_spec.PyCompose.from_yaml(sys.stdin.read()); {0}"
CHECKED = PARSED.format("; ".join(f"c.validate_{part}()" for part in ("networks", "volumes", "secrets")))


def services() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = yaml.safe_load(FILE.read_text(encoding="utf-8"))["services"]
    return found


def test_it_follows_the_specification_and_the_linter_finds_nothing_grave(tools: Path) -> None:
    """Unknown keys, networks and secrets are refused by the parser, which a misspelt copy shows."""
    # The parser does not know how several anchors are merged; everything else is left to it.
    text = yaml.safe_dump(yaml.safe_load(FILE.read_text(encoding="utf-8")))
    for given, code in ((text, 0), (text.replace("read_only:", "readonly:"), 1)):
        done = subprocess.run([tools / "python", "-c", CHECKED], input=given, capture_output=True, text=True)
        assert done.returncode == code, done.stderr
    done = subprocess.run(
        [tools / "compose-lint", "check", "--format", "json", FILE], capture_output=True, text=True
    )
    grave = [
        each["message"]
        for each in json.loads(done.stdout)["findings"]
        if each["severity"] in ("high", "critical")
    ]
    # Names that look like secrets, and hold the path of a file with one.
    roles = ("owner", "service", "auditor", "loader")
    paths = ("'PLANTWRIGHT_SECRETS_FOLDER'", *(f"'--{role}-password'" for role in roles))
    assert [each for each in grave if not any(name in each for name in paths)] == []


@pytest.mark.parametrize("platform", ["slack", "teams"])
def test_a_chat_platform_is_put_beside_it(platform: str, tools: Path) -> None:
    """Server and worker get the same settings, secrets by file alone, and nothing else is changed of them."""
    more = yaml.safe_load((ROOT / "deploy" / platform / "compose.yaml").read_text(encoding="utf-8"))
    whole = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    for name, each in more["services"].items():
        assert set(each) <= {"image", "build", "environment", "secrets"}
        into = whole["services"][name]
        into |= {key: each[key] for key in ("image", "build") if key in each}
        into["environment"] = into["environment"] | each["environment"]
        into["secrets"] += each["secrets"]
        for setting, value in each["environment"].items():
            if setting.endswith(("_TOKEN", "_SECRET")):
                assert value.removeprefix("file:/run/secrets/") in each["secrets"]
    assert more["services"]["server"] == more["services"]["worker"]
    whole["secrets"] |= more["secrets"]
    text = yaml.safe_dump(whole)
    done = subprocess.run([tools / "python", "-c", CHECKED], input=text, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_every_service_is_closed_in() -> None:
    """No root but the database's own, nothing writable but volumes, no capability of ours, limits."""
    for name, each in services().items():
        assert each["read_only"] is True, name
        assert each["cap_drop"] == ["ALL"], name
        assert "no-new-privileges:true" in each["security_opt"], name
        assert {"mem_limit", "cpus", "pids_limit"} <= set(each), name
        assert "@" in each["image"] or ":" in each["image"], name
        if name != "database":
            assert each["user"] == "10001:10001"
            assert "cap_add" not in each


def test_plants_are_reached_by_the_worker_alone_and_the_database_by_nobody_outside() -> None:
    found = services()
    assert [name for name, each in found.items() if "plants" in each["networks"]] == ["worker"]
    assert [name for name, each in found.items() if "ports" in each] == ["server"]
    assert all(port.startswith("127.0.0.1:") for port in found["server"]["ports"])
    assert found["database"]["networks"] == ["store"]
    assert yaml.safe_load(FILE.read_text(encoding="utf-8"))["networks"]["store"] == {"internal": True}
    for part, address in (("migrate", "OWNER"), ("server", "RECORD"), ("worker", "LOADER")):
        secret = f"PLANTWRIGHT_{address}_DATABASE_URL"
        assert [name for name, each in found.items() if secret in each["secrets"]] == [part]


def test_secrets_are_made_once_for_nobody_elses_eyes(tmp_path: Path) -> None:
    """Each file that the compose file names; a second call changes none."""
    folder = tmp_path / "secrets"
    make = [str(ROOT / "deploy" / "make-secrets"), str(folder)]
    subprocess.run(make, check=True, capture_output=True)
    wanted = yaml.safe_load(FILE.read_text(encoding="utf-8"))["secrets"]
    assert {each.name for each in folder.iterdir()} == {
        Path(secret["file"]).name for secret in wanted.values()
    }
    assert {each.stat().st_mode & 0o077 for each in folder.iterdir()} == {0}
    before = {each.name: each.read_text() for each in folder.iterdir()}
    assert before["service_password"].strip() in before["DATABASE_URL"]
    assert subprocess.run(make, capture_output=True).returncode == 1
    assert {each.name: each.read_text() for each in folder.iterdir()} == before

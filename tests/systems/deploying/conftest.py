"""The chart as a cluster would get it, and the programs that look at it."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[3]
CHART = ROOT / "deploy" / "helm" / "plantwright"
TOOLS = ROOT / ".venv-deploy" / "bin"

Objects = list[dict[str, Any]]
Rendered = Callable[..., dict[str, Any]]

PLANTS: dict[str, Any] = {
    "secrets": {"systems": "plants", "record": "record", "loader": "loader"},
    "settings": {"PLANTWRIGHT_PUBLIC_URL": "https://copilot.example"},
    "ingress": {"enabled": True, "host": "copilot.example", "tlsSecret": "copilot-tls"},
    "network": {
        "plantSystems": [{"to": [{"ipBlock": {"cidr": "10.20.0.0/16"}}], "ports": [443, 3300]}],
        "serverEgress": [{"to": [{"ipBlock": {"cidr": "192.0.2.7/32"}}], "ports": [443]}],
    },
}
"""A release with all that there is."""


@pytest.fixture(scope="session")
def tools() -> Path:
    """The programs of the environment that checks `deploy/`."""
    if not (TOOLS / "hadolint").exists():
        pytest.skip("the tools are not installed: make deploy-tools")
    return TOOLS


@pytest.fixture(scope="session")
def rendering(tools: Path) -> Callable[[list[Mapping[str, Any]]], dict[str, Any]]:
    """What Helm makes of the chart with each of these values."""

    def render(values: list[Mapping[str, Any]]) -> dict[str, Any]:
        done = subprocess.run(
            [tools / "python", Path(__file__).with_name("rendering.py"), CHART],
            input=json.dumps(values),
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        found: dict[str, Any] = json.loads(done.stdout)
        return found

    return render


@pytest.fixture(scope="session")
def release(rendering: Callable[[list[Mapping[str, Any]]], dict[str, Any]]) -> Objects:
    """The objects of a release with all that there is."""
    (found,) = rendering([PLANTS])["rendered"]
    objects: Objects = found["objects"]
    return objects


def named(objects: Objects, kind: str, name: str) -> dict[str, Any]:
    """The one object of that kind and name."""
    (found,) = [each for each in objects if (each["kind"], each["metadata"]["name"]) == (kind, name)]
    return found

"""A running stand-in of SAP, and a running mock-sap, each a process of its own."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from erp_adapters.http import Secret
from erp_adapters.sap_odata import Basic, Connection
from tests.systems.sap_odata.erp import USERS

TREE = Path(__file__).parents[3]
MOCK_SAP = TREE / ".venv-mock-sap" / "bin" / "mock-sap"
REASON = "the sign-in that people use here is not trusted by SAP"
MOCK_SAP_PATHS = {
    "API_BUSINESS_PARTNER": "/sap/opu/odata/sap/API_BUSINESS_PARTNER_SRV",
    "api_product": "/sap/opu/odata4/sap/api_product/srvd_a2x/sap/api_product/0001",
}
"""Of services that mock-sap has elsewhere than SAP."""
_PATIENCE_S = 60.0


def missing() -> str:
    """What is not there, and how to get it; empty where everything is."""
    return "" if MOCK_SAP.exists() else "needs mock-sap: `make mock-sap`"


@dataclass(frozen=True, slots=True)
class Sap:
    """A server that answers as SAP does."""

    url: str

    def connection(self, url: str = "", **given: Any) -> Connection:
        """How the program reaches it, or what stands in front of it."""
        settings: dict[str, Any] = {
            "technical": Basic("COPILOT", Secret(str(USERS["COPILOT"]["password"]))),
            "reason": REASON,
            "client": "100",
            "plants": {"KAS": "1010", "HAM": "1020"},
            "units": {"kg": "KG"},
            "requisitioners": {"planner.kassel": "PKASSEL", "planner.hamm": "PHAMM"},
            **given,
        }
        return Connection(url or self.url, **settings)

    def order(self, what: str, /, **given: Any) -> dict[str, int]:
        """Do something at the stand-in's own side; what it has counted."""
        request = urllib.request.Request(
            f"{self.url}_stand_in/{what}", json.dumps(given).encode(), method="POST"
        )
        with urllib.request.urlopen(request, timeout=30) as reply:
            return dict(json.load(reply))


@contextmanager
def serving() -> Iterator[Sap]:
    """The stand-in on a port of its own."""
    command = [sys.executable, "-m", "tests.systems.sap_odata.stand_in", "0"]
    environment = {**os.environ, "PYTHONPATH": str(TREE)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=TREE, env=environment) as running:
        assert running.stdout is not None
        found = re.search(r"on port (\d+)", running.stdout.readline())
        assert found is not None, "the stand-in did not start"
        try:
            yield Sap(f"http://127.0.0.1:{found[1]}/")
        finally:
            running.terminate()


@contextmanager
def mocking(folder: Path, *options: str) -> Iterator[Sap]:
    """mock-sap on a port of its own.

    Args:
        folder: takes the log.
        options: of its command line.
    """
    with socket.socket() as tried:
        tried.bind(("127.0.0.1", 0))
        port = tried.getsockname()[1]
    with (folder / "mock-sap.log").open("wb") as log:
        running = subprocess.Popen(
            [str(MOCK_SAP), "--port", str(port), "--quiet", *options], stdout=log, stderr=log
        )
    try:
        url, until = f"http://127.0.0.1:{port}/", time.monotonic() + _PATIENCE_S
        while True:
            try:
                with urllib.request.urlopen(f"{url}_mock/health", timeout=5):
                    break
            except OSError:
                if running.poll() is not None or time.monotonic() > until:
                    raise AssertionError("mock-sap did not start") from None
                time.sleep(0.1)
        yield Sap(url)
    finally:
        running.terminate()
        running.wait(timeout=10)

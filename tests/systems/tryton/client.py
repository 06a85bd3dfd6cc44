"""A running Tryton 8.0 that serves its own web client with our `custom.js`, and one product to open in it."""

from __future__ import annotations

import base64
import json
import os
import shutil
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

TREE = Path(__file__).parents[3]
ENVIRONMENT = TREE / ".venv-tryton-client" / "bin"
ADDRESS_IN_SCRIPT = "https://copilot.example"
PASSWORD = "only-in-this-test"
DATABASE = "plant"
_PATIENCE_S = 60.0
_CONFIGURATION = """
[database]
uri = sqlite:///{folder}
path = {folder}
[web]
listen = 127.0.0.1:{port}
root = {root}
"""


def missing() -> str:
    """What is not there, and how to get it; empty where everything is."""
    if not (ENVIRONMENT / "trytond").exists():
        return "needs Tryton: `make tryton-client`"
    if shutil.which("npm") is None:
        return "needs npm, for Tryton's web client: install Node.js 20 or newer"
    return ""


@dataclass(frozen=True, slots=True)
class TrytonClient:
    """The web client's address and what its server answers."""

    url: str

    def call(self, session: str, method: str, *params: object) -> Any:
        """What one remote call returns."""
        body = json.dumps({"id": 1, "method": method, "params": params}).encode()
        request = urllib.request.Request(
            f"{self.url}{DATABASE}/rpc/", body, {"content-type": "application/json"}
        )
        if session:
            request.add_header("authorization", f"Session {session}")
        with urllib.request.urlopen(request, timeout=30) as reply:
            answer = json.load(reply)
        if isinstance(answer, dict):
            if "error" in answer:
                raise AssertionError(answer["error"])
            return answer["result"]
        return answer

    def signed_in(self) -> str:
        """A session of the administrator, as the header wants it."""
        user, token = self.call("", "common.db.login", "admin", {"password": PASSWORD}, "en")[:2]
        return base64.b64encode(f"admin:{user}:{token}".encode()).decode()

    def product(self, code: str, name: str) -> int:
        """The id of a new product that has this number."""
        session = self.signed_in()
        [unit] = self.call(session, "model.product.uom.search", [["symbol", "=", "u"]], 0, 1, None, {})
        values = {
            "name": name,
            "code": code,
            "type": "goods",
            "default_uom": unit,
            "products": [["create", [{}]]],
        }
        [template] = self.call(session, "model.product.template.create", [values], {})
        [product] = self.call(
            session, "model.product.product.search", [["template", "=", template]], 0, 1, None, {}
        )
        return int(product)


@contextmanager
def serving(folder: Path, service: str) -> Iterator[TrytonClient]:
    """Tryton on a port of its own, its web client with the panel of `service` in it.

    Args:
        folder: empty; takes the database and the client.
        service: address of the plantwright service, without a slash at its end.
    """
    root = _client(folder, service)
    port = _free_port()
    configuration = folder / "trytond.conf"
    configuration.write_text(_CONFIGURATION.format(folder=folder, port=port, root=root))
    (folder / f"{DATABASE}.sqlite").touch()
    (folder / "password").write_text(PASSWORD + "\n")
    named = ["-c", str(configuration), "-d", DATABASE]
    modules = ["-u", "stock", "--activate-dependencies", "--email", "admin@example.org"]
    subprocess.run(
        [str(ENVIRONMENT / "trytond-admin"), *named, *modules],
        env={**os.environ, "TRYTONPASSFILE": str(folder / "password")},
        check=True,
        capture_output=True,
    )
    with (folder / "trytond.log").open("wb") as log:
        running = subprocess.Popen([str(ENVIRONMENT / "trytond"), *named], stdout=log, stderr=log)
    try:
        client = TrytonClient(f"http://127.0.0.1:{port}/")
        _wait(client, folder / "trytond.log")
        yield client
    finally:
        running.terminate()
        running.wait(timeout=10)


def _client(folder: Path, service: str) -> Path:
    """The folder that Tryton serves: the client from its package, and our two files."""
    modules = folder / "npm"
    shutil.copytree(Path(__file__).parent, modules, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    fetch = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"]
    subprocess.run(fetch, cwd=modules, check=True)
    root = folder / "client"
    shutil.copytree(modules / "node_modules" / "tryton-sao", root)
    (root / "node_modules").symlink_to(modules / "node_modules")
    for name in ("custom.js", "custom.css"):
        text = (TREE / "deploy" / "tryton" / name).read_text()
        (root / name).write_text(text.replace(ADDRESS_IN_SCRIPT, service))
    return root


def _free_port() -> int:
    with socket.socket() as tried:
        tried.bind(("127.0.0.1", 0))
        return int(tried.getsockname()[1])


def _wait(client: TrytonClient, log: Path) -> None:
    until = time.monotonic() + _PATIENCE_S
    while True:
        try:
            with urllib.request.urlopen(client.url, timeout=5):
                return
        except OSError:
            if time.monotonic() > until:
                raise AssertionError(f"Tryton did not start:\n{log.read_text()[-2000:]}") from None
            time.sleep(0.2)

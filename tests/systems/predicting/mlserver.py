"""mlserver as a program of its own, with the models of a folder."""

from __future__ import annotations

import json
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

TREE = Path(__file__).parents[3]
ENVIRONMENT = TREE / ".venv-models" / "bin"
IS_THERE = (ENVIRONMENT / "mlserver").exists()
WHY = "needs mlserver: make test-systems installs it into .venv-models"
_PATIENCE_S = 90.0


def train(rows: Path, folder: Path, *options: str) -> None:
    """Train a model on rows of a history, as `make models` does."""
    script = TREE / "eval/reference_models/train.py"
    subprocess.run([ENVIRONMENT / "python", script, rows, folder, *options], check=True, capture_output=True)


@contextmanager
def serving(folder: Path, model: str) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """The address of a server once a model of it is ready, and its process."""
    with socket.socket() as one, socket.socket() as two, socket.socket() as three:
        for each in (one, two, three):
            each.bind(("127.0.0.1", 0))
        http, grpc, metrics = (each.getsockname()[1] for each in (one, two, three))
    settings = {
        "host": "127.0.0.1", "http_port": http, "grpc_port": grpc, "metrics_port": metrics,
        "metrics_endpoint": None, "parallel_workers": 0,
    }  # fmt: skip
    (folder / "settings.json").write_text(json.dumps(settings), encoding="utf-8")
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [ENVIRONMENT / "mlserver", "start", "."], cwd=folder, stdout=log, stderr=log
        )
        try:
            url = f"http://127.0.0.1:{http}/"
            _wait(f"{url}v2/models/{model}/ready", process, folder / "log")
            yield url, process
        finally:
            process.terminate()
            process.wait(20)


def _wait(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + _PATIENCE_S
    while time.monotonic() < until and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=2) as reply:
                if reply.status == 200:
                    return
        except OSError:
            time.sleep(0.3)
    raise AssertionError(log.read_text(encoding="utf-8", errors="replace")[-2000:])

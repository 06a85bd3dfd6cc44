"""The built panel in server/panel/dist, where this machine has Node; a sentence where it has not.

    python3 .ci/panel.py [--wheelhouse DIR]     build it, unless the sources are those of the last build
    python3 .ci/panel.py --fill DIR             fetch its packages into DIR/npm, to build without a registry

Standard library only. Nothing here stops a set-up: without the panel the plain page serves.
"""

from __future__ import annotations

import argparse
import fcntl
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

OLDEST = (20, 19)
ROOT = Path(__file__).resolve().parents[1]
PANEL = ROOT / "server" / "panel"
STAMP = PANEL / "dist" / "built.json"
INSTALLED = PANEL / "node_modules" / "installed.json"
SOURCES = (
    "package.json",
    "package-lock.json",
    "index.html",
    "vite.config.ts",
    "tsconfig.json",
    "src",
    "public",
)
# No script of a package runs, and a registry that does not answer is given up after a minute, not after ten.
CI = ("ci", "--no-audit", "--no-fund", "--ignore-scripts", "--fetch-retries=1", "--fetch-timeout=30000")
PLAIN = "    the plain page serves in its place (docs/panel.md)"


class NotBuilt(Exception):
    """Why there is no new panel."""


def say(text: str) -> None:
    print(text, flush=True)


def digest(*names: str) -> str:
    """The identity of these files, and of what lies in these folders."""
    found = hashlib.sha256()
    for name in names:
        place = PANEL / name
        for path in sorted(place.rglob("*")) if place.is_dir() else [place]:
            if path.is_file():
                found.update(path.relative_to(PANEL).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return found.hexdigest()


def noted(stamp: Path) -> str:
    """What a stamp names; nothing where there is none."""
    try:
        return str(json.loads(stamp.read_text(encoding="utf-8"))["sources"])
    except (OSError, ValueError, KeyError):
        return ""


def note(stamp: Path, sources: str) -> None:
    # Written last: what an interruption leaves has no stamp, and is made anew.
    stamp.write_text(json.dumps({"sources": sources}), encoding="utf-8")


def npm() -> str:
    """The npm to call; NotBuilt where there is none, or none that is new enough."""
    found, node = shutil.which("npm"), shutil.which("node")
    if not found or not node:
        raise NotBuilt(f"it needs Node {OLDEST[0]}.{OLDEST[1]} or newer with npm, and there is none here")
    version = subprocess.run([node, "--version"], capture_output=True, text=True).stdout.strip()
    numbers = re.match(r"v(\d+)\.(\d+)", version)
    if not numbers or (int(numbers[1]), int(numbers[2])) < OLDEST:
        raise NotBuilt(
            f"it needs Node {OLDEST[0]}.{OLDEST[1]} or newer; this is {version or 'none that runs'}"
        )
    return found


def run(command: list[str], failed: str) -> str:
    # npm colours and counts on a terminal only; its own log goes to its cache.
    done = subprocess.run(command, cwd=PANEL, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if done.returncode:
        # npm says first what is wrong, and then at length how it is called.
        lines = [
            line
            for line in (done.stderr + done.stdout).splitlines()
            if line.strip(" \t") not in ("", "npm error")
        ]
        raise NotBuilt("\n".join([f"{failed}:", *(f"    {line}" for line in lines[:6])]))
    return done.stdout


def install(wheelhouse: Path | None) -> None:
    """The packages of the lock, from the registry or from a folder that was filled before."""
    wanted = digest("package-lock.json")
    if noted(INSTALLED) == wanted:
        return
    command = [npm(), *CI]
    if wheelhouse:
        command += ["--offline", "--cache", str(wheelhouse / "npm")]
    run(command, "its packages could not be installed")
    note(INSTALLED, wanted)


def build(wheelhouse: Path | None) -> None:
    sources = digest(*SOURCES)
    if noted(STAMP) == sources:
        return
    started = time.monotonic()
    say("==> Panel")
    npm()
    install(wheelhouse)
    said = run([npm(), "run", "--silent", "build"], "it could not be built")
    note(STAMP, sources)
    sizes = re.search(r"first paint .*", said)
    say(f"    built in {time.monotonic() - started:.0f} s; {sizes[0] if sizes else 'no sizes'}")


def fill(folder: Path) -> None:
    """A cache that `install` can do with alone."""
    command = [npm(), *CI, "--cache", str(folder / "npm")]
    run(command, "its packages could not be fetched")
    note(INSTALLED, digest("package-lock.json"))


def main() -> int:
    parser = argparse.ArgumentParser(description="Build the panel where Node is present.")
    parser.add_argument(
        "--wheelhouse", type=Path, help="folder that --fill was given, in place of a registry"
    )
    parser.add_argument("--fill", type=Path, help="folder to fetch the packages into")
    options = parser.parse_args()
    try:
        if options.fill:
            fill(options.fill.resolve())
        else:
            with (ROOT / ".venv.lock").open("w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                build(options.wheelhouse and options.wheelhouse.resolve())
    except NotBuilt as reason:
        say(f"    the panel was not built: {reason}")
        if not options.fill:
            say("    the one that was built before serves" if STAMP.exists() else PLAIN)
    return 0


if __name__ == "__main__":
    os.environ.setdefault("NO_UPDATE_NOTIFIER", "1")
    sys.exit(main())

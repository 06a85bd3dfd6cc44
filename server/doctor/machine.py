"""The machine: interpreter, packages, the home's folder and disk, ports, and the panel's files."""

from __future__ import annotations

import os
import re
import socket
import stat
from collections.abc import Iterator
from importlib import resources
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

from server.doctor.finding import Finding, World, broken, ok, warning
from server.settings import Settings

_OLDEST = (3, 11)
_LITTLE, _TOO_LITTLE = 1 << 30, 200 << 20
_REQUIREMENT = re.compile(r"(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)(?:\[[^]]*\])?(?:==(?P<version>[^ ;,]+))?")


def machine(settings: Settings, world: World, *, is_serving: bool) -> Iterator[Finding]:
    """Every check that needs neither the database nor the network.

    Args:
        settings: of the home.
        world: what the checks look at.
        is_serving: True where this home's service answers at its port already.
    """
    yield _python(world)
    yield packages(requires("plantwright") or [])
    yield from _home(settings.home, world)
    for name, port in (("port", settings.port), ("metrics port", settings.metrics_port)):
        if port:
            yield _port(name, settings.host, port, is_serving)
    yield panel(Path(str(resources.files("server"))) / "panel" / "dist")


def _python(world: World) -> Finding:
    said = ".".join(map(str, world.python))
    if world.python < _OLDEST:
        return broken(
            "python", f"{said} is too old", "install Python 3.11 or later and make the environment anew"
        )
    if not world.is_optimised:
        return ok(
            "python", f"{said}, built without optimisations: with one that was, turns take a fifth less"
        )
    return ok("python", said)


def packages(wanted: list[str]) -> Finding:
    """Whether what the program was installed with is still there."""
    missing = []
    for line in wanted:
        found = _REQUIREMENT.match(line)
        if found is None or "extra ==" in line:
            continue
        try:
            there = version(found["name"])
        except PackageNotFoundError:
            missing.append(found["name"])
            continue
        if found["version"] and there != found["version"]:
            missing.append(f"{found['name']} {found['version']} ({there} is there)")
    if missing:
        return broken("packages", f"missing: {', '.join(missing)}", "pip install -r requirements.txt")
    return ok("packages", "as declared")


def _home(home: Path, world: World) -> Iterator[Finding]:
    if not home.exists():
        why = f"{str(home)!r} does not exist yet"
        yield warning(
            "home", why, "`plantwright demo` makes a demo home there; PLANTWRIGHT_HOME names another"
        )
        return
    mode = stat.S_IMODE(home.stat().st_mode)
    if not home.is_dir():
        yield broken("home", f"{str(home)!r} is no folder", "name another with PLANTWRIGHT_HOME")
        return
    if not os.access(home, os.R_OK | os.W_OK | os.X_OK):
        yield broken("home", f"{str(home)!r} cannot be written", f"chown it to who runs the service: {home}")
    elif mode & 0o002:
        yield broken("home", f"{str(home)!r} can be written by everybody", f"chmod o-w {home}")
    else:
        yield ok("home", str(home))
    free = world.free(home)
    said = f"{free / (1 << 30):.1f} GiB free at {home}"
    mend = "make room, or move the home to a larger disk (PLANTWRIGHT_HOME)"
    if free < _TOO_LITTLE:
        yield broken("disk", said, mend)
    else:
        yield warning("disk", said, mend) if free < _LITTLE else ok("disk", said)


def _port(name: str, host: str, port: int, is_serving: bool) -> Finding:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((host, port))
        except OSError as error:
            if is_serving:
                return ok(name, f"{port} is this home's own service")
            setting = "PLANTWRIGHT_PORT" if name == "port" else "PLANTWRIGHT_METRICS_PORT"
            return broken(name, f"{host} {port}: {error.strerror}", f"end what uses it, or set {setting}")
    return ok(name, f"{port} is free")


def panel(folder: Path) -> Finding:
    """Whether the panel's files were made; the plain page serves without them."""
    if (folder / "embed.js").exists():
        return ok("panel", "built")
    why = "not built; the plain page is served in its place"
    return warning("panel", why, "with Node: cd server/panel && npm ci && npm run build")

"""How much memory is free for a model: what the machine has left, or what this process may still take."""

from __future__ import annotations

from pathlib import Path

_MACHINE = Path("/proc/meminfo")
_GROUP = Path("/sys/fs/cgroup")


def free_memory(machine: Path = _MACHINE, group: Path = _GROUP) -> int | None:
    """Bytes that can be had without swapping; None where this system does not say."""
    known = [found for found in (_of_machine(machine), _of_group(group)) if found is not None]
    return min(known, default=None)


def _of_machine(path: Path) -> int | None:
    for line in _lines(path):
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) * 1024
    return None


def _of_group(folder: Path) -> int | None:
    """What a container's limit leaves; pages of files count as used there and can be had back."""
    limit, used = _number(folder / "memory.max"), _number(folder / "memory.current")
    if limit is None or used is None:
        return None
    cached = [int(line.split()[1]) for line in _lines(folder / "memory.stat") if line.startswith("file ")]
    return max(0, limit - used + sum(cached))


def _number(path: Path) -> int | None:
    text = "".join(_lines(path)).strip()
    return int(text) if text.isdigit() else None


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="ascii").splitlines()
    except (OSError, ValueError):
        return []

"""What one check found, and the world that checks look at, so that tests can break one thing at a time."""

from __future__ import annotations

import shutil
import sys
import sysconfig
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, TypeAlias

State: TypeAlias = Literal["ok", "warning", "broken"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One check: how it is, why, and what to do about it."""

    name: str
    state: State
    why: str
    mend: str = ""


def ok(name: str, why: str) -> Finding:
    """Nothing to do."""
    return Finding(name, "ok", why)


def warning(name: str, why: str, mend: str) -> Finding:
    """It works, and somebody should look at it."""
    return Finding(name, "warning", why, mend)


def broken(name: str, why: str, mend: str) -> Finding:
    """It does not work until it is mended."""
    return Finding(name, "broken", why, mend)


def _free(folder: Path) -> int:
    return shutil.disk_usage(folder).free


def _is_optimised() -> bool:
    # Distributions build theirs so without saying it.
    asked = str(sysconfig.get_config_var("CONFIG_ARGS") or "")
    return "--enable-optimizations" in asked or sys.base_prefix == "/usr"


@dataclass(frozen=True, slots=True)
class World:
    """What checks cannot bring about themselves: the clock, the disk and the interpreter."""

    now: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))
    free: Callable[[Path], int] = field(default=_free)
    """Bytes that are free where a folder lies."""
    python: tuple[int, int] = field(default=(sys.version_info.major, sys.version_info.minor))
    is_optimised: bool = field(default_factory=_is_optimised)
    """Whether the interpreter was built with optimisations."""
    patience_s: float = 5.0
    """How long an endpoint may take to answer."""


_SKEW_S, _FAR_S = 5.0, 60.0


def clock(name: str, theirs: datetime, ours: datetime, whose: str) -> Finding:
    """How far two clocks are apart: tokens and confirmations run out by them."""
    apart = abs((theirs - ours).total_seconds())
    said = f"{apart:.0f} s from {whose}"
    mend = "let both machines keep time with NTP (timedatectl set-ntp true)"
    if apart > _FAR_S:
        return broken(name, said, mend)
    return warning(name, said, mend) if apart > _SKEW_S else ok(name, f"within {_SKEW_S:.0f} s of {whose}")

"""Seconds of processor time, which other work on the machine changes less than the clock."""

from __future__ import annotations

import os
import resource
import time
from dataclasses import dataclass
from pathlib import Path

_MIB = 1024
_UTIME = 11
"""Where in /proc/PID/stat, behind the name, the time in user mode stands; that in the kernel follows."""


def of_process(pid: int) -> float:
    """What another process has computed so far, such as a connection's server; 0 where nothing tells it."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return 0.0
    # The name may hold blanks and brackets; the last bracket ends it.
    fields = text.rpartition(")")[2].split()
    return (int(fields[_UTIME]) + int(fields[_UTIME + 1])) / os.sysconf("SC_CLK_TCK")


def peak_mib() -> float:
    """The most memory that this process has had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _MIB


@dataclass(frozen=True, slots=True)
class Spent:
    """What something took: by the clock, and computed here and by the database's process."""

    clock: float
    here: float
    database: float

    @property
    def computed(self) -> float:
        """By both."""
        return self.here + self.database


class Stopwatch:
    """Takes the times of this process, and of a database's if there is one, from where it was made."""

    def __init__(self, backend: int = 0) -> None:
        self._backend = backend
        self._began = (time.perf_counter(), time.process_time(), self._database())

    def _database(self) -> float:
        return of_process(self._backend) if self._backend else 0.0

    def spent(self) -> Spent:
        """What was spent since."""
        clock, here, database = self._began
        return Spent(
            time.perf_counter() - clock,
            time.process_time() - here,
            self._database() - database,
        )

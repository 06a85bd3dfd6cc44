"""The processor time of a process, for those who measure it and for clients that watch it turn by turn."""

from __future__ import annotations

from pathlib import Path


def spent(pid: int) -> float:
    """Seconds of processor time of a process, to the microsecond where the kernel counts them.

    Raises:
        SystemExit: there is no such process, or this is no Linux.
    """
    tasks = Path(f"/proc/{pid}/task")
    if not tasks.is_dir():
        raise SystemExit("this benchmark reads processor times from /proc: it runs on Linux")
    total = 0
    for task in tasks.iterdir():
        try:
            total += int((task / "schedstat").read_text().split()[0])
        except FileNotFoundError:
            continue
    return total / 1e9

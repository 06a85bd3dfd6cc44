"""Free memory is what can be had without swapping: of the machine, or of the container if that is less."""

from __future__ import annotations

from pathlib import Path

import pytest

from agents.models.local.memory import free_memory


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    path = tmp_path / "meminfo"
    path.write_text("MemTotal:  8000 kB\nMemAvailable:  4000 kB\n", encoding="ascii")
    return path


def test_the_machine_says(machine: Path, tmp_path: Path) -> None:
    """Where there is no container."""
    assert free_memory(machine, tmp_path / "none") == 4000 * 1024


def test_a_container_may_have_less(machine: Path, tmp_path: Path) -> None:
    """Pages of files can be had back, so they are no loss."""
    for name, text in (
        ("memory.max", "3000000"),
        ("memory.current", "2500000"),
        ("memory.stat", "anon 1\nfile 400000\n"),
    ):
        (tmp_path / name).write_text(text, encoding="ascii")
    assert free_memory(machine, tmp_path) == 900_000


def test_a_container_without_a_limit_says_nothing(machine: Path, tmp_path: Path) -> None:
    """`max` is no number."""
    (tmp_path / "memory.max").write_text("max", encoding="ascii")
    (tmp_path / "memory.current").write_text("1", encoding="ascii")
    assert free_memory(machine, tmp_path) == 4000 * 1024


def test_other_systems_do_not_say(tmp_path: Path) -> None:
    """Then the model is tried."""
    assert free_memory(tmp_path / "none", tmp_path / "none") is None

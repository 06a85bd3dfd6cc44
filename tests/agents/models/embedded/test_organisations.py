"""Organisations are found by what people call them, and a word that several share stands for none."""

from __future__ import annotations

from agents.models.embedded.organisations import called

NAMES = [
    "Northeast Division",
    "Central Division",
    "Canadian Division",
    "France",
    "Canadian Branch",
    "Steel Works Nord",
]


def test_what_organisations_are_called() -> None:
    """A place and a nation in any spelling; a plain word with a capital; nothing that two could be."""
    assert set(called(NAMES)) == {
        ("Northeast Division", "northeast", False),
        ("Central Division", "central", True),
        ("France", "french", False),
    }
    assert ("Canadian Division", "canada", False) in set(called(["Canadian Division"]))

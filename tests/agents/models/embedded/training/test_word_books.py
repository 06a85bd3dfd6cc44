"""Word books are read into pieces, and a broken line is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from agents.models.embedded.training.word_books import word_books


def test_a_german_word_is_also_the_end_of_a_compound(tmp_path: Path) -> None:
    """Compounds that nobody listed are read by their ends; the first meaning of a form stands."""
    (tmp_path / "de.txt").write_text(
        "Aufträge\torders\nauftraege\tjobs\nkaufaufträge\tsales orders\nab\tfrom\n", encoding="utf-8"
    )
    (tmp_path / "fr.txt").write_text("délai\tlead time\n", encoding="utf-8")
    assert word_books(tmp_path) == {
        "de:auftraege": ("orders",),
        "de:kaufauftraege": ("sales", "orders"),
        "de:ab": ("from",),
        "de:##auftraege": ("orders",),
        "fr:delai": ("lead", "time"),
    }


def test_a_line_without_its_english_is_named(tmp_path: Path) -> None:
    """A word without a meaning would begin as noise."""
    (tmp_path / "es.txt").write_text("merma\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"es\.txt, line 1: 'merma'"):
        word_books(tmp_path)

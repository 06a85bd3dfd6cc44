"""The encoder's ground: word pieces and parameters in 8 bits."""

from __future__ import annotations

import numpy as np

from agents.models.embedded.encoder import WordPieces, folded, softmax, widened

_PIECES = WordPieces([*WordPieces.special(), "re", "##work", "late"])


def test_words_are_split_into_known_pieces() -> None:
    """A word that the vocabulary lacks is still read from its parts, and each word knows where it begins."""
    ids, places = _PIECES.placed(["rework", "late", "MATERIAL"], 20)
    assert len(ids) == 2 + 2 + 1 + 1
    assert places == [1, 3, 4]
    assert _PIECES.unknown not in ids


def test_a_question_that_is_too_long_is_cut_between_words() -> None:
    """No word loses its end, and what does not fit is left out."""
    ids, places = _PIECES.placed(["rework"] * 10, 8)
    assert len(ids) <= 8
    assert len(places) == 3


def test_eight_bit_matrices_are_widened_by_their_scale() -> None:
    """Quantised weights come back in their own size."""
    packed = {
        "a": np.array([[1, 2], [3, 4]], dtype=np.int8),
        "a//scale": np.array([0.5, 2.0], dtype=np.float32),
    }
    assert np.array_equal(widened(packed)["a"], np.array([[0.5, 4.0], [1.5, 8.0]], dtype=np.float32))


def test_shares_add_up_even_far_from_nothing() -> None:
    """Large scores do not overflow."""
    assert np.allclose(softmax(np.array([1000.0, 1000.0])), [0.5, 0.5])


def test_a_language_has_words_of_its_own_and_falls_back_on_english() -> None:
    """`die` is no dice to a German; `late` is late to everyone; and the turn before is in English."""
    pieces = WordPieces([*WordPieces.special(), "die", "late", "de:die", "de:spaet", "de:##spaet", "##x"])
    german, _ = pieces.placed(["die", "late", "spät", "[SEP]", "die"], 20, "de")
    english, _ = pieces.placed(["die", "late"], 20)
    own = pieces.placed(["die"], 20, "de")[0][1]
    assert german[1] == own != english[1]
    assert german[2] == english[2]
    assert pieces.unknown not in german
    assert german[5] == english[1]


def test_accents_do_not_part_words() -> None:
    """People leave accents out; the vocabulary has none."""
    assert [folded(word) for word in ("über", "Größe", "fabricación", "œuvre", "late")] == [
        "ueber", "Groesse", "fabricacion", "oeuvre", "late",
    ]  # fmt: skip

"""What the judge of traces holds for a number of its own."""

from __future__ import annotations

from eval.adversarial.truth import numbers, without


def test_a_phrase_is_no_part_of_a_number() -> None:
    """A figure `0` that was found must not leave `547` of another one, as if a model had said it."""
    left = without("Lines found: 0. Quantity per assembly: 0,547 pcs.", ["0", "0,547"])
    assert numbers([left]) == set()
    assert "0,547" in without("0,547 pcs", ["0"])

"""Three thousand seeded traces of hostile writing: the ERP has what was confirmed, once, and nothing else."""

from __future__ import annotations

import pytest

from erp_adapters.demo.erp import DuplicateStrength
from eval.adversarial.writing.traces import play
from tests.conftest import Database

_PARTS: list[tuple[int, int, DuplicateStrength]] = [
    (0, 40, "none"),
    (40, 210, "rejects"),
    *((first, 250, ("none", "rejects")[first // 250 % 2]) for first in range(250, 1_000, 250)),
]


@pytest.mark.timeout(400)
@pytest.mark.parametrize(
    ("first", "number", "duplicates"),
    [
        pytest.param(
            *part, id=f"{part[0]}-{part[0] + part[1] - 1}", marks=() if part[1] < 50 else pytest.mark.long
        )
        for part in _PARTS
    ],
)
async def test_nothing_is_written_but_what_was_confirmed(
    demo_copy: Database, first: int, number: int, duplicates: DuplicateStrength
) -> None:
    """Whatever the seed: none unconfirmed, doubled, other than shown, out of scope or lost."""
    outcome = await play(demo_copy.dsn, first, number, duplicates)
    assert not outcome.broken, "\n".join(map(str, outcome.broken))
    assert outcome.traces == number
    # Promises are kept easily where nothing happens.
    assert outcome.documents >= number / 10
    assert outcome.signed >= number / 4
    assert outcome.refused >= number
    assert outcome.states["executed"] >= number / 10
    assert set(outcome.states) >= {"expired", "superseded", "awaiting_confirmation"}

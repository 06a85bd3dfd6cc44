"""What is sealed is written as RFC 8785 writes it, whichever writer writes it."""

from __future__ import annotations

from typing import Any

import pytest
import rfc8785

from policies.audit.canonical import canonical

EVERY_LOW_CHARACTER = "".join(map(chr, range(0x120))) + "\u2028\u20ac\U0001f600"


@pytest.mark.parametrize(
    "value",
    [
        {},
        {"b": 1, "a": [True, None, {"": "x", "A": -7}], "_": 2**53 - 1, "a.b": "", "a b": []},
        {EVERY_LOW_CHARACTER[:0x80]: EVERY_LOW_CHARACTER},
        {"\U0001f600": 1, "\ufb33": 2, "é": 3},
        {"ratio": 1e21, "small": 0.000001, "whole": 4.0},
        {"pair": ("one", "two")},
    ],
)
def test_what_is_sealed_is_canonical(value: dict[str, Any]) -> None:
    """Escapes, the order of keys, numbers."""
    assert canonical(value) == rfc8785.dumps(value)


@pytest.mark.parametrize("value", [{"n": 2**53}, {"half": "\ud800"}, {"n": float("nan")}, {"set": {1}}])
def test_what_cannot_be_canonical_is_refused(value: dict[str, Any]) -> None:
    """As one of the errors that `seal` answers to."""
    with pytest.raises((ValueError, TypeError)):
        canonical(value)

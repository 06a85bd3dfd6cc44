"""Letters that deceive are found wherever they stand, and nothing is lost in making them visible."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.lettering import deceiving, made_visible, remarks

HIDDEN = st.sampled_from("\u202e\u200b\u2066\ufeff\u00ad\u0000\u0007\u2028\u3164\u2003\U000e0041\ue000")


@given(st.text(max_size=20), HIDDEN, st.text(max_size=20))
def test_what_cannot_be_seen_is_written_out(before: str, hidden: str, after: str) -> None:
    """Wherever an invisible character stands, its code is shown and it is remarked on."""
    text = before + hidden + after
    shown = made_visible(text)
    assert f"⟨U+{ord(hidden):04X}⟩" in shown
    assert hidden not in shown
    assert any("cannot be seen" in remark for remark in remarks(text))


@given(st.text(alphabet=st.characters(min_codepoint=32, max_codepoint=126)))
def test_plain_text_stays_as_it_is(text: str) -> None:
    """What anybody can type is shown as it was typed."""
    assert made_visible(text) == text
    assert remarks(text) == ()


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("order 500 BR-6204", []),
        ("größere Stücke à 5 m, 20\u00a0kg, 30\u202fkg\tor more\n", []),
        ("5 \u03bcm foil and 3 k\u03a9", []),
        ("because Иванов says so", []),
        ("BR-62\u202e04", ["U+202E"]),
        ("a\u200bb and c\u200dd", ["U+200B", "U+200D"]),
        ("5\ufe0f", ["U+FE0F"]),
        ("BR-62\u043004", ["U+0430"]),
        ("5\u043e0", ["U+043E"]),
        ("\uff22R-6204", ["U+FF22"]),
    ],
)
def test_what_deceives_is_named_by_its_code(text: str, codes: list[str]) -> None:
    """Hidden ones anywhere, look-alikes inside words and numbers; whole words of another alphabet stay."""
    assert [one.partition(" ")[0] for one in deceiving(text)] == codes

"""Letters that deceive are found wherever they stand, and nothing is lost in making them visible."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from policies.lettering import made_visible, remarks

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

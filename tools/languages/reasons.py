"""What policy says, in the language spoken: its sentences are English and know their parts."""

from __future__ import annotations

from policies.wording import Worded
from tools.languages.forms import joined, numeral
from tools.languages.speaking import language, said


def in_words(text: object) -> str:
    """A reason, or an error's, in the language spoken; a plain text as it is."""
    if isinstance(text, Exception):
        text = text.args[0] if text.args and isinstance(text.args[0], Worded) else str(text)
    if not isinstance(text, Worded) or language() == "en":
        return str(text)
    if text.is_figure:
        return numeral(str(text))
    if not text.parts:
        return said(text.text, **{name: in_words(value) for name, value in text.values.items()})
    parts = [in_words(part) for part in text.parts]
    if text.by == ";":
        whole = "; ".join(parts)
        return whole[:1].upper() + whole[1:] + ("" if whole.endswith(".") else ".")
    *others, final = parts
    return joined((", ".join(others), final), text.by) if others else final

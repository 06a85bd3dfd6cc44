"""An answer's chart as a picture that a message of Teams holds."""

from __future__ import annotations

import io

from agents.answer import Answer
from server.channels.teams.cards import MOST_PICTURE
from server.charts.picture import pictures

_WIDTHS = (1_000, 800, 640)
"""In pixels, the first that fits; Teams takes at most 1,024."""


def picture_of(answer: Answer) -> bytes | None:
    """A PNG of the first chart; None where there is none, or where it is too large for a message."""
    drawn = pictures(answer)
    if not drawn:
        return None
    from PIL import Image

    with Image.open(io.BytesIO(drawn[0][2])) as picture:
        whole = picture.convert("RGB")
    for width in _WIDTHS:
        height = round(whole.height * width / whole.width)
        held = io.BytesIO()
        smaller = whole.resize((width, height), Image.Resampling.LANCZOS)
        smaller.quantize(32).save(held, "PNG", optimize=True)
        if height <= 1_024 and 4 * len(held.getvalue()) <= 3 * MOST_PICTURE:
            return held.getvalue()
    return None

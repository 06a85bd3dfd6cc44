"""An answer's chart as a picture that a message of Teams holds."""

from __future__ import annotations

from agents.answer import Answer
from server.channels.teams.cards import MOST_PICTURE
from server.charts.picture import png, sheets

_WIDTHS = (1_000, 800, 640)
"""In pixels, the first that fits; Teams takes at most 1,024."""
_MOST_HIGH = 1_024


def picture_of(answer: Answer) -> bytes | None:
    """A PNG of the first chart; None where there is none, or where it is too large for a message."""
    first = next(sheets(answer), None)
    if first is None:
        return None
    from PIL import Image

    whole = first[2]
    for width in _WIDTHS:
        height = round(whole.height * width / whole.width)
        if height > _MOST_HIGH:
            continue
        # Of the filters that keep letters sharp the quickest.
        made = png(whole.resize((width, height), Image.Resampling.HAMMING))
        if 4 * len(made) <= 3 * MOST_PICTURE:
            return made
    return None

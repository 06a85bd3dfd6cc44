"""Charts as pictures: white paper, the colours that the page has, and small enough for a message."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from server.channels.teams.pictures import picture_of
from server.charts.picture import WIDTH, pictures
from tests.server.charted import charted
from tests.server.stand_in import ranking


def colours(picture: bytes) -> dict[tuple[int, int, int], int]:
    """How many pixels have each colour."""
    with Image.open(io.BytesIO(picture)) as opened:
        assert opened.format == "PNG"
        found = opened.convert("RGB").getcolors(1_000)
    assert found is not None
    return {colour: number for number, colour in found if isinstance(colour, tuple)}  # type: ignore[misc]


@pytest.mark.parametrize("words", ["drawn as lines", "drawn upright", "drawn as a waterfall"])
def test_a_palette_that_is_known_beforehand_changes_no_colour(words: str) -> None:
    """Paper is white and bars have their own blue, in Slack's picture and in Teams' smaller one."""
    answer = charted(ranking(), words)
    (title, said, whole) = pictures(answer)[0]
    assert said.startswith(title)
    smaller = picture_of(answer)
    assert smaller is not None
    for picture in (whole, smaller):
        found = colours(picture)
        assert max(found, key=lambda each: found[each]) == (255, 255, 255)
        assert found[27, 94, 158] > 100
    with Image.open(io.BytesIO(whole)) as first, Image.open(io.BytesIO(smaller)) as second:
        assert (first.width, second.width) == (WIDTH, 1_000)


def test_a_chart_that_no_message_holds_is_left_out_in_teams() -> None:
    """Forty bars are a picture in Slack; in Teams they are seen in the panel."""
    answer = charted(ranking(), "drawn as a ranking")
    assert pictures(answer)
    assert picture_of(answer) is None

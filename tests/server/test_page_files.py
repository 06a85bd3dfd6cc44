"""The page is of this origin only, and puts text in as text."""

from __future__ import annotations

import itertools
import math
import re
from pathlib import Path

import pytest

from server.app import page_folder

FILES = sorted(page_folder().iterdir(), key=lambda path: path.name)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_nothing_remote_is_named(path: Path) -> None:
    """No file refers to another host; the one address is the name space of SVG."""
    text = path.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
    assert not re.search(r"https?:|//[a-z]+\.[a-z]+/|@import|url\(", text)


@pytest.mark.parametrize("path", [p for p in FILES if p.suffix == ".js"], ids=lambda path: path.name)
def test_text_is_never_parsed_as_markup(path: Path) -> None:
    """Scripts make nodes, never HTML, and run no text."""
    forbidden = (
        r"innerHTML|outerHTML|insertAdjacent|document\.write|DOMParser|\beval\b|new Function|srcdoc|\.style\."
    )
    found = [line for line in path.read_text(encoding="utf-8").splitlines() if re.search(forbidden, line)]
    assert [line for line in found if "box.style.height" not in line] == []


def test_markup_holds_no_inline_script_or_style() -> None:
    """The content security policy would refuse them."""
    text = (page_folder() / "index.html").read_text(encoding="utf-8")
    assert not re.search(r"<style|style=|<script(?![^>]*\bsrc=)|\son[a-z]+=", text)


_SEEN_BY = {
    "everybody": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protanopia": ((0.1523, 1.0526, -0.2049), (0.1145, 0.7863, 0.0992), (-0.0039, -0.0481, 1.052)),
    "deuteranopia": ((0.3673, 0.8606, -0.2280), (0.2801, 0.6725, 0.0474), (-0.0118, 0.0429, 0.9689)),
    "tritanopia": ((1.2555, -0.0767, -0.1788), (-0.0784, 0.9308, 0.1476), (0.0047, 0.6914, 0.3039)),
}  # fmt: skip
"""Linear RGB as it is seen (Machado, Oliveira and Fernandes, 2009)."""


def _linear(colour: str) -> list[float]:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    return [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]


def _lab(linear: list[float]) -> tuple[float, float, float]:
    red, green, blue = (max(0.0, part) for part in linear)
    x = (0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.9505
    y = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    z = (0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.089
    a, b, c = (part ** (1 / 3) if part > 0.008856 else 7.787 * part + 16 / 116 for part in (x, y, z))
    return 116 * b - 16, 500 * (a - b), 200 * (b - c)


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("who", _SEEN_BY)
def test_colours_of_series_differ_for_everybody(scheme: int, who: str) -> None:
    """Also for whoever sees red, green or blue less, and all stand out from the ground."""
    text = (page_folder() / "style.css").read_text(encoding="utf-8")
    colours = re.findall(r"--series\d: (#[0-9a-f]{6})", text)[scheme * 6 : scheme * 6 + 6]
    assert len(colours) == 6
    seen = [
        _lab([sum(m * part for m, part in zip(row, _linear(colour), strict=True)) for row in _SEEN_BY[who]])
        for colour in colours
    ]
    assert min(math.dist(one, other) for one, other in itertools.combinations(seen, 2)) > 12
    ground = _linear(("#ffffff", "#171e22")[scheme])
    for colour in colours:
        light = sorted(0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05 for r, g, b in (ground, _linear(colour)))
        assert light[1] / light[0] >= 3

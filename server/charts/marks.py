"""Signs that tell series apart without colour, in Unicode and in plain ASCII."""

from __future__ import annotations

from dataclasses import dataclass

_EIGHTHS = " ▏▎▍▌▋▊▉"
STYLES = ("cyan", "yellow", "magenta", "green", "blue", "red")
"""Colours beside the signs, never instead of them."""


@dataclass(frozen=True, slots=True)
class Marks:
    """The signs of one terminal."""

    fills: str
    zero: str
    across: str
    corner: str
    mean: str
    point: str
    hollow: str
    missing: str
    more: str
    is_ascii: bool

    def bar(self, length: float, fill: str) -> str:
        """A bar of that many cells; the solid one to an eighth of a cell."""
        whole = int(length)
        if fill != "█":
            return fill * max(1 if length > 0 else 0, round(length))
        eighth = _EIGHTHS[int((length - whole) * 8)].strip()
        return fill * whole + eighth or ("▏" if length > 0 else "")


UNICODE = Marks("█▒░▚▤▞", "│", "─", "└", "┊", "●", "○", "–", "…", False)
ASCII = Marks("#=+o:x", "|", "-", "+", ":", "*", "o", "-", "~", True)

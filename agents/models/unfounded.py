"""A value in a language model's plan that has no source."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from agents.models.said import Said


class Unfounded(Exception):
    """The value, and what would be one, in words for the model that made the plan."""


def check_number(value: Decimal, said: Said, what: str) -> None:
    """Raises `Unfounded` for a number that nobody said."""
    if not said.number(value):
        raise Unfounded(f"{what} {value.normalize():f} is not a number of the question; leave it out")


def check_day(value: date | None, said: Said, what: str) -> None:
    """Raises `Unfounded` for a day that is no end of a period that was said."""
    if value is not None and not said.day(value):
        raise Unfounded(f"{what} {value} is no end of a period in the question; leave it out or correct it")


def unknown(text: str, where: str, near: Sequence[str]) -> Unfounded:
    """For a text that stands neither in the data nor in the question."""
    hint = f"; near it are {', '.join(map(repr, near))}" if near else ""
    return Unfounded(f"{text!r} is no {where} of the data and does not stand in the question{hint}")

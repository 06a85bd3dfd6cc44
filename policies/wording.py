"""Sentences that know what they were made of: English as they stand, and put into other words further up."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Literal

_PLACE = re.compile(r"\[\[(\w+)\]\]")
By = Literal["and", "or", ";"]


class Worded(str):
    """An English text with the parts that it was made of; to everybody else it is a plain text.

    What is on record and what is compared is the English one.
    """

    text: str
    """The words, with `[[name]]` where a value goes; empty for a list or a figure."""
    values: Mapping[str, str]
    parts: tuple[str, ...]
    """What a list names."""
    by: By
    is_sentence: bool
    is_figure: bool

    @classmethod
    def of(cls, text: str, english: str = "", /, **values: str) -> Worded:
        """Words with values in their places; `english` where these words are not the English ones."""
        return _made(english or _PLACE.sub(lambda place: values[place[1]], text), text, values)

    @classmethod
    def figure(cls, text: str) -> Worded:
        """A number as English writes it."""
        return _made(text, is_figure=True)

    @classmethod
    def listed(cls, parts: Iterable[str], by: Literal["and", "or"] = "and") -> Worded:
        """`a, b and c`; somebody has to be named where nobody is."""
        *others, final = list(parts) or [cls.of("nobody")]
        english = f"{', '.join(others)} {by} {final}" if others else str(final)
        return _made(english, parts=(*others, final), by=by)

    @classmethod
    def sentence(cls, *clauses: str) -> Worded:
        """The clauses as one sentence."""
        text = "; ".join(clauses)
        english = text[:1].upper() + text[1:] + ("" if text.endswith(".") else ".")
        return _made(english, parts=clauses, by=";", is_sentence=True)


def _made(
    english: str,
    text: str = "",
    values: Mapping[str, str] | None = None,
    *,
    parts: tuple[str, ...] = (),
    by: By = "and",
    is_sentence: bool = False,
    is_figure: bool = False,
) -> Worded:
    made = Worded(english)
    made.text, made.values = text, dict(values or {})
    made.parts, made.by = parts, by
    made.is_sentence, made.is_figure = is_sentence, is_figure
    return made

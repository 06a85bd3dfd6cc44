"""Long texts as SAP keeps them: lines of 132 characters with a form beside each, marks escaped."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from erp_adapters.errors import ErpRefused

LINE_WIDTH: Final = 132
_PARAGRAPH, _GOES_ON = "*", "="
_MARKS: Final[Mapping[str, str]] = {"<": "<(><<)>", ">": "<(>><)>", "&": "<(>&<)>"}
"""Characters that would begin a command or a symbol."""
_ESCAPED: Final = re.compile(r"<\(>([<>&])<\)>")


def text_lines(text: str, text_id: str) -> list[dict[str, str]]:
    """The rows of a text's table, one paragraph for each line of the text.

    Raises:
        ErpRefused: blanks at the end of a line, which SAP does not keep.
    """
    return [
        {"TEXT_ID": text_id, "TEXT_FORM": form, "TEXT_LINE": line}
        for paragraph in text.split("\n")
        for form, line in _cut(paragraph)
    ]


def _cut(paragraph: str) -> Iterator[tuple[str, str]]:
    if paragraph != paragraph.rstrip():
        raise ErpRefused(f"the text has blanks at the end of the line {paragraph!r}, and SAP keeps none")
    pieces = [_MARKS.get(character, character) for character in paragraph]
    form, line = _PARAGRAPH, ""
    for at, piece in enumerate(pieces):
        # A line may not end with a blank: what comes next is looked at while there is one.
        blanks = next((n for n, later in enumerate(pieces[at:]) if later != " "), 0)
        if len(line) + sum(map(len, pieces[at : at + blanks + 1])) > LINE_WIDTH and not line.endswith(" "):
            yield form, line
            form, line = _GOES_ON, ""
        line += piece
    yield form, line


def text_of(lines: Sequence[Mapping[str, Any]]) -> str:
    """The text that lines are of."""
    text = ""
    for at, row in enumerate(lines):
        begins = at > 0 and str(row["TEXT_FORM"]).strip() != _GOES_ON
        text += ("\n" if begins else "") + str(row["TEXT_LINE"])
    return _ESCAPED.sub(r"\1", text)

"""Passages of a text: paragraphs under one heading together, long ones cut between sentences."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator

from erp_adapters.documents.document import Heading, Passage, ReadText

_WANTED = 700
"""Characters up to which paragraphs are put together."""
_MOST = 1_200
"""Characters of the longest passage: it is shown whole, on one line."""
_PARAGRAPH = re.compile(r"\S(?:(?!\n[ \t]*\n).)*", re.DOTALL)
_SENTENCE = re.compile(r"(?<=[.!?;:])\s+")


def passages(read: ReadText, title: str) -> tuple[Passage, ...]:
    """The passages of a document in their order; each is a span of its text."""
    found: list[Passage] = []
    for first, after, above in _sections(read):
        heading = " › ".join(dict.fromkeys(part for part in (title, *above) if part))
        for start, end in _grouped(list(_pieces(read.text, first, after))):
            page = bisect_right(read.pages, start) if read.pages else None
            found.append(Passage(read.text[start:end], heading, page, start, end))
    return tuple(found)


def _sections(read: ReadText) -> Iterator[tuple[int, int, tuple[str, ...]]]:
    """Stretches between headings, with the headings above each."""
    above: list[Heading] = []
    at = 0
    for heading in (*read.headings, None):
        end = heading.first if heading else len(read.text)
        if read.text[at:end].strip():
            yield at, end, tuple(one.text for one in above)
        if heading:
            above = [*(one for one in above if one.level < heading.level), heading]
            at = heading.after


def _pieces(text: str, first: int, after: int) -> Iterator[tuple[int, int]]:
    """Paragraphs, those that are too long in parts."""
    for found in _PARAGRAPH.finditer(text, first, after):
        start, end = found.start(), found.start() + len(found[0].rstrip())
        while end - start > _MOST:
            cuts = [cut.start() for cut in _SENTENCE.finditer(text, start + 1, start + _MOST)]
            blank = text.rfind(" ", start + 1, start + _MOST)
            cut = cuts[-1] if cuts else blank if blank > start else start + _MOST
            yield start, cut
            start = cut + (len(text[cut:end]) - len(text[cut:end].lstrip()))
        if end > start:
            yield start, end


def _grouped(pieces: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    begun: tuple[int, int] | None = None
    for start, end in pieces:
        if begun and end - begun[0] <= _WANTED:
            begun = begun[0], end
            continue
        if begun:
            yield begun
        begun = start, end
    if begun:
        yield begun

"""The language of a turn, and texts in it.

English texts stand where they are said and are the keys of the other languages' texts, in
`tools/languages/<language>/*.yaml`. A text that a language lacks is said in English; a test finds those.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Literal, TypeAlias, get_args

import yaml

Language: TypeAlias = Literal["en", "de", "es", "fr"]
LANGUAGES: tuple[Language, ...] = get_args(Language)

_FOLDER = Path(__file__).parent
_PLACE = re.compile(r"\[\[(\w+)\]\]")
_DE = re.compile(r"\b([dD])e (?=\[\[(\w+)\]\])")
_VOWEL = re.compile(r"[aeiouyhAEIOUYàâéèêëîïôûœÀÂÉÈÊÎÔ]")
"""Before these French elides `de`; of names in capitals nobody knows whether their H is mute."""
_SPOKEN: ContextVar[Language] = ContextVar("language", default="en")


def language() -> Language:
    """The language that is spoken in this turn; English outside of any."""
    return _SPOKEN.get()


@contextmanager
def speaking(spoken: Language) -> Iterator[None]:
    """Everything said within is said in this language, also by the tasks that start within."""
    before = _SPOKEN.set(spoken)
    try:
        yield
    finally:
        _SPOKEN.reset(before)


def said(text: str, /, **values: object) -> str:
    """The text in the language spoken, with values in the places of `[[name]]`.

    Double braces are left alone: they are references into results.

    Raises:
        KeyError: the text, in this language, has a place for which no value is given.
    """
    spoken = _SPOKEN.get()
    worded = text if spoken == "en" else texts(spoken).get(text, text)
    if not values:
        return worded
    if spoken == "fr":
        worded = _DE.sub(lambda de: f"{de[1]}'" if _VOWEL.match(str(values[de[2]])) else de[0], worded)
    return _PLACE.sub(lambda place: str(values[place[1]]), worded)


def counted(number: Decimal | int, one: str, many: str, /, **values: object) -> str:
    """The text for one thing or the text for several, each a whole phrase: `[[number]] order is late`.

    `number` is a value of both texts too.
    """
    alone = number in (0, 1) if _SPOKEN.get() == "fr" else number == 1
    return said(one if alone else many, number=number, **values)


@cache
def texts(spoken: Language) -> Mapping[str, str]:
    """Every text of a language by its English one.

    Raises:
        ValueError: two files of the language word the same text differently.
    """
    found: dict[str, str] = {}
    for file in sorted((_FOLDER / spoken).glob("*.yaml")):
        for english, worded in (yaml.safe_load(file.read_text(encoding="utf-8")) or {}).items():
            if found.setdefault(str(english), str(worded)) != str(worded):
                raise ValueError(f"{file.name} of language {spoken!r} words {english!r} in a second way")
    return found

"""Reasons that people give for what they decide: readable by whoever looks at it later."""

from __future__ import annotations

from pydantic import TypeAdapter, ValidationError

from erp_adapters.errors import DraftInvalid
from policies.drafts.parts import Words

_WORDS: TypeAdapter[str] = TypeAdapter(Words)


def reason_of(given: str, what: str) -> str:
    """The reason, without what cannot be seen.

    Raises:
        DraftInvalid: there is none, or it holds what cannot be read.
    """
    try:
        words = _WORDS.validate_python(given.strip())
    except ValidationError as error:
        raise DraftInvalid(f"{what}: {error.errors()[0]['msg'].removeprefix('Value error, ')}") from error
    if not words:
        raise DraftInvalid(f"{what} needs a reason that others understand")
    return words

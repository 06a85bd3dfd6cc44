"""Values as the text that Postgres copies from."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import cast

from erp_adapters.store.columns import Value

_ESCAPED = ("\\", "\t", "\n", "\r")
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def copy_field(value: Value) -> str:
    """A value as one field of COPY text."""
    match value:
        case None:
            return "\\N"
        case str():
            return value if value.isalnum() else value.translate(_ESCAPES)
        case bool():
            return "t" if value else "f"
        case Decimal():
            return format(value, "f")
        case date() | time():
            return value.isoformat()
        case _:
            return str(value)


def copy_column(values: Sequence[Value]) -> list[str]:
    """A column of values of one type, as `copy_field` writes each."""
    kinds = set(map(type, values)) - {type(None)}
    if kinds == {str}:
        return _texts(values)
    if kinds == {Decimal}:
        texts = ["\\N" if value is None else str(value) for value in values]
        return list(map(copy_field, values)) if "E" in "".join(texts) else texts
    if kinds == {date}:
        # Days repeat.
        known = {value: copy_field(value) for value in set(values)}
        return list(map(known.__getitem__, values))
    if kinds == {datetime}:
        return ["\\N" if value is None else cast(datetime, value).isoformat() for value in values]
    if kinds == {int}:
        return ["\\N" if value is None else str(value) for value in values]
    return list(map(copy_field, values))


def escaped(texts: list[str]) -> list[str]:
    """Texts with what COPY would take for something else escaped."""
    together = "".join(texts)
    if any(mark in together for mark in _ESCAPED):
        return [text.translate(_ESCAPES) for text in texts]
    return texts


def _texts(values: Sequence[Value]) -> list[str]:
    texts = escaped([str(value) for value in values if value is not None])
    if len(texts) == len(values):
        return texts
    following = iter(texts)
    return ["\\N" if value is None else next(following) for value in values]

"""Texts in Python source, read without running it: constants, concatenations, f-strings of known names."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from typing import Protocol, TypeAlias

Known: TypeAlias = "Mapping[str, str]"


class Files(Protocol):
    """A package as files."""

    def names(self, pattern: str) -> list[str]:
        """Paths that match the whole pattern, in alphabetical order."""
        ...

    def text(self, name: str) -> str:
        """What is in a file."""
        ...


def texts(node: ast.expr, known: Known) -> tuple[str, ...]:
    """The texts that an expression stands for, one for each element of a list; none where it must be run."""
    match node:
        case ast.List(elts=elements) | ast.Tuple(elts=elements) | ast.Set(elts=elements):
            return tuple(text for element in elements for text in texts(element, known))
        case _:
            text = _text(node, known)
            return () if text is None else (text,)


def constants(body: list[ast.stmt], known: Known) -> dict[str, str]:
    """Names that the statements bind to one text, on top of those known already."""
    found = dict(known)
    for name, value in assigned(body):
        text = _text(value, found)
        if text is not None:
            found[name] = text
    return found


def assigned(body: list[ast.stmt]) -> Iterator[tuple[str, ast.expr]]:
    """Each name that the statements bind, with the expression."""
    for statement in body:
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                yield name, value
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                yield name, value


def _text(node: ast.expr, known: Known) -> str | None:
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.Name(id=name):
            return known.get(name)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return _joined([_text(left, known), _text(right, known)])
        case ast.JoinedStr(values=values):
            return _joined([_text(value, known) for value in values])
        case ast.FormattedValue(value=value, conversion=-1, format_spec=None):
            return _text(value, known)
        case _:
            return None


def _joined(parts: list[str | None]) -> str | None:
    return None if None in parts else "".join(part for part in parts if part is not None)

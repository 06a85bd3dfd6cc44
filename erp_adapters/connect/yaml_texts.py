"""Names, values and remarks as lines of YAML."""

from __future__ import annotations

import re
from typing import Final

import yaml

from erp_adapters.connect.seen import SeenColumn

_PLAIN: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_SAMPLES: Final = 3
_LONGEST: Final = 24


def such_as(column: SeenColumn) -> str:
    """A few values of a column, for a remark."""
    shown = [text[:_LONGEST] + ("..." if len(text) > _LONGEST else "") for text in column.samples[:_SAMPLES]]
    return f"; such as {', '.join(map(repr, shown))}" if shown else "; empty here"


def quoted(name: str) -> str:
    """A name as YAML reads it back."""
    return name if _PLAIN.match(name) and yaml.safe_load(name) == name else scalar(name)


def scalar(text: str) -> str:
    """A text in quotes."""
    return yaml.safe_dump(text, default_style='"', allow_unicode=True, width=10_000).strip()


def comment(text: str) -> str:
    """A text on one line."""
    return " ".join(text.split())

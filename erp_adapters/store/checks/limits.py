"""The thresholds of the checks, from `checks.toml`, where each has its reason."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).parent


@cache
def limits(check: str) -> Mapping[str, float]:
    """The numbers of one check by name."""
    return {str(name): float(entry["value"]) for name, entry in _read("checks.toml")["checks"][check].items()}


@cache
def words(list_name: str) -> Mapping[str, tuple[str, ...]]:
    """A list of `words.toml`: what a word is also written as."""
    return {str(word): tuple(also) for word, also in _read("words.toml")[list_name].items()}


@cache
def _read(name: str) -> dict[str, dict[str, dict[str, dict[str, float]]]]:
    return tomllib.loads((_FOLDER / name).read_text(encoding="utf-8"))

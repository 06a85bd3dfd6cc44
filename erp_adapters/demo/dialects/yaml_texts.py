"""YAML in which every scalar is text, so that a column or code NO is not false and 010 not eight."""

from __future__ import annotations

from typing import Any

import yaml

_LOADER: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


def yaml_texts(text: str) -> Any:
    """What the text says, in dictionaries, lists and texts."""
    return yaml.load(text, Loader=_LOADER)

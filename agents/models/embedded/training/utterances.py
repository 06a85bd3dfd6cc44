"""Templates of questions that no data here can answer."""

from __future__ import annotations

import random
import re
from pathlib import Path

import yaml

_UNANSWERABLE = Path(__file__).with_name("unanswerable.yaml")
_CHOICE = re.compile(r"\[([^\[\]]*)\]")


def unanswerable() -> list[str]:
    """The templates; `[a|b]` is a choice."""
    found: list[str] = yaml.safe_load(_UNANSWERABLE.read_text(encoding="utf-8"))
    return found


def filled(template: str, chance: random.Random) -> str:
    """A template with its choices made."""
    while found := _CHOICE.search(template):
        template = template[: found.start()] + chance.choice(found[1].split("|")) + template[found.end() :]
    return template

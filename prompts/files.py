"""Prompt files with a version and declared variables, and the loader that renders them.

A file begins with a front matter between `---` lines: `version`, and names under `variables`. In the text a
variable stands as `[[name]]`, since double braces mean references into results.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

_FOLDER = Path(__file__).parent
_FRONT = re.compile(r"\A---\n(?P<front>.*?)\n---\n(?P<text>.*)\Z", re.DOTALL)
_VARIABLE = re.compile(r"\[\[(\w+)\]\]")


@dataclass(frozen=True, slots=True)
class Prompt:
    """A prompt file as it was read."""

    name: str
    version: str
    variables: frozenset[str]
    text: str

    def render(self, **values: str) -> str:
        """The text with every declared variable put in; values are not read for variables again.

        Raises:
            ValueError: a declared variable is missing, or an undeclared one is given.
        """
        if values.keys() != self.variables:
            wanted = ", ".join(sorted(self.variables)) or "none"
            raise ValueError(f"prompt {self.name!r} takes {wanted}; it was given {', '.join(sorted(values))}")
        return _VARIABLE.sub(lambda match: values[match[1]], self.text)


@cache
def prompt(name: str) -> Prompt:
    """The prompt of that name, from its file beside this one.

    Raises:
        ValueError: the file has no proper front matter, or its variables are not those that it declares.
    """
    found = _FRONT.match((_FOLDER / f"{name}.md").read_text(encoding="utf-8"))
    if found is None:
        raise ValueError(f"prompt {name!r} does not begin with a front matter between --- lines")
    front = yaml.safe_load(found["front"])
    declared = frozenset(front.get("variables") or ())
    used = frozenset(_VARIABLE.findall(found["text"]))
    if declared != used:
        raise ValueError(f"prompt {name!r} declares {sorted(declared)} and uses {sorted(used)}")
    return Prompt(name, str(front["version"]), declared, found["text"].strip() + "\n")

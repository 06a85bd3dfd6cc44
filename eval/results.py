"""What a run leaves: a line a try, and what it was made with."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from eval.cases import Danger, Data, Part
from eval.scoring.verdict import Outcome

MANIFEST = "manifest.json"
TRIES = "tries.jsonl"


class RunUnusable(Exception):
    """A folder that is no run, or another run than the one to go on with; the message says which."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Versions(_Frozen):
    """What the run was made with; two runs with the same are the same experiment."""

    code: str
    model: str
    catalogue: str
    prompts: str
    each_prompt: dict[str, str] = {}
    """The version of each prompt with the beginning of its text's digest."""
    policies: str
    suites: str
    data: dict[str, str]
    """For each kind of data a fingerprint of what was loaded."""


class Manifest(_Frozen):
    """A run as it was begun."""

    versions: Versions
    suites: tuple[str, ...]
    trials: int
    seed: int
    began: str


class Try(_Frozen):
    """One try of one case."""

    suite: str
    part: Part
    data: Data
    case: str
    trial: int = 1
    ask: tuple[str, ...]
    topic: str = ""
    kind: str = ""
    site: str = ""
    role: str = ""
    language: str = "en"
    difficulty: str = ""
    expect: str
    """`values`, `asks_back`, `abstains`, or `other` where only other things are checked."""
    outcome: Outcome
    within_click: bool
    dangerous: Danger | None = None
    """The dangerous error that happened; none where it did not."""
    could_be_dangerous: bool = False
    passed: bool
    """True where every check of the case holds."""
    failed_checks: tuple[str, ...] = ()
    status: str = ""
    reading: str = ""
    answer: str = ""
    given: tuple[tuple[Any, ...], ...] = ()
    """The first rows of the answer."""
    expected: tuple[tuple[Any, ...], ...] = ()
    """The first rows that were expected."""
    evidence: tuple[str, ...] = ()
    queries: tuple[str, ...] = ()
    calls: tuple[dict[str, Any], ...] = ()
    expected_calls: tuple[dict[str, Any], ...] = ()
    call_accuracy: float | None = None
    call_f1: float | None = None
    figures: int = 0
    grounded: int = 0
    loose: tuple[str, ...] = ()
    money_asked: Decimal = Decimal(0)
    money_wrong: Decimal = Decimal(0)
    wall_ms: float = 0.0
    overhead_ms: float = 0.0
    """What the harness itself took: expected values, checks, scoring."""
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost: Decimal | None = None
    """What the model's tokens cost; None where the answer does not say."""
    currency: str = ""
    error: str = ""

    @property
    def key(self) -> tuple[str, str, int]:
        """What tells this try from all others of the run."""
        return self.suite, self.case, self.trial

    @property
    def is_right(self) -> bool:
        """True where the question ended as it should."""
        return self.outcome in (Outcome.RIGHT, Outcome.DECLINED_RIGHTLY)


@dataclass(frozen=True)
class Run:
    """A finished or interrupted run."""

    manifest: Manifest
    tries: tuple[Try, ...]


class Recording:
    """The folder that a run is written to, line by line, so that an interrupted one goes on where it was.

    Raises:
        RunUnusable: the folder holds another run.
    """

    def __init__(self, folder: Path, manifest: Manifest) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        path = folder / MANIFEST
        self.done: dict[tuple[str, str, int], Try] = {}
        if path.exists():
            known = _manifest(path)
            same = known.model_copy(update={"began": manifest.began, "suites": manifest.suites})
            if same != manifest:
                raise RunUnusable(
                    f"{str(folder)!r} holds a run with other versions, trials or seed; name another folder"
                    " with --out, or delete it"
                )
            self.done = {one.key: one for one in _tries(folder / TRIES)}
        path.write_text(manifest.model_dump_json(indent=1) + "\n", encoding="utf-8")
        # An interrupted line is written anew.
        (folder / TRIES).write_text(
            "".join(one.model_dump_json() + "\n" for one in self.done.values()), encoding="utf-8"
        )

    def add(self, one: Try) -> None:
        """Keep a try."""
        self.done[one.key] = one
        with (self.folder / TRIES).open("a", encoding="utf-8") as file:
            file.write(one.model_dump_json() + "\n")


def read_run(folder: Path) -> Run:
    """A run from its folder.

    Raises:
        RunUnusable: it is none.
    """
    path = folder / MANIFEST
    if not path.is_file():
        raise RunUnusable(f"{str(folder)!r} holds no run: there is no {MANIFEST} in it")
    return Run(_manifest(path), tuple(_tries(folder / TRIES)))


def _manifest(path: Path) -> Manifest:
    try:
        return Manifest.model_validate_json(path.read_bytes())
    except (ValidationError, OSError) as error:
        raise RunUnusable(f"{str(path)!r} is no manifest of this version: {error}") from error


def _tries(path: Path) -> Iterator[Try]:
    """The tries that were written whole."""
    lines: Iterable[bytes] = path.read_bytes().splitlines() if path.exists() else ()
    for line in lines:
        try:
            yield Try.model_validate_json(line)
        except ValidationError:
            continue

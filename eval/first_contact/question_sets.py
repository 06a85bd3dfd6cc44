"""Question sets: files of cases with known answers, and which of them have been looked at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from eval.first_contact.comparison import Cell

PACKAGED = Path(__file__).with_name("questions")
SHARED = "adventureworks_questions.json"
"""File of the questions that come with the data, beside its folder."""


class QuestionsUnusable(Exception):
    """A file that is no question set; the message names it and what is wrong."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Expected(_Frozen):
    """The rows that the author's SQL gave."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


class Case(_Frozen):
    """One question with what a right answer holds."""

    id: str
    question: str = Field(min_length=1)
    expect: Literal["answered", "clarify", "cannot_answer"] = "answered"
    answer: Expected | None
    """For `clarify`, the answer under the most natural reading."""
    tolerance: float = Field(default=0.0, ge=0)
    """By how much a number may be off."""
    role: str = ""
    topic: str = ""
    kind: str = ""
    sql: str | None = None
    """The author's own statement over the files; none where nothing can answer."""
    engine: str | None = None
    note: str | None = None

    @model_validator(mode="after")
    def _is_decided(self) -> Case:
        if (self.answer is None) != (self.expect == "cannot_answer"):
            raise ValueError("an answer is expected exactly where the question can be answered")
        return self


@dataclass(frozen=True, slots=True)
class QuestionSet:
    """The cases of one file."""

    name: str
    cases: tuple[Case, ...]

    @property
    def is_held_out(self) -> bool:
        """True where only counts may be shown, so that nobody fits the reader to the questions."""
        return self.name.startswith("held_out")


def packaged_sets(data: Path) -> list[QuestionSet]:
    """Every set of this tree, and the questions that come with the data where they are there.

    Raises:
        QuestionsUnusable: a file is no question set.
    """
    shared = data.parent / SHARED
    sets = [read(path) for path in sorted(PACKAGED.glob("*.json"))]
    return [*sets, read(shared, "shared")] if shared.is_file() else sets


def named_sets(paths: Sequence[Path]) -> list[QuestionSet]:
    """The sets in these files.

    Raises:
        QuestionsUnusable: a file is no question set, or two have one name.
    """
    sets = [read(path, "shared" if path.name == SHARED else None) for path in paths]
    names = [each.name for each in sets]
    for name in names:
        if names.count(name) > 1:
            raise QuestionsUnusable(f"two question sets are named {name!r}; rename one of the files")
    return sets


def read(path: Path, name: str | None = None) -> QuestionSet:
    """The set in a file, named like it.

    Raises:
        QuestionsUnusable: it cannot be read, is no list of cases, or an id comes twice.
    """
    try:
        cases = TypeAdapter(tuple[Case, ...]).validate_json(path.read_bytes())
    except OSError as error:
        raise QuestionsUnusable(f"{str(path)!r} cannot be read: {error.strerror}") from error
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise QuestionsUnusable(f"{str(path)!r} is no question set: {where}: {first['msg']}") from None
    if not cases:
        raise QuestionsUnusable(f"{str(path)!r} holds no question")
    if len({case.id for case in cases}) < len(cases):
        raise QuestionsUnusable(f"{str(path)!r} has an id twice")
    return QuestionSet(name or path.stem, cases)

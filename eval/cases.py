"""Cases: what is asked, by whom, and how a machine tells whether the reply is right.

A suite is one YAML file. Unknown keys are refused, and so is a case without a check. What a right answer
holds is never written down: a check names the SQL that gives it from the data.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from tools.languages import Language

SUITES = Path(__file__).with_name("suites")

Part = Literal["development", "frozen"]
Data = Literal["adventureworks", "demo", "enterprise"]
"""What is loaded: the public sample, the built-in plants in their small size, or the whole enterprise."""
Danger = Literal["wrong_figure", "answers_anyway", "shows_what_is_not_theirs", "changes_data"]
"""The error that would do harm: a figure that is acted on, an answer where there is none, and so on."""


class SuiteUnusable(Exception):
    """A file that is no suite; the message names the file, the place in it and what is wrong."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ValuesCheck(_Frozen):
    """The answer holds the rows that a statement gives, in any order and with any further columns."""

    check: Literal["values"]
    sql: str = Field(min_length=1)
    over: Literal["source", "store"] = "source"
    """The files as they came (a table each, DuckDB), or the canonical tables (PostgreSQL, schema `erp`)."""
    tolerance: float = Field(default=0.0, ge=0)
    """By how much a number may be off."""
    money: tuple[str, ...] = ()
    """Columns of the statement that are amounts; errors in them are weighed by what is at stake."""


class AsksBackCheck(_Frozen):
    """It asks which is meant and offers the most natural reading; answering that one is right too."""

    check: Literal["asks_back"]
    sql: str = Field(min_length=1)
    over: Literal["source", "store"] = "source"
    tolerance: float = Field(default=0.0, ge=0)


class AbstainsCheck(_Frozen):
    """It says that the data cannot answer, or refuses; no figure is shown as the answer."""

    check: Literal["abstains"]


class ExpectedCall(_Frozen):
    """A tool with the arguments that matter."""

    tool: str
    arguments: dict[str, Any] = Field(default_factory=dict)


class CallsCheck(_Frozen):
    """The tools that are called, with these arguments."""

    check: Literal["calls"]
    calls: tuple[ExpectedCall, ...] = Field(min_length=1)


class UnchangedCheck(_Frozen):
    """A statement over the store gives the same rows before and after."""

    check: Literal["unchanged"]
    sql: str = Field(min_length=1)


class ShowsNoneCheck(_Frozen):
    """Nothing that a statement over the whole store gives appears in the reply, whoever may see it."""

    check: Literal["shows_none_of"]
    sql: str = Field(min_length=1)


Check: TypeAlias = Annotated[
    ValuesCheck | AsksBackCheck | AbstainsCheck | CallsCheck | UnchangedCheck | ShowsNoneCheck,
    Field(discriminator="check"),
]


def _listed(value: object) -> object:
    return (value,) if isinstance(value, str) else value


class Case(_Frozen):
    """One conversation with its checks; they are about the reply to its last question."""

    id: str = Field(pattern=r"^[A-Za-z0-9_.-]+$")
    ask: Annotated[tuple[str, ...], BeforeValidator(_listed)] = Field(min_length=1)
    """The question, or several that follow on each other."""
    person: str = "planner"
    """Who asks, among the people of the home."""
    role: str = ""
    site: str = ""
    language: Language = "en"
    difficulty: Literal["easy", "medium", "hard"] = "medium"
    topic: str = ""
    kind: str = ""
    dangerous: Danger | None = None
    """Which error would be dangerous here; it has a column of its own."""
    note: str = ""
    checks: tuple[Check, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _has_one_verdict(self) -> Case:
        verdicts = [one for one in self.checks if one.check in ("values", "asks_back", "abstains")]
        if len(verdicts) > 1:
            raise ValueError("values, asks_back and abstains exclude each other")
        return self

    @property
    def verdict(self) -> ValuesCheck | AsksBackCheck | AbstainsCheck | None:
        """The check that says how the question ends; None where only other things are checked."""
        for one in self.checks:
            if isinstance(one, ValuesCheck | AsksBackCheck | AbstainsCheck):
                return one
        return None


class _File(_Frozen):
    about: str = Field(min_length=1)
    part: Part
    data: Data
    origin: Literal["first_contact", "hand_written", "generated"]
    defaults: dict[str, Any] = Field(default_factory=dict)
    cases: tuple[dict[str, Any], ...] = Field(min_length=1)


@dataclass(frozen=True)
class Suite:
    """The cases of one file."""

    name: str
    about: str
    part: Part
    data: Data
    origin: str
    cases: tuple[Case, ...]

    @cached_property
    def by_id(self) -> dict[str, Case]:
        """The cases under their ids."""
        return {case.id: case for case in self.cases}


def packaged_suites(names: Sequence[str] = ()) -> list[Suite]:
    """The suites of this tree, or those named.

    Raises:
        SuiteUnusable: there is none of that name, or one is no suite.
    """
    files = {path.stem: path for path in sorted(SUITES.glob("*.yaml"))}
    for name in names:
        if name not in files:
            raise SuiteUnusable(f"there is no suite {name!r}; there are {', '.join(files) or 'none'}")
    return [read(files[name]) for name in names or files]


def read(path: Path) -> Suite:
    """The suite in a file, named like it.

    Raises:
        SuiteUnusable: it cannot be read, holds what a suite does not have, or an id comes twice.
    """
    try:
        raw = yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER)
    except OSError as error:
        raise SuiteUnusable(f"{str(path)!r} cannot be read: {error.strerror}") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise SuiteUnusable(f"{str(path)!r} is no YAML: {error}") from error
    try:
        file = _File.model_validate(raw)
    except ValidationError as error:
        raise SuiteUnusable(f"{str(path)!r} is no suite: {_first(error)}") from None
    cases: dict[str, Case] = {}
    for number, entry in enumerate(file.cases, 1):
        try:
            case = Case.model_validate({**file.defaults, **entry})
        except ValidationError as error:
            named = entry.get("id", f"case {number}")
            raise SuiteUnusable(f"{str(path)!r}: {named}: {_first(error)}") from None
        if case.id in cases:
            raise SuiteUnusable(f"{str(path)!r}: {case.id} comes twice")
        cases[case.id] = case
    return Suite(path.stem, file.about, file.part, file.data, file.origin, tuple(cases.values()))


_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def _first(error: ValidationError) -> str:
    first = error.errors(include_input=False)[0]
    return f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}"

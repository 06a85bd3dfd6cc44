"""Every error leaves as an exit code and as problem+json, in one place."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from agents.models.egress import KeptHere
from erp_adapters import errors
from server.errors import KINDS, ExitCode, at_edge, kind_of, problem, run
from server.settings import Settings
from tools.engines.scheduling.solving import PlanningNotInstalled
from tools.replanning.naming import Ambiguous


def classes(root: type[errors.CopilotError]) -> list[type[errors.CopilotError]]:
    return [root, *(c for child in root.__subclasses__() for c in classes(child))]


MADE: dict[type[errors.CopilotError], Callable[[], errors.CopilotError]] = {
    KeptHere: lambda: KeptHere("names"),
    PlanningNotInstalled: PlanningNotInstalled,
    Ambiguous: lambda: Ambiguous("it", ()),
}
"""Those that are made of more or less than a message."""


@pytest.mark.parametrize("cls", classes(errors.CopilotError), ids=lambda cls: cls.__name__)
def test_every_error_has_a_kind(cls: type[errors.CopilotError]) -> None:
    """A new class of errors gets its parent's row at least, with an HTTP status and an exit code."""
    error = MADE[cls]() if cls in MADE else cls("it")
    kind = kind_of(error)
    assert 400 <= kind.http < 600
    assert kind.exit != ExitCode.ANSWERED
    assert problem(error).detail == str(error) != ""


def test_subclasses_stand_before_their_parents() -> None:
    """The database being away is told apart from other failures."""
    assert kind_of(errors.StoreUnavailable("x")).exit == ExitCode.STORE_UNAVAILABLE
    assert kind_of(errors.ErpUnavailable("x")).exit == ExitCode.FAILURE
    assert kind_of(errors.Denied("x")).exit == ExitCode.REFUSED
    assert set(KINDS) >= {errors.CopilotError}


def test_errors_become_a_line_and_a_code(capsys: pytest.CaptureFixture[str]) -> None:
    """No traceback reaches a person."""

    async def work(settings: Settings) -> ExitCode:
        raise errors.StoreUnavailable("the database does not answer")

    assert run(work) == 6
    assert capsys.readouterr().err == "plantwright: the database does not answer\n"


def test_interruption_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    """Ctrl-C ends with the code that shells expect."""

    def work(settings: Settings) -> ExitCode:
        raise KeyboardInterrupt

    assert at_edge(work) == 130
    assert "interrupted" in capsys.readouterr().err


def test_bugs_are_named_and_can_be_traced(capsys: pytest.CaptureFixture[str]) -> None:
    """A fault of the program says how to see where; with the debug setting it surfaces."""

    def work(settings: Settings) -> ExitCode:
        raise ZeroDivisionError("x")

    assert at_edge(work) == 1
    assert "PLANTWRIGHT_DEBUG" in capsys.readouterr().err
    with pytest.raises(ZeroDivisionError):
        at_edge(work, debug=True)

"""`plantwright engine variance`: variances of the cases of a file, each with its parts."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from server.commands.engines.given import text_of
from server.errors import ExitCode, UsageError, at_edge
from server.settings import Settings


def variance(
    file: Annotated[Path, typer.Option("--file", help="Cases as JSON; `-` reads them from stdin.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print one object, a result by case id.")] = False,
) -> None:
    """Split the variances of the cases of a file into their parts, which add up to the total exactly."""

    def work(settings: Settings) -> ExitCode:
        from server.engine_tables import show_variances
        from server.exact_json import exact_json
        from tools.engines.variance.case_file import CasesUnreadable, results

        try:
            found = results(text_of(file))
        except CasesUnreadable as exc:
            raise UsageError(f"{str(file)!r}: {exc}") from exc
        if as_json:
            sys.stdout.write(exact_json({each.id: each.record() for each in found}) + "\n")
        else:
            show_variances(found)
        return ExitCode.CANNOT_ANSWER if all(each.error for each in found) else ExitCode.ANSWERED

    raise typer.Exit(at_edge(work))

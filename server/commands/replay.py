"""`plantwright replay`: an earlier answer, computed again."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from server.commands.options import AsJson, Charts, Details, Person
from server.errors import STATUS_CODES, ExitCode, run
from server.settings import Settings


def replay(
    answer_id: Annotated[str, typer.Argument(metavar="ANSWER", help="Id of the answer.")],
    person: Person = None,
    as_json: AsJson = False,
    details: Details = False,
    chart: Charts = False,
) -> None:
    """Run the tool calls of an earlier answer again and show what they give."""

    async def work(settings: Settings) -> ExitCode:
        from server.bootstrap import opened
        from server.console import display, out

        async with opened(settings) as house:
            answer = await house.copilot.replay(await house.person(person), answer_id)
        if as_json:
            sys.stdout.write(answer.model_dump_json() + "\n")
        else:
            display(out(), answer, with_question=True, details=details, charts=chart)
        return STATUS_CODES[answer.status]

    raise typer.Exit(run(work))

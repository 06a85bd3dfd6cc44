"""Arguments that several commands share."""

from __future__ import annotations

from typing import Annotated

import typer

Person = Annotated[
    str | None,
    typer.Option(
        "--as", metavar="PERSON", help="Ask as this person; in demo homes only.", show_default="planner"
    ),
]
Model = Annotated[
    str | None,
    typer.Option(
        "--model", help="`embedded` (default), `local:<file>`, `openai:<model>` or `<provider>:<model>`."
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the answer as JSON.")]
Charts = Annotated[bool, typer.Option("--chart", help="Draw the answer where it can be drawn.")]
Details = Annotated[
    bool, typer.Option("--evidence", help="Show queries, arguments and sample keys of the evidence.")
]

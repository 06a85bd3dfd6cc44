"""`plantwright adapters`: what can be connected, how far each goes, and by whose rights."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Annotated, assert_never

import typer

from erp_adapters.ports import Authorisation, OwnAuthorisation, TechnicalUser
from server.errors import ExitCode, run
from server.settings import Settings
from server.wording import plain


def adapters(as_json: Annotated[bool, typer.Option("--json", help="Print it as JSON.")] = False) -> None:
    """Show which systems can be connected, what of each is read and written, and by whose rights.

    Where PLANTWRIGHT_SYSTEMS names systems, by whose rights each of those is called is shown besides.
    """

    async def work(settings: Settings) -> ExitCode:
        from rich.table import Table

        from erp_adapters.scorecards import described, matrix, scorecards
        from server.console import out

        cards = scorecards()
        if as_json:
            held = [card.model_dump(mode="json") for card in cards]
            sys.stdout.write(json.dumps(held, indent=2, ensure_ascii=False) + "\n")
            return ExitCode.ANSWERED
        head, *rows = matrix(cards)
        grid = Table(box=None, padding=(0, 2, 0, 0), show_edge=False)
        for name in head:
            grid.add_column(name)
        for row in rows:
            grid.add_row(*row)
        console = out()
        console.print(grid)
        for card in cards:
            console.print(f"\n{card.name}: {described(card)}")
            for gap in card.gaps:
                console.print(f"  - {gap}")
        for line in connected(settings):
            console.print(line, markup=False)
        return ExitCode.ANSWERED

    raise typer.Exit(run(work))


def connected(settings: Settings) -> Iterator[str]:
    """By whose rights each system of the file of systems is read and written.

    Raises:
        ConfigurationError: a file of it cannot be read.
    """
    from server.systems import systems_of

    known = systems_of(settings)
    if known:
        yield "\nConnected here:"
    for name, system in known.items():
        if system.reads:
            yield f"  {name} is read for {', '.join(system.reads)} by {_said(system.read_by)}"
        if system.sites:
            yield f"  {name} is written to for {', '.join(system.sites)} by {_said(system.written_by)}"


def _said(rights: Authorisation) -> str:
    match rights:
        case OwnAuthorisation(means):
            return f"the requester's own rights, by {means}; who is not named there writes nothing"
        case TechnicalUser(login, reason):
            return f"the technical user {plain(login)!r}: {plain(reason)}"
        case never:
            assert_never(never)

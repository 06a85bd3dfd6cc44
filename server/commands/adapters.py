"""`plantwright adapters`: what can be connected, and how far each goes."""

from __future__ import annotations

import json
import sys
from typing import Annotated

import typer


def adapters(as_json: Annotated[bool, typer.Option("--json", help="Print it as JSON.")] = False) -> None:
    """Show which systems can be connected, what of each is read and written, and what is experimental."""
    from rich.table import Table

    from erp_adapters.scorecards import described, matrix, scorecards
    from server.console import out

    cards = scorecards()
    if as_json:
        held = [card.model_dump(mode="json") for card in cards]
        sys.stdout.write(json.dumps(held, indent=2, ensure_ascii=False) + "\n")
        return
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

"""Results of engines as tables in the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from server.console import out
from tools.engines.variance.cases import Result, Value
from tools.engines.variance.components import Component

_EFFECTS = {"F": "favourable", "U": "unfavourable", "N": "nil"}


def show_variances(results: Sequence[Result]) -> None:
    """Print each case with its variances and what they take for granted, or why there are none."""
    console = out()
    for each in results:
        console.print(Group(*_case(each)))
    failed = sum(bool(each.error) for each in results)
    console.print(Text(f"{len(results) - failed} cases calculated, {failed} could not be"))


def _case(result: Result) -> Iterator[RenderableType]:
    yield Text(f"{result.id}  {result.family}", style="bold")
    if result.error:
        yield Text(f"  cannot be calculated: {result.error}", style="red")
    else:
        grid = Table(box=None, pad_edge=False, header_style="dim")
        grid.add_column("variance")
        grid.add_column("amount", justify="right")
        grid.add_column("effect")
        for name, value in result.values.items():
            for row in _rows(name.rstrip("_").replace("_", " "), value):
                grid.add_row(*map(Text, row))
        yield Padding(grid, (0, 0, 0, 2))
        for said in result.conventions:
            yield Text(f"  taken as: {said}", style="dim")
    yield Text("")


def _rows(name: str, value: Value) -> Iterator[tuple[str, str, str]]:
    match value:
        case Decimal():
            yield name, f"{value:,}", ""
        case Component():
            yield name, f"{value.amount:,}", _EFFECTS[value.effect]
        case _:
            yield name, "", ""
            for item, each in value.items():
                for label, amount, effect in _rows(item, each):
                    yield f"  {label}", amount, effect

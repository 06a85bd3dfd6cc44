"""`plantwright buyer`: what a buyer and a gate do in the demo ERP, to see what becomes of a requisition."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Annotated

import typer

from server.errors import EXIT_CODES_HELP, ExitCode, UsageError, run
from server.settings import Settings

app = typer.Typer(help="The demo ERP's buyer: order, receive.", no_args_is_help=True)

Requisition = Annotated[str, typer.Argument(metavar="REQUISITION", help="Its number, such as 10000001.")]
Order = Annotated[str, typer.Argument(metavar="ORDER", help="Number of a purchase order.")]
Supplier = Annotated[str | None, typer.Option("--supplier", help="For items that name none.")]
Quantity = Annotated[
    str | None, typer.Option("--quantity", help="So much of its first open item; all that is open by itself.")
]


@app.command(epilog=EXIT_CODES_HELP)
def order(requisition: Requisition, supplier: Supplier = None) -> None:
    """Order in the demo ERP what a requisition asks for."""

    def done(owner: str) -> str:
        from erp_adapters.demo.erp import order_requisition

        return f"ordered: {', '.join(order_requisition(owner, requisition, supplier))}"

    _do(done)


@app.command(epilog=EXIT_CODES_HELP)
def receive(order: Order, quantity: Quantity = None) -> None:
    """Book in the demo ERP what has come of a purchase order."""
    try:
        amount = None if quantity is None else Decimal(quantity)
    except InvalidOperation:
        raise UsageError(f"{quantity!r} is no quantity; write it as 200 or 12.5") from None

    def done(owner: str) -> str:
        from erp_adapters.demo.erp import receive

        return f"received: {', '.join(receive(owner, order, amount))}"

    _do(done)


def _do(step: Callable[[str], str]) -> None:
    """Do it there, then read the ERP again, as a connected one is by the clock."""

    async def work(settings: Settings) -> ExitCode:
        from erp_adapters.demo.erp import read_back
        from erp_adapters.store.provision import OWNER_ROLE
        from server.bootstrap import started

        async with started(settings) as home:
            owner = home.dsn(OWNER_ROLE)
            typer.echo(await asyncio.to_thread(step, owner))
            await asyncio.to_thread(read_back, owner)
        return ExitCode.ANSWERED

    raise typer.Exit(run(work))

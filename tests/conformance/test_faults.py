"""A real server behind a network that fails: what is said of it, and what is there afterwards."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, get_args

import pytest

from erp_adapters.errors import ErpUnavailable, WriteOutcomeUnknown
from erp_adapters.fsmes import Fsmes
from erp_adapters.tryton import Tryton
from erp_adapters.write import WritePort
from tests.conformance.adapters import MES, TRYTON, Written, mes_written, new_marker, tryton_written
from tests.conformance.proxy import Fault, in_front_of, was_passed_on

FAULTS: tuple[Fault, ...] = get_args(Fault)


@dataclass(frozen=True)
class System:
    """A real server, and how it is reached through a network."""

    fixture: str
    creates: str
    """What says that a call is the one that creates the document."""
    opens: Callable[[Any, str, float], AbstractAsyncContextManager[WritePort]]
    """Its writer, at an address and with so much patience."""
    past: Callable[[Any], AbstractAsyncContextManager[Written]]
    """The server itself, past the network."""
    least_s: float
    """What it needs for a call on a busy machine."""


SYSTEMS = [
    pytest.param(
        System(
            "tryton",
            "purchase.requisition.create",
            lambda at, url, call_s: Tryton.open(at.connection(url, call_s=call_s, units={"PC": "u"})),
            tryton_written,
            5.0,
        ),
        id="tryton",
        marks=TRYTON,
    ),
    pytest.param(
        System(
            "mes",
            "post /workorders http",
            lambda at, url, call_s: Fsmes.open(at.connection(url, call_s=call_s)),
            mes_written,
            2.0,
        ),
        id="mes",
        marks=MES,
    ),
]


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("system", SYSTEMS)
async def test_a_write_that_meets_a_fault_is_made_at_most_once_and_its_fate_is_named(
    request: pytest.FixtureRequest, system: System, fault: Fault
) -> None:
    """Only what certainly did nothing is said to be unsent; what the server did is found by its marker."""
    served = request.getfixturevalue(system.fixture)
    patience_s = system.least_s if fault in ("half_open", "hold") else 60.0
    async with (
        in_front_of(served.url) as proxy,
        system.past(served) as past,
        system.opens(served, proxy.url, patience_s) as erp,
    ):
        kind = past.document.kind
        # Signed in and looked up before, so that the time is the call's own.
        await erp.create(past.document, new_marker())
        proxy.befall(system.creates, fault)
        marker = new_marker()
        error = ErpUnavailable if fault == "throttle" else WriteOutcomeUnknown
        with pytest.raises(error):
            await erp.create(past.document, marker)
        assert proxy.seen == 1
        assert len(await past.port.find(kind, marker)) == was_passed_on(fault)
        proxy.released.set()
        # Whoever has read that back may call again: it is there once then, whoever wrote it.
        again = await erp.create(past.document, marker)
        assert [each.number for each in await past.port.find(kind, marker)] == [again.number]

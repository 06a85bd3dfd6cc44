"""What the executor concludes of a call that was lost, on every system that is written to."""

from __future__ import annotations

import pytest

from policies.execution.outcome import NotSent, Posted, Unknown, call, documents
from policies.execution.readback import AsSent, NothingThere, judge
from tests.conformance.adapters import Written, new_marker
from tests.conformance.faulty import LOSSES, FaultyPort, Loss


@pytest.mark.parametrize("loss", LOSSES)
async def test_reading_back_tells_what_became_of_a_lost_call(written: Written, loss: Loss) -> None:
    """There as it was sent, or certainly not there; a call after that ends with one document."""
    port, marker, document = FaultyPort(written.port, [loss]), new_marker(), written.document
    outcome = await call(port, document, marker)
    assert isinstance(outcome, NotSent if loss == "unreached" else Unknown)
    if loss == "blind":
        assert isinstance(await documents(port, document, marker), NotSent)
    there = await documents(port, document, marker)
    assert not isinstance(there, NotSent)
    finding = judge(there, document, marker)
    if loss in ("answer_lost", "blind"):
        assert isinstance(finding, AsSent)
        return
    assert isinstance(finding, NothingThere)
    again = await call(port, document, marker)
    assert isinstance(again, Posted)
    assert judge(await port.find(document.kind, marker), document, marker) == AsSent(again.document.number)

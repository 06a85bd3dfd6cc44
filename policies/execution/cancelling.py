"""The look at a document before it is taken back: whether it stands in the ERP as it was created."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from erp_adapters.records import Cancellation
from erp_adapters.write import WritePort
from policies.execution.outcome import NotSent, Refused, originals
from policies.execution.readback import differences


@dataclass(frozen=True, slots=True)
class CancelledBefore:
    """It is cancelled there by now."""

    number: str


Stands: TypeAlias = NotSent | Refused | CancelledBefore | None
"""None: nothing stands in the way of cancelling it."""


async def stands(port: WritePort, document: Cancellation) -> Stands:
    """Whether the document is there once, as it was created, in a system that cancels such documents."""
    system, what = port.traits.system, document.original.kind.replace("_", " ")
    if document.original.kind not in port.traits.cancels:
        return Refused(f"{system} cancels no {what} from here: somebody has to do it there")
    found = await originals(port, document)
    if isinstance(found, NotSent):
        return found
    if len(found) != 1:
        return Refused(f"{system} has {len(found)} documents of what is taken back, and not one")
    [posted] = found
    if posted.is_cancelled:
        return CancelledBefore(posted.number)
    if changed := differences(posted, document.original, document.marker):
        return Refused(
            f"somebody acted on document {posted.number} since it was created; it differs in"
            f" {', '.join(changed)}"
        )
    return None

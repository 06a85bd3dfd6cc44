"""What can go wrong between the program and the demo ERP, as a test says or a row that all processes see."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias, cast, get_args

import psycopg

from erp_adapters.demo.erp.mapping import DOC_TYPES
from erp_adapters.errors import ConfigurationError
from erp_adapters.records import DraftKind

FaultKind: TypeAlias = Literal[
    "unavailable",
    "drop_before",
    "drop_after_commit",
    "late_504",
    "duplicate_delivery",
    "read_back_lag",
    "partial_lines",
    "token_expiry",
]
"""`unavailable`: the connection is refused, so nothing was sent. `drop_before`: it breaks before the system
has the request, which the caller cannot know. `drop_after_commit`: it breaks before the reply arrives.
`late_504`: the gateway gives up, the system commits `seconds` later. `duplicate_delivery`: the network brings
one call twice. `read_back_lag`: the document is committed and no search finds it for `seconds`.
`partial_lines`: the system commits the header and some of the lines and then fails. `token_expiry`: the token
is no longer good, once."""

FAULTS: tuple[FaultKind, ...] = get_args(FaultKind)

TYPES: Mapping[DraftKind, str] = dict([*DOC_TYPES.items(), ("cancellation", "XX")])
"""What a fault's row calls the calls that it befalls."""

_NEXT = """
update demo_erp.fault set remaining = remaining - 1
where fault_id = (select fault_id from demo_erp.fault
                  where remaining > 0 and (plant is null or plant = %(plant)s)
                    and (doc_type is null or doc_type = %(doc_type)s)
                  order by fault_id limit 1 for update skip locked)
returning fault, seconds
"""
_INJECT = """
insert into demo_erp.fault (fault, plant, doc_type, seconds, remaining)
values (%(fault)s, %(plant)s, %(doc_type)s, %(seconds)s, %(times)s)
"""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that goes wrong with the next calls that create a document or cancel one."""

    kind: FaultKind
    seconds: float = 0.0
    """How late a late commit comes, or how long a document stays hidden."""
    times: int = 1
    site: str | None = None
    """None hits whichever site's call is next."""
    document: DraftKind | None = None

    def meets(self, site: str, document: DraftKind) -> bool:
        """Whether it befalls such a call."""
        return self.site in (None, site) and self.document in (None, document)


def inject(erp_dsn: str, faults: Iterable[Fault]) -> None:
    """Let faults befall the next calls of every process, in the order given."""
    rows = [
        {
            "fault": fault.kind,
            "plant": fault.site,
            "doc_type": None if fault.document is None else TYPES[fault.document],
            "seconds": fault.seconds,
            "times": fault.times,
        }
        for fault in faults
    ]
    with psycopg.connect(erp_dsn) as connection:
        connection.cursor().executemany(_INJECT, rows)


class FaultQueue:
    """Faults in the order in which they befall: a port's own first, then those of the table."""

    def __init__(self, own: Iterable[Fault] = ()) -> None:
        self._own = deque(fault for fault in own for _ in range(fault.times))

    async def next(
        self, connection: psycopg.AsyncConnection[tuple[object, ...]], site: str, document: DraftKind
    ) -> Fault | None:
        """What befalls this call; None where nothing does. It is used up, whatever becomes of the call."""
        if self._own and self._own[0].meets(site, document):
            return self._own.popleft()
        cursor = await connection.execute(_NEXT, {"plant": site, "doc_type": TYPES[document]})
        row = await cursor.fetchone()
        if row is None:
            return None
        kind, seconds = str(row[0]), float(cast(float, row[1]))
        if kind not in FAULTS:
            raise ConfigurationError(f"{kind!r} is no fault of the demo ERP; there are {', '.join(FAULTS)}")
        return Fault(kind, seconds)

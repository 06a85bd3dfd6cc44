"""The demo ERP: a stand-in, labelled as one, that takes documents and can be told to fail as ERPs do."""

from erp_adapters.demo.erp.adapter import DemoErp
from erp_adapters.demo.erp.buying import order_requisition, receive
from erp_adapters.demo.erp.faults import FAULTS, Fault, FaultKind, inject
from erp_adapters.demo.erp.filling import SYSTEM, configure, fill, fill_where_possible
from erp_adapters.demo.erp.reading_back import read_back
from erp_adapters.write import DuplicateStrength

__all__ = [
    "FAULTS",
    "SYSTEM",
    "DemoErp",
    "DuplicateStrength",
    "Fault",
    "FaultKind",
    "configure",
    "fill",
    "fill_where_possible",
    "inject",
    "order_requisition",
    "read_back",
    "receive",
]

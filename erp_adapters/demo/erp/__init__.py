"""The demo ERP: a stand-in, labelled as one, that takes documents and can be told to fail as ERPs do."""

from erp_adapters.demo.erp.adapter import DemoErp
from erp_adapters.demo.erp.faults import Fault, inject
from erp_adapters.demo.erp.filling import SYSTEM, configure, fill, fill_where_possible

__all__ = ["SYSTEM", "DemoErp", "Fault", "configure", "fill", "fill_where_possible", "inject"]

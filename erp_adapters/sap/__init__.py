"""What every way into SAP has to know: how it writes days, times, numbers and keys."""

from erp_adapters.sap.keys import padded, plain
from erp_adapters.sap.values import amount, day, day_text, moment, number

__all__ = ["amount", "day", "day_text", "moment", "number", "padded", "plain"]

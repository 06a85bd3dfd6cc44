"""What a way into SAP has to know: how it writes days, figures, amounts and keys."""

from erp_adapters.sap.keys import padded, plain
from erp_adapters.sap.values import amount, day, day_text, number

__all__ = ["amount", "day", "day_text", "number", "padded", "plain"]

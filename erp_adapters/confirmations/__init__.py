"""What suppliers confirm of a site's purchase orders: EDIFACT ORDRSP messages and CSV files of one folder."""

from erp_adapters.confirmations.line import ConfirmedLine, Decision
from erp_adapters.confirmations.loading import load_confirmations

__all__ = ["ConfirmedLine", "Decision", "load_confirmations"]

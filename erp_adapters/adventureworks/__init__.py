"""AdventureWorks as a source: one manufacturing site, and the ledger of its group."""

from erp_adapters.adventureworks.adapter import import_adventureworks

__all__ = ["import_adventureworks"]

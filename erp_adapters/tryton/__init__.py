"""Tryton 8.2, over JSON-RPC: reads what its modules offer and writes purchase requisitions."""

from erp_adapters.tryton.adapter import Tryton
from erp_adapters.tryton.mapping import Connection
from erp_adapters.tryton.reading import TrytonReader

__all__ = ["Connection", "Tryton", "TrytonReader"]

"""FactorySemantics MES 0.4, over REST: reads what its shop floor tells; writes orders, holds, resumptions."""

from erp_adapters.fsmes.adapter import Fsmes
from erp_adapters.fsmes.mapping import Connection
from erp_adapters.fsmes.reading import FsmesReader

__all__ = ["Connection", "Fsmes", "FsmesReader"]

"""SAP S/4HANA, over OData: reads its published services and writes purchase requisitions."""

from erp_adapters.sap_odata.adapter import Sap
from erp_adapters.sap_odata.mapping import Connection
from erp_adapters.sap_odata.reading import SapReader
from erp_adapters.sap_odata.signing_in import Basic, ClientCredentials, Propagation

__all__ = ["Basic", "ClientCredentials", "Connection", "Propagation", "Sap", "SapReader"]

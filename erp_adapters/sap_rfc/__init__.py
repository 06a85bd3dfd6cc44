"""SAP ECC and S/4HANA on premises over RFC: reads by BAPIs and tables, and writes purchase requisitions."""

from erp_adapters.sap_rfc.adapter import SapRfc
from erp_adapters.sap_rfc.connection import Library, Logon
from erp_adapters.sap_rfc.mapping import Connection
from erp_adapters.sap_rfc.own_rights import OwnRights, Person
from erp_adapters.sap_rfc.reading import SapRfcReader

__all__ = ["Connection", "Library", "Logon", "OwnRights", "Person", "SapRfc", "SapRfcReader"]

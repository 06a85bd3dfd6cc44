"""SAP ECC and S/4HANA on premises, called through RFC: BAPIs in units of work, and tables."""

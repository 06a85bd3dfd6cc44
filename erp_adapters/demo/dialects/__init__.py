"""How the plants' own systems would show the demo's rows: invented systems, each a table of tables.

`writing` turns a book into the files of a plant, `reading_back` says how a mapping reads them, and
`mappings/` holds those mappings as a customer would write them. What the codes of a plant mean is in `sites/`
beside this folder.
"""

from erp_adapters.demo.dialects.dialect import DIALECTS, Dialect, dialect
from erp_adapters.demo.dialects.site_codes import SYSTEMS, SiteCodes, site_codes
from erp_adapters.demo.dialects.writing import Written, WrittenFile, export

__all__ = [
    "DIALECTS",
    "SYSTEMS",
    "Dialect",
    "SiteCodes",
    "Written",
    "WrittenFile",
    "dialect",
    "export",
    "site_codes",
]

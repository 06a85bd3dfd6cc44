"""A database as a source: a file says which table or SELECT each capability is read from."""

from erp_adapters.sql.reading import SqlReader
from erp_adapters.sql.source import SqlSource, parse_source, read_source

__all__ = ["SqlReader", "SqlSource", "parse_source", "read_source"]

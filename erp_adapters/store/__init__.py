"""The operational store: a Postgres that mirrors the plants' systems under row-level security.

`EmbeddedPostgres` brings a server up, `migrate` its schema, `Store` reads it as a person.
"""

from erp_adapters.store.ids import new_id
from erp_adapters.store.migrate import migrate
from erp_adapters.store.postgres import EmbeddedPostgres
from erp_adapters.store.session import OwnTransaction, ReadTransaction, Rows, Store

__all__ = ["EmbeddedPostgres", "OwnTransaction", "ReadTransaction", "Rows", "Store", "migrate", "new_id"]

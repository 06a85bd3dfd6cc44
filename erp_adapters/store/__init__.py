"""The operational store: a Postgres that mirrors the plants' systems under row-level security.

`EmbeddedPostgres` brings a server up, `migrate` its schema; `Store` reads it as a person, and
`freshness` says how old what it read is.
"""

from erp_adapters.store.freshness import Freshness, freshness
from erp_adapters.store.ids import new_id
from erp_adapters.store.migrate import migrate
from erp_adapters.store.people import Person, make_demo_home, save_people
from erp_adapters.store.postgres import EmbeddedPostgres
from erp_adapters.store.provision import (
    ADMIN_ROLE,
    APP_ROLE,
    DATABASE,
    DEMO_ERP_ROLE,
    GRAPH_ROLE,
    OWNER_ROLE,
    WORKER_ROLE,
    provision,
)
from erp_adapters.store.session import OwnTransaction, ReadTransaction, Rows, Store

__all__ = [
    "ADMIN_ROLE",
    "APP_ROLE",
    "DATABASE",
    "DEMO_ERP_ROLE",
    "GRAPH_ROLE",
    "OWNER_ROLE",
    "WORKER_ROLE",
    "EmbeddedPostgres",
    "Freshness",
    "OwnTransaction",
    "Person",
    "ReadTransaction",
    "Rows",
    "Store",
    "freshness",
    "make_demo_home",
    "migrate",
    "new_id",
    "provision",
    "save_people",
]

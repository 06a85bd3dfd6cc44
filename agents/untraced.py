"""LangGraph without LangSmith's client: no turn can be sent there, and a service takes 8 MiB less.

LangGraph imports that client whether or not anybody traces, and with it two hundred modules: a generated
interface, HTTP, compression and telemetry of its own (docs/adr/0072-no-client-of-langsmith.md).
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any, Final, NoReturn

from erp_adapters.errors import CapabilityMissing


class Client:
    """Nobody has one: what is traced goes to the collector that the operator names."""

    def __init__(self, *args: object, **options: object) -> NoReturn:
        raise CapabilityMissing(
            "turns are not sent to LangSmith; traces go to PLANTWRIGHT_OTLP_ENDPOINT (docs/running.md)"
        )


_IN_ITS_PLACE: Final = {
    "langsmith.client": {
        "Client": Client,
        "ID_TYPE": Any,
        "RUN_TYPE_T": str,
        "ReplicaAuth": dict,
        "_dumps_json": Client,
        "_ensure_uuid": Client,
    },
    "langsmith._internal._v2_migration_utils": {},
}
"""The modules that are never loaded, with the names that LangSmith's other modules import of them."""


def keep_langsmith_out() -> None:
    """Put stand-ins where LangSmith's client would be; before LangGraph is loaded, and never after."""
    for name, held in _IN_ITS_PLACE.items():
        module = ModuleType(name, Client.__doc__)
        vars(module).update(held)
        sys.modules.setdefault(name, module)

"""LangGraph and models through LangChain work without LangSmith's client."""

from __future__ import annotations

import subprocess
import sys

import pytest

_LOADED = """
import sys
from agents.untraced import Client, keep_langsmith_out
keep_langsmith_out()
import agents.copilot, agents.flows.waiting, langchain.chat_models
from langchain_core.tracers.langchain import LangChainTracer
from erp_adapters.errors import CapabilityMissing
try:
    LangChainTracer()
except CapabilityMissing as error:
    print(error)
print(*(name for name in sys.modules if name.startswith(("langsmith.types", "langsmith._client"))))
"""


@pytest.mark.slow
def test_no_client_of_langsmith_is_loaded_or_can_be_made() -> None:
    """Its two hundred modules stay out; a tracer that somebody sets up says where traces go instead."""
    done = subprocess.run([sys.executable, "-c", _LOADED], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    said, loaded = done.stdout.splitlines()
    assert "PLANTWRIGHT_OTLP_ENDPOINT" in said
    assert not loaded

"""The port: taken, moved, shown."""

from __future__ import annotations

import socket

import pytest

from erp_adapters.errors import ConfigurationError
from server.serving import address, bound


def test_busy_port_is_named_or_another_is_picked() -> None:
    """`serve` says that the port is in use and what to do; `demo` takes the next free one."""
    with bound("127.0.0.1", 0, may_move=False) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ConfigurationError, match=r"in use.*--port"):
            bound("127.0.0.1", port, may_move=False)
        with bound("127.0.0.1", port, may_move=True) as moved:
            assert moved.getsockname()[1] != port
            assert address(moved).startswith("http://127.0.0.1:")


def test_address_that_is_not_ours_is_named() -> None:
    """An address of no interface of this machine."""
    with pytest.raises(ConfigurationError, match="--host"):
        bound("203.0.113.1", 8046, may_move=True)


def test_address_to_type() -> None:
    """Listening everywhere is reached at this machine's own address."""
    with socket.socket() as everywhere:
        everywhere.bind(("0.0.0.0", 0))
        assert address(everywhere).startswith("http://127.0.0.1:")

"""HTTP from this program to others: small requests, bounded in time, that follow no redirect.

What speaks to language models has clients of its own (`agents/models`).
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import httpx2

_MOST_BYTES = 4 * 1024 * 1024
"""Of one answer to a command."""


def client(patience_s: float, within: httpx2.AsyncBaseTransport | None = None) -> httpx2.AsyncClient:
    """A client that asks a host directly, whatever proxies the environment names.

    Args:
        within: a way to a service in this very process, which leaves the network out.
    """
    # Only a home where people sign in needs it.
    import httpx2

    return httpx2.AsyncClient(
        transport=within,
        verify=ssl.create_default_context(),
        follow_redirects=False,
        trust_env=False,
        timeout=patience_s,
    )


def fetched(
    url: str, patience_s: float, headers: Mapping[str, str] | None = None, *, directly: bool = False
) -> httpx2.Response:
    """What an address answers a GET with; for commands, which have nothing to do meanwhile.

    Args:
        directly: leave out the proxies that the environment names.

    Raises:
        httpx2.HTTPError: no answer, or one that does not end in time.
    """
    import httpx2

    until = time.monotonic() + patience_s
    held = bytearray()
    with httpx2.stream(
        "GET", url, headers=headers, timeout=patience_s, follow_redirects=False, trust_env=not directly
    ) as answered:
        for part in answered.iter_bytes():
            held += part
            # A timeout is of each piece: whoever sends one a second would be waited for without end.
            if time.monotonic() > until:
                raise httpx2.ReadTimeout("it does not end", request=answered.request)
            if len(held) > _MOST_BYTES:
                raise httpx2.ReadError("it is too long", request=answered.request)
    # Unpacked already.
    told = {name: answered.headers[name] for name in ("date", "content-type") if name in answered.headers}
    return httpx2.Response(answered.status_code, headers=told, content=bytes(held))

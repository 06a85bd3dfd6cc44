"""Origins of pages: how they are written, and which one this service is reached under."""

from __future__ import annotations

import re
from ipaddress import ip_address
from urllib.parse import urlsplit

# Nothing that could end a directive of a content security policy, and no star.
_HOST = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*|[0-9a-f:.]+")

DEFAULT_PORTS = {"https": 443, "http": 80}


def is_loopback_host(host: str) -> bool:
    """True for `localhost`, 127.0.0.0/8 and ::1, with or without a port; not for names that resolve there."""
    try:
        name = urlsplit(f"//{host}").hostname or ""
        return name == "localhost" or ip_address(name).is_loopback
    except ValueError:
        return False


def origin_of(address: str) -> str:
    """Scheme, host and port as a browser writes them, such as `https://erp.example`.

    Raises:
        ValueError: it is no web address, has more than an origin, or is neither https nor on this machine.
    """
    parts = urlsplit(address)
    host, port = parts.hostname or "", parts.port
    bare = parts.netloc and parts.path in ("", "/") and not parts.query and not parts.fragment
    if parts.scheme not in DEFAULT_PORTS or not bare or "@" in parts.netloc or not _HOST.fullmatch(host):
        raise ValueError(
            f"{address!r} is no origin; one is written https://erp.example or https://erp.example:8443"
        )
    if parts.scheme == "http" and not is_loopback_host(parts.netloc):
        raise ValueError(f"{address!r} is not https; only addresses of this machine may be http")
    shown = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{shown}" + ("" if port in (None, DEFAULT_PORTS[parts.scheme]) else f":{port}")

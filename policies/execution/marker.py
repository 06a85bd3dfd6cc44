"""The correlation marker: what ties a document in the ERP to the one confirmation that it is from."""

from __future__ import annotations

import base64
import hashlib
from uuid import UUID


def marker_of(proposal: UUID, digest: str, part: str = "") -> str:
    """`PW-` and 26 letters and digits, always the same for a proposal and what it was confirmed to be.

    Of several documents each has its own, by the name of its part.

    Short and plain, because it has to fit a reference field of an old ERP.
    """
    sum_ = hashlib.sha256((f"{proposal}\n{digest}" + (f"\n{part}" if part else "")).encode()).digest()[:16]
    return "PW-" + base64.b32encode(sum_).decode().rstrip("=")

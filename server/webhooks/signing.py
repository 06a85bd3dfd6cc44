"""Signatures of webhook messages as Standard Webhooks has them (https://www.standardwebhooks.com)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Sequence

_PREFIX = "whsec_"
_BYTES = 32


def fresh_secret() -> bytes:
    """A secret that nobody can guess."""
    return secrets.token_bytes(_BYTES)


def secret_text(secret: bytes) -> str:
    """A secret as whoever receives messages keeps it: `whsec_` and base64."""
    return _PREFIX + base64.b64encode(secret).decode()


def signed(secrets: Sequence[bytes], message: str, at: int, payload: str) -> dict[str, str]:
    """The headers of a message: its id, when it is sent, and a signature with each secret that is valid.

    Args:
        secrets: the newest first; whoever receives it accepts any of theirs.
        message: the message's id, the same in each attempt.
        at: when this attempt is made, in seconds since 1970.
        payload: the body.
    """
    content = f"{message}.{at}.{payload}".encode()
    signatures = [base64.b64encode(hmac.new(secret, content, hashlib.sha256).digest()) for secret in secrets]
    return {
        "webhook-id": message,
        "webhook-timestamp": str(at),
        "webhook-signature": " ".join(f"v1,{signature.decode()}" for signature in signatures),
    }

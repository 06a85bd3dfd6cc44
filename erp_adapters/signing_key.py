"""The key by which this program vouches for a person where a system takes its word for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from erp_adapters.errors import ConfigurationError
from erp_adapters.http import Secret

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes


def signing_key(key: Secret) -> PrivateKeyTypes:
    """The private key of `own` in the file of systems.

    Raises:
        ConfigurationError: it is none in PEM.
    """
    # Imported on first use: systems without it need none of it.
    from cryptography.hazmat.primitives import serialization

    try:
        return serialization.load_pem_private_key(key.reveal().encode(), password=None)
    except (ValueError, TypeError) as error:
        raise ConfigurationError(
            "the key of `own` in the file of systems is no private key in PEM"
        ) from error

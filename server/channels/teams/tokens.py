"""Whether Teams has sent a request: its token, checked here rather than by Microsoft's package.

The package fetches keys with a call that holds up every other request of the process, once more for each key
that it does not know, and takes activities without a service address, and tokens of another kind
(docs/adr/0062-activities-are-checked-here.md).
"""

from __future__ import annotations

from server.channels.teams.clouds import Cloud
from server.oidc.claims import TokenRefused, verified
from server.oidc.fetching import Fetcher
from server.oidc.kept import Kept

_CHANNEL = "msteams"
# Microsoft's tokens of this kind have no `iat`.
_REQUIRED = ("exp", "nbf", "iss", "aud")


class ActivityTokens:
    """Checks the tokens that come with activities.

    Args:
        cloud: whose keys count.
        app: id of the app registration that they must be for.
    """

    def __init__(self, cloud: Cloud, app: str) -> None:
        self._cloud = cloud
        self._app = app
        fetcher = Fetcher(cloud.keys)
        self._keys = Kept(lambda: fetcher.json(cloud.keys))

    async def check(self, authorization: str, service: str) -> None:
        """Return where Teams has sent this, from that service address.

        Raises:
            TokenRefused: the token is missing, of others, for others, expired, or of another service address.
            ProviderUnavailable: the keys are not to be had.
        """
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise TokenRefused("there is no token")
        said = await verified(
            token.strip(),
            self._keys,
            self._cloud.issuer,
            self._app,
            required=_REQUIRED,
            endorsed_for=_CHANNEL,
        )
        claimed = said.get("serviceurl")
        if not isinstance(claimed, str) or not claimed or claimed.rstrip("/") != service.rstrip("/"):
            raise TokenRefused("the token is of another service address than the activity")

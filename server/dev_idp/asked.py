"""What a program asks the development provider for, checked before anybody is shown anything."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from urllib.parse import urlsplit

from server.dev_idp.issuing import CLIENT_ID
from server.entrance import RETURN_PATH
from server.errors import SignInFailed
from server.origins import is_loopback_host

_LONGEST = 512


@dataclass(frozen=True, slots=True)
class Authorization:
    """An authorization request of OpenID Connect."""

    client_id: str
    redirect_uri: str
    response_type: str
    scope: str
    state: str
    nonce: str
    code_challenge: str
    code_challenge_method: str

    @property
    def return_origin(self) -> str:
        """Where the answer goes, as a content security policy names it."""
        parts = urlsplit(self.redirect_uri)
        return f"{parts.scheme}://{parts.netloc}"

    def parameters(self) -> dict[str, str]:
        """The request again, by the names of its parameters."""
        return asdict(self)


def authorization(given: Mapping[str, str], host: str) -> Authorization:
    """The request.

    Args:
        host: what this provider is reached as; only a program there, or on this machine, is answered.

    Raises:
        SignInFailed: it is not one that is answered; the message says why.
    """
    asked = Authorization(
        **{each.name: given.get(each.name, "")[:_LONGEST] for each in fields(Authorization)}
    )
    try:
        back = urlsplit(asked.redirect_uri)
    except ValueError:
        back = urlsplit("")
    is_near = back.scheme in ("http", "https") and (back.netloc == host or is_loopback_host(back.netloc))
    if not is_near or back.path != RETURN_PATH or back.query or back.fragment:
        raise SignInFailed(
            f"this provider sends nobody to {asked.redirect_uri!r}; it serves programs on this machine, at"
            f" {RETURN_PATH}"
        )
    for name, wanted in (
        ("client_id", CLIENT_ID),
        ("response_type", "code"),
        ("code_challenge_method", "S256"),
    ):
        if getattr(asked, name) != wanted:
            raise SignInFailed(f"{name} is {getattr(asked, name)!r}; it must be {wanted!r}")
    if "openid" not in asked.scope.split() or not asked.state or len(asked.code_challenge) != 43:
        raise SignInFailed("scope must hold 'openid', and state and code_challenge must be there")
    return asked

"""Each person's own authorisation over RFC: their certificate or logon ticket, and nobody else's session."""

from __future__ import annotations

import base64
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final, Literal, TypeAlias

from erp_adapters.errors import ErpRefused
from erp_adapters.http import Secret
from erp_adapters.sap_rfc.client import Client
from erp_adapters.sap_rfc.connection import SYSTEM, Logon, SignsIn

By: TypeAlias = Literal["x509", "ticket"]
_KEPT: Final = 16
"""People whose sessions are kept at once."""
_PARAMETER: Final[Mapping[By, str]] = {"x509": "x509cert", "ticket": "mysapsso2"}
_MEANS: Final[Mapping[By, str]] = {
    "x509": "X.509 certificate over SNC", "ticket": "SAP logon ticket",
}  # fmt: skip


def means_of(by: By) -> str:
    """What a way of signing in is called where a connection is shown."""
    return _MEANS[by]


@dataclass(frozen=True, slots=True)
class Person:
    """Who somebody is in SAP, and what shows it."""

    user: str
    """Their user there: a session of anybody else is not used."""
    credential: Callable[[], Secret]
    """Their certificate as PEM, or their ticket; asked for at each logon, since a ticket lasts for hours."""


@dataclass(frozen=True, slots=True)
class OwnRights:
    """How people sign in, by their subjects here."""

    by: By
    people: Mapping[str, Person]

    @property
    def means(self) -> str:
        """What it is called where the connection is shown."""
        return means_of(self.by)

    def person(self, subject: str) -> Person:
        """Who the person is in SAP.

        Raises:
            ErpRefused: nobody said; another user's rights are never used instead.
        """
        if subject not in self.people:
            raise ErpRefused(
                f"nobody said who {subject!r} is in {SYSTEM}, and nothing is written with another's rights:"
                " add them under `own.people` of the system in the file of systems"
            )
        return self.people[subject]


class Writers:
    """Sessions that documents are written in: each requester's own, where that is set up."""

    def __init__(self, technical: Client, logon: Logon, own: OwnRights | None, call_s: float) -> None:
        self._technical, self._logon, self._own, self._call_s = technical, logon, own, call_s
        self._clients: OrderedDict[str, Client] = OrderedDict()

    def of(self, requester: str) -> Client:
        """Sessions in which to write what the person asked for.

        Raises:
            ErpRefused: nobody said who they are in SAP.
        """
        if self._own is None:
            return self._technical
        person = self._own.person(requester)
        if requester not in self._clients:
            logon = replace(
                self._logon,
                user="",
                password=Secret(""),
                signs_in=SignsIn(requester, person.user, lambda: self._shown(requester)),
            )
            self._clients[requester] = Client(logon, self._technical.library, call_s=self._call_s, sessions=1)
            if len(self._clients) > _KEPT:
                # Somebody may be writing in it at this moment: what is in use ends by itself.
                _, oldest = self._clients.popitem(last=False)
                oldest.rest()
        self._clients.move_to_end(requester)
        return self._clients[requester]

    def _shown(self, requester: str) -> Mapping[str, str]:
        """What the library is given in place of a user and a password."""
        assert self._own is not None
        held = self._own.person(requester).credential().reveal()
        value = _certificate(held, requester) if self._own.by == "x509" else "".join(held.split())
        return {_PARAMETER[self._own.by]: value}

    async def close(self) -> None:
        """End every session that is not in use."""
        for client in self._clients.values():
            await client.close()
        self._clients.clear()


def _certificate(pem: str, requester: str) -> str:
    """The certificate as the library takes it: DER in Base64, and nothing of a key that may stand beside it.

    Raises:
        ErpRefused: there is none, or it holds today for nobody.
    """
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import Encoding

    try:
        found = x509.load_pem_x509_certificate(pem.encode())
    except ValueError as error:
        raise ErpRefused(
            f"what stands for {requester!r} is no certificate as PEM; nobody else's rights are used"
        ) from error
    now = datetime.now(UTC)
    if not found.not_valid_before_utc <= now < found.not_valid_after_utc:
        raise ErpRefused(
            f"the certificate of {requester!r} holds from {found.not_valid_before_utc:%Y-%m-%d} until"
            f" {found.not_valid_after_utc:%Y-%m-%d}, and not today; nobody else's rights are used"
        )
    return base64.b64encode(found.public_bytes(Encoding.DER)).decode()

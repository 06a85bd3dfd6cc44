"""How the stand-in lets users in: a password, SNC, a certificate over SNC, or a logon ticket, as SAP does.

It says no to what SAP does: a certificate without SNC, or over the line of a program that may not hand one on
(SNCSYSACL), one that maps to nobody (CERTRULE) or has ended, a ticket that has ended or that nobody issued.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from cryptography import x509

SYSTEM_NAME = "p:CN=STI, O=Works, C=DE"
PROGRAM = "p:CN=PLANTWRIGHT, O=Works, C=DE"
"""The program's SNC name; it may hand on certificates, and signs in as COPILOT by itself."""
OTHER_PROGRAM = "p:CN=PRINTER, O=Works, C=DE"
"""Known too, and may hand on none."""
_ACCESS = {PROGRAM: True, OTHER_PROGRAM: False}
_PROGRAM_IS = "COPILOT"
_SUBJECTS = {
    "CN=Planner of Kassel,O=Works,C=DE": "PKASSEL",
    "CN=Planner of Hamm,O=Works,C=DE": "PHAMM",
}
WRONG = "Name or password is incorrect (repeat logon)"


class Signing:
    """Who is let in, and why somebody is not."""

    def __init__(self) -> None:
        self.takes_certificates = True
        """False: an old gateway that drops the certificate and lets the line in by SNC alone."""
        self._tickets: dict[str, tuple[str, datetime]] = {}

    def ticket(self, user: str, hours: float) -> str:
        """A ticket of a user."""
        made = secrets.token_urlsafe(24)
        self._tickets[made] = user, datetime.now(UTC) + timedelta(hours=hours)
        return made

    def user_of(self, given: Mapping[str, str], passwords: Mapping[str, str]) -> tuple[str, str]:
        """The user whose session it becomes, or nobody and why."""
        if given.get("mysapsso2"):
            return self._by_ticket(given["mysapsso2"])
        if given.get("x509cert") and self.takes_certificates:
            return self._by_certificate(given)
        user = given.get("user", "").upper()
        if user or given.get("passwd"):
            held = passwords.get(user)
            return (user, "") if held is not None and given.get("passwd") == held else ("", WRONG)
        if self._is_snc(given):
            return (
                (_PROGRAM_IS, "") if given["snc_myname"] == PROGRAM else ("", "No user exists with SNC name")
            )
        return "", WRONG

    def _is_snc(self, given: Mapping[str, str]) -> bool:
        names = given.get("snc_myname"), given.get("snc_partnername")
        return given.get("snc_mode") == "1" and names[0] in _ACCESS and names[1] == SYSTEM_NAME

    def _by_ticket(self, ticket: str) -> tuple[str, str]:
        user, ends = self._tickets.get(ticket, ("", datetime.now(UTC)))
        if not user:
            return "", "SSO logon not possible; the issuing system of the logon ticket is not trusted"
        return (
            (user, "")
            if ends > datetime.now(UTC)
            else ("", "SSO logon not possible; logon ticket has expired")
        )

    def _by_certificate(self, given: Mapping[str, str]) -> tuple[str, str]:
        if not self._is_snc(given):
            return "", "Logon with an X.509 certificate needs SNC"
        if not _ACCESS[given["snc_myname"]]:
            return "", "The partner may not log on others with X.509 certificates (SNCSYSACL)"
        try:
            found = x509.load_der_x509_certificate(base64.b64decode(given["x509cert"], validate=True))
        except ValueError:
            return "", "The X.509 certificate cannot be read"
        if not found.not_valid_before_utc <= datetime.now(UTC) < found.not_valid_after_utc:
            return "", "The X.509 certificate is not valid today"
        subject = ",".join(part.rfc4514_string() for part in reversed(list(found.subject.rdns)))
        user = _SUBJECTS.get(subject, "")
        return (user, "") if user else ("", f"No user is assigned to the certificate {subject}")

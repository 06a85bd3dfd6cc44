"""What SAP is told of a person: a SAML assertion that this program signs and SAP trusts."""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import uuid4
from xml.sax.saxutils import escape

from erp_adapters.errors import ConfigurationError
from erp_adapters.http import Secret
from erp_adapters.signing_key import signing_key

_ASSERTION_HOLDS: Final = timedelta(minutes=5)
_SKEW: Final = timedelta(seconds=60)
_SAML: Final = "urn:oasis:names:tc:SAML:2.0:assertion"
_SIGNATURE: Final = "http://www.w3.org/2000/09/xmldsig#"
_CANONICAL: Final = "http://www.w3.org/2001/10/xml-exc-c14n#"
_ENVELOPED: Final = "http://www.w3.org/2000/09/xmldsig#enveloped-signature"
_RSA: Final = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
_SHA: Final = "http://www.w3.org/2001/04/xmlenc#sha256"


def assertion(*, issuer: str, audience: str, recipient: str, person: str, key: Secret) -> str:
    """A signed SAML 2.0 assertion that names the person, for one token endpoint and a few minutes.

    It is written in its canonical form, so that what is signed is what is sent.

    Raises:
        ConfigurationError: the key is no private RSA key.
    """
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import padding, rsa

    held = signing_key(key)
    if not isinstance(held, rsa.RSAPrivateKey):
        raise ConfigurationError("the key of `own` in the file of systems is no RSA key, which SAP asks for")
    now = datetime.now(UTC)
    number = f"_{uuid4().hex}"
    begins, ends = _instant(now - _SKEW), _instant(now + _ASSERTION_HOLDS)
    head = (
        f'<saml2:Assertion xmlns:saml2="{_SAML}" ID="{number}" IssueInstant="{_instant(now)}" Version="2.0">'
        f"<saml2:Issuer>{escape(issuer)}</saml2:Issuer>"
    )
    tail = (
        '<saml2:Subject><saml2:NameID Format="urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified">'
        f"{escape(person)}</saml2:NameID>"
        '<saml2:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer">'
        f'<saml2:SubjectConfirmationData NotOnOrAfter="{ends}" Recipient={_attribute(recipient)}>'
        "</saml2:SubjectConfirmationData></saml2:SubjectConfirmation></saml2:Subject>"
        f'<saml2:Conditions NotBefore="{begins}" NotOnOrAfter="{ends}"><saml2:AudienceRestriction>'
        f"<saml2:Audience>{escape(audience)}</saml2:Audience></saml2:AudienceRestriction>"
        "</saml2:Conditions>"
        f'<saml2:AuthnStatement AuthnInstant="{_instant(now)}"><saml2:AuthnContext>'
        "<saml2:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:X509</saml2:AuthnContextClassRef></saml2:AuthnContext>"
        "</saml2:AuthnStatement></saml2:Assertion>"
    )
    digest = base64.b64encode(hashlib.sha256((head + tail).encode()).digest()).decode()
    info = (
        f'<ds:CanonicalizationMethod Algorithm="{_CANONICAL}"></ds:CanonicalizationMethod>'
        f'<ds:SignatureMethod Algorithm="{_RSA}"></ds:SignatureMethod><ds:Reference URI="#{number}">'
        f'<ds:Transforms><ds:Transform Algorithm="{_ENVELOPED}"></ds:Transform>'
        f'<ds:Transform Algorithm="{_CANONICAL}"></ds:Transform></ds:Transforms>'
        f'<ds:DigestMethod Algorithm="{_SHA}"></ds:DigestMethod><ds:DigestValue>{digest}</ds:DigestValue>'
        "</ds:Reference></ds:SignedInfo>"
    )
    signed = f'<ds:SignedInfo xmlns:ds="{_SIGNATURE}">{info}'.encode()
    value = base64.b64encode(held.sign(signed, padding.PKCS1v15(), hashes.SHA256())).decode()
    signature = (
        f'<ds:Signature xmlns:ds="{_SIGNATURE}"><ds:SignedInfo>{info}'
        f"<ds:SignatureValue>{value}</ds:SignatureValue></ds:Signature>"
    )
    return head + signature + tail


def _instant(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _attribute(text: str) -> str:
    # As canonical XML has it, which leaves `>` alone.
    return '"' + text.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;") + '"'

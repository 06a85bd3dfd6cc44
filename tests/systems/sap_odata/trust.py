"""Whom the stand-in believes."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from xml.etree import ElementTree

CLIENT, CLIENT_SECRET, AUDIENCE = "plantwright", "a-secret-of-this-test", "S4H_100"


def believed(encoded: str, certified: str, recipient: str) -> tuple[str | None, str]:
    """Who a SAML assertion speaks for, or why it is not believed: signature, audience, recipient, time."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import padding, rsa

    saml, ds = "{urn:oasis:names:tc:SAML:2.0:assertion}", "{http://www.w3.org/2000/09/xmldsig#}"
    text = base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)).decode()
    root = ElementTree.fromstring(text)
    signature = root.find(f"{ds}Signature")
    if signature is None:
        return None, "the assertion is not signed"
    info = signature.find(f"{ds}SignedInfo")
    assert info is not None
    key = serialization.load_pem_public_key(certified.encode())
    assert isinstance(key, rsa.RSAPublicKey)
    try:
        signed = ElementTree.canonicalize(ElementTree.tostring(info, "unicode")).encode()
        signed = re.sub(rb"(</?)ns\d+:", rb"\1ds:", re.sub(rb"xmlns:ns\d+=", b"xmlns:ds=", signed))
        key.verify(
            base64.b64decode(signature.findtext(f"{ds}SignatureValue") or ""),
            signed,
            padding.PKCS1v15(),
            hashes.SHA256(),
        )
    except InvalidSignature:
        return None, "the signature does not hold"
    # The canonical form of what is signed: the assertion as it was sent, without its signature.
    bare = re.sub(r"<ds:Signature .*</ds:Signature>", "", text, flags=re.DOTALL)
    digest = hashlib.sha256(ElementTree.canonicalize(bare).encode()).digest()
    if base64.b64encode(digest).decode() != info.findtext(f".//{ds}DigestValue"):
        return None, "the digest does not hold"
    now = datetime.now(UTC)
    confirmation, conditions = root.find(f".//{saml}SubjectConfirmationData"), root.find(f"{saml}Conditions")
    assert confirmation is not None
    assert conditions is not None
    if confirmation.get("Recipient") != recipient:
        return None, f"the assertion is for {confirmation.get('Recipient')}"
    if root.findtext(f".//{saml}Audience") != AUDIENCE:
        return None, "the assertion is for another audience"
    if (
        not datetime.fromisoformat(conditions.get("NotBefore", ""))
        <= now
        < datetime.fromisoformat(conditions.get("NotOnOrAfter", ""))
    ):
        return None, "the assertion is out of its time"
    return root.findtext(f".//{saml}NameID"), ""


def vouched_for(form: Mapping[str, str], certified: str, recipient: str) -> tuple[str | None, str]:
    """Whom a token that is to be exchanged (RFC 8693) speaks for, or why it is not believed."""
    import jwt

    kinds = "urn:ietf:params:oauth:token-type:"
    if form.get("subject_token_type") != f"{kinds}jwt":
        return None, "the subject token is of another type"
    if form.get("requested_token_type") != f"{kinds}access_token" or form.get("audience") != AUDIENCE:
        return None, "the exchange is for another audience"
    try:
        claims = jwt.decode(
            form.get("subject_token", ""), certified, ["RS256", "ES256"], audience=recipient,
            issuer="plantwright & co", options={"require": ["exp", "iat", "nbf", "sub", "jti"]},
        )  # fmt: skip
    except jwt.PyJWTError as error:
        return None, f"the subject token is not believed: {error}"
    return str(claims["sub"]), ""

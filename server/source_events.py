"""Events of connected systems: CloudEvents of what has changed there, believed only with a signature."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from erp_adapters.ports import Capability
from server.errors import NotJson, NotSignedIn, UsageError

STRUCTURED: Final = "application/cloudevents+json"
BINARY: Final = "application/json"
WINDOW_S: Final = 300
"""A message that was signed longer ago, or will be, is refused."""
MOST_BYTES: Final = 64 * 1024
KIND: Final = "plantwright.source.changed"
_UNSIGNED: Final = (
    "no events are taken for a system of that name, or the signature is not right: it is over"
    " `webhook-id.webhook-timestamp.body`, with the secret that `events` of the file of systems names"
)


class Changed(BaseModel):
    """What has changed in the system."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    site: Annotated[str, Field(min_length=1, max_length=64)]
    """As the system calls it; it must be one that is read of this system."""
    parts: Annotated[tuple[Capability, ...], Field(min_length=1, max_length=len(Capability))]
    """Such as `stock`; each is read as soon as a worker comes to it."""


class CloudEvent(BaseModel):
    """A CloudEvent of version 1.0 in structured mode; further attributes are let be."""

    model_config = ConfigDict(extra="allow", frozen=True)

    specversion: Literal["1.0"]
    id: Annotated[str, Field(min_length=1, max_length=200)]
    source: Annotated[str, Field(min_length=1, max_length=500)]
    type: Literal["plantwright.source.changed"]
    data: Changed


@dataclass(frozen=True, slots=True)
class Taken:
    """An event whose sender is believed."""

    id: str
    """Unique for this sender; a second of the same id is the first again."""
    changed: Changed


def believed(headers: Mapping[str, str], body: bytes, secret: bytes | None, now: float) -> str:
    """The id of a message that is signed with the secret and not older than a few minutes.

    Raises:
        NotSignedIn: it is not; the message says the same whatever is wrong with the sender.
    """
    message, stamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    given = headers.get("webhook-signature", "").split()
    if secret is None or not 1 <= len(message) <= 200 or not given:
        raise NotSignedIn(_UNSIGNED)
    content = f"{message}.{stamp}.".encode() + body
    wanted = hmac.new(secret, content, hashlib.sha256).digest()
    if not any(_is(each, wanted) for each in given[:8]):
        raise NotSignedIn(_UNSIGNED)
    # Only whoever has the secret is told about clocks.
    if not stamp.isascii() or not stamp.isdigit() or abs(int(stamp) - now) > WINDOW_S:
        raise NotSignedIn(
            f"the message was signed at {stamp[:20]!r}, more than {WINDOW_S} s from this machine's clock;"
            " sign it anew when it is sent"
        )
    return message


def _is(signature: str, wanted: bytes) -> bool:
    version, _, encoded = signature.partition(",")
    try:
        return version == "v1" and hmac.compare_digest(base64.b64decode(encoded, validate=True), wanted)
    except (binascii.Error, ValueError):
        return False


def key_of(text: str) -> bytes:
    """The secret as bytes: `whsec_` and base64, or the text itself."""
    if text.startswith("whsec_"):
        try:
            return base64.b64decode(text.removeprefix("whsec_"), validate=True)
        except binascii.Error:
            return text.encode()
    return text.encode()


def taken(message: str, headers: Mapping[str, str], body: bytes) -> Taken:
    """The event in a message: structured, or binary with its attributes as headers and its data as the body.

    Raises:
        NotJson: it has another content type.
        UsageError: it is no such event; names the place.
    """
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in (STRUCTURED, BINARY):
        raise NotJson(f"send the event as {STRUCTURED}, or its data as {BINARY} with the `ce-` headers")
    try:
        held = json.loads(body)
    except ValueError as error:
        raise UsageError("the body is no JSON") from error
    if kind == BINARY:
        names = ("specversion", "id", "source", "type")
        held = {**{name: headers[f"ce-{name}"] for name in names if f"ce-{name}" in headers}, "data": held}
    try:
        event = CloudEvent.model_validate(held)
    except ValidationError as error:
        raise UsageError(_said(error.errors())) from error
    # The headers of binary mode are not signed, but the id of the message is.
    return Taken(message if kind == BINARY else event.id, event.data)


def _said(errors: Sequence[Mapping[str, object]]) -> str:
    first = errors[0]
    place = ".".join(str(part) for part in first["loc"]) if isinstance(first["loc"], tuple) else ""
    return f"{place}: {first['msg']}" if place else str(first["msg"])

"""Webhooks over HTTP: who is told of explanations, and what became of each message."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from policies.announcing import EventName
from server.idempotency import OnceWithSecret
from server.identity import Asker, OpenDesk
from server.paging import Limit
from server.webhooks.book import Delivery, DeliveryState, Webhook

router = APIRouter(prefix="/v1/webhooks", tags=["webhooks"], route_class=OnceWithSecret)

_Site = Annotated[str, Field(min_length=1, max_length=64)]


class Subscribed(BaseModel):
    """Which address is told of what."""

    model_config = ConfigDict(extra="forbid")

    address: Annotated[str, Field(min_length=1, max_length=500)]
    """https; in a demo home also http of this machine. Redirects are not followed."""
    events: Annotated[tuple[EventName, ...], Field(min_length=1, max_length=10)]
    sites: Annotated[tuple[_Site, ...], Field(max_length=200)] = ()
    """Codes; all of one's own where none are named."""


class WebhookShown(BaseModel):
    """A subscription; what its messages are signed with is told only when it is made or rotated."""

    id: str
    address: str
    events: tuple[str, ...]
    sites: tuple[str, ...]
    made_by: str
    made_at: str
    old_secret_until: str | None
    """Until then messages are signed with the secret before as well."""
    ended_by: str | None
    ended_at: str | None


class WebhookWithSecret(WebhookShown):
    """The same with its secret, this once."""

    secret: str | None
    """Null where the request was answered before under its `Idempotency-Key`: rotate it for another."""


class WebhookList(BaseModel):
    """Subscriptions."""

    webhooks: tuple[WebhookShown, ...]


class DeliveryShown(BaseModel):
    """One message on its way to one address."""

    event: str
    """The message's `webhook-id`, the same in each attempt."""
    kind: str
    state: DeliveryState
    """`dead` where it was given up."""
    attempts: int
    due_at: str | None
    """When it is tried next."""
    status: int | None
    """What the address answered last."""
    why: str | None
    """Why the last attempt failed."""
    made_at: str
    ended_at: str | None


class DeliveryList(BaseModel):
    """Messages."""

    deliveries: tuple[DeliveryShown, ...]


@router.get("")
async def listed(caller: Asker, desk: OpenDesk) -> WebhookList:
    """The subscriptions about the caller's sites, newest first."""
    return WebhookList(webhooks=tuple(map(_shown, await desk.webhooks.list(caller))))


@router.post("", status_code=201)
async def subscribe(body: Subscribed, caller: Asker, desk: OpenDesk) -> WebhookWithSecret:
    """A new subscription, with the secret that its messages are signed with; it is told this once."""
    made, secret = await desk.webhooks.subscribe(caller, body.address, body.events, frozenset(body.sites))
    return WebhookWithSecret(**_shown(made).model_dump(), secret=secret)


@router.post("/{webhook}/rotate")
async def rotate(webhook: UUID, caller: Asker, desk: OpenDesk) -> WebhookWithSecret:
    """Another secret, told this once; for a day messages are signed with the one before as well."""
    made, secret = await desk.webhooks.rotate(caller, webhook)
    return WebhookWithSecret(**_shown(made).model_dump(), secret=secret)


@router.post("/{webhook}/end")
async def end(webhook: UUID, caller: Asker, desk: OpenDesk) -> WebhookShown:
    """The subscription as ended: nothing more is sent to it."""
    return _shown(await desk.webhooks.end(caller, webhook))


@router.get("/{webhook}/deliveries")
async def deliveries(webhook: UUID, caller: Asker, desk: OpenDesk, limit: Limit = 50) -> DeliveryList:
    """What was sent to it and what became of that, newest first."""
    found = await desk.webhooks.deliveries(caller, webhook, limit=limit)
    return DeliveryList(deliveries=tuple(map(_delivery, found)))


@router.post("/{webhook}/deliveries/{event}/again", status_code=202)
async def again(webhook: UUID, event: UUID, caller: Asker, desk: OpenDesk) -> DeliveryList:
    """Send once more a message that was given up, under the same id."""
    await desk.webhooks.again(caller, webhook, event)
    found = await desk.webhooks.deliveries(caller, webhook, limit=200)
    return DeliveryList(deliveries=tuple(_delivery(each) for each in found if each.event == event))


def _shown(of: Webhook) -> WebhookShown:
    return WebhookShown(
        id=str(of.id),
        address=of.address,
        events=tuple(of.events),
        sites=tuple(of.sites),
        made_by=of.made_by,
        made_at=of.made_at.isoformat(),
        old_secret_until=of.old_until.isoformat() if of.old_until else None,
        ended_by=of.ended_by or None,
        ended_at=of.ended_at.isoformat() if of.ended_at else None,
    )


def _delivery(of: Delivery) -> DeliveryShown:
    return DeliveryShown(
        event=str(of.event),
        kind=of.kind,
        state=of.state,
        attempts=of.attempts,
        due_at=of.due_at.isoformat() if of.state == "pending" else None,
        status=of.status,
        why=of.why or None,
        made_at=of.made_at.isoformat(),
        ended_at=of.ended_at.isoformat() if of.ended_at else None,
    )

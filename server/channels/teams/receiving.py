"""The address that Teams sends activities to: checked, kept, and acknowledged before anything is done."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext

from fastapi import Request
from fastapi.responses import JSONResponse, Response

from server.channels.teams.activities import NoActivity, Unread, heard, parsed
from server.channels.teams.clouds import Cloud, service_of
from server.channels.teams.connector import Teams
from server.channels.teams.own_tokens import Registration
from server.channels.teams.tokens import ActivityTokens
from server.errors import NotSignedIn, UsageError
from server.oidc.claims import TokenRefused

log = logging.getLogger("plantwright.channels.teams")

NOT_SIGNED = "this request is not one that Teams has signed for this program"


class Receiving:
    """Takes what Teams sends to one registration.

    Args:
        registration: whom it must be for, and of which directory.
        cloud: who signs it.
        teams: takes what is good.
        acknowledging: entered while Teams waits.
    """

    def __init__(
        self,
        registration: Registration,
        cloud: Cloud,
        teams: Teams,
        acknowledging: Callable[[], AbstractContextManager[None]] = nullcontext,
    ) -> None:
        self._registration = registration
        self._cloud = cloud
        self._teams = teams
        self._acknowledging = acknowledging
        self._tokens = ActivityTokens(cloud, registration.app)

    async def received(self, request: Request) -> Response:
        """Teams' answer, once what it sent is kept: nothing is acknowledged that could still be lost."""
        with self._acknowledging():
            said = await self.receive(await request.body(), request.headers.get("authorization", ""))
        return Response(status_code=200) if said is None else JSONResponse(said)

    async def receive(self, body: bytes, authorization: str) -> Mapping[str, object] | None:
        """What an action is answered with; None where nothing is to be said.

        Raises:
            NotSignedIn: it is not signed by Teams, or is of another directory; the log says what is wrong.
            UsageError: it is no activity.
            StoreUnavailable: it could not be kept; Teams may send it again.
        """
        said = _object(body)
        service = said.get("serviceUrl")
        try:
            await self._tokens.check(authorization, service if isinstance(service, str) else "")
            service_of(str(service), self._cloud)
        except (TokenRefused, UsageError) as error:
            log.warning("an activity is refused: %s", error)
            raise NotSignedIn(NOT_SIGNED) from error
        try:
            activity = parsed(said)
        except NoActivity as error:
            raise UsageError(f"this is no activity of Teams: {error}") from error
        if activity.channel_id != "msteams" or activity.recipient.id != f"28:{self._registration.app}":
            raise UsageError("this activity is not of Teams, or not for this program")
        if activity.tenant.lower() != self._registration.tenant.lower():
            log.warning("an activity of another directory is refused")
            raise NotSignedIn(NOT_SIGNED)
        # Other actions, such as a sign-in's, never reach the package, which would act on them by itself.
        if isinstance(heard(activity), Unread) and activity.name != "adaptiveCard/action":
            return None
        return await self._teams.receive(said, authorization.partition(" ")[2].strip())


def _object(body: bytes) -> Mapping[str, object]:
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        raise UsageError("the body is no JSON in UTF-8") from None
    if not isinstance(said, Mapping):
        raise UsageError("the body is no JSON object")
    return said

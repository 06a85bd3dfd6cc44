"""Microsoft's package for Teams, behind this program's port for channels; nothing else imports it."""

from __future__ import annotations

import asyncio
import logging
import re
import warnings
from collections.abc import Awaitable, Callable, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from erp_adapters.errors import ConfigurationError
from server.channels.records import Account, Content, Incoming, Note, Place, Platform, Reply
from server.channels.teams.activities import Reference, heard, parsed
from server.channels.teams.cards import Element, rendered, summary_of
from server.channels.teams.clouds import Cloud, service_of
from server.channels.teams.guests import OUTSIDE, Guests
from server.channels.teams.own_tokens import OwnTokens, Registration
from server.errors import ChannelUnavailable, UsageError
from server.settings import keep_dotenv_out
from tools.languages import said, speaking
from tools.languages.locales import language_for

if TYPE_CHECKING:
    from fastapi import FastAPI
    from microsoft_teams.api import TeamsChannelAccount
    from microsoft_teams.api.clients.conversation import ConversationClient
    from microsoft_teams.apps import ActivityContext, App

    from server.channels.floor import Floor

log = logging.getLogger("plantwright.channels.teams")

PATIENCE_S: Final = 10.0
MOST_MEMBERS: Final = 200
_MOST_SERVICES: Final = 50
PATH: Final = "/v1/channels/teams"
_CARD: Final = "application/vnd.microsoft.card.adaptive"
_MESSAGE: Final = "application/vnd.microsoft.activity.message"
_CHANNELS: Final = re.compile(r"@thread\.(?:tacv2|skype)$")
"""Conversations that have threads."""
NOT_HERE: Final = "I have something to tell you alone: write to me directly."


class Teams:
    """Teams as a channel: passes on what is said there, and posts.

    Args:
        registration: as whom.
        cloud: whose hosts are written to.
    """

    platform: Final[Platform] = "teams"

    def __init__(self, registration: Registration, cloud: Cloud) -> None:
        self._registration = registration
        self._cloud = cloud
        self._tokens = OwnTokens(registration, cloud)
        self._take: Callable[[Incoming], Awaitable[bool]] | None = None
        self._service = cloud.service
        """Of whoever nothing is kept of: where the last activity came from."""
        self._made: App | None = None
        self._making = asyncio.Lock()
        self._guests = Guests(registration.tenant)
        self._there: dict[str, ConversationClient] = {}
        """The package's client for each service address: it takes longer to make than to call."""

    def offer(self, app: FastAPI, floor: Floor) -> None:
        """Teams sends everything to `/v1/channels/teams`."""
        # What checks requests hands them to this class: it is built on this file.
        from server.channels.teams.receiving import Receiving

        # Loaded before the first activity comes, which is to be acknowledged within a second.
        loaded()
        self._take = floor.take
        received = Receiving(self._registration, self._cloud, self, floor.acknowledging).received
        app.add_route(PATH, received, methods=["POST"], include_in_schema=False)

    async def receive(self, body: Mapping[str, object], token: str) -> Mapping[str, object] | None:
        """Hand a checked activity to the package; what an action is answered with.

        Raises:
            UsageError: it is no activity of Teams as the package reads them.
        """
        from microsoft_teams.api.auth.json_web_token import JsonWebToken
        from microsoft_teams.apps.events import ActivityEvent, CoreActivity
        from pydantic import ValidationError

        on_request = (await self._app()).server.on_request
        assert on_request is not None, "the package listens once it is initialised"
        try:
            event = ActivityEvent(body=CoreActivity.model_validate(body), token=JsonWebToken(token))
            answered = await on_request(event)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            raise UsageError(f"this is no activity of Teams: {first['msg']}") from None
        return answered.body if isinstance(answered.body, Mapping) else None

    async def post(self, place: Place, content: Content) -> str:
        """What Teams calls the new message."""
        return await self._sent(place, content, "")

    async def update(self, place: Place, message: str, content: Content) -> None:
        """Show other content in a message."""
        await self._sent(place, content, message)

    async def privately(self, account: Account, place: Place, content: Content) -> None:
        """Tell one person: in their chat with this program, since a channel shows everybody everything."""
        if place.is_direct:
            await self.post(place, content)
            return
        try:
            await self.post(await self.direct(account, place.reference), content)
        except ChannelUnavailable as error:
            log.info("somebody could not be told alone: %s", error)
            await self.post(place, Note(said(NOT_HERE)))

    async def direct(self, account: Account, reference: str) -> Place:
        """The person's chat with this program."""
        from microsoft_teams.api import Account as Member
        from microsoft_teams.api import CreateConversationParams

        kept = Reference.kept(reference)
        service = self._checked(kept.service or self._service)
        chat = kept.chat
        if not chat:
            params = CreateConversationParams(
                members=[Member(id=kept.user or account.user)],
                tenant_id=self._registration.tenant,
                channel_data={"tenant": {"id": self._registration.tenant}},
            )
            there = await self._client(service)
            chat = str((await self._called(there.create(params))).id)
        reference = Reference(service=service, user=kept.user, chat=chat).model_dump_json()
        return Place(channel=chat, is_direct=True, reference=reference)

    async def is_outside(self, account: Account, place: Place) -> bool:
        """True of guests, of people of other directories, and of those who are in none (in a meeting)."""
        kept = Reference.kept(place.reference)
        if not account.user or account.tenant != self._registration.tenant or kept.role in OUTSIDE:
            return True

        async def asked() -> TeamsChannelAccount | None:
            there = await self._conversations(place)
            call = there.get_member_by_id(place.channel, kept.user or account.user)
            try:
                member: TeamsChannelAccount = await self._called(call)
            except _NotThere:
                return None
            return member

        return await self._guests.has(account.user, asked)

    async def members(self, place: Place) -> frozenset[str] | None:
        """Who reads along; None where there are too many, or guests and people of other directories."""
        there = await self._conversations(place)
        page = await self._called(there.get_paged_members(place.channel, MOST_MEMBERS))
        if page.continuation_token or any(self._guests.is_one(each) for each in page.members):
            return None
        return frozenset(str(each.aad_object_id).lower() for each in page.members)

    async def check(self) -> str:
        """As whom the program is there; raises ChannelUnavailable where it gets no token."""
        await self._tokens.token()
        return f"app {self._registration.app} of directory {self._registration.tenant}"

    async def close(self) -> None:
        """Let connections go."""
        if self._made is not None:
            for client in (self._made.http_client, self._made.api.http):
                await client.http.aclose()
            self._made = None
            self._there.clear()

    async def _app(self) -> App:
        """The package's application, once it is asked for: it takes a second to load."""
        async with self._making:
            if self._made is None:
                made = _application(self._registration, self._cloud, self._tokens)
                made.use(self._hear)
                await made.initialize()
                self._made = made
            return self._made

    async def _hear(self, context: ActivityContext[Any]) -> object:
        """What the package calls with each activity."""
        from microsoft_teams.api import InvokeResponse

        activity = parsed(context.activity.model_dump(by_alias=True, exclude_none=True, mode="json"))
        self._service = activity.service_url
        said_there = heard(activity)
        if isinstance(said_there, Incoming) and self._take is not None:
            await self._take(said_there)
        if activity.type != "invoke":
            return InvokeResponse(status=200)
        with speaking(language_for(str(getattr(context.activity, "locale", "") or ""))):
            words = (
                said("I am on it.")
                if isinstance(said_there, Incoming)
                else said("This is no button of mine.")
            )
        return InvokeResponse[Any](status=200, body={"statusCode": 200, "type": _MESSAGE, "value": words})

    async def _sent(self, place: Place, content: Content, message: str) -> str:
        """The message's name; its chart is put into it once drawn, which takes longer than to answer."""
        sent = await self._shown(place, content, rendered(content), message)
        shown = message or str(sent.id)
        if (picture := await _picture(content)) is not None:
            try:
                await self._shown(place, content, rendered(content, picture), shown)
            except ChannelUnavailable as error:
                log.warning("a chart is not shown in Teams: %s", error)
        return shown

    async def _shown(self, place: Place, content: Content, card: Element, message: str) -> Any:
        from microsoft_teams.api import Account as Sender
        from microsoft_teams.api import Attachment, ConversationAccount, MessageActivityInput

        conversation = _conversation(place)
        activity = MessageActivityInput(
            summary=summary_of(content),
            attachments=[Attachment(content_type=_CARD, content=card)],
            from_=Sender(id=self._registration.app),
            conversation=ConversationAccount(id=conversation, conversation_type="personal"),
        )
        conversations = await self._conversations(place)
        if message:
            activity.id = message
            return await self._called(conversations.update_activity(place.channel, message, activity))
        return await self._called(conversations.create_activity(conversation, activity))

    async def _conversations(self, place: Place) -> ConversationClient:
        """The package's client of where the place is."""
        return await self._client(self._checked(Reference.kept(place.reference).service or self._service))

    async def _client(self, service: str) -> ConversationClient:
        if service not in self._there:
            if len(self._there) >= _MOST_SERVICES:
                self._there.clear()
            self._there[service] = (await self._app()).api.clone(service_url=service).conversations
        return self._there[service]

    async def _called(self, call: Awaitable[Any]) -> Any:
        """What Teams answers; each refusal and each silence as what the floor knows."""
        import httpx

        try:
            return await call
        except httpx.HTTPStatusError as error:
            host, status = error.request.url.host, error.response.status_code
            kind = _NotThere if status == 404 else ChannelUnavailable
            raise kind(f"Teams: {host} answers with status {status}") from error
        except (httpx.HTTPError, httpx.InvalidURL, KeyError, ValueError) as error:
            raise ChannelUnavailable(f"Teams: {type(error).__name__}: {str(error)[:200]}") from error

    def _checked(self, service: str) -> str:
        try:
            return service_of(service, self._cloud)
        except UsageError as error:
            raise ChannelUnavailable(f"Teams: {error}") from error


class _NotThere(ChannelUnavailable):
    """Whatever was asked for is not in that conversation."""


async def _picture(content: Content) -> bytes | None:
    """The chart of an answer that may leave, as large as a message holds; None where there is none."""
    if not isinstance(content, Reply) or content.is_kept_back or not content.answer.charts:
        return None
    from server.channels.teams.pictures import picture_of

    # Drawing takes a tenth of a second, in which others are answered.
    return await asyncio.to_thread(picture_of, content.answer)


def _conversation(place: Place) -> str:
    """Where a message goes: in a channel under the thread's first one; elsewhere there are no threads."""
    if place.thread and _CHANNELS.search(place.channel):
        return f"{place.channel};messageid={place.thread}"
    return place.channel


def loaded() -> None:
    """Load the package, without a file of settings that it would read."""
    keep_dotenv_out()
    with warnings.catch_warnings():
        # It warns of a preview of its own that nothing here uses.
        warnings.simplefilter("ignore")
        import_module("microsoft_teams.apps")


def _application(registration: Registration, cloud: Cloud, tokens: OwnTokens) -> App:
    """The package's application: its own tokens, keys and settings from the environment are left out."""
    loaded()
    from microsoft_teams.api.auth.cloud_environment import PUBLIC, with_overrides
    from microsoft_teams.apps import App
    from microsoft_teams.common import ClientOptions

    async def token(scope: object, tenant: object) -> str:
        return await tokens.token()

    made = App(
        client_id=registration.app,
        tenant_id=registration.tenant,
        token=token,
        cloud=with_overrides(
            PUBLIC, login_endpoint=cloud.login, bot_scope=cloud.scope, token_issuer=cloud.issuer
        ),
        service_url=cloud.service,
        client=ClientOptions(timeout=PATIENCE_S),
        http_server_adapter=_Unserved(),
        messaging_endpoint=PATH,
        fetch_user_token=False,
        state=False,
        dangerously_allow_unauthenticated_requests=False,
    )
    if type(made.credentials).__name__ != "TokenCredentials":
        raise ConfigurationError(
            "the environment's CLIENT_SECRET would be taken for the secret of Teams: unset it"
        )
    return made


class _Unserved:
    """The package's way to a server: requests come through the service's own route, once they are checked."""

    def register_route(self, method: str, path: str, handler: object) -> None:
        """Nothing: the service has the route."""

    def serve_static(self, path: str, directory: str) -> None:
        """Nothing: the package serves no pages."""

    async def start(self, port: int) -> None:
        """Nothing: the service listens."""

    async def stop(self) -> None:
        """Nothing."""

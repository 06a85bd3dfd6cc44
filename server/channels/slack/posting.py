"""Posts to one workspace of Slack over its web API."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from server.channels.records import Account, Content, Place, Platform, Reply
from server.channels.slack.blocks import blocks_of
from server.errors import ChannelUnavailable

if TYPE_CHECKING:
    import aiohttp
    from fastapi import FastAPI
    from slack_sdk.web.async_client import AsyncWebClient

    from server.channels.floor import Floor

log = logging.getLogger(__name__)
PATH = "/v1/channels/slack"
_PATIENCE_S = 20
_MOST_MEMBERS = 200
"""In a channel with more people nobody is looked up: what is asked there is answered directly."""
_MEMBERS_KNOWN_S = 60.0
_NOT_THERE = frozenset({"not_in_channel", "channel_not_found", "user_not_in_channel", "is_archived"})


@dataclass(slots=True)
class SlackChannel:
    """One workspace, under the token of its bot.

    Args:
        token: of the bot.
        workspace: its id, `T…`: what comes from any other is refused.
        signing_secret: what Slack signs its requests with.
        api: where the web API is.
    """

    token: str
    workspace: str
    signing_secret: str
    api: str
    _client: AsyncWebClient | None = None
    _session: aiohttp.ClientSession | None = None
    _bot: str = ""
    _members: dict[str, tuple[float, frozenset[str] | None]] = field(default_factory=dict)
    _direct: dict[str, str] = field(default_factory=dict)

    @property
    def platform(self) -> Platform:
        """Slack."""
        return "slack"

    @property
    def client(self) -> AsyncWebClient:
        """The SDK's client; made where it is first needed, in a running loop."""
        if self._client is None:
            # Only where Slack is set: the SDK takes memory.
            import aiohttp
            from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler
            from slack_sdk.web.async_client import AsyncWebClient

            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=_PATIENCE_S))
            self._client = AsyncWebClient(
                self.token,
                base_url=self.api,
                timeout=_PATIENCE_S,
                session=self._session,
                retry_handlers=[AsyncRateLimitErrorRetryHandler(max_retry_count=2)],
            )
        return self._client

    async def post(self, place: Place, content: Content) -> str:
        """The new message's time stamp, which is its name."""
        made, notice = blocks_of(content)
        posted = await self._call(
            self.client.chat_postMessage(
                channel=place.channel,
                thread_ts=place.thread or None,
                text=notice,
                blocks=made,
                parse="none",
                link_names=False,
                unfurl_links=False,
                unfurl_media=False,
            )
        )
        if isinstance(content, Reply) and not content.is_kept_back:
            await self._draw(
                Place.model_validate({**place.model_dump(), "channel": posted["channel"]}), content
            )
        return str(posted["ts"])

    async def update(self, place: Place, message: str, content: Content) -> None:
        """Show other content in a message."""
        made, notice = blocks_of(content)
        await self._call(
            self.client.chat_update(
                channel=place.channel, ts=message, text=notice, blocks=made, parse="none", link_names=False
            )
        )

    async def privately(self, account: Account, place: Place, content: Content) -> None:
        """An ordinary message where nobody else reads along; otherwise one that only this person sees."""
        if place.is_direct:
            await self.post(place, content)
            return
        made, notice = blocks_of(content)
        try:
            await self._call(
                self.client.chat_postEphemeral(
                    channel=place.channel,
                    user=account.user,
                    thread_ts=place.thread or None,
                    text=notice,
                    blocks=made,
                    parse="none",
                    link_names=False,
                )
            )
        except _NotThere:
            await self.post(await self.direct(account, ""), content)

    async def direct(self, account: Account, reference: str) -> Place:
        """The direct messages with this person."""
        if account.user not in self._direct:
            opened = await self._call(self.client.conversations_open(users=[account.user]))
            self._direct[account.user] = str(opened["channel"]["id"])
        return Place(channel=self._direct[account.user], is_direct=True)

    async def is_outside(self, account: Account, place: Place) -> bool:
        """True of people of other organisations, whom only a shared channel lets in."""
        return place.is_shared and account.tenant != self.workspace

    async def members(self, place: Place) -> frozenset[str] | None:
        """Who reads along in a channel, looked up once a minute."""
        at, known = self._members.get(place.channel, (-_MEMBERS_KNOWN_S, None))
        if time.monotonic() - at < _MEMBERS_KNOWN_S:
            return known
        try:
            found = await self._call(
                self.client.conversations_members(channel=place.channel, limit=_MOST_MEMBERS)
            )
            people = frozenset(str(each) for each in found["members"]) - {await self.bot()}
            more = str((found.get("response_metadata") or {}).get("next_cursor") or "")
            members = None if more else people
        except _NotThere:
            members = None
        if len(self._members) > 1_000:
            self._members.clear()
        self._members[place.channel] = (time.monotonic(), members)
        return members

    async def bot(self) -> str:
        """The bot's own account."""
        if not self._bot:
            self._bot = str((await self._call(self.client.auth_test()))["user_id"])
        return self._bot

    def offer(self, app: FastAPI, floor: Floor) -> None:
        """Slack sends everything to `/v1/channels/slack`."""
        # What reads requests posts as well: it is built on this file.
        from server.channels.slack.receiving import SlackRequests

        app.add_route(PATH, SlackRequests(floor, self).received, methods=["POST"], include_in_schema=False)

    async def check(self) -> str:
        """As whom the token lets in, and where.

        Raises:
            ChannelUnavailable: it does not, or into another workspace.
        """
        found = await self._call(self.client.auth_test())
        if found["team_id"] != self.workspace:
            raise ChannelUnavailable(
                f"the token is for the workspace {found['team_id']!r}, and PLANTWRIGHT_SLACK_WORKSPACE says"
                f" {self.workspace!r}"
            )
        return f"{found.get('user', '')} in {found.get('team', '')} ({self.workspace})"

    async def close(self) -> None:
        """Let connections go."""
        if self._session is not None:
            await self._session.close()
            self._session = self._client = None

    async def _draw(self, place: Place, reply: Reply) -> None:
        """The answer's charts as pictures below it; without them the answer is still whole."""
        from server.charts.picture import pictures

        for title, alternative, data in await asyncio.to_thread(pictures, reply.answer):
            try:
                await self._call(
                    self.client.files_upload_v2(
                        file=data,
                        filename="chart.png",
                        title=title[:200],
                        alt_txt=alternative[:1_000],
                        channel=place.channel,
                        thread_ts=place.thread or None,
                    )
                )
            except ChannelUnavailable as error:
                log.warning("a chart is not shown in Slack: %s", error)

    async def _call(self, calling: Awaitable[Any]) -> Mapping[str, Any]:
        """What the API answers.

        Raises:
            ChannelUnavailable: it does not, or refuses.
        """
        import aiohttp
        from slack_sdk.errors import SlackApiError, SlackClientError

        try:
            answered: Mapping[str, Any] = await calling
        except SlackApiError as error:
            code = str(error.response.get("error", "")) if hasattr(error.response, "get") else ""
            kind = _NotThere if code in _NOT_THERE else ChannelUnavailable
            raise kind(f"Slack refuses it: {code or error}") from error
        except (SlackClientError, aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise ChannelUnavailable(f"Slack does not answer: {type(error).__name__}") from error
        return answered


class _NotThere(ChannelUnavailable):
    """The bot or the person is not in that channel."""

"""The chat platforms that are set: whether each lets the program in, and as whom."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

from erp_adapters.errors import CopilotError
from server.channels.opening import channels_of
from server.channels.port import Channel
from server.doctor.finding import Finding, World, broken, ok, warning
from server.errors import ChannelUnavailable
from server.settings import Settings


def channels(settings: Settings, world: World) -> Iterator[Finding]:
    """A finding for each platform; none where none is set."""
    try:
        # Which address may be called the service looks at when it starts; here it is only asked.
        named = channels_of(settings, is_demo=True)
    except CopilotError as error:
        yield broken("chat", str(error), "correct what it names; docs/slack.md, docs/teams.md")
        return
    for platform, channel in named.items():
        try:
            yield ok(platform, asyncio.run(_checked(channel, world.patience_s)))
        except (ChannelUnavailable, TimeoutError) as error:
            why = str(error) or f"no answer within {world.patience_s:.0f} s"
            yield broken(
                platform, why, f"mend what it says; until then nobody is answered (docs/{platform}.md)"
            )
    if named and not settings.public_url:
        yield warning(
            "chat", "messages hold no links into the panel", "set PLANTWRIGHT_PUBLIC_URL to its address"
        )


async def _checked(channel: Channel, patience_s: float) -> str:
    try:
        async with asyncio.timeout(patience_s):
            return await channel.check()
    finally:
        await channel.close()

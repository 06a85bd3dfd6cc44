"""The provider's documents: how long they are used, and how often they are asked for."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import pytest

from server.errors import ProviderUnavailable
from server.oidc.claims import Expected, TokenRefused, checked
from server.oidc.kept import Document, Kept
from tests.server.oidc.issuers import AUDIENCE, ISSUER, ec_key, jwk, listed, rsa_key, token


@dataclass
class Provider:
    """Counts how often it is asked, on a clock that tests turn."""

    now: float = 1000.0
    is_away: bool = False
    asked: int = 0
    document: Document = field(default_factory=listed)

    async def fetch(self) -> Document:
        self.asked += 1
        await asyncio.sleep(0)
        if self.is_away:
            raise ProviderUnavailable("away")
        return self.document

    def kept(self) -> Kept:
        return Kept(self.fetch, lambda: self.now)


async def test_it_is_asked_once_an_hour() -> None:
    """However many ask at the same time."""
    provider = Provider()
    keys = provider.kept()
    await asyncio.gather(*(keys.get() for _ in range(20)))
    assert provider.asked == 1
    provider.now += 3599
    await keys.get()
    assert provider.asked == 1
    provider.now += 2
    await asyncio.gather(*(keys.get() for _ in range(20)))
    assert provider.asked == 2


async def test_an_old_document_serves_for_an_hour_while_the_provider_is_away() -> None:
    """It is asked again every half minute; after that hour nobody signs in."""
    provider = Provider()
    keys = provider.kept()
    await keys.get()
    provider.is_away, provider.now = True, provider.now + 3601
    for _ in range(5):
        assert await keys.get() == provider.document
    assert provider.asked == 2
    provider.now += 31
    await keys.get()
    assert provider.asked == 3
    provider.now += 3600
    with pytest.raises(ProviderUnavailable):
        await keys.get()
    provider.is_away, provider.now = False, provider.now + 6
    assert await keys.get()


async def test_a_provider_that_never_answered_is_not_stormed() -> None:
    """Whoever asks within seconds of a failure is told the same."""
    provider = Provider(is_away=True)
    keys = provider.kept()
    for _ in range(5):
        with pytest.raises(ProviderUnavailable, match="away"):
            await keys.get()
    assert provider.asked == 1


async def test_a_new_key_is_found_and_unknown_ones_ask_twice_a_minute() -> None:
    """A provider changes keys without a word; tokens with invented keys do not make us ask on and on."""
    provider, expected = Provider(document=listed(jwk(rsa_key(), kid="r1"))), Expected(ISSUER, AUDIENCE)
    keys = provider.kept()
    assert await checked(token(), keys, expected)
    provider.document = listed(jwk(ec_key(), kid="e1"))
    made = token(key=ec_key(), algorithm="ES256", kid="e1")
    found = await asyncio.gather(*(checked(made, keys, expected) for _ in range(5)))
    assert (len(found), provider.asked) == (5, 2)
    for number in range(50):
        with pytest.raises(TokenRefused):
            await checked(token(kid=f"invented {number}"), keys, expected)
    assert provider.asked == 2
    provider.now += 31
    with pytest.raises(TokenRefused):
        await checked(token(kid="invented"), keys, expected)
    assert provider.asked == 3

"""Endpoints of an identity provider that are called, and those that would reach into a network."""

from __future__ import annotations

import pytest

from server.errors import ProviderUnavailable
from server.oidc.addresses import reached, usable

PUBLIC = "https://id.example"


@pytest.mark.parametrize(
    "url",
    [
        "http://id.example/keys",
        "ftp://id.example/keys",
        "file:///etc/passwd",
        "gopher://127.0.0.1/",
        "//id.example",
        "id.example",
        "https://",
        "https://user:pass@id.example/",
        "https://id.example:99999/",
        "http://localhost.evil.example/",
        "http://127.0.0.1.evil.example/",
        "https://[::1",
        "",
    ],
)
def test_only_https_is_usable(url: str) -> None:
    """With plain http for this machine alone."""
    with pytest.raises(ProviderUnavailable):
        usable(url)


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "[::1]",
        "10.0.0.7",
        "172.16.3.4",
        "192.168.1.1",
        "100.64.0.1",
        "169.254.169.254",
        "0.0.0.0",
        "[::]",
        "[fd00:ec2::254]",
        "[fe80::1]",
        "[::ffff:10.0.0.7]",
        "[::ffff:169.254.169.254]",
        "[64:ff9b::a00:7]",
        "[2002:a00:7::1]",
        "224.0.0.1",
        "240.0.0.1",
        "2130706433",
        "0x7f000001",
        "127.1",
    ],
)
async def test_a_document_cannot_point_into_a_network(host: str) -> None:
    """Whatever a discovery document says, in whatever spelling: only the issuer's own host may be there."""
    with pytest.raises(ProviderUnavailable):
        await reached(f"https://{host}/keys", PUBLIC)


@pytest.mark.parametrize("host", ["169.254.169.254", "[fe80::1]", "0.0.0.0", "[::ffff:169.254.169.254]"])
async def test_link_local_addresses_are_never_called(host: str) -> None:
    """Even where somebody sets such an issuer: credentials of clouds lie there."""
    with pytest.raises(ProviderUnavailable):
        await reached(f"https://{host}/keys", f"https://{host}")


async def test_an_issuer_within_the_network_is_called() -> None:
    """Its own host, and no other one of that network."""
    found = await reached("https://10.1.2.3/keys", "https://10.1.2.3")
    assert (found.url, found.host) == ("https://10.1.2.3:443/keys", "10.1.2.3")
    with pytest.raises(ProviderUnavailable, match="only the issuer's own host"):
        await reached("https://10.1.2.4/keys", "https://10.1.2.3")


async def test_the_address_that_was_looked_at_is_the_one_called() -> None:
    """The name is not looked up a second time, when it might stand for another."""
    found = await reached("http://localhost:8046/a?b=c", "http://localhost:8046")
    assert found.url in ("http://127.0.0.1:8046/a?b=c", "http://[::1]:8046/a?b=c")
    assert found.parts.netloc == "localhost:8046"


async def test_a_host_that_nobody_knows_is_said() -> None:
    """With its name."""
    name = f"{'a' * 70}.example"
    with pytest.raises(ProviderUnavailable, match=name):
        await reached(f"https://{name}/", PUBLIC)

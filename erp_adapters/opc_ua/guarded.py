"""A client of OPC UA that cannot write: what is no reading never reaches the network."""

from __future__ import annotations

import asyncio
from typing import Any, Final

from asyncua.client.client import Client
from asyncua.client.ua_client import UaClient, UASocketProtocol
from asyncua.common.shortcuts import Shortcuts

from erp_adapters.errors import ConfigurationError, ErpRefused

READS: Final = frozenset(
    {
        "OpenSecureChannelRequest",
        "CloseSecureChannelRequest",
        "GetEndpointsRequest",
        "FindServersRequest",
        "CreateSessionRequest",
        "ActivateSessionRequest",
        "CloseSessionRequest",
        "BrowseRequest",
        "BrowseNextRequest",
        "TranslateBrowsePathsToNodeIdsRequest",
        "ReadRequest",
        "HistoryReadRequest",
        "CreateSubscriptionRequest",
        "ModifySubscriptionRequest",
        "DeleteSubscriptionsRequest",
        "SetPublishingModeRequest",
        "CreateMonitoredItemsRequest",
        "ModifyMonitoredItemsRequest",
        "DeleteMonitoredItemsRequest",
        "SetMonitoringModeRequest",
        "PublishRequest",
        "RepublishRequest",
    }
)
"""The services that may be asked for. `Write`, `Call`, `HistoryUpdate` and `AddNodes` are not among them."""


class ReadingProtocol(UASocketProtocol):
    """The only way to the network, on which every request passes."""

    def _send_request(self, request: Any, *more: Any, **named: Any) -> asyncio.Future[Any]:
        if type(request).__name__ not in READS:
            raise ErpRefused(
                f"{type(request).__name__} is no reading; nothing is written to a server of OPC UA"
            )
        return super()._send_request(request, *more, **named)


class ReadingTransport(UaClient):
    """A transport with that protocol alone."""

    def _make_protocol(self) -> UASocketProtocol:
        made = super()._make_protocol()
        # What the library has just set on its own kind of protocol holds for this kind as well.
        self.protocol = ReadingProtocol(self._timeout, security_policy=self.security_policy)
        self.protocol.pre_request_hook = made.pre_request_hook
        self.protocol.on_connection_lost = made.on_connection_lost
        self.protocol.is_session_closing = made.is_session_closing
        return self.protocol


class ReadingClient(Client):
    """A client with that transport, which refuses to connect over any other."""

    def __init__(self, url: str, timeout: float) -> None:
        super().__init__(url, timeout)
        self.uaclient = ReadingTransport(timeout)
        self.uaclient.pre_request_hook = self._wait_until_ready
        self.nodes = Shortcuts(self.uaclient.session)

    async def connect_socket(self) -> None:
        """Connect, and see that the guard is in the way."""
        await super().connect_socket()
        if not isinstance(self.uaclient.protocol, ReadingProtocol):
            self.disconnect_socket()
            raise ConfigurationError(
                "this release of asyncua sends by another way than the one that is guarded; install the"
                " release that requirements-machines.txt names"
            )

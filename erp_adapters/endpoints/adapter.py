"""One model's endpoint: asked for predictions, left alone while it fails, and never believed on its word."""

from __future__ import annotations

import math
import re
from types import TracebackType
from typing import Literal, TypeAlias

from erp_adapters.breaker import Breaker
from erp_adapters.endpoints.mapping import Answered, Asked, Protocol, answered, body_of, path_of
from erp_adapters.errors import ConfigurationError, ErpRefused, ErpUnavailable
from erp_adapters.http import HttpClient, Secret, Transport

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
Kind: TypeAlias = Literal["probability", "quantity"]
"""What it foretells: a chance from 0 to 1, or a quantity, which is never below zero."""


class ModelEndpoint:
    """Where a model answers.

    ::

        async with ModelEndpoint(url, "open_inference", "line_stop", "3") as endpoint:
            answer = await endpoint.predict(Asked(("stops_28d",), ((2.0,),)))
    """

    def __init__(
        self,
        url: str,
        protocol: Protocol,
        model: str,
        version: str,
        *,
        kind: Kind = "probability",
        output: str = "",
        token: Secret | None = None,
        timeout_s: float = 2.0,
        breaker: Breaker | None = None,
        transport: Transport | None = None,
    ) -> None:
        """
        Args:
            url: the server's address; for `plain` that of the endpoint itself.
            version: the one that is registered; another one's answer is refused. Empty where the protocol
                names none.
            output: the output that is asked for, for servers that have several (`predict_proba`).
            timeout_s: for one answer; a prediction that comes later is of no use to whoever asked.
            transport: another way than the network.
        """
        for what, name in (("model", model), ("version", version)):
            if name and not _NAME.fullmatch(name):
                raise ConfigurationError(f"{name!r} is no name of a {what}: letters, digits, . _ and - only")
        self.model, self.version = model, version
        self._protocol, self._kind, self._output = protocol, kind, output
        self._system = f"the endpoint of {model}"
        self._headers = {} if token is None else {"authorization": f"Bearer {token.reveal()}"}
        self._http = HttpClient(
            url,
            self._system,
            timeout_s=timeout_s,
            tries=2,
            secrets=() if token is None else (token,),
            transport=transport,
        )
        self.breaker = breaker or Breaker(down=ErpUnavailable)

    async def __aenter__(self) -> ModelEndpoint:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Let go of the connections."""
        await self._http.close()

    async def predict(self, asked: Asked) -> Answered:
        """What the model foretells of each row.

        Raises:
            ErpUnavailable: it does not answer, or not with JSON, or is left alone after failing.
            ErpRefused: it refused, or what it says is no prediction of this model and version.
        """
        with self.breaker.watching():
            reply = await self._http.call(
                "POST",
                path_of(self._protocol, self.model, self.version),
                body_of(self._protocol, asked, self._output),
                effect="read",
                headers=self._headers,
            )
        if reply.status >= 400:
            raise ErpRefused(f"{self._system} refused the inputs (status {reply.status})")
        found = answered(self._protocol, reply.body, asked, self._system)
        self._is_the_registered(found)
        most, expected = (
            (1.0, "a chance from 0 to 1")
            if self._kind == "probability"
            else (math.inf, "a quantity of zero or more")
        )
        for outcome in found.outcomes:
            if not 0 <= outcome.value <= most:
                raise ErpRefused(f"{self._system} answered {outcome.value:g} where {expected} was expected")
        return found

    def _is_the_registered(self, found: Answered) -> None:
        if found.model and found.model != self.model:
            raise ErpRefused(f"{self._system} answered as {found.model!r}: it is another model")
        if found.version and self.version and found.version != self.version:
            raise ErpRefused(
                f"{self._system} answered with version {found.version!r} where {self.version!r} is"
                " registered; register the new one, which starts in shadow"
            )

    async def health(self) -> tuple[bool, str]:
        """Whether it is ready, and what was found; never raises for what a connection can do wrong."""
        paths = {"open_inference": f"v2/models/{self.model}/ready", "mlflow": "ping", "plain": ""}
        try:
            reply = await self._http.call("GET", paths[self._protocol], effect="read", headers=self._headers)
        except ErpUnavailable as error:
            # MLflow answers its ping with a bare line, which is no JSON and says that it is there.
            is_there = self._protocol == "mlflow" and "no JSON" in str(error)
            return is_there, "it answers" if is_there else str(error)
        # A plain endpoint need not know GET: any answer but a missing right says that it is there.
        refused = (401, 403) if self._protocol == "plain" else (401, 403, 404)
        if reply.status in refused:
            return False, f"{self._system} answered with the status {reply.status}"
        return True, "it answers"

"""The endpoints of registered models, opened when they are first asked."""

from __future__ import annotations

from types import TracebackType

from erp_adapters.endpoints import Answered, Asked, ModelEndpoint
from erp_adapters.http import Secret
from policies.predictors.registered import Registered
from server.settings import secret
from tools.predicting.kinds import KINDS, Measuring

UNATTENDED_S = 30.0
"""For one answer in the daily run."""


class Endpoints:
    """One endpoint for each version that was asked; all are left alone separately while they fail.

    Args:
        timeout_s: for one answer; a run for which nobody waits may take longer than whoever asks.
    """

    def __init__(self, timeout_s: float = 2.0) -> None:
        self._timeout_s = timeout_s
        self._open: dict[tuple[str, str, str], ModelEndpoint] = {}

    async def __aenter__(self) -> Endpoints:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for endpoint in self._open.values():
            await endpoint.close()
        self._open.clear()

    async def ask(self, entry: Registered, asked: Asked) -> Answered:
        """What a version foretells.

        Raises:
            ErpUnavailable: it does not answer, or is left alone after failing.
            ErpRefused: what it says is no prediction of this version.
            ConfigurationError: its token is not where it is said to be.
        """
        return await self.of(entry).predict(asked)

    def of(self, entry: Registered) -> ModelEndpoint:
        """The endpoint of a version at a site: one plant's failures do not take it from the others."""
        key = (entry.name, entry.version, entry.site)
        if key not in self._open:
            token = Secret(secret(entry.token)) if entry.token else None
            self._open[key] = ModelEndpoint(
                entry.url,
                entry.protocol,
                entry.name,
                entry.version,
                kind="quantity" if isinstance(KINDS[entry.kind], Measuring) else "probability",
                output=entry.output,
                token=token,
                timeout_s=self._timeout_s,
            )
        return self._open[key]

"""Where explanations are handed in for another person to publish, as the agent sees it."""

from __future__ import annotations

from typing import Protocol
from uuid import UUID

from agents.answer import AnswerDraft
from erp_adapters.caller import Caller
from tools.languages import Language
from tools.variance.tool import ExplainVariance

EXPLANATION = "variance_explanation"
"""What such a draft's `kind` says."""


class Publisher(Protocol):
    """Takes explanations; every call says who it is for."""

    async def draft(self, caller: Caller, arguments: ExplainVariance, language: Language) -> AnswerDraft:
        """The explanation as told now, as a draft that somebody else publishes; the same again is the same.

        Raises:
            Denied: policy does not let this person draft it.
            SwitchedOff: somebody switched the site or explanations off.
            AuditUnavailable: it cannot be put on record.
        """
        ...

    async def state(self, caller: Caller, id: UUID) -> str:
        """How it stands.

        Raises:
            RecordNotFound: there is none about the caller's sites.
        """
        ...

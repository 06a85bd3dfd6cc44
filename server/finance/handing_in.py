"""Explanations that are drafted in a conversation, as its answer shows them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from uuid import UUID

from agents.answer import AnswerDraft, AnswerDraftRow
from agents.publishing import EXPLANATION
from agents.rendering import number_text
from erp_adapters.caller import Caller
from policies.publications import Publication
from server.finance.publishing import Publishing, report_in
from tools.languages import Language, said, speaking
from tools.variance.tool import ExplainVariance


@dataclass(frozen=True, slots=True)
class HandingIn:
    """Takes what a conversation wants published; implements `agents.publishing.Publisher`."""

    publishing: Publishing

    async def draft(self, caller: Caller, arguments: ExplainVariance, language: Language) -> AnswerDraft:
        """The explanation told in that language, as a draft; the same again is the same."""
        told, _ = await self.publishing.explanations.explain(
            replace(caller, locale=language), arguments, None
        )
        found, is_new = await self.publishing.draft(caller, told.id)
        with speaking(language):
            return self._answered(found, is_new=is_new)

    async def state(self, caller: Caller, id: UUID) -> str:
        """How it stands; raises RecordNotFound as `Publications.read` does."""
        publications = self.publishing.publications
        return (await publications.read(caller, id)).at(publications.clock())

    def _answered(self, found: Publication, *, is_new: bool) -> AnswerDraft:
        report, publications = report_in(found), self.publishing.publications
        step, amount = (report.bridge.names.index(name) for name in ("step", "amount"))
        steps = [
            AnswerDraftRow(
                label=str(row[step]),
                value=f"{number_text(Decimal(str(row[amount])), 'money')} {report.currency}",
            )
            for row in report.bridge.rows
        ]
        return AnswerDraft(
            id=str(found.id),
            series=str(found.id),
            version=found.version,
            kind=EXPLANATION,
            site=min(found.sites),
            digest=found.digest,
            state=found.at(publications.clock()),
            title=report.reading,
            rows=(AnswerDraftRow(label=said("Explanation"), value=report.narrative), *steps),
            warnings=report.caveats,
            signatures=1,
            may_confirm=publications.publishers(found),
            expires_at=found.expires_at.isoformat().replace("+00:00", "Z"),
            is_new=is_new,
        )

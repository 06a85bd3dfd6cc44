"""Taking back what was written: a draft of its own, about the draft that the document came of."""

from __future__ import annotations

from erp_adapters.errors import DraftInvalid
from policies.drafts.cancellation import CancellationDraft, bare
from policies.drafts.parts import Grounds
from policies.drafts.proposal import Proposal
from policies.execution.marker import marker_of
from policies.register import PROPOSAL, Connection, rows


def taking_back(
    earlier: Proposal, number: str, note: str = "", grounds: Grounds | None = None
) -> CancellationDraft:
    """The draft that takes back the one document of an earlier draft.

    Raises:
        DraftInvalid: such a document cannot be taken back.
    """
    original = bare(earlier.draft)
    if original is None:
        what = earlier.draft.kind.replace("_", " ")
        raise DraftInvalid(f"a document of {what} ({number!r}) is not taken back; draft the way back instead")
    return CancellationDraft(
        site=original.site,
        follows=str(earlier.id),
        number=number,
        marker=marker_of(earlier.id, earlier.digest),
        asked_by=earlier.requester,
        original=original,
        note=note,
        grounds=grounds or Grounds(),
    )


async def check_taken(connection: Connection, draft: CancellationDraft) -> None:
    """Nothing, where the draft says of the earlier one what that is, and it was written and not taken back.

    Raises:
        DraftInvalid: it does not; the message names the document.
    """
    found = await rows(
        connection, PROPOSAL + " where id::text = %(id)s and site = %(site)s",
        {"id": draft.follows, "site": draft.site},
    )  # fmt: skip
    if not found:
        raise DraftInvalid(f"document {draft.number!r} is of no draft at your sites")
    row = found[0]
    earlier = Proposal.model_validate_json(row["canonical"])
    written = (row["document_number"], row["marker"], earlier.requester)
    if written != (draft.number, draft.marker, draft.asked_by) or draft.original != bare(earlier.draft):
        raise DraftInvalid(f"document {draft.number!r} is not what its draft was confirmed to be")
    if row["state"] != "executed":
        raise DraftInvalid(
            f"document {draft.number!r} cannot be taken back: its draft is {row['state'].replace('_', ' ')}"
        )
    before = await rows(
        connection,
        "select id::text as id from app.proposal where kind = 'cancellation' and needs[1] = %(marker)s"
        " and state = 'executed'",
        {"marker": draft.marker},
    )
    if before:
        raise DraftInvalid(f"document {draft.number!r} was taken back by draft {before[0]['id'][-8:]}")

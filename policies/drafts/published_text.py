"""The text of a published explanation before it stands at the ERP's object."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from erp_adapters.records import PublishedText
from policies.drafts.parts import Body, Code, Line, Named, WithoutMoney


class PublishedTextDraft(WithoutMoney):
    """A text with the object that it is written at; it is made when its explanation is published."""

    kind: Literal["published_text"] = "published_text"
    schema_version: Literal[1] = 1
    publication: Code
    """Id of the version that was published."""
    version: Annotated[int, Field(ge=1)]
    digest: Annotated[str, Field(pattern=r"^sha256:[0-9a-f]{64}$")]
    """Of that version: figures, bridge and text as they were shown."""
    about: Literal["plant", "cost_centre"]
    object: Named
    period: Line
    released_by: Code
    text: Body

    def document(self, requester: str) -> PublishedText:
        """What is written to the ERP, and nothing beside it."""
        return PublishedText(
            site=self.site,
            requester=requester,
            released_by=self.released_by,
            about=self.about,
            object=self.object.code,
            period=self.period,
            version=self.version,
            digest=self.digest,
            text=self.text,
        )

"""A write port that loses calls and answers, around any other."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, TypeAlias, assert_never, get_args

from erp_adapters.errors import ErpUnavailable, WriteOutcomeUnknown
from erp_adapters.records import Document, DocumentKind, PostedDocument
from erp_adapters.write import WritePort, WriteTraits

Loss: TypeAlias = Literal["unreached", "lost_on_the_way", "answer_lost", "blind"]
"""`unreached` was certainly not sent, `lost_on_the_way` was sent and never there, `answer_lost` is there and
was not answered; with `blind` the first look for it fails too."""
LOSSES: tuple[Loss, ...] = get_args(Loss)


class FaultyPort:
    """Any WritePort, whose next calls meet with these losses."""

    def __init__(self, port: WritePort, losses: Iterable[Loss]) -> None:
        self._port = port
        self._losses = list(losses)
        self._blind = 0

    @property
    def traits(self) -> WriteTraits:
        return self._port.traits

    async def create(self, document: Document, marker: str) -> PostedDocument:
        if not self._losses:
            return await self._port.create(document, marker)
        match self._losses.pop(0):
            case "unreached":
                raise ErpUnavailable("the line is dead; nothing was sent")
            case "lost_on_the_way":
                raise WriteOutcomeUnknown("no answer came")
            case "answer_lost":
                await self._port.create(document, marker)
                raise WriteOutcomeUnknown("no answer came")
            case "blind":
                await self._port.create(document, marker)
                self._blind += 1
                raise WriteOutcomeUnknown("no answer came")
            case loss:
                assert_never(loss)

    async def find(self, kind: DocumentKind, marker: str) -> tuple[PostedDocument, ...]:
        if self._blind:
            self._blind -= 1
            raise ErpUnavailable("the line is dead")
        return await self._port.find(kind, marker)

"""Earlier answers: as they were given, or computed again."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path

from agents.answer import Answer
from server.identity import Asker, OpenHouse

router = APIRouter(prefix="/v1/answers", tags=["answers"])

AnswerId = Annotated[str, Path(max_length=64)]


@router.get("/{answer_id}")
async def read(answer_id: AnswerId, caller: Asker, house: OpenHouse) -> Answer:
    """The answer as it was given to this person."""
    return await house.directory.answer(caller, answer_id)


@router.get("/{answer_id}/replay")
async def replay(answer_id: AnswerId, caller: Asker, house: OpenHouse) -> Answer:
    """The same tool calls, run again."""
    return await house.copilot.replay(caller, answer_id)

"""Whether a reply holds what its reader may not see."""

from __future__ import annotations

from collections.abc import Iterable

from agents.answer import Answer

_SHORTEST = 3


def exposed(answer: Answer, hidden: Iterable[object]) -> tuple[str, ...]:
    """Values that appear anywhere in the reply although they are hidden; in what was asked does not count.

    Short values say nothing: `12` may stand in any answer.
    """
    shown = answer.model_dump_json(exclude={"question"}).casefold()
    asked = answer.question.casefold()
    texts = {str(value) for value in hidden if value is not None}
    return tuple(
        sorted(
            text
            for text in texts
            if len(text) >= _SHORTEST and text.casefold() in shown and text.casefold() not in asked
        )
    )

"""Which look-up a question means, and at which site: what readers that go by patterns share."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Final, LiteralString

from agents.models.embedded.hearing import hear
from agents.models.protocol import Turn
from erp_adapters.store.session import ReadTransaction
from tools.naming import all_sites

_LONGEST: Final = 200
"""Characters of a question that is about one look-up."""


async def look_up_asked(
    turn: Turn,
    admitted: Collection[str],
    tx: ReadTransaction,
    patterns: Mapping[str, re.Pattern[str]],
    records: Mapping[str, LiteralString],
) -> tuple[str, str | None] | None:
    """The look-up whose pattern is found, and the site that is named; None where there is none.

    Args:
        turn: whose question it is.
        admitted: look-ups that may be asked.
        tx: where names are looked for.
        patterns: of each look-up; the first that is found counts.
        records: for each a statement of whether anything of it was ever loaded.
    """
    question = turn.question
    if len(question) > _LONGEST:
        return None
    name = next((name for name, pattern in patterns.items() if pattern.search(question)), None)
    if name is None or name not in admitted:
        return None
    # Where nothing of it was ever loaded, the words may mean something else that is.
    if not (await tx.fetch(records[name])).rows[0][0]:
        return None
    sites = await all_sites(tx)
    return name, hear(question, sites, turn.language).site if sites else None

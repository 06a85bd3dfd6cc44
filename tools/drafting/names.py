"""Names from the data beside what is drafted: shown without characters that nobody sees."""

from __future__ import annotations

import unicodedata

from policies.lettering import UNSEEN


def seen(text: str, limit: int = 120) -> str:
    """The text without control, format and unassigned characters, which could make it read as another.

    Only for names that tell whom something is for; what will be written is refused where it holds any.
    """
    return "".join(one for one in text if unicodedata.category(one) not in UNSEEN)[:limit]

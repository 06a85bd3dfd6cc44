"""Who is asking, and what they may see: made from a session by a channel, never from a model's words."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Caller:
    """A signed-in person with the scope that the `people` table gives them."""

    subject: str
    """Stable id of the person, as the identity provider names them."""
    name: str
    """Name to show."""
    roles: frozenset[str]
    """Roles such as `planner`, `buyer`, `controller`, `inventory`, `production`, `steward`, `admin`."""
    sites: frozenset[str]
    """Codes of the sites whose rows the person may see."""
    companies: frozenset[str]
    """Codes of the companies whose ledger the person may see."""
    locale: str = "en"
    """BCP 47 tag of the language that answers are written in."""

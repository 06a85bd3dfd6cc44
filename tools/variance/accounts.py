"""Which accounts hold a plant's variances, and what is booked on each."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Literal, TypeAlias, get_args

import yaml

Role: TypeAlias = Literal[
    "purchase_price", "invoice", "unvalued", "scrap", "production", "count", "revaluation"
]
ROLES: tuple[Role, ...] = get_args(Role)
_FILE = Path(__file__).with_name("roles.yaml")


@cache
def _patterns() -> dict[Role, re.Pattern[str]]:
    """The words of each role.

    Raises:
        ValueError: the file lacks a role or has one that is none.
    """
    read = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    if set(read) != set(ROLES):
        raise ValueError(f"roles.yaml must name exactly {', '.join(ROLES)}")
    return {role: re.compile(read[role], re.IGNORECASE) for role in ROLES}


def role_of(name: str) -> Role | None:
    """What is booked on an account of that name; None where it holds no variance."""
    return next((role for role, words in _patterns().items() if words.fullmatch(name.strip())), None)


def roles_of(accounts: Iterable[tuple[str, str]]) -> dict[str, Role]:
    """The accounts that hold variances, by id, of pairs of id and name."""
    return {account: role for account, name in accounts if (role := role_of(name)) is not None}

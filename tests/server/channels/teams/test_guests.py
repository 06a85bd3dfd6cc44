"""Guests of the directory, people of others and whoever is in none are told apart from its own people."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from server.channels.teams.guests import Guests
from tests.server.channels.teams.microsoft import TENANT

OTHER = "99999999-9999-4999-8999-999999999999"


@dataclass
class Member:
    """What Teams says of somebody in a conversation."""

    user_role: str | None = "user"
    tenant_id: str | None = TENANT
    aad_object_id: str | None = "5e0c0000-0000-4000-8000-0000000000a1"


@pytest.mark.parametrize(
    ("member", "outside"),
    [
        (Member(), False),
        (Member(user_role=None, tenant_id=None), False),
        (Member(tenant_id=TENANT.upper()), False),
        (Member(user_role="Guest"), True),
        (Member(user_role="anonymous", aad_object_id=None), True),
        (Member(aad_object_id=None), True),
        (Member(tenant_id=OTHER), True),
    ],
)
def test_who_is_outside(member: Member, outside: bool) -> None:
    """By role, directory and account; a directory may be written in capitals or left out."""
    assert Guests(TENANT).is_one(member) is outside


async def test_teams_is_asked_once_an_hour_and_again_of_whom_it_did_not_know() -> None:
    """Somebody who becomes a guest is one within the hour; whoever is in no list is outside each time."""
    now, asked, said = [0.0], [], [Member(), Member(user_role="guest"), None, None]

    async def ask() -> Member | None:
        asked.append(now[0])
        return said.pop(0)

    guests = Guests(TENANT, lambda: now[0])
    assert [await guests.has("a1", ask) for _ in range(3)] == [False] * 3
    now[0] = 3_600.0
    assert await guests.has("a1", ask)
    assert asked == [0.0, 3_600.0]
    assert [await guests.has("a2", ask) for _ in range(2)] == [True] * 2
    assert len(asked) == 4

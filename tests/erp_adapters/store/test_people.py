"""A demo home has a person for each role; only there may anybody be anybody."""

from __future__ import annotations

import psycopg
import pytest

from erp_adapters.errors import ConfigurationError, RecordNotFound
from erp_adapters.store import Person, Store, make_demo_home, save_people
from erp_adapters.store.people import ROLES
from tests.erp_adapters.store.records import insert


@pytest.fixture(scope="module", autouse=True)
def demo(owner_dsn: str) -> tuple[Person, ...]:
    """A demo home of two sites with a company each."""
    with psycopg.connect(owner_dsn) as connection:
        for site, name, company in (("KS", "Kassel", "1000"), ("BA", "Bad Aibling", "2000")):
            insert(connection, "site", site, "", "x", name=name)
            insert(connection, "company", site, company, "x")
    return make_demo_home(owner_dsn)


async def test_each_role_has_a_person_who_sees_all_sites(store: Store) -> None:
    for role in ROLES:
        caller = await store.caller(role)
        assert (caller.roles, caller.sites, caller.companies) == ({role}, {"KS", "BA"}, {"1000", "2000"})


async def test_each_of_several_sites_has_a_planner_of_its_own(store: Store) -> None:
    caller = await store.caller("planner.bad-aibling")
    assert (caller.name, caller.sites, caller.companies) == ("Planner, Bad Aibling", {"BA"}, {"2000"})


async def test_an_unknown_person_is_told_who_there_is(store: Store) -> None:
    with pytest.raises(RecordNotFound, match=r"'nemo'; there are admin, buyer, .*planner\.kassel"):
        await store.caller("nemo")


async def test_a_new_site_reaches_the_people_of_the_home(store: Store, owner_dsn: str) -> None:
    with psycopg.connect(owner_dsn) as connection:
        insert(connection, "site", "GZ", "", "x", name="Graz")
    make_demo_home(owner_dsn)
    assert (await store.caller("buyer")).sites == {"KS", "BA", "GZ"}


def test_roles_and_codes_are_checked(owner_dsn: str) -> None:
    with pytest.raises(ConfigurationError, match="'king' is no role"):
        save_people(owner_dsn, [Person("a", "A", ("king",), ())])
    with pytest.raises(ConfigurationError, match="'KS,BA'"):
        save_people(owner_dsn, [Person("a", "A", ("planner",), ("KS,BA",))])

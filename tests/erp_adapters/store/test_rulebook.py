"""Rules of a site come into force by two people, and no version is ever lost."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from erp_adapters.caller import Caller
from erp_adapters.errors import ConfigurationError, Denied, RecordNotFound
from erp_adapters.store import Store
from erp_adapters.store.rulebook import (
    RulesVersion,
    approve,
    in_force,
    install_packaged,
    propose,
    reject,
    rules_versions,
)
from erp_adapters.store.site_rules import parse_rules


def person(subject: str, role: str, *sites: str) -> Caller:
    return Caller(subject, subject.capitalize(), frozenset({role}), frozenset(sites or ("W1",)), frozenset())


ANNA, STEVE, ADA = person("anna", "planner"), person("steve", "steward"), person("ada", "admin")


def text(meaning: str, site: str = "W1") -> str:
    return f"site: {site}\ncodes: {{unit: {{because: x, values: {{ST: {meaning}}}}}}}\n"


@pytest.fixture
def owner(owner_dsn: str) -> Iterator[psycopg.Connection[Any]]:
    """The owner's connection to a store without rules; every test ends by rolling back."""
    with psycopg.connect(owner_dsn) as connection:
        yield connection
        connection.rollback()


def proposed(owner: psycopg.Connection[Any], meaning: str, by: Caller = ANNA, note: str = "") -> RulesVersion:
    content = text(meaning)
    return propose(owner, content, parse_rules(content, "x"), by, note)


def test_a_proposal_comes_into_force_by_somebody_else(owner: psycopg.Connection[Any]) -> None:
    """Until then the earlier rules hold; afterwards they are superseded and can still be read."""
    first = approve(owner, "W1", proposed(owner, "PC", note="start").version, STEVE)
    assert (first.version, first.status, first.approved_by, first.note) == (1, "approved", "steve", "start")
    second = proposed(owner, "EA", by=STEVE)
    assert (in_force(owner, "W1") or second).version == 1
    approve(owner, "W1", second.version, ADA)
    current = in_force(owner, "W1")
    assert current is not None
    assert (current.version, current.proposed_by, current.approved_by) == (2, "steve", "ada")
    kept = owner.execute("select version, status, content from erp.site_rules order by version").fetchall()
    assert kept == [(1, "superseded", text("PC")), (2, "approved", text("EA"))]


def test_a_rule_approved_by_its_proposer_is_refused(owner: psycopg.Connection[Any]) -> None:
    version = proposed(owner, "PC", by=STEVE).version
    with pytest.raises(Denied, match=r"was proposed by 'steve'.*somebody else"):
        approve(owner, "W1", version, STEVE)
    assert in_force(owner, "W1") is None


def test_the_database_refuses_it_too(owner: psycopg.Connection[Any]) -> None:
    """Whatever the program does."""
    version = proposed(owner, "PC", by=STEVE).version
    with pytest.raises(psycopg.errors.CheckViolation, match="two_people"):
        owner.execute(
            "update erp.site_rules set status = 'approved', approved_by = 'steve', approved_at = now()"
            " where version = %s",
            (version,),
        )


@pytest.mark.parametrize(
    ("by", "words"),
    [
        (person("bob", "planner"), "is planner, and .* by a steward or admin"),
        (person("sue", "steward", "W2"), "'W1' is not one of the sites of 'sue', which are W2"),
    ],
)
def test_deciding_takes_role_and_site(owner: psycopg.Connection[Any], by: Caller, words: str) -> None:
    version = proposed(owner, "PC").version
    for decide in (approve, reject):
        with pytest.raises(Denied, match=words):
            decide(owner, "W1", version, by)


def test_proposing_takes_the_site(owner: psycopg.Connection[Any]) -> None:
    with pytest.raises(Denied, match="'W1' is not one of the sites of 'sue'"):
        proposed(owner, "PC", by=person("sue", "admin", "W2"))


def test_what_was_decided_stays_decided(owner: psycopg.Connection[Any]) -> None:
    """A rejected or superseded version comes back as a new one only."""
    approve(owner, "W1", proposed(owner, "PC").version, STEVE)
    overtaken = proposed(owner, "EA").version
    approve(owner, "W1", proposed(owner, "kg").version, STEVE)
    rejected = reject(owner, "W1", proposed(owner, "m").version, STEVE)
    assert (rejected.status, rejected.rejected_by) == ("rejected", "steve")
    for version, status in ((1, "superseded"), (overtaken, "superseded"), (rejected.version, "rejected")):
        with pytest.raises(ConfigurationError, match=f"is {status}.*--from-version {version}"):
            approve(owner, "W1", version, ADA)
    back = approve(owner, "W1", proposed(owner, "PC").version, ADA)
    assert (back.version, back.rules.codes["unit"].values["ST"].value) == (5, "PC")


def test_what_is_in_force_cannot_be_proposed_again(owner: psycopg.Connection[Any]) -> None:
    approve(owner, "W1", proposed(owner, "PC").version, STEVE)
    with pytest.raises(ConfigurationError, match="what version 1 of site W1 says"):
        proposed(owner, "PC")


def test_a_version_that_is_not_there(owner: psycopg.Connection[Any]) -> None:
    proposed(owner, "PC")
    with pytest.raises(RecordNotFound, match=r"No version 7 .* 'W1'; it has 1"):
        approve(owner, "W1", 7, STEVE)


@pytest.mark.parametrize(
    "statement",
    [
        "delete from erp.site_rules",
        "update erp.site_rules set content = 'x'",
        "update erp.site_rules set status = 'proposed', approved_by = null, approved_at = null",
        "update erp.site_rules set approved_by = 'eve'",
    ],
)
def test_history_cannot_be_rewritten(owner: psycopg.Connection[Any], statement: str) -> None:
    """Not even by the role that owns the tables."""
    approve(owner, "W1", proposed(owner, "PC").version, STEVE)
    with pytest.raises(psycopg.errors.RaiseException, match="site rules are kept"):
        owner.execute(statement.encode())


def test_packaged_rules_give_way_to_the_sites_own(owner: psycopg.Connection[Any]) -> None:
    """A newer package replaces an older one, and never what people of the site have approved."""

    def install(meaning: str) -> RulesVersion:
        return install_packaged(owner, text(meaning), parse_rules(text(meaning), "x"), "the packager")

    first = install("PC")
    assert (first.version, first.proposed_by, first.approved_by) == (1, "packaged", "the packager")
    assert install("PC").version == 1
    waiting = proposed(owner, "m").version
    assert install("EA").version == 3
    assert owner.execute("select status from erp.site_rules where version = 1").fetchone() == ("superseded",)
    own = approve(owner, "W1", proposed(owner, "kg").version, STEVE)
    assert waiting < own.version
    assert install("EA").version == own.version


async def test_versions_are_shown_to_people_of_the_site(owner_dsn: str, store: Store) -> None:
    """A stranger sees none; the newest comes first."""
    with psycopg.connect(owner_dsn) as connection:
        for site in ("W1", "W2"):
            for meaning in ("PC", "EA"):
                content = text(meaning, site)
                propose(connection, content, parse_rules(content, "x"), person("anna", "planner", site))
    async with store.reading(ANNA) as tx:
        assert [(v.site, v.version) for v in await rules_versions(tx)] == [("W1", 2), ("W1", 1)]
        assert await rules_versions(tx, "W2") == ()

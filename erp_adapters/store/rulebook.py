"""Site rules in versions: proposed by one person, approved by another, and none ever changed or lost."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, TypeAlias

import psycopg

from erp_adapters.caller import Caller
from erp_adapters.errors import ConfigurationError, Denied, RecordNotFound
from erp_adapters.store.failures import translated
from erp_adapters.store.session import ReadTransaction
from erp_adapters.store.site_rules import SiteRules, parse_rules

_Connection: TypeAlias = psycopg.Connection[tuple[Any, ...]]
RulesStatus: TypeAlias = Literal["proposed", "approved", "superseded", "rejected"]

APPROVERS = frozenset({"steward", "admin"})
"""Roles whose holders may decide on proposed rules."""
PACKAGED = "packaged"
"""Stands for the proposer of rules that come with a source."""


@dataclass(frozen=True, slots=True)
class RulesVersion:
    """One version of a site's rules, and what became of it."""

    site: str
    version: int
    content: str
    digest: str
    status: RulesStatus
    note: str
    proposed_by: str
    proposed_at: datetime
    approved_by: str | None
    approved_at: datetime | None
    rejected_by: str | None
    rejected_at: datetime | None

    @property
    def rules(self) -> SiteRules:
        """What it says."""
        return parse_rules(self.content, f"{self.site} version {self.version}")


_COLUMNS = ", ".join(RulesVersion.__dataclass_fields__)
_READ = f"select {_COLUMNS} from erp.site_rules"
_ADD = """
insert into erp.site_rules (site, version, content, digest, status, note, proposed_by)
select %(site)s, coalesce(max(version), 0) + 1, %(content)s, %(digest)s, 'proposed', %(note)s, %(by)s
from erp.site_rules where site = %(site)s
returning version
"""
# An older proposal was made from rules that are no longer in force.
_SUPERSEDE = """
update erp.site_rules set status = 'superseded'
where site = %(site)s and (status = 'approved' or (status = 'proposed' and version < %(version)s))
"""
_APPROVE = """
update erp.site_rules set status = 'approved', approved_by = %(by)s, approved_at = clock_timestamp()
where site = %(site)s and version = %(version)s
"""
_REJECT = """
update erp.site_rules set status = 'rejected', rejected_by = %(by)s, rejected_at = clock_timestamp()
where site = %(site)s and version = %(version)s
"""


@contextmanager
def deciding(owner_dsn: str) -> Iterator[_Connection]:
    """A transaction of the role that may propose and decide; what it did is kept where nothing is raised."""
    with translated(), psycopg.connect(owner_dsn) as connection:
        yield connection


async def rules_versions(tx: ReadTransaction, site: str | None = None) -> tuple[RulesVersion, ...]:
    """Every version of the rules in the caller's scope, by site, newest first."""
    found = await tx.fetch(
        f"{_READ} where %(site)s::text is null or site = %(site)s order by site, version desc", {"site": site}
    )
    return tuple(_version(row) for row in found.rows)


def in_force(connection: _Connection, site: str) -> RulesVersion | None:
    """The approved version of a site's rules."""
    return _one(connection, f"{_READ} where site = %(site)s and status = 'approved'", {"site": site})


def version_with(connection: _Connection, rules: SiteRules) -> RulesVersion | None:
    """The newest version that was approved and says the same."""
    query = (
        f"{_READ} where site = %(site)s and digest = %(digest)s and approved_by is not null"
        " order by version desc limit 1"
    )
    return _one(connection, query, {"site": rules.site, "digest": rules.digest})


def propose(
    connection: _Connection, content: str, rules: SiteRules, by: Caller, note: str = ""
) -> RulesVersion:
    """Keep rules as the site's next version, to be approved by somebody else.

    Raises:
        Denied: the site is not one of the proposer's.
        ConfigurationError: they say what the rules in force say.
    """
    _refuse_stranger(rules.site, by)
    _lock(connection)
    current = in_force(connection, rules.site)
    if current is not None and current.digest == rules.digest:
        raise ConfigurationError(
            f"These rules say what version {current.version} of site {rules.site} says, which is in force: "
            "there is nothing to propose."
        )
    return _get(connection, rules.site, _add(connection, content, rules, by.subject, note))


def approve(connection: _Connection, site: str, version: int, by: Caller) -> RulesVersion:
    """Put a proposed version in force, in the place of the one before.

    Raises:
        Denied: the person proposed it, or has not the role or the site for it.
        RecordNotFound: there is no such version.
        ConfigurationError: it is not proposed, or a newer version is in force.
    """
    proposed = _proposed(connection, site, version, by)
    if proposed.proposed_by == by.subject:
        raise Denied(
            f"Version {version} of the rules of site {site} was proposed by {by.subject!r}, and rules are "
            "approved by somebody else. Ask another steward or administrator."
        )
    where = {"site": site, "version": version, "by": by.subject}
    connection.execute(_SUPERSEDE, where)
    connection.execute(_APPROVE, where)
    return _get(connection, site, version)


def reject(connection: _Connection, site: str, version: int, by: Caller) -> RulesVersion:
    """Turn a proposed version down; its proposer may do so too.

    Raises:
        Denied: the person has not the role or the site for it.
        RecordNotFound: there is no such version.
        ConfigurationError: it is not proposed.
    """
    _proposed(connection, site, version, by)
    connection.execute(_REJECT, {"site": site, "version": version, "by": by.subject})
    return _get(connection, site, version)


def install_packaged(
    connection: _Connection, content: str, rules: SiteRules, approved_by: str
) -> RulesVersion:
    """Put in force the rules that come with a source, unless people of the site have made their own.

    Args:
        approved_by: who answers for the package.
    """
    _lock(connection)
    current = in_force(connection, rules.site)
    if current is not None and (current.digest == rules.digest or current.proposed_by != PACKAGED):
        return current
    note = "comes with the source"
    where = {
        "site": rules.site,
        "version": _add(connection, content, rules, PACKAGED, note),
        "by": approved_by,
    }
    if current is not None:
        connection.execute(_SUPERSEDE, where | {"version": current.version})
    connection.execute(_APPROVE, where)
    return _get(connection, rules.site, int(str(where["version"])))


def _add(connection: _Connection, content: str, rules: SiteRules, by: str, note: str) -> int:
    row = connection.execute(
        _ADD, {"site": rules.site, "content": content, "digest": rules.digest, "note": note, "by": by}
    ).fetchone()
    assert row is not None, "an insert returns its row"
    return int(row[0])


def _proposed(connection: _Connection, site: str, version: int, by: Caller) -> RulesVersion:
    _refuse_stranger(site, by)
    if not by.roles & APPROVERS:
        roles = ", ".join(sorted(by.roles)) or "without a role"
        raise Denied(
            f"{by.subject!r} is {roles}, and the rules of a site are decided on by a"
            f" {' or '.join(sorted(APPROVERS, reverse=True))}."
        )
    _lock(connection)
    found = _get(connection, site, version)
    if found.status != "proposed":
        raise ConfigurationError(
            f"Version {version} of the rules of site {site} is {found.status}, and only a proposed one can be"
            f" decided on. To return to what it says: `plantwright sites propose {site} --from-version"
            f" {version}`."
        )
    return found


def _refuse_stranger(site: str, by: Caller) -> None:
    if site not in by.sites:
        known = ", ".join(sorted(by.sites)) or "none"
        raise Denied(f"Site {site!r} is not one of the sites of {by.subject!r}, which are {known}.")


def _lock(connection: _Connection) -> None:
    """One decision at a time, so that versions are counted without gaps and two approvals cannot cross."""
    connection.execute("lock table erp.site_rules in share row exclusive mode")


def _get(connection: _Connection, site: str, version: int) -> RulesVersion:
    where = {"site": site, "version": version}
    found = _one(connection, f"{_READ} where site = %(site)s and version = %(version)s", where)
    if found is None:
        known = connection.execute(
            "select version from erp.site_rules where site = %(site)s order by version", where
        ).fetchall()
        there = f"it has {', '.join(str(row[0]) for row in known)}" if known else "it has none"
        raise RecordNotFound(f"No version {version} of the rules of site {site!r}; {there}.")
    return found


def _one(connection: _Connection, query: str, where: dict[str, object]) -> RulesVersion | None:
    row = connection.execute(query.encode(), where).fetchone()
    return None if row is None else _version(row)


def _version(row: Sequence[Any]) -> RulesVersion:
    return RulesVersion(*row)

"""The people table: who a signed-in subject is, and what they may see."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

import psycopg

from erp_adapters.errors import ConfigurationError, RecordNotFound
from erp_adapters.store.failures import translated

ROLES = ("planner", "buyer", "controller", "inventory", "production", "steward", "admin")
"""Roles that people can have; what each admits is policy's matter."""
EVERYBODY = "everybody"
"""Stands for every role where one is named: whoever may see the site."""


@dataclass(frozen=True, slots=True)
class Person:
    """A row of the people table."""

    subject: str
    """Stable id, as the identity provider names the person."""
    name: str
    roles: tuple[str, ...]
    sites: tuple[str, ...]
    """Codes of the sites whose rows the person may see."""
    companies: tuple[str, ...] = ()
    """Codes of the companies whose ledger the person may see."""
    mrp_controllers: tuple[str, ...] = ()
    """Codes that "my materials" and "my shortages" mean."""
    purchasing_groups: tuple[str, ...] = ()
    """Codes that "my orders" means."""
    substitutes: tuple[str, ...] = ()
    """Subjects who may act while this person is away."""
    locale: str = "en"
    active: bool = True


def save_people(owner_dsn: str, people: Iterable[Person]) -> None:
    """Add people, or replace what is known of them; all or none.

    Raises:
        ConfigurationError: an unknown role, or a code that holds a comma.
    """
    rows = [_row(person) for person in people]
    with translated(), psycopg.connect(owner_dsn) as connection:
        _save(connection, rows)


def is_new(owner_dsn: str, person: Person) -> bool:
    """Whether nobody has that subject yet, for a person who could be saved.

    Raises:
        ConfigurationError: an unknown role, site, company or substitute; the message says which there are.
    """
    _row(person)
    with translated(), psycopg.connect(owner_dsn) as connection:
        for what, codes, query in (
            ("site", person.sites, "select site from erp.site order by 1"),
            ("company", person.companies, "select distinct company from erp.company order by 1"),
            ("substitute", person.substitutes, "select subject from erp.person where active order by 1"),
        ):
            there = [str(code) for (code,) in connection.execute(query)]
            for code in codes:
                if code not in there:
                    raise ConfigurationError(
                        f"there is no {what} {code!r}; there are {', '.join(there) or 'none yet'}"
                    )
        known = connection.execute("select from erp.person where subject = %s", (person.subject,)).fetchone()
    return known is None


def people_of(owner_dsn: str) -> tuple[Person, ...]:
    """Everybody in the people table, whether active or not."""
    columns = ", ".join(Person.__dataclass_fields__)
    with translated(), psycopg.connect(owner_dsn) as connection:
        found = connection.execute(f"select {columns} from erp.person order by subject").fetchall()
    people = []
    for row in found:
        values: list[Any] = [tuple(value) if isinstance(value, list) else value for value in row]
        people.append(Person(*values))
    return tuple(people)


def deactivate(owner_dsn: str, subject: str) -> None:
    """Let somebody in no more, and end their sessions; what they did stays theirs.

    Raises:
        RecordNotFound: nobody active has that subject.
    """
    with translated(), psycopg.connect(owner_dsn) as connection:
        done = connection.execute(
            "update erp.person set active = false, changed_at = now() where subject = %s and active",
            (subject,),
        )
        if not done.rowcount:
            raise RecordNotFound(
                f"nobody active is known as {subject!r}; `plantwright people list` says who is"
            )
        connection.execute("delete from app.session where subject = %s", (subject,))


def make_demo_home(owner_dsn: str) -> tuple[Person, ...]:
    """Mark the home as a demo, with one person a role who sees everything, and three people a site.

    Call it again after another source is loaded. Only where there are several sites, each has a planner, a
    buyer and a controller of its own; "my materials" and "my orders" are those of the first of its planning
    and purchasing groups.

    Raises:
        ConfigurationError: the home already has people of its own.
    """
    with translated(), psycopg.connect(owner_dsn) as connection:
        _refuse_real_home(connection)
        sites = connection.execute("select site, name from erp.site order by site").fetchall()
        companies = connection.execute(
            "select site, company from erp.company order by site, company"
        ).fetchall()
        codes = tuple(str(site) for site, _ in sites)
        ledgers = tuple(sorted({str(company) for _, company in companies if company}))
        people = [Person(role, role.capitalize(), (role,), codes, ledgers) for role in ROLES]
        if len(codes) > 1:
            groups = {str(site): (planning, buying) for site, planning, buying in connection.execute(_GROUPS)}
            people += [
                Person(
                    f"{role}.{_slug(str(name))}",
                    f"{role.capitalize()}, {name}",
                    (role,),
                    (str(site),),
                    tuple(sorted({str(company) for of, company in companies if of == site and company})),
                    _first(groups, str(site), 0) if role == "planner" else (),
                    _first(groups, str(site), 1) if role == "buyer" else (),
                )
                for site, name in sites
                for role in _AT_A_SITE
            ]
        connection.execute("update app.home set is_demo = true")
        _save(connection, [_row(person) for person in people])
    return tuple(people)


_AT_A_SITE = ("planner", "buyer", "controller")
_GROUPS = "select site, min(mrp_controller), min(purchasing_group) from erp.material group by site"


def _first(groups: dict[str, tuple[object, object]], site: str, which: int) -> tuple[str, ...]:
    code = groups.get(site, (None, None))[which]
    return () if code is None else (str(code),)


def _refuse_real_home(connection: psycopg.Connection[tuple[object, ...]]) -> None:
    found = connection.execute(
        "select (select is_demo from app.home), exists (select from erp.person)"
    ).fetchone()
    if found is not None and not found[0] and found[1]:
        raise ConfigurationError(
            "this home has people of its own, and a demo home lets anybody be anybody; use another"
            " PLANTWRIGHT_HOME"
        )


def _row(person: Person) -> dict[str, object]:
    unknown = sorted(set(person.roles) - set(ROLES))
    if unknown:
        raise ConfigurationError(f"{unknown[0]!r} is no role; there are {', '.join(ROLES)}")
    for code in (*person.sites, *person.companies):
        if not code or "," in code:
            raise ConfigurationError(
                f"{code!r} cannot be a site or company code: it is empty or holds a comma"
            )
    return {key: list(value) if isinstance(value, tuple) else value for key, value in asdict(person).items()}


def _save(connection: psycopg.Connection[tuple[object, ...]], rows: list[dict[str, object]]) -> None:
    columns = list(Person.__dataclass_fields__)
    changes = ", ".join(f"{column} = excluded.{column}" for column in columns[1:])
    values = ", ".join(f"%({column})s" for column in columns)
    connection.cursor().executemany(
        f"insert into erp.person ({', '.join(columns)}) values ({values})"
        f" on conflict (subject) do update set {changes}, changed_at = now()",
        rows,
    )


def _slug(name: str) -> str:
    return re.sub(r"\W+", "-", name.lower()).strip("-")

"""`plantwright policy limits`: the limits in force, and their changes by two people."""

from __future__ import annotations

import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from erp_adapters.errors import ConfigurationError
from server.commands.options import Person
from server.errors import ExitCode, UsageError, run
from server.settings import Settings

if TYPE_CHECKING:
    from erp_adapters.caller import Caller
    from policies.engine import CedarPolicy
    from policies.in_force import Timeline
    from policies.limits_changes import ChangeRecord

app = typer.Typer(
    help="The limits in force, and their changes by a controller and an administrator.", no_args_is_help=True
)
Number = Annotated[int, typer.Argument(metavar="CHANGE", help="Number of the change.")]


@dataclass(frozen=True, slots=True)
class Here:
    """What the commands need of a home."""

    dsn: str
    """Of the application's login."""
    records: tuple[ChangeRecord, ...]
    timeline: Timeline
    people: dict[str, Caller]
    default_person: str

    @property
    def policy(self) -> CedarPolicy:
        """What is in force now."""
        return self.timeline.at(datetime.now(UTC))

    async def person(self, named: str | None) -> Caller:
        """The person of a demo home.

        Raises:
            UsageError: there is no such person, or nobody can say who they are here.
        """
        from server.house import NO_DEMO

        if not self.people:
            raise ConfigurationError(NO_DEMO)
        found = self.people.get(named or self.default_person)
        if found is None:
            raise UsageError(f"nobody is known as {named!r}; there are {', '.join(sorted(self.people))}")
        return found


@asynccontextmanager
async def home(settings: Settings) -> AsyncIterator[Here]:
    """The home, with the limits in force and, in a demo home, its people."""
    from erp_adapters.store.provision import APP_ROLE
    from erp_adapters.store.session import Store
    from policies.engine import CedarPolicy
    from policies.in_force import Timeline
    from policies.limits_changes import acting, changes
    from server.bootstrap import started
    from server.directory import NOBODY, StoreDirectory

    async with started(settings) as database:
        dsn = database.dsn(APP_ROLE)
        async with await Store.open(dsn) as store:
            people = {caller.subject: caller for caller in await StoreDirectory(store).people()}
        async with acting(dsn, NOBODY) as connection:
            records = await changes(connection)
        timeline = Timeline.of(CedarPolicy.packaged(), records)
        yield Here(dsn, records, timeline, people, settings.person)


@app.command()
def show(
    site: Annotated[
        str | None, typer.Option("--site", help="Only what holds at this site.", show_default="all")
    ] = None,
    change: Annotated[
        int | None, typer.Option("--change", help="Print this change as it was proposed.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print it as JSON.")] = False,
) -> None:
    """Show the limits in force, their hash, and every change of them."""

    async def work(settings: Settings) -> ExitCode:
        from server.console import out
        from server.policy_tables import changes_table, limits_table

        async with home(settings) as here:
            policy, records = here.policy, here.records
        if change is not None:
            sys.stdout.write(_record(records, change).content)
            return ExitCode.ANSWERED
        if as_json:
            held = {"hash": policy.digest, "limits": policy.limits.model_dump(mode="json")}
            sys.stdout.write(json.dumps(held, indent=2) + "\n")
            return ExitCode.ANSWERED
        console = out()
        console.print(limits_table(policy.limits, site))
        console.print()
        console.print(changes_table(records, datetime.now(UTC)))
        console.print(f"\nhash {policy.digest}")
        return ExitCode.ANSWERED

    raise typer.Exit(run(work))


_PROPOSE = """A change holds rows as `policies/cedar/limits.toml` has them; each takes the place of the row
with the same site, kind, currency and category. For example:

  [[limit]]
  site = "KAS"
  kind = "purchase_requisition"
  currency = "EUR"
  confirm = {buyer = 50_000, controller = 1_000_000}
  second = {controller = 1_000_000}
  second_from = 5_000
"""


@app.command(epilog=_PROPOSE)
def propose(
    file: Annotated[Path, typer.Argument(help="TOML file of the change.")],
    since: Annotated[
        str, typer.Option("--from", help="Day or moment from which it holds (UTC).", show_default="approval")
    ] = "",
    note: Annotated[str, typer.Option("--note", help="Why, for whoever approves.")] = "",
    person: Person = None,
) -> None:
    """Propose a change of the limits, and show what it would decide differently."""

    async def work(settings: Settings) -> ExitCode:
        from policies.comparing import differences
        from policies.limits import parse_change, read_text
        from policies.limits_changes import acting
        from policies.limits_changes import propose as keep
        from server.console import out
        from server.policy_tables import differences_text
        from server.record import opened_record

        content = read_text(file)
        now = datetime.now(UTC)
        begins = _moment(since) if since else now + timedelta(seconds=1)
        async with home(settings) as here:
            caller, policy = await here.person(person), here.timeline.at(begins)
            count, found = differences(
                policy, policy.changed(parse_change(content, file.name), file.name), now, now.date()
            )
            async with opened_record(settings, here.dsn) as trail, acting(here.dsn, caller) as connection:
                made = await keep(
                    connection,
                    caller,
                    content,
                    effective_from=begins,
                    note=note,
                    policy=policy,
                    trail=trail,
                    at=now,
                )
        console = out()
        console.print(differences_text(found, count))
        console.print(
            f"\nChange {made.version} is proposed. A controller and an administrator change limits: the one"
            f" of them that {caller.subject} is not puts it in force with\n"
            f"plantwright policy limits approve {made.version} --digest {made.digest}"
        )
        return ExitCode.ANSWERED

    raise typer.Exit(run(work))


@app.command()
def approve(
    change: Number,
    digest: Annotated[str, typer.Option("--digest", help="Of the change that you have looked at.")],
    person: Person = None,
) -> None:
    """Put a proposed change in force from its day on; not by who proposed it."""
    raise typer.Exit(run(lambda settings: _decide(settings, change, "approved", digest, person)))


@app.command()
def reject(change: Number, person: Person = None) -> None:
    """Turn a proposed change down; its proposer may do so too."""
    raise typer.Exit(run(lambda settings: _decide(settings, change, "rejected", None, person)))


async def _decide(
    settings: Settings,
    number: int,
    decision: Literal["approved", "rejected"],
    digest: str | None,
    person: str | None,
) -> ExitCode:
    from policies.limits_changes import acting, decide
    from server.console import out
    from server.policy_tables import changes_table
    from server.record import opened_record

    now = datetime.now(UTC)
    async with home(settings) as here:
        caller, record = await here.person(person), _record(here.records, number)
        policy = here.timeline.at(max(record.effective_from, now))
        async with opened_record(settings, here.dsn) as trail, acting(here.dsn, caller) as connection:
            decided = await decide(
                connection,
                caller,
                number,
                decision,
                digest=digest or record.digest,
                policy=policy,
                trail=trail,
                at=now,
            )
    out().print(changes_table([decided], datetime.now(UTC)))
    return ExitCode.ANSWERED


def _record(records: tuple[ChangeRecord, ...], number: int) -> ChangeRecord:
    for record in records:
        if record.version == number:
            return record
    there = f"there are {', '.join(str(r.version) for r in records)}" if records else "there is none yet"
    raise UsageError(f"no change {number} of the limits; {there}")


def _moment(text: str) -> datetime:
    from policies.recorded import moment

    try:
        return moment(text)
    except ValueError:
        raise UsageError(f"--from {text!r} is no day or moment such as 2026-12-31") from None

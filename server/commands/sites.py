"""`plantwright sites`: the sites of this home, and the rules by which their codes are read."""

from __future__ import annotations

import json
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from erp_adapters.errors import RecordNotFound
from server.commands.options import Person
from server.errors import ExitCode, UsageError, run
from server.settings import Settings

if TYPE_CHECKING:
    from erp_adapters.caller import Caller
    from erp_adapters.store.rulebook import RulesVersion
    from server.house import House

app = typer.Typer(help="The sites of this home, and the rules of each.", invoke_without_command=True)

SiteCode = Annotated[str, typer.Argument(metavar="SITE", help="Code of the site.")]
VersionNumber = Annotated[int, typer.Argument(metavar="VERSION", help="Number of the version.")]


@app.callback()
def sites(
    context: typer.Context,
    person: Person = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print it as JSON.")] = False,
) -> None:
    """List the sites with zone, currency, units, fiscal calendar, sources and rules in force."""
    if context.invoked_subcommand is not None:
        return

    async def work(settings: Settings) -> ExitCode:
        from server.bootstrap import opened
        from server.console import out
        from server.site_tables import site_records, sites_table

        async with opened(settings) as house:
            caller = await house.person(person)
            found = await house.directory.sites(caller)
            sources = await house.directory.sources(caller)
        if as_json:
            sys.stdout.write(json.dumps(site_records(found, sources), indent=2) + "\n")
        else:
            out().print(sites_table(found, sources))
        return ExitCode.ANSWERED

    raise typer.Exit(run(work))


@app.command()
def show(
    site: SiteCode,
    version: Annotated[
        int | None, typer.Option("--version", help="A version; the one in force by itself.")
    ] = None,
    person: Person = None,
    bare: Annotated[
        bool, typer.Option("--yaml", help="Print the rules alone, as a file for `propose`.")
    ] = False,
) -> None:
    """Show the rules of a site, and every version of them."""

    async def work(settings: Settings) -> ExitCode:
        from server.bootstrap import opened
        from server.console import out
        from server.site_tables import version_line, versions_table

        async with opened(settings) as house:
            versions = await _versions(house, await house.person(person), site)
        shown = _one(versions, site, version)
        if bare:
            sys.stdout.write(shown.content)
            return ExitCode.ANSWERED
        out().print(version_line(shown))
        sys.stdout.write(shown.content.rstrip() + "\n")
        out().print(versions_table(versions))
        return ExitCode.ANSWERED

    raise typer.Exit(run(work))


@app.command()
def diff(
    site: SiteCode,
    before: Annotated[int, typer.Argument(metavar="A", help="A version.")],
    after: Annotated[int, typer.Argument(metavar="B", help="Another version.")],
    person: Person = None,
) -> None:
    """Show where two versions of a site's rules differ."""

    async def work(settings: Settings) -> ExitCode:
        from erp_adapters.store.rule_trials import differences
        from server.bootstrap import opened
        from server.console import out
        from server.site_tables import differences_table

        async with opened(settings) as house:
            versions = await _versions(house, await house.person(person), site)
        found = differences(_one(versions, site, before).rules, _one(versions, site, after).rules)
        out().print(differences_table(found, f"version {before}", f"version {after}"))
        return ExitCode.ANSWERED

    raise typer.Exit(run(work))


@app.command()
def propose(
    site: SiteCode,
    file: Annotated[
        Path | None, typer.Argument(metavar="[FILE]", help="YAML file of the rules.", show_default=False)
    ] = None,
    from_version: Annotated[
        int | None, typer.Option("--from-version", help="In place of FILE: what that version says.")
    ] = None,
    note: Annotated[str, typer.Option("--note", help="Why, for those who decide.")] = "",
    person: Person = None,
) -> None:
    """Propose rules for a site as a new version, and show what they would do to the codes met last."""

    async def work(settings: Settings) -> ExitCode:
        from erp_adapters.store.rule_trials import differences
        from erp_adapters.store.rulebook import deciding
        from erp_adapters.store.rulebook import propose as keep
        from erp_adapters.store.site_rules import parse_rules, read_rules
        from server.console import out
        from server.site_tables import differences_table, effects_table, version_line

        if (file is None) == (from_version is None):
            raise UsageError("give either FILE or --from-version")
        async with _deciding(settings) as (house, owner):
            caller = await house.person(person)
            versions = await house.directory.rules(caller, site)
            if file is not None:
                rules = read_rules(file)
                content = file.read_text(encoding="utf-8")
            else:
                content = _one(versions, site, from_version).content
                rules = parse_rules(content, f"{site} version {from_version}")
            if rules.site != site:
                raise UsageError(f"the rules say `site: {rules.site}`, and they are proposed for {site!r}")
            current = next((v.rules for v in versions if v.status == "approved"), None)
            with deciding(owner) as connection:
                made = keep(connection, content, rules, caller, note)
            effects = await house.directory.effects(caller, current, rules)
        console = out()
        console.print(version_line(made))
        if current is not None:
            console.print(
                differences_table(differences(current, rules), "in force", f"version {made.version}")
            )
        console.print(effects_table(effects))
        console.print(f"To put it in force, somebody else: plantwright sites approve {site} {made.version}")
        return ExitCode.ANSWERED

    raise typer.Exit(run(work))


@app.command()
def approve(site: SiteCode, version: VersionNumber, person: Person = None) -> None:
    """Put a proposed version in force; not by the person who proposed it."""

    async def work(settings: Settings) -> ExitCode:
        from erp_adapters.store.rulebook import approve as decide
        from erp_adapters.store.rulebook import deciding
        from server.console import out
        from server.site_tables import version_line

        async with _deciding(settings) as (house, owner):
            caller = await house.person(person)
            with deciding(owner) as connection:
                decided = decide(connection, site, version, caller)
        out().print(version_line(decided))
        return ExitCode.ANSWERED

    raise typer.Exit(run(work))


@app.command()
def reject(site: SiteCode, version: VersionNumber, person: Person = None) -> None:
    """Turn a proposed version down."""

    async def work(settings: Settings) -> ExitCode:
        from erp_adapters.store.rulebook import deciding
        from erp_adapters.store.rulebook import reject as decide
        from server.console import out
        from server.site_tables import version_line

        async with _deciding(settings) as (house, owner):
            caller = await house.person(person)
            with deciding(owner) as connection:
                decided = decide(connection, site, version, caller)
        out().print(version_line(decided))
        return ExitCode.ANSWERED

    raise typer.Exit(run(work))


@asynccontextmanager
async def _deciding(settings: Settings) -> AsyncIterator[tuple[House, str]]:
    """The home, and the address under which rules are kept."""
    from erp_adapters.store.provision import OWNER_ROLE
    from server.bootstrap import opened_on, started

    async with started(settings) as home, opened_on(settings, home) as house:
        yield house, home.dsn(OWNER_ROLE)


async def _versions(house: House, caller: Caller, site: str) -> Sequence[RulesVersion]:
    found = await house.directory.rules(caller, site)
    if not found:
        seen = ", ".join(sorted(caller.sites)) or "none"
        hint = (
            f"there are the sites {seen}"
            if site not in caller.sites
            else (f"propose some: `plantwright sites propose {site} FILE`")
        )
        raise RecordNotFound(f"no rules of site {site!r} that {caller.subject!r} may see; {hint}")
    return found


def _one(versions: Sequence[RulesVersion], site: str, number: int | None) -> RulesVersion:
    """The version of that number, or the one in force, or where there is none the newest."""
    if number is None:
        return next((v for v in versions if v.status == "approved"), versions[0])
    for version in versions:
        if version.version == number:
            return version
    known = ", ".join(str(v.version) for v in reversed(versions)) or "none"
    raise RecordNotFound(f"no version {number} of the rules of site {site!r}; there are {known}")

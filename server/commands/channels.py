"""`plantwright channels`: which accounts of chat platforms are whose, and whether a platform lets us in."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, Annotated

import typer

from server.commands.people import account_here
from server.errors import ExitCode, UsageError, run
from server.settings import Settings

if TYPE_CHECKING:
    from server.channels.records import Account, Platform

app = typer.Typer(help="Accounts of chat platforms: people, map, unmap, test.", invoke_without_command=True)

Named = Annotated[str, typer.Argument(metavar="PLATFORM", help="`slack` or `teams`.")]
OfThem = Annotated[str, typer.Argument(metavar="ACCOUNT", help="What the platform calls the person: `U…`.")]
Tenant = Annotated[
    str | None,
    typer.Option("--tenant", help="Workspace or directory, where it is not the one that the settings name."),
]


@app.callback()
def channels(context: typer.Context) -> None:
    """List the accounts that are somebody's."""
    if context.invoked_subcommand is None:
        people()


@app.command()
def people() -> None:
    """List the accounts that are somebody's, and who said so."""

    async def work(settings: Settings) -> ExitCode:
        from erp_adapters.store.provision import OWNER_ROLE
        from server.bootstrap import started
        from server.channels.mapping import mapped

        async with started(settings) as home:
            found = await asyncio.to_thread(mapped, home.dsn(OWNER_ROLE))
        for each in found:
            ended = "" if each.active else "  let in no more"
            by = "by code" if each.made_by == each.subject else f"by {each.made_by}"
            typer.echo(
                f"{each.platform}  {each.tenant}  {each.account}  {each.subject}  {each.name}  {by}{ended}"
            )
        if not found:
            typer.echo(
                "Nobody yet. A person sends a code, or: plantwright channels map slack U012AB3CD planner"
            )
        return ExitCode.ANSWERED

    raise typer.Exit(run(work))


@app.command("map")
def map_person(
    platform: Named,
    account: OfThem,
    subject: Annotated[str, typer.Argument(help="The person, as `plantwright people list` names them.")],
    tenant: Tenant = None,
) -> None:
    """Say whose account it is; it counts for what comes next."""

    async def work(settings: Settings) -> ExitCode:
        from erp_adapters.store.provision import OWNER_ROLE
        from server.bootstrap import started
        from server.channels.mapping import check_person, map_account

        known = _account(settings, platform, tenant, account)
        async with started(settings) as home:
            owner = home.dsn(OWNER_ROLE)
            await asyncio.to_thread(check_person, owner, subject)
            await _on_record(settings, owner, "mapped", known, subject)
            await asyncio.to_thread(map_account, owner, known, subject, account_here())
        typer.echo(f"{account} of {platform} is {subject}")
        return ExitCode.ANSWERED

    raise typer.Exit(run(work))


@app.command()
def unmap(platform: Named, account: OfThem, tenant: Tenant = None) -> None:
    """Make the account nobody's: whoever has it is not known any more."""

    async def work(settings: Settings) -> ExitCode:
        from erp_adapters.store.provision import OWNER_ROLE
        from server.bootstrap import started
        from server.channels.mapping import subject_of, unmap_account

        known = _account(settings, platform, tenant, account)
        async with started(settings) as home:
            owner = home.dsn(OWNER_ROLE)
            subject = await asyncio.to_thread(subject_of, owner, known)
            await _on_record(settings, owner, "unmapped", known, subject)
            await asyncio.to_thread(unmap_account, owner, known)
        typer.echo(f"{account} of {platform} is nobody's now")
        return ExitCode.ANSWERED

    raise typer.Exit(run(work))


@app.command("test")
def try_out(
    platform: Named,
    account: Annotated[str | None, typer.Option("--account", help="Send this account a word, too.")] = None,
) -> None:
    """Ask the platform as whom we are there."""

    async def work(settings: Settings) -> ExitCode:
        from server.channels.opening import channels_of
        from server.channels.records import Account, Note

        of = _platform(platform)
        # Whether a stand-in may be called is not for this to say: the service itself looks.
        channel = channels_of(settings, is_demo=True).get(of)
        if channel is None:
            raise UsageError(f"{platform!r} is not set up; docs/{platform}.md says how")
        try:
            typer.echo(f"{platform}: {await channel.check()}")
            if account is not None:
                place = await channel.direct(Account(of, "", account), "")
                await channel.post(place, Note("plantwright can write to you here."))
                typer.echo(f"a word is sent to {account}")
        finally:
            await channel.close()
        return ExitCode.ANSWERED

    raise typer.Exit(run(work))


def _platform(named: str) -> Platform:
    from server.channels.records import PLATFORMS

    found = next((each for each in PLATFORMS if each == named), None)
    if found is None:
        raise UsageError(f"there is no platform {named!r}; there are {', '.join(PLATFORMS)}")
    return found


def _account(settings: Settings, platform: str, tenant: str | None, account: str) -> Account:
    from server.channels.opening import tenant_of
    from server.channels.records import Account

    of = _platform(platform)
    where = tenant or tenant_of(settings, of)
    if not where:
        raise UsageError(f"{platform} is not set up here; name the workspace or directory with --tenant")
    if not account.isprintable() or not 0 < len(account) <= 200:
        raise UsageError(
            f"{account!r} is no account; it is what the platform calls the person, such as U012AB3CD"
        )
    if of == "teams" and not re.fullmatch(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", account):
        raise UsageError(
            f"{account!r} is no account of Teams; it is the person's object id in the directory, such as"
            " 2c8a9d1e-5f41-4b6e-9a0d-3d7f1c52ab10, which stands beside their name there"
        )
    # Teams writes ids of the directory in either case.
    return Account(of, where, account.lower() if of == "teams" else account)


async def _on_record(settings: Settings, owner: str, what: str, account: Account, subject: str) -> None:
    """Say first what is about to be done: what cannot be put on record is not done."""
    from policies.audit.event import AuditEvent
    from policies.audit.subjects import SYSTEM
    from policies.clock import now_utc
    from server.record import opened_record

    payload = {
        "what": what,
        "platform": account.platform,
        "tenant": account.tenant,
        "account": account.user,
        "by": account_here(),
    }
    async with opened_record(settings, owner) as trail:
        await trail.append([AuditEvent("channel", now_utc(), SYSTEM, subject, payload)])

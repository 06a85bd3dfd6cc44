"""`plantwright policy`: why somebody may or may not, and what a change of policies or limits would do."""

from __future__ import annotations

import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, get_args

import typer

from erp_adapters.records import DraftKind
from server.commands import limits as limits_commands
from server.commands.options import Person
from server.errors import ExitCode, UsageError, at_edge, run
from server.settings import Settings

if TYPE_CHECKING:
    from erp_adapters.caller import Caller
    from policies.engine import CedarPolicy
    from policies.recorded import DecisionsOnRecord

app = typer.Typer(
    help="Who may propose, confirm and read what, and why.",
    no_args_is_help=True,
)
app.add_typer(limits_commands.app, name="limits")

AsJson = Annotated[bool, typer.Option("--json", help="Print it as JSON.")]
Version = Annotated[
    str,
    typer.Argument(
        help="`packaged`, `now` (in force in this home), `change:N` (now with change N), a folder of policies"
        " (with a limits.toml of its own or the packaged one), or a TOML file with a change of the packaged."
    ),
]
_EXPLAIN = """Examples:

  plantwright policy explain confirm --as buyer --site KAS --amount 12000

  plantwright policy explain propose --role planner --site KAS --amount unknown --packaged

  plantwright policy explain confirm stock_transfer --as inventory --site KAS --from-site BRE --amount 900
"""


@app.command(epilog=_EXPLAIN)
def explain(
    action: Annotated[
        str, typer.Argument(help="read, propose, confirm, reject, edit, execute, reconcile or switch.")
    ],
    kind: Annotated[
        str,
        typer.Argument(
            help="purchase_requisition, stock_transfer, quality_hold, order_rescheduling,"
            " purchase_order_redating, published_text, work_order, order_hold or cancellation."
        ),
    ] = "purchase_requisition",
    person: Person = None,
    role: Annotated[
        str, typer.Option("--role", help="In place of --as: somebody with this role at the site.")
    ] = "",
    site: Annotated[str, typer.Option("--site", help="Code of the site; the one that receives.")] = "",
    from_site: Annotated[str, typer.Option("--from-site", help="Of a transfer: the site that sends.")] = "",
    amount: Annotated[str, typer.Option("--amount", help="What it comes to, or `unknown`.")] = "unknown",
    currency: Annotated[str, typer.Option("--currency", help="ISO code.")] = "EUR",
    category: Annotated[
        list[str] | None, typer.Option("--category", help="Of a line; again for more.")
    ] = None,
    requester: Annotated[str, typer.Option("--requester", help="Who asked for it.")] = "",
    signed: Annotated[
        list[str] | None, typer.Option("--signed", help="Who has signed; again for more.")
    ] = None,
    had: Annotated[
        str, typer.Option("--had", help="What the requester had before in the rolling window.")
    ] = "0",
    had_supplier: Annotated[
        str, typer.Option("--had-supplier", help="Of that, from the same suppliers.")
    ] = "0",
    day: Annotated[str, typer.Option("--day", help="The site's day, for blackouts; today by itself.")] = "",
    packaged: Annotated[
        bool, typer.Option("--packaged", help="By the packaged limits, without a home; needs --role.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Say whether somebody may do something, by which policies, why, and who has to confirm."""

    async def work(settings: Settings) -> ExitCode:
        from dataclasses import replace

        from policies.deciding import LOOKS, TELLING, Action, Recent, Request, Subject
        from server.console import out
        from server.policy_tables import decision_record, decision_table

        if action not in get_args(Action):
            raise UsageError(f"{action!r} is no action; there are {', '.join(get_args(Action))}")
        if kind not in get_args(DraftKind):
            raise UsageError(f"{kind!r} is no kind of draft; there are {', '.join(get_args(DraftKind))}")
        if not site:
            raise UsageError("give the site: --site CODE")
        if bool(from_site) != (kind == "stock_transfer"):
            raise UsageError("a stock transfer has --from-site, and nothing else has")
        if packaged and not role:
            raise UsageError("without a home nobody is known by name: give --role")
        sites = frozenset({site, from_site} - {""})
        is_look = action in LOOKS
        subject = Subject(
            "answer" if is_look else kind,  # type: ignore[arg-type]
            sites,
            site=site,
            requester=requester or ("" if is_look and action not in TELLING else "(the requester)"),
            amount_minor=None if amount == "unknown" else _minor(amount, "--amount"),
            currency=currency,
            categories=frozenset(category or ()),
        )
        async with _asked(settings, role, person, sites, packaged) as (policy, caller):
            # Their own, where it is they who would propose or change it.
            own = not requester and action in ("propose", "edit", "explain")
            request = Request(
                caller,
                action,  # type: ignore[arg-type]
                replace(subject, requester=caller.subject) if own else subject,
                datetime.now(UTC),
                _day(day),
                Recent(_minor(had, "--had"), _minor(had_supplier, "--had-supplier")),
                frozenset(signed or ()),
                signed_in_order=tuple(signed or ()),
            )
        decision = policy.decide(request)
        needed = None if is_look else policy.signatures(request)
        if as_json:
            sys.stdout.write(json.dumps(decision_record(request, decision, needed), indent=2) + "\n")
        else:
            out().print(decision_table(request, decision, needed))
        return ExitCode.ANSWERED if decision.allowed else ExitCode.REFUSED

    raise typer.Exit(run(work))


@app.command(name="test")
def run_cases(
    file: Annotated[
        Path | None, typer.Argument(help="YAML of cases; the packaged ones by itself.", show_default=False)
    ] = None,
    version: Annotated[
        str, typer.Option("--version", help="What to test: `packaged`, a folder or a TOML file.")
    ] = "packaged",
) -> None:
    """Run cases against the policies and limits; each names the answer and the policies that give it."""

    def work(settings: Settings) -> ExitCode:
        from policies.cases import packaged_cases, parse_cases, run
        from policies.limits import read_text
        from server.console import out

        policy = _version(version)
        policy.check()
        cases = packaged_cases() if file is None else parse_cases(read_text(file), file.name)
        outcomes = run(policy, cases)
        failed = [outcome for outcome in outcomes if not outcome.passed]
        console = out()
        for outcome in failed:
            case = outcome.case
            wanted = (
                f"allow {list(case.allow)}"
                if case.allow is not None
                else f"deny {list(case.deny)}"
                if case.deny is not None
                else f"{case.confirm.count} by {', '.join(sorted(case.confirm.roles))}"
                if case.confirm
                else ""
            )
            console.print(f"FAILED {case.name}\n  wanted {wanted}\n  got    {outcome.got}")
        console.print(f"{len(outcomes) - len(failed)} of {len(outcomes)} cases passed.")
        return ExitCode.FAILURE if failed else ExitCode.ANSWERED

    raise typer.Exit(at_edge(work))


@app.command()
def diff(old: Version, new: Version, as_json: AsJson = False) -> None:
    """Say which requests two versions decide differently, near every figure that either names."""

    async def work(settings: Settings) -> ExitCode:
        from policies.comparing import differences
        from policies.recorded import as_json as record
        from server.console import out
        from server.policy_tables import differences_text

        before, after = await _at_home(settings, old), await _at_home(settings, new)
        count, found = differences(before, after, datetime.now(UTC), datetime.now(UTC).date())
        if as_json:
            sys.stdout.write(json.dumps({"compared": count, "changed": list(map(record, found))}) + "\n")
        else:
            out().print(differences_text(found, count))
        return ExitCode.ANSWERED

    raise typer.Exit(run(work))


@app.command()
def egress(
    site: Annotated[
        list[str] | None, typer.Option("--site", help="What holds there; again for the strictest of several.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show what may be sent to a hosted model: sent as it is, masked, or kept here."""

    def work(settings: Settings) -> ExitCode:
        from policies.egress import egress_of
        from server.console import out
        from server.egress_records import egress_shown
        from server.policy_tables import egress_table

        policy = egress_of(settings.egress)
        shown = egress_shown(settings, policy, site or policy.sites)
        if as_json:
            sys.stdout.write(shown.model_dump_json(indent=2) + "\n")
        else:
            out().print(egress_table(shown, policy.strictest(site or ())))
        return ExitCode.ANSWERED

    raise typer.Exit(at_edge(work))


_REPLAY = """Examples:

  plantwright policy replay change:3

  plantwright policy replay --limits change.toml

  plantwright policy replay packaged --record contents.jsonl
"""


@app.command(epilog=_REPLAY)
def replay(
    version: Version = "now",
    limits: Annotated[
        Path | None, typer.Option("--limits", help="TOML file with a change of that version.")
    ] = None,
    files: Annotated[
        Path | None,
        typer.Option(
            "--record",
            help="File, or folder of *.jsonl files, that `plantwright audit contents` wrote.",
            show_default="the home's record",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make the decisions on record again, and say which would have come out differently."""

    async def work(settings: Settings) -> ExitCode:
        from policies.limits import parse_change, read_text
        from policies.recorded import DecisionFiles, replayed
        from policies.recorded import as_json as record
        from server.console import out
        from server.policy_tables import differences_text

        policy = await _at_home(settings, version)
        if limits is not None:
            policy = policy.changed(parse_change(read_text(limits), limits.name), limits.name)
        unreadable = 0
        if files is not None:
            count, found = replayed(policy, DecisionFiles(files))
        else:
            async with _on_record(settings) as decisions:
                count, found = replayed(policy, decisions)
                unreadable = decisions.unreadable
        if as_json:
            shown = {"compared": count, "unreadable": unreadable, "changed": list(map(record, found))}
            sys.stdout.write(json.dumps(shown) + "\n")
        else:
            out().print(differences_text(found, count))
            if unreadable:
                out().print(f"{unreadable:,} events are about people who were erased; nobody can read them.")
        return ExitCode.ANSWERED

    raise typer.Exit(run(work))


@asynccontextmanager
async def _on_record(settings: Settings) -> AsyncIterator[DecisionsOnRecord]:
    """The decisions of the home's own record."""
    from policies.recorded import DecisionsOnRecord
    from server.record import read_record

    async with read_record(settings) as events:
        yield DecisionsOnRecord(events)


@asynccontextmanager
async def _asked(
    settings: Settings, role: str, person: str | None, sites: frozenset[str], packaged: bool
) -> AsyncIterator[tuple[CedarPolicy, Caller]]:
    """The policy to ask, and about whom."""
    from erp_adapters.caller import Caller
    from policies.engine import ROLES

    if role and role not in ROLES:
        raise UsageError(f"{role!r} is no role; there are {', '.join(ROLES)}")
    somebody = Caller(f"(a {role})", "", frozenset({role}), sites, frozenset())
    if packaged:
        yield _version("packaged"), somebody
        return
    async with limits_commands.home(settings) as here:
        yield here.policy, somebody if role else await here.person(person)


async def _at_home(settings: Settings, name: str) -> CedarPolicy:
    """The version that a person named."""
    if name != "now" and not name.startswith("change:"):
        return _version(name)
    async with limits_commands.home(settings) as here:
        if name == "now":
            return here.policy
        number = name.removeprefix("change:")
        if not number.isdigit():
            raise UsageError(f"{name!r} names no change; write change:3")
        record = next((r for r in here.records if r.version == int(number)), None)
        if record is None:
            raise UsageError(f"there is no change {number}; `plantwright policy limits show` lists them")
        return here.policy.changed(record.change, name)


def _version(name: str) -> CedarPolicy:
    """A version that needs no home."""
    from policies.engine import CedarPolicy, packaged_limits
    from policies.limits import parse_change, parse_limits, read_text
    from policies.texts import PolicyTexts

    if name == "packaged":
        return CedarPolicy.packaged()
    path = Path(name)
    if path.is_dir():
        own = path / "limits.toml"
        held = parse_limits(read_text(own), str(own)) if own.exists() else packaged_limits()
        policy = CedarPolicy(PolicyTexts.of_folder(path), held)
        policy.check()
        return policy
    if path.is_file():
        return CedarPolicy.packaged().changed(parse_change(read_text(path), path.name), path.name)
    raise UsageError(f"{name!r} is neither `packaged`, `now`, `change:N`, a folder nor a file")


def _minor(text: str, option: str) -> int:
    try:
        hundredths = Decimal(text) * 100
    except InvalidOperation:
        hundredths = Decimal("NaN")
    if not hundredths.is_finite() or hundredths != int(hundredths):
        raise UsageError(f"{option} {text!r} is no amount with at most two decimal places")
    return int(hundredths)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text) if text else datetime.now(UTC).date()
    except ValueError:
        raise UsageError(f"--day {text!r} is no day such as 2026-12-31") from None

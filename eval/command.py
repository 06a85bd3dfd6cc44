"""`plantwright eval`: run the cases, report on a run, compare two."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from contextlib import AsyncExitStack
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal

import typer

from agents.models.embedded.model import EmbeddedModel
from eval import golden
from eval.cases import Data, Suite, SuiteUnusable, packaged_suites, read
from eval.gates import GATES, GatesUnusable, passages, read_gates
from eval.golden import GoldenUnusable
from eval.homes import HomeUnusable, copilot_at, folder_of, opened
from eval.ragas import FILE as RAGAS
from eval.ragas import RagasScores, RagasUnusable, ragas_scores
from eval.report.comparing import as_text, compared
from eval.report.markdown import gate_cells, markdown
from eval.report.page import page
from eval.report.record import record
from eval.report.summary import HEADINGS, Summary, cells, summary
from eval.results import Manifest, Recording, Run, RunUnusable, Try, read_run
from eval.running import run as run_cases
from eval.versions import versions_of

UNUSABLE = (SuiteUnusable, GatesUnusable, GoldenUnusable, HomeUnusable, RunUnusable, RagasUnusable)
FILES = Path("../shared/data/adventureworks")
RUNS = Path("eval-runs")
Profile = Literal["reduced", "full"]

app = typer.Typer(
    name="plantwright eval",
    help="Measure how often questions are answered right, and whether answers are safe.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.command()
def run(
    suite: Annotated[
        list[str] | None,
        typer.Option("--suite", help="A suite by name, or a YAML file; all that ship without it."),
    ] = None,
    data: Annotated[Path, typer.Option("--data", metavar="DIR", help="CSV files of AdventureWorks.")] = FILES,
    home: Annotated[
        Path | None,
        typer.Option(
            "--home", metavar="DIR", help="Keep the loaded data there; a scratch folder without it."
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Where the run is kept, or goes on.")
    ] = None,
    trials: Annotated[int, typer.Option(min=1, max=100, help="Tries of each case, for pass^k.")] = 1,
    jobs: Annotated[int, typer.Option(min=1, max=64, help="Cases asked at a time.")] = 1,
    seed: Annotated[int, typer.Option(help="Decides the order.")] = 0,
    profile: Annotated[Profile, typer.Option(help="Which gates hold: CI's, or all.")] = "full",
    gates: Annotated[
        Path, typer.Option("--gates", metavar="FILE", help="What must be reached.", show_default=False)
    ] = GATES,
    ragas: Annotated[
        Path | None,
        typer.Option("--ragas", metavar="PYTHON", help="Score tool calls with ragas too (`make ragas`)."),
    ] = None,
    show_frozen: Annotated[
        bool,
        typer.Option("--show-frozen", help="List failures of frozen suites too; they measure nothing then."),
    ] = False,
) -> None:
    """Ask all cases, write the report, and fail where a gate does not hold."""

    def work() -> int:
        suites, checked = _suites(suite or ()), read_gates(gates)
        folder = out or RUNS / datetime.now(UTC).strftime("%Y-%m-%d-%H%M%S")
        with folder_of(home) as homes:
            found = asyncio.run(_measured(suites, homes, data, folder, trials, jobs, seed))
        if ragas is not None:
            _keep(folder, ragas_scores(ragas, found.tries))
        made = summary(found, passages(checked, found, profile), ragas=_kept(folder), show_frozen=show_frozen)
        _write(folder, made)
        print(_screen(made))
        print(f"\nreport: {folder / 'report.html'}")
        return 0 if made.passes else 1

    raise typer.Exit(_ended(work))


@app.command()
def report(
    folder: Annotated[Path, typer.Argument(help="Folder of a run.")],
    profile: Annotated[Profile, typer.Option(help="Which gates hold: CI's, or all.")] = "full",
    gates: Annotated[
        Path, typer.Option("--gates", metavar="FILE", help="What must be reached.", show_default=False)
    ] = GATES,
    show_frozen: Annotated[
        bool, typer.Option("--show-frozen", help="List failures of frozen suites.")
    ] = False,
) -> None:
    """Write the report of a run again, with the gates as they are now."""

    def work() -> int:
        found = read_run(folder)
        made = summary(
            found,
            passages(read_gates(gates), found, profile),
            ragas=_kept(folder),
            show_frozen=show_frozen,
        )
        _write(folder, made)
        print(_screen(made))
        return 0 if made.passes else 1

    raise typer.Exit(_ended(work))


@app.command()
def compare(
    before: Annotated[Path, typer.Argument(help="Folder of the earlier run.")],
    after: Annotated[Path, typer.Argument(help="Folder of the later run.")],
) -> None:
    """Say what changed between two runs, with intervals, and which cases flipped."""

    def work() -> int:
        print(as_text(compared(read_run(before), read_run(after))))
        return 0

    raise typer.Exit(_ended(work))


def main(arguments: list[str] | None = None) -> None:
    """Run the command line; `plantwright eval` hands its arguments over."""
    app(arguments, prog_name="plantwright eval")


def _ended(work: object) -> int:
    """The exit code of a piece of work; what cannot be used is named, with the remedy, and ends with 2."""
    assert callable(work)
    try:
        code = work()
    except UNUSABLE as error:
        sys.stderr.write(f"plantwright eval: {error}\n")
        return 2
    except KeyboardInterrupt:
        sys.stderr.write("\nplantwright eval: interrupted; the same --out goes on where it was\n")
        return 130
    return int(code)


def _suites(named: list[str] | tuple[str, ...]) -> list[Suite]:
    files = [Path(name) for name in named if name.endswith((".yaml", ".yml"))]
    names = [name for name in named if not name.endswith((".yaml", ".yml"))]
    found = [read(path) for path in files]
    if names or not files:
        found += packaged_suites(names)
    if not found:
        raise SuiteUnusable("no suites are installed with the program; name YAML files with --suite")
    return found


async def _measured(
    suites: list[Suite], homes: Path, files: Path, folder: Path, trials: int, jobs: int, seed: int
) -> Run:
    """Ask the cases, each kind of data in its home."""
    model = EmbeddedModel()
    kinds: list[Data] = sorted({suite.data for suite in suites})
    tries: list[Try] = []
    async with AsyncExitStack() as stack:
        places = {kind: await stack.enter_async_context(opened(homes, kind, files)) for kind in kinds}
        manifest = Manifest(
            versions=versions_of(model.name, suites, {kind: places[kind].fingerprint for kind in kinds}),
            suites=tuple(suite.name for suite in suites),
            trials=trials,
            seed=seed,
            began=datetime.now(UTC).isoformat(timespec="seconds"),
        )
        recording = Recording(folder, manifest)
        for kind in kinds:
            part = [suite for suite in suites if suite.data == kind]
            respondent = await stack.enter_async_context(copilot_at(places[kind], model))
            source = files if kind == "adventureworks" else None
            with golden.opened(source, places[kind].owner) as data:
                tries += await run_cases(
                    part,
                    respondent,
                    data,
                    recording,
                    trials=trials,
                    jobs=jobs,
                    seed=seed,
                    progress=Steps(kind),
                )
    return Run(manifest, tuple(tries))


class Steps:
    """Progress on the screen, a line a second at most."""

    def __init__(self, kind: str) -> None:
        self._kind = kind
        self._right = 0
        self._next = 0.0

    def __call__(self, done: int, of: int, last: Try) -> None:
        """Count a try, and say where the run is."""
        self._right += last.is_right
        if done == of or time.monotonic() >= self._next:
            self._next = time.monotonic() + (1 if sys.stderr.isatty() else 15)
            end = "\n" if done == of or not sys.stderr.isatty() else "\r"
            sys.stderr.write(f"{self._kind}: {done} of {of} cases, {self._right} right in this run{end}")
            sys.stderr.flush()


def _keep(folder: Path, scores: RagasScores | None) -> None:
    if scores is not None:
        (folder / RAGAS).write_text(json.dumps(asdict(scores)) + "\n", encoding="utf-8")


def _kept(folder: Path) -> RagasScores | None:
    path = folder / RAGAS
    return RagasScores(**json.loads(path.read_text(encoding="utf-8"))) if path.exists() else None


def _write(folder: Path, made: Summary) -> None:
    for name, text in (
        ("report.html", page(made)),
        ("report.md", markdown(made)),
        ("report.json", json.dumps(record(made), indent=1, ensure_ascii=False) + "\n"),
    ):
        (folder / name).write_text(text, encoding="utf-8")


def _screen(made: Summary) -> str:
    """The tables that a terminal shows."""
    rows: list[tuple[str, ...]] = [("", *HEADINGS)]
    for section in made.sections[:2]:
        rows += [(tally.name, *cells(tally)) for tally in section.tallies]
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]
    lines.append("")
    for passage in made.passages:
        name, value, bound, holds = gate_cells(passage)
        lines.append(f"{'holds ' if holds == 'yes' else 'FAILS '} {name}: {value}, {bound}")
    return "\n".join(lines)

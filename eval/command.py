"""`plantwright eval`: run the cases, report on a run, compare two runs or several models."""

from __future__ import annotations

import asyncio
import json
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal

import typer

from agents.models.embedded.model import EmbeddedModel
from eval.cases import Suite, SuiteUnusable, packaged_suites, read
from eval.gates import GATES, GatesUnusable, passages, read_gates
from eval.golden import GoldenUnusable
from eval.homes import HomeUnusable, folder_of
from eval.measuring import prepared
from eval.ragas import FILE as RAGAS
from eval.ragas import RagasScores, RagasUnusable, ragas_scores
from eval.report.comparing import as_text, compared
from eval.report.markdown import gate_cells, markdown
from eval.report.page import page
from eval.report.record import record
from eval.report.summary import HEADINGS, Summary, cells, summary
from eval.results import Run, RunUnusable, read_run
from eval.side_by_side.asking import asked
from eval.side_by_side.markdown import PageUnusable, put_into
from eval.side_by_side.models import Access
from eval.side_by_side.table import SideBySide, side_by_side
from eval.side_by_side.writing import NAME, on_screen, write

UNUSABLE = (
    SuiteUnusable, GatesUnusable, GoldenUnusable, HomeUnusable, RunUnusable, RagasUnusable, PageUnusable,
)  # fmt: skip
FILES = Path("../shared/data/adventureworks")
RUNS = Path("eval-runs")
PAGES = (Path("README.md"), Path("docs/evaluation.md"))
Profile = Literal["reduced", "full"]

app = typer.Typer(
    name="plantwright eval",
    help="Measure how often questions are answered right, and whether answers are safe.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


_Files = Annotated[Path, typer.Option("--data", metavar="DIR", help="CSV files of AdventureWorks.")]
_Home = Annotated[
    Path | None,
    typer.Option("--home", metavar="DIR", help="Keep the loaded data there; a scratch folder without it."),
]
_Jobs = Annotated[int, typer.Option(min=1, max=64, help="Cases asked at a time.")]
_Against = Annotated[
    Path | None,
    typer.Option("--against", metavar="DIR", help="Folder of an earlier run: show what differs from it."),
]
_Seed = Annotated[int, typer.Option(help="Decides the order.")]


@app.command()
def run(
    suite: Annotated[
        list[str] | None,
        typer.Option("--suite", help="A suite by name, or a YAML file; all that ship without it."),
    ] = None,
    data: _Files = FILES,
    home: _Home = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Where the run is kept, or goes on.")
    ] = None,
    trials: Annotated[int, typer.Option(min=1, max=100, help="Tries of each case, for pass^k.")] = 1,
    jobs: _Jobs = 1,
    seed: _Seed = 0,
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
    against: _Against = None,
) -> None:
    """Ask all cases, write the report, and fail where a gate does not hold."""

    def work() -> int:
        suites, checked = _suites(suite or ()), read_gates(gates)
        earlier = None if against is None else read_run(against)
        folder = _folder(out)
        with folder_of(home) as homes:
            found = asyncio.run(_measured(suites, homes, data, folder, trials, jobs, seed))
        if ragas is not None:
            _keep(folder, ragas_scores(ragas, found.tries))
        made = summary(
            found,
            passages(checked, found, profile),
            ragas=_kept(folder),
            show_frozen=show_frozen,
            against=earlier,
        )
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
    against: _Against = None,
) -> None:
    """Write the report of a run again, with the gates as they are now."""

    def work() -> int:
        found = read_run(folder)
        made = summary(
            found,
            passages(read_gates(gates), found, profile),
            ragas=_kept(folder),
            show_frozen=show_frozen,
            against=None if against is None else read_run(against),
        )
        _write(folder, made)
        print(_screen(made))
        return 0 if made.passes else 1

    raise typer.Exit(_ended(work))


@app.command()
def compare(
    named: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="RUN RUN | [SUITE]...",
            help="Folders of two runs, or with --models the suites: by name, or YAML files; all without any.",
            show_default=False,
        ),
    ] = None,
    models: Annotated[
        str | None,
        typer.Option(
            "--models",
            metavar="A,B",
            help="Ask each: embedded, local:<file>, openai:<model>, <provider>:<model>.",
        ),
    ] = None,
    data: _Files = FILES,
    home: _Home = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Where the runs are kept, or go on.")
    ] = None,
    trials: Annotated[int, typer.Option(min=1, max=100, help="Tries of each case.")] = 1,
    jobs: _Jobs = 1,
    seed: _Seed = 0,
    write_pages: Annotated[
        bool,
        typer.Option(
            "--write-pages", help="Put the table between its marks in README.md and docs/evaluation.md."
        ),
    ] = False,
    openai_key: Annotated[str | None, typer.Option(envvar="OPENAI_API_KEY", hidden=True)] = None,
    openai_base_url: Annotated[
        str | None,
        typer.Option(envvar="OPENAI_BASE_URL", metavar="URL", help="Endpoint of the openai: models."),
    ] = None,
) -> None:
    """Say what changed between two runs, or with --models how several models answer the same questions."""

    def runs() -> int:
        if len(named or ()) != 2:
            raise RunUnusable("compare needs the folders of two runs, or --models")
        before, after = (read_run(Path(folder)) for folder in named or ())
        print(as_text(compared(before, after)))
        return 0

    def ask() -> int:
        names = [name.strip() for name in (models or "").split(",") if name.strip()]
        if not names:
            raise RunUnusable("--models needs one model at least, such as embedded")
        suites, folder = _suites(named or ()), _folder(out)
        access = Access(openai_key, openai_base_url)
        with folder_of(home) as homes:
            found = asyncio.run(_asked(names, access, suites, homes, data, folder, trials, jobs, seed))
        write(folder, found)
        print(on_screen(found))
        print(f"\nall tables: {folder / NAME}.html, .md, .json")
        for written in put_into(PAGES, found) if write_pages else ():
            print(f"written: {written}")
        return 0 if found.is_whole else 1

    raise typer.Exit(_ended(runs if models is None else ask))


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


def _folder(out: Path | None) -> Path:
    return out or RUNS / datetime.now(UTC).strftime("%Y-%m-%d-%H%M%S")


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
    """Ask the cases with the embedded model."""
    async with prepared(suites, homes, files, trials=trials, jobs=jobs, seed=seed) as measurement:
        return await measurement.run(EmbeddedModel(), folder)


async def _asked(
    names: list[str],
    access: Access,
    suites: list[Suite],
    homes: Path,
    files: Path,
    folder: Path,
    trials: int,
    jobs: int,
    seed: int,
) -> SideBySide:
    """Ask the cases with each model in turn."""
    async with prepared(suites, homes, files, trials=trials, jobs=jobs, seed=seed) as measurement:
        sides = await asked(measurement, names, folder, access)
    return side_by_side([suite.name for suite in suites], sides)


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

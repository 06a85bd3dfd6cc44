"""`plantwright ask`: one question, or a file of them in one warm process."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, TextIO

import typer
from pydantic import BaseModel, ConfigDict, ValidationError

from agents.answer import Answer
from erp_adapters.caller import Caller
from erp_adapters.errors import CopilotError, StoreUnavailable
from server.commands.home import at_home
from server.commands.interruption import interruptible
from server.commands.options import AsJson, Charts, Details, Model, Person
from server.errors import STATUS_CODES, ExitCode, UsageError, at_edge, problem
from server.house import House
from server.settings import Settings

PATIENCE = 3
"""Questions in a row that may fail for want of the database before a file is given up."""


def ask(
    question: Annotated[str | None, typer.Argument(help="The question; `-` reads it from stdin.")] = None,
    person: Person = None,
    as_json: AsJson = False,
    alternatives: Annotated[
        bool, typer.Option("--alternatives", help="Also compute the other readings.")
    ] = False,
    details: Details = False,
    chart: Charts = False,
    file: Annotated[
        Path | None,
        typer.Option(
            "--file",
            help="JSON lines with `id` and `question`, optionally `conversation` and `as`; `-` is stdin. "
            "One JSON answer a line comes out.",
        ),
    ] = None,
    conversation: Annotated[
        str | None, typer.Option("--conversation", metavar="ID", help="Go on with this conversation.")
    ] = None,
    model: Model = None,
) -> None:
    """Answer a question with figures that can be traced."""
    if (question is None) == (file is None):
        raise typer.BadParameter("give a question, `-` for stdin, or --file")

    def work(settings: Settings) -> ExitCode:
        mention_key(settings)
        with at_home(settings) as (runner, house):
            if file is not None:
                with _Lines(file) as lines:
                    return runner.run(
                        ask_file(house, lines, sys.stdout, sys.stderr, person, alternatives=alternatives)
                    )
            caller = runner.run(house.person(person))
            text = _read() if question == "-" else _typed(question or "")
            answer = runner.run(
                interruptible(
                    house.copilot.ask(
                        caller, text.strip(), conversation=conversation, alternatives=alternatives
                    )
                )
            )
            if as_json:
                sys.stdout.write(answer.model_dump_json() + "\n")
            else:
                answer = _shown(runner, house, caller, answer, details=details, charts=chart)
            return STATUS_CODES[answer.status]

    raise typer.Exit(at_edge(work, model=model))


def mention_key(settings: Settings) -> None:
    """Say on stderr that a key is there and unused; nothing has been sent anywhere."""
    if settings.has_unused_key:
        sys.stderr.write(
            "OPENAI_API_KEY is set, but the embedded model answers and nothing is sent out. "
            "To use the key: --model openai:<model>, or PLANTWRIGHT_MODEL=openai:<model>.\n"
        )


def _read() -> str:
    return sys.stdin.buffer.read().decode("utf-8", "replace")


def _typed(argument: str) -> str:
    # Bytes of an argument that are not text arrive as surrogates, which no output can carry.
    return argument.encode("utf-8", "replace").decode("utf-8")


def _shown(
    runner: asyncio.Runner, house: House, caller: Caller, answer: Answer, *, details: bool, charts: bool
) -> Answer:
    """Show the answer and, at a terminal, run the readings that the person picks; the last one shown."""
    from server.console import display, out
    from server.draft_tables import how_to_confirm

    console = out()
    display(console, answer, details=details, charts=charts)
    if answer.draft is not None:
        typer.echo(how_to_confirm(answer.draft))
    while answer.alternatives and sys.stdin.isatty() and sys.stdout.isatty():
        keys = ", ".join(a.key for a in answer.alternatives)
        try:
            key = input(f"\n  {keys} runs another reading, Enter ends: ").strip()
        except EOFError:
            break
        if key not in {a.key for a in answer.alternatives}:
            break
        answer = runner.run(house.copilot.choose(caller, answer.conversation, answer.id, key))
        console.print()
        display(console, answer, details=details, charts=charts)
    return answer


class _Line(BaseModel):
    """One line of a file of questions."""

    model_config = ConfigDict(extra="ignore", populate_by_name=True)

    id: str | int
    question: str
    conversation: str | None = None
    person: str | None = None

    @classmethod
    def read(cls, text: str) -> _Line:
        """The line, where `as` names the person.

        Raises:
            UsageError: it is no JSON object of that form.
        """
        try:
            given = json.loads(text)
            if isinstance(given, dict) and "as" in given:
                given["person"] = given.pop("as")
            return cls.model_validate(given)
        except (ValueError, RecursionError) as exc:
            what = exc.errors()[0]["msg"] if isinstance(exc, ValidationError) else "not JSON"
            raise UsageError(f'not a question ({what}); a line is {{"id": "1", "question": "..."}}') from exc


class _Lines:
    """The lines of a file or of stdin."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._opened: TextIO | None = None

    def __enter__(self) -> Iterator[str]:
        if str(self._path) == "-":
            return iter(sys.stdin)
        try:
            self._opened = self._path.open(encoding="utf-8", errors="replace")
        except OSError as exc:
            raise UsageError(f"{str(self._path)!r} cannot be read: {exc.strerror}") from exc
        return iter(self._opened)

    def __exit__(self, *_: object) -> None:
        if self._opened is not None:
            self._opened.close()


async def ask_file(
    house: House,
    lines: Iterator[str],
    out: TextIO,
    log: TextIO,
    person: str | None,
    *,
    alternatives: bool = False,
) -> ExitCode:
    """Answer line by line: the input's `id` comes back as `id`, the answer's own as `answer_id`.

    A line that fails yields an object with `id` and `error`, and the next one is tried. A database that stays
    away ends the run, because every later line would wait for it and fail the same way.
    """
    failed = done = unavailable = 0
    callers: dict[str | None, Caller] = {}
    for number, text in enumerate(lines, 1):
        if not text.strip():
            continue
        name: str | int | None = None
        record: dict[str, object]
        try:
            line = _Line.read(text)
            name = line.id
            who = line.person or person
            if who not in callers:
                callers[who] = await house.person(who)
            answer = await house.copilot.ask(
                callers[who], line.question, conversation=line.conversation, alternatives=alternatives
            )
            record = {**answer.model_dump(mode="json"), "id": line.id, "answer_id": answer.id}
            done += 1
            unavailable = 0
        except CopilotError as error:
            failed += 1
            record = {"id": name, "line": number, "error": problem(error).body()}
            unavailable += isinstance(error, StoreUnavailable)
        out.write(json.dumps(record, ensure_ascii=False) + "\n")
        out.flush()
        if log.isatty():
            log.write(f"\r{done + failed} lines")
        if unavailable >= PATIENCE:
            raise StoreUnavailable(
                f"the database did not answer {PATIENCE} times in a row; stopped at line {number}"
            )
    log.write(f"{chr(13) if log.isatty() else ''}{done} questions answered, {failed} lines failed\n")
    return ExitCode.FAILURE if failed else ExitCode.ANSWERED

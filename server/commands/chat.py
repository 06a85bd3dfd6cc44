"""`plantwright chat`: a conversation in the terminal."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable

import typer

from agents.answer import Answer
from agents.events import Clause, Done, Progress, Started
from erp_adapters.caller import Caller
from erp_adapters.errors import CopilotError, ModelError
from server.commands.ask import mention_key
from server.commands.home import at_home
from server.commands.interruption import interruptible
from server.commands.options import Model, Person
from server.errors import ExitCode, at_edge
from server.house import House
from server.settings import Settings
from server.wording import plain
from tools.languages import said

HELP = """\
Type a question; the next one may follow on from it ("and in March?", "only the late ones").
  1 2 3       run another reading that was offered
  /evidence   queries, arguments and sample keys behind the last answer
  /chart      the last answer as a chart
  /json       the last answer as JSON
  /as PERSON  go on as somebody else (demo homes)
  /new        begin a new conversation
  /quit       leave (Ctrl-D too); Ctrl-C ends a search with the best it has, or stops the question"""


def chat(person: Person = None, model: Model = None) -> None:
    """Ask question after question; follow-ups go on from the last answer."""

    def work(settings: Settings) -> ExitCode:
        mention_key(settings)
        with at_home(settings) as (runner, house):
            return Chat(runner, house, runner.run(house.person(person))).loop()

    raise typer.Exit(at_edge(work, model=model))


class Chat:
    """One conversation at a prompt.

    The prompt is read outside the event loop and each question runs in it, so that Ctrl-C means the one thing
    that is going on.
    """

    def __init__(self, runner: asyncio.Runner, house: House, caller: Caller) -> None:
        from server.console import err, out

        self._runner = runner
        self._house = house
        self._caller = caller
        self._out = out()
        self._err = err()
        self._conversation: str | None = None
        self._last: Answer | None = None

    def loop(self) -> ExitCode:
        """Prompt until the person leaves."""
        if sys.stdin.isatty():
            # Imported for its effect: line editing at the prompt.
            import readline  # noqa: F401

            self._out.print(
                f"Asking as {self._caller.name}. /help lists what else you can type.", style="dim"
            )
        while True:
            try:
                line = input("\n› " if sys.stdin.isatty() else "").strip()
            except EOFError:
                return ExitCode.ANSWERED
            if line == "/quit":
                return ExitCode.ANSWERED
            if line:
                self.take(line)

    def take(self, line: str) -> None:
        """Answer one line: a question, a key or a command. What fails is said, and the chat goes on."""
        try:
            if line.startswith("/"):
                self._command(line)
            else:
                self._asked(line)
        except KeyboardInterrupt:
            self._err.print("stopped; the conversation goes on", style="yellow")
        except CopilotError as error:
            self._err.print(f"{error}", style="red")

    def _asked(self, line: str) -> None:
        last = self._last
        if last is not None and line in {a.key for a in last.alternatives}:
            answer = self._runner.run(
                interruptible(self._house.copilot.choose(self._caller, last.conversation, last.id, line))
            )
        else:
            with self._err.status("thinking", spinner="dots") as status:
                early = said("Ending the search; Ctrl-C again stops the question")
                answer = self._runner.run(
                    interruptible(self._streamed(line, status.update), lambda: status.update(early))
                )
        self._conversation = answer.conversation or self._conversation
        self._last = answer
        self._show(answer, details=False)

    async def _streamed(self, question: str, say: Callable[[str], None]) -> Answer:
        async for event in self._house.copilot.stream(
            self._caller, question, conversation=self._conversation
        ):
            match event:
                case Progress(_, text) | Clause(text):
                    say(plain(text))
                case Done(answer):
                    return answer
                case Started():
                    pass
        raise ModelError("the answer ended before it was complete; ask again")

    def _command(self, line: str) -> None:
        word, _, rest = line.partition(" ")
        last = self._last
        match word:
            case "/new":
                self._conversation = self._last = None
                self._out.print("A new conversation.", style="dim")
            case "/evidence" if last is not None:
                self._show(last, details=True)
            case "/chart" if last is not None and last.charts:
                self._show(last, details=False, charts=True)
            case "/chart" if last is not None:
                self._err.print("There is nothing to draw in the last answer.", style="yellow")
            case "/json" if last is not None:
                self._out.print(last.model_dump_json(indent=2), soft_wrap=True)
            case "/evidence" | "/json" | "/chart":
                self._err.print("There is no answer yet.", style="yellow")
            case "/as" if rest.strip():
                self._caller = self._runner.run(self._house.person(rest.strip()))
                self._conversation = self._last = None
                self._out.print(f"Asking as {self._caller.name}, in a new conversation.", style="dim")
            case _:
                self._out.print(HELP)

    def _show(self, answer: Answer, *, details: bool, charts: bool = False) -> None:
        from server.console import display
        from server.draft_tables import how_to_confirm

        self._out.print()
        display(self._out, answer, details=details, charts=charts)
        if answer.draft is not None:
            self._out.print(how_to_confirm(answer.draft))

"""What a person at a terminal can do after an answer, in a real pseudo-terminal."""

from __future__ import annotations

import os
import pty
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]

PROGRAM = """
import asyncio, fcntl, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)  # Ctrl-C is for whoever controls the terminal
from server.commands.ask import _shown
from server.errors import STATUS_CODES, at_edge
from tests.server.stand_in import StandInCopilot, house, person, unclear

def work(settings):
    with asyncio.Runner() as runner:
        planner = person("planner", "Planner")
        answer = _shown(runner, house(), planner, unclear("performance"), details=False, charts=False)
    return STATUS_CODES[answer.status]

sys.exit(at_edge(work))
"""


class Terminal:
    """The program in a pseudo-terminal of 100 columns."""

    def __init__(self) -> None:
        self.screen, line = pty.openpty()
        self.process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM],
            env={**os.environ, "COLUMNS": "100", "TERM": "xterm", "PYTHONPATH": str(ROOT)},
            stdin=line,
            stdout=line,
            stderr=line,
            start_new_session=True,
        )
        os.close(line)
        self.shown = ""

    def wait_for(self, text: str) -> None:
        deadline = time.monotonic() + 30
        while text not in self.shown:
            assert time.monotonic() < deadline, self.shown
            if select.select([self.screen], [], [], 0.2)[0]:
                self.shown += os.read(self.screen, 65536).decode()
        # The prompt is written before the read begins; a signal between the two is only seen after it.
        time.sleep(0.5)

    def type(self, text: str) -> None:
        self.shown = ""
        os.write(self.screen, text.encode())

    def code(self) -> int:
        code = self.process.wait(30)
        os.close(self.screen)
        return code


@pytest.fixture
def terminal() -> Terminal:
    return Terminal()


def test_number_runs_the_reading(terminal: Terminal) -> None:
    """The question back becomes an answer, and the exit code is the answer's."""
    terminal.wait_for("runs another reading")
    terminal.type("2\n")
    terminal.wait_for("10,651")
    assert terminal.code() == 0


def test_enter_leaves_it(terminal: Terminal) -> None:
    """A question back that nobody answers ends with its own code."""
    terminal.wait_for("runs another reading")
    terminal.type("\n")
    assert terminal.code() == 3


def test_interruption_at_the_prompt_is_clean(terminal: Terminal) -> None:
    """Ctrl-C is heard at once, and not only after the next key."""
    terminal.wait_for("runs another reading")
    terminal.type("\x03")
    terminal.wait_for("interrupted")
    assert "Traceback" not in terminal.shown
    assert terminal.code() == 130


def test_end_of_input_leaves_it(terminal: Terminal) -> None:
    """Ctrl-D is no error."""
    terminal.wait_for("runs another reading")
    terminal.type("\x04")
    assert terminal.code() == 3


def test_signal_while_waiting(terminal: Terminal) -> None:
    """An interrupt sent by another process is the same."""
    terminal.wait_for("runs another reading")
    terminal.process.send_signal(signal.SIGINT)
    assert terminal.code() == 130

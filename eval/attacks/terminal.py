"""Answers as the terminal shows them, by the program's own renderer.

`eval` and `server` do not import each other, so the renderer runs in a process of its own.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence

from agents.answer import Answer

_SHOW = """
import io, json, sys
from agents.answer import Answer
from server.console import display, out
console = out()
for line in sys.stdin:
    console.file = io.StringIO()
    display(console, Answer.model_validate_json(line), with_question=False, details=True)
    print(json.dumps(console.file.getvalue()))
"""


def on_terminal(answers: Sequence[Answer]) -> list[str]:
    """What a terminal or a pipe receives for each answer, with the details of its evidence.

    Raises:
        subprocess.CalledProcessError: the renderer failed.
    """
    lines = "\n".join(answer.model_dump_json() for answer in answers)
    done = subprocess.run(
        [sys.executable, "-c", _SHOW], input=lines, capture_output=True, text=True, check=True
    )
    return [str(json.loads(line)) for line in done.stdout.splitlines()]

"""Answers to questions as a person gets them: from the program itself, in a home that holds AdventureWorks.

The program runs as a process of its own, because `eval` and `server` do not import each other: so the model
is the one that the settings name, and every question takes the whole way through the agent.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from agents.answer import Answer

SYSTEM = "adventureworks"
REMEDY = "plantwright import adventureworks"
"""What an empty home says is to be done; a database that somebody else runs never says so."""


class HomeUnusable(Exception):
    """The home cannot be measured in; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Failed:
    """A question to which no answer came back."""

    detail: str


Reply: TypeAlias = Answer | Failed


@contextmanager
def home_of(given: Path | None) -> Iterator[Path]:
    """The given home, or a scratch one that is gone afterwards. DATABASE_URL takes the place of either."""
    if given is not None:
        yield given.absolute()
        return
    folder = Path(tempfile.mkdtemp(prefix="plantwright-eval-"))
    # The database's own account must be able to enter it.
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def prepare(home: Path, data: Path) -> None:
    """Make sure that AdventureWorks, and nothing else, is loaded; an empty embedded home gets it.

    Raises:
        HomeUnusable: other sources are loaded too, or the database is not ours to load into.
    """
    seen = subprocess.run(_plantwright(home, "status", "--json"), capture_output=True, text=True, check=False)
    if seen.returncode == 0:
        systems = {str(source["system"]) for source in json.loads(seen.stdout)["sources"]}
        if systems != {SYSTEM}:
            raise HomeUnusable(
                f"the home holds {', '.join(sorted(systems)) or 'nothing'}, and the expected answers are"
                f" those of {SYSTEM} alone; name another with --home"
            )
        return
    if REMEDY not in seen.stderr:
        raise HomeUnusable(
            f"{seen.stderr.strip()}\nA database of DATABASE_URL is not loaded into by measuring;"
            f" where it is meant for that: {REMEDY} {data} --demo"
        )
    loaded = subprocess.run(
        _plantwright(home, "import", "adventureworks", str(data), "--demo"),
        stdout=subprocess.DEVNULL,
        check=False,
    )
    if loaded.returncode != 0:
        raise HomeUnusable("AdventureWorks could not be loaded; --data names the folder of its CSV files")


def asked(home: Path, questions: Sequence[str]) -> list[Reply]:
    """The reply to each question, every one in a conversation of its own, with the other readings run too.

    Raises:
        HomeUnusable: the program ended before the last question.
    """
    lines = "".join(
        json.dumps({"id": number, "question": question}) + "\n" for number, question in enumerate(questions)
    )
    done = subprocess.run(
        _plantwright(home, "ask", "--file", "-", "--alternatives"),
        input=lines,
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    replies = [_reply(line) for line in done.stdout.splitlines()]
    if len(replies) < len(questions):
        raise HomeUnusable(f"only {len(replies)} of {len(questions)} questions were answered")
    return replies


def _reply(line: str) -> Reply:
    record: dict[str, object] = json.loads(line)
    if "error" in record:
        error = record["error"]
        return Failed(str(error["detail"]) if isinstance(error, dict) else str(error))
    record["id"] = record.pop("answer_id")
    return Answer.model_validate(record)


def _plantwright(home: Path, *arguments: str) -> list[str]:
    return ["env", f"PLANTWRIGHT_HOME={home}", sys.executable, "-m", "server", *arguments]

"""The pages say what is so: their links lead somewhere, their targets exist, their commands run."""

import ast
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from _pytest.mark import ParameterSet

from erp_adapters.store import EmbeddedPostgres

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
ADVENTUREWORKS = ROOT.parent / "shared" / "data" / "adventureworks"
TESTED = re.compile(r"<!-- tested(?:: (?P<data>\w+))? -->\n+```console\n(?P<body>.*?)\n```", re.DOTALL)
LINK = re.compile(r"(?<!`)\[[^\]]*\]\((?P<target>[^)\s]+)\)")
TARGET = re.compile(r"`make (?P<name>[a-z][a-z-]*)")
SYMBOL = re.compile(r"`(?P<path>[\w/]+\.py)::(?P<name>[\w.]+)`")
PATH = re.compile(rf"`(?P<path>(?:{'|'.join(p.name for p in ROOT.iterdir() if p.is_dir())})/[\w./-]+)`")


def relative(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("page", PAGES, ids=relative)
def test_links_lead_somewhere(page: Path) -> None:
    """A link to a file of this tree names one that exists."""
    for link in LINK.finditer(page.read_text(encoding="utf-8")):
        target = link["target"].split("#")[0]
        if target and "://" not in target:
            assert (page.parent / target).exists(), link.group()


@pytest.mark.parametrize("page", PAGES, ids=relative)
def test_files_and_targets_that_are_named_exist(page: Path) -> None:
    """`make` targets and paths in code type are those of this tree."""
    text = page.read_text(encoding="utf-8")
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in TARGET.finditer(text):
        assert re.search(rf"^{target['name']}:", makefile, re.MULTILINE), target.group()
    for named in PATH.finditer(text):
        assert (ROOT / named["path"]).exists(), named["path"]


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES, ids=relative)
def test_functions_and_classes_that_are_named_exist(page: Path) -> None:
    """`file.py::Class.method` names something that the file defines."""
    for named in SYMBOL.finditer(page.read_text(encoding="utf-8")):
        node: ast.AST = ast.parse((ROOT / named["path"]).read_text(encoding="utf-8"))
        for part in named["name"].split("."):
            found = [child for child in ast.iter_child_nodes(node) if getattr(child, "name", None) == part]
            assert found, named.group()
            node = found[0]


def blocks() -> list[ParameterSet]:
    """Data set, commands and expected output of every block that stands under the comment."""
    found = []
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for block in TESTED.finditer(text):
            where = f"{relative(page)}:{text.count(chr(10), 0, block.start('body')) + 1}"
            lines = block["body"].splitlines()
            typed = [line.removeprefix("$ ") for line in lines if line.startswith("$ ")]
            shown = "\n".join(line for line in lines if not line.startswith("$ "))
            found.append(pytest.param(block["data"], typed, shown, id=where))
    return found


@pytest.fixture(scope="session")
def homes() -> Iterator[Callable[[str | None], Path]]:
    """Homes by their data set, each made when a page first asks for it.

    Blocks of one data set share one, so what adds a site, and with it a later "today", is told `apart`.
    """
    with ExitStack() as stack:
        made: dict[str | None, Path] = {}

        def home_of(data: str | None) -> Path:
            if data not in made:
                made[data] = stack.enter_context(_made(data))
            return made[data]

        yield home_of


@pytest.fixture
def home(request: pytest.FixtureRequest, homes: Callable[[str | None], Path]) -> Path:
    """A home as `make demo` leaves it, on the built-in data, on those that the page names, or one apart."""
    if request.param == "AdventureWorks" and not ADVENTUREWORKS.is_dir():
        pytest.skip(f"AdventureWorks is not there: put its CSV files into {ADVENTUREWORKS}")
    return homes(request.param)


@contextmanager
def _made(data: str | None) -> Iterator[Path]:
    # The database's own account must be able to enter it, so it is neither tmp_path nor private.
    folder = Path(tempfile.mkdtemp(prefix="plantwright-docs-"))
    folder.chmod(0o755)
    more = ["--data", str(ADVENTUREWORKS)] if data == "AdventureWorks" else []
    made = shell(["plantwright", "demo", "--small", "--tour-only", *more], folder)
    assert made.returncode == 0, made.stdout
    # Its database stays up between the commands, as beside a running `plantwright serve`.
    with EmbeddedPostgres(folder / "postgres"):
        yield folder
    shutil.rmtree(folder, ignore_errors=True)


def shell(command: str | list[str], home: Path) -> subprocess.CompletedProcess[str]:
    environment = {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PLANTWRIGHT_HOME": str(home),
        "COLUMNS": "110",
        "LANG": "C.UTF-8",
    }
    return subprocess.run(
        command,
        shell=isinstance(command, str),
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@pytest.mark.long
@pytest.mark.timeout(300)
@pytest.mark.parametrize(("home", "typed", "shown"), blocks(), indirect=["home"])
def test_commands_do_what_the_page_shows(home: Path, typed: list[str], shown: str) -> None:
    """A reader who types the commands sees the lines below them, in that order."""
    printed = "".join(shell(command, home).stdout for command in typed)
    position = 0
    for line in filter(None, map(str.strip, shown.splitlines())):
        for piece in filter(None, map(str.strip, line.split("..."))):
            found = re.search(r"\s+".join(map(re.escape, piece.split())), printed[position:])
            assert found, f"{piece!r} is not in what follows:\n{printed[position:]}"
            position += found.end()

"""The pages say what is so: their links lead somewhere, their targets exist, their commands run."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
LINK = re.compile(r"(?<!`)\[[^\]]*\]\((?P<target>[^)\s]+)\)")
TARGET = re.compile(r"`make (?P<name>[a-z][a-z-]*)")
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

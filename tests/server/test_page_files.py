"""The page is of this origin only, and puts text in as text."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from server.app import page_folder

FILES = sorted(page_folder().iterdir(), key=lambda path: path.name)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_nothing_remote_is_named(path: Path) -> None:
    """No file refers to another host; the one address is the name space of SVG."""
    text = path.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
    assert not re.search(r"https?:|//[a-z]+\.[a-z]+/|@import|url\(", text)


@pytest.mark.parametrize("path", [p for p in FILES if p.suffix == ".js"], ids=lambda path: path.name)
def test_text_is_never_parsed_as_markup(path: Path) -> None:
    """Scripts make nodes, never HTML, and run no text."""
    forbidden = (
        r"innerHTML|outerHTML|insertAdjacent|document\.write|DOMParser|\beval\b|new Function|srcdoc|\.style\."
    )
    found = [line for line in path.read_text(encoding="utf-8").splitlines() if re.search(forbidden, line)]
    assert [line for line in found if "box.style.height" not in line] == []


def test_markup_holds_no_inline_script_or_style() -> None:
    """The content security policy would refuse them."""
    text = (page_folder() / "index.html").read_text(encoding="utf-8")
    assert not re.search(r"<style|style=|<script(?![^>]*\bsrc=)|\son[a-z]+=", text)

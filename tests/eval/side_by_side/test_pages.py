"""The table of a page stands between its marks and comes from a run; files need nothing else."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from eval.results import Run
from eval.scoring.verdict import Outcome
from eval.side_by_side.asking import Side, folder_name
from eval.side_by_side.markdown import BEGIN, END, PageUnusable, put_into
from eval.side_by_side.table import SideBySide, side_by_side
from eval.side_by_side.writing import on_screen, write
from tests.eval.replies import tried
from tests.eval.test_running import MANIFEST

WHOLE = Side("embedded", Run(MANIFEST, (tried(case="A"), tried(Outcome.WRONG, case="B"))), 2)
PART = Side("openai:m", Run(MANIFEST, (tried(case="A"),)), 2, "lost: it did not answer <b>in time</b>")
NONE = Side("openai:n", None, 2, "not configured: no key")
PAGE = f"# Page\n\nbefore\n{BEGIN}\nold\n{END}\nafter\n"


def made(*sides: Side) -> SideBySide:
    return side_by_side(["shared"], sides)


def test_the_table_replaces_what_stood_between_the_marks(tmp_path: Path) -> None:
    """Only of models that were asked everything, and only in pages that have the marks."""
    page, plain = tmp_path / "page.md", tmp_path / "plain.md"
    page.write_text(PAGE, encoding="utf-8")
    plain.write_text("# Plain\n", encoding="utf-8")
    pages = [page, plain, tmp_path / "none.md"]
    assert put_into(pages, made(WHOLE, PART, NONE)) == [page]
    text = page.read_text(encoding="utf-8")
    assert text.startswith("# Page\n\nbefore\n")
    assert text.endswith("after\n")
    assert "| embedded | 2 | 50 % [9, 91] |" in text
    assert "plantwright eval compare --models embedded shared" in text
    assert "old" not in text
    assert "openai" not in text
    assert plain.read_text(encoding="utf-8") == "# Plain\n"
    put_into(pages, made(WHOLE))
    assert page.read_text(encoding="utf-8") == text


@pytest.mark.parametrize(
    "text", ["# No marks\n", f"{END}\n{BEGIN}\n", f"{BEGIN}\n", f"{BEGIN}\n{END}\n{BEGIN}\n{END}\n"]
)
def test_a_page_without_its_marks_is_left_alone(text: str, tmp_path: Path) -> None:
    """And named."""
    page = tmp_path / "page.md"
    page.write_text(text, encoding="utf-8")
    with pytest.raises(PageUnusable, match=r"page\.md"):
        put_into([page], made(WHOLE))
    assert page.read_text(encoding="utf-8") == text


def test_without_a_whole_run_no_page_is_written(tmp_path: Path) -> None:
    """A part of the questions is not published."""
    page = tmp_path / "page.md"
    page.write_text(PAGE, encoding="utf-8")
    with pytest.raises(PageUnusable, match="no model was asked every case"):
        put_into([page], made(PART, NONE))
    assert page.read_text(encoding="utf-8") == PAGE


def test_files_hold_every_model_and_run_nothing(tmp_path: Path) -> None:
    """A reason may quote an endpoint: it is text. The section needs nothing from anywhere."""
    found = made(WHOLE, PART, NONE)
    write(tmp_path, found)
    section = (tmp_path / "side-by-side.html").read_text(encoding="ascii")
    assert "&lt;b&gt;in time" in section
    assert not any(tag in section for tag in ("<script", "<link", "<img", "http", "<b>"))
    markdown = (tmp_path / "side-by-side.md").read_text(encoding="utf-8")
    assert "| openai:n | 0 of 2; not configured: no key |" in markdown
    assert "| openai:m | 1 of 2; lost: it did not answer" in markdown
    kept = json.loads((tmp_path / "side-by-side.json").read_text(encoding="utf-8"))
    assert [one["whole"] for one in kept["models"]] == [True, False, False]
    assert kept["models"][2]["figures"] is None
    assert "0 of 2; not configured: no key" in on_screen(found)


def test_names_of_models_make_folders() -> None:
    """Within the folder of the comparison, whatever the name."""
    assert folder_name("openai:gpt-x") == "openai-gpt-x"
    assert folder_name("local:/models/../m.gguf") == "local-models-..-m.gguf"
    assert folder_name("..") == "-"

"""Findings in words: each code has a sentence, in every language, with all that it needs."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from erp_adapters.store.checks import CHECKS as ALL
from tools.findings import CHECKS, PROPOSALS, SENTENCES
from tools.languages import LANGUAGES
from tools.languages.speaking import texts

_FOLDER = Path(__file__).parents[2] / "erp_adapters/store/checks"
_PLACE = re.compile(r"\[\[(\w+)\]\]")


def test_every_check_has_a_name() -> None:
    assert [check.name for check in ALL] == list(CHECKS)


def test_every_sentence_is_of_a_code_that_a_check_gives() -> None:
    """A code without a sentence fails where a steward reads it; a sentence without a code is dead."""
    constants = {
        node.value
        for file in _FOLDER.glob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    assert set(SENTENCES) - constants == set()
    assert (set(PROPOSALS) - {"fill_value"}) - constants == set()


def test_every_language_fills_the_same_places() -> None:
    """A place that only English has would leave a figure out; one that it lacks would fail."""
    for spoken in LANGUAGES[1:]:
        for text in (*SENTENCES.values(), *PROPOSALS.values()):
            assert sorted(_PLACE.findall(texts(spoken)[text])) == sorted(_PLACE.findall(text)), text

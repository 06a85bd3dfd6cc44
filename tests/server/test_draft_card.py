"""The terminal shows a draft's card with what a confirmation needs, and nothing that is not there."""

from __future__ import annotations

from io import StringIO

import pytest
from rich.console import Console

from agents.answer import Answer, AnswerDraft, AnswerDraftRow
from server.console import display
from tools.languages import Language

DRAFT = AnswerDraft(
    id="01a22735-2146-7bd9-9bd2-4908624ea063",
    series="01a22735-2146-7bd9-9bd2-4908624ea064",
    version=2,
    kind="purchase_requisition",
    site="KAS",
    digest="sha256:" + "ab" * 32,
    state="awaiting_confirmation",
    title="Purchase requisition for KAS",
    rows=(AnswerDraftRow(label="Material", value="BR-6204 Ball bearing 6204\u202e\x1b[31m"),),
    warnings=("It cannot be there by 2026-04-07.",),
    signatures=1,
    may_confirm=("buyer",),
    expires_at="2026-12-02T12:00:00Z",
)


def text_of(language: Language = "en", draft: AnswerDraft | None = DRAFT) -> str:
    answer = Answer(
        id="a", status="answered", question="?", reading="r", answer="Drafted.", model="m", language=language,
        draft=draft,
    )  # fmt: skip
    out = StringIO()
    display(Console(file=out, width=120, highlight=False, markup=False), answer)
    return out.getvalue()


def test_the_card_stands_whole_with_its_digest() -> None:
    """Title, rows, warnings, state, version and the digest that a confirmation names."""
    shown = text_of()
    for part in (DRAFT.title, "BR-6204 Ball bearing 6204", DRAFT.warnings[0], DRAFT.digest, DRAFT.id, "v2"):
        assert part in shown
    assert "awaiting confirmation" in shown
    assert "2026-12-02" in shown


def test_nothing_unseen_reaches_the_terminal() -> None:
    """No control sequence and nothing that turns the direction of what stands beside it."""
    assert "\x1b" not in text_of()
    assert "\u202e" not in text_of()


@pytest.mark.parametrize(("language", "word"), [("de", "Prüfsumme"), ("es", "huella"), ("fr", "empreinte")])
def test_the_labels_beside_the_card_are_in_the_answers_language(language: Language, word: str) -> None:
    """The card itself is what is hashed, and stays as it is."""
    assert word in text_of(language)
    assert DRAFT.title in text_of(language)


def test_an_answer_without_a_draft_has_no_card() -> None:
    assert "digest" not in text_of(draft=None)

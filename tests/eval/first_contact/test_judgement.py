"""Replies are worth what they show, and the tallies keep looked-at and held-out questions apart."""

from __future__ import annotations

from pathlib import Path

import pytest

from agents.answer import Alternative, Answer, AnswerTable, Timings
from eval.first_contact.asking import Failed
from eval.first_contact.judgement import Judged, Outcome, judged
from eval.first_contact.question_sets import Case, QuestionSet, QuestionsUnusable, read
from eval.first_contact.report import Rate, Tally, failures, groups, record

CASE = Case.model_validate(
    {"id": "Q1", "question": "How many?", "answer": {"columns": ["n"], "rows": [[7]]}, "tolerance": 0.005}
)
UNANSWERABLE = Case.model_validate(
    {"id": "Q2", "question": "Why?", "expect": "cannot_answer", "answer": None}
)


def table(value: str) -> AnswerTable:
    return AnswerTable(columns=("n",), units=("",), rows=((value,),))


def reply(status: str, *values: str, offered: tuple[str, ...] = ()) -> Answer:
    return Answer.model_validate(
        {
            "id": "a",
            "status": status,
            "question": "How many?",
            "reading": "",
            "answer": "",
            "tables": [table(value) for value in values],
            "alternatives": [
                Alternative(key=str(at + 1), reading="", tables=(table(value),))
                for at, value in enumerate(offered)
            ],
            "model": "embedded",
            "timings": Timings(total_ms=10),
        }
    )


@pytest.mark.parametrize(
    ("given", "outcome", "click"),
    [
        (reply("answered", "7"), Outcome.RIGHT, True),
        (reply("answered", "8"), Outcome.WRONG, False),
        (reply("answered", "8", offered=("7",)), Outcome.WRONG, True),
        (reply("clarify", offered=("6", "7")), Outcome.HELD_BACK, True),
        (reply("cannot_answer"), Outcome.HELD_BACK, False),
        (Failed("no answer"), Outcome.FAILED, False),
    ],
)
def test_a_reply_is_worth_what_it_shows(given: Answer | Failed, outcome: Outcome, click: bool) -> None:
    """A wrong figure is wrong even where the right one is offered beside it."""
    one = judged(CASE, given)
    assert (one.outcome, one.within_click) == (outcome, click)


def test_declining_is_right_only_where_nothing_can_answer() -> None:
    """A figure for what the data does not have is the dangerous error."""
    assert judged(UNANSWERABLE, reply("cannot_answer")).outcome is Outcome.DECLINED_RIGHTLY
    assert judged(UNANSWERABLE, reply("clarify", offered=("1",))).outcome is Outcome.DECLINED_RIGHTLY
    assert judged(UNANSWERABLE, reply("answered", "1")).outcome is Outcome.WRONG


def test_held_out_questions_are_counted_and_not_shown() -> None:
    """Nobody fits the reader to what measures it, and the two kinds are never averaged."""
    wrong = Judged(CASE, reply("answered", "8"), Outcome.WRONG, False)
    seen, unseen = QuestionSet("development_9", (CASE,)), QuestionSet("held_out_9", (CASE,))
    assert "How many?" in failures(seen, [wrong])
    assert failures(unseen, [wrong]) == ""
    sets = record([(seen, [wrong]), (unseen, [wrong])])["sets"]
    assert isinstance(sets, list)
    assert ["cases" in one for one in sets] == [True, False]
    assert [tally.name for tally in groups([(seen, [wrong]), (unseen, [wrong])])] == [
        "looked at, in all",
        "held out, in all",
    ]


def test_intervals_are_wilsons() -> None:
    """Few questions say little: 8 of 10 may be anything from a half to nearly all."""
    low, high = Rate(8, 10).interval
    assert (round(low, 3), round(high, 3)) == (0.490, 0.943)
    assert Rate(0, 0).interval == (0.0, 1.0)


def test_a_tally_reaches_all_three_figures_or_not() -> None:
    """Right often enough is not enough where wrong is too often."""
    right = judged(CASE, reply("answered", "7"))
    wrong = judged(CASE, reply("answered", "8"))
    assert Tally("all right", (right,) * 20).reaches
    assert not Tally("one in five wrong", (*(right,) * 16, *(wrong,) * 4)).reaches


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[", "is no question set"),
        ("[]", "holds no question"),
        ('[{"id": "1", "question": "x", "answer": null}]', "an answer is expected exactly where"),
        ('[{"id": "1", "question": "x", "expect": "cannot_answer", "answer": null, "extra": 1}]', "extra"),
    ],
)
def test_a_file_that_is_no_question_set_is_refused(tmp_path: Path, text: str, said: str) -> None:
    """The message names the file and what is wrong."""
    path = tmp_path / "questions.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(QuestionsUnusable, match=said):
        read(path)

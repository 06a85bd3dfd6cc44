"""What of an answer a person is shown."""

from __future__ import annotations

from agents.answer import AnswerTable, on_screen


def table(title: str, *, restates: bool = False) -> AnswerTable:
    return AnswerTable(title=title, columns=(), units=(), rows=(), restates=restates)


def test_of_two_tables_with_the_same_figures_one_is_shown() -> None:
    """The one that restates the other; no table, no screen."""
    years, beside, more = table("years"), table("beside", restates=True), table("more")
    assert on_screen((years, beside, more)) == (beside, more)
    assert on_screen(()) == ()

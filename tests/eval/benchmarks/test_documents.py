"""The benchmark of documents asks what can be answered, and counts what was found."""

from __future__ import annotations

from erp_adapters.demo.library import FOLDER
from erp_adapters.documents.chunking import passages
from erp_adapters.documents.storing import files_of, opened
from eval.benchmarks.documents import Found, _section, questions, table


def test_every_answer_is_a_section_of_a_document_that_the_asker_has() -> None:
    """A question whose answer is nowhere would only lower the recall."""
    sections: dict[str, set[str]] = {}
    for folder in FOLDER.iterdir():
        for path in files_of(folder) if folder.is_dir() else ():
            one = opened(path, path.name, "", ())
            for passage in passages(one.text, one.card.title):
                sections.setdefault(folder.name, set()).add(f"{one.card.id} {_section(passage.heading)}")
    asked = questions()
    assert len([question for question in asked if question.answers]) >= 60
    for question in asked:
        there = sections["group"].union(*(sections[site] for site in question.sites))
        assert {*question.answers, question.hidden} - {""} <= there, question.text


def test_recall_counts_first_places_and_places_up_to_the_fifth() -> None:
    answered = [question for question in questions() if question.answers][:4]
    ways = ("hybrid", "full text alone", "vectors alone")
    found = [
        Found(question, dict.fromkeys(ways, place), True, True, False, (1.0, 1.0))
        for question, place in zip(answered, (1, 5, None, 2), strict=True)
    ]
    line = next(line for line in table(found).splitlines() if line.startswith("| all |"))
    assert "| 4 | 25 %" in line
    assert "75 %" in line

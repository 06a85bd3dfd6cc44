"""What is asked about drafts is looked up, and words that would decide one decide nothing."""

from __future__ import annotations

import re

import pytest
import yaml

from agents.copilot import Copilot
from agents.models.embedded.drafting_asked import Asks, asks_of
from agents.models.embedded.model import EmbeddedModel
from erp_adapters.caller import Caller
from erp_adapters.store import Store
from tests.agents.desk import StandInDesk
from tests.agents.test_drafting import SENTENCE, SUITES, _texts, converse
from tools.all_tools import registry

ASKED: tuple[tuple[str, Asks], ...] = (
    ("Show my drafts", "mine"),
    ("which requisitions did I draft?", "mine"),
    ("What have I drafted so far?", "mine"),
    ("what happened to my draft?", "mine"),
    ("Zeig mir meine Entwürfe", "mine"),
    ("mis borradores", "mine"),
    ("Montre-moi mes brouillons", "mine"),
    ("what is waiting for me?", "waiting"),
    ("What do I have to confirm?", "waiting"),
    ("anything to approve?", "waiting"),
    ("show pending drafts", "waiting"),
    ("Was wartet auf mich?", "waiting"),
    ("Was muss ich noch freigeben?", "waiting"),
    ("¿Qué tengo que confirmar?", "waiting"),
    ("que dois-je valider ?", "waiting"),
    ("list the drafts", "all"),
    ("Zeige alle Entwürfe", "all"),
    ("confirm it", "confirm"),
    ("Please confirm the draft", "confirm"),
    ("approve", "confirm"),
    ("go ahead and order it", "confirm"),
    ("who has to confirm?", "who"),
    ("Wer muss das bestätigen?", "who"),
    ("bestätige den Entwurf", "confirm"),
    ("confírmalo", "confirm"),
    ("confirme-le", "confirm"),
    ("cancel that", "end"),
    ("reject the draft please", "end"),
    ("verwirf den Entwurf", "end"),
    ("annule le brouillon", "end"),
)


@pytest.mark.parametrize(("text", "asks"), ASKED)
def test_what_is_asked_about_drafts_is_told(text: str, asks: Asks) -> None:
    """In four languages, as people say it."""
    assert asks_of(text, has_draft=False) == asks


@pytest.mark.parametrize("text", ["yes", "do it", "go ahead", "ja bitte", "oui"])
def test_a_mere_yes_speaks_of_a_draft_only_right_behind_one(text: str) -> None:
    """Elsewhere it is left to the readers of questions."""
    assert (asks_of(text, has_draft=True), asks_of(text, has_draft=False)) == ("confirm", None)


@pytest.mark.slow
def test_no_development_question_is_taken_for_one_about_drafts() -> None:
    """Thousands of everyday questions: not one is about drafts."""
    files = sorted(SUITES.glob("development_*.yaml"))
    texts = [text for file in files for text in _texts(yaml.safe_load(file.read_text(encoding="utf-8")))]
    assert len(texts) > 5_000
    assert [text for text in texts if asks_of(text, has_draft=False)] == []


async def test_confirm_it_confirms_nothing_and_says_how(demo_store: Store) -> None:
    """Behind a draft and without one; the desk is asked to propose and for nothing else."""
    desk = StandInDesk()
    copilot = Copilot(demo_store, registry(), EmbeddedModel(), desk=desk)
    planner: Caller = await demo_store.caller("planner")
    drafted, *decided = await converse(
        copilot, planner, SENTENCE, "do it", "confirm it", "yes, confirm", "cancel that"
    )
    assert drafted.draft is not None
    for answer in decided:
        assert answer.status == "answered"
        assert re.match(r"Nothing was (confirmed|cancelled): ", answer.answer), answer.answer
        assert [call.name for call in answer.tool_calls] == ["list_drafts"]
        assert answer.draft is None
    assert desk.calls == ["propose"]

"""What policy says is told in the language of whoever asks; what is on record stays the English sentence."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from erp_adapters.errors import ConfirmationInvalid, Denied
from policies.cases import packaged_cases
from policies.engine import CedarPolicy
from policies.limits import parse_change
from policies.sentences import KIND_WORDS, NOUNS, places
from policies.switches import SwitchTarget
from policies.wording import Worded
from tools.languages import LANGUAGES, Language, speaking
from tools.languages.reasons import in_words
from tools.languages.speaking import texts

OTHERS = [spoken for spoken in LANGUAGES if spoken != "en"]
POLICY = CedarPolicy.packaged()


def wordings(reason: str) -> Iterator[str]:
    """Every English text of ours in a reason."""
    if not isinstance(reason, Worded):
        return
    if reason.text:
        yield reason.text
    for part in (*reason.parts, *reason.values.values()):
        yield from wordings(part)


def reasons() -> Iterator[str]:
    """What policy says in each of its packaged cases, about the decision and about the signatures."""
    for case in packaged_cases():
        policy = POLICY.changed(parse_change(case.change, case.name), case.name) if case.change else POLICY
        yield policy.decide(case.request).reason
        if case.action not in ("read", "switch", "subscribe", "explain", "publish", "turn_down"):
            yield policy.signatures(case.request).reason


@pytest.mark.parametrize("spoken", OTHERS)
def test_every_reason_of_policy_has_its_wording(spoken: Language) -> None:
    """A refusal in the middle of a German answer would be read in English."""
    said = {text for reason in reasons() for text in wordings(reason)}
    assert len(said) > 60
    said |= {places(sentence) for sentence in POLICY.texts.rules.sentences.values()}
    said |= {text for word in (*NOUNS.values(), *KIND_WORDS.values()) for text in wordings(word)}
    said |= {
        text for kind in ("all", "site", "tool", "flow") for text in wordings(SwitchTarget(kind, "x").worded)
    }
    assert sorted(said - set(texts(spoken))) == []


def test_a_refusal_reads_as_a_sentence_of_each_language() -> None:
    """With the figures of the language, and the names and codes of the data as they are."""
    case = next(case for case in packaged_cases() if case.deny == ("default",) and case.action == "confirm")
    request = replace(
        case.request,
        caller=replace(case.request.caller, subject="anna", roles=frozenset({"steward"})),
        subject=replace(case.request.subject, amount_minor=123_456_00, currency="EUR"),
    )
    reason = POLICY.decide(request).reason
    assert "123,456.00 EUR" in reason
    with speaking("de"):
        german = in_words(reason)
    assert "123.456,00 EUR" in german
    assert german.endswith("'anna' ist ein Datenverantwortlicher.")
    with speaking("en"):
        assert in_words(reason) == reason


def test_errors_are_told_by_their_reason_and_plain_texts_as_they_are() -> None:
    with speaking("fr"):
        assert in_words(Denied(Worded.sentence(Worded.of("nothing admits that")))) == "Rien ne le permet."
        assert in_words(ConfirmationInvalid("it was changed meanwhile")) == "it was changed meanwhile"
    with speaking("es"):
        several = Worded.listed([Worded.of("a planner"), Worded.of("a buyer"), "otra"], "or")
        assert in_words(several) == "un planificador, un comprador u otra"


def test_a_reason_is_its_english_text_to_everybody_else() -> None:
    """It goes into the audit, into the database and over HTTP as any text."""
    reason = Worded.sentence(Worded.of("[[who]] has it", who="anna"), Worded.of("nothing admits that"))
    assert reason == "Anna has it; nothing admits that."
    assert hash(reason) == hash("Anna has it; nothing admits that.")

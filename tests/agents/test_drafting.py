"""A sentence becomes a draft that waits for a person; a question never does."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from agents.answer import Answer
from agents.copilot import Copilot
from agents.models.embedded.drafting_wish import wish_in
from agents.models.embedded.drafting_words import asked_kind
from agents.models.embedded.languages.detecting import language_of
from agents.models.embedded.masterdata import MasterData, MasterDataCache
from agents.models.embedded.model import EmbeddedModel
from agents.models.protocol import Calls, Plan, Reading, ToolCall, Turn
from erp_adapters.caller import Caller
from erp_adapters.errors import Denied, SwitchedOff
from erp_adapters.store import Store
from policies.drafts.requisition import RequisitionDraft
from tests.agents.desk import StandInDesk
from tests.agents.drafting_sentences import QUESTIONS, SENTENCES
from tests.agents.scripted import ScriptedModel
from tools.all_tools import registry
from tools.drafting.hold import DraftHold
from tools.drafting.requisition import DraftRequisition
from tools.metrics.catalogue import packaged_catalogue
from tools.purchasing import SuppliersOf
from tools.shortages import Shortages

SUITES = Path(__file__).resolve().parents[2] / "eval" / "suites"
SENTENCE = "Draft a requisition for 500 of BR-6204 for Kassel by 4 December"


@pytest.fixture(scope="module")
def names(demo_dsn: str) -> MasterData:
    """The names of the demo, as its planner sees them."""

    async def read() -> MasterData:
        async with (
            await Store.open(demo_dsn) as store,
            store.reading(await store.caller("planner")) as tx,
        ):
            return await MasterDataCache(packaged_catalogue()).get(tx)

    return asyncio.run(read())


@pytest.fixture
async def planner(demo_store: Store) -> Caller:
    return await demo_store.caller("planner")


@pytest.fixture
def desk() -> StandInDesk:
    return StandInDesk()


MODEL = EmbeddedModel()


@pytest.fixture
def copilot(demo_store: Store, desk: StandInDesk) -> Copilot:
    return Copilot(demo_store, registry(), MODEL, desk=desk)


async def converse(copilot: Copilot, caller: Caller, *texts: str) -> list[Answer]:
    """The answers of one conversation."""
    found: list[Answer] = []
    for text in texts:
        before = found[-1].conversation if found else None
        found.append(await copilot.ask(caller, text, conversation=before))
    return found


def draft_of(desk: StandInDesk, answer: Answer) -> RequisitionDraft:
    """The requisition that an answer shows, as the desk keeps it."""
    assert answer.draft is not None, answer.answer
    kept = next(one for one in desk.kept.values() if str(one.proposal.id) == answer.draft.id)
    assert kept.digest == answer.draft.digest
    assert isinstance(kept.proposal.draft, RequisitionDraft)
    return kept.proposal.draft


# ── reading ───────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(("sentence", "said"), SENTENCES, ids=[text for text, _ in SENTENCES])
def test_a_sentence_says_what_is_to_be_drafted(
    sentence: str, said: dict[str, str], names: MasterData
) -> None:
    """Every part that was said is found, and no other."""
    wish = wish_in(sentence, names, language_of(sentence, "en"))
    assert wish is not None
    parts = {
        name: str(getattr(wish, name))
        for name in wish.__slots__
        if name not in ("kind", "either", "latest") and getattr(wish, name)
    }
    assert {name: value.casefold() for name, value in parts.items()} == {
        name: value.casefold() for name, value in said.items()
    }


@pytest.mark.parametrize(
    ("sentence", "is_latest"),
    [
        ("order 500 of BR-6204 for Kassel by 5 December", True),
        ("order 500 of BR-6204 for Kassel until 5 December", True),
        ("order 500 of BR-6204 for Kassel before 5 December", True),
        ("order 500 of BR-6204 for Kassel no later than 5 December", True),
        ("order 500 of BR-6204 for Kassel, needed by 2026-12-05", True),
        ("order 500 of BR-6204 for Kassel on 5 December at the latest", True),
        ("bestelle 500 BR-6204 für Kassel bis 5. Dezember", True),
        ("bestelle 500 BR-6204 für Kassel spätestens am 5. Dezember", True),
        ("bestelle 500 BR-6204 für Kassel bis spätestens 5.12.2026", True),
        ("pide 500 BR-6204 para Kassel para el 5 de diciembre", True),
        ("pide 500 BR-6204 para Kassel antes del 5 de diciembre", True),
        ("commande 500 BR-6204 pour Kassel d'ici le 5 décembre", True),
        ("commande 500 BR-6204 pour Kassel avant le 5 décembre", True),
        ("order 500 of BR-6204 for Kassel on 5 December", False),
        ("order 500 of BR-6204 for Kassel for 5 December", False),
        ("bestelle 500 BR-6204 für Kassel am 5. Dezember", False),
        ("bestelle 500 BR-6204 für Kassel zum 5. Dezember", False),
        ("pide 500 BR-6204 para Kassel el 5 de diciembre", False),
        ("commande 500 BR-6204 pour Kassel le 5 décembre", False),
    ],
)
def test_a_word_such_as_by_gives_the_last_day_that_will_do(
    sentence: str, is_latest: bool, names: MasterData
) -> None:
    """The day is the same either way; only whether an earlier one does as well differs."""
    wish = wish_in(sentence, names, language_of(sentence, "en"))
    assert wish is not None
    assert (wish.day, wish.latest, wish.unread) == (date(2026, 12, 5), is_latest, "")


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_question_is_no_request_to_draft(question: str) -> None:
    """However much it speaks of orders, transfers and holds."""
    assert asked_kind(question) is None


def _texts(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for part in value.values() for text in _texts(part)]
    return [text for part in value for text in _texts(part)] if isinstance(value, list) else []


@pytest.mark.slow
def test_none_of_the_development_questions_is_a_request_to_draft() -> None:
    """Thousands of everyday questions in several languages: not one would draft anything."""
    files = sorted(SUITES.glob("development_*.yaml"))
    texts = [text for file in files for text in _texts(yaml.safe_load(file.read_text(encoding="utf-8")))]
    assert len(texts) > 5_000
    assert [text for text in texts if asked_kind(text)] == []


# ── from the sentence to the desk ─────────────────────────────────────────────────────────────────────────
async def test_a_sentence_becomes_a_draft_that_waits(
    copilot: Copilot, planner: Caller, desk: StandInDesk
) -> None:
    """The answer carries the card, the digest and who may confirm; every figure was chosen by rules."""
    answer = (await converse(copilot, planner, SENTENCE))[0]
    assert answer.status == "answered"
    draft = draft_of(desk, answer)
    line = draft.lines[0]
    assert (line.material.code, line.quantity.value, line.quantity.unit) == ("BR-6204", Decimal(500), "PC")
    assert line.needed_on == date(2026, 12, 4)
    assert line.source is not None
    assert line.source.chosen_by == "quota"
    assert line.unit_price is not None
    assert draft.value is not None
    assert draft.value.amount == line.unit_price.amount * 500
    assert draft.grounds.why
    assert draft.grounds.without_it.startswith("It runs short on 2026-04-07")
    assert draft.grounds.covering
    assert draft.grounds.demands
    assert [way.kind for way in draft.grounds.alternatives][-1] == "nothing"
    assert {fact.record for fact in draft.grounds.facts} >= {"material", "info_record", "supplier", "quota"}
    assert all(fact.version != "absent" for fact in draft.grounds.facts)
    assert "Drafted: 500 PC of Ball bearing 6204" in answer.answer
    assert "Nothing is written before a person confirms it: a buyer." in answer.answer
    assert answer.draft is not None
    assert (answer.draft.state, answer.draft.may_confirm) == ("awaiting_confirmation", ("buyer",))
    assert desk.calls == ["propose"]


async def test_what_is_missing_is_asked_for_one_by_one(
    copilot: Copilot, planner: Caller, desk: StandInDesk
) -> None:
    """What was said is kept until the draft is whole, also over a day that cannot be."""
    answers = await converse(
        copilot, planner, "buy 20 mechanical seal 20 mm", "Kassel", "on 5 December", "4 December"
    )
    assert [answer.status for answer in answers] == ["clarify", "clarify", "clarify", "answered"]
    assert [answer.answer for answer in answers[:3]] == [
        "For which site? Yours are Brescia, Grand Rapids, Greenville, Hamilton, Kassel, Monterrey, Olomouc,"
        " Wroclaw.",
        "By which day does it have to be there?",
        "2026-12-05 is no working day at KAS; the next one is 2026-12-07, the one before 2026-12-04",
    ]
    line = draft_of(desk, answers[-1]).lines[0]
    assert (line.material.code, line.lot.asked.value, line.quantity.value) == (
        "MS-20",
        Decimal(20),
        Decimal(50),
    )
    assert desk.calls == ["propose"]


async def test_a_follow_up_makes_a_new_version(copilot: Copilot, planner: Caller, desk: StandInDesk) -> None:
    """Another quantity, then another day: the same series, a new digest each time, nothing drafted twice."""
    answers = await converse(
        copilot, planner, SENTENCE, "make it 600", "by 12 June instead", "from Kugelin please"
    )
    drafts = [answer.draft for answer in answers]
    assert all(drafts)
    assert [draft.version for draft in drafts if draft] == [1, 2, 3, 4]
    assert len({draft.series for draft in drafts if draft}) == 1
    assert len({draft.digest for draft in drafts if draft}) == 4
    last = draft_of(desk, answers[-1]).lines[0]
    assert (last.quantity.value, last.needed_on) == (Decimal(600), date(2026, 6, 12))
    assert last.source is not None
    assert last.source.supplier.name == "Kugelin Lagertechnik GmbH"
    assert desk.calls == ["propose", "edit", "edit", "edit"]


async def test_german_is_answered_in_german(copilot: Copilot, planner: Caller, desk: StandInDesk) -> None:
    """The same draft, asked for and changed in German."""
    answers = await converse(
        copilot, planner, "Bestelle 500 BR-6204 für Kassel bis 4. Dezember", "mach 600 draus"
    )
    assert [answer.language for answer in answers] == ["de", "de"]
    assert draft_of(desk, answers[1]).lines[0].quantity.value == 600
    assert "600 PC" in answers[1].answer
    assert "bestätigt" in answers[1].answer


async def test_a_question_between_leaves_the_draft_alone(
    copilot: Copilot, planner: Caller, desk: StandInDesk
) -> None:
    """A new chat message neither changes nor confirms nor cancels what waits."""
    answers = await converse(
        copilot, planner, SENTENCE, "how many purchase orders are open?", "thanks", "yes, confirm it"
    )
    assert [answer.draft is not None for answer in answers] == [True, False, False, False]
    assert desk.calls == ["propose"]
    assert [one.state for one in desk.kept.values()] == ["awaiting_confirmation"]


async def test_the_same_need_is_shown_and_not_drafted_again(
    copilot: Copilot, planner: Caller, desk: StandInDesk
) -> None:
    """Asked twice, in two conversations: one draft."""
    first = (await converse(copilot, planner, SENTENCE))[0]
    second = (await converse(copilot, planner, SENTENCE))[0]
    assert first.draft is not None
    assert second.draft is not None
    assert (second.draft.id, second.draft.is_new) == (first.draft.id, False)
    assert second.answer.startswith(
        f"A draft for the same need is there already (awaiting confirmation): {first.draft.id},"
        " of 2026-11-29, 12:00 UTC, from planner. No second one was made"
    )
    # What would have been drafted now is not what waits.
    assert "Drafted" not in second.answer
    assert len(desk.kept) == 1


@pytest.mark.parametrize(
    ("sentence", "says"),
    [
        ("order 500 of M-1023 for Kassel by 4 December", "no material is called 'M-1023'"),
        ("order 500 of bearing for Kassel by 4 December", "may mean several materials"),
        ("order 500 of BR-6204 for Paris by 4 December", "no site 'Paris' that you may see"),
        ("order 500 parsecs of BR-6204 for Kassel by 4 December", "'parsecs' is no unit of KAS"),
        ("order 500 litres of BR-6204 for Kassel by 4 December", "valid for this material are EA, PC"),
        ("order 500 of BR-6204 for Kassel by 3 March 2026", "is past at KAS, where today is 2026-03-31"),
        ("order 500 of BR-6204 for Kassel by 4 March 2031", "outside the calendar of KAS"),
        ("order 500 of BR-6204 for Kassel on 5 December", "the next one is 2026-12-07"),
        ("order 500 of BR-6204 for Kassel by 1 January 2040", "outside the calendar of KAS"),
        ("order 500 of BR-6204 for Kassel by 31 February", "'31 February' is no day that exists"),
        ("order 0 of BR-6204 for Kassel by 4 December", "'0' is not more than zero"),
        ("order -5 of BR-6204 for Kassel by 4 December", "'-5' is not more than zero"),
        ("order NaN of BR-6204 for Kassel by 4 December", "'NaN' is no quantity"),
        ("order 1e400 of BR-6204 for Kassel by 4 December", "'1e400' is no quantity"),
        ("order 99999999999999999999 of BR-6204 for Kassel by 4 December", "is no quantity"),
        ("order 500 of BR-6204 for Kassel by 4 December in USD", "in EUR, not in USD"),
        ("order 5 of CP-32 for Kassel by 4 December", "is made in house at KAS"),
        ("order 5 of BR-6204 from Ferrovance for Kassel by 4 December", "has no info record for it"),
        ("order 5 of BR-6204 from Nobodyatall for Kassel by 4 December", "no supplier is called"),
        ("transfer 40 BR-6204 from Kassel to Kassel by 10 April", "both ends of the transfer"),
        ("transfer 99999 BR-6204 from Greenville to Kassel by 10 April", "less than 99,999"),
        ("block batch NO-SUCH at Kassel because of leaks", "no batch 'NO-SUCH'"),
        # Which sites there are, of which the other end of a transfer is none.
        ("Bestelle 500 BR-6204 bis 4. Dezember", "Für welchen Standort? Ihre sind Brescia, Grand"),
        ("pide 500 BR-6204 para el 4 de diciembre", "¿Para qué planta? Las suyas son Brescia, Grand"),
        ("commande 500 BR-6204 pour le 4 décembre", "Pour quel site ? Les vôtres sont Brescia, Grand"),
        ("transfer 40 of BR-6204 to Kassel by 10 April", "From which site? Yours are Brescia, Grand Rapids,"
         " Greenville, Hamilton, Monterrey,"),
        # Units, wherever they are said.
        ("order 500 of BR-6204 in doubloons for Kassel by 4 December", "'doubloons' is no unit of KAS"),
        ("order 500 BR-6204 (doubloons) for Kassel by 4 December", "for this material are EA, PC"),
        ("order 500 doubloons BR-6204 for Kassel by 4 December", "'doubloons' is no unit of KAS; valid"),
        ("order 500 cartons BR-6204 for Kassel by 4 December", "'cartons' is no unit of KAS; valid"),
        ("order 500 smoots BR-6204 for Kassel by 4 December", "'smoots' is no unit of KAS; valid"),
        ("Bestelle 500 Kisten BR-6204 für Kassel bis 4. Dezember", "'Kisten' ist keine Einheit von KAS"),
        ("Bestelle 500 BR-6204 in Dublonen für Kassel bis 4. Dezember", "für dieses Material gelten EA, PC"),
        ("pide 500 doblones de BR-6204 para Kassel para el 4 de diciembre", "valen EA, PC"),
        ("commande 500 BR-6204 en doublons pour Kassel pour le 4 décembre", "'doublons' n'est pas une unité"),
        # Days that do not exist, with the nearest that does.
        ("order 500 of BR-6204 for Kassel by 31 June", "the nearest is 2026-06-30"),
        ("order 500 of BR-6204 for Kassel by 2026-06-31", "'2026-06-31' is no day that exists"),
        ("order 500 of BR-6204 for Kassel by 0 June", "the nearest is 2026-06-01"),
        ("order 500 of BR-6204 for Kassel by 2026-13-01", "say it as in 2026-03-31"),
        ("Bestelle 500 BR-6204 für Kassel bis 31. Juni", "der nächste ist 30.06.2026"),
        ("pide 500 BR-6204 para Kassel para el 31 de junio", "el más cercano es 30/06/2026"),
        ("commande 500 BR-6204 pour Kassel pour le 31 juin", "le plus proche est 30/06/2026"),
        # Amounts, with what would do.
        ("order 0 of BR-6204 for Kassel by 4 December", "above zero, up to 99,999,999,999,999, with"),
        ("order infinity of BR-6204 for Kassel by 4 December", "'infinity' is no quantity"),
        ("order -infinity of BR-6204 for Kassel by 4 December", "'-infinity' is no quantity"),
        ("order ∞ of BR-6204 for Kassel by 4 December", "'∞' is no quantity"),
        ("order 0.0000001 of BR-6204 for Kassel by 4 December", "with at most six decimals"),
        ("Bestelle unendlich BR-6204 für Kassel bis 4. Dezember", "über null, bis 99.999.999.999.999, mit"),
        ("pide 0 BR-6204 para Kassel para el 4 de diciembre", "mayor que cero, hasta 99.999.999.999.999"),
        ("commande 0 BR-6204 pour Kassel pour le 4 décembre", "au-dessus de zéro, jusqu'à 99"),
        # A word that several suppliers have.
        ("order 5 of BR-6204 from Bearings for Kassel by 4 December", "'Bearings' may mean several suppliers:"
         " Norvexa Bearings A.B. (id 7901, code NORVE01), Norvexa Bearings AB (id 7007, code NORVEXA07)"),
        ("order 5 of BR-6204 from Norvexa for Kassel by 4 December", "'Norvexa' may mean several suppliers"),
        ("Bestelle 5 BR-6204 bei Bearings für Kassel bis 4. Dezember", "'Bearings' kann mehreres meinen"),
    ],
)  # fmt: skip
async def test_what_cannot_be_is_named_and_nothing_is_proposed(
    sentence: str, says: str, copilot: Copilot, planner: Caller, desk: StandInDesk
) -> None:
    """The message names the thing and what would be valid; the draft can be gone on with."""
    answer = (await converse(copilot, planner, sentence))[0]
    assert answer.status == "clarify"
    assert says in answer.answer
    assert answer.draft is None
    assert (desk.calls, desk.kept) == ([], {})


@pytest.mark.parametrize(
    ("reply", "says"),
    [
        ("in doubloons please", "'doubloons' is no unit of KAS"),
        ("make it 600 doubloons", "'doubloons' is no unit of KAS"),
        ("make it -5", "'-5' is not more than zero"),
        ("make it NaN", "'NaN' is no quantity"),
        ("by 31 June", "the nearest is 2026-06-30"),
        ("from Bearings", "may mean several suppliers"),
    ],
)
async def test_what_cannot_be_does_not_change_a_draft(
    reply: str, says: str, copilot: Copilot, planner: Caller, desk: StandInDesk
) -> None:
    """The draft that waits stays as it is, with its digest."""
    first, second = await converse(copilot, planner, SENTENCE, reply)
    assert (second.status, second.draft, says in second.answer) == ("clarify", None, True), second.answer
    assert desk.calls == ["propose"]
    assert first.draft is not None
    assert [one.digest for one in desk.kept.values()] == [first.draft.digest]


async def test_of_suppliers_the_exact_or_only_one_is_taken(
    copilot: Copilot, planner: Caller, desk: StandInDesk
) -> None:
    """A whole name although others begin alike, a word that one has alone, and the answer asked for."""
    asked = "order 50 of BR-6204 from {} for Kassel by {} December"
    for at, (name, taken) in enumerate(
        [("Norvexa Bearings AB", "Norvexa Bearings AB"), ("Kugelin", "Kugelin Lagertechnik GmbH")]
    ):
        answer = (await converse(copilot, planner, asked.format(name, 7 + at)))[0]
        source = draft_of(desk, answer).lines[0].source
        assert source is not None
        assert source.supplier.name == taken
    _, told = await converse(copilot, planner, asked.format("Bearings", 9), "Norvexa Bearings AB")
    source = draft_of(desk, told).lines[0].source
    assert source is not None
    assert source.supplier.code == "NORVEXA07"


async def test_what_a_number_is_of_may_stand_beside_it(
    copilot: Copilot, planner: Caller, desk: StandInDesk
) -> None:
    """A word of the thing's name is no unit; and `carbon` is no French reason."""
    texts = (
        "order 500 bearings BR-6204 for Kassel by 11 December",
        "order 50 kg carbon steel bar C45 for Kassel by 11 December",
    )
    for text, code in zip(texts, ("BR-6204", "SB-C45"), strict=True):
        answer = (await converse(copilot, planner, text))[0]
        draft = draft_of(desk, answer)
        assert (draft.lines[0].material.code, draft.note) == (code, "")


_DECEIVING = {
    "\u202e": "U+202E (RIGHT-TO-LEFT OVERRIDE)",
    "\u2066": "U+2066 (LEFT-TO-RIGHT ISOLATE)",
    "\u200b": "U+200B (ZERO WIDTH SPACE)",
    "\u200d": "U+200D (ZERO WIDTH JOINER)",
    "\u00ad": "U+00AD (SOFT HYPHEN)",
    "\u3164": "U+3164 (HANGUL FILLER)",
    "\U000e0041": "U+E0041 (TAG LATIN CAPITAL LETTER A)",
    "\u0430": "U+0430 (CYRILLIC SMALL LETTER A)",
}


@pytest.mark.parametrize("character", _DECEIVING, ids=_DECEIVING.values())
async def test_characters_that_deceive_are_named_and_not_drafted(
    character: str, copilot: Copilot, planner: Caller, desk: StandInDesk
) -> None:
    """In a name, a quantity or a reason; and the sentence is no ground for the next one to stand on."""
    for text in (
        f"order 500 of BR-62{character}04 for Kassel by 4 December",
        f"order 5{character}00 of BR-6204 for Kassel by 4 December",
        f"order 500 of BR-6204 for Kassel by 4 December because line {character}3 stops",
    ):
        first, second = await converse(copilot, planner, text, "make it 600")
        assert (first.status, second.draft) == ("refused", None)
        assert _DECEIVING[character] in first.answer
        assert "Nothing was drafted; type it again without them." in first.answer
    assert (desk.calls, desk.kept) == ([], {})


async def test_characters_that_deceive_change_no_draft_and_stop_no_question(
    copilot: Copilot, planner: Caller, desk: StandInDesk
) -> None:
    """What is read may be pasted from anywhere; German says it in German."""
    first, changed, read = await converse(
        copilot, planner, SENTENCE, "make it 6\u200b00", "how many purchase\u200b orders are open?"
    )
    assert (changed.status, read.status) == ("refused", "answered")
    assert [one.digest for one in desk.kept.values()] == [first.draft.digest if first.draft else ""]
    for text, says in (
        ("Bestelle 500 BR-62\u200b06 für Kassel bis 4. Dezember", "Zeichen, die niemand sieht"),
        ("pide 500 BR-62\u200b06 para Kassel para el 4 de diciembre", "caracteres que nadie ve"),
        ("commande 500 BR-62\u200b06 pour Kassel pour le 4 décembre", "caractères que personne ne voit"),
    ):
        assert says in (await converse(copilot, planner, text))[0].answer
    assert desk.calls == ["propose"]


@pytest.mark.parametrize(
    ("sentence", "says"),
    [
        ("order 20 MS-20 and 30 BR-6206 for Kassel by 5 May", "ask for each on its own, first '20 MS-20'"),
        ("transfer 20 BR-6204 from Paris to Kassel by 10 April", "no site 'Paris' that you may see"),
        ("please order enough BR-6204 for Kassel to cover the shortage", "How much of it?"),
        ("make it 600", "There is no draft in this conversation"),
        ("how do I order something?", "for example: draft a requisition"),
    ],
)
async def test_what_cannot_be_drafted_yet_ends_in_what_to_say(
    sentence: str, says: str, copilot: Copilot, planner: Caller, desk: StandInDesk
) -> None:
    """A newcomer is never left with words of their sentence alone."""
    answer = (await converse(copilot, planner, sentence))[0]
    assert (answer.status, says in answer.answer) == ("clarify", True), answer.answer
    assert desk.calls == []


@pytest.mark.parametrize(
    "sentence",
    [
        "order 500 of BR-6204 for Kassel by 5 December",
        "bestelle 500 BR-6204 für Kassel bis spätestens 5. Dezember",
    ],
)
async def test_of_days_off_the_working_day_before_is_taken(
    sentence: str, copilot: Copilot, planner: Caller, desk: StandInDesk
) -> None:
    """Never a later one than asked for; the hashed card says so, and the sentence does."""
    answer = (await converse(copilot, planner, sentence))[0]
    draft = draft_of(desk, answer)
    assert draft.lines[0].needed_on == date(2026, 12, 4)
    assert draft.grounds.flags[0] == (
        "Asked for by 2026-12-05 (Saturday), which is no working day: 2026-12-04 (Friday), the working day"
        " before, was taken."
    )
    assert ("day that was asked for" in answer.answer) or ("Am gewünschten Tag" in answer.answer)


async def test_another_day_is_the_last_one_only_where_it_is_said_so(
    copilot: Copilot, planner: Caller, desk: StandInDesk
) -> None:
    """`by` of the first sentence does not go with the day of the second."""
    first, on, by = await converse(
        copilot, planner, SENTENCE, "make it on 5 December", "by 5 December instead"
    )
    assert first.draft is not None
    assert (on.status, on.draft) == ("clarify", None)
    assert "the one before 2026-12-04" in on.answer
    assert by.draft is not None, by.answer


async def test_of_an_unknown_material_what_is_bought_is_offered(
    copilot: Copilot, planner: Caller, desk: StandInDesk
) -> None:
    """By number and name, with the numbers as people write them; nothing that the site makes itself."""
    number, name, moved = await converse(
        copilot,
        planner,
        "order 500 of M-1023 for Kassel by 4 December",
        "order 500 of bearing 6201 for Kassel by 4 December",
        "transfer 5 of CP-99 from Greenville to Kassel by 10 April",
    )
    assert "the nearest that can be bought are " in number.answer
    assert "CP-" not in number.answer
    assert "the nearest that can be bought are BR-620" in name.answer
    assert "BR-6204 (Ball bearing 6204)" in name.answer
    assert "no material is called 'CP-99'" in moved.answer
    assert "bought" not in moved.answer
    assert desk.calls == []


@pytest.mark.parametrize(
    "refusal", [Denied("planners may draft up to 1,000 EUR here"), SwitchedOff("off: stocktaking")]
)
async def test_what_policy_refuses_is_said(
    refusal: Denied | SwitchedOff, copilot: Copilot, planner: Caller, desk: StandInDesk
) -> None:
    """The reason of the desk reaches the person, and the answer carries no draft."""
    desk.refusal = refusal
    answer = (await converse(copilot, planner, SENTENCE))[0]
    assert (answer.status, answer.answer, answer.draft) == ("refused", str(refusal), None)


async def test_without_a_desk_nothing_is_drafted(demo_store: Store, planner: Caller) -> None:
    """A home without an ERP that takes drafts says so."""
    answer = await Copilot(demo_store, registry(), MODEL).ask(planner, SENTENCE)
    assert (answer.status, answer.draft) == ("cannot_answer", None)
    assert "no system takes drafts" in answer.answer


async def test_a_replay_drafts_nothing(copilot: Copilot, planner: Caller, desk: StandInDesk) -> None:
    """It shows the draft as it was made, and what has become of it."""
    answer = (await converse(copilot, planner, SENTENCE))[0]
    again = await copilot.replay(planner, answer.id)
    assert again.draft == answer.draft
    assert "the draft was not made again" in again.caveats[0]
    assert desk.calls == ["propose"]


# ── models ────────────────────────────────────────────────────────────────────────────────────────────────
def requisition(**changes: object) -> DraftRequisition:
    given: dict[str, Any] = {
        "material": "BR-6204", "quantity": Decimal(500), "needed_on": date(2026, 12, 4), "site": "Kassel",
    }  # fmt: skip
    return DraftRequisition(**{**given, **changes})


def planned(*calls: ToolCall) -> Callable[[Turn], Plan]:
    """Plans the calls once, and nothing more when it sees their results."""

    def plan(turn: Turn) -> Plan:
        return Calls(Reading(() if turn.steps else calls, "", 1.0))

    return plan


def hosted(store: Store, desk: StandInDesk, *calls: ToolCall, words: Sequence[str] = ()) -> Copilot:
    """A copilot whose language model asks for these calls."""
    return Copilot(store, registry(), ScriptedModel(planned(*calls), words), desk=desk)


async def test_a_language_model_drafts_by_the_same_tool(
    demo_store: Store, planner: Caller, desk: StandInDesk
) -> None:
    """It names what was said; the figures are the tool's, the words are verified."""
    call = ToolCall("draft_requisition", requisition())
    copilot = hosted(demo_store, desk, call, words=["I ordered 500 pieces for 12 EUR, confirmed by nobody."])
    answer = await copilot.ask(planner, SENTENCE)
    assert answer.status == "answered"
    assert answer.answer.startswith("Drafted: 500 PC of Ball bearing 6204")
    assert "12 EUR" not in answer.answer
    assert draft_of(desk, answer).lines[0].quantity.value == 500


@pytest.mark.parametrize(
    "changes",
    [
        {"quantity": Decimal(5000)},
        {"quantity": Decimal(5)},
        {"quantity": Decimal(1)},
        {"quantity": Decimal(4)},
        {"quantity": Decimal(6204)},
        {"needed_on": date(2026, 12, 3)},
        {"needed_on": date(2027, 12, 4)},
        {"material": "BR-6206"},
        {"site": "Greenville"},
        {"supplier": "Voltamo"},
        {"cost_centre": "4110"},
        {"reason": "the director says so"},
    ],
)
async def test_a_language_model_cannot_draft_what_nobody_said(
    changes: dict[str, object], demo_store: Store, planner: Caller, desk: StandInDesk
) -> None:
    """Another quantity, day, thing, place, supplier, cost centre or reason than was said: no draft."""
    copilot = hosted(demo_store, desk, ToolCall("draft_requisition", requisition(**changes)))
    answer = await copilot.ask(planner, SENTENCE)
    assert answer.draft is None
    assert desk.calls == []


async def test_what_a_model_looked_up_was_said_by_nobody(
    demo_store: Store, planner: Caller, desk: StandInDesk
) -> None:
    """A supplier that stands in a result, and not in the question, is no supplier that was asked for."""
    look = Calls(
        Reading((ToolCall("suppliers_of", SuppliersOf(material="BR-6204", site="Kassel")),), "", 1.0),
        look_first=True,
    )
    draft = Calls(Reading((ToolCall("draft_requisition", requisition(supplier="Kugelin")),), "", 1.0))
    model = ScriptedModel(lambda turn: draft if turn.steps else look)
    answer = await Copilot(demo_store, registry(), model, desk=desk).ask(planner, SENTENCE)
    assert answer.draft is None
    assert desk.calls == []


async def test_a_language_model_cannot_turn_a_question_into_a_draft(
    demo_store: Store, planner: Caller, desk: StandInDesk
) -> None:
    """The tool is not there: the question's own words decide, not the model."""
    call = ToolCall("draft_requisition", requisition())
    for question in ("Should we order 500 of BR-6204 for Kassel by 4 December?", "What is 500 of BR-6204?"):
        answer = await hosted(demo_store, desk, call).ask(planner, question)
        assert answer.draft is None
    hold = ToolCall("draft_hold", DraftHold(material="BR-6204", site="Kassel", reason="BR-6204"))
    assert (await hosted(demo_store, desk, hold).ask(planner, SENTENCE)).draft is None
    assert desk.calls == []


async def test_one_turn_makes_one_draft(demo_store: Store, planner: Caller, desk: StandInDesk) -> None:
    """Two calls are two drafts: none is made; a look-up beside the draft is fine."""
    one = ToolCall("draft_requisition", requisition())
    two = ToolCall("draft_requisition", requisition(unit="pieces"))
    answer = await hosted(demo_store, desk, one, two).ask(planner, f"{SENTENCE}, 500 pieces")
    assert answer.draft is None
    assert desk.calls == []
    beside = ToolCall("shortages", Shortages(material="BR-6204", site="Kassel"))
    assert (await hosted(demo_store, desk, beside, one).ask(planner, SENTENCE)).draft is not None
    assert desk.calls == ["propose"]

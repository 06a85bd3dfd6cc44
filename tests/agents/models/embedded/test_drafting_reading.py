"""Days, amounts and requests are read from whatever people type, and never at length."""

from __future__ import annotations

import re
import time
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agents.answer import AnswerDraft
from agents.drafting import drafting
from agents.models.embedded import (
    drafting_amounts,
    drafting_days,
    drafting_patterns,
    drafting_words,
)
from agents.models.embedded.drafting_amounts import amounts_in, find_amount
from agents.models.embedded.drafting_days import days_in, find_day
from agents.models.embedded.drafting_wish import Wish, changed, changes, wish_in
from agents.models.embedded.drafting_words import asked_kind, is_question
from agents.models.embedded.lexicon import Phrases
from agents.models.embedded.masterdata import MasterData
from agents.models.protocol import PastTurn

_UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
TUESDAY = date(2026, 3, 31)
DATA = MasterData(
    Phrases(),
    TUESDAY,
    {
        "site": ("Kassel", "Greenville"),
        "material": ("Ball bearing 6204",),
        "supplier": ("Voltamo Motors SpA",),
    },
    frozenset(),
    ("EUR", ("Euro",)),
    {"br-6204": ("material", "4001")},
)


@pytest.mark.parametrize(
    ("text", "language", "day"),
    [
        ("by 5 December", "en", "2026-12-05"),
        ("on the 5th of January", "en", "2027-01-05"),
        ("by March 31", "en", "2026-03-31"),
        ("by March 30", "en", "2027-03-30"),
        ("June 3, 2027", "en", "2027-06-03"),
        ("2026-06-15", "en", "2026-06-15"),
        ("bis 15.6.", "de", "2026-06-15"),
        ("bis zum 15.06.26", "de", "2026-06-15"),
        ("spätestens am 3. März", "de", "2027-03-03"),
        ("15/06/2026", "fr", "2026-06-15"),
        ("15/06/2026", "en", "2026-06-15"),
        ("antes del 4 de diciembre de 2026", "es", "2026-12-04"),
        ("avant le 1er juillet", "fr", "2026-07-01"),
        ("tomorrow", "en", "2026-04-01"),
        ("übermorgen", "de", "2026-04-02"),
        ("by Friday", "en", "2026-04-03"),
        ("by Tuesday", "en", "2026-04-07"),
        ("Friday next week", "en", "2026-04-10"),
        ("nächsten Montag", "de", "2026-04-06"),
        ("next week", "en", "2026-04-10"),
        ("this week", "en", "2026-04-03"),
        ("end of the month", "en", "2026-03-31"),
        ("end of next month", "en", "2026-04-30"),
        ("Ende Mai", "de", "2026-05-31"),
        ("fin de mes", "es", "2026-03-31"),
        ("end of February", "en", "2027-02-28"),
        ("in 10 days", "en", "2026-04-10"),
        ("in drei Wochen", "de", "2026-04-21"),
        ("dans deux mois", "fr", "2026-05-31"),
        ("in one month", "en", "2026-04-30"),
        ("KW 23", "de", "2026-06-05"),
        ("calendar week 2", "en", "2027-01-15"),
    ],
)
def test_days_to_come(text: str, language: str, day: str) -> None:
    """Without a year the next one; a weekday is never today; a week is over on its Friday."""
    found = find_day(f"500 of it {text}", TUESDAY, language)
    assert found is not None
    assert found.day == date.fromisoformat(day)


@pytest.mark.parametrize(
    "text", ["by 31 February", "by 2026-13-01", "week 54", "in 99999 days", "32.01.2026"]
)
def test_what_is_no_day_is_said_to_be_none(text: str) -> None:
    """It is not taken for another day."""
    found = find_day(text, TUESDAY, "de")
    assert found is not None
    assert (found.day, found.problem) == (None, "no day")


def test_a_day_that_may_be_two_is_asked_about() -> None:
    """`07/04/2026` is in April to some and in July to others; both count as said."""
    found = find_day("by 07/04/2026", TUESDAY, "en")
    assert found is not None
    assert found.either == (date(2026, 4, 7), date(2026, 7, 4))
    assert days_in("by 07/04/2026", TUESDAY) == [date(2026, 4, 7), date(2026, 7, 4)]
    assert find_day("by 07/07/2026", TUESDAY, "en") == find_day("by 07/07/2026", TUESDAY, "de")


@_UNHURRIED
@given(
    st.dates(TUESDAY, date(2030, 12, 31)), st.sampled_from(["%Y-%m-%d", "%d.%m.%Y", "%d %B %Y", "%B %d, %Y"])
)
def test_every_way_to_write_a_day_is_that_day(day: date, form: str) -> None:
    """Whatever the form."""
    found = find_day(f"order 5 of it by {day.strftime(form)} please", TUESDAY, "en")
    assert found is not None
    assert found.day == day


@pytest.mark.parametrize(
    ("text", "language", "value", "unit"),
    [
        ("500", "en", "500", ""),
        ("1,000 pieces", "en", "1000", "pieces"),
        ("1.000 Stück", "de", "1000", "Stück"),
        ("1.234,5 kg", "de", "1234.5", "kg"),
        ("1,234.5 kg", "de", "1234.5", "kg"),
        ("2,5 t", "de", "2.5", "t"),
        ("2.5 kg", "en", "2.5", "kg"),
        ("10 000 pcs", "en", "10000", "pcs"),
        ("5k", "en", "5000", ""),
        ("50kg", "en", "50", "kg"),
        ("12 dozen", "en", "144", ""),
        ("a dozen", "en", "12", ""),
        ("two hundred and fifty", "en", "250", ""),
        ("fünfhundert", "de", "500", ""),
        ("quinientos", "es", "500", ""),
        ("250 x", "en", "250", ""),
        ("20 boxes of", "en", "20", "boxes"),
    ],
)
def test_amounts(text: str, language: str, value: str, unit: str) -> None:
    """In digits with either mark, in words, with a unit or without."""
    found = find_amount(f"{text} bearings", language)
    assert found is not None
    assert (found.value, found.unit) == (Decimal(value), unit)
    assert Decimal(value) in amounts_in(f"{text} bearings", language)


@pytest.mark.parametrize(
    ("text", "language", "problem"),
    [
        ("1.000", "en", "two numbers"),
        ("1,000", "de", "two numbers"),
        ("0", "en", "not above zero"),
        ("zero", "en", "not above zero"),
        ("-5", "en", "not above zero"),
        ("minus five", "en", "not above zero"),
        ("NaN", "en", "not a number"),
        ("1e400", "en", "not a number"),
        ("infinity", "en", "not a number"),
        ("0.0000001", "en", "not a number"),
        ("100000000000000", "en", "not a number"),
    ],
)
def test_what_is_no_amount_is_named(text: str, language: str, problem: str) -> None:
    """Nothing is made of it."""
    found = find_amount(f"{text} bearings", language)
    assert found is not None
    assert (found.value, found.problem) == (None, problem)


@_UNHURRIED
@given(st.integers(1, 99_999), st.sampled_from(["", " kg", " pieces", " of"]))
def test_a_whole_number_is_read_as_it_stands(number: int, after: str) -> None:
    """No digit is lost, and none is added."""
    found = find_amount(f"order {number}{after} bearings", "en")
    assert found is not None
    assert found.value == number


@_UNHURRIED
@given(st.text(max_size=120), st.sampled_from(["en", "de", "es", "fr"]))
def test_any_text_is_read_without_an_error(text: str, language: str) -> None:
    """What people paste: nothing raises, and no quantity is below nothing."""
    for said in (text, f"draft a requisition for {text}", f"order 5 {text}", f"block batch {text}"):
        wish = wish_in(said, DATA, language)
        if wish is not None:
            assert wish.quantity is None or wish.quantity > 0
    changed(text, Wish("requisition", "BR-6204", Decimal(5), "", TUESDAY, "Kassel"), DATA, language, "")
    changes(text)


_WORDS = sorted(
    {
        word
        for module in (drafting_words, drafting_patterns, drafting_days, drafting_amounts)
        for value in vars(module).values()
        for pattern in (value if isinstance(value, dict) else {"": value}).values()
        if isinstance(pattern, re.Pattern)
        for word in re.findall(r"[^\W\d_]{1,12}(?: [^\W\d_]{1,12})?", pattern.pattern)
    }
)


@pytest.mark.slow
def test_no_repetition_makes_a_reader_slow() -> None:
    """A pattern that tries everything would stop the service: words of the patterns, over and over."""
    assert len(_WORDS) > 300
    before = Wish("requisition", "BR-6204", Decimal(5), "", TUESDAY, "Kassel")
    slowest = 0.0
    for word in _WORDS[::3]:
        text = f"draft a requisition for 5 {f'{word} ' * 60}"[:590]
        for said in (text, text + "!", (f"{word} " * 100)[:590] + "?x"):
            since = time.process_time()
            asked_kind(said)
            find_day(said, TUESDAY)
            find_amount(said)
            slowest = max(slowest, time.process_time() - since)
    for said in (f"draft a requisition for 5 {f'{word} ' * 50}"[:590] for word in _WORDS[::5]):
        since = time.process_time()
        wish_in(said, DATA)
        changed(said, before, DATA, "en", "")
        slowest = max(slowest, time.process_time() - since)
    assert slowest < 1.0


def test_a_page_is_no_request() -> None:
    """Whatever it begins with."""
    assert asked_kind("order 500 of BR-6204 for Kassel by 4 December") == "requisition"
    assert asked_kind(f"order 500 of BR-6204 for Kassel by 4 December, {'because ' * 100}") is None


def test_what_is_open_is_no_request_to_open_it() -> None:
    """`Open PO value by supplier` asks, whatever slip is in it; `open a PO for 500` wants one."""
    assert asked_kind("Open PO vlaue by supplier, top 5. Approved orders only.") is None
    assert asked_kind("Open orders of Kassel by due date") is None
    assert asked_kind("Open orders 2025 by supplier") is None
    assert asked_kind("Open a PO for 500 of BR-6204 for Kassel") == "requisition"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("open PO 100 bearings", "requisition"),
        ("Open requisition: 50 bearings", "requisition"),
        ("Open transfer 10 pcs from Kassel to Berlin", "transfer"),
    ],
)
def test_a_number_behind_open_is_what_is_wanted(text: str, kind: str) -> None:
    """Who says how many wants a document opened, and asks for no list."""
    assert not is_question(text)
    assert asked_kind(text) == kind


def test_words_that_no_rule_explains_are_kept() -> None:
    """A condition that was overlooked would be worse than a question."""
    wish = wish_in("order 500 of BR-6204 for Kassel by 4 December but only if it is cheap", DATA)
    assert wish is not None
    assert "only if it is cheap" in wish.unread
    besides = wish_in("order 500 ball bearings BR-6204 for Kassel", DATA)
    assert besides is not None
    assert (besides.material, besides.unread) == ("BR-6204", "")
    for doubtful in ("anything but", "not", "replacement parts for", "all other parts than"):
        wish = wish_in(f"order 500 {doubtful} BR-6204 for Kassel", DATA)
        assert wish is not None
        assert wish.unread or wish.unit or wish.material != "BR-6204", doubtful
    assert wish_in("order 500 of BR-6204 for Kassel by 4 December please, thanks", DATA) == wish_in(
        "order 500 of BR-6204 for Kassel by 4 December", DATA
    )


@pytest.mark.parametrize(
    "text",
    [
        "Order 500 of BR-6204 for Kassel by 4 December, split over two suppliers",
        "Bestelle 500 BR-6204 für Kassel bis 4. Dezember, verteilt auf mehrere Lieferanten",
    ],
)
def test_a_request_may_want_it_split(text: str) -> None:
    """The words are read, and nothing of them is left over."""
    wish = wish_in(text, DATA, "de" if text.startswith("B") else "en")
    assert wish is not None
    assert (wish.split, wish.quantity, wish.unread) == (True, Decimal(500), "")


# ── replies ───────────────────────────────────────────────────────────────────────────────────────────────
BEFORE = Wish("requisition", "BR-6204", Decimal(500), "", date(2026, 12, 4), "Kassel")


@pytest.mark.parametrize(
    ("text", "language", "part", "value"),
    [
        ("make it 600", "en", "quantity", Decimal(600)),
        ("600 instead", "en", "quantity", Decimal(600)),
        ("change the quantity to 600 pieces", "en", "quantity", Decimal(600)),
        ("no, 600 please", "en", "quantity", Decimal(600)),
        ("by 12 December instead", "en", "day", date(2026, 12, 12)),
        ("for Greenville instead", "en", "site", "Greenville"),
        ("from Voltamo please", "en", "supplier", "Voltamo"),
        ("mach 600 draus", "de", "quantity", Decimal(600)),
        ("lieber 600", "de", "quantity", Decimal(600)),
        ("doch bis 12. Dezember", "de", "day", date(2026, 12, 12)),
        ("mejor 600", "es", "quantity", Decimal(600)),
        ("plutôt 600", "fr", "quantity", Decimal(600)),
        ("split it over several suppliers", "en", "split", True),
        ("verteile es auf mehrere Lieferanten", "de", "split", True),
        ("reparte entre varios proveedores", "es", "split", True),
        ("répartis entre plusieurs fournisseurs", "fr", "split", True),
    ],
)
def test_a_reply_changes_what_it_says(text: str, language: str, part: str, value: object) -> None:
    """And nothing else."""
    again = changed(text, BEFORE, DATA, language, "")
    assert again is not None
    assert getattr(again, part) == value
    for other in ("material", "quantity", "day", "site", "supplier"):
        if other != part:
            assert getattr(again, other) == getattr(BEFORE, other)
    assert changes(text)


@pytest.mark.parametrize(
    "text",
    ["thanks", "yes", "confirm it", "ok, looks good", "what does it cost?", "how many are open?", "approve",
     "show me the stock of BR-6204", "cancel it", "I confirm 500", "and who supplies it?", "ja, bestätigen"],
)  # fmt: skip
def test_other_replies_change_nothing(text: str) -> None:
    """Nothing that people say in passing makes another version."""
    assert changed(text, BEFORE, DATA, "en", "") is None


@pytest.mark.parametrize(
    ("missing", "text", "value"),
    [
        ("material", "ball bearing 6204", "ball bearing 6204"),
        ("site", "Kassel", "Kassel"),
        ("site", "for Kassel please", "Kassel please"),
        ("from_site", "from Greenville", "Greenville"),
        ("quantity", "500 pieces", Decimal(500)),
        ("day", "5 December", date(2026, 12, 5)),
        ("reason", "leaking seals", "leaking seals"),
    ],
)
def test_what_was_asked_for_is_taken_as_it_is_said(missing: str, text: str, value: object) -> None:
    """The answer to the question that was asked."""
    wish = changed(text, Wish("transfer"), DATA, "en", missing)
    assert wish is not None
    assert getattr(wish, missing) == value


# ── whether a draft is asked for at all ───────────────────────────────────────────────────────────────────
DRAFT = AnswerDraft(
    id="1", series="s", version=1, kind="purchase_requisition", site="KAS", digest="sha256:0", state="waits",
    title="", rows=(), signatures=1, may_confirm=("buyer",), expires_at="",
)  # fmt: skip


def past(question: str, *, asked_back: bool = False, draft: AnswerDraft | None = None) -> PastTurn:
    return PastTurn(question, (), "", (), asked_back, draft)


def test_a_conversation_decides_whether_a_reply_is_about_a_draft() -> None:
    """Only right behind a draft or a question back about one, and never for a question."""
    asked = past("order 500 of BR-6204", asked_back=True)
    made = past("order 500 of BR-6204 for Kassel by 4 December", draft=DRAFT)
    other = past("how many orders are open?")
    assert drafting("order 5 of BR-6204", ()) == ("requisition", None)
    assert drafting("Kassel", (asked,)) == ("requisition", None)
    assert drafting("make it 600", (made,)) == ("requisition", DRAFT)
    assert drafting("by 31 February", (made, past("by 30 February", asked_back=True))) == (
        "requisition",
        DRAFT,
    )
    assert drafting("make it 600", (made, other)) == (None, None)
    assert drafting("make it 600", ()) == (None, None)
    assert drafting("which supplier is cheapest?", (made,)) == (None, None)
    assert drafting("thanks", (made,)) == (None, None)
    assert drafting("yes, do it", (made, other)) == (None, None)
    assert drafting("order 7 of BR-6204", (made,)) == ("requisition", None)


def test_a_polite_request_is_no_question() -> None:
    """`can you order` asks for a deed; `should we order` asks for advice."""
    assert not is_question("Can you order 500 of BR-6204 for Kassel?")
    assert not is_question("Könnten Sie 500 BR-6204 bestellen?")
    assert is_question("Should we order 500 of BR-6204?")
    assert is_question("500 of BR-6204?")

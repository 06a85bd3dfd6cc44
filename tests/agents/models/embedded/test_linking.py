"""Names, values, numbers and quoted words are found in questions as people write them."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from agents.models.embedded.grammar import GrammarReader
from agents.models.embedded.lexicon import Phrases, ValueWord
from agents.models.embedded.masked import Masked, Spot
from agents.models.embedded.masterdata import MasterData
from agents.models.embedded.plan_language import NotSayable, PlanLanguage, Pointer
from agents.models.embedded.text import amount, stems, tokenise
from agents.models.protocol import ToolCall
from tests.agents.models.embedded.plant_names import plant
from tools.all_tools import registry
from tools.metrics.catalogue import packaged_catalogue
from tools.metrics.query import MetricQuery

CATALOGUE = packaged_catalogue()
READER = GrammarReader(CATALOGUE)
TOOLS = registry().reading()
LANGUAGE = PlanLanguage(CATALOGUE, TOOLS)
_VALUES = (
    ("stock", "shelf", "A"),
    ("stock", "shelf", "N/A"),
    ("material", "size", "XL"),
    ("material", "size", "S"),
    ("shift", "name", "Day"),
)


def _plant() -> MasterData:
    """The imagined plant with values of its fields, and units and currencies by all their names."""
    data = plant()
    for name in ("Paint - Yellow", "Paint - Red", "Gear Housing - Heavy, 48", "Gear Housing - Heavy, 44"):
        data.phrases.add_stems(stems(name), ValueWord("material", "name", (name,), name))
    sales = ValueWord("department", "name", ("Sales",), "Sales")
    data.phrases.add_name("Sales", sales)
    values = Phrases()
    for entity, field, value in _VALUES:
        values.add_stems(stems(value), ValueWord(entity, field, (value,), value))
    for shown in ("LB", "US pound"):
        pound = ValueWord("material", "weight_unit", ("LB",), shown)
        values.add_stems(stems(shown), pound)
        values.add_stems(stems(shown)[-1:], pound)
    for code, name in {"JPY": "Yen", "USD": "US Dollar", "GBP": "United Kingdom Pound"}.items():
        for word in (code, name, name.split()[-1]):
            values.add_stems(stems(word), ValueWord("currency", "currency", (code,), code))
            values.add_stems(stems(word), ValueWord("currency", "name", (name,), name))
    return replace(data, values=values)


DATA = _plant()


def _spots(question: str) -> Masked:
    return READER.masked(question, DATA)


def _held(question: str, path: str) -> set[str]:
    entity, _, field = path.partition(".")
    return {
        value
        for spot in _spots(question).spots
        for meaning in spot.meanings
        if (meaning.entity, meaning.field) == (entity, field)
        for value in meaning.values
    }


@pytest.mark.parametrize(
    ("said", "value"),
    [
        ("forty pieces", "40"),
        ("twenty-five days", "25"),
        ("two hundred and fifty units", "250"),
        ("one hundred thousand dollars", "100000"),
        ("twenty-five thousand dollars", "25000"),
        ("dozen boxes", "12"),
        ("half a percent", "0.5"),
        ("half a million", "500000"),
        ("one and a half times", "1.5"),
        ("40x road", "40"),
        ("10k", "10000"),
        ("1.5 million", "1500000"),
        ("2,500.00", "2500"),
        ("1 250 000 USD", "1250000"),
        ("58 750 frames", "58"),
        ("two hundred and three hundred", "200"),
    ],
)
def test_numbers_are_read_as_said(said: str, value: str) -> None:
    """In words, in digits, and with their scale."""
    assert amount(tokenise(said), 0)[0] == Decimal(value)


@pytest.mark.parametrize(
    ("question", "path", "values"),
    [
        ("stock of yellow paint", "material.name", {"Paint - Yellow"}),
        ("parts painted red", "material.name", set()),
        ("stock of gear housing heavy 48", "material.name", {"Gear Housing - Heavy, 48"}),
        (
            "stock of gear housing heavy 48 and 44",
            "material.name",
            {f"Gear Housing - Heavy, {n}" for n in (48, 44)},
        ),
        ("stock of gear hsng heavy, 48", "material.name", {"Gear Housing - Heavy, 48"}),
        ("stock of gear housng - heavy, 48", "material.name", {"Gear Housing - Heavy, 48"}),
        ("orders of castings for fasteners", "supplier.name", set()),
        ("salaries of the central div", "company.name", {"Central Division"}),
        ("SALARIES OF THE CENTRAL DIVISION", "company.name", {"Central Division"}),
        ("what is on shelf A", "stock.shelf", {"A"}),
        ("is there a shelf", "stock.shelf", set()),
        ("share of stock records with N/A as the shelf", "stock.shelf", {"N/A"}),
        ("materials in size XL", "material.size", {"XL"}),
        ("materials in size S", "material.size", {"S"}),
        ("the vendor's materials", "material.size", set()),
        ("weight of parts weighed in pounds", "material.weight_unit", {"LB"}),
        ("parts with weight unit lb", "material.weight_unit", {"LB"}),
        ("highest rate of the yen", "currency.currency", {"JPY"}),
        ("average JPY rate", "currency.name", {"Yen"}),
        ("scrap of the day shift", "shift.name", {"Day"}),
        ("scrap by day", "shift.name", set()),
    ],
)
def test_names_and_values_are_found(question: str, path: str, values: set[str]) -> None:
    """What stands in a question is found by what it means, and everyday words are left alone."""
    assert _held(question, path) == values


def test_words_that_carry_a_meaning_of_their_own_stay_to_be_read() -> None:
    """`sales` may be a department, and is read as sales; a slip is not made of an ordinary word."""
    assert "sales" in _spots("what were our sales last year").words
    assert "scales" in _spots("which one tips the scales").words
    assert "CURRENCY" not in _spots("heaviest part weighed in pounds").words


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("materials with 'hex nut' in the name", "hex nut"),
        ("what is called a hex nut?", "hex nut"),
        ("materials with hex nut in the name", "hex nut"),
        ("search material no. BK-R19", "BK-R19"),
    ],
)
def test_words_to_look_for_are_one_spot(question: str, text: str) -> None:
    """Quoted words, words after `called` and codes that are no known name."""
    assert [spot.text for spot in _spots(question).spots if spot.word == "TEXT"] == [text]


def test_a_quoted_name_is_a_name() -> None:
    """Quotes around a known name change nothing."""
    assert "MATERIAL" in _spots('where is "Gear Box" used').words


def test_a_whole_year_can_be_an_amount() -> None:
    """`2000 wheels` counts wheels, `over 2024` is a year; both can be pointed at as either."""
    far, near = _spots("parts for 2000 Drive Shaft"), _spots("scrap over 2024")
    assert "NUMBER" in far.words
    (spot,) = [spot for spot in near.spots if spot.word == "PERIOD"]
    assert spot.period is not None
    assert (spot.period.start, spot.number) == (date(2024, 1, 1), Decimal(2024))


def _query(**test: object) -> ToolCall:
    test["test"] = "contains" if "text" in test else "value"
    raw = {"rows_of": str(test["path"]).partition(".")[0], "where": [test]}
    return ToolCall("query_metrics", MetricQuery.model_validate(raw))


@pytest.mark.parametrize(
    ("question", "call"),
    [
        ("rates of the yen", _query(path="fx_rate.to_currency", values=["JPY"])),
        ("organisations that keep books in JPY", _query(path="company.currency", values=["JPY"])),
        (
            "suppliers with credit rating 4 or 5",
            _query(path="supplier.credit_rating", values=[Decimal(4), Decimal(5)]),
        ),
        (
            "vendors whose last order was before 1 July 2024",
            _query(path="supplier.last_order_on", op="<", values=["2024-07-01"]),
        ),
        (
            "vendors with a first order on or after 2024-01-01",
            _query(path="supplier.first_order_on", op=">=", values=["2024-01-01"]),
        ),
        ("kinds of washers by name", _query(path="material.name", text="washer")),
    ],
)
def test_plans_point_at_what_was_found(question: str, call: ToolCall) -> None:
    """A plan is said by pointers into its question and read back the same."""
    spots = _spots(question)
    words = LANGUAGE.words([call], spots)
    assert any(isinstance(word, Pointer) for word in words)
    assert LANGUAGE.calls(words, spots) == (call,)


def test_the_base_currency_may_be_left_out() -> None:
    """A rate from one's own currency is asked for by naming the other one."""
    model = TOOLS["exchange_rate"].arguments
    call = ToolCall(
        "exchange_rate",
        model.model_validate({"from_currency": "USD", "to_currency": "JPY", "rate": "average"}),
    )
    spots = _spots("average rate of the yen")
    (read,) = LANGUAGE.calls(LANGUAGE.words([call], spots), spots)
    assert read.arguments == model.model_validate({"to_currency": "JPY", "rate": "average"})
    with pytest.raises(NotSayable):
        LANGUAGE.words([call], Masked(spots.spots, "EUR"))


def test_a_choice_is_never_a_name() -> None:
    """`all` levels is a word of the tool even where a currency is called `ALL`."""
    model = TOOLS["where_used"].arguments
    lek = ValueWord("currency", "currency", ("ALL",), "ALL")
    box = ValueWord("material", "name", ("Gear Box",), "Gear Box")
    spots = Masked((Spot("MATERIAL", "Gear Box", (box,)), Spot("CURRENCY", "all", (lek,))))
    call = ToolCall("where_used", model.model_validate({"material": "Gear Box", "levels": "all"}))
    assert "lit:all" in LANGUAGE.words([call], spots)


def test_linking_takes_milliseconds() -> None:
    """Thousands of names slow a question down little."""
    names = Phrases()
    for at in range(4000):
        name = f"Frame {chr(97 + at % 26)}{chr(97 + at // 26 % 26)}x - Steel, {at}"
        names.add_stems(stems(name), ValueWord("material", "name", (name,), name))
    data = replace(DATA, phrases=names)
    READER.masked("warm up", data)
    best = min(
        _timed("how many frme steel 17 can we build from stock on hand by 30/09/2024?", data) for _ in "123"
    )
    assert best < 0.02


def _timed(question: str, data: MasterData) -> float:
    start = time.perf_counter()
    READER.masked(question, data)
    return time.perf_counter() - start


@pytest.mark.parametrize(
    ("asked", "read"),
    [
        ("How many purchase orders are 'approved'?", "approved"),
        ("What were the actual 'Expenditures' in 2013?", "expenditures"),
        ("Which vendors have 'complete' in their name?", None),
        ("Which vendors contain 'approved'?", None),
    ],
)
def test_a_word_of_the_catalogue_is_read_though_it_is_quoted(asked: str, read: str | None) -> None:
    """The network knows `expenditures` as a word, and nothing of what stands in quotes."""
    words = [spot.word for spot in READER.masked(asked, DATA).spots]
    assert (read or "TEXT") in words


@pytest.mark.parametrize(
    ("said", "bound"),
    [
        ("on or before 30 June 2024", "until"),
        ("no later than 30 June 2024", "until"),
        ("30 June 2024 or earlier", "until"),
        ("on or after June 2024", "since"),
        ("1 June 2024 or later", "since"),
    ],
)
def test_a_bound_of_days_is_one_word(said: str, bound: str) -> None:
    """The network read `on or before` a day as `since` it."""
    words = [spot.word for spot in READER.masked(f"orders finished {said}", DATA).spots]
    assert words[2] == bound
    assert words[3] in ("DAY", "PERIOD")
    assert len(words) == 4


@pytest.mark.parametrize(
    ("listed", "sizes"),
    [
        ("Gear Housing - Heavy, 44 and 48 in March", {"44", "48"}),
        ("Gear Housing - Heavy, 44, 48?", {"44", "48"}),
        ("Gear Housing - Heavy, 44, 48 pieces or more", {"44"}),
        ("Gear Housing - Heavy, 44 and 48 other parts", {"44"}),
    ],
)
def test_a_number_behind_a_name_is_a_name_only_in_a_list(listed: str, sizes: set[str]) -> None:
    """An amount that follows a name is no further name."""
    assert _held(f"scrap of {listed}", "material.name") == {f"Gear Housing - Heavy, {size}" for size in sizes}

"""Nothing reaches a person but values of results, in words that claim nothing else."""

from __future__ import annotations

import asyncio
import re
import unicodedata
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.grounding import Clauses, Grounding, Refused, Verified, states_a_number
from agents.rendering import quoted
from tests.agents.toy import PLANNER, NoStore, ScrapArguments, StockArguments, evidence, scrap, stock
from tools.registry import ToolContext
from tools.results import Column, Figure, Table, ToolResult

NUMBERS = """
    5 5,957 5957.5 ５ ٥ ५ ² ₅ ½ Ⅳ ⅳ ① ⑫ 🄂 五 万 five Five FIVE twenty-one twentyone twenty_one fifth
    5th half halves halved quarters dozen twice thrice double couple both single once zero none no
    nothing every most majority few several IV XII iii MMXIV million thousands hundredfold tenfold
    hundrd thosuand milion fourty f-i-v-e f.i.v.e s_e_v_e_n 0x1F 1e3 fünf zwölf douze cinco dieci
    пять двенадцать fıve fivе tw\u200belve twel\xadve ‰ 10% percent umpteen 3rd V X k IIII
    third-party
"""
QUESTION = "What was the scrapped quantity by reason for the top 3 at Kassel in 2014?"
NAME, OTHER = "{{r0.tables[0].rows[0].name}}", "{{r0.tables[0].rows[1].name}}"
SCRAPPED, RATE, SEEN = (
    f"{{{{r0.tables[0].rows[0].{column}}}}}" for column in ("scrapped", "rate", "last_seen")
)
FIGURE, COUNT = "{{r0.figures[0]}}", "{{r0.tables[0].count}}"
STOCK, VALUE = "{{r1.figures[0]}}", "{{r1.figures[1]}}"


async def _results() -> list[ToolResult]:
    async with NoStore().reading(PLANNER) as tx:
        context = ToolContext(PLANNER, tx)
        return [
            await scrap.run(ScrapArguments(top=3), context),
            await stock.run(StockArguments(material="BK-M93B-44"), context),
        ]


GROUNDING = Grounding(QUESTION, asyncio.run(_results()))


def verified(clause: str) -> str:
    verdict = GROUNDING.verify(clause)
    assert isinstance(verdict, Verified), verdict
    return verdict.text


def refused(clause: str) -> str:
    verdict = GROUNDING.verify(clause)
    assert isinstance(verdict, Refused), verdict
    return verdict.reason


@pytest.mark.parametrize(
    ("clause", "text"),
    [
        (
            f"{NAME} had a scrapped quantity of {SCRAPPED}.",
            "Paint process failed had a scrapped quantity of 3,126 pcs.",
        ),
        (f"Paint process failed had {SCRAPPED} scrapped.", "Paint process failed had 3,126 pcs scrapped."),
        (f"- The scrap rate of {NAME} was {RATE}.", "The scrap rate of Paint process failed was 0.2363 %."),
        (f"{NAME} was last seen on {SEEN}.", "Paint process failed was last seen on 2014-06-02."),
        (f"The scrapped quantity was {FIGURE}.", "The scrapped quantity was 5,957.5 pcs."),
        (f"{FIGURE} pcs were scrapped.", "5,957.5 pcs were scrapped."),
        (f"The table has {COUNT} rows.", "The table has 3 rows."),
        ("The top {{q.1}} reasons are listed.", "The top 3 reasons are listed."),
        (f"The stock of BK-M93B-44 is {STOCK}.", "The stock of BK-M93B-44 is 17 pcs."),
        (
            f"The stock is {STOCK} and the stock value {VALUE}.",
            "The stock is 17 pcs and the stock value -2,310.50 USD.",
        ),
        (
            f"{NAME} had a scrap rate of {RATE} and a scrapped quantity of {SCRAPPED}.",
            "Paint process failed had a scrap rate of 0.2363 % and a scrapped quantity of 3,126 pcs.",
        ),
        ("I found the reasons in the table.", "I found the reasons in the table."),
    ],
)
def test_values_are_put_in_by_the_renderer(clause: str, text: str) -> None:
    """Plain sentences about values come through, with unit and rounding."""
    assert verified(clause) == text


@pytest.mark.parametrize("number", NUMBERS.split())
def test_a_number_in_any_form_is_refused(number: str) -> None:
    """Digits of every script, words, ordinals, fractions, roman numerals, look-alikes and spellings."""
    for clause in (
        f"The scrapped quantity was {number}.",
        f"{number} reasons.",
        f"The {number} was {FIGURE} scrapped",
    ):
        refused(clause)


@pytest.mark.parametrize(
    "clause",
    [
        f"-{FIGURE} were scrapped.",
        f"{FIGURE}k were scrapped.",
        f"{FIGURE}{SCRAPPED} were scrapped.",
        f"{FIGURE},{SCRAPPED} were scrapped.",
        f"{FIGURE}. {SCRAPPED} were scrapped.",
        f"{FIGURE} - {SCRAPPED} scrapped",
        f"{FIGURE} m scrapped",
        f"{FIGURE} million were scrapped.",
        f"{FIGURE} times were scrapped.",
        f"minus {FIGURE} were scrapped.",
        f"Nearly {FIGURE} were scrapped.",
        f"About {FIGURE} were scrapped.",
        f"More than {FIGURE} were scrapped.",
        f"Not {FIGURE} but were scrapped.",
        f"{FIGURE} % were scrapped.",
        f"~{FIGURE} were scrapped.",
        f"x{FIGURE} scrapped",
    ],
)
def test_a_value_stands_alone(clause: str) -> None:
    """No sign, word or neighbour makes another number of it."""
    refused(clause)


@pytest.mark.parametrize(
    "clause",
    [
        f"{OTHER} had {SCRAPPED} scrapped.",
        f"Trim length too long had {SCRAPPED} scrapped.",
        f"{NAME} and {OTHER} had {SCRAPPED} scrapped.",
        f"{SCRAPPED} were scrapped.",
        f"{NAME} scrapped {FIGURE}.",
        f"{NAME} had a scrap rate of {SCRAPPED}.",
        f"{NAME} had a scrapped quantity of {RATE}.",
        f"{NAME} had a scrap rate of {SCRAPPED} and a scrapped quantity of {RATE}.",
        f"The stock value is {STOCK}.",
        f"The stock is {FIGURE}.",
        f"It was {FIGURE}.",
        f"The stock of {NAME} is {STOCK}.",
        "The scrapped quantity was {{q.1}}.",
        "At Kassel in {{q.2}} all was well.",
        f"In {{{{q.2}}}}, the scrapped quantity was {FIGURE}.",
        f"At Kassel, the scrapped quantity was {FIGURE}.",
    ],
)
def test_a_value_goes_to_the_row_and_heading_that_it_belongs_to(clause: str) -> None:
    """A true figure beside the wrong name, heading, place or year is a false one."""
    refused(clause)


ORDERS = Grounding(
    "Which orders have stock?",
    [
        ToolResult(
            "orders",
            "Orders with stock, by year",
            (
                Table(
                    (
                        Column("order", "Order", "id"),
                        Column("number", "Number", "id"),
                        Column("lot", "Lot ID", "id"),
                        Column("year", "year", "text"),
                        Column("month", "month", "text"),
                        Column("name", "Material", "text"),
                        Column("stock", "Stock", "quantity", "pcs"),
                    ),
                    (
                        ("500", "7", "9", "2014", "2014-06", "Wheel", Decimal(3)),
                        ("700", "8", "6", "2015", "2015-06", "Twelve", Decimal(5)),
                    ),
                ),
            ),
            (),
            (),
        )
    ],
)
ORDER, NUMBER, LOT, YEAR, MONTH, WHEEL, LEFT = (
    f"{{{{r0.tables[0].rows[0].{name}}}}}"
    for name in ("order", "number", "lot", "year", "month", "name", "stock")
)
TWELVE = "{{r0.tables[0].rows[1].name}}"


@pytest.mark.parametrize(
    "clause",
    [
        f"The stock is {ORDER}.",
        f"The stock of {WHEEL} is {ORDER} pcs.",
        f"The order stock is {ORDER}.",
        f"The order of {WHEEL} is {ORDER} pcs.",
        f"The stock is {NUMBER}.",
        f"The month ID is {LOT}.",
        f"The stock is {YEAR}.",
        f"The stock is {TWELVE}.",
        f"The order is {ORDER}{ORDER}.",
        f"The order is {ORDER}{NUMBER}.",
        f"The order is -{ORDER}.",
        f"The order is {ORDER}k.",
        f"The material is {WHEEL}{WHEEL}.",
        f"The material is {WHEEL}s.",
    ],
)
def test_a_code_that_reads_as_a_number_is_no_figure(clause: str) -> None:
    """An order's number under another heading, with a unit or run together with another one is made up."""
    assert isinstance(ORDERS.verify(clause), Refused)


@pytest.mark.parametrize(
    ("clause", "text"),
    [
        (f"The order {ORDER} has {LEFT} of stock.", "The order 500 has 3 pcs of stock."),
        (f"{WHEEL} has {LEFT} of stock in order {ORDER}.", "Wheel has 3 pcs of stock in order 500."),
        (f"The number is {NUMBER}.", "The number is 7."),
        (f"The lot is {LOT}.", "The lot is 9."),
        (f"In {YEAR} the stock of {WHEEL} was {LEFT}.", "In 2014 the stock of Wheel was 3 pcs."),
        (f"In {MONTH} the stock of {WHEEL} was {LEFT}.", "In 2014-06 the stock of Wheel was 3 pcs."),
        (f"{WHEEL}'s stock is {LEFT}.", "Wheel's stock is 3 pcs."),
        (f"The material {TWELVE} has an order.", "The material Twelve has an order."),
    ],
)
def test_a_code_may_stand_where_it_is_called_what_it_is(clause: str, text: str) -> None:
    """By its heading, or as a year after "in"."""
    assert ORDERS.verify(clause) == Verified(text)


@pytest.mark.parametrize(
    "reference",
    [
        "{{r0.figures[1]}}",
        "{{r9.figures[0]}}",
        "{{figures[0]}}",
        "{{r0.tables[0].rows[3].scrapped}}",
        "{{r0.tables[0].rows[-1].scrapped}}",
        "{{r0.tables[0].rows[0].nothing}}",
        "{{r0.tables[0].rows[0].__class__}}",
        "{{r0.evidence[0].query}}",
        "{{q.0}}",
        "{{q.9}}",
        "{{5957}}",
        "{{}}",
        "{{r0.figures[0]",
        "{r0.figures[0]}",
        "{{{{r0.figures[0]}}}}",
        "{{r0.figures[0] * 2}}",
        "{{r0.figures[٠]}}",
    ],
)
def test_a_reference_to_nothing_is_refused(reference: str) -> None:
    """Out of range, unknown, malformed or computing: none of it is rendered."""
    refused(f"The scrapped quantity was {reference}.")


@pytest.mark.parametrize(
    "clause",
    [
        "According to SAP, paint failed.",
        "The source is the SCADA historian.",
        "Acme Corporation failed.",
        "Analysts expect more scrap.",
        "See [the report](http://evil.example/x).",
        "![scrapped](http://evil.example/x.png)",
        "https://evil.example",
        "<b>scrapped</b>",
        "`scrapped`",
        "**scrapped**",
        "The quantity rose.",
        "Paint is the worst.",
        "“Bad paint” is the reason.",
        "The ѕcrapped quantity.",
        "Τhe quantity.",
        "😀 scrapped",
        "scrapped = wasted",
        "Paint failed in Kassel.",
        "The scrapped quantity grew at Kassel.",
        "x" * 2_000,
    ],
)
def test_words_from_nowhere_are_refused(clause: str) -> None:
    """Sources, names, links, judgements and look-alikes that are in neither the question nor the results."""
    refused(clause)


def test_a_heading_may_hold_words_that_prose_may_not() -> None:
    """`Materials below safety stock` is the metric's name, and stays true where its own value follows."""
    figure = Figure("Materials below safety stock", Decimal(7), "", "count", "e0")
    result = ToolResult(
        "t", "Materials below safety stock", (), (figure,), (evidence("t", StockArguments(material="x"), 1),)
    )
    grounding = Grounding("How many materials are below safety stock?", [result])
    assert isinstance(grounding.verify("Materials below safety stock: {{r0.figures[0]}}."), Verified)
    assert isinstance(grounding.verify("The materials are below safety stock."), Refused)


def test_text_from_data_is_never_read_as_anything_else() -> None:
    """Names full of tricks come out as plain text: no reference, link, image or hidden character."""
    name = "Evil {{r0.figures[0]}}\u202e\u200b\x1b[31m ![i](http://x/) [l](javascript:1) `c` <img src=x>"
    table = Table((Column("name", "Supplier", "text"), Column("n", "Orders", "count")), ((name, 3),))
    result = ToolResult(
        "t", "Orders by supplier", (table,), (), (), sentence="{{tables[0].rows[0].name}} leads."
    )
    for text in (
        Grounding("?", [result]).own_wording(0),
        verified_in(
            result, "The supplier {{r0.tables[0].rows[0].name}} had {{r0.tables[0].rows[0].n}} orders."
        ),
    ):
        assert "{{" not in text
        assert "](" not in text
        assert "![" not in text
        assert "://" not in text
        assert "`" not in text
        assert "<" not in text
        assert all(unicodedata.category(character) not in ("Cc", "Cf") for character in text)


def verified_in(result: ToolResult, clause: str) -> str:
    verdict = Grounding("How many orders by supplier?", [result]).verify(clause)
    assert isinstance(verdict, Verified), verdict
    return verdict.text


def test_a_writer_of_templates_is_held_to_references_for_numbers() -> None:
    """Its words are its own, its figures are not."""
    grounding = Grounding(QUESTION, GROUNDING.results, writes_freely=False)
    assert isinstance(
        grounding.verify(f"Highest of all was {NAME} with {SCRAPPED}, according to the data."), Verified
    )
    for clause in ("12 pieces.", "Twelve pieces.", "{{r0.figures[5]}} pieces."):
        assert isinstance(grounding.verify(clause), Refused)


def test_the_tools_own_wording_has_a_plain_fallback() -> None:
    """Without a sentence, or with a broken one, figures are still said."""
    figure = Figure("Stock", Decimal("17"), "pcs", "quantity", "e0")
    for sentence in ("", "{{figures[3]}} in stock.", "{{nonsense}}"):
        result = ToolResult("t", "Stock of BK-1", (), (figure,), (), sentence=sentence)
        assert Grounding("?", [result]).own_wording(0) == "Stock: 17 pcs."


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("There are 12 of them", "12"),
        ("There are twelve of them", "twelve"),
        ("In 2014 there was none", ""),
        ("Ⅻ", "Ⅻ"),
        ("x²", "²"),
        ("zwölf", "zwölf"),
        ("MMXIV", "MMXIV"),
        ("Which material is meant?", ""),
    ],
)
def test_numbers_in_other_sentences_are_those_of_the_question(text: str, found: str) -> None:
    """A reason or a question back brings in no figure."""
    assert states_a_number(text, "Scrap in 2014?") == found


PIECES = """
    the scrapped quantity was of reason and scrap rate stock value twelve rose Acme 4711 half Ⅳ minus , . - %
    Paint-process 3126 BK-M93B-44 BK-M93B-45 several {{q.1}} {{q.2}} {{r0.figures[4]}}
"""
WORDS = st.sampled_from(
    [*PIECES.split(), NAME, OTHER, SCRAPPED, RATE, SEEN, FIGURE, COUNT, STOCK, VALUE],
)
NUMERALS = re.compile(r"\b(?:twelve|half|several|zero|one|two|million)\b", re.IGNORECASE)


@given(st.lists(WORDS, max_size=14), st.sampled_from([" ", "", "  "]))
def test_whatever_is_verified_shows_only_values_of_the_results(words: list[str], blank: str) -> None:
    """Take the rendered values out of a verified clause, and no number is left."""
    verdict = GROUNDING.verify(blank.join(words))
    if isinstance(verdict, Refused):
        assert verdict.reason
        return
    rest = verdict.text
    for shown in (
        "3,126 pcs",
        "0.2363 %",
        "2014-06-02",
        "5,957.5 pcs",
        "17 pcs",
        "-2,310.50 USD",
        "BK-M93B-44",
        "top 3",
    ):
        rest = rest.replace(shown, " ")
    rest = re.sub(r"(?<![\w.,])3(?! ?\w*pcs)", " ", rest, count=rest.count("3"))
    assert not any(unicodedata.numeric(character, None) is not None for character in rest), verdict.text
    assert not NUMERALS.search(rest), verdict.text


@given(st.text(max_size=60))
def test_any_text_is_verified_or_refused(text: str) -> None:
    """Whatever a model writes, the answer is a verdict, and a verdict without references holds no number."""
    verdict = GROUNDING.verify(text)
    if isinstance(verdict, Verified):
        shown = verdict.text.replace("BK-M93B-44", "")
        assert not any(unicodedata.numeric(character, None) is not None for character in shown)


@given(st.text(max_size=200))
def test_quoted_text_is_harmless(text: str) -> None:
    """On one line, no longer than a line, with nothing that a reader or a channel could interpret."""
    shown = quoted(text)
    assert len(shown) <= 200
    assert "{{" not in shown
    assert "](" not in shown
    assert "://" not in shown
    assert not any(unicodedata.category(character) in ("Cc", "Cf", "Co", "Cs") for character in shown)


@given(st.text(alphabet="ab. \n!?{}3", max_size=80), st.lists(st.integers(1, 5), max_size=40))
def test_clauses_are_cut_alike_however_the_stream_arrives(text: str, sizes: list[int]) -> None:
    """Where one fragment ends and the next begins changes nothing."""
    whole = Clauses()
    expected = [*whole.feed(text), whole.flush()]
    pieces = Clauses()
    found: list[str] = []
    rest = text
    for size in sizes:
        found += pieces.feed(rest[:size])
        rest = rest[size:]
    found += pieces.feed(rest)
    assert [*found, pieces.flush()] == expected

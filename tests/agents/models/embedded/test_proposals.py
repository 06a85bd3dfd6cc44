"""Two readers' proposals become one list: the same meaning once, the same figures once, each weighed."""

from __future__ import annotations

from typing import Any

import pytest

from agents.models.embedded.confidence import confidence, packaged_weights
from agents.models.embedded.learned import LearnedPlan
from agents.models.embedded.lexicon import ValueWord
from agents.models.embedded.masked import Masked, Spot, after
from agents.models.embedded.outcomes import Outcome, holds, is_of_nothing, joined, once
from agents.models.embedded.plan_language import PlanLanguage
from agents.models.embedded.proposals import Proposal, Proposals
from agents.models.protocol import Reading, ToolCall
from erp_adapters.errors import StoreUnavailable
from tools.all_tools import registry
from tools.bom import ExplodeBom
from tools.languages import Language, speaking
from tools.metrics.catalogue import packaged_catalogue
from tools.metrics.query import MetricQuery

CATALOGUE = packaged_catalogue()
LANGUAGE = PlanLanguage(CATALOGUE, registry().reading())
MERGED = Proposals(CATALOGUE, LANGUAGE)
QUESTION = Masked((Spot("late", "late"),))


def query(**raw: Any) -> ToolCall:
    return ToolCall("query_metrics", MetricQuery.model_validate(raw))


def late(name: str = "m1", **more: Any) -> ToolCall:
    return query(measures=[{"name": name, "metric": "late_order_count"}], **more)


def test_one_meaning_in_two_forms_is_one_proposal() -> None:
    """Names of measures, labels and a mere order do not keep readers from agreeing."""
    plain = late(by=[{"entity": "material"}])
    ordered = query(
        measures=[{"name": "n", "metric": "late_order_count", "label": "late ones"}],
        by=[{"entity": "material"}],
        order=[{"by": "n"}],
    )
    (one,) = MERGED.of([LearnedPlan((plain,), 0.4)], [Reading((ordered,), "Late", 0.9)], QUESTION)
    assert (one.learned, one.grammar) == (0.4, 0.9)
    assert one.leads_learned
    assert one.leads_grammar


def test_what_is_largest_by_a_column_shown_is_proposed() -> None:
    """The one record with the most is ordered by what it shows; taking that away would make it no query."""
    worst = query(
        rows_of="production_order",
        show=["material.name", "production_order.scrapped"],
        order=[{"by": "production_order.scrapped"}],
        extreme=True,
    )
    many = query(
        rows_of="production_order",
        show=["production_order.scrapped"],
        having=[{"left": "production_order.scrapped", "op": ">", "value": 100}],
    )
    found = MERGED.of([LearnedPlan((worst,), 0.6), LearnedPlan((many,), 0.3)], [], QUESTION)
    assert [one.learned for one in found] == [0.6, 0.3]


def test_another_condition_is_another_proposal() -> None:
    """A filter more is no agreement."""
    bikes = late(where=[{"test": "value", "path": "material.category", "values": ["Bikes"]}])
    assert len(MERGED.of([LearnedPlan((late(),), 0.4)], [Reading((bikes,), "Bikes", 0.9)], QUESTION)) == 2


def test_figures_by_things_come_largest_first() -> None:
    """A plan that fixes no order is shown in the one that people expect; a trend keeps its time."""
    (one,) = MERGED.of([LearnedPlan((late(by=[{"entity": "material"}]),), 0.4)], [], QUESTION)
    (trend,) = MERGED.of([LearnedPlan((late(by=[{"grain": "month"}]),), 0.4)], [], QUESTION)
    assert isinstance(one.calls[0].arguments, MetricQuery)
    assert isinstance(trend.calls[0].arguments, MetricQuery)
    assert one.calls[0].arguments.order[0].by == "m1"
    assert not trend.calls[0].arguments.order


def test_what_cannot_be_compiled_is_not_proposed() -> None:
    """A metric grouped by what its records do not refer to is no reading."""
    wrong = query(measures=[{"name": "m1", "metric": "average_fx_rate"}], by=[{"entity": "scrap_reason"}])
    assert MERGED.of([LearnedPlan((wrong,), 0.9)], [], QUESTION) == []


async def test_the_same_figures_add_up() -> None:
    """Two ways to ask for one figure are as likely as both together; one that is refused is none."""
    first = Proposal((late(),), "a", learned=0.3, leads_learned=True)
    second = Proposal((late("x"),), "b", learned=0.25, grammar=0.5, leads_grammar=True)
    refused = Proposal((late("y"),), "c", learned=0.2)
    other = Proposal((late("z"),), "d", learned=0.1)

    async def run(call: ToolCall) -> Outcome | None:
        assert isinstance(call.arguments, MetricQuery)
        name = call.arguments.measures[0].name
        return None if name == "y" else ("7",) if name in ("m1", "x") else ("8",)

    found = await joined([first, second, refused, other], run)
    assert [one.words for one in found] == ["a", "d"]
    assert abs(found[0].learned - 0.55) < 1e-9
    assert (found[0].grammar, found[0].leads_learned, found[0].leads_grammar) == (0.5, True, True)


async def test_a_clear_reading_is_not_run_twice() -> None:
    """Where both readers lead with the same plan, nothing runs before the answer does."""

    async def run(call: ToolCall) -> Outcome | None:
        raise AssertionError(call)

    clear = Proposal((late(),), "a", learned=0.8, grammar=0.9, leads_learned=True, leads_grammar=True)
    assert await joined([clear, Proposal((late("x"),), "b", learned=0.1)], run) != []


async def test_a_database_that_gives_up_takes_no_reading_away() -> None:
    """A proposal that runs too long is no reason to offer nothing."""

    async def run(call: ToolCall) -> Outcome | None:
        raise StoreUnavailable("the statement took too long")

    both = [Proposal((late(),), "a", learned=0.4), Proposal((late("x"),), "b", learned=0.3)]
    assert await joined(both, run) == both


def test_only_names_of_the_question_itself_can_be_left_unused() -> None:
    """What the turn before spoke of may be given up without a word; what is asked now may not."""
    bikes, wheels = (
        Spot("CATEGORY", name, (ValueWord("material", "category", (name,), name),))
        for name in ("Bikes", "Wheels")
    )
    both = after(Masked((Spot("late", "late"), bikes)), Masked((Spot("late", "late"), wheels)))
    (one,) = MERGED.of([LearnedPlan((late(),), 0.9)], [], both, leaning=True)
    assert one.unused == 1
    assert one.leaning


def test_what_speaks_for_a_reading_makes_it_surer() -> None:
    """The learned reader's probability counts for a proposal, a name left unused against it."""
    low = Proposal((late(),), "a", learned=0.2, leads_learned=True)
    high = Proposal((late(),), "a", learned=0.9, leads_learned=True)
    loose = Proposal((late(),), "a", learned=0.9, leads_learned=True, unused=2)
    assert confidence(low, [low]) < confidence(high, [high])
    assert confidence(loose, [loose]) < confidence(high, [high])
    assert 0.0 < confidence(low, [low]) < 1.0
    assert set(packaged_weights()) == {"alone", "leaning", "by_one", "glossed"}
    assert all(set(weights) >= {"base", "learned", "unused"} for weights in packaged_weights().values())


@pytest.mark.parametrize(
    ("spoken", "words"),
    [
        ("en", "Explode bom: City Bike, quantity 2.5, levels direct, short only True, on 2025-06-10"),
        (
            "de",
            "Stücklistenauflösung: City Bike, Menge: 2,5, Stufen: direkt, nur Fehlteile: ja,"
            " Stichtag: 10.06.2025",
        ),
        (
            "es",
            "Explosión de lista de materiales: City Bike, cantidad: 2,5, niveles: directo,"
            " solo los que faltan: sí, fecha: 10/06/2025",
        ),
        (
            "fr",
            "Éclatement de nomenclature : City Bike, quantité : 2,5, niveaux : direct,"
            " manquants seulement : oui, date : 10/06/2025",
        ),
    ],
)
def test_a_look_up_is_worded_in_the_language(spoken: Language, words: str) -> None:
    """Its title and the names of its arguments are words for people; what was named stays as it is."""
    given = {"material": "City Bike", "quantity": "2.5", "levels": "direct", "short_only": True}
    call = ToolCall("explode_bom", ExplodeBom.model_validate(given | {"on": "2025-06-10"}))
    with speaking(spoken):
        assert MERGED.words([call]) == words


@pytest.mark.parametrize(
    ("wider", "narrower", "held"),
    [
        ([("285", "538", "52.97")], [("52.97",)], True),
        ([("A", "10", "250"), ("B", "20", "350")], [("B", "350"), ("A", "250")], True),
        ([("2023", "252", "391"), ("2024", "132", "203")], [("252", "132", "391", "203")], True),
        ([("285", "538", "52.97")], [("52.98",)], False),
        ([("A", "10", "250"), ("B", "20", "350")], [("A", "350"), ("B", "250")], False),
        ([("12", "538", "1")], [("1",)], False),
        ([("A", "250"), ("B", "350")], [("A", "250")], False),
    ],
)
def test_one_table_holds_another(
    wider: list[tuple[str, ...]], narrower: list[tuple[str, ...]], *, held: bool
) -> None:
    """The same rows with more beside them; a small number alone is the same by chance."""
    assert holds((tuple(wider),), (tuple(narrower),)) == held


async def test_a_reading_that_shows_more_agrees_with_one_that_shows_less() -> None:
    """`the late rate` and `late orders, orders, the late rate` are one answer, the fuller."""
    rate = Proposal((late(),), "rate", learned=0.4, leads_learned=True)
    both = Proposal((late("x"),), "orders and rate", grammar=0.9, leads_grammar=True)

    async def run(call: ToolCall) -> Outcome:
        return (((("285", "538", "52.97"),)) if call == late("x") else (("52.97",),),)

    (one,) = await joined([rate, both], run)
    assert (one.words, one.learned, one.grammar) == ("orders and rate", 0.4, 0.9)
    assert one.leads_learned
    assert one.leads_grammar


@pytest.mark.parametrize(
    ("row", "nothing"),
    [(("285", "285", "100"), True), (("285", "538", "52.97"), False), (("0", "9", "0"), False)],
)
async def test_a_share_of_itself_is_no_reading(row: tuple[str, ...], *, nothing: bool) -> None:
    """What should limit the part has limited the whole as well: `late ones out of those with dates`."""
    named = [{"test": "named", "entity": "production_order", "condition": "late"}]
    call = query(
        measures=[
            {"name": "a", "count_of": "production_order", "where": named},
            {"name": "b", "count_of": "production_order"},
            {"name": "c", "derive": "percent", "of": ["a", "b"]},
        ],
    )

    async def run(_: ToolCall) -> Outcome:
        return ((row,),)

    assert (await joined([Proposal((call,), "late", learned=0.5)], run) == []) == nothing


@pytest.mark.parametrize(
    ("call", "shown", "nothing"),
    [
        (query(measures=[{"name": "m", "metric": "average_fx_rate"}]), ((("None",),),), True),
        (query(measures=[{"name": "m", "metric": "average_fx_rate"}]), ((("1.2",),),), False),
        (
            query(measures=[{"name": "m", "metric": "average_fx_rate"}], by=[{"grain": "year"}]),
            ((("None",),),),
            False,
        ),
        (
            query(
                measures=[{"name": "m", "metric": "average_fx_rate"}],
                by=[{"grain": "year"}],
                order=[{"by": "m"}],
                extreme=True,
            ),
            ((("2023", "None"), ("2024", "None")),),
            True,
        ),
    ],
)
async def test_a_figure_that_there_is_not_is_no_answer(
    call: ToolCall, shown: Outcome, *, nothing: bool
) -> None:
    """The mean of rates that nobody kept is no rate."""

    async def run(_: ToolCall) -> Outcome:
        return shown

    assert await is_of_nothing((call,), run) == nothing


async def test_a_call_is_run_once_in_a_turn() -> None:
    """A question that is read anew in plainer words asks the database nothing twice."""
    asked: list[ToolCall] = []

    async def run(call: ToolCall) -> Outcome | None:
        asked.append(call)
        return None if len(asked) > 1 else ((("1",),),)

    showing = once(run)
    first = ToolCall("explode_bom", ExplodeBom(material="Chain"))
    again = ToolCall("explode_bom", ExplodeBom(material="Chain"))
    other = ToolCall("explode_bom", ExplodeBom(material="Chain", levels="direct"))
    assert [await showing(first), await showing(again)] == [((("1",),),)] * 2
    assert await showing(other) is await showing(other) is None
    assert asked == [first, other]


@pytest.mark.parametrize(
    ("asked", "held"),
    [
        ("order value , pending or approved orders", True),
        ("order value by status , pending or approved", False),
    ],
)
def test_a_plan_that_groups_by_a_remark_leaves_its_question_out(asked: str, *, held: bool) -> None:
    """A table's reader is held to it too: `pending or approved` says which orders, and splits nothing."""
    call = query(
        measures=[{"name": "m", "metric": "purchase_value"}],
        by=[{"path": "purchase_order.status"}],
        where=[{"test": "value", "path": "purchase_order.status", "values": ["pending", "approved"]}],
    )
    spots = tuple(Spot(word, word) for word in asked.split())
    assert MERGED.leaves_out((call,), Masked(spots)) is held

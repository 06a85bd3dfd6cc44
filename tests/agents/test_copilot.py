"""A question goes through the graph and comes back with figures, evidence and verified words only."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from langsmith.utils import get_env_var, tracing_is_enabled

from agents.context import Budget
from agents.copilot import Copilot
from agents.events import Clause, Done, Progress, Started
from agents.models.embedded.model import EmbeddedModel
from agents.models.protocol import Abstain, Calls, Clarify, ModelProtocol, Plan, Reading, ToolCall, Turn
from agents.rendering import in_prose
from erp_adapters.errors import ModelError, ModelUnavailable, RecordNotFound
from erp_adapters.store.ids import new_id
from policies.engine import CedarPolicy
from policies.reading import PolicyReads
from policies.texts import PolicyTexts
from tests.agents.scripted import ScriptedModel, calls, reading
from tests.agents.toy import (
    BUYER,
    PLANNER,
    KeptInMemory,
    NoArguments,
    NoStore,
    ScrapArguments,
    StockArguments,
    registry,
)

SCRAP = calls("scrap", ScrapArguments(top=3))


def copilot(model: ModelProtocol, **options: object) -> Copilot:
    options.setdefault("conversations", KeptInMemory())
    return Copilot(NoStore(), registry(), model, **options)  # type: ignore[arg-type]


async def test_an_answer_carries_words_figures_tables_and_evidence() -> None:
    """The main road, from a question to an answer with everything that it rests on."""
    model = ScriptedModel(
        SCRAP,
        ["{{r0.tables[0].rows[0].name}} had {{r0.tables[0].rows[0].scrap", "ped}} of scrapped quantity."],
    )
    answer = await copilot(model).ask(PLANNER, "What was scrapped, by reason?")
    assert answer.status == "answered"
    assert answer.answer == "Paint process failed had 3,126 pcs of scrapped quantity."
    assert answer.reading == "Scrapped quantity, by scrap reason, top 3, all dates"
    assert answer.tables[0].rows[0] == ("Paint process failed", "3126", "0.2363", "2014-06-02")
    assert answer.tables[0].units == ("", "pcs", "%", "")
    assert [(f.value, f.unit, f.evidence) for f in answer.figures] == [("5957.5", "pcs", "e0")]
    assert answer.evidence[0].sources[0].rows == 729
    assert answer.evidence[0].data_as_of == "2014-06-02T00:00:00Z"
    assert [call.name for call in answer.tool_calls] == ["scrap"]
    assert answer.model == "scripted"
    assert answer.timings.total_ms > 0


async def test_a_refused_clause_is_written_once_more() -> None:
    """The model is told why, and its second attempt is verified like the first."""

    def write(turn: Turn, results: object) -> list[str]:
        if turn.corrections:
            return ["{{r0.figures[0]}} was scrapped."]
        return ["5,958 pieces were scrapped."]

    model = ScriptedModel(SCRAP, write)
    answer = await copilot(model).ask(PLANNER, "What was scrapped?")
    assert answer.answer == "5,957.5 pcs was scrapped."
    assert "digit" in model.writing[1].corrections[0].reason


async def test_what_stays_refused_gives_way_to_the_tools_own_words() -> None:
    """A model that cannot do without its own figures is not heard."""
    model = ScriptedModel(SCRAP, ["About six thousand were lost. ", "And 12 % more than last year."])
    answer = await copilot(model).ask(PLANNER, "What was scrapped?")
    assert answer.answer == (
        "5,957.5 pcs were scrapped; the top reason is Paint process failed with 3,126 pcs."
    )


async def test_a_model_that_only_looked_still_says_what_it_found() -> None:
    """Looking first and then writing nothing that holds must not end in an answer without a word."""

    def plan(turn: Turn) -> Plan:
        return Calls(Reading((), "", 1.0)) if turn.steps else replace(SCRAP, look_first=True)

    answer = await copilot(ScriptedModel(plan, ["It was 999."])).ask(PLANNER, "What was scrapped?")
    assert answer.status == "answered"
    assert answer.answer.startswith("5,957.5 pcs were scrapped")


async def test_names_from_data_are_text_wherever_an_answer_has_words() -> None:
    """Readings, headings, caveats and offers hold names that others chose; only cells repeat them."""
    name = "Bolt ![x](https://a.example/?d=x)<b>"
    # A language model's own argument with markup would not even be looked up.
    model = ScriptedModel(calls("named", StockArguments(material=name)), writes_freely=False)
    answer = await copilot(model).ask(PLANNER, "Stock?")
    words = (
        answer.answer,
        answer.reading,
        *answer.caveats,
        *answer.tables[0].columns,
        answer.tables[0].title,
        answer.figures[0].label,
        *answer.suggestions,
    )
    assert sum("Bolt" in text for text in words) == 6
    assert not any(part in text for text in words for part in ("](", "![", "://", "<b>"))
    assert answer.suggestions == ("Stock of all materials",)
    assert answer.tables[0].rows == ((name,),)
    stream = copilot(model).stream(PLANNER, "Stock?")
    assert [event.text async for event in stream if isinstance(event, Clause)] == [answer.answer]
    read = reading("named", StockArguments(material="x"), f"Stock of {name}")
    offering = Clarify("Which of these?", (read,))
    asked = await copilot(ScriptedModel(offering, writes_freely=False)).ask(PLANNER, "Stock?")
    assert asked.alternatives[0].reading == in_prose(f"Stock of {name}")


async def test_clauses_are_streamed_as_they_are_verified_and_never_taken_back() -> None:
    """What was sent is in the answer, in order, and came before the whole was there."""
    model = ScriptedModel(
        SCRAP,
        ["Scrapped quantity was {{r0.figures[0]}}. ", "The top reason is bad paint. "],
    )
    events = [event async for event in copilot(model).stream(PLANNER, "What was scrapped?")]
    assert isinstance(events[0], Started)
    assert [e.stage for e in events if isinstance(e, Progress)] == ["plan", "tools", "compose"]
    done = events[-1]
    assert isinstance(done, Done)
    said = [e.text for e in events if isinstance(e, Clause)]
    assert said[0] == "Scrapped quantity was 5,957.5 pcs."
    assert done.answer.answer == " ".join(said)
    assert (events[0].conversation, events[0].answer) == (done.answer.conversation, done.answer.id)


@pytest.mark.parametrize(
    ("question", "named"),
    [
        ("", "empty"),
        (" \n\t ", "empty"),
        ("?!", "empty"),
        ("x" * 100_000, "4,000"),
        ("stock of \x00\x01\x02", "U+0000"),
        ("stock \x1b[2Jof BK-1", "U+001B"),
        ("stock \ud800", "U+D800"),
        ("stock \ufffd\ufffd", "U+FFFD"),
        ("stock \uffff", "U+FFFF"),
    ],
)
async def test_what_is_no_question_is_refused_by_name(question: str, named: str) -> None:
    """Empty, huge and binary input is refused with what is wrong, before a model or the store sees it."""
    model = ScriptedModel(SCRAP)
    answer = await copilot(model).ask(PLANNER, question)
    assert answer.status == "refused"
    assert named in answer.answer
    assert len(answer.question) <= 200
    assert not model.turns
    answer.model_dump_json()


async def test_nothing_found_is_an_answer() -> None:
    """An empty result is answered, with no rows and with what was looked for."""
    model = ScriptedModel(calls("stock", StockArguments(material="nothing")), ["There is plenty."])
    answer = await copilot(model).ask(PLANNER, "What is in stock of nothing?")
    assert answer.status == "answered"
    assert answer.answer == "Nothing was found. Looked for: Stock of nothing."
    assert answer.tables[0].rows == ()


async def test_a_model_sees_only_admitted_tools_and_cannot_run_others() -> None:
    """A tool for controllers does not exist for a planner, whatever the model asks for."""
    model = ScriptedModel(calls("costs", NoArguments()))
    answer = await copilot(model).ask(PLANNER, "What does it cost?")
    assert "costs" not in model.tools
    assert answer.status == "cannot_answer"
    assert "there is no tool 'costs'" in answer.answer


async def test_a_tool_that_policy_withholds_does_not_exist_for_the_person() -> None:
    """It is neither shown to the model nor run, also where a kept reading names it; others have it."""
    texts = CedarPolicy.packaged().texts
    mine = (
        '@id("mine.scrap") @reason("scrap is not for a planner") forbid (principal, action == Action::"read",'
        ' resource == Tool::"scrap") when { context.roles.contains("planner") };'
    )
    policy = CedarPolicy(
        PolicyTexts(texts.schema, {**texts.files, "mine.cedar": mine}), CedarPolicy.packaged().limits
    )
    model, kept = ScriptedModel(calls("scrap", ScrapArguments())), KeptInMemory()
    agent = copilot(model, reads=PolicyReads(policy), conversations=kept)
    answer = await agent.ask(PLANNER, "What was scrapped?")
    assert "scrap" not in model.tools
    assert "stock" in model.tools
    assert (answer.status, "there is no tool 'scrap'" in answer.answer) == ("cannot_answer", True)
    assert (await agent.ask(BUYER, "What was scrapped?")).status == "answered"
    before = await copilot(model, conversations=kept).ask(PLANNER, "What was scrapped?")
    assert before.status == "answered"
    assert (await agent.replay(PLANNER, before.id)).status == "cannot_answer"


async def test_calls_run_side_by_side_in_transactions_of_their_own() -> None:
    """Two calls hold two read transactions at a time, both as the caller."""
    store = NoStore()
    both = Calls(
        Reading(
            (ToolCall("scrap", ScrapArguments()), ToolCall("stock", StockArguments(material="BK-M93B-44"))),
            "both",
            1.0,
        )
    )
    answer = await Copilot(store, registry(), ScriptedModel(both), conversations=KeptInMemory()).ask(
        PLANNER, "Scrap and stock?"
    )
    assert len(answer.evidence) == 2
    assert len({entry.id for entry in answer.evidence}) == 2
    assert {figure.evidence for figure in answer.figures} == {entry.id for entry in answer.evidence}
    assert store.most == 2
    assert store.open == 0
    assert {caller.subject for caller in store.callers} == {"planner"}


async def test_a_bug_in_a_tool_surfaces() -> None:
    """What nobody planned for is not dressed up as an answer."""
    with pytest.raises(ZeroDivisionError):
        await copilot(ScriptedModel(calls("broken", NoArguments()))).ask(PLANNER, "What?")
    with pytest.raises(ZeroDivisionError):
        async for _ in copilot(ScriptedModel(calls("broken", NoArguments()))).stream(PLANNER, "What?"):
            pass


async def test_a_database_that_goes_away_gives_no_half_answer() -> None:
    """One call succeeded, one found the database gone: nothing of it is shown, and the remedy is."""
    both = Calls(Reading((ToolCall("scrap", ScrapArguments()), ToolCall("gone", NoArguments())), "both", 1.0))
    answer = await copilot(ScriptedModel(both)).ask(PLANNER, "Scrap and what is gone?")
    assert answer.status == "cannot_answer"
    assert "connection to the database was lost" in answer.answer
    assert not answer.tables
    assert not answer.figures


async def test_an_answer_that_cannot_be_kept_says_so() -> None:
    """The database goes away after the answer is whole: the answer stands, with a caveat."""
    kept = KeptInMemory()
    kept.down = True
    answer = await copilot(ScriptedModel(SCRAP), conversations=kept).ask(PLANNER, "Scrap?")
    assert answer.status == "answered"
    assert any("could not be kept" in caveat for caveat in answer.caveats)


async def test_a_refused_call_goes_back_to_a_language_model() -> None:
    """It reads the tool's message as a step of the turn and plans again."""

    def plan(turn: Turn) -> Plan:
        return calls("stock", StockArguments(material="BK-M93B-44" if turn.steps else "BK"))

    model = ScriptedModel(plan)
    answer = await copilot(model).ask(PLANNER, "What is in stock of BK?")
    assert answer.status == "answered"
    assert "did you mean" in model.turns[1].steps[0].error
    assert [call.arguments for call in answer.tool_calls] == [
        '{"material":"BK"}',
        '{"material":"BK-M93B-44"}',
    ]


async def test_a_model_that_repeats_a_refused_call_is_stopped() -> None:
    """No progress, no more rounds."""
    model = ScriptedModel(calls("stock", StockArguments(material="BK")))
    answer = await copilot(model).ask(PLANNER, "What is in stock of BK?")
    assert answer.status == "cannot_answer"
    assert "there is no material 'BK'" in answer.answer
    assert len(model.turns) == 2


async def test_a_refusal_repeats_no_number_that_a_model_made_up() -> None:
    """A tool's complaint quotes its arguments, which a language model may have filled with claims."""
    model = ScriptedModel(calls("stock", StockArguments(material="99,999 pieces lost")))
    answer = await copilot(model).ask(PLANNER, "What is in stock?")
    assert answer.status == "cannot_answer"
    assert "99" not in answer.answer


async def test_nothing_shows_the_name_of_a_tool_that_a_model_made_up() -> None:
    """Neither the progress, nor the refusal, nor the reading, nor the record of the calls."""
    name = "4711 pieces were ordered <b>today</b>"
    forged = ToolCall(name, NoArguments())
    plan = Calls(Reading((forged, *SCRAP.reading.calls), "", 1.0), (Reading((forged,), "", 1.0),))
    shown = []
    async for event in copilot(ScriptedModel(plan)).stream(PLANNER, "Scrap?", alternatives=True):
        shown.append(str(event))
        if isinstance(event, Done):
            assert event.answer.status == "cannot_answer"
            assert [call.name for call in event.answer.tool_calls] == ["scrap"]
    assert any("Running scrap" in text for text in shown)
    assert not any("4711" in text or "<b" in text for text in shown)


async def test_arguments_are_of_exactly_the_tools_class() -> None:
    """A subclass may take, and hand over, what the tool would refuse."""

    class Wide(StockArguments):
        sites: tuple[str, ...] = ("*",)

    model = ScriptedModel(calls("stock", Wide(material="BK-M93B-44")))
    answer = await copilot(model).ask(PLANNER, "What is in stock of BK-M93B-44?")
    assert answer.status == "cannot_answer"
    assert "are not of its own kind" in answer.answer


async def test_plans_that_no_validation_has_seen_are_the_models_failure() -> None:
    """The second model takes over, as where the first one does not answer at all."""
    bad = ScriptedModel(calls("stock", StockArguments.model_construct(material=["x"])), name="bad")
    answer = await copilot(bad).ask(PLANNER, "Stock?")
    assert (answer.status, answer.answer) == (
        "cannot_answer",
        "it asked for tools in a form that they do not take",
    )
    saved = await copilot(bad, fallback=ScriptedModel(SCRAP, name="good")).ask(PLANNER, "Scrap?")
    assert saved.status == "answered"
    assert saved.model == "good"


async def test_unseen_characters_in_a_record_are_written_out() -> None:
    """What a call was really made with, however a screen would turn it round."""
    model = ScriptedModel(calls("stock", StockArguments(material="a\u202eb")))
    answer = await copilot(model).ask(PLANNER, "Stock?")
    assert answer.tool_calls[0].arguments == r'{"material":"a\u202eb"}'
    assert "\u202e" not in answer.model_dump_json()


async def test_a_name_from_the_data_is_no_link_where_a_tool_complains_of_it() -> None:
    """A template writer's or a tool's sentence may list names, and a name may be anything."""
    asking = Clarify("Which one: ![x](https://evil.example/b.png) or <b>y</b>?", ())
    answer = await copilot(ScriptedModel(asking, writes_freely=False)).ask(PLANNER, "Stock of x?")
    assert answer.answer == "Which one: ! [x] (https: //evil.example/b.png) or ‹b›y‹/b›?"


async def test_readings_on_offer_are_bounded_too() -> None:
    """Running the other readings beside the answer is no way around the limit of calls."""
    store = NoStore()
    many = Reading(tuple(ToolCall("scrap", ScrapArguments(top=n)) for n in range(1, 41)), "", 1.0)
    model = ScriptedModel(Calls(SCRAP.reading, (many,) * 50))
    agent = Copilot(store, registry(), model, conversations=KeptInMemory())
    answer = await agent.ask(PLANNER, "Scrap?", alternatives=True)
    assert answer.status == "answered"
    assert answer.alternatives == ()
    # For the call of the answer: the planner read nothing, so it opened none.
    assert store.opened == 1


@pytest.mark.parametrize(
    ("budget", "named"),
    [
        (Budget(rounds=2), "2 rounds"),
        (Budget(calls=1), "1 look-ups"),
        (Budget(tokens=10), "10 tokens"),
        (Budget(seconds=0.2), "0.2 seconds"),
    ],
)
async def test_a_turn_is_bounded(budget: Budget, named: str) -> None:
    """A model that never comes to an end is ended, and the bound is named."""

    def plan(turn: Turn) -> Plan:
        turn.meter.add(8, 3)
        if budget.seconds < 1:
            return calls("slow", NoArguments())
        more = [ToolCall("scrap", ScrapArguments(top=len(turn.steps) + i + 1)) for i in range(2)]
        return Calls(Reading(tuple(more[: 2 if budget.calls == 1 else 1]), "more", 1.0), look_first=True)

    answer = await copilot(ScriptedModel(plan), budget=budget).ask(PLANNER, "Everything?")
    assert answer.status == "cannot_answer"
    assert named in answer.answer
    assert not answer.tables


async def test_what_a_model_looked_up_on_the_way_comes_last() -> None:
    """The answer's first table is the one that answers."""

    def plan(turn: Turn) -> Plan:
        if not turn.steps:
            return replace(SCRAP, look_first=True)
        return calls("stock", StockArguments(material="BK-M93B-44"))

    answer = await copilot(ScriptedModel(plan)).ask(PLANNER, "What is in stock?")
    assert answer.tables[0].names == ("material", "stock", "value")
    assert answer.tables[1].names[0] == "name"
    assert answer.answer == "Stock: 17 pcs; Stock value: -2,310.50 USD."


async def test_a_question_back_offers_readings_that_a_key_runs() -> None:
    """Clarify, choose, and the choice is there the next time the same wording is asked."""
    offered = (
        reading("scrap", ScrapArguments(top=2), "scrapped quantity by reason", 0.5),
        reading("stock", StockArguments(material="BK-M93B-44"), "stock of BK-M93B-44", 0.4),
    )
    model = ScriptedModel(Clarify("Which of these is meant?", offered), writes_freely=False)
    agent = copilot(model)
    asked = await agent.ask(PLANNER, "How bad is it?")
    assert asked.status == "clarify"
    assert [(a.key, a.reading, a.tables) for a in asked.alternatives] == [
        ("1", "scrapped quantity by reason", None),
        ("2", "stock of BK-M93B-44", None),
    ]
    chosen = await agent.choose(PLANNER, asked.conversation, asked.id, "2")
    assert chosen.status == "answered"
    assert chosen.figures[0].value == "17"
    assert (chosen.question, chosen.conversation) == ("How bad is it?", asked.conversation)
    await agent.ask(PLANNER, "how  bad is it")
    assert model.turns[-1].preferred == "stock of BK-M93B-44"
    await agent.ask(BUYER, "How bad is it?")
    assert model.turns[-1].preferred == ""
    with pytest.raises(RecordNotFound, match="offers 1, 2"):
        await agent.choose(PLANNER, asked.conversation, asked.id, "3")
    with pytest.raises(RecordNotFound):
        await agent.choose(BUYER, asked.conversation, asked.id, "1")
    with pytest.raises(RecordNotFound):
        await agent.choose(PLANNER, str(new_id()), asked.id, "1")


async def test_alternatives_are_run_where_asked_for() -> None:
    """Each other reading carries its own tables and figures; one that fails stays as words."""
    plan = Calls(
        SCRAP.reading,
        others=(
            reading("stock", StockArguments(material="BK-M93B-44"), "stock"),
            reading("stock", StockArguments(material="unknown"), "stock of something unknown"),
        ),
    )
    answer = await copilot(ScriptedModel(plan)).ask(PLANNER, "Scrap?", alternatives=True)
    first, second = answer.alternatives
    assert first.figures is not None
    assert first.figures[0].value == "17"
    assert (second.tables, second.figures) == (None, None)
    assert answer.tables[0].names[0] == "name"


async def test_an_abstention_gives_its_reason_and_the_nearest_readings() -> None:
    """What is not known and what is not allowed are told apart."""
    near = (reading("scrap", ScrapArguments(), "scrap"),)
    answer = await copilot(ScriptedModel(Abstain("The data that is loaded does not hold this.", near))).ask(
        PLANNER, "Weather?"
    )
    assert (answer.status, answer.answer) == ("cannot_answer", "The data that is loaded does not hold this.")
    assert answer.alternatives[0].reading == "scrap"
    answer = await copilot(ScriptedModel(Abstain("Salaries are not open.", refused=True))).ask(
        PLANNER, "Pay?"
    )
    assert answer.status == "refused"


@pytest.mark.parametrize(
    "claim",
    ["Scrap was 4711 pieces.", "Scrap was twelve thousand pieces.", "Scrap was Ⅻ.", "Scrap was zwölf, x²."],
)
async def test_a_language_model_cannot_slip_figures_into_an_abstention(claim: str) -> None:
    """Reasons and questions back are held to the numbers of the question."""
    for plan in (Abstain(claim), Clarify(claim, ())):
        answer = await copilot(ScriptedModel(plan)).ask(PLANNER, "Scrap?")
        assert claim not in answer.answer


async def test_a_follow_up_sees_what_was_asked_and_computed() -> None:
    """The turns before come along, oldest first, with validated calls."""
    model = ScriptedModel(SCRAP)
    agent = copilot(model)
    first = await agent.ask(PLANNER, "What was scrapped?")
    await agent.ask(PLANNER, "And by month?", conversation=first.conversation)
    past = model.turns[-1].past
    assert [turn.question for turn in past] == ["What was scrapped?"]
    assert past[0].calls == SCRAP.reading.calls
    assert past[0].words == first.reading


async def test_a_conversation_belongs_to_one_person() -> None:
    """Somebody else's conversation does not exist, nor do ids that are none."""
    agent = copilot(ScriptedModel(SCRAP))
    first = await agent.ask(PLANNER, "What was scrapped?")
    for other in (first.conversation, "1; drop table app.answer", "../../etc"):
        with pytest.raises(RecordNotFound):
            await agent.ask(BUYER, "And now?", conversation=other)
    with pytest.raises(RecordNotFound):
        await agent.replay(BUYER, first.id)


async def test_two_turns_at_once_in_one_conversation_do_not_mix() -> None:
    """Both are answered from their own state, checkpoints or not."""

    def plan(turn: Turn) -> Plan:
        if turn.question == "Scrap?":
            return SCRAP
        return calls("stock", StockArguments(material="BK-M93B-44"))

    kept = KeptInMemory()
    agent = copilot(ScriptedModel(plan), conversations=kept, checkpointer=InMemorySaver())
    conversation = str(new_id())
    answers = await asyncio.gather(
        *(agent.ask(PLANNER, question, conversation=conversation) for question in ["Scrap?", "Stock?"] * 4)
    )
    assert [len(answer.figures) for answer in answers] == [1, 2] * 4
    assert [answer.question for answer in answers] == ["Scrap?", "Stock?"] * 4
    assert len(kept.answers) == 8


async def test_a_checkpoint_holds_ids_and_references_only() -> None:
    """No question, row or prose is in it, and it does not grow with the conversation."""
    saver = InMemorySaver()
    agent = copilot(ScriptedModel(SCRAP, ["Scrapped quantity was {{r0.figures[0]}}."]), checkpointer=saver)
    sizes = []
    conversation = str(new_id())
    for _ in range(3):
        answer = await agent.ask(PLANNER, "What was scrapped?", conversation=conversation)
        kept = await saver.aget_tuple({"configurable": {"thread_id": conversation}})
        assert kept is not None
        values = kept.checkpoint["channel_values"]
        assert values["answer"] == answer.id
        assert values["results"] == ["r0"]
        text = repr(values)
        assert "scrapped" not in text
        assert "3126" not in text
        sizes.append(len(text))
    assert len(set(sizes)) == 1


class _Failing(ScriptedModel):
    """A model whose endpoint fails while planning, or while writing."""

    def __init__(self, error: ModelError, plan: Plan | None = None) -> None:
        super().__init__(plan or SCRAP, name="openai:test")
        self.error, self.plans = error, plan is not None

    async def plan(self, *arguments: object) -> Plan:  # type: ignore[override]
        if self.plans:
            return await super().plan(*arguments)  # type: ignore[arg-type]
        raise self.error

    async def compose(self, *arguments: object):  # type: ignore[no-untyped-def, override]
        yield "Scrapped quantity was {{r0.figures[0]}}. And then "
        raise self.error


async def test_the_second_model_takes_over_visibly() -> None:
    """A language model that is down costs the person nothing but a caveat."""
    down = _Failing(ModelUnavailable("it did not answer in time"))
    second = ScriptedModel(SCRAP, writes_freely=False, name="embedded")
    answer = await copilot(down, fallback=second).ask(PLANNER, "Scrap?")
    assert (answer.status, answer.model) == ("answered", "embedded")
    assert (
        answer.caveats[0] == "The hosted model could not be reached (openai:test: it did not answer in time);"
        " this answer was read by the embedded one (embedded)."
    )
    answer = await copilot(down).ask(PLANNER, "Scrap?")
    assert (answer.status, answer.answer) == ("cannot_answer", "it did not answer in time")


async def test_a_model_that_breaks_off_while_writing_leaves_a_whole_answer() -> None:
    """What was verified stays; the rest is the tool's own wording."""
    answer = await copilot(_Failing(ModelUnavailable("cut"), SCRAP)).ask(PLANNER, "What was scrapped?")
    assert answer.answer.startswith("Scrapped quantity was 5,957.5 pcs. 5,957.5 pcs were scrapped")
    assert any("broke off" in caveat for caveat in answer.caveats)


async def test_a_replay_computes_again_and_says_what_changed() -> None:
    """The same load and the same figures are said to be the same; nothing is added to the conversation."""
    kept = KeptInMemory()
    agent = copilot(ScriptedModel(SCRAP), conversations=kept)
    first = await agent.ask(PLANNER, "What was scrapped?")
    again = await agent.replay(PLANNER, first.id)
    assert (again.tables, again.figures, again.id) == (first.tables, first.figures, first.id)
    assert again.caveats[0] == "This is a replay on the same load of the data: the figures are the same."
    assert len(kept.answers) == 1
    with pytest.raises(RecordNotFound):
        await agent.replay(PLANNER, "no-such-answer")


async def test_a_reader_who_leaves_ends_the_work() -> None:
    """Closing the stream cancels the turn and gives its transactions back."""
    store = NoStore()
    agent = Copilot(
        store, registry(), ScriptedModel(calls("slow", NoArguments())), conversations=KeptInMemory()
    )
    stream = agent.stream(PLANNER, "Slow?")
    async for event in stream:
        if isinstance(event, Progress) and event.stage == "tools":
            await asyncio.sleep(0.05)
            break
    await stream.aclose()  # type: ignore[attr-defined]
    assert store.open == 0


def test_the_embedded_model_writes_from_templates() -> None:
    """Otherwise its own sentences would be held to a language model's closed vocabulary."""
    model: ModelProtocol = EmbeddedModel()
    assert not model.writes_freely


async def test_hidden_characters_of_a_question_are_dropped() -> None:
    """Pasted text may carry what nobody sees; letters and emoji of any age stay."""
    model = ScriptedModel(SCRAP)
    await copilot(model).ask(PLANNER, "What was\u202e scrapped\u200b\U000e0041,\n Müller? 😀 \U0001fae8")
    assert model.turns[0].question.startswith("What was scrapped, Müller? 😀")


async def test_no_turn_is_traced_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment that asks LangChain to report its runs to a service is not obeyed."""
    monkeypatch.setenv("LANGSMITH_TRACING", "true")
    get_env_var.cache_clear()
    seen = []

    def plan(turn: Turn) -> Plan:
        seen.append(tracing_is_enabled())
        return SCRAP

    try:
        assert tracing_is_enabled()
        await copilot(ScriptedModel(plan)).ask(PLANNER, "What was scrapped?")
    finally:
        get_env_var.cache_clear()
    assert seen == [False]

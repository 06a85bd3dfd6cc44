"""What a policy keeps or masks never reaches a hosted model, however it is written, in any of its prompts."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from agents.answer import Answer
from agents.copilot import Copilot
from agents.models.chat import Message, Reply, Request
from agents.models.egress import KeptHere, Screen, ScreenedEndpoint, class_of
from agents.models.embedded.model import EmbeddedModel
from agents.models.guarded import GuardedEndpoint
from agents.models.linking import DataLinks
from agents.models.openai_compatible import OpenAIModel
from agents.models.protocol import Meter, Turn
from agents.models.record_names import RecordNames, everyday, tokens_of
from erp_adapters.breaker import Breaker
from erp_adapters.caller import Caller
from erp_adapters.errors import ConfigurationError
from erp_adapters.store.session import Store
from policies.audit.event import AuditEvent
from policies.egress import EgressPolicy, packaged_egress, parse_egress
from tests.agents.scripted_openai import Behaviour, ScriptedOpenAI, Text, Tools, scripted_openai
from tests.agents.toy import PLANNER, KeptInMemory, NoStore, Unlinked
from tests.agents.toy import registry as toy_tools
from tools.all_tools import registry
from tools.results import Column

SIGN = re.compile(r"\b(?:NAME|MATERIAL)_[A-Z]+\b")


def names(*texts: str) -> RecordNames:
    known = RecordNames()
    for text in texts:
        known.add(text, "names", common=everyday())
    return known


def screen(treated: dict[str, str] | None = None, known: RecordNames | None = None) -> Screen:
    given = {**packaged_egress().default, **(treated or {})}
    return Screen(given, known or RecordNames(), [])  # type: ignore[arg-type]


MUELLER = names("Müller-Lüdenscheid Präzisionsguss GmbH & Co. KG", "Quarzwerk Öhringen", "V-20417")


@pytest.mark.parametrize(
    "written",
    [
        "MÜLLER-LÜDENSCHEID PRÄZISIONSGUSS GMBH & CO. KG",
        "müller lüdenscheid",
        "Mu\u0308ller",
        "ＭＵＬＬＥＲ",
        "Quarz-Werk Ohringen",
        "quarz werk öhringen",
        "QuarzwerkÖhringen",
        "Quarzwerks",
        "Quarzwrek",
        "V 20417",
        "v-20417",
        "Präzisionsgußs",
    ],
)
def test_a_name_is_found_however_it_is_typed(written: str) -> None:
    """Other cases, accents, widths, apart or together, with an ending, and misspelt."""
    shown = screen(known=MUELLER).asked(f"how much did {written} deliver in 2026?")
    left = {token for token, _, _ in tokens_of(shown)} - {
        token for token, _, _ in tokens_of("how much did deliver in 2026 NAME A B C D E")
    }
    assert not left
    assert "NAME_A" in shown


def test_words_that_tell_nobody_stay() -> None:
    """A question about schema words goes out as it is, also where a supplier's name has such a word in it."""
    known = names("General Supplier Order Company Ltd", "Stock & Co")
    asked = "Which orders of the supplier are late, and what is the stock?"
    assert screen(known=known).asked(asked) == asked


def test_names_are_found_inside_what_json_escapes() -> None:
    """A line break that JSON writes as two characters does not hide what follows it."""
    hidden = json.dumps('\nQuarzwerk\tÖhringen "V-20417"', ensure_ascii=False)
    shown = screen(known=MUELLER).text(hidden)
    assert "uarzwerk" not in shown
    assert "20417" not in shown


def test_a_placeholder_is_the_same_throughout_and_is_put_back() -> None:
    """In whatever case the name comes; what the model sends back becomes the name again, in JSON too."""
    seen = screen(known=names('Blech "Süd" AG'))
    assert seen.asked("from Blech Süd") == "from NAME_A"
    assert seen.text("BLECH SÜD") == "NAME_A"
    assert seen.put_back("NAME_A is late; NAME_B is not") == "Blech Süd is late; NAME_B is not"
    named = seen.value('Blech "Süd" AG', "names")
    assert json.loads(seen.put_back(json.dumps({"supplier": named}), in_json=True)) == {
        "supplier": 'Blech "Süd" AG'
    }
    assert seen.text(f"{named} and NAME_A") == f"{named} and NAME_A"


def test_figures_have_no_way_back() -> None:
    """A placeholder for a figure that a model writes into prose is no figure: only references are."""
    seen = screen()
    made = seen.value("5,957.5 pcs", "amounts", "pcs")
    assert made == "AMOUNT_A pcs"
    assert seen.put_back("It was AMOUNT_A") == "It was AMOUNT_A"
    assert seen.told("only 5,957.5 of 2026 are free", "how many in 2026?") == "only AMOUNT_B of 2026 are free"


@pytest.mark.parametrize(
    ("column", "of"),
    [
        (Column("value", "Value", "money", "EUR"), "amounts"),
        (Column("late", "Late", "days"), "amounts"),
        (Column("supplier", "Supplier", "text"), "names"),
        (Column("whatever", "?", "text"), "names"),
        (Column("order_id", "Order", "id"), "schema"),
        (Column("material_name", "Material", "text"), "materials"),
        (Column("note", "Note", "text"), "free_text"),
        (Column("due", "Due", "date"), "schema"),
        (Column("x", "X", "text", words="status"), "schema"),
    ],
)
def test_a_column_has_a_class(column: Column, of: str) -> None:
    """What nothing is known of counts as names."""
    assert class_of(column) == of


class Recording:
    """An endpoint that keeps what it was sent."""

    name = "recording"

    def __init__(self, *pieces: str) -> None:
        self.sent: list[Message] = []
        self.pieces = pieces

    async def reply(self, messages: Any, tools: Any, meter: Meter) -> Reply:
        self.sent += messages
        return Reply("NAME_A", (Request("1", "find_supplier", '{"text":"NAME_A"}'),))

    async def write(self, messages: Any, meter: Meter) -> AsyncIterator[str]:
        self.sent += messages
        for piece in self.pieces:
            yield piece


def turn_with(seen: Screen | None, question: str = "a") -> Turn:
    return Turn(question, meter=Meter(screen=seen))


async def test_what_comes_back_is_whole_wherever_a_stream_is_cut() -> None:
    """A placeholder that arrives letter by letter is put back, and nothing is swallowed at the end."""
    text = "NAME_A delivers; A_B NAME_AB and N"
    for size in (1, 2, 3, 7, 100):
        seen = screen(known=MUELLER)
        seen.asked("Quarzwerk")
        pieces = [text[at : at + size] for at in range(0, len(text), size)]
        endpoint = ScreenedEndpoint(GuardedEndpoint(Recording(*pieces), Breaker()), packaged_egress())
        got = "".join(
            [part async for part in endpoint.write(turn_with(seen), "compose", [Message("user", "x")])]
        )
        assert got == "Quarzwerk delivers; A_B NAME_AB and N"


async def test_nothing_is_sent_for_a_turn_that_nobody_has_looked_at() -> None:
    """A way around the screen ends here: with a policy, a request without one is not made."""
    recording = Recording()
    endpoint = ScreenedEndpoint(GuardedEndpoint(recording, Breaker()), packaged_egress())
    turn = turn_with(None)
    with pytest.raises(KeptHere):
        await endpoint.reply(turn, "plan", [Message("user", "x")], [])
    assert (recording.sent, turn.meter.sent, turn.meter.kept) == ([], [], ["question"])


async def test_a_correction_and_a_complaint_are_screened_too() -> None:
    """A clause of the model's that holds a name comes back to it masked, and so does the reason."""
    seen = screen(known=MUELLER)
    recording = Recording("ok")
    endpoint = ScreenedEndpoint(GuardedEndpoint(recording, Breaker()), packaged_egress())
    messages = [
        Message("system", "Quarzwerk stands in the packaged prompt only if somebody put it there"),
        Message("user", "Results"),
        Message("assistant", "Quarzwerk was late", (Request("1", "t", '{"a":"V-20417"}'),)),
        Message("user", "Refused: 'öhringen' is no word of the results"),
        Message("tool", "no supplier 'x'; near it are 'Quarzwerk Öhringen (V-20417)'", answers="1"),
    ]
    turn = turn_with(seen)
    _ = [part async for part in endpoint.write(turn, "compose", messages)]
    sent = json.dumps(
        [[m.text, [r.arguments for r in m.requests]] for m in recording.sent[1:]], ensure_ascii=False
    )
    assert not re.search("quarzwerk|hringen|20417", sent, re.IGNORECASE)
    (noted,) = turn.meter.sent
    assert noted.masked["names"] >= 5
    assert recording.sent[1].text.startswith("Words such as NAME_A")


@asynccontextmanager
async def demo_agent(
    store: Store, policy: EgressPolicy, answering: Any, trail: Any = None
) -> AsyncIterator[tuple[Copilot, ScriptedOpenAI]]:
    async with scripted_openai() as endpoint:
        endpoint.answering = answering
        model = OpenAIModel("m", "k", endpoint.base_url, form="tools", links=DataLinks(), egress=policy)
        yield Copilot(store, registry(), model, fallback=EmbeddedModel(), trail=trail), endpoint
        await model.close()


def planner(prose: str = "NAME_A is shown.") -> Any:
    """Plans by whatever placeholder the question has; gets it wrong first, looks, and writes."""

    def answer(request: dict[str, Any]) -> Behaviour:
        messages = request["messages"]
        if "tools" not in request:
            return Text(prose)
        asked = [m["content"] for m in messages if m["role"] == "user"][-1] or ""
        found = SIGN.findall(asked.rsplit("Question:", 1)[-1]) or ["NAME_A"]
        tried = sum(m["role"] == "tool" for m in messages)
        if tried == 0:
            return Tools([("supplier_reliability", {"supplier": "no such name at all"})])
        if tried == 1:
            return Tools([("find_supplier", {"text": found[0]}), ("look_first", {})])
        return Tools([("supplier_reliability", {"supplier": found[0]})])

    return answer


class Trail:
    """Keeps what is put on record."""

    def __init__(self) -> None:
        self.events: list[AuditEvent] = []

    async def append(self, events: Any) -> Any:
        self.events += events

    async def append_in(self, connection: Any, events: Any) -> Any:
        self.events += events


async def supplier_of(store: Store, caller: Caller) -> tuple[str, list[str], list[str]]:
    """A supplier with a telling name, and every name and number that may not leave."""
    async with store.reading(caller) as tx:
        suppliers = [
            str(row[0]) for row in (await tx.fetch("select distinct name from erp.supplier order by 1")).rows
        ]
        customers = [
            str(row[0]) for row in (await tx.fetch("select distinct name from erp.customer order by 1")).rows
        ]
        used = await tx.fetch(
            "select s.name from erp.supplier s join erp.purchase_order using (site, supplier_id)"
            " group by 1 having count(*) > 3 order by length(s.name) desc limit 1"
        )
    return str(used.rows[0][0]), suppliers, customers


def bodies(endpoint: ScriptedOpenAI) -> str:
    """Everything that the endpoint received but the packaged prompts and tools, folded and run together."""
    told = [m for request in endpoint.requests for m in request["messages"] if m["role"] != "system"]
    return json.dumps(told, ensure_ascii=False)


async def test_no_prompt_holds_a_masked_name_or_figure(demo_store: Store) -> None:
    """Planning, candidates, looked-up results, prose, corrections, a follow-up; the name in capitals."""
    caller = await demo_store.caller("planner.kassel")
    supplier, suppliers, customers = await supplier_of(demo_store, caller)
    trail = Trail()
    async with demo_agent(demo_store, packaged_egress(), planner(), trail) as (agent, endpoint):
        first = await agent.ask(caller, f"How reliable is {supplier.upper()}?")
        second = await agent.ask(
            caller, f"and {supplier.lower()} since 2025?", conversation=first.conversation
        )
    assert first.status == "answered", first
    assert supplier in json.dumps(
        [first.model_dump(mode="json"), second.model_dump(mode="json")], ensure_ascii=False
    )
    assert len(endpoint.requests) >= 6
    sent = bodies(endpoint)
    squeezed = "".join(token for token, _, _ in tokens_of(sent))
    for name in (*suppliers, *customers):
        assert "".join(token for token, _, _ in tokens_of(name)) not in squeezed, name
    telling = {token for token, _, _ in tokens_of(supplier) if token not in everyday() and len(token) > 3}
    assert telling
    assert not telling & {token for token, _, _ in tokens_of(sent)}
    figures = _figures(first)
    assert figures
    assert not figures & set(re.findall(r"\d+(?:\.\d+)?", sent.replace(",", "")))
    called = [dict(event.payload) for event in trail.events if event.kind == "model_call"]
    assert called
    assert any(call["masked"].get("names") and call["masked"].get("amounts") for call in called)
    assert supplier not in json.dumps(called)


def _figures(answer: Answer) -> set[str]:
    """Figures of an answer that could not stand in a prompt by chance."""
    cells = [cell for table in answer.tables for row in table.rows for cell in row]
    return {
        str(cell)
        for cell in (*cells, *(figure.value for figure in answer.figures))
        if re.fullmatch(r"\d+\.\d{2,}|\d{4,}", str(cell or ""))
    } - {"2025", "2026"}


@pytest.mark.parametrize("kept", ["question", "schema"])
async def test_what_is_kept_whole_sends_nothing_and_says_so(demo_store: Store, kept: str) -> None:
    """The embedded model answers; a caveat says why."""
    caller = await demo_store.caller("planner.kassel")
    policy = EgressPolicy({**packaged_egress().default, kept: "keep"})  # type: ignore[dict-item]
    async with demo_agent(demo_store, policy, planner()) as (agent, endpoint):
        answer = await agent.ask(caller, "How many suppliers do we have?")
    assert endpoint.requests == []
    assert answer.status == "answered"
    assert answer.model.startswith("embedded")
    assert any("egress policy keeps" in caveat for caveat in answer.caveats)


async def test_the_strictest_of_somebodys_sites_holds(demo_store: Store) -> None:
    """Where a site keeps names, a question with one is for the embedded model, and only such a question."""
    caller = await demo_store.caller("planner.kassel")
    supplier, _, _ = await supplier_of(demo_store, caller)
    policy = EgressPolicy(packaged_egress().default, {"KAS": {"names": "keep"}})
    trail = Trail()
    async with demo_agent(
        demo_store, policy, lambda _: Tools([("cannot_answer", {"why": "not_in_data"})]), trail
    ) as (agent, endpoint):
        named = await agent.ask(caller, f"How reliable is {supplier}?")
        assert endpoint.requests == []
        await agent.ask(caller, "What is the weather?")
    assert named.model.startswith("embedded")
    assert len(endpoint.requests) == 1
    (answered,) = [dict(e.payload) for e in trail.events if e.kind == "answer"][:1]
    assert answered["kept"] == ["names"]


async def test_kept_figures_are_told_in_the_tools_own_words() -> None:
    """The plan was sent, the results are not; nothing is lost."""
    async with scripted_openai(Tools([("scrap", {"top": 2})])) as endpoint:

        async def facts(tx: Any) -> str:
            return "Sites: AW"

        policy = EgressPolicy({**packaged_egress().default, "amounts": "keep", "names": "send"})
        model = OpenAIModel(
            "m", "k", endpoint.base_url, form="tools", links=Unlinked(), facts=facts, egress=policy
        )
        agent = Copilot(NoStore(), toy_tools(), model, conversations=KeptInMemory())
        answer = await agent.ask(PLANNER, "What was scrapped?")
        await model.close()
    assert len(endpoint.requests) == 1
    assert "5,957.5" in answer.answer
    assert any("not sent to the language model" in caveat for caveat in answer.caveats)


def test_the_stricter_treatment_wins_and_files_add_up() -> None:
    """Default, site, and what an administrator's file says over the packaged one."""
    own = parse_egress('[default]\nmaterials = "mask"\n[site.KAS]\nnames = "keep"\n', "own.toml")
    policy = own.over(packaged_egress())
    assert policy.at("KAS")["names"] == "keep"
    assert policy.at("GRV")["names"] == "mask"
    assert policy.strictest({"GRV", "KAS"})["names"] == "keep"
    assert policy.strictest(())["materials"] == "mask"
    assert policy.strictest({"GRV"})["question"] == "send"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[default]\nnames = 'hide'", "may be send, mask, keep"),
        ("[default]\nname = 'mask'", "no class 'name'"),
        ("[default]\nquestion = 'mask'", "only sent or kept"),
        ("[sites.KAS]\nnames = 'keep'", "a part 'sites'"),
        ("default = 3", "give classes"),
        ("[", "no TOML"),
    ],
)
def test_a_typing_error_opens_nothing(text: str, said: str) -> None:
    """What is not understood is refused at the start, never read as `send`."""
    with pytest.raises(ConfigurationError, match=said):
        parse_egress(text, "own.toml")


async def test_the_embedded_model_asks_nobody(demo_store: Store) -> None:
    """Nothing is counted as sent, whatever is asked."""
    caller = await demo_store.caller("planner.kassel")
    trail = Trail()
    agent = Copilot(demo_store, registry(), EmbeddedModel(), trail=trail)
    answer = await agent.ask(caller, "How many suppliers do we have?")
    assert answer.usage is None
    assert not [event for event in trail.events if event.kind == "model_call"]

"""Questions why a plant's cost differs are read as such, in four languages, and others are not."""

from __future__ import annotations

import pytest

from agents.models.embedded.grammar import GrammarReader
from agents.models.embedded.lookups_variance import may_ask_why, not_theirs, variance_of
from agents.models.embedded.masterdata import MasterDataCache
from agents.models.embedded.reporting import asked_of
from agents.models.protocol import PastTurn, ToolCall
from erp_adapters.store import Store
from tools.languages import Language
from tools.metrics.catalogue import packaged_catalogue
from tools.variance.tool import ExplainVariance

_MONTERREY = {"site": "Monterrey", "period": "2025-10"}
_READ: tuple[tuple[Language, str, dict[str, str]], ...] = (
    ("en", "Why was Monterrey over standard in October?", _MONTERREY),
    ("en", "why is MTY 4 % over standard in October 2025", _MONTERREY),
    (
        "en",
        "What drove the cost variance of Kassel in November 2025?",
        {"site": "Kassel", "period": "2025-11"},
    ),
    (
        "en",
        "Why did Greenville overspend its budget in Q4 2025?",
        {"site": "Greenville", "period": "2025-10", "until": "2025-12", "against": "plan"},
    ),
    (
        "en",
        "Explain the overspend on energy in Kassel against plan in January",
        {"site": "Kassel", "period": "2026-01", "against": "plan", "account": "Energy"},
    ),
    (
        "en",
        "Why were costs of Grand Rapids higher in November than in October?",
        {"site": "Grand Rapids", "period": "2025-11", "against": "earlier", "earlier": "2025-10"},
    ),
    (
        "en",
        "Why is Monterrey worse than Kassel against standard in October?",
        {**_MONTERREY, "against": "plant", "other_site": "Kassel"},
    ),
    (
        "en",
        "Why was check valve CK 50 over standard cost at Monterrey in October?",
        {**_MONTERREY, "product": "Check valve CK 50"},
    ),
    ("de", "Warum lag Monterrey im Oktober über dem Standard?", _MONTERREY),
    (
        "de",
        "Weshalb war Kassel im Januar über Budget?",
        {"site": "Kassel", "period": "2026-01", "against": "plan"},
    ),
    ("de", "Was hat in Monterrey im Oktober die Standardkosten überschritten?", _MONTERREY),
    ("es", "¿Por qué Monterrey estuvo por encima del estándar en octubre?", _MONTERREY),
    (
        "es",
        "¿A qué se debe que Monterrey superó el presupuesto en octubre?",
        {**_MONTERREY, "against": "plan"},
    ),
    ("fr", "Pourquoi Monterrey a-t-il dépassé le standard en octobre ?", _MONTERREY),
    ("fr", "Pourquoi Monterrey était au-dessus du budget en octobre ?", {**_MONTERREY, "against": "plan"}),
)
_GROUP = {"group": True, "period": "2025-10", "against": "plan"}
_TOGETHER: tuple[tuple[Language, str, dict[str, object]], ...] = (
    ("en", "Why is group cost over plan in October?", _GROUP),
    ("en", "Why is group cost over plan in October in constant currency?", {**_GROUP, "rates": "constant"}),
    ("en", "Why were all plants over budget in October, in USD?", {**_GROUP, "currency": "USD"}),
    ("de", "Warum liegen die Konzernkosten im Oktober über dem Plan?", _GROUP),
    ("de", "Warum lag die Gruppe im Oktober über Plan, währungsbereinigt?", {**_GROUP, "rates": "constant"}),
    (
        "es",
        "¿Por qué el grupo superó el presupuesto en octubre a tipos constantes?",
        {**_GROUP, "rates": "constant"},
    ),
    ("fr", "Pourquoi le groupe a-t-il dépassé le budget en octobre ?", _GROUP),
    (
        "fr",
        "Pourquoi le groupe a-t-il dépassé le budget en octobre à taux de change constants ?",
        {**_GROUP, "rates": "constant"},
    ),
    (
        "en",
        "Why were Kassel and Monterrey over plan in October in euros?",
        {"plants": ("Kassel", "Monterrey"), "period": "2025-10", "against": "plan", "currency": "EUR"},
    ),
    (
        "de",
        "Warum lagen Kassel und Brescia im Oktober über dem Standard?",
        {"plants": ("Kassel", "Brescia"), "period": "2025-10"},
    ),
    (
        "en",
        "Why was Monterrey over plan in October in EUR?",
        {**_MONTERREY, "against": "plan", "currency": "EUR"},
    ),
    (
        "es",
        "¿Por qué Monterrey superó el presupuesto en octubre en euros?",
        {**_MONTERREY, "against": "plan", "currency": "EUR"},
    ),
    (
        "en",
        "Why was Demo Actuation Inc. over plan in October?",
        {"company": "Demo Actuation Inc.", "period": "2025-10", "against": "plan"},
    ),
    (
        "de",
        "Warum lag die Demo Actuation Inc. im Oktober über Plan?",
        {"company": "Demo Actuation Inc.", "period": "2025-10", "against": "plan"},
    ),
    (
        "en",
        "Why were operating expenses of Kassel over plan in October?",
        {"site": "Kassel", "period": "2025-10", "against": "plan", "account": "6000"},
    ),
    (
        "de",
        "Warum lag die Kostenstelle Machining in Kassel im Oktober über Plan?",
        {"site": "Kassel", "period": "2025-10", "against": "plan", "cost_centre": "Machining"},
    ),
    (
        "es",
        "¿Por qué el centro de coste Maintenance de Kassel superó el presupuesto en octubre?",
        {"site": "Kassel", "period": "2025-10", "against": "plan", "cost_centre": "Maintenance"},
    ),
    (
        "fr",
        "Pourquoi le centre de coûts Maintenance de Kassel a-t-il dépassé le budget en octobre ?",
        {"site": "Kassel", "period": "2025-10", "against": "plan", "cost_centre": "Maintenance"},
    ),
    (
        "fr",
        "Pourquoi Check valve CK 50 a-t-il dépassé le standard à Monterrey en octobre ?",
        {**_MONTERREY, "product": "Check valve CK 50"},
    ),
)
_OTHERS: tuple[tuple[Language, str], ...] = (
    ("en", "Why is work order 1102434 late?"),
    ("en", "Why does the standard cost of Check valve CK 50 differ from its roll-up?"),
    ("en", "Which cost centres of Kassel are over budget?"),
    ("en", "Why is there no stock of BR-6204 at Kassel?"),
    ("de", "Welche Kostenstellen liegen über dem Budget?"),
)


async def _read(
    store: Store, spoken: Language, question: str, past: PastTurn | None = None
) -> ExplainVariance | None:
    grammar, cache = GrammarReader(packaged_catalogue()), MasterDataCache(packaged_catalogue())
    async with store.reading(await store.caller("planner")) as tx:
        data = await cache.get(tx)
    if not may_ask_why(question, spoken, past):
        return None
    asked = asked_of(question, spoken, frozenset(data.currencies), data.names.get("account", ()))
    masked = grammar.masked(asked.rest, data, language=spoken)
    sites, reporting = data.names["site"], asked.reporting
    read = variance_of(
        masked, {"explain_variance"}, data.today, sites, past, reporting, alone=asked.nothing_else
    )
    arguments = read.calls[0].arguments if read else None
    assert arguments is None or isinstance(arguments, ExplainVariance)
    return arguments


async def test_questions_why_are_read_with_plant_month_and_comparison(demo_store: Store) -> None:
    """What is asked, against what, and of what: nothing of it is guessed."""
    wrong = []
    for spoken, question, expected in _READ:
        read = await _read(demo_store, spoken, question)
        found = read.model_dump(exclude_defaults=True) if read else None
        wrong += [] if found == expected else [(question, found)]
    assert wrong == []


async def test_groups_companies_accounts_and_currencies_are_read(demo_store: Store) -> None:
    """Whatever a person may ask the cost of, in each language: nothing of it is dropped."""
    wrong = []
    for spoken, question, expected in _TOGETHER:
        read = await _read(demo_store, spoken, question)
        found = read.model_dump(exclude_defaults=True) if read else None
        wrong += [] if found == expected else [(question, found)]
    assert wrong == []


@pytest.mark.parametrize(("spoken", "question"), _OTHERS)
async def test_other_questions_are_left_to_their_readers(
    demo_store: Store, spoken: Language, question: str
) -> None:
    """A pattern that takes what is not its own answers the wrong question."""
    assert await _read(demo_store, spoken, question) is None


_ELSEWHERE: tuple[tuple[Language, str], ...] = (
    ("en", "Why was Monterrey over standard in October?"),
    ("en", "why was monterrey over budget in october"),
    ("en", "Why is Monterrey worse than Kassel against standard in October?"),
    ("en", "What drove the overspend at Atlantis in October?"),
    ("de", "Warum lag Monterrey im Oktober über dem Standard?"),
    ("de", "Was hat in Monterrey im Oktober die Standardkosten überschritten?"),
    ("es", "¿Por qué Monterrey superó el presupuesto en octubre?"),
    ("fr", "Pourquoi Monterrey a-t-il dépassé le standard en octobre ?"),
)
_OWN: tuple[tuple[Language, str], ...] = (
    ("en", "Why were we so far over Standard in October 2025?"),
    ("en", "Please explain the cost variance of our plant in October"),
    ("en", "WHY WERE WE OVER BUDGET IN OCTOBER?"),
    ("de", "Warum lagen wir im Oktober über dem Standard?"),
    ("de", "Woher kommt die Kostenabweichung im Oktober?"),
    ("es", "¿Por qué la planta superó el presupuesto en octubre?"),
    ("fr", "Pourquoi avons-nous dépassé le budget en octobre ?"),
)


async def test_a_plant_that_is_not_theirs_is_not_taken_for_their_own(demo_store: Store) -> None:
    """Whoever sees one plant and asks about another is not told of the one."""
    grammar, cache = GrammarReader(packaged_catalogue()), MasterDataCache(packaged_catalogue())
    everything = [(spoken, question) for spoken, question, _ in (*_READ, *_TOGETHER)]
    for subject, asked, named in (
        ("controller.kassel", _ELSEWHERE, True),
        ("controller.kassel", _OWN, False),
        ("planner", everything, False),
    ):
        async with demo_store.reading(await demo_store.caller(subject)) as tx:
            data = await cache.get(tx)
        for spoken, question in asked:
            rest = asked_of(question, spoken, frozenset(data.currencies), data.names.get("account", ())).rest
            assert bool(not_theirs(grammar.masked(rest, data, language=spoken))) == named, question


async def test_a_follow_up_changes_plant_or_month(demo_store: Store) -> None:
    """`And in November?` goes on from the explanation before."""
    call = ToolCall("explain_variance", ExplainVariance(site="Monterrey", period="2025-10", against="plan"))
    past = PastTurn("Why was Monterrey over budget in October?", (call,), "")
    november = await _read(demo_store, "en", "And in November?", past)
    kassel = await _read(demo_store, "en", "What about Kassel?", past)
    assert november == ExplainVariance(site="Monterrey", period="2025-11", against="plan")
    euros = await _read(demo_store, "en", "And in EUR?", past)
    constant = await _read(demo_store, "en", "and in constant currency?", past)
    assert kassel == ExplainVariance(site="Kassel", period="2025-10", against="plan")
    assert euros == ExplainVariance(site="Monterrey", period="2025-10", against="plan", currency="EUR")
    assert constant == ExplainVariance(site="Monterrey", period="2025-10", against="plan", rates="constant")

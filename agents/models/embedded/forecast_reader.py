"""Reads what is likely of demand, yield, energy and remaining life, in four languages."""

# ruff: noqa: E501
# Patterns of wordings are read as one line.

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Final

from agents.models.embedded.look_up_asked import look_up_asked
from agents.models.protocol import Calls, Reading, ToolCall, Turn
from erp_adapters.store.session import ReadTransaction
from tools.arguments import Arguments
from tools.languages import said
from tools.predicting import demand, energy, remaining_life, yields
from tools.predicting.forecasts import DemandForecast, EnergyForecast, RemainingLife, YieldForecast

# What is planned or was forecast is looked up elsewhere: only words of chance lead here.
_LIKELY: Final = (
    r"(?:likely|likeliest|likelihood|probably|probability|chances?|how sure|predict(?:ed|ion|ions)?"
    r"|wahrscheinlich\w*|vermutlich|vorhersagen?|vorhergesagt\w*|wie sicher"
    r"|probablemente|probabilidad(?:es)?|probables?|predicci[óo]n(?:es)?|pronosticad\w*"
    r"|probablement|probabilités?|prédi(?:t\w*|ctions?))"
)
_PAST: Final = (
    r"(?:was|were|did|last|previous|so far|war|waren|letzte\w*|vorige\w*|bisher|fue|fueron|hubo|pasad\w*"
    r"|étai(?:t|ent)|derni[eè]re?s?|passée?s?)"
)
_PATTERNS: Final[Mapping[str, re.Pattern[str]]] = {
    "remaining_life": re.compile(
        r"\b(?:remaining (?:useful )?li(?:fe|ves)|rest(?:lebensdauer|laufzeit)(?:en)?|vidas? (?:útil(?:es)? )?restantes?|vidas? que (?:le )?quedan?|durées? de vie restantes?)\b",
        re.I,
    ),
    "energy_forecast": re.compile(
        rf"^(?!.*\b{_PAST}\b)(?=.*\b{_LIKELY}\b)(?=.*\b(?:energy|electricity|energie\w*|strom\w*|energía|electricidad|énergie|électricité)\b)",
        re.I | re.S,
    ),
    "yield_forecast": re.compile(
        rf"^(?!.*\b{_PAST}\b)(?=.*\b{_LIKELY}\b)(?=.*\b(?:yields?|scrap(?:s|ped|ping)?|ausbeute|ausschuss\w*|rendimientos?|merma\w*|desechos?|rendements?|rebuts?)\b)",
        re.I | re.S,
    ),
    "demand_forecast": re.compile(
        rf"^(?!.*\b{_PAST}\b)(?=.*\b{_LIKELY}\b)(?=.*\b(?:demand|bedarf|nachfrage|demanda|demande)\b)",
        re.I | re.S,
    ),
}
_TOMORROW: Final = re.compile(r"\b(?:tomorrow|morgen|mañana|demain)\b", re.I)
_ELSEWHERE: Final = re.compile(
    r"\b(?:supplier|suppliers|lieferant\w*|proveedor(?:es)?|fournisseurs?|cost|costs|kosten|costes?|coûts?|price|preis\w*|precios?|prix|short(?:age|ages)?|late|plan(?:ned)?|forecast accuracy)\b",
    re.I,
)
_RECORDS: Final = {
    "remaining_life": "select exists (select from erp.work_centre)",
    "energy_forecast": "select exists (select from erp.utility_use)",
    "yield_forecast": "select exists (select from erp.operation_confirmation)",
    "demand_forecast": "select exists (select from erp.sales_line)",
}
_WORD: Final = re.compile(r"[\w-]+")
_CENTRES: Final = """
select work_centre_id, name from erp.work_centre where %(site)s::text is null or site = %(site)s
"""


async def forecast_plan(turn: Turn, admitted: Collection[str], tx: ReadTransaction) -> Calls | None:
    """The one call that such a question comes to; None for every other."""
    question = turn.question
    asked = await look_up_asked(turn, admitted, tx, _PATTERNS, _RECORDS)
    if asked is None or _ELSEWHERE.search(question):
        return None
    name, site = asked
    arguments: Arguments
    match name:
        case "remaining_life":
            arguments = RemainingLife(site=site, work_centre=await _centre(question, site, tx))
            what = said("Days until work centres fail, up to [[days]]", days=remaining_life.HORIZON.days)
        case "energy_forecast":
            if _TOMORROW.search(question):
                arguments = EnergyForecast(site=site, ahead="tomorrow")
                what = said("Energy foretold for tomorrow, by cost centre")
            else:
                arguments = EnergyForecast(site=site)
                days = energy.HORIZON.days
                what = said("Energy foretold for the next [[days]] days, by cost centre", days=days)
        case "yield_forecast":
            arguments = YieldForecast(site=site, work_centre=await _centre(question, site, tx))
            what = said("Yield foretold for the next [[days]] days, by work centre", days=yields.HORIZON.days)
        case _:
            arguments = DemandForecast(site=site)
            what = said("Demand foretold for the next [[days]] days, by material", days=demand.HORIZON.days)
    return Calls(Reading((ToolCall(name, arguments),), what, 1.0))


async def _centre(question: str, site: str | None, tx: ReadTransaction) -> str | None:
    """The work centre that is named; the longest name counts where one stands in another."""
    words = f" {' '.join(_WORD.findall(question)).casefold()} "
    rows = (await tx.fetch(_CENTRES, {"site": site})).rows
    named = {str(text) for row in rows for text in row if text and f" {str(text).casefold()} " in words}
    return max(named, key=len, default=None)

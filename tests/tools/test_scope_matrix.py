"""Every role at every plant with every tool and every kind of record: nothing of another plant is shown.

Each plant has names and numbers that no other plant has. A person of one plant, who asks for things of their
own plant and for those of another, is shown none of the others'.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import psycopg
import pytest

from erp_adapters.caller import Caller
from erp_adapters.errors import NotRecorded
from erp_adapters.store import OWNER_ROLE, Store
from erp_adapters.store.people import ROLES
from tests.conftest import Database
from tests.tools.asking import Asking
from tools.all_tools import LOOK_UPS
from tools.errors import ToolError
from tools.metrics.catalogue import packaged_catalogue
from tools.metrics.tool import query_metrics
from tools.replanning.tool import replan
from tools.results import ToolResult
from tools.what_if.tool import what_if

SITES = ("KAS", "GRV", "GRR", "MTY", "HAM", "WRO", "OLO", "BRE")
_TELLING = """
select site, value from (
    select site, number as value from erp.material union select site, name from erp.material
    union select site, name from erp.supplier union select site, name from erp.customer
    union select site, order_id from erp.production_order union select site, order_id from erp.purchase_order
    union select site, order_id from erp.sales_order union select site, name from erp.site
    union select site, name from erp.company union select site, title from erp.document
) s where length(value) >= 5
"""
_ONE_EACH = """
select s.site, (select min(c.company) from erp.company c where c.site = s.site), s.name,
    (select m.number from erp.material m
        join erp.bom_item b on (b.site, b.parent_id) = (m.site, m.material_id)
        where m.site = s.site order by 1 limit 1),
    (select p.name from erp.supplier p where p.site = s.site order by 1 limit 1),
    (select o.order_id from erp.production_order o
        where o.site = s.site and o.end_on > o.due_on order by 1 limit 1),
    (select c.name from erp.company c where c.site = s.site order by 1 limit 1),
    (select a.name from erp.account a
        join erp.ledger_line l on (l.site, l.account_id) = (a.site, a.account_id)
        where a.site = s.site order by 1 limit 1),
    (select p.source_key from erp.supplier p where p.site = s.site order by 1 limit 1)
from erp.site s
"""


_HELD = {"kind": "quality_hold", "until": "2026-04-20", "seconds": "1"}
"""What replanning is asked about an order; its `kind` is not that of other tools."""
_ASKED = "goods receipt and approval limits"


@dataclass(frozen=True)
class Plant:
    """A plant's own things, and the strings that no other plant has."""

    company: str
    arguments: dict[str, str]
    telling: frozenset[str]


@pytest.fixture(scope="module")
def plants(demo: Database) -> dict[str, Plant]:
    with psycopg.connect(demo.dsn(OWNER_ROLE)) as connection:
        held: dict[str, set[str]] = defaultdict(set)
        for site, value in connection.execute(_TELLING):
            held[str(value)].add(str(site))
        telling: dict[str, set[str]] = defaultdict(set)
        for value, sites in held.items():
            if len(sites) == 1:
                telling[next(iter(sites))].add(value)
        found = {}
        for site, own, name, material, supplier, order, company, account, key in connection.execute(
            _ONE_EACH
        ):
            arguments = {
                "record": "supplier",
                "from_currency": "EUR",
                "to_currency": "USD",
                "question": _ASKED,
                "period": "2025-10",
            }
            names = ("site", "material", "supplier", "order", "company", "account", "key")
            values = (name, material, supplier, order, company, account, key)
            arguments |= dict(zip(names, map(str, values), strict=True)) | {"text": str(material)}
            found[str(site)] = Plant(str(own), arguments, frozenset(telling[str(site)]))
    assert sorted(found) == sorted(SITES)
    assert all(len(plant.telling) > 100 for plant in found.values())
    return found


def caller_of(role: str, site: str, plants: dict[str, Plant]) -> Caller:
    companies = frozenset({plants[site].company})
    return Caller(f"{role}.{site}", role, frozenset({role}), frozenset({site}), companies)


def strange(text: str, site: str, plants: dict[str, Plant]) -> list[str]:
    """Strings of other plants that stand in a text as whole words."""
    words = set(re.split(r"[^\w.-]+", text))
    return [
        value
        for other, plant in plants.items()
        if other != site
        for value in plant.telling
        if (value in words if " " not in value else value in text)
    ]


def shown(result: ToolResult) -> str:
    """All that a result says, but for its reading, which repeats what was asked."""
    evidence = [(proof.sources, proof.flags) for proof in result.evidence]
    return repr(
        (result.tables, result.figures, result.sentence, result.caveats, result.suggestions, evidence)
    )


def asked(plants: dict[str, Plant], site: str) -> Iterator[tuple[str, dict[str, str]]]:
    """One's own things, another plant's, and another plant's with its name."""
    other = SITES[(SITES.index(site) + 1) % len(SITES)]
    mine, theirs = plants[site].arguments, plants[other].arguments
    yield "own", {name: value for name, value in mine.items() if name != "site"}
    yield "other", {name: value for name, value in theirs.items() if name != "site"}
    yield "other, by name", theirs


@pytest.mark.slow
@pytest.mark.parametrize("site", SITES)
@pytest.mark.parametrize("role", ROLES)
async def test_no_tool_shows_what_is_of_another_plant(
    demo_store: Store, plants: dict[str, Plant], role: str, site: str
) -> None:
    """Look-ups with one's own things, and with another plant's: those are as if they were not there."""
    asking = Asking(demo_store, caller_of(role, site, plants))
    answered = 0
    for tool in LOOK_UPS:
        for what, arguments in asked(plants, site):
            fitting = {
                name: value for name, value in arguments.items() if name in tool.arguments.model_fields
            }
            if tool is replan:
                fitting |= _HELD | {"about": arguments["order"]}
            supposed = {"kind": "price", "about": arguments["material"], "rise": "5"}
            given = fitting | ({"suppositions": [supposed]} if tool is what_if else {})
            try:
                said = shown(await asking.unchecked(tool, **given))
                answered += what == "own"
            except ToolError as refusal:
                said = str(refusal)
                for value in sorted((*fitting.values(), arguments["material"]), key=len, reverse=True):
                    said = said.replace(value, "")
            assert strange(said, site, plants) == [], (tool.name, what, said[:400])
    assert answered > len(LOOK_UPS) / 2


@pytest.mark.slow
@pytest.mark.parametrize("site", SITES)
async def test_no_kind_of_record_is_listed_or_counted_for_another_plant(
    demo_store: Store, demo: Database, plants: dict[str, Plant], site: str
) -> None:
    """Every entity of the catalogue: its records are as many as the plant has, and none is another's."""
    asking = Asking(demo_store, caller_of("admin", site, plants))
    catalogue = packaged_catalogue()
    with psycopg.connect(demo.dsn(OWNER_ROLE)) as connection:
        for name, entity in catalogue.entities.items():
            # Sums of the ledger are read by month where that is enough; its lines are counted.
            table = "ledger_line" if name == "ledger_line" else entity.table
            (own,) = connection.execute(
                f"select count(*) from erp.{table} where site = %s", [site]
            ).fetchone() or (0,)
            try:
                result = await asking.unchecked(query_metrics, measures=[{"name": "m", "count_of": name}])
            except NotRecorded:
                assert own == 0, name
                continue
            assert int(str(next((figure.value for figure in result.figures), 0))) <= own, name
            listed = await asking.unchecked(query_metrics, rows_of=name)
            assert strange(shown(listed), site, plants) == [], name

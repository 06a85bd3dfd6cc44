"""Causes of variances that are put into a plant's month: its records and its ledger, as if they had happened.

Each is made from rows of the month, larger than what is there already, and known by the ids that it was made
with. The rows are changed in a transaction that the caller rolls back.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal, LiteralString, TypeAlias, get_args

import psycopg

Kind: TypeAlias = Literal[
    "scrap", "work_time", "material_usage", "substitution", "purchase_price", "invoice", "count", "energy",
    "repair", "none",
]  # fmt: skip
KINDS: tuple[Kind, ...] = get_args(Kind)
AGAINST_PLAN: tuple[Kind, ...] = ("energy", "repair")
_CODES: dict[Kind, str] = {"energy": "6200", "repair": "6300"}
_CENT = Decimal("0.01")
_Row: TypeAlias = "tuple[object, ...]"
Connection: TypeAlias = "psycopg.AsyncConnection[_Row]"

_STEPS = """
select c.confirmation_id, c.order_id, c.operation, c.work_centre_id, w.cost_centre_id, w.hourly_rate,
       c.actual_minutes, o.end_on, o.material_id, o.stocked, s.standard_cost
from erp.production_order o
join erp.operation_confirmation c on c.site = o.site and c.order_id = o.order_id
join erp.work_centre w on w.site = o.site and w.work_centre_id = c.work_centre_id
join erp.standard_cost_version s on s.site = o.site and s.material_id = o.material_id
  and o.end_on >= s.valid_from and (s.valid_to is null or o.end_on <= s.valid_to)
where o.site = %(site)s and o.end_on between %(first)s and %(last)s and o.stocked > 2
order by c.order_id, c.operation
"""
_ISSUED = """
select m.movement_id, m.order_id, m.material_id, m.quantity, m.unit_cost, o.end_on
from erp.production_order o
join erp.stock_movement m on m.site = o.site and m.kind = 'consumption' and m.order_id = o.order_id
where o.site = %(site)s and o.end_on between %(first)s and %(last)s and m.unit_cost is not null
order by m.movement_id
"""
_RECEIVED = """
select p.supplier_id, m.material_id, array_agg(m.movement_id), sum(m.quantity),
       array_agg(distinct m.order_line)
from erp.stock_movement m join erp.purchase_order p on p.site = m.site and p.order_id = m.order_id
join erp.standard_cost_version s on s.site = m.site and s.material_id = m.material_id
  and m.moved_on >= s.valid_from and (s.valid_to is null or m.moved_on <= s.valid_to)
where m.site = %(site)s and m.kind = 'purchase' and m.moved_on between %(first)s and %(last)s
group by 1, 2 having sum(m.quantity) > 0 order by 1, 2
"""
_INVOICED = """
select i.supplier_id, i.invoice_id, i.invoiced_on from erp.supplier_invoice i
join erp.purchase_line l on l.site = i.site and l.line_id = i.line_id
where i.site = %(site)s and i.invoiced_on between %(first)s and %(last)s order by 2
"""
_VALUED = """
select material_id, standard_cost from erp.standard_cost_version
where site = %(site)s and valid_from <= %(first)s and (valid_to is null or valid_to >= %(last)s)
  and standard_cost > 0 order by 1
"""


_REASONS = "select scrap_reason_id from erp.scrap_reason where site = %(site)s order by 1"
_METERED = """
select distinct cost_centre_id from erp.utility_use
where site = %(site)s and day between %(first)s and %(last)s order by 1
"""


@dataclass(frozen=True, slots=True)
class Month:
    """A plant's month that a cause is put into."""

    site: str
    company: str
    currency: str
    first: date
    last: date
    largest: Decimal
    """The largest amount that is there already, without its sign."""
    there: Mapping[str, Decimal]
    """What there is already, by driver and by code of the account."""

    @property
    def asked(self) -> dict[str, object]:
        """Parameters of the statements that read it."""
        return {"site": self.site, "first": self.first, "last": self.last}


@dataclass(frozen=True, slots=True)
class Put:
    """What was put in, and what should be found."""

    kind: Kind
    step: str
    """Driver, or code of the account."""
    ids: frozenset[tuple[str, str]]
    """What the first cause must name."""


class Planter:
    """Puts causes into one month, in the connection's transaction."""

    def __init__(self, connection: Connection, month: Month, chance: random.Random) -> None:
        self._connection = connection
        self._month = month
        self._chance = chance
        self._posted = 0
        self._times = Decimal(str(round(chance.uniform(1.1, 3.0), 2)))
        self.wanted = Decimal(0)

    async def put(self, kind: Kind) -> Put | None:
        """Put in a cause of that kind; None where the month has no rows to make it from."""
        made: Mapping[Kind, object] = {
            "scrap": self._scrap, "work_time": self._work_time, "material_usage": self._usage,
            "substitution": self._substitution, "purchase_price": self._price, "invoice": self._invoice,
            "count": self._count, "energy": self._energy, "repair": self._repair, "none": self._posting,
        }  # fmt: skip
        # What there is already of it may lie on the other side.
        own = min(Decimal(0), self._month.there.get(_CODES.get(kind, kind), Decimal(0)))
        self.wanted = (self._month.largest * self._times - own).quantize(_CENT)
        done: Put | None = await made[kind]()  # type: ignore[operator]
        return done

    async def _rows(self, sql: LiteralString) -> Sequence[_Row]:
        return await (await self._connection.execute(sql, self._month.asked)).fetchall()

    async def _run(self, sql: LiteralString, **values: object) -> None:
        await self._connection.execute(sql, {**self._month.asked, **values})

    async def _post(self, account: str, amount: Decimal, on: date, centre: str | None) -> None:
        self._posted += 1
        await self._run(
            "insert into erp.ledger_line (company, site, source_system, source_key, load_id, line_id,"
            " posted_on, account_id, cost_centre_id, scenario, amount, currency, document)"
            " select company, site, source_system, %(id)s, load_id, %(id)s, %(on)s, %(account)s, %(centre)s,"
            " 'actual', %(amount)s, currency, %(id)s from erp.ledger_line where site = %(site)s limit 1",
            id=f"SEED-{self._posted}", on=on, account=account, centre=centre, amount=amount,
        )  # fmt: skip

    async def _scrap(self) -> Put | None:
        steps = await self._rows(_STEPS)
        last = {row[1]: row for row in steps}
        by_centre: dict[object, list[_Row]] = {}
        for row in last.values():
            by_centre.setdefault(row[3], []).append(row)
        able = sorted((str(c) for c, rows in by_centre.items() if sum(_worth(r) for r in rows) > self.wanted))
        if not able:
            return None
        centre, left = self._chance.choice(able), self.wanted
        reasons = [str(row[0]) for row in await self._rows(_REASONS)]
        reason = self._chance.choice(reasons)
        for row in sorted(by_centre[centre], key=lambda r: -_worth(r)):
            cost, on = Decimal(str(row[10])), row[7]
            pieces = min(int(left / cost) + 1, int(str(row[9]).split(".")[0]) - 1)
            if left <= 0 or pieces < 1:
                continue
            left -= pieces * cost
            await self._run(
                "update erp.operation_confirmation set scrapped = scrapped + %(n)s, good = good - %(n)s,"
                " scrap_reason_id = %(reason)s where site = %(site)s and confirmation_id = %(id)s",
                n=pieces, reason=reason, id=row[0],
            )  # fmt: skip
            await self._run(
                "update erp.production_order set stocked = stocked - %(n)s, scrapped = scrapped + %(n)s"
                " where site = %(site)s and order_id = %(id)s",
                n=pieces, id=row[1],
            )  # fmt: skip
            assert isinstance(on, date)
            await self._post("5300", pieces * cost, on, str(row[4]))
        return Put("scrap", "scrap", frozenset({("work_centre", centre), ("reason", reason)}))

    async def _work_time(self) -> Put | None:
        steps = await self._rows(_STEPS)
        if not steps:
            return None
        centre = self._chance.choice(sorted({str(row[3]) for row in steps}))
        own = [row for row in steps if str(row[3]) == centre]
        last = {row[1]: row for row in steps}
        more = self.wanted / len(own)
        for row in own:
            rate, minutes = Decimal(str(row[5])), Decimal(str(row[6]))
            longer = minutes + (more * 60 / rate).to_integral_value() + 1
            await self._run(
                "update erp.operation_confirmation set actual_minutes = %(n)s"
                " where site = %(site)s and confirmation_id = %(id)s",
                n=longer, id=row[0],
            )  # fmt: skip
            added = (rate * longer / 60).quantize(_CENT, "ROUND_HALF_UP") - (rate * minutes / 60).quantize(
                _CENT, "ROUND_HALF_UP"
            )
            assert isinstance(row[7], date)
            await self._post("5400", added, row[7], str(last[row[1]][4]))
        return Put("work_time", "work_time", frozenset({("work_centre", centre)}))

    async def _usage(self) -> Put | None:
        issued = [row for row in await self._rows(_ISSUED) if Decimal(str(row[4])) > 0]
        if not issued:
            return None
        material = self._chance.choice(sorted({str(row[2]) for row in issued}))
        own = [row for row in issued if str(row[2]) == material]
        for row in own:
            cost = Decimal(str(row[4]))
            pieces = (self.wanted / len(own) / cost).to_integral_value() + 1
            await self._run(
                "update erp.stock_movement set quantity = quantity + %(n)s"
                " where site = %(site)s and movement_id = %(id)s",
                n=pieces, id=row[0],
            )  # fmt: skip
            assert isinstance(row[5], date)
            await self._post("5400", pieces * cost, row[5], await self._last_centre(str(row[1])))
        return Put("material_usage", "material_usage", frozenset({("material", material)}))

    async def _substitution(self) -> Put | None:
        issued = [row for row in await self._rows(_ISSUED) if Decimal(str(row[4])) > 0]
        valued = await self._rows(_VALUED)
        materials = sorted({str(row[2]) for row in issued})
        self._chance.shuffle(materials)
        for material in materials:
            own = [row for row in issued if str(row[2]) == material]
            pieces = sum((Decimal(str(row[3])) for row in own), Decimal(0))
            dear = [
                (str(other), Decimal(str(cost)))
                for other, cost in valued
                if str(other) not in materials
                and (Decimal(str(cost)) - Decimal(str(own[0][4]))) * pieces > self.wanted
            ]
            if not dear:
                continue
            instead, cost = min(dear, key=lambda pair: pair[1])
            for row in own:
                await self._run(
                    "update erp.stock_movement set material_id = %(other)s, unit_cost = %(cost)s"
                    " where site = %(site)s and movement_id = %(id)s",
                    other=instead, cost=cost, id=row[0],
                )  # fmt: skip
                assert isinstance(row[5], date)
                added = (cost - Decimal(str(row[4]))) * Decimal(str(row[3]))
                await self._post("5400", added, row[5], await self._last_centre(str(row[1])))
            return Put("substitution", "substitution", frozenset({("material", instead)}))
        return None

    async def _last_centre(self, order: str) -> str | None:
        found = await self._connection.execute(
            "select w.cost_centre_id from erp.operation_confirmation c join erp.work_centre w"
            " on w.site = c.site and w.work_centre_id = c.work_centre_id"
            " where c.site = %(site)s and c.order_id = %(order)s order by c.operation desc limit 1",
            {**self._month.asked, "order": order},
        )
        row = await found.fetchone()
        return None if row is None else str(row[0])

    async def _price(self) -> Put | None:
        received = await self._rows(_RECEIVED)
        if not received:
            return None
        supplier, material, movements, pieces, lines = self._chance.choice(received)
        more = (self.wanted / Decimal(str(pieces))).quantize(_CENT) + _CENT
        await self._run(
            "update erp.stock_movement set unit_cost = unit_cost + %(more)s"
            " where site = %(site)s and movement_id = any(%(ids)s)",
            more=more, ids=movements,
        )  # fmt: skip
        await self._run(
            "update erp.purchase_line set unit_price = unit_price + %(more)s"
            " where site = %(site)s and line_id = any(%(ids)s)",
            more=more, ids=lines,
        )  # fmt: skip
        await self._run(
            "update erp.supplier_invoice set amount = amount + quantity * %(more)s"
            " where site = %(site)s and line_id = any(%(ids)s)",
            more=more, ids=lines,
        )  # fmt: skip
        await self._post("5200", more * Decimal(str(pieces)), self._month.last, "4240")
        return Put(
            "purchase_price",
            "purchase_price",
            frozenset({("supplier", str(supplier)), ("material", str(material))}),
        )

    async def _invoice(self) -> Put | None:
        invoiced = await self._rows(_INVOICED)
        if not invoiced:
            return None
        supplier, invoice, on = self._chance.choice(invoiced)
        await self._run(
            "update erp.supplier_invoice set amount = amount + %(more)s"
            " where site = %(site)s and invoice_id = %(id)s",
            more=self.wanted, id=invoice,
        )  # fmt: skip
        assert isinstance(on, date)
        await self._post("5210", self.wanted, on, "4240")
        return Put("invoice", "invoice", frozenset({("supplier", str(supplier))}))

    async def _count(self) -> Put | None:
        material, cost = self._chance.choice(await self._rows(_VALUED) or [(None, None)])
        if material is None:
            return None
        pieces = (self.wanted / Decimal(str(cost))).to_integral_value() + 1
        await self._run(
            "insert into erp.stock_movement (company, site, source_system, source_key, load_id, movement_id,"
            " material_id, moved_on, kind, quantity, unit_cost, currency)"
            " select company, site, source_system, 'SEED', load_id, 'SEED', %(material)s, %(last)s,"
            " 'adjustment', %(n)s, %(cost)s, currency from erp.stock_movement where site = %(site)s limit 1",
            material=material, n=-pieces, cost=cost,
        )  # fmt: skip
        await self._post("5500", pieces * Decimal(str(cost)), self._month.last, "4230")
        return Put("count", "count", frozenset({("material", str(material))}))

    async def _energy(self) -> Put | None:
        centres = [str(row[0]) for row in await self._rows(_METERED)]
        if not centres:
            return None
        centre = self._chance.choice(centres)
        await self._run(
            "update erp.utility_use set quantity = quantity * 3, amount = amount * 3 where site = %(site)s"
            " and cost_centre_id = %(centre)s and day between %(first)s and %(last)s",
            centre=centre,
        )
        await self._post("6200", self.wanted, self._month.last, centre)
        return Put("energy", "6200", frozenset({("cost_centre", centre)}))

    async def _repair(self) -> Put | None:
        found = "select work_centre_id from erp.work_centre where site = %(site)s order by 1"
        centre = self._chance.choice([str(row[0]) for row in await self._rows(found)])
        await self._run(
            "insert into erp.maintenance_order (company, site, source_system, source_key, load_id, order_id,"
            " work_centre_id, kind, status, planned_on, completed_on, hours, cost, currency)"
            " select company, site, source_system, 'SEED', load_id, 'SEED', %(centre)s, 'repair', 'complete',"
            " %(last)s, %(last)s, 40, %(cost)s, currency from erp.maintenance_order"
            " where site = %(site)s limit 1",
            centre=centre, cost=self.wanted,
        )  # fmt: skip
        await self._post("6300", self.wanted, self._month.last, "4210")
        return Put("repair", "6300", frozenset({("maintenance_order", "SEED")}))

    async def _posting(self) -> Put | None:
        await self._post("5400", self.wanted, self._month.last, "4110")
        return Put("none", "", frozenset())


def _worth(row: _Row) -> Decimal:
    """What an order's pieces are worth that could be scrapped at its last operation."""
    return Decimal(str(row[10])) * (Decimal(str(row[9])) - 2)

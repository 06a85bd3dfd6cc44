"""The plants of a system that are read: rows of tables by their keys, lists, and what figures depend on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Final

from erp_adapters.errors import ErpRefused, ErpUnavailable
from erp_adapters.ports import Cell
from erp_adapters.sap import amount, day
from erp_adapters.sap_rfc.client import Client
from erp_adapters.sap_rfc.connection import SYSTEM, Answer, messages, refusals
from erp_adapters.sap_rfc.customising import Customising, customising
from erp_adapters.sap_rfc.tables import Row, Tables, quoted

_NOTHING_FOUND: Final = frozenset({("CO", "888"), ("06", "019")})
"""Messages by which lists say that they are empty."""


@dataclass(frozen=True, slots=True)
class Plants:
    """The plants that are read, and what figures of theirs depend on."""

    client: Client
    tables: Tables
    codes: tuple[str, ...]
    set_to: Customising
    currencies: Mapping[str, str]
    """Of each valuation area, which is a plant nearly everywhere."""
    areas: Mapping[str, str]
    """Valuation area of each plant."""
    lists: dict[str, Answer] = field(default_factory=dict)
    """Lists of a whole plant that one reading has got already."""

    @classmethod
    async def of(cls, client: Client, tables: Tables, plants: tuple[str, ...]) -> Plants:
        """What has to be known before rows are."""
        companies = {
            str(row["BUKRS"]): str(row["WAERS"]) for row in await tables.rows("T001", ["BUKRS", "WAERS"])
        }
        areas = await tables.rows("T001K", ["BWKEY", "BUKRS"])
        of_plant = await tables.rows("T001W", ["WERKS", "BWKEY"])
        return cls(
            client,
            tables,
            plants,
            await customising(client, tables),
            {str(row["BWKEY"]): companies.get(str(row["BUKRS"]), "") for row in areas},
            {str(row["WERKS"]): str(row["BWKEY"]) for row in of_plant},
        )

    @property
    def here(self) -> str:
        """The condition for tables that have a plant."""
        return f"WERKS IN ( {', '.join(map(quoted, self.codes))} )"

    async def between(
        self, table: str, key: str, keys: Sequence[str], fields: Sequence[str], where: str = ""
    ) -> tuple[Row, ...]:
        """Rows of these keys, which stand beside each other in SAP's order; others between are left out."""
        condition = f"{key} BETWEEN {quoted(keys[0])} AND {quoted(keys[-1])}"
        rows = await self.tables.rows(
            table, list(dict.fromkeys([key, *fields])), f"{condition} AND {where}" if where else condition
        )
        wanted = set(keys)
        return tuple(row for row in rows if row[key] in wanted)

    async def listed(self, function: str, /, **given: object) -> Answer:
        """What a list has; one that is empty says so as if that were wrong."""
        answer = await self.client.call(function, **given)
        if refusals(answer):
            if {(each.id, each.number) for each in messages(answer)} <= _NOTHING_FOUND:
                return {}
            raise ErpRefused(f"{SYSTEM} refused {function}: {'; '.join(map(str, refusals(answer)))}")
        return answer

    def unit(self, code: Cell) -> str | None:
        """What a unit is called."""
        return self.set_to.name_of(str(code)) if code else None

    def per_one(self, price: Cell, per: Cell, currency: str) -> Decimal | None:
        """A price of a table for one unit; None where there is none."""
        if not currency:
            return None
        of_one = amount(figure(price), self.set_to.decimals_of(currency)) / (figure(per) or 1)
        return of_one.quantize(Decimal("0.000001"))


def by_key(rows: Iterable[Row], key: str) -> dict[Cell, Row]:
    """Rows by what tells them apart."""
    return {row[key]: row for row in rows}


def cell(rows: Mapping[Cell, Row], key: Cell, name: str) -> Cell:
    """A value of the row with that key; None where there is none."""
    return rows[key][name] if key in rows else None


def as_day(text: object) -> date | None:
    """A day of a list.

    Raises:
        ErpUnavailable: it is none.
    """
    try:
        return day(str(text))
    except ValueError as error:
        raise ErpUnavailable(f"{SYSTEM} sent {text!r} as a day: {error}") from error


def figure(value: Cell) -> Decimal:
    """A figure of a table.

    Raises:
        ErpUnavailable: it is none.
    """
    if not isinstance(value, Decimal):
        raise ErpUnavailable(f"{SYSTEM} sent {value!r} where a figure should be")
    return value

"""What a source says its ledger comes to, by company, account and month: counted before it is stored."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, TypeAlias

import psycopg

_Connection: TypeAlias = psycopg.Connection[tuple[Any, ...]]
UNREADABLE = date(1900, 1, 1)
"""Month of lines whose day cannot be read."""
_ADD = """
insert into erp.ledger_balance (company, site, source_system, source_key, load_id, month, account_id,
                                scenario, amount, lines, currency)
values (%(company)s, %(site)s, %(source)s, 'balance of the source', %(load)s, %(month)s, %(account)s,
        %(scenario)s, %(amount)s, %(lines)s, %(currency)s)
"""


@dataclass(frozen=True, slots=True)
class Standing:
    """What a balance is of."""

    company: str
    month: date
    account: str
    scenario: str
    currency: str


@dataclass
class Balances:
    """Counts and amounts of a source's ledger lines, whether or not the store takes them."""

    totals: dict[Standing, tuple[int, Decimal]] = field(default_factory=dict)

    def count(
        self,
        company: object,
        day: object,
        account: object,
        scenario: object,
        currency: object,
        amount: object,
    ) -> None:
        """One more line; None stands for what cannot be read."""
        month = day.replace(day=1) if isinstance(day, date) else UNREADABLE
        of = Standing(_text(company), month, _text(account), _text(scenario), _text(currency))
        lines, sum = self.totals.get(of, (0, Decimal(0)))
        self.totals[of] = lines + 1, sum + (Decimal(str(amount)) if amount is not None else Decimal(0))

    def count_columns(self, columns: Mapping[str, Iterable[object]]) -> None:
        """The lines of a batch, column by column."""
        named = ("company", "posted_on", "account_id", "scenario", "currency", "amount")
        for line in zip(*(columns[name] for name in named), strict=True):
            self.count(*line)

    def store(self, connection: _Connection, origin: Mapping[str, object]) -> None:
        """Put them beside the lines; earlier ones of the same source and site are gone already."""
        connection.cursor().executemany(
            _ADD,
            [
                {
                    **origin,
                    "company": of.company,
                    "month": of.month,
                    "account": of.account,
                    "scenario": of.scenario,
                    "currency": of.currency,
                    "lines": lines,
                    "amount": amount,
                }
                for of, (lines, amount) in self.totals.items()
            ],
        )
        connection.execute("analyze erp.ledger_balance")


def _text(value: object) -> str:
    return "" if value is None else str(value)

"""What a system is set to: its language, the decimals of its currencies, and what its units are called."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from erp_adapters.errors import ErpRefused
from erp_adapters.sap_rfc.client import Client
from erp_adapters.sap_rfc.connection import SYSTEM
from erp_adapters.sap_rfc.tables import Tables, quoted

_UNICODE: Final = frozenset({"4102", "4103", "4110"})
_ENCODINGS: Final[Mapping[str, str]] = {
    "1100": "iso8859-1",
    "1160": "cp1252",
    "1401": "iso8859-2",
    "1404": "cp1250",
    "1500": "iso8859-5",
    "1504": "cp1251",
    "1610": "iso8859-9",
    "1700": "iso8859-7",
    "8000": "shift_jis",
    "8300": "big5",
    "8400": "gb2312",
    "8500": "euc_kr",
}
"""SAP's numbers of code pages that systems without Unicode have."""


@dataclass(frozen=True, slots=True)
class Customising:
    """One system's settings, as far as documents depend on them."""

    language: str
    """SAP's letter of the language that the user signs in with."""
    codepage: str
    decimals: Mapping[str, int]
    """Of currencies that do not have two."""
    called: Mapping[str, str]
    """What a unit is called in that language, for SAP's own code of it: `PC` for `ST`."""

    def decimals_of(self, currency: str) -> int:
        """Decimal places of a currency."""
        return self.decimals.get(currency, 2)

    def code_of(self, unit: str) -> str:
        """SAP's own code of a unit, by what it is called or by the code itself.

        Raises:
            ErpRefused: there is no such unit.
        """
        for code, name in self.called.items():
            if name == unit:
                return code
        if unit in self.called:
            return unit
        raise ErpRefused(
            f"{SYSTEM} has no unit {unit!r}: name in the file of systems what it is called there (`units`)"
        )

    def name_of(self, code: str) -> str:
        """What a unit is called."""
        return self.called.get(code, code)

    def check(self, texts: Iterable[str]) -> None:
        """Nothing, where the system can hold every character.

        Raises:
            ErpRefused: it would put another in its place, and say nothing.
        """
        if self.codepage in _UNICODE:
            return
        encoding = _ENCODINGS.get(self.codepage, "ascii")
        for text in texts:
            for character in text:
                try:
                    character.encode(encoding)
                except UnicodeEncodeError:
                    raise ErpRefused(
                        f"this {SYSTEM} has the code page {self.codepage} and cannot hold {character!r}"
                    ) from None


async def customising(client: Client, tables: Tables) -> Customising:
    """What the system is set to, read anew."""
    attributes = await client.attributes()
    language = attributes.get("language") or "E"
    currencies = await tables.rows("TCURX", ["CURRKEY", "CURRDEC"])
    units = await tables.rows("T006A", ["MSEHI", "MSEH3"], f"SPRAS = {quoted(language)}")
    return Customising(
        language,
        attributes.get("partnerCodepage") or "4103",
        {str(row["CURRKEY"]): int(str(row["CURRDEC"])) for row in currencies},
        {str(row["MSEHI"]): str(row["MSEH3"] or row["MSEHI"]) for row in units},
    )

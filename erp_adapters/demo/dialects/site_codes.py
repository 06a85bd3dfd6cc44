"""A plant's own codes, from its site rules read the other way round."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from erp_adapters.demo.dialects.yaml_texts import yaml_texts
from erp_adapters.errors import ConfigurationError

SITES = Path(__file__).parent.parent / "sites"
SYSTEMS: dict[str, tuple[str, str]] = {
    "KAS": ("norda", "takt"),
    "GRV": ("plexor", "linea"),
    "GRR": ("plexor", "takt"),
    "MTY": ("plexor", "linea"),
    "HAM": ("plexor", "takt"),
    "WRO": ("norda", "linea"),
    "OLO": ("norda", "takt"),
    "BRE": ("lotto", "linea"),
}
"""The ERP and the MES of each plant."""


@dataclass(frozen=True)
class SiteCodes:
    """What a plant writes for a canonical value."""

    site: str
    company: str
    codes: dict[str, dict[str, str]]
    """By rule and canonical value: the first code that means one of it."""
    first_month: int
    """Month in which a fiscal year begins; a year is named by the one it ends in."""
    period: str
    """How a period is written, such as `{period:3}.{year}`."""

    def code(self, rule: str, value: str) -> str:
        """The plant's code.

        Raises:
            ConfigurationError: its rules have none.
        """
        try:
            return self.codes[rule][value]
        except KeyError:
            raise ConfigurationError(
                f"Site {self.site} has no code for {value!r} under the rule {rule!r}. "
                f"Add one to sites/{self.site}.yaml."
            ) from None

    def period_code(self, value: str | date) -> str:
        """The plant's way to write a period, given as `2026-03` or as the first day of its month."""
        year, month = (value.year, value.month) if isinstance(value, date) else map(int, value.split("-"))
        number = (month - self.first_month) % 12 + 1
        year += self.first_month > 1 and month >= self.first_month
        return re.sub(
            r"\{period(?::(\d))?\}",
            lambda found: str(number).zfill(int(found[1] or 1)),
            self.period.replace("{year}", str(year)),
        )


@cache
def site_codes(site: str) -> SiteCodes:
    """The codes of one of the plants.

    Raises:
        ConfigurationError: the demo has no rules for it.
    """
    path = SITES / f"{site}.yaml"
    if not path.is_file():
        raise ConfigurationError(f"The demo has no rules of site {site!r}. Add sites/{site}.yaml.")
    rules = yaml_texts(path.read_text(encoding="utf-8"))
    codes: dict[str, dict[str, str]] = {}
    for name, rule in rules["codes"].items():
        usual = codes[name] = {}
        for code, meaning in rule["values"].items():
            # A code for several of a unit would change the numbers of every row that uses it.
            if isinstance(meaning, str):
                usual.setdefault(meaning, code)
    return SiteCodes(
        site=rules["site"],
        company=rules["settings"]["company"]["value"],
        codes=codes,
        first_month=int(rules["calendar"].get("first_month", 1)),
        period=rules["calendar"]["periods"][0],
    )

"""What may need somebody: each a condition of the metric catalogue, with the question that lists it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict

from tools.languages import said
from tools.metrics.query import Filter, Grouping, Measure, MetricQuery, NamedTest, ValueTest

_FILE = Path(__file__).with_name("matters.yaml")


class Matter(BaseModel):
    """Records that somebody may have to see to."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    matter: str
    """What it is called."""
    record: str
    condition: str
    """Of the catalogue's entity `record`."""
    since: str
    """Its field that says since when."""
    ask: str
    """The question that lists them."""

    def query(self, site: str | None) -> MetricQuery:
        """Number and first day by site."""
        return MetricQuery(
            measures=(
                Measure(name="number", count_of=self.record),
                Measure(name="first_day", field=f"{self.record}.{self.since}", aggregate="minimum"),
            ),
            by=(Grouping(entity="site"),),
            where=self._where(site),
        )

    def listed(self, site: str | None = None) -> MetricQuery:
        """The records themselves, the oldest first."""
        return MetricQuery(rows_of=self.record, where=self._where(site))

    def _where(self, site: str | None) -> tuple[Filter, ...]:
        named = NamedTest(entity=self.record, condition=self.condition)
        return (named, ValueTest(path="site.site", values=(site,))) if site else (named,)


@lru_cache(maxsize=1)
def matters() -> Mapping[str, Matter]:
    """All of them by name, the most pressing first."""
    found = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return {name: Matter.model_validate(entry) for name, entry in found.items()}


def asked_for(text: str) -> Matter | None:
    """The matter whose question, in the language spoken, a text is."""
    plain = _plain(text)
    return next((one for one in matters().values() if _plain(said(one.ask)) == plain), None)


def _plain(text: str) -> str:
    return " ".join(text.casefold().strip(" \t?!.¿¡").split())

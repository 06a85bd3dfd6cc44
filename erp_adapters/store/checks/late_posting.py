"""Sources whose entries come long after what they tell of."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from erp_adapters.store.checks.finding import ContactSource, Finding, Found, Key, Measure
from erp_adapters.store.checks.limits import limits
from erp_adapters.store.checks.look import Check, Look

NAME = "late_posting"


@dataclass(frozen=True, slots=True)
class LagRow:
    """Hours from event to entry in one record of one source, over its latest rows."""

    site: str
    source_system: str
    record: str
    rows: int
    low: float
    middle: float
    high: float


# A date without a time means that day: the entry is late from its end on, in the site's own time.
_AGES = {
    "stock_movement": "posted_at - ((moved_on + 1)::timestamp at time zone t.time_zone)",
    "goods_receipt": "posted_at - ((received_on + 1)::timestamp at time zone t.time_zone)",
    "operation_confirmation": "posted_at - coalesce(ended_at, started_at)",
}
_DAYS = {
    "stock_movement": "moved_on",
    "goods_receipt": "received_on",
    "operation_confirmation": "ended_at::date",
}
_ROWS = " union all ".join(
    f"""
select t.site, r.source_system, '{record}' as record, count(*) as rows,
       percentile_cont(0.1) within group (order by extract(epoch from {age}) / 3600) as low,
       percentile_cont(0.5) within group (order by extract(epoch from {age}) / 3600) as middle,
       percentile_cont(0.9) within group (order by extract(epoch from {age}) / 3600) as high
from erp.{record} r join erp.site t on t.site = r.site
where t.site = any(%(sites)s) and posted_at is not null and {_DAYS[record]} > t.as_of::date - %(days)s::int
group by t.site, r.source_system having count({age}) > 0
"""
    for record, age in _AGES.items()
)


def find(look: Look) -> Found:
    """Sources that post late, with how many hours it mostly takes."""
    rows = look.rows(LagRow, _ROWS, {"days": int(limits(NAME)["days"])})
    looked: dict[str, int] = defaultdict(int)
    for row in rows:
        looked[row.site] += row.rows
    return Found(tuple(late(rows)), looked)


CHECK = Check(NAME, find)


def late(rows: list[LagRow]) -> Iterator[Finding]:
    """The same from rows: one finding a source, with the record that is latest."""
    limit = limits(NAME)
    by_source: dict[tuple[str, str], list[LagRow]] = defaultdict(list)
    for row in rows:
        if (
            row.rows >= limit["fewest_rows"]
            and row.middle >= limit["hours"]
            and row.low >= limit["hours"] / 2
        ):
            by_source[row.site, row.source_system].append(row)
    for (site, system), of_source in sorted(by_source.items()):
        worst = max(of_source, key=lambda row: row.middle)
        yield Finding(
            NAME,
            Key(site, "site", f"site/{site}"),
            system,
            "serious" if worst.middle >= limit["serious_hours"] else "flag",
            "posts_late",
            ContactSource(system),
            0.98,
            {
                "system": system,
                "hours": Decimal(str(round(worst.middle))),
                "records": ", ".join(sorted(row.record.replace("_", " ") for row in of_source)),
                "rows": sum(row.rows for row in of_source),
            },
            measure=Measure(
                Decimal(str(round(worst.middle, 1))), high=Decimal(str(limit["hours"])), unit="hours"
            ),
            group=f"{site} {system}",
        )

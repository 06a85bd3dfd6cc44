"""How many of known faults in data are found, how many sound rows are flagged, and how long it takes.

Fills a scratch database with a made-up enterprise whose faults are known, looks through it, and compares.
With `--home`, it compares what a demo home has found with the list of faults that lies beside the demo.

    python -m eval.benchmarks.quality [--materials 1000] [--home DIR]
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import psycopg
import typer

from erp_adapters.store import OWNER_ROLE, EmbeddedPostgres, migrate
from erp_adapters.store.checks import Looked, find
from eval.benchmarks.seeded import Seed, seeded, store

LEAST_RECALL, MOST_FALSE, LIMIT_S = 0.95, 0.02, 10.0

_OF_DEMO: Mapping[str, tuple[str, ...]] = {
    "duplicate_material": ("duplicate_material",),
    "naming_scheme": ("material_named_differently",),
    "duplicate_supplier": ("duplicate_supplier", "duplicate_supplier_other_tax_id"),
    "bom_unit": ("bom_units",),
    "missing_standard_cost": ("missing_costs",),
    "stale_lead_time": ("stale_lead_times",),
    "negative_stock": ("negative_stock",),
    "model_drift": ("model_drift",),
    "sensor_fahrenheit": ("sends_other_unit",),
    "sensor_local_time": ("clock_in_local_time",),
    "sensor_history_missing": ("readings_missing",),
    "posts_late": ("late_posting",),
    "offline": ("offline",),
}
"""Which findings, by code or by check, each kind of the demo's faults is found by."""
_OF_A_SITE = frozenset({"model_drift", "posts_late", "offline", "late_posting"})
"""Kinds that are one fault of a whole site."""


@dataclass(frozen=True, slots=True)
class Told:
    """A finding as it is compared."""

    check: str
    what: str
    keys: frozenset[tuple[str, str, str]]
    sites: frozenset[str]


@dataclass(frozen=True, slots=True)
class Score:
    """How one kind of fault fared."""

    kind: str
    seeded: int
    missed: tuple[Seed, ...]
    found: int
    false: int
    """Findings of that kind that name no row with a fault."""
    rows: int

    @property
    def recall(self) -> float:
        """Share of the faults that were found."""
        return 1 - len(self.missed) / self.seeded if self.seeded else 1.0

    @property
    def false_share(self) -> float:
        """False findings per row looked at; of faults of whole sites, per site."""
        return self.false / self.rows if self.rows else 0.0


def told(connection: psycopg.Connection[tuple[Any, ...]]) -> list[Told]:
    """What the checks found in a database."""
    rows = connection.execute(
        "select check_name, what, site, record, source_key, other_keys from erp.finding where gone_at is null"
    ).fetchall()
    return [
        Told(
            check,
            what,
            frozenset([(site, record, key), *((k["site"], k["record"], k["source_key"]) for k in others)]),
            frozenset([site, *(k["site"] for k in others)]),
        )
        for check, what, site, record, key, others in rows
    ]


def scores(
    seeds: Iterable[Seed], findings: list[Told], rows: Mapping[str, int], names: Mapping[str, tuple[str, ...]]
) -> list[Score]:
    """Each kind of fault against what was found of it."""
    by_kind: dict[str, list[Seed]] = defaultdict(list)
    for seed in seeds:
        by_kind[seed.kind].append(seed)
    faulty = {(seed.site, seed.record, seed.source_key) for of_kind in by_kind.values() for seed in of_kind}
    done = []
    for kind, of_kind in sorted(by_kind.items()):
        wanted = names.get(kind, (kind,))
        of_it = [each for each in findings if each.check in wanted or each.what in wanted]
        whole = kind in _OF_A_SITE
        keys = {key for each in of_it for key in each.keys}
        sites = {site for each in of_it for site in each.sites}
        missed = [
            seed
            for seed in of_kind
            if (seed.site not in sites if whole else (seed.site, seed.record, seed.source_key) not in keys)
        ]
        seeded_sites = {seed.site for seed in of_kind}
        false = [each for each in of_it if not (each.sites & seeded_sites if whole else each.keys & faulty)]
        looked = max((rows.get(each.check, 0) for each in of_it), default=0)
        done.append(Score(kind, len(of_kind), tuple(missed), len(of_it), len(false), looked))
    return done


def show(done: Iterable[Score], looked: Iterable[Looked]) -> bool:
    """Print the table; true where all limits are kept."""
    print(f"{'fault':<26}{'seeded':>8}{'found':>8}{'recall':>9}{'false':>7}{'rows':>9}{'false share':>13}")
    kept = True
    for each in done:
        good = each.recall >= LEAST_RECALL and each.false_share <= MOST_FALSE
        kept &= good
        print(
            f"{each.kind:<26}{each.seeded:>8}{each.seeded - len(each.missed):>8}{each.recall:>9.1%}"
            f"{each.false:>7}{each.rows:>9,}{each.false_share:>13.2%}{'' if good else '  *'}"
        )
        for seed in each.missed[:3]:
            print(f"    missed {seed.site} {seed.source_key}")
    seconds = [(each.check, each.seconds) for each in looked]
    if seconds:
        print(
            f"\n{sum(s for _, s in seconds):.1f} s in all: " + ", ".join(f"{c} {s:.1f}" for c, s in seconds)
        )
    return kept


def of_seeded(materials: int, step: int) -> bool:
    """Measure on the made-up enterprise, in a scratch database."""
    with tempfile.TemporaryDirectory(prefix="plantwright-quality-", dir="/var/tmp") as folder:
        # The account that runs the database has to come through.
        Path(folder).chmod(0o711)
        with EmbeddedPostgres(Path(folder) / "postgres", durable=False) as server:
            owner = server.dsn(OWNER_ROLE)
            migrate(owner)
            sheets = seeded(materials, step_minutes=step)
            with psycopg.connect(owner) as connection:
                store(connection, sheets)
            with psycopg.connect(owner) as connection:
                began = time.monotonic()
                looked = find(connection)
                seconds = time.monotonic() - began
                rows = {each.check: each.rows for each in looked}
                findings = told(connection)
    late = [Seed("late_posting", "S5", "site", "site/S5")]
    kept = show(scores([*sheets.seeds, *late], findings, rows, {}), looked)
    print(f"{seconds:.1f} s with keeping; the limit is {LIMIT_S:.0f} s")
    return kept and seconds <= LIMIT_S


def of_home(home: Path) -> bool:
    """Measure a demo home that has been looked through against the list of faults beside it."""
    truth = json.loads((home / "demo" / "truth.json").read_text(encoding="utf-8"))["faults"]
    seeds = [Seed(f["kind"], f["site"], f["record"], f["key"]) for f in truth]
    with EmbeddedPostgres(home / "postgres") as server, psycopg.connect(server.dsn(OWNER_ROLE)) as connection:
        found = connection.execute("select check_name, sum(rows)::int from erp.look group by 1").fetchall()
        return show(scores(seeds, told(connection), {str(c): int(n) for c, n in found}, _OF_DEMO), ())


def main(
    materials: Annotated[int, typer.Option(help="Materials of each of the eight sites.")] = 1000,
    step: Annotated[int, typer.Option(help="Minutes between readings of a sensor.")] = 60,
    home: Annotated[Path | None, typer.Option(help="A demo home, instead of the made-up enterprise.")] = None,
) -> None:
    """Print recall, false flags and seconds by kind of fault; fail where a limit is broken."""
    sys.exit(0 if (of_home(home) if home else of_seeded(materials, step)) else 1)


if __name__ == "__main__":
    typer.run(main)

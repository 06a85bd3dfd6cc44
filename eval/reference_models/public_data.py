"""Two public data sets as a plant's own records: a database with the files by which it is read.

    python -m eval.reference_models.public_data ai4i ai4i2020.csv plant
    PLANTWRIGHT_SYSTEMS=plant/systems.toml plantwright sync ai4i

`ai4i`: AI4I 2020 (Matzka, UCI 601, CC BY 4.0). Each hundred rows become a milling machine; a row is what its
sensors show once a week, and a failure is a stop of four hours on the day after. The last week is this one.
`steel_energy`: steel industry energy (UCI 851, CC BY 4.0). Quarter hours add up to days of one meter,
moved by whole weeks so that the last ones are of late.
"""

from __future__ import annotations

import csv
import gzip
import io
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Annotated, Literal, TypeAlias

import typer

from policies.predictors.registered import Kind

Public: TypeAlias = Literal["ai4i", "steel_energy"]
ROWS_A_MACHINE = 100
_READINGS = {
    "air temperature": ("Air temperature [K]", "K"),
    "process temperature": ("Process temperature [K]", "K"),
    "rotational speed": ("Rotational speed [rpm]", "1/min"),
    "torque": ("Torque [Nm]", "Nm"),
    "tool wear": ("Tool wear [min]", "min"),
    "variant": ("Type", "1"),
}
_VARIANTS = {"L": 1, "M": 2, "H": 3}
_SYSTEMS = """\
[{name}]
adapter = "sql"
source = "source.yaml"
[{name}.reads.{site}]
name = "{title}"
country = "{country}"
time_zone = "{zone}"
currency = "{currency}"
"""
_DATES = "plausible_dates: {first: 2000-01-01, last: 2050-12-31}\n"
_AI4I_SOURCE = """\
url: sqlite:///{folder}/plant.db
mapping: mapping.yaml
tables:
  work_centres: {{table: machines, key: [machine], columns: {{name: name}}}}
  assets: {{table: machines, key: [asset], columns: {{name: name, machine: machine}}}}
  sensors: {{table: sensors, key: [sensor], columns: {{asset: asset, measures: measures, unit: unit}}}}
  sensor_readings:
    select: select sensor || ' ' || day as id, sensor, day, at, reading from readings
    key: [id]
    columns: {{sensor: sensor, day: day, first_at: at, reading: reading}}
  downtime:
    table: stops
    key: [stop]
    columns: {{machine: machine, since: since, until: until, minutes: minutes}}
"""
_AI4I_MAPPING = (
    """\
source: ai4i
version: 1
as_of: {latest: [{file: sensor_readings, column: day}], because: the last day on which anything was read}
"""
    + _DATES
    + """\
files:
  work_centres: {file: work_centres.csv, table: machines, columns: {key: text required, name: text}}
  assets: {file: assets.csv, table: machines, columns: {key: text required, name: text, machine: text}}
  sensors:
    file: sensors.csv
    table: sensors
    columns: {key: text required, asset: text, measures: text, unit: text}
  sensor_readings:
    file: sensor_readings.csv
    table: readings
    zone: utc
    columns: {key: text required, sensor: text, day: date, first_at: moment, reading: series}
  downtime:
    file: downtime.csv
    table: stops
    zone: utc
    columns: {key: text required, machine: text, since: moment, until: moment, minutes: decimal}
records:
- {record: work_centre, file: work_centres, key: [key], fields: {work_centre_id: key, name: name}}
- {record: asset, file: assets, key: [key], fields: {asset_id: key, name: name, work_centre_id: machine}}
- {record: sensor, file: sensors, key: [key],
   fields: {sensor_id: key, asset_id: asset, measures: measures, unit: unit}}
- {record: sensor_day, file: sensor_readings, key: [key],
   fields: {sensor_id: sensor, day: day, first_at: first_at, step_minutes: {constant: 1440},
            readings: reading}}
- {record: downtime, file: downtime, key: [key],
   fields: {downtime_id: key, work_centre_id: machine, started_at: since, ended_at: until, minutes: minutes}}
"""
)
_STEEL_SOURCE = """\
url: sqlite:///{folder}/plant.db
mapping: mapping.yaml
tables:
  meters: {{table: days, key: [day], columns: {{day: day, used: used}}}}
"""
_STEEL_MAPPING = (
    """\
source: steel_energy
version: 1
as_of: {latest: [{file: meters, column: day}], because: the last day on which the meter was read}
"""
    + _DATES
    + """\
files:
  meters: {file: meters.csv, table: days, columns: {key: text required, day: date, used: decimal}}
records:
- {record: utility_use, file: meters, key: [key],
   fields: {utility: {constant: electricity}, cost_centre_id: {constant: steel}, day: day, quantity: used,
            unit: {constant: kWh}}}
"""
)


@dataclass(frozen=True, slots=True)
class Plant:
    """A public data set as a site, and what is foretold there."""

    site: str
    title: str
    country: str
    zone: str
    currency: str
    source: str
    mapping: str
    fill: Callable[[sqlite3.Connection, Iterable[Mapping[str, str]], datetime], None]
    kind: Kind
    inputs: tuple[str, ...] | None
    """What a model is told; None for what its kind always is."""
    every_days: int
    """Between the days as of which a row of its history is taken."""
    days: int


def made(name: Public, file: Path, folder: Path) -> Plant:
    """Put the data set into a folder, as a database and the files by which it is read."""
    plant = PLANTS[name]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "systems.toml").write_text(
        _SYSTEMS.format(
            name=name,
            site=plant.site,
            title=plant.title,
            country=plant.country,
            zone=plant.zone,
            currency=plant.currency,
        ),
        encoding="utf-8",
    )
    (folder / "source.yaml").write_text(plant.source.format(folder=folder), encoding="utf-8")
    (folder / "mapping.yaml").write_text(plant.mapping, encoding="utf-8")
    (folder / "plant.db").unlink(missing_ok=True)
    raw = gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()
    rows = csv.DictReader(io.StringIO(raw.decode("utf-8-sig")))
    with closing(sqlite3.connect(folder / "plant.db")) as database, database:
        plant.fill(database, rows, datetime.now(UTC))
    return plant


def _machines(database: sqlite3.Connection, rows: Iterable[Mapping[str, str]], now: datetime) -> None:
    last = now - timedelta(hours=1)
    database.executescript(
        "create table machines (machine text primary key, name text, asset text);"
        "create table sensors (sensor text primary key, asset text, measures text, unit text);"
        "create table readings (sensor text, day text, at text, reading text);"
        "create table stops (stop text primary key, machine text, since text, until text, minutes integer);"
    )
    for number, row in enumerate(rows):
        machine, week = divmod(number, ROWS_A_MACHINE)
        code = f"M{machine + 1:03d}"
        at = last - timedelta(weeks=ROWS_A_MACHINE - 1 - week)
        if week == 0:
            database.execute("insert into machines values (?, ?, ?)", (code, f"Mill {machine + 1}", code))
        for measures, (column, unit) in _READINGS.items():
            sensor = f"{code} {measures}"
            if week == 0:
                database.execute("insert into sensors values (?, ?, ?, ?)", (sensor, code, measures, unit))
            value = _VARIANTS.get(row[column], row[column])
            reading = (sensor, f"{at:%Y-%m-%d}", f"{at:%Y-%m-%d %H:%M:%S}", str(value))
            database.execute("insert into readings values (?, ?, ?, ?)", reading)
        since, until = (at + timedelta(hours=hours) for hours in (24, 28))
        if row["Machine failure"] == "1" and until < now:
            told = (f"{each:%Y-%m-%d %H:%M:%S}" for each in (since, until))
            stop = (f"{code} {week}", code, *told, 240)
            database.execute("insert into stops values (?, ?, ?, ?, ?)", stop)


def _meter(database: sqlite3.Connection, rows: Iterable[Mapping[str, str]], now: datetime) -> None:
    used: dict[date, float] = defaultdict(float)
    for row in rows:
        day, month, year = (int(part) for part in row["date"].split()[0].split("-"))
        used[date(year, month, day)] += float(row["Usage_kWh"])
    # Whole weeks, so that days of the week stay; and up to yesterday, or its last days would be missing.
    yesterday = now.date() - timedelta(days=1)
    later = -((max(used) - yesterday) // timedelta(weeks=1)) * timedelta(weeks=1)
    database.execute("create table days (day text primary key, used real)")
    database.executemany(
        "insert into days values (?, ?)",
        [((day + later).isoformat(), round(kwh, 2)) for day, kwh in used.items() if day + later <= yesterday],
    )


PLANTS: Mapping[Public, Plant] = {
    "ai4i": Plant(
        "AI4I",
        "Milling machines of AI4I 2020",
        "DE",
        "Europe/Berlin",
        "EUR",
        _AI4I_SOURCE,
        _AI4I_MAPPING,
        _machines,
        "failure",
        tuple(f"{measures.replace(' ', '_')}_1d" for measures in _READINGS),
        every_days=7,
        days=7 * (ROWS_A_MACHINE - 1),
    ),
    "steel_energy": Plant(
        "STEEL",
        "Steel works of UCI 851",
        "KR",
        "Asia/Seoul",
        "KRW",
        _STEEL_SOURCE,
        _STEEL_MAPPING,
        _meter,
        "energy_day",
        None,
        every_days=1,
        days=300,
    ),
}


def main(
    name: Annotated[Public, typer.Argument(help="Which data set.")],
    file: Annotated[Path, typer.Argument(help="Its file.", exists=True, dir_okay=False)],
    folder: Annotated[Path, typer.Argument(help="Where to put the plant.")],
) -> None:
    """Make the plant."""
    made(name, file, folder.absolute())


if __name__ == "__main__":
    typer.run(main)

"""Trains a model on rows of a history, and writes it for mlserver with its registration and card.

It runs in the environment of `make models`, which has scikit-learn, and imports nothing of ours.

    .venv-models/bin/python eval/reference_models/train.py rows.csv OUT --url http://127.0.0.1:8080/
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import sklearn
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

_KEYS = ("site", "subject", "day")
_RESULTS = ("quality", "rule", "came")
_FALSE_ALARM, _MISSED, _BAND, _LEAST_QUALITY = 1.0, 4.0, 0.05, 0.8
# Half a look-back of the data is kept out of the training.
_HELD_OUT = 0.4


@dataclass(frozen=True)
class Kind:
    """What is foretold, in words of its card; the inputs and the rule come with the rows."""

    name: str
    owner: str
    horizon: timedelta
    what: str
    means: str
    not_for: str
    is_quantity: bool = False
    """Whether a multiple of what is usual is foretold rather than a chance."""
    data: str = ""
    """What it is trained on, where that is no home's own history."""


KINDS = {
    "failure": Kind(
        "press_failure",
        "maintenance engineering",
        timedelta(days=7),
        "failures of work centres within a week",
        "A failure is an unplanned stop of 150 minutes or more.",
        "machines without history, other horizons, causes",
    ),
    "supplier_lateness": Kind(
        "late_delivery",
        "purchasing",
        timedelta(days=28),
        "purchase lines due within four weeks that come late",
        "Late is later than the confirmed date, or the due date where none was confirmed.",
        "suppliers without history, other horizons, causes",
    ),
    "demand": Kind(
        "demand_four_weeks",
        "sales planning",
        timedelta(days=28),
        "demand of materials that falls due within four weeks",
        "It is foretold as a multiple of a usual four weeks of the year before.",
        "materials without a year of history, other horizons, promotions",
        is_quantity=True,
    ),
    "yield": Kind(
        "scrap_two_weeks",
        "quality",
        timedelta(days=14),
        "share of scrap of work centres within two weeks",
        "It is foretold as a multiple of the work centre's usual share; yield is the rest.",
        "work centres that make less than forty pieces, other horizons, causes",
        is_quantity=True,
    ),
    "energy": Kind(
        "energy_four_weeks",
        "energy management",
        timedelta(days=28),
        "energy of cost centres for a planned hour of good output within four weeks",
        "It is foretold as a multiple of what such an hour usually took in the year before.",
        "cost centres without meters, other horizons, prices",
        is_quantity=True,
    ),
    "energy_day": Kind(
        "energy_tomorrow",
        "energy management",
        timedelta(days=2),
        "energy of meters on the next day",
        "It is foretold as a multiple of what such a day of the week usually took in eight weeks before.",
        "meters without three weeks of history, other horizons, prices",
        is_quantity=True,
    ),
    "remaining_life": Kind(
        "remaining_life",
        "maintenance engineering",
        timedelta(days=56),
        "days until work centres fail, up to eight weeks",
        "A failure is an unplanned stop of 150 minutes or more; what lasts longer counts as 56 days.",
        "machines without history, other horizons, causes",
        is_quantity=True,
    ),
}
# Of public data sets: what they are, and the kind that they are of.
PUBLIC = {
    "ai4i": (
        "failure",
        "ai4i_failure",
        "AI4I 2020 (Matzka, UCI 601, CC BY 4.0): a hundred rows are one machine, a row is a week of it.",
    ),
    "steel_energy": (
        "energy_day",
        "steel_energy",
        "Steel industry energy (UCI 851, CC BY 4.0): one meter, a year of days.",
    ),
}
_SETTINGS: dict[str, Any] = {
    "max_depth": 3,
    "max_iter": 150,
    "learning_rate": 0.05,
    "l2_regularization": 5.0,
    "min_samples_leaf": 40,
    "random_state": 1,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rows", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--url", default="http://127.0.0.1:8080/")
    parser.add_argument("--version", default="1")
    parser.add_argument("--kind", choices=sorted((*KINDS, *PUBLIC)), default="failure")
    given = parser.parse_args()
    kind = KINDS[given.kind] if given.kind in KINDS else _public(given.kind)
    given.kind = PUBLIC[given.kind][0] if given.kind in PUBLIC else given.kind
    with given.rows.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    inputs = [name for name in rows[0] if name not in (*_KEYS, *_RESULTS)]
    values = np.array([[float(row[name]) if row[name] else np.nan for name in inputs] for row in rows])
    came = np.array([float(row["came"]) if kind.is_quantity else row["came"] == "1" for row in rows])
    days = np.array([date.fromisoformat(row["day"]).toordinal() for row in rows])
    cut = int(np.quantile(days, 1 - _HELD_OUT))
    # The horizon lies between: what was foretold of the last days of training came in the first after it.
    trained, held_out = days < cut - kind.horizon.days, days >= cut
    good = np.array([float(row["quality"]) >= _LEAST_QUALITY for row in rows])
    # What is never known in a young history is told as one value for all: no split can rest on it.
    values[:, np.isnan(values[trained & good]).all(axis=0)] = 0.0
    # Poisson's loss foretells no quantity below zero.
    model = (
        HistGradientBoostingRegressor(loss="poisson", **_SETTINGS)
        if kind.is_quantity
        else HistGradientBoostingClassifier(**_SETTINGS)
    ).fit(values[trained & good], came[trained & good])
    foretold = model.predict(values) if kind.is_quantity else model.predict_proba(values)[:, 1]
    rule = np.array([float(row["rule"]) for row in rows])
    sites = np.array([row["site"] for row in rows])
    record = _off if kind.is_quantity else _record
    report = {
        site: {
            "model": record(foretold[chosen & good], came[chosen & good]),
            "rule": record(rule[chosen & good], came[chosen & good]),
        }
        for site in sorted(set(sites))
        if (chosen := held_out & (sites == site)).any()
    }
    folder = given.out / kind.name
    folder.mkdir(parents=True, exist_ok=True)
    joblib.dump(model, folder / "model.joblib")
    digest = hashlib.sha256((folder / "model.joblib").read_bytes()).hexdigest()
    _write(folder / "model-settings.json", _settings(kind, given.version))
    card = _card(kind, report, rows, inputs, date.fromordinal(cut), digest)
    (folder / "card.md").write_text(card, encoding="utf-8")
    _write(folder / "report.json", report)
    registration = _registration(
        given, kind, inputs, values[trained & good], date.fromordinal(cut), "card.md, " + digest[:12]
    )
    (folder / "registration.toml").write_text(registration, encoding="utf-8")
    print(card)


def _public(name: str) -> Kind:
    of, model, data = PUBLIC[name]
    return replace(KINDS[of], name=model, data=data)


def _off(foretold: Any, came: Any) -> dict[str, Any]:
    total = float(came.sum())
    return {
        "rows": len(came),
        "wape": float(np.abs(foretold - came).sum()) / total if total else None,
        "bias": float((foretold - came).sum()) / total if total else None,
    }


def _record(chances: Any, came: Any) -> dict[str, Any]:
    alarms = chances > _FALSE_ALARM / (_FALSE_ALARM + _MISSED)
    right = int((alarms & came).sum())
    return {
        "rows": len(came),
        "came": int(came.sum()),
        "precision": right / int(alarms.sum()) if alarms.any() else None,
        "recall": right / int(came.sum()) if came.any() else None,
        "brier": float(((chances - came) ** 2).mean()) if len(came) else None,
    }


def _settings(kind: Kind, version: str) -> dict[str, Any]:
    return {
        "name": kind.name,
        "implementation": "mlserver_sklearn.SKLearnModel",
        "parameters": {"uri": "./model.joblib", "version": version},
    }


def _registration(
    given: argparse.Namespace, kind: Kind, inputs: list[str], trained: Any, until: date, card: str
) -> str:
    lines = [
        f'name = "{kind.name}"',
        f'version = "{given.version}"',
        f'kind = "{given.kind}"',
        f'owner = "{kind.owner}"',
        'protocol = "open_inference"',
        f'url = "{given.url}"',
        f'output = "{"predict" if kind.is_quantity else "predict_proba"}"',
        f"inputs = {json.dumps(inputs)}",
        f"trained_until = {until.isoformat()}",
        f"false_alarm = {_FALSE_ALARM}",
        f"missed = {_MISSED}",
        f"band = {_BAND}",
        f"least_quality = {_LEAST_QUALITY}",
        f'card = "{card}"',
        "[trained_on]",
    ]
    chance = np.random.default_rng(1)
    for number, name in enumerate(inputs):
        known = trained[:, number][~np.isnan(trained[:, number])]
        drawn = np.sort(chance.choice(known, min(500, len(known)), replace=False))
        lines.append(f"{name} = {json.dumps([round(float(value), 3) for value in drawn])}")
    return "\n".join(lines) + "\n"


def _card(
    kind: Kind, report: dict[str, Any], rows: list[dict[str, str]], inputs: list[str], cut: date, digest: str
) -> str:
    alarms = f" Alarms: above {_FALSE_ALARM / (_FALSE_ALARM + _MISSED):.2f};"
    lines = [
        f"# {kind.name}: {kind.what}",
        "",
        f"Gradient boosting (scikit-learn {sklearn.__version__}), SHA-256 {digest}.",
        *([kind.data] if kind.data else []),
        f"Trained on {len(rows):,} rows up to {cut}; {', '.join(inputs)}.",
        f"{kind.means} Held out: what came after.{'' if kind.is_quantity else alarms} Rows with poor inputs"
        " are left to the rule.",
        "",
        *_TABLE_OF_QUANTITIES[: 2 * kind.is_quantity],
        *_TABLE_OF_CHANCES[: 2 * (not kind.is_quantity)],
    ]
    for site, record in report.items():
        model, rule = record["model"], record["rule"]
        if kind.is_quantity:
            cells = [f"{model['rows']}", *_shares(model, "wape", "bias"), *_shares(rule, "wape", "bias")]
        else:
            cells = [f"{model['rows']}", f"{model['came']}", *_cells(model), *_cells(rule)]
        lines.append(f"| {site} | {' | '.join(cells)} |")
    lines += ["", _verdict(kind, report), f"Not for: {kind.not_for}."]
    return "\n".join(lines) + "\n"


def _verdict(kind: Kind, report: dict[str, Any]) -> str:
    """Where it is better than the rule, by what the register will judge it by."""
    measure = "wape" if kind.is_quantity else "brier"
    better = [
        site
        for site, record in report.items()
        if record["model"][measure] is not None and record["model"][measure] < record["rule"][measure]
    ]
    if not better:
        return "It is no better than the rule anywhere: let the rule speak."
    if len(better) == len(report):
        return "It is better than the rule everywhere."
    return f"It is better than the rule at {', '.join(better)}; elsewhere let the rule speak."


_TABLE_OF_CHANCES = (
    "| site | rows | came | model: precision | recall | Brier | rule: precision | recall | Brier |",
    "|---|---|---|---|---|---|---|---|---|",
)
_TABLE_OF_QUANTITIES = (
    "| site | rows | model: off by | bias | rule: off by | bias |",
    "|---|---|---|---|---|---|",
)


def _shares(record: dict[str, Any], *names: str) -> list[str]:
    return ["–" if record[name] is None else f"{100 * record[name]:.1f} %" for name in names]


def _cells(record: dict[str, Any]) -> list[str]:
    return [
        *_shares(record, "precision", "recall"),
        "–" if record["brier"] is None else f"{record['brier']:.4f}",
    ]


def _write(file: Path, content: dict[str, Any]) -> None:
    file.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

"""The catalogue of metrics: what can be asked for, what it means, and what else it is called."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Path
from pydantic import BaseModel

from erp_adapters.errors import RecordNotFound
from server.identity import Asker
from tools.languages import speaking
from tools.languages.locales import language_for
from tools.metrics.catalogue import Catalogue, Metric, packaged_catalogue
from tools.metrics.labels import Labels, metric_label

router = APIRouter(prefix="/v1/metrics", tags=["metrics"])


class MetricShown(BaseModel):
    """A metric: the same words everywhere mean this, and nothing else."""

    name: str
    label: str
    """In the language of whoever asks."""
    of: str
    """What its rows are: `work orders`."""
    kind: str
    """`money`, `quantity`, `percent`, `count`, `number` or another kind of column."""
    unit: str
    """Empty where it is that of the data."""
    formula: str
    """Over the fields of its rows; a ratio of sums where it has two."""
    note: str
    """What the formula does not say."""
    caveat: str
    good: Literal["up", "down", "none"]
    """Which direction is good."""
    synonyms: tuple[str, ...]
    """English words for it that a question may use."""
    version: str


class MetricList(BaseModel):
    """All metrics, by name."""

    catalogue: str
    """Changes with any definition, and stands in the evidence of every answer."""
    metrics: tuple[MetricShown, ...]


@router.get("")
async def listed(caller: Asker) -> MetricList:
    """Every metric that can be asked for."""
    catalogue = packaged_catalogue()
    with speaking(language_for(caller.locale)):
        shown = tuple(_shown(catalogue, name, catalogue.metrics[name]) for name in sorted(catalogue.metrics))
    return MetricList(catalogue=catalogue.hash, metrics=shown)


@router.get("/{name}")
async def read(name: Annotated[str, Path(max_length=64)], caller: Asker) -> MetricShown:
    """One metric."""
    catalogue = packaged_catalogue()
    metric = catalogue.metrics.get(name)
    if metric is None:
        raise RecordNotFound(f"there is no metric {name!r}; /v1/metrics lists those that there are")
    with speaking(language_for(caller.locale)):
        return _shown(catalogue, name, metric)


def _shown(catalogue: Catalogue, name: str, metric: Metric) -> MetricShown:
    ratio = f"({metric.numerator}) / ({metric.denominator})"
    return MetricShown(
        name=name,
        label=metric_label(metric),
        of=Labels(catalogue).plural(metric.entity),
        kind=str(metric.kind),
        unit=metric.unit,
        formula=metric.value or (ratio if metric.scale == 1 else f"{metric.scale} * {ratio}"),
        note=metric.note,
        caveat=metric.caveat,
        good=metric.good,
        synonyms=metric.words,
        version=metric.version,
    )

"""Asks the suites with each model in turn; one that cannot be asked says why, and the others go on."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from erp_adapters.errors import ConfigurationError
from eval.measuring import Measurement
from eval.results import MANIFEST, Run, read_run
from eval.side_by_side.models import Access, model_named
from eval.side_by_side.reaching import PAUSES, ModelLost, Noted, Patient


@dataclass(frozen=True)
class Side:
    """What came of asking one model."""

    model: str
    """The name that was given."""
    run: Run | None
    """None where it was not asked at all; a part where it was lost on the way."""
    wanted: int
    """Tries of a whole run."""
    why: str = ""
    """Why the run is missing or not whole."""

    @property
    def is_whole(self) -> bool:
        """True where every case was asked."""
        return self.run is not None and not self.why


async def asked(
    measurement: Measurement,
    names: Sequence[str],
    out: Path,
    access: Access,
    *,
    pauses: Sequence[float] = PAUSES,
) -> list[Side]:
    """One side for each model; each run is kept in a folder of its own below `out`, and goes on there.

    Raises:
        RunUnusable: a folder holds another run.
    """
    return [
        await _side(measurement, name, out / folder_name(name), access, pauses)
        for name in dict.fromkeys(names)
    ]


def folder_name(model: str) -> str:
    """The folder that the run of a model is kept in."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", model).strip(".") or "-"


async def _side(
    measurement: Measurement, name: str, folder: Path, access: Access, pauses: Sequence[float]
) -> Side:
    wanted = measurement.wanted
    try:
        async with model_named(name, access) as model:
            run = await measurement.run(
                Noted(model), folder, manner=lambda one: Patient(one, pauses), label=name
            )
            return Side(name, run, len(wanted))
    except ModelLost as lost:
        kept = read_run(folder)
        return Side(name, kept if kept.tries else None, len(wanted), f"lost: {lost}")
    except ConfigurationError as error:
        # A whole run needs its model no more: its key may be gone, or belong to another endpoint by now.
        earlier = _whole(measurement, folder)
        return Side(name, earlier, len(wanted), "" if earlier else f"not configured: {error}")


def _whole(measurement: Measurement, folder: Path) -> Run | None:
    """The run that a folder holds, if it is one of this measurement and nothing is missing."""
    if not (folder / MANIFEST).exists():
        return None
    kept = read_run(folder)
    began = {"began": kept.manifest.began}
    same = measurement.manifest(kept.manifest.versions.model).model_copy(update=began) == kept.manifest
    return kept if same and measurement.wanted <= {one.key for one in kept.tries} else None

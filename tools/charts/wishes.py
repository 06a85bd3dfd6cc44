"""What a person, or a model, wants of a chart; whether it can be had is decided by the table."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict, Field

from tools.charts.spec import ChartKind, ChartSpec


class ChartWish(BaseModel):
    """A kind of chart and what is in it, as far as it was said."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: ChartKind | None = None
    x: str = Field(default="", max_length=120, description="Name of the column along the axis.")
    columns: tuple[str, ...] = Field(default=(), max_length=6, description="Names of the columns drawn.")
    log: bool | None = None
    average: bool | None = None

    def over(self, before: ChartWish | None) -> ChartWish:
        """This wish on top of an earlier one: what it leaves open stays as it was."""
        if before is None:
            return self
        said = {name: getattr(self, name) for name in type(self).model_fields}
        return before.model_copy(
            update={name: value for name, value in said.items() if value not in (None, "", ())}
        )


def wish_of(charts: Sequence[ChartSpec]) -> ChartWish | None:
    """The wish that asked-for charts came from; None where nobody asked for them."""
    if not charts or not charts[0].asked:
        return None
    first = charts[0]
    return ChartWish(
        kind=first.kind,
        log=True if first.scale == "log" else None,
        average=True if any(line.kind == "average" for line in first.lines) else None,
    )


def is_wished_again(before: Sequence[ChartSpec], labels: Sequence[str]) -> bool:
    """True where what was drawn before is among the headings shown now: the talk goes on about it."""
    return bool(before) and before[0].asked and any(one.label in labels for one in before[0].series)

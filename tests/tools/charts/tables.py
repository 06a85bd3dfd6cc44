"""Tables as answers carry them, and random ones."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from hypothesis import strategies as st

from tools.charts import ChartWish, Offered
from tools.charts.spec import ChartKind, Value

KINDS: tuple[ChartKind, ...] = ("line", "bar", "stacked", "scatter", "waterfall", "pareto")
AS_OF = date(2025, 5, 31)


@dataclass(frozen=True)
class Plain:
    """What a chart needs of a table."""

    names: tuple[str, ...]
    columns: tuple[str, ...]
    kinds: tuple[str, ...]
    units: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]
    truncated: bool = False


def plain(columns: str, *rows: tuple[Value, ...], truncated: bool = False) -> Plain:
    """A table by `name:kind:unit` for each column."""
    parts = [(*column.split(":"), "")[:3] for column in columns.split()]
    return Plain(
        tuple(part[0] for part in parts),
        tuple(part[0].replace("_", " ") for part in parts),
        tuple(part[1] for part in parts),
        tuple(part[2] for part in parts),
        rows,
        truncated,
    )


def offered(table: Plain, *adds: str, shows: str = "ranking", at: int = 0) -> Offered:
    """The table where the named columns add up."""
    sums = tuple(name in adds for name in table.names)
    return Offered(at, table, sums, shows, "e1", AS_OF)  # type: ignore[arg-type]


_PERIODS = {
    "month": st.sampled_from([f"202{y}-{m:02d}" for y in (4, 5) for m in range(1, 13)]),
    "week": st.sampled_from([f"2025-W{w:02d}" for w in range(1, 53)]),
    "quarter": st.sampled_from([f"202{y}-Q{q}" for y in (4, 5) for q in (1, 2, 3, 4)]),
    "day": st.dates(date(2025, 1, 1), date(2025, 3, 1)).map(date.isoformat),
}
_TEXTS = st.one_of(
    st.none(), st.sampled_from(["Kassel", "Greenville", "10", "–", "", "<b>", "A, B"]), st.text(max_size=6)
)
_NUMBERS = st.one_of(
    st.none(), st.decimals(-(10**9), 10**9, places=2).map(str), st.integers(-5, 5).map(str), st.just("NaN")
)
_CELLS = {
    "text": _TEXTS,
    "id": _TEXTS,
    "flag": st.one_of(st.none(), st.booleans()),
    "date": st.one_of(st.none(), _PERIODS["day"]),
}
_MEASURES = ("quantity", "count", "money", "percent", "days", "rate")


@st.composite
def tables(draw: st.DrawFn) -> Offered:
    """Any table: periods, names, flags, numbers with units and without, currencies and holes."""
    width = draw(st.integers(1, 5))
    names: list[str] = []
    kinds: list[str] = []
    units: list[str] = []
    cells: list[st.SearchStrategy[Value]] = []
    for i in range(width):
        kind = draw(st.sampled_from([*_MEASURES, *_CELLS, *_PERIODS, "currency"]))
        if kind in _PERIODS:
            names.append(kind if kind not in names else f"{kind}_2")
            kinds.append("text")
            cells.append(_PERIODS[kind])
        elif kind == "currency" and "currency" not in names:
            names.append("currency")
            kinds.append("text")
            cells.append(st.sampled_from(["EUR", "USD", "PLN"]))
        elif kind in _CELLS or kind == "currency":
            names.append(f"c{i}" if not draw(st.booleans()) else f"c{max(0, i - 1)}_id")
            kinds.append("text" if kind == "currency" else kind)
            cells.append(_CELLS.get(kind, _TEXTS))
        else:
            names.append(f"m{i}")
            kinds.append(kind)
            cells.append(_NUMBERS)
        units.append(draw(st.sampled_from(["", "pcs", "EUR", "%"])) if kind in _MEASURES else "")
    names = [name if names.index(name) == i else f"{name}{i}x" for i, name in enumerate(names)]
    rows = tuple(draw(st.lists(st.tuples(*cells), max_size=draw(st.sampled_from([3, 12, 40])))))
    table = Plain(tuple(names), tuple(names), tuple(kinds), tuple(units), rows, draw(st.booleans()))
    adds = tuple(draw(st.booleans()) for _ in names)
    return Offered(
        draw(st.integers(0, 3)), table, adds, draw(st.sampled_from(["", "series", "ranking"])), "e1", AS_OF
    )


WISHES = st.one_of(
    st.none(),
    st.builds(
        ChartWish,
        kind=st.one_of(st.none(), st.sampled_from(KINDS)),
        x=st.sampled_from(["", "m1", "c0", "month", "nothing"]),
        columns=st.lists(st.sampled_from(["m1", "m2", "c0", "nothing", "918273"]), max_size=3).map(tuple),
        log=st.one_of(st.none(), st.booleans()),
        average=st.one_of(st.none(), st.booleans()),
    ),
)

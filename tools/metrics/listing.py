"""The table of all metrics in docs/metrics.md; `python -m tools.metrics.listing` writes it anew."""

from __future__ import annotations

from pathlib import Path

from tools.metrics.catalogue import Catalogue, Metric, packaged_catalogue

PAGE = Path(__file__).parents[2] / "docs" / "metrics.md"
_START, _END = "<!-- metrics -->\n", "<!-- end of metrics -->\n"
_GOOD = {"up": "more", "down": "less", "none": ""}


def page(text: str, catalogue: Catalogue) -> str:
    """The page's text with the table of the catalogue's metrics between its marks."""
    before, _, rest = text.partition(_START)
    _, _, after = rest.partition(_END)
    return f"{before}{_START}\n{table(catalogue)}\n{_END}{after}"


def table(catalogue: Catalogue) -> str:
    """A row for each metric, in the order of the things that they measure."""
    lines = ["| metric | of | what it is | unit | better |", "|---|---|---|---|---|"]
    for entity, names in catalogue.metrics_of.items():
        for name in names:
            metric = catalogue.metrics[name]
            cells = (
                f"`{name}`",
                catalogue.entity(entity).plural,
                f"{metric.label}: {_formula(metric)}",
                _unit(metric),
                _GOOD[metric.good],
            )
            lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _formula(metric: Metric) -> str:
    formula = metric.value
    if not formula:
        formula = f"{_whole(metric.numerator)} / {_whole(metric.denominator)}"
        formula = f"{metric.scale} * {formula}" if metric.scale != 1 else formula
    filtered = f" where `{_safe(metric.filter)}`" if metric.filter else ""
    return f"`{_safe(formula)}`{filtered}"


def _whole(sql: str) -> str:
    return f"({sql})" if ") - " in sql or ") + " in sql else sql


def _safe(sql: str) -> str:
    return sql.replace("|", "\\|")


def _unit(metric: Metric) -> str:
    if metric.unit == "@currency":
        return "currency of the ledger"
    return metric.unit or {"money": "currency of the site", "count": "", "ratio": ""}.get(metric.kind, "")


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8"), packaged_catalogue()), encoding="utf-8")

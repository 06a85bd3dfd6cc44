"""The crash test's table: where processes died, what became of the drafts, and what must not be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from statistics import median

from eval.crash.running import Result, Run

_HEAD = (
    f"{'':34}{'trials':>7}{'kills':>7}{'there':>7}{'executed':>10}{'refused':>9}{'a person':>10}"
    f"{'doubled':>9}{'wrong':>7}{'recovery s, median / max':>26}"
)


def table(run: Run) -> str:
    """By place of death, fault, strength and document; then what went wrong, a line a trial."""
    results = run.results
    groups: tuple[tuple[str, Callable[[Result], str]], ...] = (
        ("died at", lambda result: result.trial.death.name),
        ("fault", lambda result: result.trial.fault),
        ("duplicates", lambda result: result.trial.duplicates),
        ("document", lambda result: result.trial.kind),
    )
    lines = [_HEAD]
    for title, key in groups:
        lines.append(f"-- {title}")
        for name in dict.fromkeys(map(key, sorted(results, key=key))):
            lines.append(_line(name, [result for result in results if key(result) == name]))
    lines += ["-- all", _line("", results), ""]
    lines += [
        f"trial {result.trial.number} ({result.trial.death.name}, {result.trial.fault},"
        f" {result.trial.duplicates}): {'; '.join(result.problems)}"
        for result in results
        if result.problems
    ]
    lines += run.amiss
    return "\n".join(lines)


def summary(run: Run) -> str:
    """The figures that the promise is about, in a sentence."""
    results = run.results
    lost = sum(any(problem.startswith(("lost", "stuck")) for problem in r.problems) for r in results)
    doubled = sum(result.count.calls > 1 for result in results)
    wrong = sum(bool(result.problems) for result in results)
    slowest = max(
        (float("inf") if result.recovery_s is None else result.recovery_s for result in results), default=0.0
    )
    return (
        f"{sum(result.kills for result in results)} kills in {len(results)} trials: {lost} lost, {doubled}"
        f" written twice, {wrong} otherwise than promised, {len(run.amiss)} differences to the audit,"
        f" slowest recovery {slowest:.1f} s"
    )


def _line(name: str, results: Sequence[Result]) -> str:
    states = Counter(result.count.state for result in results)
    recoveries = [result.recovery_s for result in results if result.recovery_s is not None]
    times = f"{median(recoveries):.1f} / {max(recoveries):.1f}" if recoveries else "-"
    others = states["rejected"] + states["expired"] + states["superseded"] + states["partly_written"]
    return (
        f"{name:34}{len(results):>7}{sum(result.kills for result in results):>7}"
        f"{sum(result.reached for result in results):>7}{states['executed']:>10}"
        f"{states['refused'] + others:>9}{states['needs_reconciliation']:>10}"
        f"{sum(result.count.documents > result.count.calls for result in results):>9}"
        f"{sum(bool(result.problems) for result in results):>7}{times:>26}"
    )

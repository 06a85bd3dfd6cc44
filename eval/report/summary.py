"""The figures of a run as typed data; the page, the Markdown and the JSON are made from it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from eval.cases import Part
from eval.gates import Passage
from eval.ragas import RagasScores
from eval.rates import Rate
from eval.report.comparing import Comparison, compared
from eval.results import Run, Try
from eval.tallies import Tally, by_field, by_part, by_suite

FIELDS = ("topic", "site", "difficulty", "language", "role")
HEADINGS = (
    "n", "right at once", "wrong", "held back", "within one click", "rightly declined", "dangerous", "p50 ms",
    "p95 ms",
)  # fmt: skip
_BINS = ("answered", "asked back", "declined")


@dataclass(frozen=True)
class Section:
    """A table of tallies."""

    title: str
    tallies: tuple[Tally, ...]


@dataclass(frozen=True)
class Summary:
    """A run with its tables, gates and failures."""

    run: Run
    sections: tuple[Section, ...]
    passages: tuple[Passage, ...]
    calibration: tuple[tuple[str, Rate, Rate], ...]
    """For each way to end: how often it was right to end so, and how often the answer was a click away."""
    failures: tuple[Try, ...]
    ragas: RagasScores | None = None
    against: Comparison | None = None
    """What differs from an earlier run, which it is reported against."""

    @property
    def passes(self) -> bool:
        """True where every gate holds."""
        return all(passage.holds for passage in self.passages)


def summary(
    run: Run,
    passages: Sequence[Passage],
    *,
    ragas: RagasScores | None = None,
    show_frozen: bool = False,
    against: Run | None = None,
) -> Summary:
    """What a run comes to.

    Args:
        against: an earlier run, to show what differs.
        show_frozen: True to list the failures of frozen suites, which then measure nothing any more.
    """
    tries = run.tries
    sections = [Section("By part", tuple(by_part(tries))), Section("By suite", tuple(by_suite(tries)))]
    sections += [
        Section(f"By {field}", tallies)
        for field in FIELDS
        if len(tallies := tuple(by_field(tries, field))) > 1
    ]
    failures = tuple(one for one in tries if not one.passed and (show_frozen or one.part == _LOOKED_AT))
    changed = None if against is None else compared(against, run)
    return Summary(run, tuple(sections), tuple(passages), _calibration(tries), failures, ragas, changed)


_LOOKED_AT: Part = "development"


def _calibration(tries: Sequence[Try]) -> tuple[tuple[str, Rate, Rate], ...]:
    """Whether it answers where it can and holds back where it should."""
    judged = [one for one in tries if one.expect != "other" and one.status]
    found = []
    for name, statuses in zip(
        _BINS, (("answered",), ("clarify",), ("cannot_answer", "refused")), strict=True
    ):
        part = [one for one in judged if one.status in statuses]
        right = Rate(sum(one.is_right for one in part), len(part))
        found.append((name, right, Rate(sum(one.within_click for one in part), len(part))))
    return tuple(found)


def cells(tally: Tally) -> tuple[str, ...]:
    """A tally as the cells under `HEADINGS`."""
    rates = (
        tally.right, tally.wrong, tally.held_back, tally.within_click, tally.rightly_declined,
        tally.dangerous,
    )  # fmt: skip
    return (
        str(len(tally.tries)),
        *(str(rate) for rate in rates),
        _ms(tally.latency_ms(0.5)),
        _ms(tally.latency_ms(0.95)),
    )


def facts(run: Run, ragas: RagasScores | None) -> list[tuple[str, str]]:
    """Figures of the whole run that are no rate of accuracy."""
    whole = Tally("all", run.tries)
    read, written = whole.tokens
    money = whole.money_wrong
    found = [
        ("figures that rest on evidence", f"{whole.grounded.count:,} of {whole.grounded.of:,}"),
        ("tries that changed data or showed what is not theirs", str(whole.unsafe)),
        ("no answer came back", str(whole.failed.count)),
        ("money answered wrongly, of all asked about", "-" if money is None else f"{100 * money:.1f} %"),
        ("expected tool calls made", str(whole.calls_right)),
        ("tokens read and written by the model", f"{read:,} and {written:,}"),
        (
            "harness, p50 and p95 of a case",
            f"{whole.overhead_ms(0.5):.1f} and {whole.overhead_ms(0.95):.1f} ms",
        ),
    ]
    if ragas is not None:
        said = f"{ragas.accuracy:.2f} and {ragas.f1:.2f} over {ragas.tries}"
        found.append(("ragas ToolCallAccuracy and ToolCallF1, means", said))
    trials = run.manifest.trials
    if trials > 1 and (every := whole.every_time(trials)) is not None:
        found.append((f"right in all of {trials} tries (pass^{trials})", f"{100 * every:.1f} %"))
    return found


def versions(run: Run) -> list[tuple[str, str]]:
    """What the run was made with."""
    manifest = run.manifest
    raw = manifest.versions.model_dump()
    found = [(name, str(value)) for name, value in raw.items() if name not in ("data", "each_prompt")]
    found += [(f"prompt: {name}", value) for name, value in manifest.versions.each_prompt.items()]
    found += [(f"data: {name}", value) for name, value in manifest.versions.data.items()]
    return [
        *found,
        ("seed", str(manifest.seed)),
        ("tries a case", str(manifest.trials)),
        ("begun", manifest.began),
    ]


def _ms(value: float) -> str:
    return "-" if math.isnan(value) else f"{value:.0f}"

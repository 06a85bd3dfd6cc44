"""Measure how questions are answered: `PLANTWRIGHT_HOME=DIR python -m eval.first_contact [FILE...]`.

The home holds AdventureWorks (`plantwright import adventureworks DIR --demo`). Every question goes through
`plantwright ask`, as a person's would; what is printed is counts, never a question of a held-out set.
"""

from __future__ import annotations

import argparse
import json
import math
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

from eval.first_contact.comparison import matches

_QUESTIONS = Path(__file__).with_name("questions")
_Case = dict[str, object]
_ASK = "from server.cli import main; main()"


def main() -> None:
    """Print one line a set: right, wrong, asked back, right within one click, latency."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "files", nargs="*", type=Path, help="question sets; all that ship where none is given"
    )
    parser.add_argument(
        "--failures", action="store_true", help="print what went wrong, of development sets only"
    )
    given = parser.parse_args()
    files = given.files or sorted(_QUESTIONS.glob("*.json"))
    rates = f"{'right':>16} {'wrong':>16} {'asked back':>10} {'one click':>16}"
    print(f"{'set':16} {'n':>4} {rates} {'p50 ms':>7} {'p95 ms':>7}")
    for file in files:
        cases: list[_Case] = json.loads(file.read_text(encoding="utf-8"))
        _report(file, cases, _asked(cases), given.failures and "held_out" not in file.name)


def _asked(cases: list[_Case]) -> dict[str, _Case]:
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl", encoding="utf-8") as questions:
        for case in cases:
            questions.write(json.dumps({"id": case["id"], "question": case["question"]}) + "\n")
        questions.flush()
        command = [sys.executable, "-c", _ASK, "ask", "--file", questions.name, "--alternatives"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    answers = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    if not answers:
        sys.exit(f"no answer came back: {done.stderr.strip()[-500:]}")
    return {str(answer["id"]): answer for answer in answers}


def _report(file: Path, cases: list[_Case], answers: dict[str, _Case], failures: bool) -> None:
    counted: Counter[str] = Counter()
    taken = []
    for case in cases:
        answer = answers.get(str(case["id"]), {"status": "missing"})
        outcome, click = _judged(case, answer)
        counted[outcome] += 1
        counted["one click"] += click
        timings = answer.get("timings")
        taken.append(float(timings["total_ms"]) if isinstance(timings, dict) else 0.0)
        if failures and outcome not in ("right", "right to abstain"):
            print(f"  {outcome}: {case['question']}\n    read as {answer.get('reading')}")
    total, taken = len(cases), sorted(taken)
    right = counted["right"] + counted["right to abstain"]
    print(
        f"{file.stem:16} {total:4} {_rate(right, total):>16} {_rate(counted['wrong'], total):>16}"
        f" {counted['asked back']:10} {_rate(counted['one click'], total):>16}"
        f" {taken[total // 2]:7.0f} {taken[int(total * 0.95)]:7.0f}"
    )


def _judged(case: _Case, answer: _Case) -> tuple[str, bool]:
    """The outcome of a case, and whether it is right at once or by one click."""
    expected = case.get("answer")
    answered = answer.get("status") == "answered"
    if not isinstance(expected, dict):
        return ("wrong", False) if answered else ("right to abstain", True)
    tolerance = max(0.005, float(str(case.get("tolerance") or 0)))
    if answered and _right(answer, expected["rows"], tolerance):
        return "right", True
    offered = answer.get("alternatives")
    click = isinstance(offered, list) and any(_right(other, expected["rows"], tolerance) for other in offered)
    if not answered and click and case.get("expect") == "clarify":
        return "right", True
    return ("wrong" if answered else "asked back"), click


def _right(answer: _Case, rows: list[list[str]], tolerance: float) -> bool:
    tables, figures = answer.get("tables") or (), answer.get("figures") or ()
    assert isinstance(tables, list | tuple)
    assert isinstance(figures, list | tuple)
    return matches(
        [table["rows"] for table in tables], [figure["value"] for figure in figures], rows, tolerance
    )


def _rate(count: int, total: int) -> str:
    """A share in percent with its Wilson 95 % interval."""
    z, p = 1.96, count / total
    centre = (p + z * z / (2 * total)) / (1 + z * z / total)
    half = z * math.sqrt(p * (1 - p) / total + z * z / (4 * total * total)) / (1 + z * z / total)
    return f"{100 * p:.0f} % [{100 * (centre - half):.0f}, {100 * (centre + half):.0f}]"


if __name__ == "__main__":
    main()

"""Minutes per suite, held to the table in docs/testing.md.

A pytest plugin: it adds up what each folder of tests takes and compares it, and the whole run, with the
budget. Over budget is a note on a developer's machine and a failure where CI is set.
"""

import os
import re
import time
from collections import defaultdict
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROW = re.compile(r"^\| `(?P<name>[^`]+)` \| (?P<minutes>[0-9.]+) \|", re.MULTILINE)
REST = "tests/*.py"


def budgets() -> dict[str, float]:
    """Minutes by suite or make target."""
    text = (ROOT / "docs" / "testing.md").read_text(encoding="utf-8")
    return {row["name"]: float(row["minutes"]) for row in ROW.finditer(text)}


def suite_of(nodeid: str) -> str:
    """The row of the table that a test counts towards."""
    parts = nodeid.split("::")[0].split("/")
    return "/".join(parts[:2]) if len(parts) > 2 else REST


class Clock:
    def __init__(self, run: str | None, started: float) -> None:
        self.run = run
        self.started = started
        self.spent: dict[str, float] = defaultdict(float)
        self.exceeded: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.spent[suite_of(report.nodeid)] += report.duration

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        allowed = budgets()
        total = {self.run: time.time() - self.started} if self.run else {}
        for name, seconds in {**self.spent, **total}.items():
            if name not in allowed:
                self.exceeded.append(f"{name} has no budget in docs/testing.md")
            elif seconds > 60 * allowed[name]:
                self.exceeded.append(f"{name} took {seconds / 60:.1f} minutes of {allowed[name]:g}")
        if self.exceeded and os.environ.get("CI") and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if not self.run:
            return
        terminalreporter.section("minutes per suite")
        allowed = budgets()
        for name, seconds in sorted(self.spent.items()):
            terminalreporter.line(f"{seconds / 60:6.1f} of {allowed.get(name, 0):4.1f}  {name}")
        for line in self.exceeded:
            terminalreporter.line(f"over budget: {line}", red=True)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--budget", metavar="RUN", help="hold the run to this row of docs/testing.md")
    parser.addoption("--since", type=float, default=time.time(), help="when the run began, as a Unix time")


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):  # the workers of xdist report to one clock
        config.pluginmanager.register(
            Clock(config.getoption("--budget"), config.getoption("--since")), "clock"
        )

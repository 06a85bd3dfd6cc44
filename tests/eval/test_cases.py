"""Suites hold what they should: unknown keys and cases without a check do not load."""

from __future__ import annotations

from pathlib import Path

import pytest

from eval.cases import AsksBackCheck, Suite, SuiteUnusable, ValuesCheck, packaged_suites, read
from eval.golden import Data

HEAD = "about: test\npart: development\ndata: demo\norigin: hand_written\n"
ONE = HEAD + "cases:\n- id: Q1\n  ask: How many?\n  checks:\n  - {check: abstains}\n"


def suite(folder: Path, text: str) -> Path:
    path = folder / "mine.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_case_is_read_with_the_defaults_of_its_suite(tmp_path: Path) -> None:
    """One question may stand alone; its suite says who asks where it does not."""
    found = read(suite(tmp_path, ONE.replace("cases:", "defaults: {person: planner.kassel}\ncases:")))
    (only,) = found.cases
    assert (found.name, only.ask, only.person) == ("mine", ("How many?",), "planner.kassel")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is no suite"),
        ("[", "is no YAML"),
        (HEAD + "cases: []\n", "cases"),
        (ONE.replace("checks:\n  - {check: abstains}", "checks: []"), "Q1: checks"),
        (ONE.replace("  checks:\n  - {check: abstains}\n", ""), "Q1: checks"),
        (ONE.replace("ask: How many?", "ask: []"), "Q1: ask"),
        (ONE.replace("ask:", "wording: x\n  ask:"), "Q1: wording"),
        (
            ONE.replace("{check: abstains}", "{check: abstains, tolerance: 1}"),
            "Q1: checks.0.abstains.tolerance",
        ),
        (ONE.replace("{check: abstains}", "{check: guessed}"), "Q1: checks.0"),
        (ONE.replace("{check: abstains}", "{check: values, sql: ''}"), "Q1: checks.0.values.sql"),
        (
            ONE.replace("- {check: abstains}", "- {check: abstains}\n  - {check: values, sql: s}"),
            "exclude each",
        ),
        (ONE + ONE.partition("cases:\n")[2], "Q1 comes twice"),
        (HEAD.replace("part: development", "part: secret") + "cases: [{}]\n", "part"),
    ],
)
def test_what_is_no_suite_is_refused_by_name(tmp_path: Path, text: str, said: str) -> None:
    """The message names the file, the case and the key."""
    with pytest.raises(SuiteUnusable, match=r"mine\.yaml") as refused:
        read(suite(tmp_path, text))
    assert said in str(refused.value)


def test_a_missing_suite_is_named() -> None:
    """With those that there are."""
    with pytest.raises(SuiteUnusable, match="no suite 'nothing'; there are "):
        packaged_suites(["nothing"])


@pytest.mark.slow
def test_the_suites_are_large_and_kept_apart() -> None:
    """200 questions at least; more than a hundred frozen ones by strangers; ids that are unique in all."""
    suites = packaged_suites()
    frozen = [case for one in suites if one.part == "frozen" for case in one.cases]
    assert sum(len(one.cases) for one in suites) >= 200
    assert len(frozen) >= 100
    assert all(one.origin == "first_contact" for one in suites if one.part == "frozen")
    ids = [case.id for one in suites for case in one.cases]
    assert len(set(ids)) == len(ids)


@pytest.mark.slow
def test_expected_values_are_statements() -> None:
    """No expected figure is written down: every values check reads a table."""
    for one in packaged_suites():
        for case in one.cases:
            if isinstance(case.verdict, ValuesCheck):
                assert " from " in f" {case.verdict.sql.lower()} ".replace("\n", " "), case.id


@pytest.mark.parametrize(
    "suite", [one for one in packaged_suites() if one.data == "enterprise"], ids=lambda one: one.name
)
def test_statements_about_the_enterprise_run(suite: Suite, of_demo: Data) -> None:
    """On the plants' small size: the whole enterprise takes minutes to build, and has the same tables."""
    for case in suite.cases:
        if isinstance(case.verdict, ValuesCheck | AsksBackCheck):
            assert of_demo.golden(case) is not None, case.id


def test_the_enterprise_is_asked_about_by_every_role_and_site_in_two_languages() -> None:
    """300 questions at least, by people of each plant and of all."""
    cases = [case for one in packaged_suites() if one.data == "enterprise" for case in one.cases]
    assert len(cases) >= 300
    assert {case.site for case in cases} >= {"KAS", "GRV", "GRR", "MTY", "HAM", "WRO", "OLO", "BRE"}
    assert {case.role for case in cases} >= {
        "planner",
        "buyer",
        "controller",
        "production",
        "inventory",
        "steward",
    }
    assert {case.language for case in cases} >= {"en", "de"}

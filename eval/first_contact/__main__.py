"""How often questions with known answers are answered right.

Each question goes through `plantwright ask`, as a person's would, to the model that the settings name. The
home is a scratch one unless --home or DATABASE_URL names another; an empty home gets AdventureWorks first.
Of a held-out set only counts are shown. Times include running the other readings, which nobody waits for
otherwise.

    python -m eval.first_contact
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from eval.first_contact.asking import HomeUnusable, asked, home_of, prepare
from eval.first_contact.judgement import Judged, judged
from eval.first_contact.question_sets import QuestionSet, QuestionsUnusable, named_sets, packaged_sets
from eval.first_contact.report import Tally, failures, groups, record, table

DATA = Path("../shared/data/adventureworks")


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line asks for."""

    questions: tuple[Path, ...]
    data: Path
    home: Path | None
    json: Path | None
    show_failures: bool
    gate: bool


def options(arguments: Sequence[str] | None = None) -> Options:
    """The command line, read."""
    parser = argparse.ArgumentParser(
        prog="python -m eval.first_contact",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add(
        "--questions", nargs="+", type=Path, default=[], metavar="FILE", help="sets; all that ship by default"
    )
    add("--data", type=Path, default=DATA, metavar="DIR", help=f"CSV files of AdventureWorks ({DATA})")
    add("--home", type=Path, metavar="DIR", help="a home to use in place of a scratch one")
    add("--json", type=Path, metavar="OUT", help="write the figures there too")
    add("--show-failures", action="store_true", help="what was not right, of sets that are not held out")
    add(
        "--gate",
        action="store_true",
        help="exit code 1 where a group of sets misses what must be reached",
    )
    given = parser.parse_args(arguments)
    return Options(
        tuple(given.questions), given.data, given.home, given.json, given.show_failures, given.gate
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; exit code 2 where nothing could be measured."""
    given = options(arguments)
    try:
        sets = named_sets(given.questions) if given.questions else packaged_sets(given.data)
        if not sets:
            raise QuestionsUnusable("no question sets are installed; name files with --questions")
        with home_of(given.home) as home:
            prepare(home, given.data)
            results = measured(home, sets)
    except (QuestionsUnusable, HomeUnusable) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    if given.show_failures:
        print("\n".join(filter(None, (failures(each, part) for each, part in results))) + "\n")
    totals = groups(results)
    print(table([*(Tally(each.name, tuple(part)) for each, part in results), *totals]))
    if given.json is not None:
        given.json.write_text(json.dumps(record(results), indent=1) + "\n", encoding="utf-8")
    return 1 if given.gate and not all(total.reaches for total in totals) else 0


def measured(home: Path, sets: Sequence[QuestionSet]) -> list[tuple[QuestionSet, list[Judged]]]:
    """Each set with its judged cases; all are asked by one process, so that it starts only once.

    Raises:
        HomeUnusable: the program ended before the last question.
    """
    replies = iter(asked(home, [case.question for each in sets for case in each.cases]))
    return [(each, [judged(case, next(replies)) for case in each.cases]) for each in sets]


if __name__ == "__main__":
    sys.exit(main())

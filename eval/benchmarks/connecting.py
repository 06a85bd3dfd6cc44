"""How much of a mapping written by hand `plantwright connect` proposes by itself, and how much wrongly.

Each source is looked at as if it had never been seen; what is proposed is compared with the mapping that its
adapter or plant has. AdventureWorks is known to whoever wrote the words by which columns are named; the
systems of the demo's plants were looked at by nobody before they were first measured.

    python -m eval.benchmarks.connecting [--adventureworks DIR] [--details]
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Final, Literal, TypeAlias

import typer

from erp_adapters.connect.files import tables_of
from erp_adapters.connect.proposing import propose
from erp_adapters.connect.scaffold import Scaffold
from erp_adapters.store.consistency import packaged_mapping, parse_mapping
from erp_adapters.store.mapping import SourceMapping
from erp_adapters.store.terms import (
    Amount,
    Coded,
    Concat,
    Constant,
    EnumMap,
    Expression,
    Lookup,
    Moment,
    OfSite,
    Period,
    Price,
    Quantity,
    Scaled,
    Setting,
)

LEAST_RIGHT, MOST_WRONG = 0.85, 0.02
"""Of AdventureWorks."""
_PLANTS: Final = (("norda", "KAS"), ("plexor", "GRV"), ("lotto", "BRE"))
"""Each ERP of the demo, and a plant that runs it."""

Verdict: TypeAlias = Literal["right", "wrong", "open"]
Where: TypeAlias = tuple[tuple[str, str], ...]
"""The columns that a field's value comes from, by file."""


@dataclass
class Compared:
    """What became of the fields of one source."""

    source: str
    verdicts: dict[str, Verdict] = field(default_factory=dict)
    """Of each field of the mapping that was written by hand."""
    said: dict[str, str] = field(default_factory=dict)
    """What was proposed where it is wrong."""
    beyond: list[str] = field(default_factory=list)
    """Fields that the hand-written mapping leaves out."""
    seconds: float = 0.0

    def share(self, verdict: Verdict) -> float:
        """Of all fields."""
        return sum(each == verdict for each in self.verdicts.values()) / max(1, len(self.verdicts))


def compare(source: str, folder: Path, written: SourceMapping) -> Compared:
    """What is proposed for a folder, held against the mapping that somebody wrote for it."""
    begun = time.process_time()
    text = Scaffold(propose(tables_of(folder)), "source", "a benchmark").text()
    found = Compared(source, seconds=time.process_time() - begun)
    proposed = parse_mapping(text, "mapping.yaml")
    ours = {spec.record: spec for spec in proposed.records}
    theirs = {spec.record: spec for spec in written.records}
    for name, spec in theirs.items():
        own = ours.get(name)
        fields = own.expressions() if own else {}
        for column, expression in spec.expressions().items():
            at = f"{name}.{column}"
            wanted = _where(expression, spec.file, written)
            if not any(file for file, _ in wanted):
                # No column of the source has it, so there is nothing to find.
                continue
            if own is None or column not in fields:
                found.verdicts[at] = "open"
                continue
            got = _where(fields[column], own.file, proposed)
            is_right = set(got) == set(wanted) or bool(got and set(got) <= set(wanted) and wanted[0] in got)
            found.verdicts[at] = "right" if is_right else "wrong"
            if not is_right:
                found.said[at] = f"{_shown(got)} and not {_shown(wanted)}"
    for name, spec in ours.items():
        known = theirs[name].expressions() if name in theirs else {}
        found.beyond += [f"{name}.{column}" for column in spec.expressions() if column not in known]
    return found


def _where(expression: Expression, file: str, mapping: SourceMapping) -> Where:
    """The columns that hold the value itself; codes, units and the way to it do not count."""
    name = mapping.files[file].file.casefold()
    match expression:
        case str():
            return ((name, expression),)
        case EnumMap():
            return ((name, expression.enum),)
        case Scaled():
            return ((name, expression.scaled),)
        case Lookup():
            return _where(expression.value, expression.lookup, mapping)
        case Concat():
            return tuple(each for part in expression.concat for each in _where(part, file, mapping))
        case Coded():
            return _where(expression.coded, file, mapping)
        case Period():
            return _where(expression.period, file, mapping)
        case Quantity():
            return ((name, expression.quantity),)
        case Amount():
            return ((name, expression.amount),)
        case Price():
            return ((name, expression.price),)
        case Moment():
            return ((name, expression.moment),)
        case Constant() | OfSite() | Setting():
            # The site's own, written out or not.
            return (("", "the site's"),)


def _shown(where: Where) -> str:
    return ", ".join(f"{file}.{column}" if file else column for file, column in where) or "nothing"


def plants() -> Iterator[tuple[str, Path, SourceMapping]]:
    """The files that the demo's plants would export, and the mappings of their systems."""
    from erp_adapters.demo.dialects import dialect, export, site_codes
    from erp_adapters.demo.dialects.reading_back import MAPPINGS
    from erp_adapters.demo.enterprise import history_of
    from erp_adapters.demo.plants import plants_of

    by_code = {plant.code: plant for plant in plants_of("small")}
    for name, site in _PLANTS:
        with tempfile.TemporaryDirectory(prefix="plantwright-connecting-") as held:
            export(history_of(by_code[site]), dialect(name), site_codes(site), Path(held))
            text = (MAPPINGS / f"{name}.yaml").read_text(encoding="utf-8")
            yield f"{name} ({site})", Path(held), parse_mapping(text, name)


def lines(found: list[Compared], *, details: bool) -> Iterator[str]:
    """The table."""
    yield f"{'source':16} {'fields':>7} {'right':>7} {'wrong':>7} {'open':>7} {'beyond':>7} {'CPU s':>7}"
    for each in found:
        shares = " ".join(f"{each.share(verdict):>7.1%}" for verdict in ("right", "wrong", "open"))
        yield f"{each.source:16} {len(each.verdicts):>7} {shares} {len(each.beyond):>7} {each.seconds:>7.1f}"
    if details:
        for each in found:
            yield f"\n{each.source}"
            yield from (f"  wrong   {at}: {said}" for at, said in each.said.items())
            yield from (f"  open    {at}" for at, verdict in each.verdicts.items() if verdict == "open")
            yield from (f"  beyond  {at}" for at in each.beyond)


def main(
    adventureworks: Annotated[Path | None, typer.Option(help="Folder of its CSV files.")] = None,
    details: Annotated[bool, typer.Option(help="Name every field that is not right.")] = False,
    plants_too: Annotated[bool, typer.Option("--plants/--no-plants", help="The demo's plants.")] = True,
) -> None:
    """Compare what is proposed with what was written by hand."""
    found = []
    if adventureworks is not None:
        found.append(compare("AdventureWorks", adventureworks, packaged_mapping("adventureworks")))
    if plants_too:
        found += [compare(name, folder, written) for name, folder, written in plants()]
    print("\n".join(lines(found, details=details)))
    known = [each for each in found if each.source == "AdventureWorks"]
    if any(each.share("right") < LEAST_RIGHT or each.share("wrong") > MOST_WRONG for each in known):
        sys.exit(1)


if __name__ == "__main__":
    typer.run(main)

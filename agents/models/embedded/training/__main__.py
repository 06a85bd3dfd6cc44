"""`make reader`: link the written questions, generate more, tune the network and write its weights."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path
from typing import Annotated

import torch
import typer

from agents.models.embedded.masterdata import MasterData, MasterDataCache
from agents.models.embedded.training.examples import Example, generated, varied, written
from agents.models.embedded.training.fitting import Codec, Encoded, fit
from agents.models.embedded.training.follow_ups import Conversations
from agents.models.embedded.training.network import PlanNetwork
from agents.models.embedded.training.packing import pack
from agents.models.embedded.training.resuming import resumed
from agents.models.embedded.training.translated import translated
from erp_adapters.store import APP_ROLE, EmbeddedPostgres, Store
from tools.all_tools import registry
from tools.metrics.catalogue import Catalogue, packaged_catalogue

_WRITTEN = Path(__file__).with_name("written")
_DATA = ("adventureworks", "demo")
"""What the written questions are about: folders of them, and the names of their homes."""
_WEIGHTS = Path(__file__).parent.parent / "weights"


async def _master_data(home: Path, catalogue: Catalogue, person: str) -> MasterData:
    """The names that the written questions speak of: those of a home with the data that they are about."""
    with EmbeddedPostgres(home / "postgres") as server:
        async with await Store.open(server.dsn(APP_ROLE)) as store:
            caller = await store.caller(person)
            async with store.reading(caller) as tx:
                return await MasterDataCache(catalogue).get(tx)


_FROM_NOTHING, _GOING_ON = (1.2e-4, 1.2e-3), (5e-5, 5e-4)
"""How fast the encoder and the writer learn."""
_FOLLOW_UPS_A_NEW_SUBJECT = 6
"""Follow-ups for each question that has nothing to do with the turn before it."""


def main(
    homes: Annotated[Path, typer.Argument(help="a folder of homes, named like the folders of written/")],
    person: str = "planner",
    generate: Annotated[int, typer.Option(help="examples generated from the catalogue")] = 12_000,
    each: Annotated[int, typer.Option(help="variations of each written question")] = 4,
    rounds: int = 6,
    batch: int = 64,
    seed: int = 20,
    threads: int = 2,
    after: Annotated[
        Path | None, typer.Option(help="a folder of weights to go on from, more gently than from nothing")
    ] = None,
    teach: Annotated[
        list[str] | None,
        typer.Option(
            help="beginning of ids that every round has all of, beside as many others: T71; all without it"
        ),
    ] = None,
    out: Path = _WEIGHTS,
) -> None:
    """Train the learned reader; the same seed, catalogue and questions give the same examples."""
    torch.set_num_threads(threads)
    torch.manual_seed(seed)
    chance = random.Random(seed)
    catalogue, known = packaged_catalogue(), registry()
    tools = known.reading()
    people: list[Example] = []
    others: list[Example] = []
    translations = sorted((_WRITTEN / "languages").glob("*.jsonl"))
    for folder in (_WRITTEN / name for name in _DATA):
        data = asyncio.run(_master_data(homes / folder.name, catalogue, person))
        files = sorted(folder.glob("*.jsonl"))
        found, left_out = written(files, catalogue, tools, data)
        typer.echo(f"{folder.name}: {len(found)} written; left out, {sum(left_out.values())}")
        people += found
        found, left_out = translated(translations, files, catalogue, tools, data)
        typer.echo(f"{folder.name}: {len(found)} translated; left out, {sum(left_out.values())}")
        people += found
        others += varied(files, catalogue, tools, data, seed, each)
        conversations = Conversations(catalogue, tools, data)
        found, left_out = conversations.written(
            sorted((folder / "follow_ups").glob("*.jsonl")),
            sorted((_WRITTEN / "languages" / "follow_ups").glob("*.jsonl")),
        )
        typer.echo(f"{folder.name}: {len(found)} follow-ups; left out, {sum(left_out.values())}")
        people += found
        others += conversations.new_subjects(files, seed, len(found) // _FOLLOW_UPS_A_NEW_SUBJECT)
    made = list(generated(catalogue, tools, seed, generate))
    typer.echo(f"{len(people)} written, {len(others)} varied, {len(made)} generated")
    words = sorted({word for one in (*people, *others, *made) for word in one.plan if isinstance(word, str)})
    network = PlanNetwork(words)
    rates = _FROM_NOTHING
    if after is not None:
        known_words, many = resumed(network, after)
        typer.echo(f"from {after}: {known_words} of {many} words of plans")
        rates = _GOING_ON
    codec = Codec(network)

    def encoded(examples: list[Example]) -> list[Encoded]:
        return [one for one in map(codec, examples) if one is not None]

    begins = tuple(teach or ())
    taught = encoded([one for one in people if one.source.startswith(begins)] if begins else people)
    before = encoded([one for one in people if not one.source.startswith(begins)] if begins else [])
    wide, broad = encoded(others), encoded(made)
    fit(
        network,
        [
            taught
            + chance.sample(before, min(len(before), len(taught)))
            + chance.sample(wide, min(len(wide), len(taught)))
            + chance.sample(broad, len(broad) // rounds)
            for _ in range(rounds)
        ],
        size=batch,
        seed=seed,
        encoder_rate=rates[0],
        writer_rate=rates[1],
    )
    card = {"written": len(people), "varied": len(others), "generated": len(made), "rounds": rounds}
    typer.echo(f"{pack(network, catalogue.hash, card, out) / 1e6:.1f} MB in {out}")


if __name__ == "__main__":
    typer.run(main)

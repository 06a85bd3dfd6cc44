"""`make reader`: generate utterances, fit the network, calibrate it and write its weights."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import torch
import typer

from agents.models.embedded.training.calibrate import accuracy, temperatures
from agents.models.embedded.training.fitting import fit, scores, space_of
from agents.models.embedded.training.network import Reader
from agents.models.embedded.training.packing import pack
from agents.models.embedded.training.teacher import static_pieces
from agents.models.embedded.training.utterances import utterances
from tools.metrics.catalogue import packaged_catalogue

_PIECE_WIDTH = 256
_WEIGHTS = Path(__file__).parent.parent / "weights"


def main(
    utterances_made: Annotated[int, typer.Option("--utterances")] = 200_000,
    rounds: int = 1,
    layers: int = 2,
    width: int = 192,
    size: int = 96,
    seed: int = 20,
    threads: int = 2,
    out: Path = _WEIGHTS,
) -> None:
    """Train the learned reader; the same seed and catalogue give the same utterances."""
    torch.set_num_threads(threads)
    torch.manual_seed(seed)
    catalogue = packaged_catalogue()
    examples = list(utterances(catalogue, seed, utterances_made))
    held_back = list(utterances(catalogue, seed + 1, 5_000))
    space = space_of(examples, sorted(catalogue.entities))
    typer.echo(f"{len(examples)} utterances, {len(space.labels)} labels, {len(space.frames)} frames")
    pieces, vectors = static_pieces(_PIECE_WIDTH)
    reader = Reader(
        pieces,
        vectors,
        (len(space.frames), len(space.entities), len(space.labels)),
        layers=layers,
        width=width,
    )
    fit(reader, examples, space, rounds=rounds, size=size, seed=seed)
    truth, raw = scores(reader, held_back, space)
    found = temperatures(truth, raw)
    card = {name: round(value, 4) for name, value in accuracy(truth, raw).items()}
    many = pack(reader, space, found, catalogue.hash, card, out)
    typer.echo(f"held back: {card}; temperatures {found}; {many / 1e6:.1f} MB in {out}")


if __name__ == "__main__":
    typer.run(main)

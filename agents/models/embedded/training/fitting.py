"""Fits the network to examples."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Sequence

import torch
from torch import Tensor

from agents.models.embedded.encoder import WordPieces
from agents.models.embedded.plan_language import Pointer
from agents.models.embedded.training.examples import Example
from agents.models.embedded.training.network import LONGEST, LONGEST_PLAN, Batch, PlanNetwork
from tools.languages import Language

_SHOWN = 100


class Encoded:
    """An example as numbers."""

    __slots__ = ("ids", "places", "plan")

    def __init__(self, ids: list[int], places: list[int], plan: list[int]) -> None:
        self.ids, self.places, self.plan = ids, places, plan


class Codec:
    """Examples to numbers."""

    def __init__(self, network: PlanNetwork) -> None:
        self.pieces = WordPieces(network.encoder.pieces)
        self.index = {word: at for at, word in enumerate(network.words)}

    def question(self, words: Sequence[str], language: Language = "en") -> tuple[list[int], list[int]]:
        """Pieces, and where each word's first piece stands."""
        return self.pieces.placed(words, LONGEST, language)

    def __call__(self, example: Example) -> Encoded | None:
        ids, places = self.question(example.words, example.language)
        many = len(self.index)
        plan = [1]
        for word in example.plan:
            if isinstance(word, Pointer):
                if word.at >= len(places):
                    return None
                plan.append(many + word.at)
            elif word in self.index:
                plan.append(self.index[word])
            else:
                return None
        return Encoded(ids, places, [*plan, 2]) if len(plan) < LONGEST_PLAN - 1 else None


def collated(examples: Sequence[Encoded]) -> Batch:
    """Examples as one batch."""

    def padded(rows: Sequence[list[int]], fill: int) -> Tensor:
        longest = max(map(len, rows))
        return torch.tensor([[*row, *[fill] * (longest - len(row))] for row in rows])

    return Batch(
        padded([one.ids for one in examples], 0),
        padded([one.places for one in examples], 0),
        padded([one.plan for one in examples], -1),
    )


def batches(examples: Sequence[Encoded], size: int, chance: random.Random) -> Iterator[Batch]:
    """Batches of like length in random order."""
    mixed = list(examples)
    chance.shuffle(mixed)
    chunks = []
    for start in range(0, len(mixed), size * 40):
        part = sorted(mixed[start : start + size * 40], key=lambda one: (len(one.ids), len(one.plan)))
        chunks += [part[at : at + size] for at in range(0, len(part), size)]
    chance.shuffle(chunks)
    for chunk in chunks:
        yield collated(chunk)


def fit(
    network: PlanNetwork,
    rounds: Sequence[Sequence[Encoded]],
    *,
    size: int,
    seed: int,
    encoder_rate: float = 1.2e-4,
    writer_rate: float = 1.2e-3,
    warm: int = 200,
    check: Callable[[int], None] | None = None,
) -> None:
    """Train on one list of examples after another, the rates falling to nothing at the end."""
    chance = random.Random(seed)
    others = [network.encoder.others]
    inside = [p for p in network.encoder.parameters() if p is not others[0]]
    outside = [p for name, p in network.named_parameters() if not name.startswith("encoder.")]
    optimiser = torch.optim.AdamW(
        [
            {"params": inside, "lr": encoder_rate},
            # Most words of a batch's languages are not in it: decay would wear them away.
            {"params": others, "lr": 3 * encoder_rate, "weight_decay": 0.0},
            {"params": outside, "lr": writer_rate},
        ],
        weight_decay=0.01,
        fused=True,
    )
    steps = sum(-(-len(examples) // size) for examples in rounds)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda step: min((step + 1) / warm, max(0.02, (steps - step) / max(1, steps - warm)))
    )
    done, loss_sum, began = 0, 0.0, time.monotonic()
    for number, examples in enumerate(rounds):
        network.train()
        for batch in batches(examples, size, chance):
            loss = loss_of(network, _disturbed(batch, chance))
            optimiser.zero_grad(set_to_none=True)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimiser.step()
            schedule.step()
            done += 1
            loss_sum += loss.item()
            if done % _SHOWN == 0:
                pace = done * size / (time.monotonic() - began)
                print(
                    f"round {number} step {done}/{steps} loss {loss_sum / _SHOWN:.3f} {pace:.0f}/s",
                    flush=True,
                )
                loss_sum = 0.0
        if check is not None:
            check(number)


def _disturbed(batch: Batch, chance: random.Random) -> Batch:
    """A few pieces hidden, so that no single word decides."""
    hide = (torch.rand(batch.ids.shape) < 0.04) & (batch.ids > 32)
    return Batch(batch.ids.masked_fill(hide, 1), batch.places, batch.plan)


def loss_of(network: PlanNetwork, batch: Batch) -> Tensor:
    """Mean negative log probability of the plans' words."""
    scores = network.scores(batch)
    wanted = batch.plan[:, 1:]
    told = scores.gather(-1, wanted.clamp(min=0)[..., None])[..., 0]
    mask = (wanted >= 0).float()
    smooth = scores[..., 1 : len(network.words)].mean(-1)
    return -((0.97 * told + 0.03 * smooth.clamp(min=-20)) * mask).sum() / mask.sum()

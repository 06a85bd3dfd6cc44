"""Random shops for tests."""

from __future__ import annotations

import random

from tools.engines.scheduling.shop import Choice, Job, Machine, Operation, Resource, Shop, Window


def random_shop(
    seed: int, jobs: int, operations: int, machines: int, *, longest: int = 9, rich: bool = False
) -> Shop:
    """A shop of a seed; a rich one has calendars, releases, lags, families, a crew and due dates."""
    chance = random.Random(seed)

    def operation() -> Operation:
        choices = tuple(
            Choice(machine, chance.randint(1, longest), chance.randint(0, 3) if rich else 0)
            for machine in chance.sample(range(machines), chance.randint(1, min(3, machines)))
        )
        if not rich:
            return Operation(choices)
        uses = (0,) if chance.random() < 0.4 else ()
        return Operation(choices, chance.randint(0, 2), uses, chance.choice((None, 0, 1)))

    def job(at: int) -> Job:
        steps = tuple(operation() for _ in range(operations))
        if not rich:
            return Job(steps, name=str(at + 1))
        return Job(steps, chance.randint(0, 5), chance.randint(10, 40), chance.randint(1, 3), str(at + 1))

    closed = ((Window(6, 9), Window(30, 31)) if rich else (),) + ((),) * (machines - 1)
    return Shop(
        tuple(job(at) for at in range(jobs)),
        tuple(Machine(str(at), windows) for at, windows in enumerate(closed)),
        (Resource("crew", 1, (Window(3, 5),)),) if rich else (),
        ((0, 2), (1, 0)) if rich else (),
    )

"""What is there for good is not looked through by the garbage collector again and again.

A service holds some 400,000 objects from its start to its end (modules, schemas, the catalogue). Each whole
collection looks at all of them, for a tenth of a second in which nothing is answered. What a turn makes
goes with it, without being looked for: young objects are looked through once in several turns, not in each.
"""

from __future__ import annotations

import asyncio
import gc
from typing import Final

_YOUNG: Final = 10_000
"""New objects after which they are looked through; Python's own 700 are half a turn's."""


async def settle(is_warm: asyncio.Event) -> None:
    """Set aside what the start has made, and once more what the first questions have loaded.

    Args:
        is_warm: set once a few questions have been answered.
    """
    _set_aside()
    gc.set_threshold(_YOUNG, *gc.get_threshold()[1:])
    await is_warm.wait()
    _set_aside()


def _set_aside() -> None:
    # Garbage first: what is set aside is never collected.
    gc.collect()
    gc.freeze()

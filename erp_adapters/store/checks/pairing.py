"""From rows that may be one thing to groups of them, without holding every row against every other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence


def candidates(keys: Sequence[Iterable[Hashable]], largest: int) -> Iterator[tuple[int, int]]:
    """Pairs of rows that share a key; keys that more rows share than `largest` say nothing and are left out.

    Args:
        keys: what each row can be found under.
        largest: the pairs grow with its square.
    """
    blocks: dict[Hashable, list[int]] = defaultdict(list)
    for row, of_row in enumerate(keys):
        for key in set(of_row):
            blocks[key].append(row)
    seen: set[tuple[int, int]] = set()
    for block in blocks.values():
        if len(block) <= largest:
            for place, one in enumerate(block):
                for other in block[place + 1 :]:
                    if (one, other) not in seen:
                        seen.add((one, other))
                        yield one, other


def groups(
    scored: Iterable[tuple[float, int, int]], excluded: Callable[[int, int], bool]
) -> list[tuple[float, list[int]]]:
    """Groups of rows that are one thing, with the least of the scores that made them; the surest pairs first.

    Args:
        scored: pairs with a score.
        excluded: whether two rows cannot be one thing, so that a chain of likenesses doesn't join them.
    """
    group_of: dict[int, list[int]] = {}
    least: dict[int, float] = {}
    for score, one, other in sorted(scored, reverse=True):
        left, right = group_of.setdefault(one, [one]), group_of.setdefault(other, [other])
        if left is right or any(excluded(a, b) for a in left for b in right):
            continue
        score = min(score, least.get(id(left), 1.0), least.get(id(right), 1.0))
        left += right
        least[id(left)] = score
        for row in right:
            group_of[row] = left
    distinct = {id(group): group for group in group_of.values() if len(group) > 1}
    return [(least[name], sorted(group)) for name, group in distinct.items()]

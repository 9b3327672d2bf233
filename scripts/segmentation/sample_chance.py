"""Chance for the sample data: everything rests on `Random.random()`.

Of all methods of `random.Random`, Python promises only that this one gives the same numbers for
the same integer seed in every version; `choice`, `shuffle` and `sample` have changed before.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import TypeVar

Item = TypeVar("Item")


def stream(seed: int, purpose: int, index: int) -> random.Random:
    """A stream of its own per purpose and person: more people never change the others."""
    return random.Random((seed * 100 + purpose) * 10_000_000 + index)


def whole(rng: random.Random, low: int, high: int) -> int:
    """A whole number from low to high, both included."""
    return low + int(rng.random() * (high - low + 1))


def chance(rng: random.Random, percent: float) -> bool:
    """True in so many cases of a hundred."""
    return rng.random() * 100 < percent


def pick(rng: random.Random, items: Sequence[Item]) -> Item:
    """One of the items, all equally likely."""
    return items[int(rng.random() * len(items))]


def weighted(rng: random.Random, table: Sequence[tuple[Item, int]]) -> Item:
    """One of the items, each as likely as its weight says."""
    ticket = int(rng.random() * sum(weight for _, weight in table))
    for item, weight in table:
        ticket -= weight
        if ticket < 0:
            return item
    return table[-1][0]


def quantile(rng: random.Random, points: Sequence[float]) -> float:
    """A draw from the distribution whose evenly spaced quantiles are `points`."""
    place = rng.random() * (len(points) - 1)
    left = int(place)
    return points[left] + (points[left + 1] - points[left]) * (place - left)

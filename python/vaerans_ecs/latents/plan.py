"""Which items go into which batch, on which rank, in which order: the same for the same seed, so it can be resumed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from .._values import flag, given_whole
from ..errors import BadParameter, InvalidArgument
from .store import LatentStore

__all__ = ["BatchPlan", "buckets_of"]


def buckets_of(store: LatentStore, keys: Sequence[str] | None = None) -> dict[str, list[str]]:
    """The keys by their items' `bucket`, which is the shape of the first array unless the writer was told another.

    Only the index is read. Buckets come in the order of their names, keys in that of the store.
    """
    found: dict[str, list[str]] = {}
    for key in store.keys() if keys is None else keys:
        found.setdefault(store.item(key).facts.bucket, []).append(key)
    return dict(sorted(found.items()))


@dataclass(frozen=True)
class BatchPlan:
    """Batches of items of one bucket each, for one rank of several.

    In each step all ranks have batches of the same bucket and size, so none waits for another. What is left of a bucket
    makes a smaller batch, filled up with a few of its items so that all ranks get equally many; with drop_last it is
    left out. Batches and what is in them are shuffled anew in each epoch.
    """

    buckets: dict[str, list[str]]
    batch_size: int
    seed: int = 0
    rank: int = 0
    ranks: int = 1
    shuffle: bool = True
    drop_last: bool = False

    def __post_init__(self) -> None:
        # Python's types, whatever was given: the fingerprint is of how they are written.
        for name in ("batch_size", "seed", "rank", "ranks"):
            object.__setattr__(self, name, given_whole(name, getattr(self, name), -(2**128), 2**128))
        for name in ("shuffle", "drop_last"):
            object.__setattr__(self, name, flag(name, getattr(self, name)))
        if self.batch_size < 1 or self.ranks < 1 or not 0 <= self.rank < self.ranks:
            raise BadParameter(f"a batch of {self.batch_size} items on rank {self.rank} of {self.ranks}")
        if not any(self.buckets.values()):
            raise InvalidArgument("there are no items to make batches of")

    def __len__(self) -> int:
        """Batches of an epoch, the same on each rank."""
        each = self.batch_size * self.ranks
        return sum(len(keys) // each if self.drop_last else -(-len(keys) // each) for keys in self.buckets.values())

    @cached_property
    def fingerprint(self) -> str:
        """The same for plans whose batches are the same on all ranks together."""
        told = [self.batch_size, self.ranks, self.shuffle, self.drop_last, list(self.buckets.items())]
        return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:16]

    def batches(self, epoch: int = 0) -> list[list[str]]:
        """The keys of each batch of this rank."""
        random = np.random.Generator(np.random.Philox(key=[self.seed % 2**64, epoch]))
        steps = [step for keys in self.buckets.values() for step in self._steps(keys, random)]
        order = random.permutation(len(steps)) if self.shuffle else range(len(steps))
        return [steps[i] for i in order]

    def _steps(self, keys: list[str], random: np.random.Generator) -> list[list[str]]:
        """This rank's part of each step over a bucket."""
        order = random.permutation(len(keys)) if self.shuffle else np.arange(len(keys))
        each, out = self.batch_size * self.ranks, []
        for begin in range(0, len(keys), each):
            step = order[begin : begin + each]
            if len(step) < each and self.drop_last:
                break
            size = -(-len(step) // self.ranks)
            step = np.resize(step, size * self.ranks) if len(step) >= self.ranks else self._filled(step, order, size)
            out.append([keys[i] for i in step[self.rank * size : (self.rank + 1) * size]])
        return out

    def _filled(self, step: np.ndarray, order: np.ndarray, size: int) -> np.ndarray:
        """Fewer items than ranks: the bucket's others fill up."""
        return np.concatenate([step, np.resize(order, size * self.ranks - len(step))])

"""Stores for PyTorch's trainings.

    loader = LatentLoader("store", batch_size=16, num_workers=4, rank=rank, ranks=world_size)
    for epoch in range(10):
        for batch in loader:  # {"key": [...], "latent": tensor (16, C, h, w), "t5": ...}
            ...
        torch.save(loader.state_dict(), "loader.pt")  # also in the middle of an epoch

Batches hold items of one bucket, that is of one shape. LatentDataset is the plain map from numbers to items, for loops
that make batches themselves. Tensors lie on the memory that the store has decoded into: nothing is copied. Everything
here may go to worker processes, forked or spawned.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch.utils.data import DataLoader, Dataset, IterableDataset, get_worker_info

from ..errors import BadParameter, ShapeError
from ._numbers import room, type_of
from .plan import BatchPlan, buckets_of
from .store import LatentStore

__all__ = ["LatentDataset", "LatentLoader", "LatentStream", "tensor_of"]

Transform = Callable[[dict[str, Any]], Any]


def tensor_of(store: LatentStore, key: str, array: str = "", dtype: torch.dtype | None = None) -> torch.Tensor:
    """One array of an item as a tensor; in the type that the store gives unless said otherwise."""
    return _tensors(store, [key], array, store.dtype if dtype is None else type_of(dtype))[0]


def _tensors(store: LatentStore, keys: Sequence[str], array: str, kind: str) -> torch.Tensor:
    """Arrays of one shape, stacked."""
    found = store._reader.batch(list(keys), array)
    values = room((len(found), *found.shape), kind)
    found.decode(kind, values)
    tensor = torch.from_numpy(values.view("i2") if kind == "bf16" else values)
    return tensor.view(torch.bfloat16) if kind == "bf16" else tensor


class _Source:
    """A store and which arrays of its items are wanted."""

    def __init__(self, store: str | Path | LatentStore, arrays: Sequence[str] | None, dtype: Any) -> None:
        self.store = store if isinstance(store, LatentStore) else LatentStore(store)
        self.arrays = None if arrays is None else list(arrays)
        self.kind = self.store.dtype if dtype is None else type_of(dtype)
        self._process = os.getpid()

    def own_store(self) -> LatentStore:
        """Connections to a server do not survive fork, mapped files do."""
        if self._process != os.getpid():
            self._process = os.getpid()
            if "://" in self.store.path:
                self.store = self.store.reopened()
        return self.store

    def names(self, key: str) -> list[str]:
        return self.store.item(key).arrays if self.arrays is None else self.arrays

    def batch(self, keys: Sequence[str]) -> dict[str, Any]:
        """{"key": [...], name: a stack, or a list where shapes differ or an item has no such array (None)}."""
        self.own_store()
        named = [self.names(key) for key in keys]
        out: dict[str, Any] = {"key": list(keys)}
        for name in dict.fromkeys(name for names in named for name in names):
            out[name] = self._together(keys, name, [name in names for names in named])
        return out

    def _together(self, keys: Sequence[str], name: str, there: Sequence[bool]) -> Any:
        try:
            if all(there):
                return _tensors(self.store, keys, name, self.kind)
        except ShapeError:
            pass
        return [
            _tensors(self.store, [key], name, self.kind)[0] if has else None
            for key, has in zip(keys, there, strict=True)
        ]


class LatentDataset(Dataset):
    """Items by number: {"key": …, name: tensor …}. keys: which and in which order; all, if none are given.

    arrays: which of an item's arrays; all, if none are named. transform: called with each item's dictionary.
    """

    def __init__(
        self,
        store: str | Path | LatentStore,
        *,
        arrays: Sequence[str] | None = None,
        keys: Sequence[str] | None = None,
        dtype: Any = None,
        transform: Transform | None = None,
    ) -> None:
        self._source = _Source(store, arrays, dtype)
        self.keys = self._source.store.keys() if keys is None else list(keys)
        self.transform = transform

    def __len__(self) -> int:
        return len(self.keys)

    def __getitem__(self, index: int) -> Any:
        return self.__getitems__([index])[0]

    def __getitems__(self, indices: Sequence[int]) -> list[Any]:
        """What a DataLoader asks for: many at once."""
        found = [self._item(self.keys[index]) for index in indices]
        return found if self.transform is None else [self.transform(item) for item in found]

    def _item(self, key: str) -> dict[str, Any]:
        store = self._source.own_store()
        names = self._source.names(key)
        return {"key": key} | {name: _tensors(store, [key], name, self._source.kind)[0] for name in names}


class LatentStream(IterableDataset):
    """Whole batches of an epoch, in the order of a BatchPlan; workers share them. For DataLoader(…, batch_size=None).

    epoch and start say which epoch, and how many of its batches are done.
    """

    def __init__(
        self,
        store: str | Path | LatentStore,
        plan: BatchPlan,
        *,
        arrays: Sequence[str] | None = None,
        dtype: Any = None,
        transform: Transform | None = None,
    ) -> None:
        self._source = _Source(store, arrays, dtype)
        self.plan, self.transform = plan, transform
        self.epoch = self.start = 0

    def __len__(self) -> int:
        return len(self.plan) - self.start

    def __iter__(self) -> Iterator[Any]:
        """A DataLoader takes from its workers in turn, so each has every n-th batch."""
        worker = get_worker_info()
        first, by = (0, 1) if worker is None else (worker.id, worker.num_workers)
        for keys in self.plan.batches(self.epoch)[self.start + first :: by]:
            batch = self._source.batch(keys)
            yield batch if self.transform is None else self.transform(batch)


class LatentLoader:
    """Batches for a training, epoch after epoch; knows how far it is, and goes on there after load_state_dict().

    batch_size: on this rank. rank, ranks: this process among those that train together; those of torch.distributed
    where it is in use. transform: called with each batch in the worker. loader: further options of DataLoader, such as
    num_workers, pin_memory, prefetch_factor, multiprocessing_context.
    """

    def __init__(
        self,
        store: str | Path | LatentStore,
        batch_size: int,
        *,
        arrays: Sequence[str] | None = None,
        keys: Sequence[str] | None = None,
        dtype: Any = None,
        seed: int = 0,
        rank: int | None = None,
        ranks: int | None = None,
        shuffle: bool = True,
        drop_last: bool = False,
        transform: Transform | None = None,
        **loader: Any,
    ) -> None:
        opened = store if isinstance(store, LatentStore) else LatentStore(store)
        here, all_of_them = _place(rank, ranks)
        plan = BatchPlan(buckets_of(opened, keys), batch_size, seed, here, all_of_them, shuffle, drop_last)
        self._stream = LatentStream(opened, plan, arrays=arrays, dtype=dtype, transform=transform)
        self._loader = DataLoader(self._stream, batch_size=None, **loader)
        if loader.get("persistent_workers"):
            raise BadParameter("persistent_workers: workers have to learn of each epoch's order, so they start anew")

    @property
    def epoch(self) -> int:
        return self._stream.epoch

    @property
    def plan(self) -> BatchPlan:
        return self._stream.plan

    def __len__(self) -> int:
        """Batches of a whole epoch."""
        return len(self.plan)

    def __iter__(self) -> Iterator[Any]:
        """The rest of the epoch; at its end the next one begins."""
        for batch in self._loader:
            self._stream.start += 1
            yield batch
        self._stream.epoch, self._stream.start = self.epoch + 1, 0

    def state_dict(self) -> dict[str, Any]:
        """Where the training is: batches count as done once they have been handed out."""
        return {"epoch": self.epoch, "done": self._stream.start} | self._batches()

    def _batches(self) -> dict[str, Any]:
        """What tells an order of batches from others; older states have no `items`."""
        return {"seed": self.plan.seed, "batches": len(self.plan), "items": self.plan.fingerprint}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Raises BadParameter where the state is that of other batches: another seed, store, batch size or world."""
        here = self._batches()
        other = [name for name in here if name in state and state[name] != here[name]]
        if other:
            told = ", ".join(f"{name} {state[name]} (here {here[name]})" for name in other)
            raise BadParameter(f"the state is of other batches: {told}")
        self._stream.epoch, self._stream.start = int(state["epoch"]), int(state["done"])


def _place(rank: int | None, ranks: int | None) -> tuple[int, int]:
    together = torch.distributed.is_available() and torch.distributed.is_initialized()
    here = rank if rank is not None else torch.distributed.get_rank() if together else 0
    return here, ranks if ranks is not None else torch.distributed.get_world_size() if together else 1

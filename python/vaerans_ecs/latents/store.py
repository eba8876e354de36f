"""Arrays by key out of append-only shards, and what is done to whole stores."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from .. import _vaerans
from .._vaerans import ShardInfo, StoreDamage, StoreItem
from .._values import flag, given_whole, is_unicode, text
from ..errors import BadParameter, InvalidArgument, ShapeError
from ._names import MASK, key_of, keys_of, name_of, place_of
from ._numbers import Numbers, carried, converted, is_tensor, released, room, type_of
from ._remote import Fetch, remote_files
from .blobs import BlobInfo
from .writer import LatentWriter

_LOG_VARIANCES = (-30.0, 20.0)  # what diffusers lets through

__all__ = ["LatentStore", "ShardInfo", "StoreDamage", "StoreItem", "compact", "salvage"]


class LatentStore:
    """A folder of shards, or one shard, open to be read by any number of threads and processes.

    path: a folder or a shard; or an address that fsspec knows (`s3://bucket/store`), with storage_options for it.
    dtype: what arrays come as, 'f16' unless said otherwise. model_hash: refuse shards that another model made. With
    strict=False shards that cannot be read at all are left out; verify() names them. Items that are written after the
    store was opened are not seen: open it again.
    """

    def __init__(
        self,
        path: str | Path,
        *,
        dtype: Any = "f16",
        model_hash: str | None = None,
        strict: bool = True,
        storage_options: Mapping[str, Any] | None = None,
    ) -> None:
        self.path, self.dtype = place_of(path), type_of(dtype)
        self._options = (text("model_hash", model_hash), flag("strict", strict))
        if not isinstance(storage_options or {}, Mapping):
            raise BadParameter(f"storage_options are options by name, not {storage_options!r}")
        self._storage = dict(storage_options or {})
        self._reader = self._opened()

    def _opened(self) -> _vaerans.StoreReader:
        self._fetch: Fetch | None = None  # where the store is at an address
        if "://" not in self.path:
            return _vaerans.StoreReader(self.path, *self._options)
        files, self._fetch = remote_files(self.path, self._storage)
        return _vaerans.StoreReader(files, self._fetch, *self._options)

    def __getstate__(self) -> tuple:
        return self.path, self.dtype, self._options, self._storage

    def __setstate__(self, state: tuple) -> None:
        """In another process: the shards are mapped anew."""
        self.path, self.dtype, self._options, self._storage = state
        self._reader = self._opened()

    def reopened(self) -> LatentStore:
        """The store as it is now, with the same options."""
        again = object.__new__(type(self))
        again.__setstate__(self.__getstate__())
        return again

    def __repr__(self) -> str:
        return f"LatentStore({self.path!r}, {len(self)} items)"

    def __len__(self) -> int:
        return len(self._reader)

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and is_unicode(key) and key in self._reader

    def __iter__(self) -> Iterator[str]:
        return iter(self.keys())

    def keys(self) -> list[str]:
        """In the order in which they were written."""
        return self._reader.keys()

    def __getitem__(self, key: str) -> np.ndarray | dict[str, np.ndarray]:
        """The item's only array, or all of them by name. Raises MissingComponent (a KeyError)."""
        names = self.item(key).arrays
        if len(names) == 1:
            return self.get(key, names[0])
        return {name: self.get(key, name) for name in names}

    def get(self, key: str, array: str = "", dtype: Any = None) -> np.ndarray:
        """One array of an item."""
        kind = self.dtype if dtype is None else type_of(dtype)
        found = self._found([key], array)
        out = room(found.shape, kind)
        found.decode(kind, out)
        return released(out, kind)

    def get_batch(
        self,
        keys: Sequence[str],
        out: Any = None,
        *,
        array: str = "",
        dtype: Any = None,
        threads: int = 1,
    ) -> Any:
        """Arrays of one shape, stacked; read in one call without the GIL. threads: 0 means all cores.

        out: a contiguous array or tensor of the stack's shape, to be filled instead of a new one; it is returned.
        """
        wanted, threads = [str(key) for key in keys_of(keys)], given_whole("threads", threads, 0)
        if not wanted:
            raise InvalidArgument("a batch of no keys")
        found = self._found(wanted, array)
        shape = (len(found), *found.shape)
        if out is None:
            kind = self.dtype if dtype is None else type_of(dtype)
            made = room(shape, kind)
            found.decode(kind, made, threads)
            return released(made, kind)
        numbers, kind = carried(out)
        if numbers.shape != shape or not np.shares_memory(numbers, _memory(out)):
            raise ShapeError(f"out: a contiguous array of shape {shape} is needed, not of {numbers.shape}")
        if not numbers.flags.writeable:
            raise InvalidArgument("out: an array that can be written to is needed")
        found.decode(kind, numbers, threads)
        return out

    def numbers(self, key: str, array: str = "") -> Numbers:
        """One array in the type of its own that it was added with; NumPy needs no bfloat16 for it."""
        found = self._found([key], array)
        out = room(found.shape, found.type)
        found.decode(found.type, out)
        return Numbers(out, found.type)

    def sample(
        self, key: str, seed: int, *, mean: str = "latent", log_variance: str = "log_variance", dtype: Any = None
    ) -> np.ndarray:
        """A draw from the item's distribution: mean + exp(log_variance / 2) · noise, as an AutoencoderKL would draw.

        The noise depends on the seed and the key alone, so that a training that is run again sees the same latents.
        """
        source = np.random.Generator(np.random.Philox(key=_noise_key(text("seed", str(seed)), key_of(key))))
        center = self.get(key, mean, "f32")
        spread = np.exp(0.5 * np.clip(self.get(key, log_variance, "f32"), *_LOG_VARIANCES))
        if spread.shape != center.shape:
            raise ShapeError(f"{key}: {mean} has shape {center.shape}, {log_variance} has {spread.shape}")
        noise = source.standard_normal(center.shape, np.float32)
        kind = self.dtype if dtype is None else type_of(dtype)
        return converted(center + spread * noise, kind)

    def padded(self, key: str, array: str, dtype: Any = None) -> tuple[np.ndarray, np.ndarray]:
        """(tokens, width) with zeros where padding was left out, and which tokens count, as booleans.

        get() gives those that count alone. An array that was added without a mask comes as it is.
        """
        kind = self.dtype if dtype is None else type_of(dtype)
        found = self._found([key], array)
        if array + MASK not in self.item(key).arrays:
            return self.get(key, array, kind), np.ones(found.shape[0], bool)
        mask = self.get(key, array + MASK, "f32")[0] != 0
        rows = room(found.shape, kind)
        found.decode(kind, rows)
        out = np.zeros((len(mask), found.shape[1]), rows.dtype)
        out[mask] = rows[: np.count_nonzero(mask)]
        return released(out, kind), mask

    def info(self, key: str, array: str = "") -> BlobInfo:
        """Shape, target and the error that was reached, without decoding."""
        return self._reader.info(key_of(key), name_of(array))

    def item(self, key: str) -> StoreItem:
        """Names of the arrays, and what is known of the item (`facts`)."""
        return self._reader.item(key_of(key))

    def blob(self, key: str, array: str = "") -> bytes:
        """An array's blob as it is, for other containers."""
        return self._reader.blob(key_of(key), name_of(array))

    def _found(self, keys: Iterable[str], array: str) -> _vaerans.LatentBatch:
        return self._reader.batch([key_of(key) for key in keys], name_of(array))

    @property
    def shards(self) -> list[ShardInfo]:
        return self._reader.shards()

    def verify(self, threads: int = 0) -> list[StoreDamage]:
        """Reads every bit. An empty list: the store is whole. Raises FileError where an address gives them no more."""
        threads = given_whole("threads", threads, 0)
        if self._fetch is None:
            return self._reader.verify(threads)
        self._fetch.failure = None
        found = self._reader.verify(threads)
        if self._fetch.failure is not None:
            raise self._fetch.failure
        return found

    @staticmethod
    def writer(path: str | Path, **options: Any) -> LatentWriter:
        """A LatentWriter."""
        return LatentWriter(path, **options)


def salvage(part: str | Path) -> str | None:
    """Finishes an unfinished shard (*.vls.part): whole items stay. Returns its path, or None where it held none.

    Raises CorruptStream where its header is damaged, which names the model: a writer with resume=True knows it.
    """
    return _vaerans.salvage_shard(place_of(part))


def compact(path: str | Path, drop: str | Iterable[str] = ()) -> tuple[int, int, int]:
    """Removes replaced items and those of the keys in `drop`, or of one key, and what lies between items.

    Returns (items removed, bytes before, bytes after). Raises MissingComponent (a KeyError) where a key is not there,
    before anything is done; CorruptStream, with shard and key, where an item that stays is damaged; FileError where
    another compaction of this folder runs.
    """
    return _vaerans.compact_store(place_of(path), [key_of(key) for key in keys_of(drop)])


def _memory(out: Any) -> np.ndarray:
    return carried(out)[0] if is_tensor(out) else np.asarray(out)


def _noise_key(seed: str, key: str) -> int:
    """128 bits of both."""
    return int.from_bytes(hashlib.sha256(f"{seed} {key}".encode()).digest()[:16], "little")

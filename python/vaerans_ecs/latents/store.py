"""Arrays by key in append-only shards: reading and writing."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np

from .. import _vaerans
from .._vaerans import ShardInfo, StoreDamage, StoreItem
from .._values import flag, is_unicode
from ..errors import BadParameter, InvalidArgument, ShapeError, VaeransError
from ._numbers import Numbers, axis_of, carried, converted, is_tensor, released, room, type_of
from ._remote import Fetch, remote_files
from .blobs import BlobInfo, target_of

MASK = ".mask"  # behind an array's name: the array that says which of its tokens count
_LOG_VARIANCES = (-30.0, 20.0)  # what diffusers lets through

__all__ = ["LatentStore", "LatentWriter", "ShardInfo", "StoreDamage", "StoreItem", "compact", "salvage"]


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
        self.path, self.dtype = str(path), type_of(dtype)
        self._options = (model_hash or "", flag("strict", strict))
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
        wanted = [str(key) for key in keys]
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
        center = self.get(key, mean, "f32")
        spread = np.exp(0.5 * np.clip(self.get(key, log_variance, "f32"), *_LOG_VARIANCES))
        if spread.shape != center.shape:
            raise ShapeError(f"{key}: {mean} has shape {center.shape}, {log_variance} has {spread.shape}")
        source = np.random.Generator(np.random.Philox(key=_noise_key(seed, key)))
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
        return self._reader.info(_key(key), _name(array))

    def item(self, key: str) -> StoreItem:
        """Names of the arrays, and what is known of the item (`facts`)."""
        return self._reader.item(_key(key))

    def blob(self, key: str, array: str = "") -> bytes:
        """An array's blob as it is, for other containers."""
        return self._reader.blob(_key(key), _name(array))

    def _found(self, keys: Iterable[str], array: str) -> _vaerans.LatentBatch:
        return self._reader.batch([_key(key) for key in keys], _name(array))

    @property
    def shards(self) -> list[ShardInfo]:
        return self._reader.shards()

    def verify(self, threads: int = 0) -> list[StoreDamage]:
        """Reads every bit. An empty list: the store is whole. Raises FileError where an address gives them no more."""
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


class LatentWriter:
    """Writes shards into a folder; a context manager. One for each rank; its methods may be called from many threads.

    model, model_hash, scaling, shift, user: noted in the shards. resume: finish what a killed writer of this rank left
    behind. replace: items of keys that are there take their place. shard_bytes: a new shard begins behind so many.
    sequence: the first shard's number at least; items of higher ones replace those of lower ones. rmse, bits, step,
    max_error, lossless: the target of arrays that are not given one of their own; rmse=0.02 if nothing is said.
    trellis: as of encode_blob().
    """

    def __init__(
        self,
        path: str | Path,
        *,
        model: str = "",
        model_hash: str = "",
        scaling: float = 1.0,
        shift: float = 0.0,
        user: Any = None,
        rank: int | str = 0,
        resume: bool = False,
        replace: bool = False,
        shard_bytes: int = 1 << 30,
        sequence: int = 1,
        rmse: float | None = None,
        bits: float | None = None,
        step: float | None = None,
        max_error: float | None = None,
        lossless: bool = False,
        trellis: bool = True,
    ) -> None:
        self._trellis = flag("trellis", trellis)
        self._target = target_of(rmse=rmse, bits=bits, step=step, max_error=max_error, lossless=lossless)
        over = flag("resume", resume), flag("replace", replace)
        self._writer = _vaerans.StoreWriter(
            str(path), model, model_hash, scaling, shift, _json(user), str(rank), *over, shard_bytes, sequence
        )

    def __repr__(self) -> str:
        return f"LatentWriter({self.items} items)"

    def __enter__(self) -> LatentWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Closes in any case: what was added before an error is whole."""
        self.close()

    @property
    def items(self) -> int:
        """How many this writer has added."""
        return self._writer.items

    def is_current(self, key: str, source_hash: str, model_hash: str = "") -> bool:
        """Whether the store has the key, made from this source by this model (the writer's, if none is given)."""
        return self._writer.is_current(_key(key), source_hash, model_hash)

    def add(
        self,
        key: str,
        arrays: Any,
        *,
        source_hash: str = "",
        model_hash: str = "",
        size: tuple[int, int] = (0, 0),
        crop: tuple[int, int, int, int] = (0, 0, 0, 0),
        flip_of: str = "",
        bucket: str = "",
        user: Any = None,
    ) -> None:
        """An array (NumPy or PyTorch), or several by name; instead of an array also (array, options of encode_blob()).

        A further option is `mask`, true for the tokens of a (tokens, width) array that count: the others are left out,
        and LatentStore.padded() puts zeros in their place.
        size: (width, height) of the source. crop: (left, top, width, height). bucket: items of one bucket make batches;
        unless given, the shape of the first array, such as 16x128x128. user: anything that JSON can hold.
        channel_axis, unless given: the last axis of two, else the first. Raises OutputExists where the key is there,
        InvalidArgument for a key or text that is not UTF-8, and what encode_blob() raises, with the key.
        """
        _key(key)
        named = arrays if isinstance(arrays, Mapping) else {"latent": arrays}
        try:
            described = [part for name, value in named.items() for part in self._described(name, value)]
            about = _json(user)
        except VaeransError as error:
            raise type(error)(f"{key}: {error}") from error
        _require_texts(key, source_hash, model_hash, flip_of, bucket or "", about, *(name for name, *_ in described))
        bucket = bucket or "x".join(map(str, described[0][1].shape if described else ()))
        facts = _vaerans.ItemFacts()
        facts.source_hash, facts.model_hash, facts.user = source_hash, model_hash, about
        facts.width, facts.height = size
        facts.crop = list(crop)
        facts.flip_of, facts.bucket = flip_of, bucket
        self._writer.add(key, described, facts)

    def add_blobs(self, key: str, blobs: Mapping[str, bytes], **facts: Any) -> None:
        """Arrays that are coded already, such as of another store."""
        about = _vaerans.ItemFacts()
        for name, value in facts.items():
            setattr(about, name, value)
        self._writer.add_blobs(_key(key), dict(blobs), about)

    def _described(self, name: str, value: Any) -> list[tuple]:
        """What the library takes: the array, and its mask where padding is left out."""
        name = _name(name)
        array, options = value if isinstance(value, tuple) else (value, {})
        options = dict(options)
        mask, axis = options.pop("mask", None), options.pop("channel_axis", None)
        trellis = flag("trellis", options.pop("trellis", self._trellis))
        target, amount = target_of(**options) if options else self._target
        numbers, kind = carried(array)
        if mask is not None:
            numbers, kept = _without_padding(name, numbers, mask)
        described = (name, numbers, kind, target, amount, axis_of(axis, numbers.ndim), trellis)
        return [described] if mask is None else [described, (name + MASK, kept, "f16", "step", 1.0, 0, False)]

    def close(self) -> None:
        """Writes the index, makes sure that all is on the disk, and makes the shard visible."""
        self._writer.close()


def salvage(part: str | Path) -> str | None:
    """Finishes an unfinished shard (*.vls.part): whole items stay. Returns its path, or None where it held none.

    Raises CorruptStream where its header is damaged, which names the model: a writer with resume=True knows it.
    """
    return _vaerans.salvage_shard(str(part))


def compact(path: str | Path, drop: str | Iterable[str] = ()) -> tuple[int, int, int]:
    """Removes replaced items and those of the keys in `drop`, or of one key, and what lies between items.

    Returns (items removed, bytes before, bytes after). Raises MissingComponent (a KeyError) where a key is not there,
    before anything is done; CorruptStream, with shard and key, where an item that stays is damaged; FileError where
    another compaction of this folder runs.
    """
    return _vaerans.compact_store(str(path), [drop] if isinstance(drop, str) else list(drop))


def _json(value: Any) -> str:
    try:
        return "" if value is None else json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    except (TypeError, ValueError) as error:
        raise BadParameter(f"user is what JSON can hold, so no NaN and no infinity: {error}") from error


def _key(key: Any) -> str:
    """Names of files that are not UTF-8 are texts that the library cannot take."""
    if not isinstance(key, str):
        raise InvalidArgument(f"a key is a text, not {key!r}")
    if not is_unicode(key):
        raise InvalidArgument(f"a key that is not UTF-8, or has control characters: {key!r}")
    return key


def _name(array: Any) -> str:
    if isinstance(array, str) and is_unicode(array):
        return array
    raise InvalidArgument(f"an array's name is a text (UTF-8), not {array!r}")


def _require_texts(key: str, *texts: Any) -> None:
    if not all(isinstance(text, str) and is_unicode(text) for text in texts):
        raise InvalidArgument(
            f"{key}: hashes, bucket, names and user data have to be UTF-8 without control characters, up to 1 MiB"
        )


def _memory(out: Any) -> np.ndarray:
    return carried(out)[0] if is_tensor(out) else np.asarray(out)


def _without_padding(name: str, numbers: np.ndarray, mask: Any) -> tuple[np.ndarray, np.ndarray]:
    """The tokens that count, one at least, and the mask as an array of one row."""
    if is_tensor(mask):
        mask = mask.detach().cpu().numpy()
    counts = np.asarray(mask).astype(bool).reshape(-1)
    if numbers.ndim != 2 or counts.shape != numbers.shape[:1]:
        raise ShapeError(f"{name}: a mask of {counts.size} tokens for an array of shape {numbers.shape}")
    kept = numbers[counts] if counts.any() else numbers[:1]
    return np.ascontiguousarray(kept), counts[None].astype(np.float16)


def _noise_key(seed: int, key: str) -> int:
    """128 bits of both."""
    return int.from_bytes(hashlib.sha256(f"{seed} {key}".encode()).digest()[:16], "little")

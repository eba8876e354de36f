"""More than one machine: Ray Data encodes pictures into stores, or compresses them, with failures as rows.

    pictures = ray.data.read_binary_files("pictures", include_paths=True)
    done = encode_dataset(pictures, "store", key="path", rmse=0.02, concurrency=8)
    failed = done.filter(lambda row: row["error"]).take_all()

Actors hold the models, so a model is loaded once for each. Whatever happens to one picture (a damaged file, numbers
that cannot be stored) becomes its row's `error` and costs no other. An actor that dies is started again by Ray, and its
batch is done once more: a shard's name is made of its content and it appears when it is whole, so doing it twice
changes nothing. The store's folder has to be one that all machines see.
"""

from __future__ import annotations

import hashlib
import io
import os
import tempfile
from collections.abc import Callable, Sequence
from os import PathLike, fspath
from pathlib import Path
from typing import Any

import numpy as np

from . import api
from ._vaerans import DEFAULT_MODEL
from .core.context import Context
from .core.pipeline import Pipeline
from .core.world import World
from .errors import BadParameter, VaeransError
from .latents.blobs import target_of
from .latents.store import LatentStore
from .models import find_model
from .pictures import DeepImage, open_image
from .pictures.kinds import as_deep

__all__ = ["compress_dataset", "encode_dataset"]

Load = Callable[[dict[str, Any]], Any]
_SPARE = 256 << 20  # bytes of a world beside what its pictures take
_PER_PIXEL = 192  # bytes that encoding a pixel takes, about


def encode_dataset(
    dataset: Any,
    store: str | Path,
    *,
    model: str | PathLike[str] = DEFAULT_MODEL,
    key: str = "key",
    image: str | None = None,
    load: Load | None = None,
    items_per_shard: int = 1024,
    concurrency: int | tuple[int, int] = 1,
    threads: int = 1,
    device: str = "auto",
    resume: bool = False,
    rmse: float | None = None,
    bits: float | None = None,
    step: float | None = None,
    max_error: float | None = None,
    lossless: bool = False,
    **options: Any,
) -> Any:
    """Pictures of a Ray dataset into a store: what the model makes of them, within one target (rmse=0.02 if none).

    key: the column of their names. image: the column of the pictures, (H, W, 3) uint8 arrays or the bytes of files;
    'image' or 'bytes' unless given. load: instead of it, a function from a row (a dictionary) to a picture.
    items_per_shard: rows that an actor takes at once; each such batch becomes one shard. concurrency: actors, or at
    least and at most so many. threads, device: of each model. resume: leave what the store has already, made of the
    same pixels by the same model. options: further ones of Dataset.map_batches(), such as num_gpus.

    Returns a dataset of one row for each picture: key, error (empty if all went well), shard, bytes.
    """
    target: dict[str, Any] = {"rmse": rmse, "bits": bits, "step": step, "max_error": max_error, "lossless": lossless}
    target_of(**target)
    find_model(fspath(model))  # before anything starts
    folder = Path(store).absolute()
    folder.mkdir(parents=True, exist_ok=True)
    given = {"store": str(folder), "model": fspath(model), "threads": threads, "device": device}
    # The same number on each try of a task; items that are made anew replace those of earlier runs.
    sequence = 1 + max((shard.sequence for shard in LatentStore(folder).shards), default=0)
    given |= {"resume": resume, "target": target, "sequence": sequence}
    return _mapped(dataset, _Encode, given, key, image, load, items_per_shard, concurrency, options)


def compress_dataset(
    dataset: Any,
    *,
    key: str = "key",
    image: str | None = None,
    load: Load | None = None,
    batch_size: int = 64,
    concurrency: int | tuple[int, int] = 1,
    ray_options: dict[str, Any] | None = None,
    **options: Any,
) -> Any:
    """Pictures of a Ray dataset as .vrs files. options: those of compress(). The rest is as in encode_dataset().

    Returns a dataset of one row for each picture: key, error (empty if all went well), data (the file's bytes).
    """
    return _mapped(
        dataset, _Compress, {"options": options}, key, image, load, batch_size, concurrency, ray_options or {}
    )


def _mapped(
    dataset: Any,
    actor: type,
    given: dict[str, Any],
    key: str,
    image: str | None,
    load: Load | None,
    batch_size: int,
    concurrency: int | tuple[int, int],
    options: dict[str, Any],
) -> Any:
    if batch_size < 1:
        raise BadParameter(f"batches of {batch_size} pictures")
    pictures = _Pictures(key, image, load, as_they_are=actor is _Compress)
    constructor = {**given, "pictures": pictures}
    return dataset.map_batches(
        actor,
        batch_size=batch_size,
        batch_format="numpy",
        concurrency=concurrency,
        fn_constructor_kwargs=constructor,
        **options,
    )


class _Pictures:
    """The pictures of a batch, each by itself: a picture or the error it ended with.

    `as_they_are`: files are grey, RGB, of 16 bits, with alpha and metadata as they say; else they become RGB.
    """

    def __init__(self, key: str, image: str | None, load: Load | None, as_they_are: bool = False) -> None:
        self.key, self.image, self.load, self.as_they_are = key, image, load, as_they_are

    def keys(self, batch: dict[str, Any]) -> list[str]:
        if self.key not in batch:
            raise BadParameter(f"no column '{self.key}' for the keys; there are {', '.join(batch)}")
        return [str(key) for key in batch[self.key]]

    def of(self, batch: dict[str, Any]) -> list[Any]:
        column = None if self.load else self._column(batch)
        rows = range(len(batch[self.key]))
        return [self._one({name: values[i] for name, values in batch.items()}, column) for i in rows]

    def _column(self, batch: dict[str, Any]) -> str:
        for name in (self.image,) if self.image else ("image", "bytes"):
            if name in batch:
                return name
        raise BadParameter(f"no column of pictures among {', '.join(batch)}: name it by image=, or give load=")

    def _one(self, row: dict[str, Any], column: str | None) -> Any:
        try:
            return self._picture(self.load(row) if self.load is not None else row[str(column)])
        except Exception as error:  # whatever a picture does to its decoder, the others go on
            return error

    def _picture(self, given: Any) -> Any:
        if isinstance(given, (bytes, bytearray, memoryview)):
            given = open_image(io.BytesIO(given), keep=self.as_they_are, inks=not self.as_they_are)
        given = as_deep(given)
        if isinstance(given, DeepImage):
            return given if self.as_they_are else np.asarray(given.in_8_bits().convert("RGB"))
        if not hasattr(given, "getbands"):
            return np.asarray(given)
        return given if self.as_they_are else np.asarray(given.convert("RGB"))


class _Encode:
    """An actor: a model, and shards that it writes."""

    def __init__(
        self,
        store: str,
        model: str,
        threads: int,
        device: str,
        resume: bool,
        target: dict,
        sequence: int,
        pictures: _Pictures,
    ) -> None:
        self.folder, self.target, self.pictures = Path(store), target, pictures
        self.sequence = sequence
        self.before = LatentStore(store) if resume else None
        self.model = find_model(model)
        self.chain = Pipeline.parse(f"vae('{model}')")
        self.context = Context(threads=threads, device=device, on_error="collect")

    def __call__(self, batch: dict[str, Any]) -> dict[str, list]:
        keys, pictures = self.pictures.keys(batch), self.pictures.of(batch)
        hashes = [_hash(picture) for picture in pictures]
        rows = [self._row_before(key, digest) for key, digest in zip(keys, hashes, strict=True)]
        new = [i for i, row in enumerate(rows) if row is None]
        latents = self._latents([pictures[i] for i in new])
        sizes = [getattr(pictures[i], "shape", ())[:2] for i in new]
        made = self._shard([keys[i] for i in new], [hashes[i] for i in new], sizes, latents)
        fresh = iter(made)
        all_rows = [next(fresh) if row is None else row for row in rows]
        return {name: [row[name] for row in all_rows] for name in ("key", "error", "shard", "bytes")}

    def _row_before(self, key: str, digest: str) -> dict[str, Any] | None:
        """What the store has already; nothing if it is stale."""
        if self.before is None or key not in self.before:
            return None
        item = self.before.item(key)
        shard = self.before.shards[item.shard]
        if item.facts.source_hash != digest or (item.facts.model_hash or shard.model.hash) != self.model.hash:
            return None
        return {"key": key, "error": "", "shard": Path(shard.path).name, "bytes": item.bytes}

    def _latents(self, pictures: Sequence[np.ndarray | Exception]) -> list[np.ndarray | Exception]:
        """Those of one shape go through the model together."""
        out: list[Any] = list(pictures)
        shapes: dict[tuple, list[int]] = {}
        for i, picture in enumerate(pictures):
            if not isinstance(picture, Exception):
                shapes.setdefault(picture.shape, []).append(i)
        for shape, numbers in shapes.items():
            together = max(1, (64 << 20) // max(1, int(np.prod(shape[:2])) * _PER_PIXEL))
            for begin in range(0, len(numbers), together):
                self._encode(pictures, numbers[begin : begin + together], out)
        return out

    def _encode(self, pictures: Sequence[Any], numbers: Sequence[int], out: list[Any]) -> None:
        try:
            pixels = sum(int(np.prod(pictures[i].shape[:2])) for i in numbers)
            world = World(arena_bytes=_SPARE + pixels * _PER_PIXEL)
            entities = [world.spawn_image(pictures[i]) for i in numbers]
            failed = {f.entity: f.error for f in self.chain.run(world, entities, self.context).failed}
            for i, entity in zip(numbers, entities, strict=True):
                out[i] = failed.get(entity) or np.array(world.get(entity, "Latent4"))
        except VaeransError as error:
            if len(numbers) == 1:
                out[numbers[0]] = error
                return
            for i in numbers:  # which of them it was
                self._encode(pictures, [i], out)

    def _shard(
        self, keys: Sequence[str], hashes: Sequence[str], sizes: Sequence[tuple], latents: Sequence[Any]
    ) -> list[dict[str, Any]]:
        """Writes one shard of what went well; a row for each item."""
        errors = [_text(latent) for latent in latents]
        about = self.model
        options = {"model": about.name, "model_hash": about.hash, "scaling": about.scaling, "shift": about.shift}
        options |= {"sequence": self.sequence, "shard_bytes": 1 << 62, "replace": True, **self.target}
        with tempfile.TemporaryDirectory(prefix=".ray-", dir=self.folder) as room:
            with LatentStore.writer(room, **options) as writer:
                for i, key in enumerate(keys):
                    if errors[i]:
                        continue
                    try:
                        writer.add(key, latents[i], source_hash=hashes[i], size=(sizes[i][1], sizes[i][0]))
                    except VaeransError as error:
                        errors[i] = _text(error)
            written = LatentStore(room)
            bytes_of = [0 if error else written.item(key).bytes for key, error in zip(keys, errors, strict=True)]
            shard = _placed(Path(written.shards[0].path), self.folder) if len(written) else ""
        rows = zip(keys, errors, bytes_of, strict=True)
        return [{"key": k, "error": e, "shard": "" if e else shard, "bytes": n} for k, e, n in rows]


def _hash(picture: np.ndarray | Exception) -> str:
    """SHA-256 of shape and pixels."""
    if isinstance(picture, Exception):
        return ""
    return hashlib.sha256(repr(picture.shape).encode() + np.ascontiguousarray(picture).tobytes()).hexdigest()


def _placed(shard: Path, folder: Path) -> str:
    """Moves a whole shard to where readers see it, under a name made of its content."""
    digest = hashlib.sha256(shard.read_bytes()).hexdigest()
    name = f"ray-{digest[:32]}.vls"
    with shard.open("rb") as file:
        os.fsync(file.fileno())
    shard.replace(folder / name)
    return name


def _text(outcome: Any) -> str:
    return f"{type(outcome).__name__}: {outcome}" if isinstance(outcome, Exception) else ""


class _Compress:
    """An actor that makes .vrs files."""

    def __init__(self, options: dict[str, Any], pictures: _Pictures) -> None:
        self.options, self.pictures = options, pictures
        self.context = Context(threads=1, on_error="collect")

    def __call__(self, batch: dict[str, Any]) -> dict[str, list]:
        keys, pictures = self.pictures.keys(batch), self.pictures.of(batch)
        files: list[Any] = list(pictures)
        good = [i for i, picture in enumerate(pictures) if not isinstance(picture, Exception)]
        made = api.compress([pictures[i] for i in good], context=self.context, **self.options) if good else []
        for i, file in zip(good, made, strict=True):
            files[i] = file
        data = [b"" if isinstance(file, Exception) else file for file in files]
        return {"key": keys, "error": [_text(file) for file in files], "data": data}

"""Caches of trainers into stores, and back.

    cache_to_store("cache", "store", rmse=0.02)
    store_to_cache("store", "again")  # the same files under the same names

A file becomes an item whose key is its path below the folder. Its floating-point arrays are coded within the target;
integers, booleans and arrays of a few numbers are kept as they are, in the item's user data. On the way back every
array has its name, shape and type again, and no loss but the target's.
"""

from __future__ import annotations

import base64
import fnmatch
import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import quote

import numpy as np

from .._values import given_path, given_whole, text
from ..errors import BadParameter, InvalidArgument, LimitExceeded, OutputExists
from ._names import key_of, keys_of
from ._numbers import Numbers
from .blobs import target_of
from .caches import FORMS, CacheItem, read_cache, write_cache
from .caches.item import Array
from .store import LatentStore
from .writer import LatentWriter

__all__ = ["MASKS", "Conversion", "cache_to_store", "store_to_cache"]

# Masks are pictures of eight bits, divided by 255: half a level keeps each of them.
MASKS = {"alpha_mask*": {"max_error": 1 / 512}}
_FEW = 64  # numbers up to which an array is kept as it is
_MOST_KEPT = 256 << 10  # bytes that an item's user data may hold of them
_CODED = ("float16", "float32", "float64", "bfloat16")


@dataclass
class Conversion:
    """What became of the files or items: how many were made and were there already, and which failed and why."""

    made: int = 0
    skipped: int = 0
    failed: list[tuple[str, Exception]] = field(default_factory=list)


def cache_to_store(
    source: str | Path | Iterable[str | Path],
    store: str | Path,
    *,
    targets: Mapping[str, Mapping[str, Any]] | None = None,
    resume: bool = False,
    replace: bool = False,
    threads: int = 1,
    progress: Callable[[str], object] | None = None,
    rmse: float | None = None,
    bits: float | None = None,
    step: float | None = None,
    max_error: float | None = None,
    lossless: bool = False,
    **writer: Any,
) -> Conversion:
    """Packs a folder of cache files, or those that are listed, into a store.

    targets: options of encode_blob() for arrays whose name matches a pattern; the first that matches counts, MASKS come
    last; others get the target that is given (rmse=0.02 if none is). resume: skip what is there and current, finish
    what a killed writer left; replace: make stale items anew. writer: further options of LatentStore.writer(). A file
    that cannot be converted is named in the result and costs none of the others.
    """
    target: dict[str, Any] = {"rmse": rmse, "bits": bits, "step": step, "max_error": max_error, "lossless": lossless}
    target_of(**target)
    patterns = _patterns(targets or {})
    files = _files(source)
    patterns |= {pattern: MASKS[pattern] for pattern in MASKS if pattern not in patterns}
    workers = given_whole("threads", threads, 0)
    options = {**writer, "resume": resume, "replace": replace, **target}
    with LatentStore.writer(store, **options) as opened:
        packer = _Packer(opened, patterns, bool(resume or replace))
        return _run(files, lambda file: packer.pack(*file), workers, progress)


def store_to_cache(
    store: str | Path | LatentStore,
    folder: str | Path,
    *,
    form: str | None = None,
    keys: Sequence[str] | None = None,
    threads: int = 1,
    progress: Callable[[str], object] | None = None,
) -> Conversion:
    """Writes a store's items as cache files, each in the form that it had, or in `form` ('.npz', '.safetensors', …).

    Items that come from no cache file become .npz files. Keys that would lead out of the folder are written under a
    name made of them. Files that are there are replaced; of two items that would get the same name one fails.
    """
    named = text("form", form)
    suffix = None if form is None else named if named.startswith(".") else f".{named}"
    if suffix is not None and suffix not in FORMS:
        raise BadParameter(f"form {form}: there are {', '.join(FORMS)}")
    opened = store if isinstance(store, LatentStore) else LatentStore(store)
    wanted = dict.fromkeys(opened.keys() if keys is None else [key_of(key) for key in keys_of(keys)])
    root, workers = Path(given_path("folder", folder)), given_whole("threads", threads, 0)
    taken: dict[Path, str] = {}
    return _run(
        [(key, None) for key in wanted],
        lambda item: _unpack(opened, item[0], root, suffix, taken),
        workers,
        progress,
    )


def _patterns(targets: Any) -> dict[str, Mapping[str, Any]]:
    if not isinstance(targets, Mapping) or not all(isinstance(one, Mapping) for one in targets.values()):
        raise BadParameter(f"targets are options of encode_blob() by name or pattern, not {targets!r}")
    return {text("a pattern of targets", name): options for name, options in targets.items()}


def _files(source: str | Path | Iterable[str | Path]) -> list[tuple[str, Path]]:
    """(key, path) of each file, in the order of the keys."""
    if isinstance(source, (str, Path)) and Path(given_path("source", source)).is_dir():
        root = Path(source)
        found = sorted(path for path in root.rglob("*") if path.suffix.lower() in FORMS and path.is_file())
        return [(path.relative_to(root).as_posix(), path) for path in found]
    if not isinstance(source, Iterable):
        raise BadParameter(f"source is a folder or a list of files, not {source!r}")
    listed = [source] if isinstance(source, (str, Path)) else source
    paths = [Path(given_path("a file of source", path)) for path in listed]
    return [(path.as_posix(), path) for path in paths]


def _run(
    work: Sequence[tuple[str, Any]],
    one: Callable[[tuple[str, Any]], bool],
    threads: int,
    progress: Callable[[str], object] | None,
) -> Conversion:
    done = Conversion()
    if progress is not None and not callable(progress):
        raise BadParameter(f"progress is a function that takes a key, not {progress!r}")

    def guarded(item: tuple[str, Any]) -> tuple[str, bool | Exception]:
        try:
            return item[0], one(item)
        except Exception as error:  # whatever a file does to its reader, the others go on
            return item[0], error

    with ThreadPoolExecutor(max(1, threads)) as pool:
        for key, outcome in pool.map(guarded, work):
            if isinstance(outcome, Exception):
                done.failed.append((key, outcome))
            else:
                done.made += outcome
                done.skipped += not outcome
            if progress is not None:
                progress(key)
    return done


class _Packer:
    def __init__(self, writer: LatentWriter, targets: Mapping[str, Mapping[str, Any]], skip: bool) -> None:
        self.writer, self.targets, self.skip = writer, targets, skip

    def pack(self, key: str, path: Path) -> bool:
        """Whether the item was made; False where it is there already."""
        source_hash = _hash(path)
        if self.skip and self.writer.is_current(key, source_hash):
            return False
        item = read_cache(path)
        coded, kept, types = {}, {}, {}
        for name, array in item.arrays.items():
            if not _is_coded(array):
                kept[name] = _kept(array)
                continue
            if isinstance(array, np.ndarray) and array.dtype == np.float64:
                types[name] = "float64"
                array = array.astype(np.float32)
            coded[name] = (array, {"channel_axis": channel_axis_of(array), **self._target(name)})
        if not coded:
            raise InvalidArgument(f"{key}: no array of floating-point numbers to code")
        if sum(len(entry["data"]) for entry in kept.values()) > _MOST_KEPT:
            raise LimitExceeded(f"{key}: integers of more than {_MOST_KEPT} bytes, which would be kept as they are")
        about = {"form": path.suffix.lower(), "order": list(item.arrays), "kept": kept}
        about |= {"types": types, "metadata": item.metadata, "layout": item.layout}
        user = {"cache": {name: value for name, value in about.items() if value not in (None, {})}}
        self.writer.add(key, coded, source_hash=source_hash, user=user, **item.facts())
        return True

    def _target(self, name: str) -> Mapping[str, Any]:
        for pattern, target in self.targets.items():
            if fnmatch.fnmatchcase(name, pattern):
                return target
        return {}


def channel_axis_of(array: Array) -> int:
    """The last axis of two, such as a text embedding's width; else the first, batches of one left aside."""
    shape = (array.values if isinstance(array, Numbers) else array).shape
    ones = 0
    while len(shape) - ones > 2 and shape[ones] == 1:
        ones += 1
    return ones + 1 if len(shape) - ones == 2 else ones


def _type_name(array: Array) -> str:
    return "bfloat16" if isinstance(array, Numbers) else array.dtype.name


def _is_coded(array: Array) -> bool:
    values = array.values if isinstance(array, Numbers) else array
    return _type_name(array) in _CODED and values.size > _FEW and values.ndim <= 6


def _kept(array: Array) -> dict[str, Any]:
    values = np.asarray(array.values if isinstance(array, Numbers) else array)
    if values.dtype.hasobject:
        raise InvalidArgument("pickled objects cannot be kept")
    data = base64.b64encode(np.ascontiguousarray(values).tobytes()).decode()
    return {"type": values.dtype.str if not isinstance(array, Numbers) else "bf16", "shape": values.shape, "data": data}


def _restored(entry: Mapping[str, Any]) -> Array:
    raw, brain = base64.b64decode(entry["data"]), entry["type"] == "bf16"
    values = np.frombuffer(raw, np.uint16 if brain else np.dtype(entry["type"])).reshape(entry["shape"]).copy()
    return Numbers(values, "bf16") if brain else values


def _unpack(store: LatentStore, key: str, folder: Path, suffix: str | None, taken: dict[Path, str]) -> bool:
    item = store.item(key)
    about = json.loads(item.facts.user or "{}")
    about = about.get("cache", {}) if isinstance(about, dict) else {}
    arrays: dict[str, Array] = {}
    for name in item.arrays:
        numbers = store.numbers(key, name)
        arrays[name] = numbers if numbers.kind == "bf16" else numbers.values
        if name in about.get("types", {}):
            arrays[name] = numbers.values.astype(about["types"][name])
    arrays |= {name: _restored(entry) for name, entry in about.get("kept", {}).items()}
    ordered = {name: arrays[name] for name in about.get("order", arrays)}
    path = _path_of(folder, key, about.get("form", ""), suffix)
    if (owner := taken.setdefault(path, key)) != key:
        raise OutputExists(f"{key}: {path.name} would replace that of {owner}; write it into another folder")
    path.parent.mkdir(parents=True, exist_ok=True)
    write_cache(path, CacheItem(ordered, about.get("metadata", {}), about.get("layout")))
    return True


def _path_of(folder: Path, key: str, form: str, suffix: str | None) -> Path:
    inside = PurePosixPath(key)
    leads_out = inside.is_absolute() or ".." in inside.parts or "\\" in key or "\0" in key or not inside.name
    if leads_out:
        inside = PurePosixPath(quote(key, safe=" "))
    if form and suffix in (None, form):
        return folder / inside
    new = suffix or ".npz"
    return folder / (inside.with_suffix(new) if form else inside.with_name(inside.name + new))


def _hash(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()

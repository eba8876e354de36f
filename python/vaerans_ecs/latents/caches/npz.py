"""NumPy's files: `.npz` of many arrays, `.npy` of one. Pickled objects are refused."""

from __future__ import annotations

from pathlib import Path
from typing import IO, Any

import numpy as np

from ...errors import CorruptStream, DTypeError, InvalidArgument
from .._numbers import Numbers, released
from .item import Array, CacheItem

ONE = "array"  # the name of the only array of a .npy file


def read(path: Path) -> CacheItem:
    """The arrays of a file of either form."""
    return CacheItem(_loaded(path))


def write(file: IO[bytes], item: CacheItem) -> None:
    arrays: dict[str, Any] = {name: _plain(array) for name, array in item.arrays.items()}
    np.savez(file, **arrays)


def write_one(file: IO[bytes], item: CacheItem) -> None:
    if len(item.arrays) != 1:
        raise InvalidArgument(f"a .npy file holds one array, not {len(item.arrays)}")
    np.save(file, _plain(next(iter(item.arrays.values()))))


def _loaded(path: Path) -> dict[str, Array]:
    try:
        found = np.load(path, allow_pickle=False)
        if isinstance(found, np.ndarray):
            return {ONE: found}
        with found:
            return {name: found[name] for name in found.files}
    except OSError:
        raise
    except Exception as error:  # those of zip, zlib and NumPy's headers, encrypted files
        if "pickle" in str(error) and "Object arrays" in str(error):
            raise DTypeError(f"{path}: it holds pickled objects, which are not read") from None
        raise CorruptStream(f"{path}: no sound file of NumPy: {error}") from None


def _plain(array: Array) -> np.ndarray:
    """bfloat16 has no place in NumPy's files: float32 holds every value of it."""
    if isinstance(array, Numbers):
        if array.kind == "bf16":
            return (array.values.astype(np.uint32) << 16).view(np.float32)
        return released(array.values, array.kind)
    return array

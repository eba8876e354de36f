"""Files of safetensors."""

from __future__ import annotations

from pathlib import Path

from .._safetensors import SafetensorsFile, write_safetensors
from .item import CacheItem


def read(path: Path) -> CacheItem:
    file = SafetensorsFile(path)
    return CacheItem({name: file[name] for name in file}, file.metadata)


def write(path: Path, item: CacheItem) -> None:
    write_safetensors(path, item.arrays, item.metadata)

"""Files of safetensors."""

from __future__ import annotations

from pathlib import Path
from typing import IO

from .._safetensors import SafetensorsFile, put_safetensors
from .item import CacheItem


def read(path: Path) -> CacheItem:
    file = SafetensorsFile(path)
    return CacheItem({name: file[name] for name in file}, file.metadata)


def write(file: IO[bytes], item: CacheItem) -> None:
    put_safetensors(file, item.arrays, item.metadata)

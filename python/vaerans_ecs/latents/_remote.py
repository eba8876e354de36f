"""Stores at addresses that fsspec knows: which shards there are, and parts of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..errors import FileError, RuntimeNotFound

Files = list[tuple[str, int]]
Fetch = Callable[[list[tuple[str, int, int]]], list[bytes]]


def remote_files(address: str, options: Mapping[str, Any]) -> tuple[Files, Fetch]:
    """(name, size) of the shards at an address, and what brings parts of them: as many at once as the server likes."""
    system, root = _filesystem(address, options)
    paths = [root] if root.endswith(".vls") else sorted(_shards(system, address, root))
    files = [(path, int(system.size(path))) for path in paths]

    def fetch(ranges: list[tuple[str, int, int]]) -> list[bytes]:
        names, starts, ends = [], [], []
        for path, offset, count in ranges:
            names.append(path)
            starts.append(offset)
            ends.append(offset + count)
        try:
            return system.cat_ranges(names, starts, ends, on_error="raise")
        except (OSError, ValueError) as error:
            raise FileError(f"{address}: {error}") from error

    return files, fetch


def _filesystem(address: str, options: Mapping[str, Any]) -> tuple[Any, str]:
    try:
        import fsspec
    except ImportError:
        raise RuntimeNotFound(f"{address}: addresses need fsspec: pip install 'vaerans-ecs[remote]'") from None
    try:
        return fsspec.core.url_to_fs(address, **options)
    except (ValueError, ImportError) as error:
        raise FileError(f"{address}: {error}") from error


def _shards(system: Any, address: str, root: str) -> list[str]:
    try:
        return [path for path in system.ls(root, detail=False) if path.endswith(".vls")]
    except FileNotFoundError:
        raise FileError(f"{address}: there is no such store") from None
    except OSError as error:
        raise FileError(f"{address}: {error}") from error

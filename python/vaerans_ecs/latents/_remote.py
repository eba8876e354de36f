"""Stores at addresses that fsspec knows: which shards there are, and parts of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..errors import FileError, RuntimeNotFound

Files = list[tuple[str, int]]


class Fetch:
    """Brings parts of the shards at an address: as many at once as the server likes. Raises FileError.

    `failure`: the last one, since the library hands on its text alone.
    """

    def __init__(self, system: Any, address: str) -> None:
        self._system, self._address = system, address
        self.failure: FileError | None = None

    def __call__(self, ranges: list[tuple[str, int, int]]) -> list[bytes]:
        names = [path for path, _, _ in ranges]
        starts, ends = [at for _, at, _ in ranges], [at + count for _, at, count in ranges]
        try:
            return self._system.cat_ranges(names, starts, ends, on_error="raise")
        except Exception as error:  # those of the file system's own library
            self.failure = _file_error(self._address, error)
            raise self.failure from error


def remote_files(address: str, options: Mapping[str, Any]) -> tuple[Files, Fetch]:
    """(name, size) of the shards at an address, and what brings parts of them. Raises FileError, RuntimeNotFound."""
    system, root = _filesystem(address, options)
    paths = [root] if root.endswith(".vls") else sorted(_shards(system, address, root))
    try:
        files = [(path, int(system.size(path))) for path in paths]
    except FileNotFoundError:
        raise FileError(f"{address}: there is no such store") from None
    except Exception as error:  # TypeError where a server does not say how long it is, among others
        raise _file_error(address, error) from error
    return files, Fetch(system, address)


def _file_error(address: str, error: Exception) -> FileError:
    if isinstance(error, FileNotFoundError):
        return FileError(f"{address}: there is no such file any more: {error}")
    return FileError(f"{address}: {str(error) or type(error).__name__}")


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
    except Exception as error:
        raise _file_error(address, error) from error

"""The bytes of .vrs files, wherever they come from."""

from __future__ import annotations

from os import PathLike
from pathlib import Path
from typing import Any

from . import _vaerans
from ._values import bytes_of, given_path
from .errors import InvalidArgument
from .pictures import is_file, shown


def read_bytes(data: Any, place: int | None = None) -> bytes:
    """The bytes of a .vrs file: given as they are, as a path, or as an open file.

    Raises InvalidArgument, OSError; BadParameter for a path that no file can have. Of a file that is none only the
    first bytes come: they are enough for the error that follows.
    """
    if hasattr(data, "read") and is_file(data):
        return _read_open(data, place)
    if is_file(data):
        with Path(given_path("the path of a file", data)).open("rb") as file:
            return _read_open(file, place)
    return _plain_bytes(data, place)


def seeks(file: Any) -> bool:
    """Whether an open file can be read in any order."""
    return hasattr(file, "seekable") and bool(file.seekable())


def in_parts(data: Any) -> Any:
    """What the native module reads only parts of: the text of a path, an open file that seeks; of others the bytes."""
    if isinstance(data, (str, PathLike)):
        return given_path("the path of a file", data)
    return data if is_file(data) and seeks(data) else read_bytes(data)


def front_of(file: Any, place: int | None = None) -> bytes:
    """The first bytes of an open file, by which it is known; a pipe may give them one by one."""
    front = b""
    while len(front) < 4 and (more := _plain_bytes(file.read(4 - len(front)), place)):
        front += more
    return front


def _read_open(file: Any, place: int | None) -> bytes:
    front = front_of(file, place)
    return front + _plain_bytes(file.read(), place) if _vaerans.begins_as_vrs(front) else front


def _plain_bytes(data: Any, place: int | None) -> bytes:
    found = bytes_of(data)
    if found is None:
        where = "" if place is None else f"file {place} of the list: "
        raise InvalidArgument(f"{where}a .vrs file is bytes, a path or an open file, not {type(data).__name__}")
    return found


def name_of(data: Any, place: int) -> str:
    """How messages name a file of a list."""
    return shown(data) if isinstance(data, (str, PathLike)) else f"file {place} of the list"

"""open() and save(): .vrs files by their paths."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import numpy as np

from ._keywords import path as text_of_path
from .api import compress, decompress
from .errors import FileError, InvalidArgument, OutputExists
from .pictures import PICTURE_SUFFIXES


def open(path: Any, **options: Any) -> np.ndarray:
    """The picture in a .vrs file: (H, W, 3) uint8. `path`: one, or an open file. `options` as for decompress()."""
    return decompress(path, **options)


def save(path: Any, image: Any, quality: float | None = None, *, force: bool = False, **options: Any) -> int:
    """Compresses a picture into a .vrs file and returns its bytes. `image`, `quality` and `options` as for compress().

    `path`: one, or a file that is open for writing bytes. A file appears under its path whole or not at all. Raises
    OutputExists where there is one, unless `force` is given; InvalidArgument for a path that is called as pictures are.
    """
    if hasattr(path, "write"):
        return int(path.write(compress(image, quality, **options)))
    target = Path(text_of_path("path", path))
    check_target(target, force)
    data = compress(image, quality, **options)
    write_whole(target, data)
    return len(data)


def check_target(target: Path, force: bool) -> None:
    """Whether a .vrs file may be written there. Raises OutputExists, InvalidArgument, FileError."""
    if target.suffix.lower() in PICTURE_SUFFIXES:
        better = target.with_suffix(".vrs")
        raise InvalidArgument(f"{target}: what is written is a .vrs file, whatever its name says; use {better}")
    if target.exists() and not force:
        raise OutputExists(f"{target}: there is a file of that name; force=True replaces it")
    if not target.parent.is_dir():
        raise FileError(f"{target}: cannot be written: there is no folder {target.parent}")


def write_whole(path: Path, data: bytes) -> None:
    """Writes beside `path` and renames: a reader sees the old file or the whole new one."""
    with whole_file(path) as file:
        file.write(data)


@contextlib.contextmanager
def whole_file(path: Path) -> Iterator[IO[bytes]]:
    """A file to write to that gets its name at the end, and is removed where that is not reached."""
    import tempfile  # which whoever only reads has no use for

    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name + ".", suffix=".part")
    except OSError as error:  # which would name the temporary file
        raise FileError(f"{path}: cannot be written: {error.strerror}") from error
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
        temporary.chmod(0o666 & ~_umask())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _umask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current

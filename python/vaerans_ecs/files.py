"""open() and save(): .vrs files by their paths."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import Any

import numpy as np

from ._values import flag, given_path
from ._writing import check_writable, in_place, whole_writes, write_whole
from .api import compress, decompress, is_many
from .errors import BadParameter, InvalidArgument, OutputExists
from .pictures import PICTURE_SUFFIXES


def open(path: Any, **options: Any) -> np.ndarray:
    """The picture in a .vrs file: (H, W, 3) uint8. `path`: one, or an open file. `options` as for decompress()."""
    return decompress(path, **options)


def save(path: Any, image: Any, quality: float | None = None, *, force: bool = False, **options: Any) -> int:
    """Compresses a picture into a .vrs file and returns its bytes. `image`, `quality` and `options` as for compress().

    `path`: one, or a file that is open for writing bytes. A file appears under its path whole or not at all; pipes and
    devices are written to, links are followed, and the rights of a file stay. Raises OutputExists where there is a
    file, unless `force` is given; InvalidArgument for a path that is called as pictures are.
    """
    if is_many(image):
        raise BadParameter("save() takes one picture for one file; compress() gives a list of files for several")
    if hasattr(path, "write"):
        check_open(path)
        data = compress(image, quality, **options)
        whole_writes(path)(data)
        return len(data)
    target, replacing = path_of(path), flag("force", force)
    check_target(target, replacing)
    data = compress(image, quality, **options)
    write_whole(target, data, replacing)
    return len(data)


def path_of(file: Any) -> Path:
    """Raises InvalidArgument for what is none, BadParameter for one that no file can have."""
    if isinstance(file, (str, os.PathLike)):
        return Path(given_path("path", file))
    raise InvalidArgument(f"a .vrs file is written to a path or an open file, not {type(file).__name__}")


def check_target(target: Path, force: bool) -> None:
    """Whether a .vrs file may be written there. Raises OutputExists, InvalidArgument, FileError."""
    if target.suffix.lower() in PICTURE_SUFFIXES:
        better = target.with_suffix(".vrs")
        raise InvalidArgument(f"{target}: what is written is a .vrs file, whatever its name says; use {better}")
    check_writable(target)
    if os.path.lexists(target) and not in_place(target) and not force:
        raise OutputExists(f"{target}: there is a file of that name; force=True replaces it")


def check_open(file: Any) -> None:
    """Raises InvalidArgument for a file that is open for text."""
    if isinstance(file, io.TextIOBase):
        raise InvalidArgument("the file is open for text; a .vrs file is bytes: open it with mode 'wb'")

"""open() and save(): .vrs files by their paths."""

from __future__ import annotations

import contextlib
import errno
import io
import itertools
import os
import stat
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

import numpy as np

from .api import compress, decompress, is_many
from .errors import BadParameter, FileError, InvalidArgument, OutputExists, VaeransError
from .pictures import PICTURE_SUFFIXES

_numbers = itertools.count()  # of the temporary files of this process


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
    target = path_of(path)
    check_target(target, force)
    data = compress(image, quality, **options)
    write_whole(target, data, force)
    return len(data)


def path_of(file: Any) -> Path:
    """Raises InvalidArgument for what is none."""
    if isinstance(file, (str, os.PathLike)):
        return Path(file)
    raise InvalidArgument(f"a .vrs file is written to a path or an open file, not {type(file).__name__}")


def check_target(target: Path, force: bool) -> None:
    """Whether a .vrs file may be written there. Raises OutputExists, InvalidArgument, FileError."""
    if target.suffix.lower() in PICTURE_SUFFIXES:
        better = target.with_suffix(".vrs")
        raise InvalidArgument(f"{target}: what is written is a .vrs file, whatever its name says; use {better}")
    check_writable(target)
    if os.path.lexists(target) and not _in_place(target) and not force:
        raise OutputExists(f"{target}: there is a file of that name; force=True replaces it")


def check_writable(target: Path) -> None:
    """What can be said before the work. Raises FileError for a folder, or where there is none for the file."""
    if target.is_dir():
        raise FileError(f"{target}: cannot be written: it is a folder")
    if not target.parent.is_dir():
        raise FileError(f"{target}: cannot be written: there is no folder {target.parent}")


def check_open(file: Any) -> None:
    """Raises InvalidArgument for a file that is open for text."""
    if isinstance(file, io.TextIOBase):
        raise InvalidArgument("the file is open for text; a .vrs file is bytes: open it with mode 'wb'")


def whole_writes(file: Any) -> Callable[[bytes], None]:
    """A file that is not buffered may take a part of what it is given, and says how much."""

    def write(data: bytes) -> None:
        while data:
            taken = file.write(data)
            if taken is None and not isinstance(file, io.RawIOBase):
                return  # files that are no files of Python's seldom say anything
            if not taken:
                raise FileError(f"the open file took none of the {len(data)} bytes that it was given")
            data = data[taken:]

    return write


def write_whole(path: Path, data: bytes, force: bool = True) -> None:
    """Writes beside `path` and renames: a reader sees the old file or the whole new one."""
    with whole_file(path, force) as file:
        file.write(data)


@contextlib.contextmanager
def whole_file(path: Path, force: bool = True, sync: bool = True) -> Iterator[IO[bytes]]:
    """A file to write to that gets its name at the end, and is removed where that is not reached.

    As src/image_io/atomic_write.cpp does it: pipes and devices are written to, links are followed, the rights of a file
    that is replaced stay. Raises OutputExists where there is a file by then and no `force`; FileError.
    """
    try:
        check_writable(path)
        opened = path.open("wb", buffering=0) if _in_place(path) else None
        with _replacing(path, force, sync) if opened is None else io.BufferedWriter(opened) as file:
            yield file
    except VaeransError:
        raise
    except OSError as error:  # which would name the temporary file
        raise FileError(f"{path}: cannot be written: {error.strerror or error}") from error


@contextlib.contextmanager
def _replacing(path: Path, force: bool, sync: bool) -> Iterator[IO[bytes]]:
    # Renaming onto a link would replace the link.
    target = path.resolve() if path.exists() else path
    # Short whatever the target's name, and known to the command line, which clears away what killed processes leave.
    name = f".vaerans-{os.getpid()}-{time.monotonic_ns()}-{next(_numbers)}.tmp"
    temporary = target.parent / name
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_CLOEXEC", 0), 0o666)
    try:
        with os.fdopen(handle, "wb") as file:
            if path.exists():
                with contextlib.suppress(OSError):
                    temporary.chmod(stat.S_IMODE(path.stat().st_mode))
            yield file
            file.flush()
            if sync:
                _sync(handle)
        _name(temporary, target, force)
    finally:
        temporary.unlink(missing_ok=True)


def _name(temporary: Path, target: Path, force: bool) -> None:
    if not force:
        try:
            os.link(temporary, target)  # which refuses what came there since the check; a rename would replace it
            return
        except FileExistsError:
            raise OutputExists(f"{target}: there is a file of that name by now; force=True replaces it") from None
        except OSError:  # a file system without hard links
            check_target(target, force)
    temporary.replace(target)


def _sync(handle: int) -> None:
    """Network and quota file systems may take a write and fail here; others cannot do it at all."""
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise


def _in_place(path: Path) -> bool:
    """Whether it is a pipe or a device, which is written to and never replaced."""
    return path.exists() and not path.is_file()

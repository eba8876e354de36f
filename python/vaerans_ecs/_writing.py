"""Files are written whole or not at all, wherever the package writes one."""

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

from .errors import FileError, OutputExists, VaeransError

_numbers = itertools.count()  # tells apart the temporary files of this process


def check_writable(target: Path) -> None:
    """What can be said before the work. Raises FileError for a folder, or where there is none for the file."""
    if target.is_dir():
        raise FileError(f"{target}: cannot be written: it is a folder")
    if not target.parent.is_dir():
        raise FileError(f"{target}: cannot be written: there is no folder {target.parent}")


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
        opened = path.open("wb", buffering=0) if in_place(path) else None
        with _replacing(path, force, sync) if opened is None else io.BufferedWriter(opened) as file:
            yield file
    except VaeransError:
        raise
    except OSError as error:  # which would name the temporary file
        raise FileError(f"{path}: cannot be written: {error.strerror or error}") from error


@contextlib.contextmanager
def _replacing(path: Path, force: bool, sync: bool) -> Iterator[IO[bytes]]:
    # Renaming onto a link would replace the link, be its file there or not.
    target = path.resolve() if path.is_symlink() else path
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
        except OSError:  # a file system without hard links, where this has to do
            if os.path.lexists(target):
                raise OutputExists(f"{target}: there is a file of that name by now; force=True replaces it") from None
    temporary.replace(target)


def _sync(handle: int) -> None:
    """Network and quota file systems may take a write and fail here; others cannot do it at all."""
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise


def in_place(path: Path) -> bool:
    """Whether it is a pipe or a device, which is written to and never replaced."""
    return path.exists() and not path.is_file()

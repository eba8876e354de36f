"""open() and save(): .vrs files by their paths."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import numpy as np

from .api import compress, decompress
from .errors import OutputExists


def open(path: str | os.PathLike[str], **options: Any) -> np.ndarray:
    """The picture in a .vrs file: (H, W, 3) uint8. `options` as for decompress()."""
    return decompress(Path(path), **options)


def save(
    path: str | os.PathLike[str], image: Any, quality: float | None = None, *, force: bool = False, **options: Any
) -> int:
    """Compresses a picture into a .vrs file and returns its bytes. `image`, `quality` and `options` as for compress().

    The file appears whole or not at all. Raises OutputExists where there is one, unless `force` is given.
    """
    target = Path(path)
    if target.exists() and not force:
        raise OutputExists(f"{target}: there is a file of that name; force=True replaces it")
    data = compress(image, quality, **options)
    write_whole(target, data)
    return len(data)


def write_whole(path: Path, data: bytes) -> None:
    """Writes beside `path` and renames: a reader sees the old file or the whole new one."""
    with whole_file(path) as file:
        file.write(data)


@contextlib.contextmanager
def whole_file(path: Path) -> Iterator[IO[bytes]]:
    """A file to write to that gets its name at the end, and is removed where that is not reached."""
    import tempfile  # which whoever only reads has no use for

    handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name + ".", suffix=".part")
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

"""Files that commands read and write, stdin and stdout among them."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from .. import api
from .._vaerans import Limits, begins_as_vrs
from .._writing import write_whole
from ..errors import FileError, ImageUnreadable, LimitExceeded
from ..pictures import opening
from . import streams
from .targets import STANDARD, unwritable

_BLOCK = 1 << 16


class Stdin(io.BytesIO):
    name = "stdin"  # as errors say it


def source_of(name: str) -> Any:
    """An open file, or the path of one that can be opened."""
    if name == STANDARD:
        return Stdin(_all_of(streams.Stdin()))
    try:
        with Path(name).open("rb"):
            return Path(name)
    except OSError as error:
        raise FileError(f"{name}: cannot be read: {error.strerror or error}") from None


def _all_of(stream: streams.Stdin) -> bytes:
    """A picture or a .vrs file; what is neither is refused from its first bytes, however much follows."""
    front = stream.read(_BLOCK)
    try:
        if front and not begins_as_vrs(front[:4]):  # nothing at all is an error of its own
            opening.require_picture(front)
    except ImageUnreadable as error:
        raise ImageUnreadable(f"{Stdin.name}: {error}") from None
    most = Limits().max_file_bytes
    data = front + stream.read(most + 1 - len(front))
    if len(data) > most:
        raise LimitExceeded(f"{Stdin.name}: more than {most:,} bytes")
    return data


def bytes_of(name: str) -> bytes:
    """A .vrs file; of what is none only the first bytes are read, by which it is refused."""
    return api.read_bytes(streams.Stdin() if name == STANDARD else source_of(name))


def write(target: str, data: bytes, force: bool) -> None:
    try:
        if target == STANDARD:
            streams.write_stdout(data)
        else:
            write_whole(Path(target), data, force)
    except FileError:  # which says so already
        raise
    except OSError as error:
        raise unwritable(target, error) from None

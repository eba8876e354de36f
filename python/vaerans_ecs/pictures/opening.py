"""Picture files opened by Pillow under the limits of this library, which are those of a call, in the place of its own.

Pillow's limit (Image.MAX_IMAGE_PIXELS) belongs to the whole process: to lift it for a moment would lift it for other
threads. So what Image.open() does is done here, without it, and user's code keeps the limit that it has.
"""

from __future__ import annotations

import contextlib
import io
import os
import struct
from collections.abc import Iterator
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from .._vaerans import Limits
from ..errors import ImageUnreadable, LimitExceeded

_in_force: ContextVar[Limits | None] = ContextVar("limits of pictures", default=None)
NO_MEMORY = "there is not enough memory"  # as the program says it
KNOWN = "PNG, JPEG, WebP, TIFF, GIF, BMP, PPM"
NOT_KNOWN = f"not a picture in a format that is known here ({KNOWN}…)"
_FRONT = 16  # bytes that Pillow's formats are asked about
NOT_THIS_FORMAT = (SyntaxError, IndexError, TypeError, struct.error)  # as Pillow's decoders say it


@contextlib.contextmanager
def held_to(limits: Limits) -> Iterator[None]:
    """These limits hold for the pictures that are opened meanwhile, in this thread; else the usual ones do."""
    before = _in_force.set(limits)
    try:
        yield
    finally:
        _in_force.reset(before)


def opened(file: Any, formats: list[str] | None = None) -> Any:
    """An image of Pillow whose pixels are not read yet. `file`: a path or an open file.

    Raises ImageUnreadable for what is no picture, LimitExceeded, and what Pillow's formats raise.
    """
    own = isinstance(file, str | os.PathLike)
    source = Path(file).open("rb") if own else _seekable(file)  # noqa: SIM115  # the image closes it
    try:
        image = _recognised(source, os.fspath(file) if own else "", formats)
        require_small(*image.size)
    except BaseException:
        if own:
            source.close()
        raise
    image._exclusive_fp = source is not file  # it goes with the image
    return image


def require_picture(front: bytes) -> None:
    """Raises ImageUnreadable unless a file that begins so (64 bytes suffice) may be a picture; for streams."""
    from PIL import Image

    from .pam import MAGIC

    Image.init()
    begins = front[:_FRONT]
    if MAGIC.match(begins) or any(accepts and accepts(begins) for _, accepts in Image.OPEN.values()):
        return
    unsigned = [kind for kind, (_, accepts) in Image.OPEN.items() if not accepts]
    if all(_as_kind(kind, io.BytesIO(front), begins, "") is None for kind in unsigned):
        raise ImageUnreadable(NOT_KNOWN)


def _seekable(file: Any) -> Any:
    try:
        file.seek(0)
    except (AttributeError, io.UnsupportedOperation):
        return io.BytesIO(file.read())
    return file


def _recognised(source: Any, name: str, formats: list[str] | None) -> Any:
    """The usual formats are tried first; loading the others' modules takes a while."""
    from PIL import Image

    from .pam import MAGIC, PamImage

    Image.preinit()
    front, tried = source.read(_FRONT), set[str]()
    if MAGIC.match(front):
        source.seek(0)
        return PamImage(source, name)
    for more in (lambda: None, Image.init):
        more()
        for kind in formats or [kind for kind in Image.ID if kind not in tried]:
            tried.add(kind)
            image = _as_kind(kind, source, front, name)
            if image is not None:
                return image
    raise ImageUnreadable(NOT_KNOWN)


def _as_kind(kind: str, source: Any, front: bytes, name: str) -> Any:
    from PIL import Image

    make, accepts = Image.OPEN[kind]
    fits = accepts(front) if accepts else True
    if not fits or isinstance(fits, str):  # a text says what Pillow lacks for it
        return None
    try:
        source.seek(0)
        return make(source, name)
    except NOT_THIS_FORMAT:
        return None


def require_small(width: int, height: int) -> None:
    """Holds what a picture claims to be against the limits, in the words of src/image_io/decode.cpp."""
    limits = _in_force.get() or Limits()
    if max(width, height) > limits.max_side or width * height > limits.max_pixels:
        raise LimitExceeded(
            f"{width} x {height} pixels; the limit is {limits.max_pixels} pixels and {limits.max_side} per side"
        )

"""Pillow reads and writes .vrs files once this module is imported.

>>> import vaerans_ecs.pillow
>>> image = PIL.Image.open("photo.vrs")
>>> image.save("smaller.vrs", quality=50)
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import IO, Any

import numpy as np
from PIL import Image, ImageFile

from .api import compress, decompress, file_info, verify
from .errors import CorruptStream, ImageUnreadable
from .metadata import file_metadata, info_of

MAGIC = b"\xf6VRS"


class VrsImageFile(ImageFile.ImageFile):
    """A .vrs file: its size and mode are known when it is opened, its pixels when they are asked for.

    Modes L, LA, RGB, RGBA and I;16. Pillow has no other modes of 16 bits: of these pictures an image holds the upper 8,
    as of PNG files, with `info["bit_depth"]` 16; vaerans_ecs.decompress() gives them whole.
    """

    format = "VRS"
    format_description = "vaerans"

    def _open(self) -> None:
        assert self.fp is not None  # open while Pillow asks for this
        data = self.fp.read()
        self._data: bytes | None = data  # until its pixels are asked for
        with _errors_of_pillow():
            info, said = file_info(data), file_metadata(data)
        if info.source_key != "RGB":
            raise SyntaxError("the file holds a latent, not a picture")
        height, width, channels = info.source_shape
        self._size, self._mode = (width, height), _mode(channels, info.has_alpha, info.sample_type == "u16")
        self.info["recipe"] = info.recipe
        if info.sample_type == "u16" and self.mode != "I;16":
            self.info["bit_depth"] = 16
        self.info |= info_of(said)
        self.tile = []

    def load(self) -> Any:
        if self._data is not None:
            with _errors_of_pillow():
                samples = decompress(self._data)
            if "bit_depth" in self.info:
                samples = (samples >> 8).astype(np.uint8)
            self.im, self._data = Image.fromarray(samples).im, None
            self._close()
        return super().load()

    def verify(self) -> None:
        """Holds the checksums of the file against its bytes; as of other formats it is to be opened again then."""
        if self._data is not None:
            with _errors_of_pillow():
                verify(self._data)
        self._close()

    def _close(self) -> None:
        if self._exclusive_fp and self.fp:
            self.fp.close()
        self.fp = None


def _mode(channels: int, alpha: bool, deep: bool) -> str:
    if deep and channels == 1 and not alpha:
        return "I;16"
    return ("L" if channels == 1 else "RGB") + "A" * alpha


@contextlib.contextmanager
def _errors_of_pillow() -> Iterator[None]:
    """Whoever opens images looks for OSError where one is damaged."""
    try:
        yield
    except CorruptStream as error:
        raise ImageUnreadable(str(error)) from error


def save_vrs(image: Image.Image, file: IO[bytes], filename: str | bytes) -> None:
    """`quality`, `lossless` and whatever else compress() takes are keywords of Image.save(), and `icc_profile`."""
    options = dict(image.encoderinfo)
    if "icc_profile" in options:
        options["icc"] = options.pop("icc_profile")
    if isinstance(options.get("exif"), Image.Exif):
        options["exif"] = options["exif"].tobytes()
    file.write(compress(image, **options))


def register() -> None:
    """Makes Pillow know the format; importing the module does it."""
    Image.register_open(VrsImageFile.format, VrsImageFile, lambda prefix: prefix.startswith(MAGIC))
    Image.register_save(VrsImageFile.format, save_vrs)
    Image.register_extension(VrsImageFile.format, ".vrs")
    Image.register_mime(VrsImageFile.format, "image/x-vaerans")


register()

"""Pillow reads and writes .vrs files once this module is imported.

>>> import vaerans_ecs.pillow
>>> image = PIL.Image.open("photo.vrs")
>>> image.save("smaller.vrs", quality=50)
"""

from __future__ import annotations

from typing import IO, Any

from PIL import Image, ImageFile

from .api import compress, decompress, file_info
from .metadata import file_metadata

MAGIC = b"\xf6VRS"


class VrsImageFile(ImageFile.ImageFile):
    """A .vrs file: its size is known when it is opened, its pixels when they are asked for."""

    format = "VRS"
    format_description = "vaerans"

    def _open(self) -> None:
        assert self.fp is not None  # open while Pillow asks for this
        data = self.fp.read()
        self._data: bytes | None = data  # until its pixels are asked for
        info = file_info(data)
        if info.source_key != "RGB":
            raise SyntaxError("the file holds a latent, not a picture")
        height, width, _ = info.source_shape
        self._size, self._mode = (width, height), "RGB"
        self.info["recipe"] = info.recipe
        said = file_metadata(data)
        if said.icc:
            self.info["icc_profile"] = said.icc
        if said.exif:
            self.info["exif"] = b"Exif\0\0" + said.exif
        if said.xmp:
            self.info["xmp"] = said.xmp
        self.tile = []

    def load(self) -> Any:
        if self._data is not None:
            decoded = Image.fromarray(decompress(self._data))
            self.im, self._data = decoded.im, None
        return super().load()


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

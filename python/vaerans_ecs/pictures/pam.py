"""PAM pictures (P7 of Netpbm), which Pillow does not read; as src/image_io/readers/pnm.cpp does it."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
from PIL import Image, ImageFile

from ..errors import ImageUnreadable, ImageUnsupported

MAGIC = re.compile(rb"P7\s")
WORD = re.compile(rb"#[^\r\n]*|([^\s#]+)")
ANOTHER = re.compile(rb"P[1-7]\s")
FRONT = 1 << 16  # bytes of a header and its comments
NUMBERS = ("WIDTH", "HEIGHT", "DEPTH", "MAXVAL")
MODES = ("L", "LA", "RGB", "RGBA")  # one for each number of channels
CHANNELS = {
    **{"BLACKANDWHITE": 1, "GRAYSCALE": 1, "RGB": 3},
    **{"BLACKANDWHITE_ALPHA": 2, "GRAYSCALE_ALPHA": 2, "RGB_ALPHA": 4},
}


class PamImage(ImageFile.ImageFile):
    """Its tile says place, mode and maximum of the samples; what has more than 8 bits deep.py reads by these."""

    format = "PPM"
    format_description = "Netpbm's PAM"

    def _open(self) -> None:
        assert self.fp is not None  # open while Pillow asks for this
        said, offset = _header(self.fp.read(FRONT))
        kind, depth = said.get("TUPLTYPE", ""), said["DEPTH"]
        if not 1 <= depth <= 4 or CHANNELS.get(kind, 0 if kind else depth) != depth:
            raise ImageUnsupported(f"a PAM picture of {depth} channels of kind '{kind[:40]}'")
        if not 1 <= said["MAXVAL"] <= 65535:
            raise _damaged("a maximum that is not between 1 and 65535")
        self._size, self._mode, self._most = (said["WIDTH"], said["HEIGHT"]), MODES[depth - 1], int(said["MAXVAL"])
        if 0 in self._size:
            raise _damaged("a picture without pixels")
        self.tile = [ImageFile._Tile("pam", (0, 0, *self._size), offset, (self._mode, self._most))]

    def load(self) -> Any:
        if self.tile:
            assert self.fp is not None
            self.fp.seek(self.tile[0].offset)
            samples = samples_of(self.fp.read(), self._size, len(self.mode), self._most)
            self.tile = []
            self.im = Image.fromarray(samples).im
            if self._exclusive_fp:
                self.fp.close()
        return super().load()


def _header(front: bytes) -> tuple[dict[str, Any], int]:
    """What it says, and where the samples begin: one space behind its last word."""
    said: dict[str, Any] = dict.fromkeys(NUMBERS, 0)
    words = (found for found in WORD.finditer(front, 2) if found[1])
    for found in words:
        name = found[1].decode("latin-1")
        if name == "ENDHDR":
            return said, min(found.end() + 1, len(front))
        value = next(words, None)
        if value is None:
            break
        said[name] = _value(name, value[1].decode("latin-1"))
    raise _damaged("its header ends too early")


def _value(name: str, text: str) -> Any:
    if name == "TUPLTYPE":
        return text
    if name not in NUMBERS:
        raise _damaged(f"'{name[:20]}' in its header")
    if not re.fullmatch(r"[0-9]{1,18}", text):
        raise _damaged(f"'{text[:20]}' is no number of its header")
    return int(text)


def samples_of(raster: bytes, size: tuple[int, int], channels: int, most: int) -> np.ndarray:
    """(H, W) or (H, W, 2…4), scaled from a maximum of 1 to 255 to uint8, of one beyond to uint16."""
    deep, (width, height) = most > 255, size
    count, full = width * height * channels, 65535 if deep else 255
    needed = count * (2 if deep else 1)
    if len(raster) < needed:
        raise _damaged(f"{len(raster)} of {needed} bytes of pixels are there")
    if ANOTHER.match(raster, needed):
        raise ImageUnsupported("several PNM pictures in one file; vaerans takes one picture")
    values = np.frombuffer(raster, ">u2" if deep else np.uint8, count)
    if values.max() > most:
        raise _damaged(f"a sample of {values.max()}, over the maximum")
    scaled = values if most == full else (values.astype(np.int64) * full + most // 2) // most
    return scaled.astype(np.uint16 if deep else np.uint8).reshape(height, width, *([channels] if channels > 1 else []))


def _damaged(what: str) -> ImageUnreadable:
    return ImageUnreadable(f"damaged or cut short (PNM: {what})")

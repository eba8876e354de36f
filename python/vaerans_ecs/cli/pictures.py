"""Pictures in files, by Pillow: read for comparing, or as RGB.

Palettes of PNGs that are compressed without loss go along, and the pictures come back in them, as by the program.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np

from .. import _vaerans, api
from ..core.context import Context
from ..errors import ImageUnsupported
from ..metadata import info_of
from ..pictures import DeepImage, as_own_kind, in_srgb, metadata_of, open_image
from ..pictures.png import Palette, in_palette, numbers_in, read_palette


def read_picture(file: Any) -> np.ndarray:
    return np.asarray(as_own_kind(open_image(file)))


def as_plain_rgb(file: Any, keep: bool = False) -> Any:
    """The picture in a file as 8-bit RGB, whatever it is: the first page, alpha over white, 16 bits rounded.

    `keep`: in the colours of its profile, with that, EXIF and XMP in its `info`; else in sRGB.
    """
    image = open_image(file, keep=keep, first=True, inks=True)
    plain = _plain_rgb(as_own_kind(image))
    plain.info = info_of(metadata_of(image)) if keep else {}
    return plain


def decoded_in_srgb(samples: np.ndarray, icc: bytes, name: str, plain_rgb: bool) -> Any:
    """What a .vrs file holds, whose pixels are in the colours of its profile, if it has one: as a picture is read."""
    from PIL import Image

    deep = samples.dtype == np.uint16
    image = DeepImage(samples, {}) if deep else Image.fromarray(samples)
    if icc:
        image.info["icc_profile"] = icc
    image = in_srgb(image, name)
    return _plain_rgb(image) if plain_rgb else as_own_kind(image)


def _plain_rgb(image: Any) -> Any:
    from PIL import Image

    if isinstance(image, DeepImage):
        image = image.in_8_bits()
    if image.mode in ("I", "F"):  # which Pillow would clip at 255
        raise ImageUnsupported("a picture of 32-bit or floating-point samples; scale it to 8 or 16 bits first")
    if image.mode == "La":  # multiplied by alpha, of which Pillow makes nothing else
        image = image.convert("LA")
    if image.mode in ("LA", "RGBA", "PA"):
        ground = Image.new("RGBA", image.size, (255, 255, 255, 255))
        image = Image.alpha_composite(ground, image.convert("RGBA"))
    return image.convert("RGB")


def with_own_palette(data: bytes, source: Any, given: argparse.Namespace, context: Context) -> bytes:
    """The .vrs file with the palette of its source, where that has one and the pixels are still of its colours.

    Rates that are searched for leave no room for it.
    """
    regular = isinstance(source, Path) and source.is_file()
    if not regular or given.strip or given.bpp or given.target_bytes or not api.file_info(data, context).lossless:
        return data
    palette = read_palette(source)
    if palette is None:
        return data
    image = as_plain_rgb(source, keep=True) if given.convert else as_own_kind(open_image(source, keep=True))
    if numbers_in(palette, np.asarray(image)) is None:  # its gamma is applied, or alpha laid over white
        return data
    return _vaerans.with_palette(data, palette.colors.tobytes(), palette.with_alpha, palette.bits, context)


def in_own_palette(image: np.ndarray, data: bytes, options: dict[str, Any]) -> bytes | None:
    """A PNG in the palette that the .vrs file keeps; None where there is none, or it does not hold the picture."""
    found = _vaerans.file_palette(data)
    if found is None:
        return None
    colors, with_alpha, bits = found
    return in_palette(image, Palette(np.frombuffer(colors, np.uint8).reshape(-1, 4), with_alpha, bits), options)

"""Pictures in files, by Pillow: read for comparing, or as RGB."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import ImageUnsupported
from ..pictures import DeepImage, as_own_kind, in_srgb, open_image


def read_picture(file: Any) -> np.ndarray:
    return np.asarray(as_own_kind(open_image(file)))


def as_plain_rgb(file: Any) -> Any:
    """The picture in a file as 8-bit RGB, whatever it is: the first page, alpha over white, 16 bits rounded."""
    return _plain_rgb(as_own_kind(open_image(file, first=True, inks=True)))


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

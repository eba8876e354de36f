"""Pictures in files, by Pillow: read for comparing, written as what their suffix says."""

from __future__ import annotations

import argparse
import io
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import ImageUnsupported, InvalidArgument
from ..metadata import file_metadata
from ..pictures import DeepImage, as_own_kind, open_image
from .targets import STANDARD

# What Pillow would otherwise lose; --output-quality goes before it.
EXACT: dict[str, dict[str, Any]] = {
    ".webp": {"lossless": True},
    ".avif": {"quality": 100, "subsampling": "4:4:4"},
    ".jpg": {"quality": 95, "subsampling": 0},
    ".jpeg": {"quality": 95, "subsampling": 0},
}
KEPT = {".png": "icc exif", ".jpg": "icc exif xmp", ".jpeg": "icc exif xmp", ".webp": "icc exif xmp", ".tif": "icc",
        ".tiff": "icc", ".avif": "icc exif xmp", ".jp2": "icc"}  # fmt: skip


def read_picture(file: Any) -> np.ndarray:
    return np.asarray(as_own_kind(open_image(file)))


def as_plain_rgb(file: Any) -> Any:
    """The picture in a file as 8-bit RGB, whatever it is: alpha over white, 16 bits rounded."""
    from PIL import Image

    image = as_own_kind(open_image(file))
    if isinstance(image, DeepImage):
        image = image.in_8_bits()
    if image.mode in ("I", "F"):  # which Pillow would clip at 255
        raise ImageUnsupported("a picture of 32-bit or floating-point samples; scale it to 8 or 16 bits first")
    if image.mode in ("LA", "RGBA", "PA"):
        ground = Image.new("RGBA", image.size, (255, 255, 255, 255))
        image = Image.alpha_composite(ground, image.convert("RGBA"))
    return image.convert("RGB")


def suffix_of(target: str, otherwise: str) -> str:
    """The format of a picture, by its name or by --format. Raises InvalidArgument where there is none."""
    from PIL import Image

    suffix = ("" if target == STANDARD else Path(target).suffix.lower()) or f".{otherwise.lower().lstrip('.')}"
    if suffix != ".npy" and Image.registered_extensions().get(suffix) not in Image.SAVE:
        raise InvalidArgument(f"{suffix}: no picture format that can be written (.png, .tif, .webp, .jpg, .ppm, .npy…)")
    return suffix


def write_picture(image: np.ndarray, data: bytes, suffix: str, given: argparse.Namespace) -> bytes:
    """The bytes of a picture file; `data` is the .vrs file, whose metadata go along as far as the format has them."""
    from PIL import Image

    out = io.BytesIO()
    if suffix == ".npy":
        np.save(out, image)
        return out.getvalue()
    quality = getattr(given, "output_quality", None)
    options = EXACT.get(suffix, {}) if quality is None else {"quality": quality}
    try:
        made = Image.fromarray(image)
        made.save(out, Image.registered_extensions()[suffix], **options, **_kept(data, suffix, given))
    except (OSError, ValueError, TypeError, KeyError) as error:
        kind = f"{image.shape[2] if image.ndim == 3 else 1} channels of {image.dtype}"
        raise ImageUnsupported(f"{suffix} does not hold this picture ({kind}): {error}; .npy does") from error
    return out.getvalue()


def _kept(data: bytes, suffix: str, given: argparse.Namespace) -> dict[str, bytes]:
    if not data or given.strip:
        return {}
    said = file_metadata(data)
    held = KEPT.get(suffix, "").split()
    found = {"icc": said.icc, "exif": said.exif and b"Exif\0\0" + said.exif, "xmp": said.xmp}
    names = {"icc": "icc_profile"}
    return {names.get(kind, kind): found[kind] for kind in held if found[kind]}

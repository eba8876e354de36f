"""Pictures written as what their suffix says: the formats of src/image_io/write.cpp that Pillow and NumPy have.

Pillow's other formats are refused, as by the program: they would lose, without a word, what a decoded picture holds, as
GIF its colours and icons their size.
"""

from __future__ import annotations

import argparse
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from ..errors import ImageUnsupported, InvalidArgument
from ..pictures import Metadata
from .kept import Kept, kept_of
from .pictures import in_own_palette
from .said import UsageError
from .targets import STANDARD, Task

USUAL_FORMAT = "png"


class Saver(NamedTuple):
    """How Pillow writes a suffix; a decoded picture is not made worse a second time where the format lets us choose."""

    exact: dict[str, Any]  # what Pillow would otherwise lose
    by_quality: Callable[[int], dict[str, Any]] | None = None  # instead of that; None where nothing is lost
    deep: bool = False  # holds 16 bits
    alpha: bool = False
    kept: str = ""  # which metadata


def _by_number(quality: int) -> dict[str, Any]:
    return {"quality": quality}


def _by_number_with_colours(quality: int) -> dict[str, Any]:
    """From 90 on colours keep every pixel, as libvips does it."""
    return {"quality": quality, "subsampling": "4:4:4" if quality >= 90 else "4:2:0"}


def _by_db(quality: int) -> dict[str, Any]:
    """JPEG 2000 is told so many dB, as libvips does."""
    return {"irreversible": True, "quality_mode": "dB", "quality_layers": [quality]}


_TIFF = Saver({}, deep=True, alpha=True, kept="icc exif xmp")
_JPEG = Saver(_by_number_with_colours(95), _by_number_with_colours, kept="icc exif xmp")
_WEBP = Saver({"lossless": True}, _by_number, alpha=True, kept="icc exif xmp")
_AVIF = Saver(_by_number_with_colours(90), _by_number_with_colours, alpha=True, kept="icc exif xmp")
SAVERS = {
    ".png": Saver({}, deep=True, alpha=True, kept="icc exif xmp"),
    **{".tif": _TIFF, ".tiff": _TIFF, ".jpg": _JPEG, ".jpeg": _JPEG, ".webp": _WEBP, ".avif": _AVIF},
    ".jp2": Saver({}, _by_db, deep=True, kept="icc"),
}
RAW = (".ppm", ".pgm", ".pnm", ".pam", ".npy")
PAM_TYPES = ("GRAYSCALE", "GRAYSCALE_ALPHA", "RGB", "RGB_ALPHA")


def require_known_formats(tasks: list[Task], given: argparse.Namespace) -> None:
    """What can be said before any file is read. Raises InvalidArgument, UsageError."""
    for task in tasks:
        suffix = "" if task.target == STANDARD else Path(task.target).suffix
        require_writable(suffix_of(task.target, given.format), given.output_quality)
        if given.format and suffix and suffix != f".{given.format.removeprefix('.')}":
            raise UsageError(
                f"--format {given.format.removeprefix('.')} and the name {task.target} contradict each other"
            )


def suffix_of(target: str, otherwise: str | None = None) -> str:
    """A name's own suffix decides; --format is used where there is none (stdout, `-o picture`)."""
    return ("" if target == STANDARD else Path(target).suffix) or f".{(otherwise or USUAL_FORMAT).removeprefix('.')}"


def require_writable(suffix: str, quality: int | None = None) -> None:
    """Raises InvalidArgument for a format that is not written, or not by a quality."""
    saver = _saver_of(suffix.lower())
    if saver is None and suffix.lower() not in RAW:
        raise InvalidArgument(f"{suffix}: no picture format that can be written (.png, .tif, .webp, .jpg, .ppm, .npy…)")
    if quality is not None and (saver is None or saver.by_quality is None):
        lossy = "(.jpg, .webp, .avif, .jp2 do)"
        raise InvalidArgument(f"{suffix}: this format is without loss and takes no quality {lossy}")


def _saver_of(lower: str) -> Saver | None:
    """None, too, where this build of Pillow lacks the encoder."""
    from PIL import Image

    return SAVERS.get(lower) if Image.registered_extensions().get(lower) in Image.SAVE else None


def kept_in(metadata: Metadata, suffix: str) -> Kept:
    """What goes along into a picture file of that suffix."""
    saver = _saver_of(suffix.lower())
    return kept_of(metadata, suffix, saver.kept if saver else "")


def write_picture(
    image: np.ndarray, data: bytes, suffix: str, given: argparse.Namespace, kept: Kept | None = None
) -> bytes:
    """The bytes of a picture file; `data` is the .vrs file, whose palette a PNG gets, b"" for none.

    Raises InvalidArgument; ImageUnsupported where the format does not hold what the picture is.
    """
    quality, lower = getattr(given, "output_quality", None), suffix.lower()
    require_writable(suffix, quality)
    saver = _saver_of(lower)
    if saver is None:
        return _raw_file(image, lower)
    _require_room(image, suffix, saver)
    options = saver.by_quality(quality) if saver.by_quality and quality is not None else saver.exact
    options = {**options, **(kept.options if kept else {})}
    in_palette = in_own_palette(image, data, options) if lower == ".png" and data and not given.strip else None
    return _saved(image, suffix, options) if in_palette is None else in_palette


def _require_room(image: np.ndarray, suffix: str, saver: Saver) -> None:
    deep, alpha = image.dtype == np.uint16, image.ndim == 3 and image.shape[2] in (2, 4)
    for holds, what in ((saver.deep or not deep, "16-bit samples"), (saver.alpha or not alpha, "alpha")):
        if not holds:
            raise ImageUnsupported(f"{suffix} files hold no {what}; .png and .tif files do")


def _saved(image: np.ndarray, suffix: str, options: dict[str, Any]) -> bytes:
    from PIL import Image

    out = io.BytesIO()
    try:
        Image.fromarray(image).save(out, Image.registered_extensions()[suffix.lower()], **options)
    except (OSError, ValueError, TypeError, KeyError) as error:
        kind = f"{image.shape[2] if image.ndim == 3 else 1} channels of {image.dtype}"
        text = f"{suffix} does not hold this picture ({kind}) as Pillow writes it: {error}; .pam and .npy do"
        raise ImageUnsupported(text) from error
    return out.getvalue()


def _raw_file(image: np.ndarray, lower: str) -> bytes:
    if lower == ".npy":
        out = io.BytesIO()
        np.save(out, image)
        return out.getvalue()
    samples = image.astype(">u2") if image.dtype == np.uint16 else image
    return _netpbm_header(image, lower).encode() + samples.tobytes()


def _netpbm_header(image: np.ndarray, lower: str) -> str:
    height, width, channels = (*image.shape, 1)[:3]
    most = np.iinfo(image.dtype).max
    if lower == ".pam":
        head = f"P7\nWIDTH {width}\nHEIGHT {height}\nDEPTH {channels}\nMAXVAL {most}\n"
        return f"{head}TUPLTYPE {PAM_TYPES[channels - 1]}\nENDHDR\n"
    if lower == ".pgm" and channels > 2:
        raise ImageUnsupported("this format holds grey pictures only; .ppm and .pam hold RGB")
    if channels in (2, 4):
        raise ImageUnsupported("this format holds no alpha; .png, .tif and .pam do")
    return f"P{5 if channels == 1 else 6}\n{width} {height}\n{most}\n"

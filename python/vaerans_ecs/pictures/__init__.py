"""Pictures that are no arrays yet: files and images of Pillow, as far as they become arrays without a loss.

The native module asks here for what it does not know itself. Pillow is imported where a file is to be read.
"""

from __future__ import annotations

import io
import math
import os
from collections.abc import Callable
from typing import Any, NamedTuple

from ..errors import (
    ArenaFull,
    BadParameter,
    ImageUnreadable,
    ImageUnsupported,
    RuntimeNotFound,
    VaeransError,
    last_line,
)
from .colours import deep_to_srgb, from_gamma, gamma_of, grey_to_srgb
from .deep import DeepImage, deep_image, from_white
from .kinds import as_own_kind, from_greys, plain
from .kinds import as_rgb as as_rgb  # the native module looks for it here
from .opening import NO_MEMORY, opened, require_small
from .orientation import EXIF_PREFIX, loaded_upright

# What the command line takes for pictures in folders (src/image_io/read.cpp), and .vrs files are not called.
PICTURE_SUFFIXES = (
    *(".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff", ".gif", ".bmp", ".tga", ".ico", ".cur"),
    *(".ppm", ".pgm", ".pbm", ".pam", ".pnm", ".jp2", ".j2k", ".jxl", ".avif", ".heic", ".heif"),
)
GREY_OF_PALETTES = ("TIFF", "BMP")  # formats in which the program takes palettes of greys for grey
INKS_AND_HUES = ("CMYK", "YCbCr", "LAB", "HSV")
# What to do instead: the first in the words of src/image_io/to_rgb.cpp, which reads other colours than RGB itself.
ONE_PICTURE = "Save one as a file of its own, or let `vaerans compress --convert` take the first"
COLOURS = "Convert it: --convert of the command does, and img.convert('RGB') of Pillow"
# Fields of a TIFF's directory that EXIF has, too, and the directories of EXIF and GPS: those of image_io/metadata.
EXIF_IN_TIFF = (0x010E, 0x010F, 0x0110, 0x0131, 0x0132, 0x013B, 0x013C, 0x4746, 0x4749, 0x8298, *range(0x9C9B, 0x9CA0))
EXIF_DIRECTORIES = (0x8769, 0x8825)


class Metadata(NamedTuple):
    """What is said of a picture besides its pixels, byte by byte; b"" for what is not said."""

    icc: bytes = b""  # the profile of the colours
    exif: bytes = b""  # from the TIFF header on
    xmp: bytes = b""  # a packet in UTF-8


def made_or_error(make: Callable[[Any], Any], picture: Any) -> Any:
    """What `make` makes of one of several pictures, or the error that it ends with, as a VaeransError.

    The native module takes such an error in the place of a picture and says it of that one, so that the others go on.
    """
    if isinstance(picture, VaeransError):
        return picture
    try:
        return make(picture)
    except VaeransError as error:
        return error
    except MemoryError:
        return ArenaFull(NO_MEMORY)
    except Exception as error:  # code of the object's own may raise whatever it likes
        said = ImageUnsupported(f"no picture can be made of this {type(picture).__name__}: {last_line(error)}")
        said.__cause__ = error
        return said


def is_file(thing: Any) -> bool:
    """Whether it is a path, or a file that is open for reading bytes."""
    return isinstance(thing, str | os.PathLike) or (hasattr(thing, "read") and not hasattr(thing, "getbands"))


def shown(path: str | os.PathLike[str]) -> str:
    """A path as messages name it: with escapes for bytes that are no UTF-8."""
    said = os.fspath(path)
    try:
        return os.fsencode(said).decode("utf-8", "backslashreplace")
    except UnicodeEncodeError:  # surrogates that stand for no byte
        return said.encode("utf-8", "backslashreplace").decode()


def open_image(file: Any, keep: bool = False, first: bool = False, inks: bool = False) -> Any:
    """The picture in a file, upright: an image of Pillow, or a DeepImage of 16 bits.

    `keep`: in the colours of its profile, with that, EXIF and XMP in its `info`; else, and with 16 bits, in sRGB.
    `first`: of several pages the first one is taken; `inks`: CMYK and other modes that are no RGB are. Else they are
    refused.
    Raises ImageUnreadable, ImageUnsupported; LimitExceeded for what its header claims; ArenaFull without memory.
    """
    _pillow()
    try:
        image = opened(file)
        frames = getattr(image, "n_frames", 1)
        gamma = gamma_of(image)
        upright = _upright(image, keep) if frames == 1 or first else image
    except VaeransError as error:
        raise type(error)(f"{_name(file)}: {error}") from error
    except MemoryError as error:
        raise ArenaFull(f"{_name(file)}: {NO_MEMORY}") from error
    except Exception as error:  # decoders raise all sorts of them for damaged files
        raise ImageUnreadable(f"{_name(file)}: {error}") from error
    if frames > 1 and not first:
        raise ImageUnsupported(f"{_name(file)}: {frames} pages or frames; vaerans takes one picture. {ONE_PICTURE}")
    if upright.mode in INKS_AND_HUES and not inks:
        raise ImageUnsupported(f"{_name(file)}: a picture in {upright.mode}; vaerans takes grey and RGB. {COLOURS}")
    if image.format in GREY_OF_PALETTES:
        upright = from_greys(upright)
    if gamma:
        upright = from_gamma(as_own_kind(upright), gamma)
    if not isinstance(upright, DeepImage) and keep and _is_rgb_profile(upright):
        return upright
    return in_srgb(upright, _name(file))


def _upright(image: Any, keep: bool) -> Any:
    def finish(image: Any) -> Any:
        upright = loaded_upright(image)
        if image.format == "TIFF" and keep:
            upright.info["exif"] = _exif_in_tiff(image)
        return upright

    deep = deep_image(image, finish)
    return finish(image) if deep is None else from_white(image, deep)


def range_of(value_range: Any) -> tuple[float, float]:
    """(black, white) as two numbers. Raises BadParameter for anything else."""
    try:
        low, high = map(float, value_range)
    except (TypeError, ValueError, OverflowError):  # the last one of whole numbers that no float can hold
        low = high = math.nan
    if not -math.inf < low < high < math.inf:
        raise BadParameter(f"value_range is (black, white), two numbers such as (0, 1), not {value_range!r}")
    return low, high


def from_range(image: Any, value_range: Any) -> Any:
    """A picture of numbers from `low` (black) to `high` (white) as uint8, rounded; what lies outside is clipped.

    Raises BadParameter for another range, ImageUnsupported for what is no picture of finite numbers, LimitExceeded.
    """
    import numpy as np

    low, high = range_of(value_range)
    values = np.asarray(_of_numbers(image))
    if values.ndim >= 2:  # what else there is has its error in the library
        require_small(values.shape[1], values.shape[0])
    if values.dtype.kind not in "fiu" or not np.isfinite(values).all():
        raise ImageUnsupported(f"with a value_range a picture is of finite numbers; this one of {values.dtype} is not")
    return np.rint((values.astype(np.float64) - low) * (255 / (high - low))).clip(0, 255).astype(np.uint8)


def _of_numbers(image: Any) -> Any:
    """Files and images of Pillow in sRGB, as far as they are numbers from black to white; what else there is as it is.

    The numbers of a palette, of inks or of hues are none.
    """
    if is_file(image):
        image = open_image(image)
    elif hasattr(image, "getbands"):
        image = in_srgb(deep_image(image) or image, "the image")
    return image if not hasattr(image, "getbands") else plain(as_own_kind(image), ("I", "F"))


def metadata_of(image: Any) -> Metadata:
    """ICC, EXIF and XMP in the `info` of an image of Pillow; a profile only where it is one of the image's colours."""
    icc = image.info.get("icc_profile") if _is_rgb_profile(image) else None
    xmp = image.info.get("xmp") or image.info.get("XML:com.adobe.xmp") or b""
    exif = image.info.get("exif") or b""
    return Metadata(icc or b"", plain_exif(exif), xmp.encode() if isinstance(xmp, str) else bytes(xmp).rstrip(b"\0"))


def _exif_in_tiff(image: Any) -> bytes:
    """A block of EXIF, which TIFF has in its own directory; b"" where nothing is said."""
    own, block = image.getexif(), _pillow().Exif()
    block.update({tag: own[tag] for tag in EXIF_IN_TIFF if tag in own})
    for tag in EXIF_DIRECTORIES:
        if below := dict(own.get_ifd(tag)):
            block[tag] = below
    return block.tobytes() if len(block) else b""


def plain_exif(exif: bytes) -> bytes:
    """From the TIFF header on."""
    return bytes(exif).removeprefix(EXIF_PREFIX)


def _is_rgb_profile(image: Any) -> bool:
    """Whether the pixels are in the colours of a profile that goes along; those of 16 bits are made sRGB."""
    profile = image.info.get("icc_profile") or b""
    coloured = image.mode in ("RGB", "RGBA", "RGBX", "P", "PA") and not isinstance(image, DeepImage)
    return coloured and len(profile) >= 128 and profile[16:20] == b"RGB "


def in_srgb(image: Any, name: str) -> Any:
    """Colours of another space than sRGB converted by the profile of an image of Pillow, or of 16 bits.

    By a profile that is broken, or one for other channels, nothing can be converted: the mode alone has to do.
    """
    if isinstance(image, DeepImage):
        return _named(deep_to_srgb, image, name)
    profile = image.info.get("icc_profile")
    if image.mode in ("L", "LA"):
        return grey_to_srgb(image)
    if not profile or image.mode not in ("RGB", "RGBA", "RGBX", "P", "PA"):
        return image
    from PIL import ImageCms

    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if "srgb" in ImageCms.getProfileDescription(source).lower():
            return image
        converted = ImageCms.profileToProfile(as_own_kind(image), source, ImageCms.createProfile("sRGB"))
    except (ImageCms.PyCMSError, OSError):
        return image
    if converted is not None:  # None where Pillow is asked to convert in place
        converted.info.pop("icc_profile", None)
    return converted


def _named(make: Callable[[Any], Any], image: Any, name: str) -> Any:
    try:
        return make(image)
    except ImageUnsupported as error:
        raise ImageUnsupported(f"{name}: {error}") from error


def _pillow() -> Any:
    try:
        from PIL import Image
    except ImportError as error:
        raise RuntimeNotFound("to read picture files Pillow is needed: pip install pillow") from error
    return Image


def _name(file: Any) -> str:
    if isinstance(file, str | os.PathLike):
        return shown(file)
    return str(getattr(file, "name", "the file"))

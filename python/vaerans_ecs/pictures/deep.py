"""Pictures of 16 bits, of which Pillow keeps 8 where there is more than one channel.

Pillow takes one byte of the two of each sample, by a raw mode such as RGB;16B. The other raw mode of the pair takes the
other byte, so a second image of the same file holds what the first one lost, whatever the file's filters and tiles.
"""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import ImageUnreadable, ImageUnsupported, VaeransError
from .opening import opened

SWAPPED = {"B": "L", "L": "B", "N": "B" if sys.byteorder == "little" else "L"}
MOST = 65535
SIDES, BITS, PHOTOMETRIC, CHANNELS, PLANES, MORE_CHANNELS = (256, 257), 258, 262, 277, 284, 338  # tags of TIFF
COLOURS_IN_TIFF = {2: 3, 5: 4, 6: 3, 8: 3}  # channels of RGB, CMYK, YCbCr and Lab; others have one
ADVICE = "read it with another library, such as tifffile or imageio, and give the array"


class DeepImage:
    """Samples of 16 bits, and what the file says of them in its `info`, as Pillow would have it.

    `mode` is no more than what the native module asks of images that it may take; the array says the kind.
    """

    mode = "RGB"

    def __init__(self, samples: np.ndarray, info: dict[Any, Any]):
        self.samples, self.info = samples, info

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return np.array(self.samples, dtype, copy=copy)

    def in_8_bits(self) -> Any:
        """An image of Pillow, in L, LA, RGB or RGBA."""
        from PIL import Image

        return Image.fromarray(((self.samples.astype(np.uint32) + 128) // 257).astype(np.uint8))


def deep_image(image: Any, finish: Callable[[Any], Any] = lambda image: image) -> DeepImage | None:
    """The picture of an opened image of Pillow where it has 16 bits, else None, and then it is as it was.

    `finish` is done to what is loaded. Raises ImageUnsupported where its file has more bits, or channels, than Pillow
    gives.
    """
    try:
        return _deep_image(image, finish)
    except (VaeransError, MemoryError):
        raise
    except Exception as error:  # decoders raise all sorts of them for damaged files
        raise ImageUnreadable(f"no array can be made of this image: {error}") from error


def _deep_image(image: Any, finish: Callable[[Any], Any]) -> DeepImage | None:
    if getattr(image, "format", None) == "TIFF":
        _require_known_channels(image)
    if image.mode.startswith("I;16"):
        done = finish(image)
        return DeepImage(_with_key(np.asarray(done).astype(np.uint16), done.info), done.info)
    if not getattr(image, "format", None):  # made by Pillow, not opened
        return None
    if image.format == "PPM" and image.tile:
        samples = _netpbm(image)
        return None if samples is None else DeepImage(samples, image.info)
    if image.format == "TIFF" and _most_bits(image) > 8 and image.tag_v2.get(PLANES, 1) == 2:
        raise ImageUnsupported(f"a TIFF picture of more than 8 bits in separate planes; {ADVICE}")
    rawmodes = {_rawmode(tile) for tile in image.tile}
    if not any(";16" in raw for raw in rawmodes):
        _refuse_reduced(image)
        return None
    return _joined(image, rawmodes, finish)


def _require_known_channels(image: Any) -> None:
    """Beside those of its colours one of alpha may be there; Pillow leaves out others without a word."""
    count = int(image.tag_v2.get(CHANNELS, 1))
    colours = COLOURS_IN_TIFF.get(image.tag_v2.get(PHOTOMETRIC, 1), 1)
    more = image.tag_v2.get(MORE_CHANNELS, 0)
    first = next(iter(more), 0) if isinstance(more, tuple) else more
    if count != colours and (count != colours + 1 or first == 0):
        raise ImageUnsupported(f"a TIFF picture with channels of unknown meaning ({count} in all)")


def from_white(image: Any, deep: DeepImage) -> DeepImage:
    """Where a TIFF counts grey from white, as Pillow sees to with 8 bits alone."""
    white = image.format == "TIFF" and image.mode.startswith("I;16") and image.tag_v2.get(PHOTOMETRIC) == 0
    return DeepImage(MOST - deep.samples, deep.info) if white else deep


def over_keys(samples: np.ndarray, keys: Any) -> np.ndarray:
    """With an alpha channel that is clear where a pixel has the transparent colour."""
    colours = samples if samples.ndim == 3 else samples[..., None]
    alpha = np.where((colours == np.asarray(keys, np.uint16)).all(-1, keepdims=True), 0, MOST)
    return np.concatenate([colours, alpha.astype(np.uint16)], -1)


def file_bytes(image: Any, most: int = -1) -> bytes:
    """The file behind an image of Pillow, or its first bytes; b"" where it is there no more."""
    file: Any = getattr(image, "fp", None) or getattr(image, "_fp", None)  # the second of PNGs that are loaded
    try:
        if hasattr(file, "read") and not getattr(file, "closed", False):
            at = file.tell()
            file.seek(0)
            data = file.read(most)
            file.seek(at)
            return bytes(data)
        if not getattr(image, "filename", ""):
            return b""
        with Path(image.filename).open("rb") as again:
            return again.read(most)
    except (OSError, ValueError):
        return b""


def _rawmode(tile: Any) -> str:
    found = tile[3] if isinstance(tile[3], str) else next(iter(tile[3] or ()), "")
    return found if isinstance(found, str) else ""


def _joined(image: Any, rawmodes: set[str], finish: Callable[[Any], Any]) -> DeepImage:
    """Both bytes of each sample."""
    pairs = {raw: _other_bytes(raw) for raw in rawmodes}
    known = image.tile[0][0] in ("zip", "raw", "libtiff") and all(pairs.values())
    if not known or (image.format == "PNG" and getattr(image, "n_frames", 1) > 1):
        raise ImageUnsupported(f"a 16-bit {image.format} picture, of which Pillow keeps 8 bits; {ADVICE}")
    other = _again(image)
    other.tile = [tile._replace(args=_args(tile.args, pairs[_rawmode(tile)])) for tile in other.tile]
    if "LA;16B" in rawmodes:
        image.load()
        done = finish(other)
        planes = np.asarray(done).astype(np.uint16)  # both bytes of grey, both bytes of alpha
        return DeepImage(planes[..., 0::2] << 8 | planes[..., 1::2], finish(image).info)
    done = finish(image)
    samples = np.asarray(done).astype(np.uint16) << 8 | np.asarray(finish(other))
    return DeepImage(_with_key(samples, done.info), done.info)


def _other_bytes(raw: str) -> str:
    if raw == "LA;16B":
        return "RGBA"  # which has as many bytes a pixel, and takes them all
    known = re.fullmatch(r"(RGB|RGBA|RGBX|[RGBA]);16([BLN])", raw)
    return f"{known[1]};16{SWAPPED[known[2]]}" if known else ""


def _args(args: Any, raw: str) -> Any:
    return raw if isinstance(args, str) else (raw, *args[1:])


def _again(image: Any) -> Any:
    data = file_bytes(image)
    if not data:
        raise ImageUnreadable("the file of the image is closed; open it again")
    other = opened(io.BytesIO(data), [image.format])
    if image.tell():
        other.seek(image.tell())
    return other


def _with_key(samples: np.ndarray, info: dict[Any, Any]) -> np.ndarray:
    return over_keys(samples, info["transparency"]) if "transparency" in info else samples


def _netpbm(image: Any) -> np.ndarray | None:
    """PGM, PPM and PAM of more than 8 bits, which Pillow reduces, gives as grey of 32, or does not read."""
    from .pam import samples_of

    _, _, offset, args = image.tile[0]
    raw = _rawmode(image.tile[0])
    most = MOST if raw == "I;16B" else args[-1] if isinstance(args, tuple) else 0
    if not isinstance(most, int) or most < 256:
        return None
    data, channels = file_bytes(image), len(image.getbands())
    if image.tile[0][0] != "ppm_plain":
        return samples_of(data[offset:], image.size, channels, most)
    count = image.width * image.height * channels
    values = np.array(re.sub(rb"#[^\r\n]*", b"", data[offset:]).split()[:count], np.int64)
    if len(values) < count or values.min(initial=0) < 0 or values.max(initial=0) > most:
        raise ImageUnreadable("damaged or cut short: samples are missing, or larger than the file's maximum")
    samples = ((values * MOST + most // 2) // most).astype(np.uint16)
    return samples.reshape(image.height, image.width, *([3] if image.mode == "RGB" else []))


def _refuse_reduced(image: Any) -> None:
    """Images that Pillow has reduced already, or will reduce beyond what can be undone."""
    if image.mode not in ("RGB", "RGBA", "RGBX", "L", "LA", "P"):
        return
    if _was_reduced(image):
        raise ImageUnsupported(
            f"a {image.format} picture of more than 8 bits that Pillow has loaded with 8; give its path or the file, "
            "or an image that is not loaded; image.copy() where 8 bits are meant"
        )
    if image.format == "VRS" and _bits(image) > 8:
        raise ImageUnsupported(
            "a .vrs picture of 16 bits, of which Pillow holds 8: vaerans_ecs.decompress() gives the array; "
            "image.copy() where 8 bits are meant"
        )
    if _bits(image) > 8:
        raise ImageUnsupported(f"a {image.format} picture of {_bits(image)} bits, of which Pillow keeps 8; {ADVICE}")


def _was_reduced(image: Any) -> bool:
    """Whether a loaded image came of 16 bits: its file says so, as long as it is there by its name."""
    if image.tile:
        return False
    if image.format == "TIFF":
        return _most_bits(image) > 8 and image.size == tuple(image.tag_v2.get(tag) for tag in SIDES)
    if image.format == "PNG":
        head = file_bytes(image, 26)
        return len(head) == 26 and head[24] == 16 and image.size == _size_in_png(head)
    if image.format == "PPM":
        maximum = re.match(rb"P[36]\s+(?:#[^\r\n]*\s+)*\d+\s+(?:#[^\r\n]*\s+)*\d+\s+(?:#[^\r\n]*\s+)*(\d+)",
                           file_bytes(image, 4096))  # fmt: skip
        return maximum is not None and int(maximum[1]) > 255
    return False


def _most_bits(image: Any) -> int:
    bits = image.tag_v2.get(BITS, 8)
    return int(max(bits if isinstance(bits, tuple) else (bits,)))


def _size_in_png(head: bytes) -> tuple[int, int]:
    return int.from_bytes(head[16:20], "big"), int.from_bytes(head[20:24], "big")


def _bits(image: Any) -> int:
    """What a file has of them in formats whose decoders give Pillow 8 whatever there are."""
    if image.format == "JPEG2000" and image.mode != "L":
        head = file_bytes(image, 1 << 20)
        at = head.find(b"\xff\x4f\xff\x51")  # the begin of a code stream, and its sizes
        return (head[at + 42] & 0x7F) + 1 if 0 <= at < len(head) - 42 else 8
    if image.format == "AVIF":
        head = file_bytes(image, 1 << 20)
        at = head.find(b"av1C")
        return 10 if 0 <= at < len(head) - 7 and head[at + 6] & 0x40 else 8
    said = image.info.get("bit_depth", 8)  # as of pillow-heif
    return said if isinstance(said, int) else 8

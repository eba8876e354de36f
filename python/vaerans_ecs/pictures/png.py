"""PNG files beyond what Pillow does: their chunks, and palettes, as src/image_io/palette_png.cpp has them.

Pillow fills palettes up to as many colours as the bits of a pixel tell, or takes fewer bits for fewer colours.
"""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

SIGNATURE = b"\x89PNG\r\n\x1a\n"
IN_PALETTE = 3  # PNG's colour type
FRONT = 4 << 20  # bytes: a profile may stand before the palette


class Palette(NamedTuple):
    """The colours of a picture whose pixels are numbers of them."""

    colors: np.ndarray  # (1…256, 4) uint8: red, green, blue, alpha
    with_alpha: int  # so many, from the first on, say their alpha; the others are opaque
    bits: int  # a pixel's number has 1, 2, 4 or 8


def chunks_before_pixels(data: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """Place, kind and content of each; IDAT, which ends them, without its content."""
    at = len(SIGNATURE)
    while at + 8 <= len(data):
        length, kind = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        if kind == b"IDAT":
            yield at, kind, b""
            return
        yield at, kind, data[at + 8 : at + 8 + length]
        at += 12 + length


def read_palette(path: Path) -> Palette | None:
    """The palette of a PNG; None for other files. Raises OSError."""
    with path.open("rb") as file:
        front = file.read(len(SIGNATURE))
        return palette_of(front + file.read(FRONT)) if front == SIGNATURE else None


def palette_of(front: bytes) -> Palette | None:
    """The same of a file's first bytes; None, too, where they end before the pixels."""
    if not front.startswith(SIGNATURE) or front[12:16] != b"IHDR" or front[25:26] != bytes([IN_PALETTE]):
        return None
    said = {kind: content for _, kind, content in chunks_before_pixels(front)}
    plain, bits = said.get(b"PLTE", b""), front[24]
    count = len(plain) // 3
    if b"IDAT" not in said or bits not in (1, 2, 4, 8) or not 1 <= count <= 1 << bits:
        return None
    alpha = said.get(b"tRNS", b"")[:count]
    colors = np.full((count, 4), 255, np.uint8)
    colors[:, :3] = np.frombuffer(plain, np.uint8, 3 * count).reshape(count, 3)
    colors[: len(alpha), 3] = np.frombuffer(alpha, np.uint8)
    return Palette(colors, len(alpha), bits)


def numbers_in(palette: Palette, samples: np.ndarray) -> np.ndarray | None:
    """(H, W) uint8, the number of each pixel's colour, of equal colours the first; None where one is of no colour.

    `samples`: (H, W) or (H, W, 1…4), grey or RGB, the last of 2 or 4 being alpha.
    """
    if samples.dtype != np.uint8:
        return None
    known, first = np.unique(_keys(palette.colors), return_index=True)
    numbers = np.empty(samples.shape[:2], np.uint8)
    for row, out in zip(samples, numbers, strict=True):  # one at a time: places take eight bytes a pixel
        keys = _keys(row if row.ndim == 2 else row[:, None])
        places = np.searchsorted(known, keys).clip(max=len(known) - 1)
        if not np.array_equal(known[places], keys):
            return None
        out[:] = first[places]
    return numbers


def _keys(pixels: np.ndarray) -> np.ndarray:
    """(N,) uint32 of pixels (N, 1…4): all four samples in one number."""
    count, channels = pixels.shape
    four = np.full((count, 4), 255, np.uint8)
    four[:, :3] = pixels[:, : 1 if channels < 3 else 3]
    if channels in (2, 4):
        four[:, 3] = pixels[:, -1]
    return four.view(np.uint32)[:, 0]


def in_palette(samples: np.ndarray, palette: Palette, options: dict[str, Any]) -> bytes | None:
    """A PNG in this very palette; None where it does not hold the picture. `options`: Pillow's, such as `exif`."""
    from PIL import Image

    numbers = numbers_in(palette, samples)
    if numbers is None:
        return None
    image = Image.fromarray(numbers)
    image.putpalette(palette.colors[:, :3].tobytes().ljust(3 << palette.bits, b"\0"))
    out = io.BytesIO()
    image.save(out, "PNG", bits=palette.bits, **options)
    return _with_own(out.getvalue(), palette)


def _with_own(png: bytes, palette: Palette) -> bytes:
    """Without the colours that Pillow was given to fill it up."""
    at, _, filled = next(found for found in chunks_before_pixels(png) if found[1] == b"PLTE")
    own = _chunk(b"PLTE", palette.colors[:, :3].tobytes())
    if palette.with_alpha:
        own += _chunk(b"tRNS", palette.colors[: palette.with_alpha, 3].tobytes())
    return png[:at] + own + png[at + 12 + len(filled) :]


def _chunk(kind: bytes, content: bytes) -> bytes:
    return len(content).to_bytes(4, "big") + kind + content + zlib.crc32(kind + content).to_bytes(4, "big")

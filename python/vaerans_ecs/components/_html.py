"""How a component looks in a notebook: a thumbnail of a picture, a histogram of numbers."""

from __future__ import annotations

import base64
import html
import struct
import zlib
from typing import Any

import numpy as np

THUMBNAIL = 256  # pixels a side, at most
BARS = 64
ENOUGH = 1 << 20  # values that a histogram looks at


def of_component(component: Any) -> str:
    array = component.array
    picture = component.kind == "image"
    inside = thumbnail(array) if picture else histogram(array)
    return f"<div><code>{html.escape(repr(component))}</code><br>{inside}</div>"


def thumbnail(image: np.ndarray) -> str:
    stride = max(1, -(-max(image.shape[:2]) // THUMBNAIL))
    data = base64.b64encode(png(image[::stride, ::stride])).decode("ascii")
    return f'<img src="data:image/png;base64,{data}" alt="{image.shape[1]} × {image.shape[0]} pixels">'


def png(image: np.ndarray) -> bytes:
    """(H, W, 3) uint8 as a PNG file, each row unfiltered."""
    height, width, _ = image.shape
    rows = np.concatenate([np.zeros((height, 1), np.uint8), image.reshape(height, -1)], axis=1)
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows.tobytes(), 6)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def histogram(array: np.ndarray) -> str:
    values = array.ravel()[:: max(1, array.size // ENOUGH)].astype(np.float64)
    values = values[np.isfinite(values)]
    if not values.size:
        return "no finite values"
    counts, edges = np.histogram(values, BARS)
    heights = 60 * counts / counts.max()
    bars = "".join(
        f'<rect x="{4 * i}" y="{60 - height:.1f}" width="3" height="{height:.1f}"/>' for i, height in enumerate(heights)
    )
    caption = f"{edges[0]:.4g} … {edges[-1]:.4g}, mean {values.mean():.4g}, standard deviation {values.std():.4g}"
    svg = f'<svg width="{4 * BARS}" height="60" fill="currentColor">{bars}</svg>'
    return f"{svg}<br><small>{caption}</small>"

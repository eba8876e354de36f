"""Makes the pictures that vaerans ships, from nothing but arithmetic.   python make_pictures.py [folder]

lake.png     768×512  a photo-like landscape: trees, rock, snow, clouds, water, film grain
crop.png      97×61   an odd-sized cut-out of it
edges.png     64×64   gradients beside hard, text-like edges

Seeded and deterministic; needs NumPy only. The pictures are free for any use (CC0 1.0).
"""

from __future__ import annotations

import struct
import sys
import zlib
from pathlib import Path

import numpy as np
from render import picture

GLYPHS = {
    "V": "101101101101010",
    "A": "010101111101101",
    "E": "111100110100111",
    "R": "110101110101101",
    "S": "011100010001110",
}


def developed(linear: np.ndarray, seed: int = 5) -> np.ndarray:
    """Linear light (H, W, 3) → 8-bit sRGB: film curve, vignette, grain."""
    height, width, _ = linear.shape
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    linear = linear * (1 - 0.16 * (x**2 + y**2) ** 1.2 / 2)[..., None]
    film = 1 - np.exp(-1.35 * np.clip(linear, 0, None))
    encoded = np.where(film < 0.0031308, 12.92 * film, 1.055 * film ** (1 / 2.4) - 0.055)
    encoded = encoded + 0.22 * (encoded - 0.5) * (1 - (2 * encoded - 1) ** 2)
    grain = np.random.default_rng(seed).normal(0, 1, (height, width, 4))
    noise = 1.0 * grain[..., :1] + 0.5 * grain[..., 1:]
    return np.clip(np.rint(255 * encoded + noise), 0, 255).astype(np.uint8)


def halved(image: np.ndarray, by: int) -> np.ndarray:
    """Mean of by×by blocks."""
    h, w, c = image.shape
    return image.reshape(h // by, by, w // by, by, c).mean(axis=(1, 3))


def edges(size: int = 64) -> np.ndarray:
    """Smooth ramps above, black letters on white below: what photos lack and codecs stumble over."""
    y, x = np.mgrid[0:size, 0:size] / (size - 1)
    image = np.rint(255 * np.stack([x, y, 1 - (x + y) / 2], axis=2)).astype(np.uint8)
    image[size // 2 :] = 255
    for i, letter in enumerate("VAERANS"):
        bits = np.array([int(b) for b in GLYPHS.get(letter, "110101101101101")], np.uint8).reshape(5, 3)
        mask = np.kron(bits, np.ones((4, 2), np.uint8)).astype(bool)
        image[size // 2 + 6 : size // 2 + 26, 2 + 9 * i : 8 + 9 * i][mask] = (20, 20, 24) if i % 2 else (170, 20, 30)
    return image


def png(image: np.ndarray) -> bytes:
    """An RGB PNG: for each row the filter with the least sum of magnitudes."""
    h, w, _ = image.shape
    rows = image.reshape(h, w * 3).astype(np.int16)
    left, up = np.pad(rows, ((0, 0), (3, 0)))[:, :-3], np.pad(rows, ((1, 0), (0, 0)))[:-1]
    corner = np.pad(up, ((0, 0), (3, 0)))[:, :-3]
    guesses = np.stack([0 * rows, left, up, (left + up) // 2, paeth(left, up, corner)])
    coded = (rows - guesses).astype(np.uint8)
    best = np.abs(coded.astype(np.int8).astype(np.int32)).sum(axis=2).argmin(axis=0)
    data = b"".join(bytes([f]) + coded[f, y].tobytes() for y, f in enumerate(best))
    header = struct.pack(">IIBBBBB", w, h, 8, 2, 0, 0, 0)
    chunks = (b"IHDR", header), (b"sRGB", b"\0"), (b"IDAT", zlib.compress(data, 9)), (b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*c) for c in chunks)


def paeth(a: np.ndarray, b: np.ndarray, c: np.ndarray) -> np.ndarray:
    pa, pb, pc = np.abs(b - c), np.abs(a - c), np.abs(a + b - 2 * c)
    return np.where((pa <= pb) & (pa <= pc), a, np.where(pb <= pc, b, c))


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def main() -> None:
    here = Path(__file__).resolve().parent
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else here.parents[1] / "examples" / "pictures"
    folder.mkdir(parents=True, exist_ok=True)
    lake = developed(halved(picture(2 * 768, 2 * 512), 2))
    for name, image in (("lake", lake), ("crop", lake[330:391, 120:217]), ("edges", edges())):
        path = folder / f"{name}.png"
        path.write_bytes(png(image))
        print(f"{path}: {image.shape[1]}×{image.shape[0]}, {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()

"""Latents for which decoders' pixels are compared: the same on every machine. NumPy alone."""

import hashlib
import json
from pathlib import Path

import numpy as np

PINNED = Path(__file__).resolve().parents[2] / "tests" / "golden" / "exact_decoders.json"
SMALL, LARGE = (8, 5, 9), (1, 64, 96)  # pictures, height and width of the latents


def latents(channels, size):
    """On the decoder's grid and beyond it; those of size SMALL are what the pinned hashes were made of."""
    n, height, width = size
    random = np.random.default_rng(1)
    spread = 40 / (1 + np.arange(channels))[None, :, None, None]
    return (np.round(random.integers(-256, 257, (n, channels, height, width)) * spread) / 256).astype(np.float32)


def pinned(path):
    """What the pixels of the small latents hash to on every CPU, by the decoder's name and hash."""
    generation = f"{path.parent.name}@{hashlib.sha256(path.read_bytes()).hexdigest()[:16]}"
    return json.loads(PINNED.read_text()).get(generation)


def digest(output):
    """SHA-256 of a decoder's pixels as 8-bit integers."""
    pixels = np.round((np.asarray(output) + 1) * 127.5).astype(np.uint8)
    return hashlib.sha256(np.ascontiguousarray(pixels)).hexdigest()

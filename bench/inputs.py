"""What is coded, transformed and measured: seeded noise of a known entropy, and the test photos."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import vaerans_ecs as vaerans
from PIL import Image
from vaerans_ecs.systems import OnnxVAEDecode, OnnxVAEEncode, Residual, ReversibleColor, WaveletCDF53

Pictures = list[np.ndarray]


def entropy(counts: np.ndarray) -> float:
    """Zero-order entropy of a histogram in bits per symbol."""
    p = counts[counts > 0] / counts.sum()
    return float(-(p * np.log2(p)).sum())


def laplacian(bits: float, n: int, seed: int = 1) -> np.ndarray:
    """n symbols of 8 bits around 128, a rounded Laplace distribution of about this entropy."""
    levels = np.arange(-128, 128)

    def pmf(scale: float) -> np.ndarray:
        weights = np.exp(-np.abs(levels) / scale)
        return weights / weights.sum()

    low, high = 0.1, 100.0
    while high / low > 1.0001:
        middle = (low * high) ** 0.5
        low, high = (middle, high) if entropy(pmf(middle)) < bits else (low, middle)
    uniform = np.random.default_rng(seed).random(n, dtype=np.float32)
    return np.searchsorted(np.cumsum(pmf(low))[:-1].astype(np.float32), uniform, side="right").astype(np.uint8)


def photos(folder: Path, limit: int) -> Pictures:
    return [np.asarray(Image.open(path).convert("RGB")) for path in sorted(folder.glob("*.png"))[:limit]]


def residual_bands(pictures: Pictures, model: str) -> dict[str, np.ndarray]:
    """The finest wavelet bands of the residual of the model's reconstruction, all photos and colours in turn.

    As the lossless stream has them, but for one thing: values are clamped to 8 bits, which few reach.
    """
    found: dict[str, list[np.ndarray]] = {"HL": [], "LH": [], "HH": []}
    for picture in pictures:
        world = vaerans.World(arena_bytes=1 << 30)
        pipe = (
            world.pipe(world.spawn_image(picture))
            .to(OnnxVAEEncode(model=model))
            .to(OnnxVAEDecode(model=model), out="ReconRGB")
        )
        pyramid = (pipe.to(Residual()) | ReversibleColor() | WaveletCDF53(levels=1)).out("WaveletPyr")
        for band, values in found.items():
            values += [np.asarray(pyramid.band(c, 1, band)).ravel() for c in range(3)]
    return {band: (np.concatenate(v).clip(-128, 127) + 128).astype(np.uint8) for band, v in found.items()}


def picture_pair(pictures: Pictures) -> tuple[np.ndarray, np.ndarray]:
    """A 768x512 picture and the same with noise: a photo if there is one."""
    rng = np.random.default_rng(3)
    wide = [p for p in pictures if p.shape == (512, 768, 3)]
    reference = wide[0] if wide else rng.integers(0, 256, (512, 768, 3)).astype(np.uint8)
    return reference, (reference + rng.normal(0, 9, reference.shape)).round().clip(0, 255).astype(np.uint8)

"""The wavelet coder and the dial beside WebP and AVIF, on the Kodak photos and on crops of photos nothing was tuned on.

    python tools/evaluate/wavelet_table.py [--kodak ../shared/kodak] [--photos ../shared/photos] [--limit N]

Writes docs/wavelet.json: curves of mean bits per pixel (whole files), PSNR and MS-SSIM at settings that are the same
for all pictures of a set, BD-rates in PSNR over 0.2 to 2 bits per pixel (Bjøntegaard 2001, with monotone
interpolation), and what each quality of the dial gives. Speeds are of CPU time on one thread. AVIF is left out where
Pillow has none.
"""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import vaerans_ecs as vaerans
from lossless_table import HELD_OUT, provenance, timed, two_sets
from PIL import Image, features
from scipy.interpolate import PchipInterpolator

Coded = tuple[int, np.ndarray]
STEPS = (9.0, 13.0, 20.0, 30.0, 42.0, 60.0, 84.0)
QUALITIES = {"WebP": (10, 30, 50, 70, 80, 90, 95), "AVIF": (25, 40, 50, 60, 70, 80, 88)}
SETTINGS = {"WebP": {"method": 6}, "AVIF": {"speed": 6}}
DIAL = tuple(range(5, 101, 5))
RANGE = (0.2, 2.0)  # bits per pixel that BD-rates are of
CROP = 1024


def main() -> int:
    options = two_sets(__doc__, "wavelet.json").parse_args()
    sets = {
        "kodak": [read(path) for path in sorted(options.kodak.glob("*.png"))[: options.limit]],
        "held out": [crop(read(path)) for path in held_out(options.photos)[: options.limit]],
    }
    if not all(sets.values()):
        print("skipped: pictures are missing (see --kodak and --photos)")
        return 0
    result = {"provenance": provenance(), "sets": {name: of_set(pictures) for name, pictures in sets.items()}}
    options.json.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(result, indent=1))
    return 0


def held_out(folder: Path) -> list[Path]:
    return [path for name in HELD_OUT if (path := folder / f"{name}.webp").is_file()]


def read(path: Path) -> np.ndarray:
    return np.asarray(Image.open(path).convert("RGB"))


def crop(pixels: np.ndarray) -> np.ndarray:
    top, left = ((side - CROP) // 2 for side in pixels.shape[:2])
    return pixels[top : top + CROP, left : left + CROP]


def of_set(pictures: list[np.ndarray]) -> dict[str, Any]:
    curves = {"vaerans, wavelet": [point(pictures, by_step(step)) | {"step": step} for step in STEPS]}
    for kind in [kind for kind in QUALITIES if features.check(kind.lower())]:
        curves[kind] = [point(pictures, by_pillow(kind, q)) | {"quality": q} for q in QUALITIES[kind]]
    ours = curves["vaerans, wavelet"]
    return {
        "pictures": len(pictures),
        "curves": curves,
        "bd_rate_percent": {kind: bd_rate(ours, curves[kind]) for kind in QUALITIES if kind in curves},
        "dial": [point(pictures, by_quality(quality)) | {"quality": quality} for quality in DIAL],
    }


def point(pictures: list[np.ndarray], code: Callable[[np.ndarray], Coded]) -> dict[str, float]:
    """Means over pictures, and megapixels per second in and out together."""
    rows, seconds = [], 0.0
    for pixels in pictures:
        spent, (size, back) = timed(lambda pixels=pixels: code(pixels))
        seconds += spent
        quality = vaerans.measure(pixels, back)
        rows.append((8 * size / (pixels.shape[0] * pixels.shape[1]), min(quality["psnr"], 99.0), quality["ms_ssim"]))
    bpp, psnr, ms_ssim = np.mean(rows, 0)
    megapixels = sum(pixels.shape[0] * pixels.shape[1] for pixels in pictures) / 1e6
    numbers = {"bpp": bpp, "psnr": psnr, "ms_ssim": ms_ssim, "megapixels_per_second": megapixels / seconds}
    return {name: round(float(number), 4) for name, number in numbers.items()}


def by_step(step: float) -> Callable[[np.ndarray], Coded]:
    return lambda pixels: ours(pixels, step=step, mode="wavelet")


def by_quality(quality: int) -> Callable[[np.ndarray], Coded]:
    return lambda pixels: ours(pixels, quality=quality, mode="auto")


def ours(pixels: np.ndarray, **options: Any) -> Coded:
    data = vaerans.compress(pixels, threads=1, **options)
    return len(data), vaerans.decompress(data, threads=1)


def by_pillow(kind: str, quality: int) -> Callable[[np.ndarray], Coded]:
    def code(pixels: np.ndarray) -> Coded:
        out = io.BytesIO()
        Image.fromarray(pixels).save(out, kind, quality=quality, **SETTINGS[kind])
        return out.tell(), np.asarray(Image.open(out).convert("RGB"))

    return code


def bd_rate(ours: list[dict[str, float]], theirs: list[dict[str, float]]) -> float:
    """Mean difference of rate at equal PSNR, in percent, over the PSNR that both reach within RANGE."""
    curves = []
    for points in (ours, theirs):
        points = sorted(points, key=lambda p: p["psnr"])
        rates, psnr = np.log([p["bpp"] for p in points]), [p["psnr"] for p in points]
        ends = np.interp(np.log(RANGE), rates, psnr)
        curves.append((PchipInterpolator(psnr, rates), ends))
    low, high = max(c[1][0] for c in curves), min(c[1][1] for c in curves)
    means = [curve.integrate(low, high) / (high - low) for curve, _ in curves]
    return round(100 * (float(np.exp(means[0] - means[1])) - 1), 2)


if __name__ == "__main__":
    sys.exit(main())

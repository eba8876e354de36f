"""The wavelet coder and the dial beside other codecs, on the Kodak photos and on crops of photos nothing was tuned on.

    python tools/evaluate/wavelet_table.py [--kodak ../shared/kodak] [--photos ../shared/photos] [--limit N]

Writes docs/wavelet.json: curves of mean bits per pixel (whole files), PSNR, MS-SSIM of luma and of R, G, B, and
SSIMULACRA2 at settings that are the same for all pictures of a set, BD-rates in PSNR and in SSIMULACRA2 over 0.2 to 2
bits per pixel (Bjøntegaard 2001, with monotone interpolation), and what each quality of the dial gives. Speeds are of
CPU time on one thread. Codecs that are not there (AVIF in Pillow, cjxl) are left out. `--ours` measures this project
alone and keeps the peers' points, with where they came from; `--table` prints docs tables of the file that is there.
"""

from __future__ import annotations

import argparse
import io
import json
import shutil
import subprocess
import sys
import tempfile
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
VISUAL_STEPS = (5.0, 8.0, 13.0, 20.0, 30.0, 45.0, 64.0)
QUALITIES = {
    "JPEG": (10, 20, 40, 60, 75, 88, 95),
    "WebP": (1, 10, 30, 50, 70, 80, 90, 95),
    "AVIF": (25, 40, 50, 60, 70, 80, 88),
    "JPEG 2000": (130, 80, 48, 32, 24, 16, 10),  # compression ratios
    "JPEG XL": (10, 7, 4.5, 3, 2, 1.3, 0.7),  # distances
}
PILLOW = {
    "JPEG": ("JPEG", {"optimize": True, "progressive": True}),
    "WebP": ("WEBP", {"method": 6}),
    "AVIF": ("AVIF", {"speed": 6}),
    "JPEG 2000": ("JPEG2000", {"quality_mode": "rates", "irreversible": True, "mct": 1}),
}
METRICS = ("psnr", "ms_ssim", "ms_ssim_rgb", "ssimulacra2")
DIAL = tuple(range(5, 101, 5))
RANGE = (0.2, 2.0)  # bits per pixel that BD-rates are of
CROP = 1024


def main() -> int:
    parser = two_sets(__doc__, "wavelet.json")
    parser.add_argument("--sets", nargs="+", default=["kodak", "held out"], help="which of the two")
    parser.add_argument("--ours", action="store_true", help="keep the peers' points that are there")
    parser.add_argument("--table", action="store_true", help="print the tables of what is there")
    options = parser.parse_args()
    if options.table:
        print(tables(json.loads(options.json.read_text(encoding="utf-8"))))
        return 0
    sets = pictures_of(options)
    sets = {name: sets[name] for name in options.sets}
    if not all(sets.values()):
        print("skipped: pictures are missing (see --kodak and --photos)")
        return 0
    before = json.loads(options.json.read_text(encoding="utf-8")) if options.ours else {"sets": {}}
    measured = {name: of_set(pictures, before["sets"].get(name)) for name, pictures in sets.items()}
    result = {"provenance": provenance(), "sets": measured}
    if options.ours:
        result["peers"] = before.get("peers", before["provenance"])
    options.json.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(result, indent=1))
    return 0


def pictures_of(options: argparse.Namespace) -> dict[str, list[np.ndarray]]:
    """The two sets that two_sets() names."""
    return {
        "kodak": [read(path) for path in sorted(options.kodak.glob("*.png"))[: options.limit]],
        "held out": [crop(read(path)) for path in held_out(options.photos)[: options.limit]],
    }


def held_out(folder: Path) -> list[Path]:
    return [path for name in HELD_OUT if (path := folder / f"{name}.webp").is_file()]


def read(path: Path) -> np.ndarray:
    return np.asarray(Image.open(path).convert("RGB"))


def crop(pixels: np.ndarray) -> np.ndarray:
    top, left = ((side - CROP) // 2 for side in pixels.shape[:2])
    return pixels[top : top + CROP, left : left + CROP]


def of_set(pictures: list[np.ndarray], before: dict[str, Any] | None = None) -> dict[str, Any]:
    """With the peers' points of `before`, where that is given."""
    curves = {
        "vaerans": [point(pictures, by_step(step, "visual")) | {"step": step} for step in VISUAL_STEPS],
        "vaerans, tuned to PSNR": [point(pictures, by_step(step, "psnr")) | {"step": step} for step in STEPS],
    }
    curves |= {kind: before["curves"][kind] for kind in QUALITIES} if before else of_peers(pictures)
    peers = [kind for kind in QUALITIES if kind in curves]
    rates = {
        "psnr": {kind: bd_rate(curves["vaerans, tuned to PSNR"], curves[kind], "psnr") for kind in peers},
        "ssimulacra2": {kind: bd_rate(curves["vaerans"], curves[kind], "ssimulacra2") for kind in peers},
    }
    dial = [point(pictures, by_quality(quality)) | {"quality": quality} for quality in DIAL]
    return {"pictures": len(pictures), "curves": curves, "bd_rate_percent": rates, "dial": dial}


def of_peers(pictures: list[np.ndarray]) -> dict[str, list[dict[str, float]]]:
    there = [kind for kind in QUALITIES if is_there(kind)]
    return {kind: [point(pictures, by_peer(kind, q)) | {"quality": q} for q in QUALITIES[kind]] for kind in there}


def is_there(kind: str) -> bool:
    if kind == "JPEG XL":
        return shutil.which("cjxl") is not None and shutil.which("djxl") is not None
    return kind != "AVIF" or features.check("avif")


def point(pictures: list[np.ndarray], code: Callable[[np.ndarray], Coded]) -> dict[str, float]:
    """Means over pictures, and megapixels per second in and out together."""
    rows, seconds = [], 0.0
    for pixels in pictures:
        spent, (size, back) = timed(lambda pixels=pixels: code(pixels))
        seconds += spent
        quality = vaerans.measure(pixels, back)
        values = [min(quality[name], 99.0) if name == "psnr" else quality[name] for name in METRICS]
        rows.append((8 * size / (pixels.shape[0] * pixels.shape[1]), *values))
    megapixels = sum(pixels.shape[0] * pixels.shape[1] for pixels in pictures) / 1e6
    numbers = dict(zip(("bpp", *METRICS), np.mean(rows, 0), strict=True))
    numbers["ssimulacra2_spread"] = np.std([row[-1] for row in rows])
    numbers["megapixels_per_second"] = megapixels / seconds
    return {name: round(float(number), 4) for name, number in numbers.items()}


def by_step(step: float, tune: str) -> Callable[[np.ndarray], Coded]:
    return lambda pixels: ours(pixels, step=step, mode="wavelet", tune=tune)


def by_quality(quality: int) -> Callable[[np.ndarray], Coded]:
    return lambda pixels: ours(pixels, quality=quality)


def ours(pixels: np.ndarray, **options: Any) -> Coded:
    data = vaerans.compress(pixels, threads=1, **options)
    return len(data), vaerans.decompress(data, threads=1)


def by_peer(kind: str, quality: float) -> Callable[[np.ndarray], Coded]:
    if kind == "JPEG XL":
        return lambda pixels: jpeg_xl(pixels, quality)
    name, settings = PILLOW[kind]
    how = {"quality_layers": [quality]} if kind == "JPEG 2000" else {"quality": quality}

    def code(pixels: np.ndarray) -> Coded:
        out = io.BytesIO()
        Image.fromarray(pixels).save(out, name, **how, **settings)
        return out.tell(), np.asarray(Image.open(out).convert("RGB"))

    return code


def jpeg_xl(pixels: np.ndarray, distance: float) -> Coded:
    with tempfile.TemporaryDirectory() as folder:
        source, coded, back = (Path(folder) / name for name in ("in.ppm", "x.jxl", "out.ppm"))
        Image.fromarray(pixels).save(source)
        for command in (["cjxl", source, coded, "-d", str(distance), "-e", "7"], ["djxl", coded, back]):
            subprocess.run([*command, "--quiet", "--num_threads=0"], check=True, capture_output=True)
        return coded.stat().st_size, np.asarray(Image.open(back).convert("RGB"))


def bd_rate(ours: list[dict[str, float]], theirs: list[dict[str, float]], metric: str) -> float:
    """Mean difference of rate at equal quality, in percent, over the quality that both reach within RANGE."""
    curves = []
    for points in (ours, theirs):
        points = sorted(points, key=lambda p: p[metric])
        rates, quality = np.log([p["bpp"] for p in points]), [p[metric] for p in points]
        ends = np.interp(np.log(RANGE), rates, quality)
        curves.append((PchipInterpolator(quality, rates), ends))
    low, high = max(c[1][0] for c in curves), min(c[1][1] for c in curves)
    means = [curve.integrate(low, high) / (high - low) for curve, _ in curves]
    return round(100 * (float(np.exp(means[0] - means[1])) - 1), 2)


def tables(result: dict[str, Any]) -> str:
    """Each set's curves at some rates, and its dial."""
    rates, out = (0.3, 0.5, 1.0, 2.0), []
    for name, found in result["sets"].items():
        out += [f"| {name} | " + " | ".join(f"{rate:g} bpp" for rate in rates) + " |", "|---" * (len(rates) + 1) + "|"]
        for kind, points in found["curves"].items():
            at = {m: [read_off(points, rate, m) for rate in rates] for m in METRICS}
            cells = [
                "–" if np.isnan(psnr) else f"{psnr:.2f} · {luma:.4f} · {rgb:.4f} · {seen:.1f}"
                for psnr, luma, rgb, seen in zip(*at.values(), strict=True)
            ]
            out.append(f"| {kind} | " + " | ".join(cells) + " |")
        out += ["", "| quality | bpp | PSNR / dB | MS-SSIM | SSIMULACRA2 | its spread |", "|---|---|---|---|---|---|"]
        for p in found["dial"]:
            row = f"{p['bpp']:.3f} | {p['psnr']:.2f} | {p['ms_ssim']:.4f} | {p['ssimulacra2']:.1f}"
            out.append(f"| {p['quality']} | {row} | {p['ssimulacra2_spread']:.1f} |")
        out.append("")
    return "\n".join(out)


def read_off(points: list[dict[str, float]], rate: float, metric: str) -> float:
    """On the line between two points; nan where the curve does not reach."""
    points = sorted(points, key=lambda p: p["bpp"])
    rates = np.log([p["bpp"] for p in points])
    return float(np.interp(np.log(rate), rates, [p[metric] for p in points], left=np.nan, right=np.nan))


if __name__ == "__main__":
    sys.exit(main())

"""Time against size at each effort, on the Kodak photos and on crops of photos nothing was tuned on.

    python tools/evaluate/effort_table.py [--kodak ../shared/kodak] [--photos ../shared/photos] [--limit N] [--table]
        [--only lossless|wavelet]

Writes docs/effort.json and the tables in docs/effort.md; with --only the other half of it stays as it is. Only
efforts that differ are measured. Lossless: bits per pixel of whole files, every one of them decoded and compared.
Wavelet: by how much the bytes differ at equal PSNR (`tune="psnr"`) and at equal SSIMULACRA2 (the default steps) from
effort 5, in percent (BD-rate, as in wavelet_table.py). Times are of CPU on one thread.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import numpy as np
import vaerans_ecs as vaerans
from lossless_table import ROOT, provenance, summary, timed, two_sets
from table import insert
from wavelet_table import STEPS, VISUAL_STEPS, bd_rate, pictures_of, point

LOSSLESS = (5, 8, 9)
WAVELET = (1, 5, 7)


def main() -> int:
    parser = two_sets(__doc__, "effort.json")
    parser.add_argument("--table", action="store_true", help="print the table of what is there")
    parser.add_argument("--only", choices=tuple(HALVES), help="measure this half")
    options = parser.parse_args()
    if options.table:
        show(json.loads(options.json.read_text(encoding="utf-8")))
        return 0
    sets = pictures_of(options)
    if not all(sets.values()):
        print("skipped: pictures are missing (see --kodak and --photos)")
        return 0
    result = json.loads(options.json.read_text(encoding="utf-8")) if options.only else {"sets": {}, "provenance": {}}
    for half in [options.only] if options.only else HALVES:
        result["provenance"][half] = provenance()
        for name, pictures in sets.items():
            result["sets"].setdefault(name, {})[half] = HALVES[half](pictures)
    options.json.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    show(result)
    return 0


def lossless(pictures: list[np.ndarray]) -> dict[str, Any]:
    return {str(effort): summary([exact(pixels, effort) for pixels in pictures]) for effort in LOSSLESS}


def exact(pixels: np.ndarray, effort: int) -> dict[str, float]:
    into, data = timed(lambda: vaerans.compress(pixels, lossless=True, effort=effort, threads=1))
    out, back = timed(lambda: vaerans.decompress(data, threads=1))
    np.testing.assert_array_equal(back, pixels)
    return {"bytes": len(data), "pixels": pixels.shape[0] * pixels.shape[1], "in": into, "out": out}


def wavelet(pictures: list[np.ndarray]) -> dict[str, Any]:
    """{effort: BD-rates against effort 5, and megapixels per second of an encoding}."""
    curves = {effort: [curve(pictures, effort, tune) for tune in ("psnr", "visual")] for effort in WAVELET}
    psnr, seen = curves[5]
    return {
        str(effort): {
            "bytes_at_equal_psnr_percent": bd_rate(exactly, psnr, "psnr"),
            "bytes_at_equal_ssimulacra2_percent": bd_rate(visually, seen, "ssimulacra2"),
            "megapixels_per_second_in": speed(pictures, effort),
        }
        for effort, (exactly, visually) in curves.items()
    }


def curve(pictures: list[np.ndarray], effort: int, tune: str) -> list[dict[str, float]]:
    return [
        point(pictures, lambda pixels, step=step: coded(pixels, step, effort, tune))
        for step in (STEPS if tune == "psnr" else VISUAL_STEPS)
    ]


def coded(pixels: np.ndarray, step: float, effort: int, tune: str) -> tuple[int, np.ndarray]:
    data = encoded(pixels, step, effort, tune)
    return len(data), vaerans.decompress(data, threads=1)


def encoded(pixels: np.ndarray, step: float, effort: int, tune: str) -> bytes:
    return vaerans.compress(pixels, step=step, mode="wavelet", tune=tune, effort=effort, threads=1)


HALVES = {"lossless": lossless, "wavelet": wavelet}


def speed(pictures: list[np.ndarray], effort: int) -> float:
    """At about half a bit per pixel."""
    seconds = sum(timed(lambda pixels=pixels: encoded(pixels, 42, effort, "psnr"))[0] for pixels in pictures)
    return round(sum(pixels.shape[0] * pixels.shape[1] for pixels in pictures) / seconds / 1e6, 3)


def show(result: dict[str, Any]) -> None:
    """Prints the tables, and puts them into docs/effort.md."""
    print(table(result))
    origin = result["provenance"]["wavelet"]
    insert(ROOT / "docs" / "effort.md", f"{table(result)}\n\n{origin['processor']}, one thread.", "effort")


def table(result: dict[str, Any]) -> str:
    lines = ["| set | effort | lossless / bpp | MP/s in | MP/s out |", "|---|---:|---:|---:|---:|"]
    for name, found in result["sets"].items():
        for effort, row in found["lossless"].items():
            speeds = f"{row['megapixels_per_second_in']:.2f} | {row['megapixels_per_second_out']:.2f}"
            lines.append(f"| {name} | {effort} | {row['bpp']:.3f} | {speeds} |")
    lines += [
        "",
        "| set | effort | bytes at equal PSNR | at equal SSIMULACRA2 | MP/s in |",
        "|---|---:|---:|---:|---:|",
    ]
    for name, found in result["sets"].items():
        for effort, row in found["wavelet"].items():
            rates = [row[f"bytes_at_equal_{of}_percent"] for of in ("psnr", "ssimulacra2")]
            cells = " | ".join(f"{rate:+.1f} %" for rate in rates)
            lines.append(f"| {name} | {effort} | {cells} | {row['megapixels_per_second_in']:.2f} |")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())

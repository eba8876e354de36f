"""The tables of docs/kodak.json, and putting it between its markers in the documents.

    python tools/evaluate/table.py

writes the tables again without measuring anything; kodak_table.py measures.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
NAMES = {"jpeg420": "JPEG 4:2:0", "webp": "WebP", "avif": "AVIF", "jxl": "JPEG XL", "jp2": "JPEG 2000"}
LOSSLESS = {"png": "PNG", "webp-lossless": "WebP", "jxl-lossless": "JPEG XL"}
Peers = dict[str, list[dict[str, float]]]


def main() -> int:
    write_tables(json.loads((ROOT / "docs" / "kodak.json").read_text("utf-8")))
    return 0


def write_tables(data: dict[str, Any]) -> None:
    """Our models beside other codecs goes into the README, what each setting gives into docs/benchmarking.md."""
    insert(ROOT / "README.md", beside_others(data["models"], data["peers"]), "kodak")
    insert(ROOT / "docs" / "benchmarking.md", all_settings(data["models"]), "settings")


def all_settings(results: list[dict[str, Any]]) -> str:
    lines = ["| model | setting | bpp | PSNR / dB | SSIM | MS-SSIM |", "|---|---|---:|---:|---:|---:|"]
    for result in results:
        lines += [f"| `{result['model']}` | {row_of(label, row)} |" for label, row in settings(result)]
    return "\n".join(lines)


def beside_others(results: list[dict[str, Any]], peers: Peers) -> str:
    rivals = {NAMES[k]: v for k, v in peers.items() if k in NAMES}
    return "\n\n".join([*same_rates(results, rivals), *(about(result, peers) for result in results)])


def settings(result: dict[str, Any]) -> list[tuple[str, dict[str, float]]]:
    rows = [(f"quality {row['quality']}{' (default)' * (row['quality'] == 75)}", row) for row in result["qualities"]]
    return rows + [(f"bpp = {row['target_bpp']}", row) for row in result["targets"]]


def row_of(label: str, row: dict[str, float]) -> str:
    return f"{label} | {row['bpp']:.3f} | {row['psnr']:.2f} | {row['ssim']:.4f} | {row['ms_ssim']:.4f}"


def same_rates(results: list[dict[str, Any]], rivals: Peers) -> list[str]:
    """PSNR and MS-SSIM at the rates that the first model was asked for and every other codec was measured around."""
    rates = [r["bpp"] for r in results[0]["targets"] if all(within(points, r["bpp"]) for points in rivals.values())]
    if not rivals or not rates:
        return []
    curves = {f"`{r['model']}`": curve_of(r) for r in results} | rivals
    head = ["codec", *(f"{what} at {rate:.3f} bpp" for rate in rates for what in ("PSNR / dB", "MS-SSIM"))]
    lines = ["| " + " | ".join(head) + " |", "|---|" + "---:|" * (len(head) - 1)]
    for name, points in curves.items():
        cells = [f"{at(points, rate, 'psnr'):.2f} | {at(points, rate, 'ms_ssim'):.3f}" for rate in rates]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return ["\n".join(lines)]


def about(result: dict[str, Any], peers: Peers) -> str:
    """The ceiling, bit-exactness and speed of one model in sentences."""
    top, lossless, speed = result["ceiling"], result["lossless"], result["megapixels_per_second"]
    origin, share = result["provenance"], 100 * result["time"]["session_and_pixel_share"]
    others = ", ".join(f"{LOSSLESS[k]} {v[0]['bpp']:.2f}" for k, v in peers.items() if k in LOSSLESS)
    return (
        f"`{result['model']}`, {origin['pictures']} photos ({origin['images']}): without quantisation the VAE reaches "
        f"{top['psnr']:.2f} dB (SSIM {top['ssim']:.4f}, MS-SSIM {top['ms_ssim']:.4f}). With the residual stream "
        f"{lossless['equal']} of {origin['pictures']} photos are bit-exact, at {lossless['bpp']:.2f} bpp"
        f"{f' ({others})' if others else ''}. {speed['encode']:.1f} megapixels a second in, {speed['decode']:.1f} out, "
        f"{share:.1f} % of that in `session.run` and on pixels ({origin['processor']}, {origin['threads']} threads)."
    )


def curve_of(result: dict[str, Any]) -> list[dict[str, float]]:
    """The points at fixed rates, and beyond them those at fixed qualities: the two kinds of means are not mixed."""
    rates = [point["bpp"] for point in result["targets"]]
    outside = [point for point in result["qualities"] if not min(rates) <= point["bpp"] <= 1.1 * max(rates)]
    return sorted(result["targets"] + outside, key=lambda point: point["bpp"])


def within(points: list[dict[str, float]], bpp: float) -> bool:
    rates = [point["bpp"] for point in points]
    return min(rates) <= bpp <= max(rates)


def at(points: list[dict[str, float]], bpp: float, metric: str) -> float:
    """A curve's value at this rate, linear in log(bpp)."""
    points = sorted(points, key=lambda p: p["bpp"])
    return float(np.interp(np.log(bpp), np.log([p["bpp"] for p in points]), [p[metric] for p in points]))


def insert(document: Path, text: str, name: str = "kodak") -> bool:
    """Replaces what stands between <!-- name:begin --> and <!-- name:end -->; False where there are none."""
    if not document.is_file():
        return False
    first, last = f"<!-- {name}:begin -->", f"<!-- {name}:end -->"
    before, begin, rest = document.read_text("utf-8").partition(first)
    _, end, after = rest.partition(last)
    if not (begin and end):
        return False
    document.write_text(f"{before}{first}\n{text}\n{last}{after}", "utf-8")
    return True


if __name__ == "__main__":
    raise SystemExit(main())

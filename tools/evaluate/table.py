"""The tables of docs/kodak.json, and putting it between its markers in the documents.

    python tools/evaluate/table.py

writes the tables again without measuring anything; kodak_table.py measures.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
LOSSLESS = {"png": "PNG", "webp-lossless": "WebP", "jxl-lossless": "JPEG XL"}
Peers = dict[str, list[dict[str, float]]]


def main() -> int:
    write_tables(json.loads((ROOT / "docs" / "kodak.json").read_text("utf-8")))
    return 0


def write_tables(data: dict[str, Any]) -> None:
    """A few sentences on each model go into the README, what each setting gives into docs/benchmarking.md."""
    insert(ROOT / "README.md", sentences(data["models"], data["peers"]), "kodak")
    insert(ROOT / "docs" / "benchmarking.md", all_settings(data["models"]), "settings")


def all_settings(results: list[dict[str, Any]]) -> str:
    lines = ["| model | setting | bpp | PSNR / dB | SSIM | MS-SSIM |", "|---|---|---:|---:|---:|---:|"]
    for result in results:
        lines += [f"| `{result['model']}` | {row_of(label, row)} |" for label, row in settings(result)]
    return "\n".join(lines)


def sentences(results: list[dict[str, Any]], peers: Peers) -> str:
    return "\n\n".join(about(result, peers) for result in results)


def settings(result: dict[str, Any]) -> list[tuple[str, dict[str, float]]]:
    rows = [(f"quality {row['quality']}{' (default)' * (row['quality'] == 75)}", row) for row in result["qualities"]]
    return rows + [(f"bpp = {row['target_bpp']}", row) for row in result["targets"]]


def row_of(label: str, row: dict[str, float]) -> str:
    return f"{label} | {row['bpp']:.3f} | {row['psnr']:.2f} | {row['ssim']:.4f} | {row['ms_ssim']:.4f}"


def about(result: dict[str, Any], peers: Peers) -> str:
    """The ceiling, bit-exactness and speed of one model in sentences."""
    top, lossless, origin = result["ceiling"], result["lossless"], result["provenance"]
    others = ", ".join(f"{LOSSLESS[k]} {v[0]['bpp']:.2f}" for k, v in peers.items() if k in LOSSLESS)
    return (
        f"`{result['model']}`, {origin['pictures']} photos ({origin['images']}): without quantisation the VAE reaches "
        f"{top['psnr']:.2f} dB (SSIM {top['ssim']:.4f}, MS-SSIM {top['ms_ssim']:.4f}). With the residual stream "
        f"{lossless['equal']} of {origin['pictures']} photos are bit-exact, at {lossless['bpp']:.2f} bpp"
        f"{f' ({others})' if others else ''}.{speeds(result)}"
    )


def speeds(result: dict[str, Any]) -> str:
    """Nothing where they were not measured."""
    if "megapixels_per_second" not in result:
        return ""
    speed, origin = result["megapixels_per_second"], result["provenance"]
    share = 100 * result["time"]["session_and_pixel_share"]
    return (
        f" {speed['encode']:.1f} megapixels a second in, {speed['decode']:.1f} out, {share:.1f} % of that in "
        f"`session.run` and on pixels ({origin['processor']}, {origin['threads']} threads)."
    )


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

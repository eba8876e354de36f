"""What effort buys of a model: better latents at no more bytes, picture by picture, and the time that it takes.

    python tools/evaluate/refined_table.py [--kodak ../shared/kodak] [--photos ../shared/photos] [--limit N] [--table]
    python tools/evaluate/refined_table.py --add --qualities 38 58 --efforts 7

Writes docs/refined.json and the table of it in docs/effort.md; `--add` keeps the rows that are not measured anew.
Square middles of the Kodak photos, every third of them, and of the held-out photos at half size: whole pictures of all
would take a day. Each picture's files at the efforts above 5 are held against its own curve of effort 5 at equal bytes
(monotone interpolation over the logarithm of the bytes): decibels and points of SSIMULACRA2 gained. Times are of CPU on
one thread.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import vaerans_ecs as vaerans
from lossless_table import ROOT, provenance, timed, two_sets
from PIL import Image
from scipy.interpolate import PchipInterpolator
from table import insert
from vaerans_ecs._vaerans import DEFAULT_MODEL
from wavelet_table import held_out, read

DOCUMENT = ROOT / "docs" / "effort.md"
SIDE, EVERY = 512, 3
QUALITIES = (50.0, 65.0)  # about 0.1 and 0.25 bits per pixel
CURVE = (22.0, 30.0, 38.0, 46.0, 54.0, 62.0, 70.0, 78.0, 86.0)
EFFORTS = (6, 7, 8, 9)


def main() -> int:
    parser = two_sets(__doc__, "refined.json")
    parser.add_argument("--table", action="store_true", help="write the table of what is there")
    parser.add_argument("--model", default=DEFAULT_MODEL)
    parser.add_argument("--efforts", type=int, nargs="+", default=EFFORTS)
    parser.add_argument("--qualities", type=float, nargs="+", default=QUALITIES)
    parser.add_argument("--add", action="store_true", help="keep the other rows that are there")
    options = parser.parse_args()
    if options.table:
        show(json.loads(options.json.read_text(encoding="utf-8")), options.json)
        return 0
    sets = {
        "kodak": [middle(read(path)) for path in sorted(options.kodak.glob("*.png"))[::EVERY][: options.limit]],
        "held out": [middle(halved(path)) for path in held_out(options.photos)[: options.limit]],
    }
    if not all(sets.values()):
        print("skipped: pictures are missing (see --kodak and --photos)")
        return 0
    found = {name: rows(pictures, options) for name, pictures in sets.items()}
    result = {"provenance": provenance(), "model": options.model, "sets": found}
    if options.add:
        result = joined(json.loads(options.json.read_text(encoding="utf-8")), result)
    options.json.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    show(result, options.json)
    return 0


def show(result: dict[str, Any], path: Path) -> None:
    """Prints the table, and puts that of docs/refined.json into the document."""
    print(table(result))
    if path == DOCUMENT.with_name("refined.json"):
        insert(DOCUMENT, text_of(result), "refined")


def joined(before: dict[str, Any], added: dict[str, Any]) -> dict[str, Any]:
    """All rows, those of `added` in the place of what was there of the same quality and effort."""
    sets = {}
    for name, rows_before in before["sets"].items():
        by_place = {(row["quality"], row["effort"]): row for row in (*rows_before, *added["sets"][name])}
        sets[name] = [by_place[place] for place in sorted(by_place)]
    return before | {"sets": sets, "rows added by": added["provenance"]}


def middle(pixels: np.ndarray) -> np.ndarray:
    top, left = ((extent - SIDE) // 2 for extent in pixels.shape[:2])
    return np.ascontiguousarray(pixels[top : top + SIDE, left : left + SIDE])


def halved(path: Any) -> np.ndarray:
    with Image.open(path) as picture:
        size = picture.width // 2, picture.height // 2
        return np.asarray(picture.convert("RGB").resize(size, Image.Resampling.LANCZOS))


def rows(pictures: list[np.ndarray], options: Any) -> list[dict[str, float]]:
    """One row for each quality and effort: means over the pictures."""
    gains = [gains_of(pixels, options) for pixels in pictures]
    return [
        {"quality": quality, "effort": effort, "pictures": len(pictures)}
        | means([gain[quality, effort] for gain in gains])
        for quality in options.qualities
        for effort in (5, *options.efforts)
    ]


def means(found: list[dict[str, float]]) -> dict[str, float]:
    return {name: round(float(np.mean([one[name] for one in found])), 4) for name in found[0]}


def gains_of(pixels: np.ndarray, options: Any) -> dict[tuple[float, int], dict[str, float]]:
    curve = [coded(pixels, quality, 5, options.model) for quality in CURVE]
    bytes_of = np.log([c["bpp"] for c in curve])
    plain = {name: PchipInterpolator(bytes_of, [c[name] for c in curve]) for name in ("psnr", "ssimulacra2")}
    out = {}
    for quality in options.qualities:
        for effort in (5, *options.efforts):
            file = coded(pixels, quality, effort, options.model)
            gain = {f"{name}_gain": file[name] - float(line(np.log(file["bpp"]))) for name, line in plain.items()}
            out[quality, effort] = file | gain
    return out


def coded(pixels: np.ndarray, quality: float, effort: int, model: str) -> dict[str, float]:
    seconds, data = timed(
        lambda: vaerans.compress(pixels, quality=quality, model=model, mode="model", effort=effort, threads=1)
    )
    seen = vaerans.measure(pixels, vaerans.decompress(data))
    megapixels = pixels.shape[0] * pixels.shape[1] / 1e6
    return {
        "bpp": len(data) * 8e-6 / megapixels, "psnr": seen["psnr"], "ssimulacra2": seen["ssimulacra2"],
        "seconds_per_megapixel": seconds / megapixels,
    }  # fmt: skip


def table(result: dict[str, Any]) -> str:
    heads = ("set", "quality", "effort", "bpp", "PSNR / dB", "SSIMULACRA2", "CPU s / MP")
    lines = [f"| {' | '.join(heads)} |", "|---|---|---|---:|---:|---:|---:|"]
    for name, found in result["sets"].items():
        for row in found:
            gain = f" ({row['psnr_gain']:+.2f})", f" ({row['ssimulacra2_gain']:+.1f})"
            dB, points = gain if row["effort"] > 5 else ("", "")
            lines.append(
                f"| {name} | {row['quality']:g} | {row['effort']} | {row['bpp']:.4f} | {row['psnr']:.2f}{dB} | "
                f"{row['ssimulacra2']:.1f}{points} | {row['seconds_per_megapixel']:.0f} |"
            )
    return "\n".join(lines)


def text_of(result: dict[str, Any]) -> str:
    """The table and what it was measured on, as it stands in the document."""
    added = result.get("rows added by")
    machines = result["provenance"]["processor"] + (f"; rows added later: {added['processor']}" if added else "")
    return (
        "Middles of 512 × 512 of every third Kodak photo, and of the held-out photos at half size, by "
        f"`{result['model']}`; in brackets what is gained over effort 5 at equal bytes "
        "(`tools/evaluate/refined_table.py`, which writes [refined.json](refined.json) and this):\n\n"
        f"{table(result)}\n\n{machines}; kept busy by others."
    )


if __name__ == "__main__":
    sys.exit(main())

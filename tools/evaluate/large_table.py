"""Large pictures: time and memory of whole programs, in and out, beside peers.

    python tools/evaluate/large_table.py [--photos ../shared/photos] [--megapixels 24 96] [--table]

Writes docs/large.json and the table of it in docs/benchmarking.md. The pictures are put together of pieces of photos.
All programs read and write PPM (AVIF's PNG), with as many threads as they take by themselves: a lossy setting of each
that looks about the same (SSIMULACRA2 is measured up to 30 megapixels), and lossless ones. Peers that are not installed
are left out. `--only` measures some rows and keeps the others, with where they came from.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from shutil import which
from typing import Any

import numpy as np
import vaerans_ecs as vaerans
from lossless_table import ROOT, provenance
from PIL import Image
from table import insert

sys.path.append(str(ROOT / "tools" / "reliability"))
import sandbox

PIECE = 1000
SIDES = {24: (4000, 6000), 96: (8000, 12000)}
MEASURED_UP_TO = 30e6
SECONDS = 3600  # what a program may take of the CPU
PROGRAM = str(ROOT / "build" / "release" / "bin" / "vaerans")

# Name: how to encode from a.ppm, and how to decode to b.ppm.
CODECS = {
    "vaerans -q 80": (f"{PROGRAM} compress -f -q 80 a.ppm -o a.vrs", f"{PROGRAM} decompress -f a.vrs -o b.ppm"),
    "… by --stream": (
        f"{PROGRAM} compress -f --stream -q 80 a.ppm -o a.vrs",
        f"{PROGRAM} decompress -f --stream a.vrs -o b.ppm",
    ),
    "… a region of 256²": ("", f"{PROGRAM} decompress -f --region 2000,2000,256,256 a.vrs -o c.ppm"),
    "JPEG XL -d 1.8": ("cjxl a.ppm a.jxl -d 1.8 --quiet", "djxl a.jxl b.ppm --quiet"),
    "AVIF cq-level 21 -s 6": (
        "avifenc --min 0 --max 63 -a end-usage=q -a cq-level=21 -s 6 -j all a.png a.avif",
        "avifdec -j all a.avif b.png",
    ),
    "JPEG 2000 -r 36": ("opj_compress -i a.ppm -o a.jp2 -r 36 -I", "opj_decompress -i a.jp2 -o b.ppm"),
    "vaerans --lossless": (
        f"{PROGRAM} compress -f --lossless a.ppm -o a.vrs",
        f"{PROGRAM} decompress -f a.vrs -o b.ppm",
    ),
    "vaerans --lossless -e 1": (
        f"{PROGRAM} compress -f --lossless -e 1 a.ppm -o a.vrs",
        f"{PROGRAM} decompress -f a.vrs -o b.ppm",
    ),
    "JPEG XL lossless -e 3": ("cjxl a.ppm a.jxl -d 0 -e 3 --quiet", "djxl a.jxl b.ppm --quiet"),
}


def main() -> int:
    options = arguments()
    if not options.table:
        photos = sorted(options.photos.glob("*.webp"))
        if not photos or not Path(PROGRAM).exists():
            print("skipped: photos or the program are missing (see --photos, ./dev build)")
            return 0
        before = json.loads(options.json.read_text(encoding="utf-8")) if options.only else {"megapixels": {}}
        pictures = before["megapixels"] | {
            str(m): measured(picture_of(photos, *SIDES[m]), options.only, before["megapixels"].get(str(m), {}))
            for m in options.megapixels
        }
        result = {"provenance": provenance() | {"threads": len(os.sched_getaffinity(0))}, "megapixels": pictures}
        if options.only:
            result["measured last"] = options.only
            result["other rows"] = [before["provenance"], *before.get("other rows", [])]
        options.json.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    insert(ROOT / "docs" / "benchmarking.md", document(json.loads(options.json.read_text(encoding="utf-8"))), "large")
    return 0


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--photos", type=Path, default=ROOT.parent / "shared" / "photos", help="folder of WebPs")
    parser.add_argument("--megapixels", type=int, nargs="+", choices=sorted(SIDES), default=sorted(SIDES))
    parser.add_argument("--json", type=Path, default=ROOT / "docs" / "large.json")
    parser.add_argument("--only", nargs="+", choices=list(CODECS), help="measure these rows and keep the others")
    parser.add_argument("--table", action="store_true", help="write the table of what is there")
    return parser.parse_args()


def picture_of(photos: list[Path], height: int, width: int) -> np.ndarray:
    pieces = list(pieces_of(photos))
    rows, columns = height // PIECE, width // PIECE
    chosen = [pieces[i % len(pieces)] for i in range(rows * columns)]
    grid = np.stack(chosen).reshape(rows, columns, PIECE, PIECE, 3)
    return np.ascontiguousarray(grid.transpose(0, 2, 1, 3, 4).reshape(height, width, 3))


def pieces_of(photos: list[Path]) -> Iterator[np.ndarray]:
    for path in photos:
        pixels = np.asarray(Image.open(path).convert("RGB"))
        if min(pixels.shape[:2]) >= PIECE:
            yield pixels[:PIECE, :PIECE]


def measured(pixels: np.ndarray, only: list[str] | None, before: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        Image.fromarray(pixels).save(folder / "a.ppm")
        Image.fromarray(pixels).save(folder / "a.png", compress_level=1)
        for codec, (encode, decode) in CODECS.items():
            if only and codec not in only:
                found |= {codec: before[codec]} if codec in before else {}
            elif which(decode.split()[0]):
                found[codec] = row_of(pixels, folder, encode, decode)
                print(codec, found[codec], flush=True)
    return found


def row_of(pixels: np.ndarray, folder: Path, encode: str, decode: str) -> dict[str, Any]:
    """Without `encode` the file is the one before."""
    if not encode:
        return {"out": run(decode, folder)}
    row: dict[str, Any] = {"in": run(encode, folder), "out": run(decode, folder)}
    row["bpp"] = 8 * (folder / decode_source(decode)).stat().st_size / pixels[..., 0].size
    if "lossless" not in encode and "-d 0" not in encode and pixels[..., 0].size <= MEASURED_UP_TO:
        back = np.asarray(Image.open(folder / decode.split()[-1 if "quiet" not in decode else -2]))
        row["ssimulacra2"] = vaerans.measure(pixels, back)["ssimulacra2"]
    return row


def decode_source(decode: str) -> str:
    return next(word for word in decode.split() if word.startswith("a."))


def run(command: str, folder: Path) -> dict[str, float]:
    for left in ("b.ppm", "b.png"):
        (folder / left).unlink(missing_ok=True)
    done = sandbox.run(command.split(), SECONDS, str(folder))
    if done.status != 0:
        raise RuntimeError(f"{command}: status {done.status}")
    return {
        "seconds": round(done.wall, 2),
        "cpu_seconds": round(done.cpu, 2),
        "mebibytes": round(done.peak / (1 << 20)),
    }


def document(result: dict[str, Any]) -> str:
    origin = "{processor}, {threads} threads, commit {commit}".format(**result["provenance"])
    if "other rows" in result:
        commits = " and ".join(str(run["commit"]) for run in result["other rows"])
        origin += f" ({', '.join(result['measured last'])}); the other rows: commits {commits} on the same kind"
    return "\n\n".join([table(result["megapixels"]), f"{origin}."])


def table(pictures: dict[str, Any]) -> str:
    head = "| megapixels | | bpp | SSIMULACRA2 | in: seconds · CPU · MiB | out: seconds · CPU · MiB |"
    lines = [head, "|---:|---|---:|---:|---:|---:|"]
    for megapixels, rows in pictures.items():
        for codec, row in rows.items():
            numbers = [
                f"{row['bpp']:.2f}" if "bpp" in row else "",
                f"{row['ssimulacra2']:.1f}" if "ssimulacra2" in row else "",
            ]
            cells = [cell(row[way]) if way in row else "" for way in ("in", "out")]
            lines.append(f"| {megapixels} | {codec} | " + " | ".join(numbers + cells) + " |")
    return "\n".join(lines)


def cell(way: dict[str, float]) -> str:
    return f"{way['seconds']:.1f} · {way['cpu_seconds']:.1f} · {way['mebibytes']:,.0f}"


if __name__ == "__main__":
    sys.exit(main())

"""The fast lossless effort beside quick peers: Kodak, crops of photos nothing was tuned on, and graphics.

    python tools/evaluate/fast_table.py [--kodak ../shared/kodak] [--photos ../shared/photos] [--limit N] [--table]

Writes docs/fast.json and the table of it in docs/effort.md: mean bits per pixel of whole files, and megapixels a second
of CPU time on one thread, in and out, the better of two runs a picture. Ours and Pillow's are timed in this process,
cjxl and djxl as processes of their own, with reading PPM, or writing it, in their time. Every file of ours and of JPEG
XL's is decoded and compared.
"""

from __future__ import annotations

import io
import json
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from shutil import which
from typing import Any

import numpy as np
import vaerans_ecs as vaerans
from lossless_table import ROOT, provenance, summary, timed, two_sets
from PIL import Image, features
from table import insert
from wavelet_table import CROP, pictures_of, read

EFFORTS = (1, 5)
JXL_EFFORTS = (1, 2, 3)
PILLOW = {
    "PNG, level 1": ("PNG", {"compress_level": 1}),
    "PNG, level 6": ("PNG", {"compress_level": 6}),
    "WebP, method 0": ("WebP", {"lossless": True, "quality": 0, "method": 0}),
    "WebP, method 4": ("WebP", {"lossless": True, "method": 4}),
}
GRAPHICS = 6  # pictures
RUNS = 2

Row = dict[str, float]


def main() -> int:
    parser = two_sets(__doc__ or "", "fast.json")
    parser.add_argument("--table", action="store_true", help="write the table of what is there")
    options = parser.parse_args()
    if not options.table:
        sets = sets_of(options)
        if not all(sets.values()):
            print("skipped: pictures are missing (see --kodak and --photos)")
            return 0
        how = {"times": f"CPU seconds, the best of {RUNS} runs a picture"}
        result = {"provenance": provenance() | how, "sets": {name: measured(all_of) for name, all_of in sets.items()}}
        options.json.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    insert(ROOT / "docs" / "effort.md", document(json.loads(options.json.read_text(encoding="utf-8"))), "fast")
    return 0


def sets_of(options: Any) -> dict[str, list[np.ndarray]]:
    two = pictures_of(options)
    held_out = [np.ascontiguousarray(pixels) for pixels in two["held out"]]
    return {"Kodak": two["kodak"], "held out": held_out, "graphics": list(graphics(options.limit or GRAPHICS))}


def graphics(limit: int) -> Iterator[np.ndarray]:
    """Every third of the project's own, which it reports on."""
    with tempfile.TemporaryDirectory() as folder:
        script = ROOT / "tools" / "pictures" / "graphics.py"
        subprocess.run([sys.executable, str(script), folder, "--seed", "report"], check=True, capture_output=True)
        yield from [read(path) for path in sorted(Path(folder).glob("*.png"))[::3][:limit]]


def measured(pictures: list[np.ndarray]) -> dict[str, Any]:
    found: dict[str, list[Row]] = {}
    for pixels in pictures:
        for name, row in rows_of(pixels):
            found.setdefault(name, []).append(row)
    return {name: summary(rows) for name, rows in found.items()} | {"pictures": len(pictures)}


def rows_of(pixels: np.ndarray) -> Iterator[tuple[str, Row]]:
    for effort in EFFORTS:
        yield f"vaerans -e {effort}", ours(pixels, effort)
    for name, (kind, settings) in PILLOW.items():
        if kind != "WebP" or features.check("webp"):
            yield name, pillow(pixels, kind, settings)
    if which("cjxl") and which("djxl"):
        for effort in JXL_EFFORTS:
            yield f"JPEG XL -e {effort}", jpeg_xl(pixels, effort)


def ours(pixels: np.ndarray, effort: int) -> Row:
    into, data = best(lambda: vaerans.compress(pixels, lossless=True, effort=effort, threads=1))
    out, back = best(lambda: vaerans.decompress(data, threads=1))
    np.testing.assert_array_equal(back, pixels)
    return row(pixels, len(data), into, out)


def pillow(pixels: np.ndarray, kind: str, settings: dict[str, Any]) -> Row:
    image = Image.fromarray(pixels)

    def encoded() -> bytes:
        memory = io.BytesIO()
        image.save(memory, kind, **settings)
        return memory.getvalue()

    into, data = best(encoded)
    out, _ = best(lambda: np.asarray(Image.open(io.BytesIO(data))))
    return row(pixels, len(data), into, out)


def jpeg_xl(pixels: np.ndarray, effort: int) -> Row:
    with tempfile.TemporaryDirectory() as folder:
        source, target, back = (str(Path(folder) / name) for name in ("a.ppm", "a.jxl", "b.ppm"))
        Image.fromarray(pixels).save(source)
        encode = ["cjxl", source, target, "-d", "0", "-e", str(effort), "--num_threads=0", "--quiet"]
        into = min(process_time(encode) for _ in range(RUNS))
        out = min(process_time(["djxl", target, back, "--num_threads=0", "--quiet"]) for _ in range(RUNS))
        np.testing.assert_array_equal(read(Path(back)), pixels)
        return row(pixels, Path(target).stat().st_size, into, out)


def best(work: Callable[[], Any]) -> tuple[float, Any]:
    return min((timed(work) for _ in range(RUNS)), key=lambda pair: pair[0])


def process_time(command: list[str]) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def row(pixels: np.ndarray, size: int, into: float, out: float) -> Row:
    return {"bytes": size, "pixels": pixels.shape[0] * pixels.shape[1], "in": into, "out": out}


def document(result: dict[str, Any]) -> str:
    about = (
        "The fast effort beside quick peers in the same run: bits per pixel · megapixels a second in · out, on one "
        "core (`tools/evaluate/fast_table.py`, which writes [fast.json](fast.json);\n"
        f"held out: middles of {CROP} × {CROP} of the four photos; graphics: every third of the project's own)."
    )
    how = "ours and Pillow's in one process, `cjxl` and `djxl` with reading and writing PPM."
    origin = "{processor}, commit {commit}".format(**result["provenance"])
    return "\n\n".join([about, table(result), f"{origin}; {how}"])


def table(result: dict[str, Any]) -> str:
    sets = result["sets"]
    lines = ["| | " + " | ".join(f"{name} ({found['pictures']})" for name, found in sets.items()) + " |"]
    lines.append("|---|" + "---:|" * len(sets))
    for codec in [name for name in next(iter(sets.values())) if name != "pictures"]:
        lines.append(f"| {codec} | " + " | ".join(cell(found[codec]) for found in sets.values()) + " |")
    return "\n".join(lines)


def cell(found: dict[str, float]) -> str:
    return f"{found['bpp']:.2f} · {found['megapixels_per_second_in']:.1f} · {found['megapixels_per_second_out']:.1f}"


if __name__ == "__main__":
    sys.exit(main())

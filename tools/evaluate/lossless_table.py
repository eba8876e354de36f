"""Lossless and near-lossless rates and speeds on the Kodak photos and on photos nothing was tuned on, beside peers.

    python tools/evaluate/lossless_table.py [--kodak ../shared/kodak] [--photos ../shared/photos] [--limit N]

Writes docs/lossless.json. Rates are bits per pixel of whole files, averaged over pictures; every file is decoded and
compared. Times are of CPU of this process on one thread. Peers that are not installed are left out: cjxl (libjxl), and
the WebP of Pillow.
"""

from __future__ import annotations

import argparse
import io
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import vaerans_ecs as vaerans
from kodak_table import processor
from PIL import Image, features

ROOT = Path(__file__).resolve().parents[2]
# As training/data.py: nothing is trained or tuned on these.
HELD_OUT = ("budgie-perched-osprey", "budgie-lake-sherburne", "budgie-roman-colosseum", "pop-tony-webster-97532")
BOUNDS = (0, 1, 2, 3)
JXL_EFFORTS = (3, 7, 9)


def main() -> int:
    options = arguments()
    sets = {
        "kodak": sorted(options.kodak.glob("*.png"))[: options.limit],
        "held out": [options.photos / f"{name}.webp" for name in HELD_OUT][: options.limit],
    }
    missing = [str(path) for paths in sets.values() for path in paths if not path.is_file()]
    if missing or not all(sets.values()):
        print(f"skipped: pictures are missing ({', '.join(missing) or 'none found'}; see --kodak and --photos)")
        return 0
    result = {
        "provenance": provenance(),
        "sets": {name: measure(paths, options.peers) for name, paths in sets.items()},
    }
    options.json.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(result, indent=1))
    return 0


def two_sets(about: str, name: str) -> argparse.ArgumentParser:
    """Options of a measurement on both sets of pictures that is written to docs/`name`."""
    parser = argparse.ArgumentParser(description=about.partition("\n")[0])
    shared = ROOT.parent / "shared"
    parser.add_argument("--kodak", type=Path, default=shared / "kodak", help="folder of RGB PNGs")
    parser.add_argument("--photos", type=Path, default=shared / "photos", help="folder with the held-out photos")
    parser.add_argument("--json", type=Path, default=ROOT / "docs" / name)
    parser.add_argument("--limit", type=int, help="pictures of each set")
    return parser


def arguments() -> argparse.Namespace:
    parser = two_sets(__doc__, "lossless.json")
    parser.add_argument("--no-peers", dest="peers", action="store_false", help="measure vaerans alone")
    return parser.parse_args()


def measure(paths: list[Path], with_peers: bool) -> dict[str, Any]:
    """{codec: mean bits per pixel, megapixels per second in and out} over all pictures of a set."""
    found: dict[str, list[dict[str, float]]] = {}
    for path in paths:
        pixels = np.asarray(Image.open(path).convert("RGB"))
        for bound in BOUNDS:
            found.setdefault(f"vaerans, error <= {bound}", []).append(ours(pixels, bound))
        for name, row in peers(pixels) if with_peers else ():
            found.setdefault(name, []).append(row)
    return {name: summary(rows) for name, rows in found.items()} | {"pictures": len(paths)}


def summary(rows: list[dict[str, float]]) -> dict[str, float]:
    megapixels = sum(row["pixels"] for row in rows) / 1e6
    out = {"bpp": round(float(np.mean([8 * row["bytes"] / row["pixels"] for row in rows])), 4)}
    for way in ("in", "out"):
        if all(way in row for row in rows):
            out[f"megapixels_per_second_{way}"] = round(megapixels / sum(row[way] for row in rows), 3)
    return out


def ours(pixels: np.ndarray, bound: int) -> dict[str, float]:
    into, data = timed(lambda: vaerans.compress(pixels, max_error=bound, threads=1))
    out, back = timed(lambda: vaerans.decompress(data, threads=1))
    worst = int(np.abs(back.astype(int) - pixels).max())
    if worst > bound:
        raise AssertionError(f"an error of {worst} where {bound} was allowed")
    return {"bytes": len(data), "pixels": pixels.shape[0] * pixels.shape[1], "in": into, "out": out}


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    begin = time.process_time()
    result = work()
    return time.process_time() - begin, result


def peers(pixels: np.ndarray) -> list[tuple[str, dict[str, float]]]:
    size = float(pixels.shape[0] * pixels.shape[1])
    rows: list[tuple[str, dict[str, float]]] = []
    for kind, settings in (("PNG", {"optimize": True}), ("WebP", {"lossless": True, "quality": 100, "method": 6})):
        if kind == "WebP" and not features.check("webp"):
            continue
        rows.append((f"{kind} (Pillow)", {"bytes": pillow_bytes(pixels, kind, settings), "pixels": size}))
    if shutil.which("cjxl"):
        rows += [(f"JPEG XL e{effort}", {"bytes": jxl_bytes(pixels, effort), "pixels": size}) for effort in JXL_EFFORTS]
    return rows


def pillow_bytes(pixels: np.ndarray, kind: str, settings: dict[str, Any]) -> int:
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, kind, **settings)
    return out.tell()


def jxl_bytes(pixels: np.ndarray, effort: int) -> int:
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "a.ppm", Path(folder) / "a.jxl"
        Image.fromarray(pixels).save(source)
        command = ["cjxl", str(source), str(target), "-d", "0", "-e", str(effort), "--num_threads=0", "--quiet"]
        subprocess.run(command, check=True)
        return target.stat().st_size


def provenance() -> dict[str, Any]:
    """Where the numbers come from: version, commit, machine."""
    command = ["git", "-C", str(ROOT), "rev-parse", "--short", "HEAD"]
    commit = subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip() or "unknown"
    return {
        "version": vaerans.__version__, "commit": commit, "processor": processor(), "threads": 1,
        "times": "CPU seconds of one run a picture",
    }  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())

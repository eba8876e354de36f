"""Lossless sizes and speeds on graphics of our own making (tools/pictures/graphics.py), beside peers.

    python tools/evaluate/graphics_table.py [--seed report] [--limit N] [--json docs/graphics.json] [--no-peers]

Writes docs/graphics.json and the table in docs/benchmarking.md. Every file is decoded and compared. Times are CPU
seconds of this process on one thread. Peers that are not installed are left out: cwebp -lossless -z 9, cjxl at
efforts 7 and 9, optipng -o2 (it finds palettes).
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import vaerans_ecs as vaerans
from kodak_table import processor
from lossless_table import provenance, timed
from PIL import Image
from table import insert

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = ROOT / "docs" / "benchmarking.md"
PEERS = {
    "PNG": ["optipng", "-quiet", "-o2", "{source}", "-out", "{target}"],
    "WebP": ["cwebp", "-quiet", "-lossless", "-z", "9", "{source}", "-o", "{target}"],
    "JPEG XL e7": ["cjxl", "{source}", "{target}", "-d", "0", "-e", "7", "--num_threads=0", "--quiet"],
    "JPEG XL e9": ["cjxl", "{source}", "{target}", "-d", "0", "-e", "9", "--num_threads=0", "--quiet"],
}


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seed", choices=("report", "tune"), default="report")
    parser.add_argument("--limit", type=int, help="pictures")
    parser.add_argument("--json", type=Path, default=ROOT / "docs" / "graphics.json")
    parser.add_argument("--no-peers", dest="peers", action="store_false", help="measure vaerans alone")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        script = ROOT / "tools" / "pictures" / "graphics.py"
        subprocess.run([sys.executable, str(script), folder, "--seed", options.seed], check=True)
        paths = sorted(Path(folder).glob("*.png"))[: options.limit]
        rows = {path.stem: measure(path, options.peers) for path in paths}
    result = {"provenance": provenance() | {"seed": options.seed}, "sum": summary(rows), "pictures": rows}
    options.json.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print(table(rows))
    if options.json == DOCUMENT.with_name("graphics.json") and options.peers:
        insert(DOCUMENT, f"{table(rows)}\n\n{processor()}, one thread.", "graphics")
    print(json.dumps(result["sum"], indent=1))
    return 0


def measure(path: Path, with_peers: bool) -> dict[str, Any]:
    """Bytes by codec, megapixels, CPU seconds both ways."""
    pixels = np.asarray(Image.open(path).convert("RGB"))
    into, data = timed(lambda: vaerans.compress(pixels, lossless=True, threads=1))
    out, back = timed(lambda: vaerans.decompress(data, threads=1))
    if not np.array_equal(pixels, back):
        raise AssertionError(f"{path.stem} does not come back")
    row: dict[str, Any] = {"megapixels": pixels.shape[0] * pixels.shape[1] / 1e6, "vaerans": len(data)}
    row |= {"in": into, "out": out}
    return row | (peers(path) if with_peers else {})


def peers(path: Path) -> dict[str, int]:
    out = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, command in PEERS.items():
            if not shutil.which(command[0]):
                continue
            target = Path(folder) / name.replace(" ", "-")
            subprocess.run(
                [part.format(source=path, target=target) for part in command], check=True, capture_output=True
            )
            out[name] = target.stat().st_size
    return out


def total_of(rows: dict[str, dict[str, Any]]) -> dict[str, Any]:
    return {key: sum(row[key] for row in rows.values()) for key in next(iter(rows.values()))}


def summary(rows: dict[str, dict[str, Any]]) -> dict[str, Any]:
    total = total_of(rows)
    out = {name: total[name] for name in ("vaerans", *PEERS) if name in total}
    for way in ("in", "out"):
        out[f"megapixels per second {way}"] = round(total["megapixels"] / total[way], 2)
    return out


def table(rows: dict[str, dict[str, Any]]) -> str:
    """Markdown, for docs/benchmarking.md."""
    names = [name for name in ("vaerans", *PEERS) if name in next(iter(rows.values()))]
    lines = ["| | " + " | ".join(names) + " | MP/s in | out |", "|---|" + "---:|" * (len(names) + 2)]
    for label, row in (rows | {"sum": total_of(rows)}).items():
        cells = [f"{row[name]:,}" for name in names] + [f"{row['megapixels'] / row[way]:.1f}" for way in ("in", "out")]
        lines.append(f"| {label} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())

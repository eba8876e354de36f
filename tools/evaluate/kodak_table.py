"""Rate and quality on a folder of photos, through the public Python API: as JSON, and as a table in the documents.

    python tools/evaluate/kodak_table.py [--images ../shared/kodak] [--anchors ../shared/anchors.json]

Writes docs/kodak.json, which also holds the figures of other codecs, and the tables that stand between markers in
README.md and docs/benchmarking.md (table.py); curve.py then draws them.
Pictures of one shape go through the model as one batch. Rates are of whole files.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import vaerans_ecs as vaerans
from PIL import Image
from table import write_tables
from vaerans_ecs.eval.summary import session_share, system_summary

ROOT = Path(__file__).resolve().parents[2]
QUALITIES = (10, 30, 50, 75, 90, 100)  # 75 is the default
ALL_MODELS = ("photo-f8c64", "photo-f8c32", "photo-f8c4")
TARGETS = (0.1, 0.2, 0.4)  # bits per pixel
Pictures = list[np.ndarray]


def main() -> int:
    options = arguments()
    paths = sorted(options.images.glob("*.png"))[: options.limit]
    if not paths:
        print(f"skipped: no pictures in {options.images} (give a folder of PNGs with --images)")
        return 0
    photos = [np.asarray(Image.open(path).convert("RGB")) for path in paths]
    results = [
        evaluate(photos, model) | {"provenance": provenance(options, model, len(paths))} for model in options.models
    ]
    if options.busy:
        results = [without_speeds(result) for result in results]
    options.json.parent.mkdir(parents=True, exist_ok=True)
    data = {"models": [*results, *kept(options.json, options.models)], "peers": anchors(options.anchors)}
    data["models"].sort(key=lambda result: ALL_MODELS.index(result["model"]))
    options.json.write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")
    write_tables(data)
    return 0


def kept(path: Path, renewed: list[str]) -> list[dict[str, Any]]:
    """What the file says of models that are not measured anew."""
    before = json.loads(path.read_text(encoding="utf-8"))["models"] if path.exists() else []
    return [result for result in before if result["model"] not in renewed]


def without_speeds(result: dict[str, Any]) -> dict[str, Any]:
    for row in (*result["qualities"], *result["targets"]):
        row.pop("seconds_per_picture")
    return {name: value for name, value in result.items() if name not in ("time", "megapixels_per_second")}


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    shared = ROOT.parent / "shared"
    parser.add_argument("--images", type=Path, default=shared / "kodak", help="folder of RGB PNGs")
    parser.add_argument("--anchors", type=Path, default=shared / "anchors.json", help="what other codecs reach there")
    parser.add_argument("--models", nargs="+", default=ALL_MODELS, choices=ALL_MODELS, help="to measure; others stay")
    parser.add_argument("--json", type=Path, default=ROOT / "docs" / "kodak.json")
    parser.add_argument("--busy", action="store_true", help="no speeds: others use the machine")
    parser.add_argument("--limit", type=int, help="the first so many pictures only")
    return parser.parse_args()


def evaluate(photos: Pictures, model: str) -> dict[str, Any]:
    """Means over the photos: {model, ceiling, qualities, targets, time}."""
    result: dict[str, Any] = {"model": model, "ceiling": ceiling(photos, model), "qualities": [], "targets": []}
    compress_all(photos[:1], model, {"quality": 50})  # loads the model, so that the times below are without
    context = vaerans.Context(trace=True)
    for quality in QUALITIES:
        result["qualities"].append({"quality": quality, **coded(photos, model, {"quality": quality}, context)})
        print(f"quality {quality}: {result['qualities'][-1]}", file=sys.stderr)
    result["time"] = times(context.trace, len(photos) * len(QUALITIES))
    result["megapixels_per_second"] = megapixels_per_second(photos, result["qualities"])
    for target in TARGETS:
        result["targets"].append({"target_bpp": target, **coded(photos, model, {"bpp": target}, None)})
    result["lossless"] = lossless(photos, model)
    return result


def ceiling(photos: Pictures, model: str) -> dict[str, float]:
    """The VAE alone, without quantisation or coding."""
    return mean(
        vaerans.measure(a, b) for a, b in zip(photos, by_shape(photos, lambda p: autoencoded(p, model)), strict=True)
    )


def autoencoded(photos: Pictures, model: str) -> Pictures:
    from vaerans_ecs.systems import OnnxVAEDecode, OnnxVAEEncode

    world = vaerans.World(arena_bytes=4 << 30)
    pipe = world.pipe(world.spawn_batch_rgb(photos))
    return [np.array(c) for c in pipe.to(OnnxVAEEncode(model=model)).to(OnnxVAEDecode(model=model)).out("ReconRGB")]


def coded(photos: Pictures, model: str, rate: dict[str, float], context: vaerans.Context | None) -> dict[str, Any]:
    """Mean bpp, psnr, ssim, ms_ssim of the files at this rate, the least PSNR, and seconds per picture each way."""
    begin = time.perf_counter()
    files = compress_all(photos, model, rate, context)
    middle = time.perf_counter()
    decoded = by_shape(files, lambda group: vaerans.decompress(group, context=context), of=photos)
    end = time.perf_counter()
    rows = [
        {"bpp": 8 * len(file) / (a.shape[0] * a.shape[1]), **vaerans.measure(a, b)}
        for a, b, file in zip(photos, decoded, files, strict=True)
    ]
    seconds = {"encode": (middle - begin) / len(photos), "decode": (end - middle) / len(photos)}
    return {**mean(rows), "least_psnr": round(min(r["psnr"] for r in rows), 3), "seconds_per_picture": seconds}


def lossless(photos: Pictures, model: str) -> dict[str, Any]:
    """Mean bpp with the residual stream, and how many photos came back equal to the last bit."""
    files = compress_all(photos, model, {"residual": "lossless"})
    decoded = by_shape(files, vaerans.decompress, of=photos)
    bpp = np.mean([8 * len(file) / (a.shape[0] * a.shape[1]) for a, file in zip(photos, files, strict=True)])
    equal = sum(np.array_equal(a, b) for a, b in zip(photos, decoded, strict=True))
    return {"bpp": round(float(bpp), 4), "equal": equal}


def compress_all(photos: Pictures, model: str, rate: dict[str, Any], context: Any = None) -> list[bytes]:
    return by_shape(photos, lambda group: vaerans.compress(group, model=model, context=context, **rate))


def by_shape(items: list[Any], work: Callable[[list[Any]], list[Any]], of: Pictures | None = None) -> list[Any]:
    """`work` on lists of items whose pictures (`of`, or the items themselves) have one shape; results in order."""
    shapes = [picture.shape for picture in of or items]
    results: list[Any] = [None] * len(items)
    for shape in sorted(set(shapes)):
        places = [i for i, s in enumerate(shapes) if s == shape]
        for place, result in zip(places, work([items[i] for i in places]), strict=True):
            results[place] = result
    return results


def mean(rows: Iterable[dict[str, float]]) -> dict[str, float]:
    rows = list(rows)
    return {name: round(float(np.mean([row[name] for row in rows])), 5) for name in rows[0]}


def times(trace: list[dict[str, Any]], pictures: int) -> dict[str, Any]:
    """Milliseconds per picture of each system, and the share of the model and the pixels in all of them."""
    systems = {row["system"]: round(1e3 * row["seconds"] / pictures, 3) for row in merged(system_summary(trace))}
    return {"session_and_pixel_share": round(session_share(trace), 4), "milliseconds_per_picture": systems}


def megapixels_per_second(photos: Pictures, rows: list[dict[str, Any]]) -> dict[str, float]:
    """Speed of compress and decompress with all threads, over all qualities."""
    pixels = np.mean([picture.shape[0] * picture.shape[1] for picture in photos])
    seconds = {way: np.mean([row["seconds_per_picture"][way] for row in rows]) for way in ("encode", "decode")}
    return {way: round(float(pixels / s / 1e6), 2) for way, s in seconds.items()}


def merged(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Systems that differ in their parameters only (such as the step) as one."""
    sums: dict[str, float] = {}
    for row in rows:
        name = row["system"].partition("(")[0]
        sums[name] = sums.get(name, 0.0) + row["seconds"]
    return [{"system": name, "seconds": seconds} for name, seconds in sums.items()]


def anchors(path: Path) -> dict[str, Any]:
    """Points of other codecs on the same photos, by codec; none without the file."""
    return json.loads(path.read_text("utf-8"))["kodak"] if path.is_file() else {}


def provenance(options: argparse.Namespace, model: str, pictures: int) -> dict[str, Any]:
    """Where the numbers come from: version, commit, model, machine."""
    command = ["git", "-C", str(ROOT), "rev-parse", "--short", "HEAD"]
    commit = subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip() or "unknown"
    return {
        "version": vaerans.__version__, "commit": commit, "images": options.images.name, "pictures": pictures,
        "model_hash": vaerans.find_model(model).hash, "processor": processor(), "threads": os.cpu_count(),
    }  # fmt: skip


def processor() -> str:
    info = Path("/proc/cpuinfo")
    names = (
        [line.partition(":")[2].strip() for line in info.read_text().splitlines() if "model name" in line]
        if info.is_file()
        else []
    )
    return names[0] if names else platform.processor() or platform.machine()


if __name__ == "__main__":
    sys.exit(main())

"""The models and the wavelet coder beside other codecs at 0.03 to 0.4 bits per pixel, on three sets of pictures.

    python tools/evaluate/low_rates_table.py [--kodak ../shared/kodak] [--photos ../shared/photos] [--limit N]

The Kodak photos, crops of the held-out photos (which training looked at but did not see) and three pictures of
scikit-image. Writes docs/low_rates.json: curves of mean bits per pixel (whole files), PSNR, MS-SSIM of luma and of R,
G, B, and SSIMULACRA2 at settings that are the same for all pictures of a set; and the tables between markers in
README.md and docs/benchmarking.md, read off on lines between points. Codecs that are not there are left out. Refined
latents take 90 CPU seconds a megapixel, so their curve has few points.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
from lossless_table import provenance, two_sets
from table import ROOT, insert
from wavelet_table import METRICS, by_peer, by_step, is_there, ours, pictures_of, point, read_off

MODELS = ("photo-f8c64", "photo-f8c32", "photo-f8c4")
MODEL_STEPS = (0.8, 1.5, 2.5, 4.0, 6.0, 9.0, 13.0)
REFINED, REFINED_MODEL, REFINED_EFFORT = "photo-f8c64 -e 7", "photo-f8c64", 7
REFINED_STEPS = (2.25, 5.4)  # around 0.1 to 0.2 bits per pixel
OURS = ("photo-f8c64", REFINED, "photo-f8c32", "photo-f8c4", "wavelet")  # as the rows stand, and then the peers
BAND_STEPS = (45.0, 64.0, 100.0, 150.0, 230.0)
PEER_SETTINGS = {
    "JPEG": (1, 4, 8, 14, 22, 35),
    "WebP": (0, 2, 5, 12, 25, 45),
    "AVIF": (5, 12, 20, 30, 40, 52, 62),
    "JPEG 2000": (900, 500, 300, 200, 120, 70, 45),  # compression ratios
    "JPEG XL": (25, 18, 13, 9, 6, 4, 2.8),  # distances
}
RATES = (0.03, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4)
BRIEF_SETS, BRIEF_RATES = ("Kodak", "scikit-image"), (0.1, 0.2, 0.4)  # in README.md


def main() -> int:
    parser = two_sets(__doc__, "low_rates.json")
    parser.add_argument("--table", action="store_true", help="write the tables of what is there")
    parser.add_argument("--only", nargs="+", metavar="CURVE", help="measure these anew, e.g. a model; keep the others")
    options = parser.parse_args()
    if not options.table:
        two = pictures_of(options)
        every = {"Kodak": two["kodak"], "held out": two["held out"], "scikit-image": scikit_image()[: options.limit]}
        sets = {name: pictures for name, pictures in every.items() if pictures}
        if not sets:
            print("skipped: no pictures (see --kodak and --photos)")
            return 0
        if options.only:
            renew(options.json, sets, options.only)
        else:
            save(options.json, measured(sets))
    write(json.loads(options.json.read_text(encoding="utf-8")))
    return 0


def scikit_image() -> list[np.ndarray]:
    from skimage import data  # astronaut, cat and coffee come with the package

    return [data.astronaut(), data.chelsea(), data.coffee()]


def measured(sets: dict[str, list[np.ndarray]]) -> dict[str, Any]:
    names = [*OURS, *(kind for kind in PEER_SETTINGS if is_there(kind))]
    found = {
        name: {"pictures": len(pictures), "curves": {each: curve(pictures, each) for each in names}}
        for name, pictures in sets.items()
    }
    return {"provenance": provenance(), "sets": found}


def renew(path: Path, sets: dict[str, list[np.ndarray]], names: list[str]) -> None:
    """Measures these curves anew, set by set, and notes it in the file's provenance; what is done is kept."""
    result = json.loads(path.read_text(encoding="utf-8"))
    for name, pictures in sets.items():
        if len(pictures) != result["sets"][name]["pictures"]:
            raise SystemExit(f"{name}: the other curves are of {result['sets'][name]['pictures']} pictures")
    for name in names:
        result["provenance"].setdefault("renewed", {})[name] = provenance()
        for kind, pictures in reversed(sets.items()):
            result["sets"][kind]["curves"][name] = curve(pictures, name)
            save(path, result)


def save(path: Path, result: dict[str, Any]) -> None:
    path.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


def curve(pictures: list[np.ndarray], name: str) -> list[dict[str, float]]:
    """The points of a model, of refined latents, of the wavelet coder, or of another codec."""
    if name in MODELS:
        return at_steps(pictures, MODEL_STEPS, lambda step: by_model(name, step))
    if name == REFINED:
        return at_steps(pictures, REFINED_STEPS, lambda step: by_model(REFINED_MODEL, step, REFINED_EFFORT))
    if name == "wavelet":
        return at_steps(pictures, BAND_STEPS, lambda step: by_step(step, "visual"))
    return [point(pictures, by_peer(name, q)) | {"setting": q} for q in PEER_SETTINGS[name]]


def at_steps(pictures: list[np.ndarray], steps: tuple[float, ...], code: Any) -> list[dict[str, float]]:
    return [point(pictures, code(step)) | {"step": step} for step in steps]


def by_model(model: str, step: float, effort: int = 5) -> Any:
    return lambda pixels: ours(pixels, step=step, mode="model", model=model, effort=effort)


def write(result: dict[str, Any]) -> None:
    insert(ROOT / "docs" / "benchmarking.md", all_rates(result), "low-rates")
    insert(ROOT / "README.md", some_rates(result), "low-rates")


def all_rates(result: dict[str, Any]) -> str:
    sets = result["sets"].items()
    tables = [f"**{name}**, {found['pictures']} pictures\n\n{table(found['curves'], RATES)}" for name, found in sets]
    return "\n\n".join([*tables, origin(result["provenance"])])


def origin(first: dict[str, Any]) -> str:
    later = [
        f"`{name}` {each['processor']}, commit {each['commit']}" for name, each in first.get("renewed", {}).items()
    ]
    return "; ".join([f"{first['processor']}, commit {first['commit']}", *later]) + "."


def some_rates(result: dict[str, Any]) -> str:
    shown = {name: found["curves"] for name, found in result["sets"].items() if name in BRIEF_SETS}
    return "\n\n".join(f"**{name}**\n\n{table(curves, BRIEF_RATES)}" for name, curves in shown.items())


def table(curves: dict[str, list[dict[str, float]]], rates: tuple[float, ...]) -> str:
    lines = ["| | " + " | ".join(f"{rate:g} bpp" for rate in rates) + " |", "|---" * (len(rates) + 1) + "|"]
    for kind in filter(curves.get, (*OURS, *PEER_SETTINGS)):
        points = curves[kind]
        name = f"`{kind}`" if kind.startswith(MODELS) else kind
        lines.append(f"| {name} | " + " | ".join(cell(points, rate) for rate in rates) + " |")
    return "\n".join(lines)


def cell(points: list[dict[str, float]], rate: float) -> str:
    psnr, luma, _, seen = (read_off(points, rate, metric) for metric in METRICS)
    return "–" if np.isnan(psnr) else f"{psnr:.1f} · {luma:.3f} · {seen:.0f}"


if __name__ == "__main__":
    sys.exit(main())

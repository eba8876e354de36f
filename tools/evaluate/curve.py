"""Draws the Kodak curves of docs/low_rates.json into docs/images/kodak.svg.

    python tools/evaluate/curve.py

Nothing is measured: docs/low_rates.json holds our figures and those of other codecs (low_rates_table.py writes both).
The same JSON gives the same SVG with the pinned version of matplotlib.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

ROOT = Path(__file__).resolve().parents[2]
Points = list[dict[str, float]]
OURS = {"photo-f8c64": "#c1121f", "photo-f8c32": "#f08c3c", "photo-f8c4": "#f2b880", "wavelet": "#7b2d8b"}
THEIRS = {
    "AVIF": "#1d3557",
    "WebP": "#457b9d",
    "JPEG XL": "#2a9d8f",
    "JPEG 2000": "#8d7b68",
    "JPEG": "#9aa0a6",
}
LOWEST, HIGHEST = 0.03, 1.0  # bits per pixel that are drawn
PANELS = {
    "ssimulacra2": ("SSIMULACRA2", (-60, 70)),
    "ms_ssim": ("MS-SSIM of luma", (0.78, 1.0)),
    "psnr": ("PSNR / dB", (22, 35)),
}


def main() -> int:
    kodak = json.loads((ROOT / "docs" / "low_rates.json").read_text("utf-8"))["sets"]["Kodak"]
    target = ROOT / "docs" / "images" / "kodak.svg"
    target.parent.mkdir(exist_ok=True)
    mpl.rcParams |= {"svg.hashsalt": "vaerans", "font.family": "DejaVu Sans", "font.size": 9}
    draw(kodak).savefig(target, metadata={"Date": None})
    print(f"written: {target.relative_to(ROOT)}")
    return 0


def draw(kodak: dict[str, Any]) -> Figure:
    figure = Figure(figsize=(12, 3.9), layout="constrained", facecolor="white")
    for axes, (metric, (label, limits)) in zip(figure.subplots(1, 3), PANELS.items(), strict=True):
        for name, points in kodak["curves"].items():
            plot(axes, points, metric, label=name, **style(name))
        dress(axes, label, limits)
    figure.axes[0].legend(frameon=False, loc="lower right", fontsize=8)
    figure.suptitle(f"Means over the {kodak['pictures']} Kodak photos, bytes of whole files", fontsize=10)
    return figure


def style(name: str) -> dict[str, Any]:
    if name in OURS:
        return {"color": OURS[name], "linewidth": 2.2, "marker": "o", "zorder": 3}
    return {"color": THEIRS[name], "linewidth": 1.1, "marker": "."}


def plot(axes: Axes, points: Points, metric: str, **style: Any) -> None:
    inside = sorted((p["bpp"], p[metric]) for p in points if LOWEST <= p["bpp"] <= HIGHEST)
    axes.plot(*zip(*inside, strict=True), markersize=4, **style)


def dress(axes: Axes, label: str, limits: tuple[float, float]) -> None:
    axes.set_xscale("log")
    ticks = (0.03, 0.05, 0.1, 0.2, 0.5, 1)
    axes.set_xticks(ticks, [f"{t:g}" for t in ticks])
    axes.minorticks_off()
    axes.set(xlabel="bits per pixel", ylabel=label, xlim=(LOWEST, HIGHEST), ylim=limits)
    axes.grid(alpha=0.3, linewidth=0.6)
    axes.spines[["top", "right"]].set_visible(False)


if __name__ == "__main__":
    raise SystemExit(main())

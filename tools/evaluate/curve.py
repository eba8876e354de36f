"""Draws the rate-distortion curves of docs/kodak.json into docs/images/kodak.svg.

    python tools/evaluate/curve.py

No model runs: docs/kodak.json holds our figures and those of other codecs (kodak_table.py writes both). The same JSON
gives the same SVG with the pinned version of matplotlib.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from table import NAMES, curve_of

ROOT = Path(__file__).resolve().parents[2]
Points = list[dict[str, float]]
OURS = {"photo-f8c32": "#c1121f", "photo-f8c4": "#f08c3c"}
THEIRS = {"avif": "#1d3557", "webp": "#457b9d", "jxl": "#2a9d8f", "jp2": "#8d7b68", "jpeg420": "#9aa0a6"}
LOWEST, HIGHEST = 0.02, 1.2  # bits per pixel that are drawn
PANELS = {"ms_ssim": ("MS-SSIM", (0.78, 1.0)), "psnr": ("PSNR / dB", (22, 35))}


def main() -> int:
    data = json.loads((ROOT / "docs" / "kodak.json").read_text("utf-8"))
    target = ROOT / "docs" / "images" / "kodak.svg"
    target.parent.mkdir(exist_ok=True)
    mpl.rcParams |= {"svg.hashsalt": "vaerans", "font.family": "DejaVu Sans", "font.size": 9}
    draw(data).savefig(target, metadata={"Date": None})
    print(f"written: {target.relative_to(ROOT)}")
    return 0


def draw(data: dict[str, Any]) -> Figure:
    figure = Figure(figsize=(9.2, 3.7), layout="constrained", facecolor="white")
    for axes, (metric, (label, limits)) in zip(figure.subplots(1, 2), PANELS.items(), strict=True):
        for result in data["models"]:
            style = {"color": OURS[result["model"]], "linewidth": 2.2, "marker": "o", "zorder": 3}
            plot(axes, curve_of(result), metric, label=result["model"], **style)
        for name, points in data["peers"].items():
            if name in THEIRS:
                plot(axes, points, metric, color=THEIRS[name], linewidth=1.1, marker=".", label=NAMES[name])
        dress(axes, label, limits)
    figure.axes[0].legend(frameon=False, loc="lower right")
    pictures = data["models"][0]["provenance"]["pictures"]
    figure.suptitle(f"Means over the {pictures} Kodak photos, bytes of whole files", fontsize=10)
    return figure


def plot(axes: Axes, points: Points, metric: str, **style: Any) -> None:
    inside = sorted((p["bpp"], p[metric]) for p in points if LOWEST <= p["bpp"] <= HIGHEST)
    axes.plot(*zip(*inside, strict=True), markersize=4, **style)


def dress(axes: Axes, label: str, limits: tuple[float, float]) -> None:
    axes.set_xscale("log")
    ticks = (0.02, 0.05, 0.1, 0.2, 0.5, 1)
    axes.set_xticks(ticks, [f"{t:g}" for t in ticks])
    axes.minorticks_off()
    axes.set(xlabel="bits per pixel", ylabel=label, xlim=(LOWEST, HIGHEST), ylim=limits)
    axes.grid(alpha=0.3, linewidth=0.6)
    axes.spines[["top", "right"]].set_visible(False)


if __name__ == "__main__":
    raise SystemExit(main())

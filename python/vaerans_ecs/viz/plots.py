"""Plots with matplotlib's object interface: no pyplot, no global state, any backend. Each function returns the Figure.

Give `ax` to draw into axes of your own, otherwise a new figure is made; `figure.savefig("plot.svg")` needs no display.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from ..components.entropy import entropy
from ..errors import ShapeError
from .extras import need

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

METRICS = {
    "psnr": "PSNR / dB",
    "ssim": "SSIM",
    "ms_ssim": "MS-SSIM",
    "ms_ssim_rgb": "MS-SSIM, RGB",
    "ssimulacra2": "SSIMULACRA2",
}
ROW = ("bpp", "psnr", "ms_ssim")  # what a point given as a plain sequence holds
Curves = Mapping[str, Any] | Sequence[Any]


def rd_curve(curves: Curves, metric: str = "psnr", ax: Axes | None = None, *, title: str | None = None) -> Figure:
    """Rate–distortion curves: bits per pixel across, `metric` ("psnr" in dB or another of METRICS) up.

    `curves` is a list of points, or a mapping of names to such lists, or one more level of groups as in anchors.json
    (entries that hold no points, such as "about", are passed over). A point is a mapping with "bpp" and the metric, or
    a sequence (bpp, psnr, ms_ssim). Points without the metric and points that are not finite are left out.
    ValueError for an unknown metric, or where no point is left."""
    if metric not in METRICS:
        raise ValueError(f"unknown metric {metric!r}; there are {', '.join(METRICS)}")
    lines = {name: xy for name, points in flatten(curves).items() if (xy := line(points, metric))}
    if not lines:
        raise ValueError(f"no point has both bpp and {metric}")
    ax = ax if ax is not None else new_axes()
    for name, xy in lines.items():
        ax.plot(*zip(*xy, strict=True), marker="o", markersize=3.5, linewidth=1.4, label=name or None)
    dress(ax, "rate / bits per pixel", METRICS[metric], title)
    ax.set_xlim(left=0)
    if any(lines):
        ax.legend(frameon=False, fontsize="small")
    return figure_of(ax)


def histogram(
    values: Any, ax: Axes | None = None, *, bins: int = 101, log: bool = True, title: str | None = None
) -> Figure:
    """How often each value occurs: a bar for each symbol of an integer array, `bins` bars for floats.

    `values`: an array of any shape, or a component that turns into one. The legend gives the number of values and, for
    integers, their zero-order entropy in bits per symbol. ValueError where there are none or some are not finite."""
    values = np.asarray(values).ravel()
    if values.size == 0 or not np.isfinite(values).all():
        raise ValueError("histogram needs at least one value, and finite ones")
    ax = ax if ax is not None else new_axes()
    whole = values.dtype.kind in "iub"
    at, counts, width = counted(values) if whole else binned(values, bins)
    label = f"n = {values.size:,}" + (f", entropy {entropy(counts):.3f} bits/symbol" if whole else "")
    ax.bar(at, counts, width=width, log=log, label=label)
    dress(ax, "symbol" if whole else "value", "count", title)
    ax.legend(frameon=False, fontsize="small")
    return figure_of(ax)


def residual_map(
    original: Any, decoded: Any, ax: Axes | None = None, *, gain: float = 8.0, title: str | None = None
) -> Figure:
    """Where a reconstruction errs: original − decoded, averaged over the channels, in levels of 0…255.

    Both are (H, W, 3) or (H, W) uint8. The colours span ±255/gain levels; what is beyond takes the end colours.
    ShapeError (a ValueError) for pictures of two shapes or without pixels; ValueError for a gain not above 0."""
    a, b = np.asarray(original), np.asarray(decoded)
    if a.shape != b.shape or a.ndim not in (2, 3) or a.size == 0:
        wanted = "pictures of one shape are needed, (H, W, 3) or (H, W), of pixels that are there"
        raise ShapeError(f"{wanted}; got {a.shape} and {b.shape}")
    if not gain > 0:
        raise ValueError(f"gain must be positive, not {gain}")
    difference = a.astype(np.float32) - b.astype(np.float32)
    difference = difference.mean(axis=2) if difference.ndim == 3 else difference
    ax = ax if ax is not None else new_axes()
    shown = ax.imshow(difference, cmap="RdBu_r", vmin=-255 / gain, vmax=255 / gain, interpolation="nearest")
    ax.set(xlabel="x / pixels", ylabel="y / pixels", title=title or "")
    ax.figure.colorbar(shown, ax=ax, label="original − decoded / levels of 255", extend="both", shrink=0.8)
    return figure_of(ax)


def flatten(curves: Curves, prefix: str = "") -> dict[str, list[Any]]:
    """Every list of points by its name; a lone list has the name ""."""
    if not isinstance(curves, Mapping):
        return {prefix: list(curves)} if is_points(curves) else {}
    found: dict[str, list[Any]] = {}
    for name, value in curves.items():
        for key, points in flatten(value, str(name)).items():
            found[key if key not in found else f"{name}: {key}"] = points
    return found


def is_points(value: Any) -> bool:
    """A sequence whose items are mappings or rows of numbers."""
    if isinstance(value, str | bytes) or not isinstance(value, Iterable):
        return False
    return all(isinstance(p, Mapping | Sequence | np.ndarray) and not isinstance(p, str | bytes) for p in value)


def line(points: Iterable[Any], metric: str) -> list[tuple[float, float]]:
    """The finite (bpp, metric) pairs of a curve, by rising rate."""
    rows = (p if isinstance(p, Mapping) else dict(zip(ROW, p, strict=False)) for p in points)
    pairs = ((row.get("bpp"), row.get(metric)) for row in rows)
    numbers = ((float(x), float(y)) for x, y in pairs if x is not None and y is not None)
    return sorted(xy for xy in numbers if np.isfinite(xy).all())


def counted(values: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
    at, counts = np.unique(values, return_counts=True)
    return at, counts, 1.0


def binned(values: np.ndarray, bins: int) -> tuple[np.ndarray, np.ndarray, float]:
    counts, edges = np.histogram(values, bins=bins)
    return (edges[:-1] + edges[1:]) / 2, counts, float(edges[1] - edges[0])


def figure_of(ax: Axes) -> Figure:
    return cast("Figure", ax.figure)  # axes of a SubFigure are drawn into that


def new_axes() -> Axes:
    figure: Figure = need("matplotlib.figure").Figure(figsize=(6.4, 4.2), layout="constrained")
    return figure.add_subplot()


def dress(ax: Axes, xlabel: str, ylabel: str, title: str | None) -> None:
    ax.set(xlabel=xlabel, ylabel=ylabel, title=title or "")
    ax.grid(alpha=0.3, linewidth=0.6)
    ax.spines[["top", "right"]].set_visible(False)

"""report(): one self-contained HTML page, and the same as JSON, about one picture and its file.

The page holds its pictures, its charts and plotly.js; it makes no request, and its Content-Security-Policy forbids any.
"""

from __future__ import annotations

import base64
import io
import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np

from ..viz.extras import need
from . import figures, summary

PREVIEW_SIDE = 2048  # pictures on the page are reduced to this many pixels a side


@dataclass(frozen=True)
class Report:
    """A finished report. `data` is what json() writes; the pictures are (H, W, 3) uint8."""

    data: dict[str, Any]
    original: np.ndarray = field(repr=False)
    decoded: np.ndarray = field(repr=False)
    gain: float = 8.0

    def json(self) -> str:
        """The report as JSON text; infinite numbers (PSNR of equal pictures) stand in it as "inf"."""
        return json.dumps(self.data, indent=1, ensure_ascii=False, allow_nan=False)

    def html(self) -> str:
        """The report as one HTML page. ImportError without the extra vaerans-ecs[report]."""
        jinja2 = need("jinja2")
        markup = need("markupsafe").Markup
        text = resources.files(__package__).joinpath("templates/report.html.j2").read_text("utf-8")
        page = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined).from_string(text)
        charts = {name: markup(figures.fragment(figure, f"chart-{name}")) for name, figure in self.charts().items()}
        return page.render(
            **self.data, charts=charts, pictures=self.pictures(), gain=self.gain, plotly=markup(figures.plotly_js())
        )

    def save(self, path: str | os.PathLike[str]) -> tuple[Path, Path]:
        """Writes PATH.html and PATH.json (a suffix .html or .json of `path` is dropped), each through a temporary file
        that is renamed; returns both paths. OSError where the folder cannot be written."""
        stem = Path(path)
        stem = stem.with_suffix("") if stem.suffix in (".html", ".json") else stem
        page, numbers = stem.with_name(stem.name + ".html"), stem.with_name(stem.name + ".json")
        write_text(page, self.html())
        write_text(numbers, self.json())
        return page, numbers

    def charts(self) -> dict[str, Any]:
        """The plotly figures of the page by name: parts, seconds, entropy, and rate where `rd` was given."""
        data = self.data
        charts = {
            "parts": figures.parts_chart(data["file"]["parts"]),
            "seconds": figures.seconds_chart(data["systems"]),
            "entropy": figures.entropy_chart(data["entropy"]),
        }
        if data["rd"] is not None:
            psnr = data["metrics"].get("psnr")
            here = (data["file"]["bpp"], psnr) if isinstance(psnr, int | float) else None
            charts["rate"] = figures.rate_chart(data["rd"], here)
        return charts

    def pictures(self) -> list[dict[str, str]]:
        """Caption and data: URI of the original, the reconstruction and their amplified difference."""
        difference = self.original.astype(np.float32) - self.decoded
        amplified = np.clip(128 + self.gain * difference, 0, 255).astype(np.uint8)
        shown = (
            ("Original", self.original),
            ("Reconstruction", self.decoded),
            (f"Difference × {self.gain:g}", amplified),
        )
        return [{"caption": caption, "uri": data_uri(image)} for caption, image in shown]


def report(
    original: np.ndarray,
    decoded: np.ndarray,
    *,
    trace: Any,
    file_info: Any,
    metrics: Mapping[str, float],
    rd: Any = None,
    title: str = "vaerans report",
    gain: float = 8.0,
) -> Report:
    """Puts a report together.

    original, decoded: (H, W, 3) uint8.
    trace: the records of compress, then of decompress, as Context.trace gives them, as JSON text, or with to_json().
    file_info: what file_info() gives, or a mapping with "parts": [{"name", "bytes"}].
    metrics: {"psnr": dB, "ssim", "ms_ssim"} and whatever else is to be shown.
    rd: curves as viz.rd_curve takes them. gain: amplification of the difference picture.
    ValueError for pictures of two shapes."""
    original, decoded = picture(original), picture(decoded)
    if original.shape != decoded.shape:
        raise ValueError(f"original and decoded differ in shape: {original.shape} and {decoded.shape}")
    height, width, _ = original.shape
    records = summary.trace_records(trace)
    known = {"RGB": summary.picture_entropy(original), "ReconRGB": summary.picture_entropy(decoded)}
    data = {
        "title": title,
        "image": {"width": width, "height": height},
        "file": summary.file_summary(file_info, width * height),
        "metrics": dict(metrics),
        "session_share": summary.session_share(records),
        "systems": summary.system_summary(records),
        "entropy": summary.entropy_summary(records, width * height, known),
        "rd": rd,
        "trace": records,
    }
    return Report(summary.plain(data), original, decoded, gain)


def picture(image: Any) -> np.ndarray:
    image = np.asarray(image)
    if image.ndim != 3 or image.shape[2] != 3 or image.dtype != np.uint8:
        raise ValueError(f"a picture is (H, W, 3) uint8, not {image.shape} {image.dtype}")
    return image


def data_uri(image: np.ndarray) -> str:
    """A PNG of the picture, reduced to PREVIEW_SIDE, as a data: URI."""
    shown = need("PIL.Image").fromarray(np.ascontiguousarray(image))
    shown.thumbnail((PREVIEW_SIDE, PREVIEW_SIDE))
    buffer = io.BytesIO()
    shown.save(buffer, "PNG", optimize=False)
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode("ascii")


def write_text(path: Path, text: str) -> None:
    """Writes beside `path` and renames: a reader sees the old file or the whole new one."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name + ".", suffix=".part")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        temporary.chmod(0o666 & ~umask())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def umask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current

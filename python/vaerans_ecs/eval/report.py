"""report(): one self-contained HTML page, and the same as JSON, about one picture and its file.

The page holds its pictures, its charts and plotly.js; it makes no request, and its Content-Security-Policy forbids any.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..errors import InvalidArgument, ShapeError
from ..viz.extras import need
from . import figures, summary
from .page import Page, template

PREVIEW_SIDE = 2048  # pictures on the page are reduced to this many pixels a side


@dataclass(frozen=True)
class Report(Page):
    """A finished report. `data` is what json() writes; the pictures are (H, W, 3) uint8."""

    original: np.ndarray = field(repr=False)
    decoded: np.ndarray = field(repr=False)
    gain: float = 8.0

    def html(self) -> str:
        """The report as one HTML page. ImportError without the extra vaerans-ecs[report]."""
        page = template("report.html.j2")
        markup = need("markupsafe").Markup
        charts = {name: markup(figures.fragment(figure, f"chart-{name}")) for name, figure in self.charts().items()}
        return page.render(
            **self.data, charts=charts, pictures=self.pictures(), gain=self.gain, plotly=markup(figures.plotly_js())
        )

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
    metrics: what measure() gives, {"psnr": dB, "ssim", "ms_ssim", "ssimulacra2", …}, and whatever else is to be shown.
    rd: curves as viz.rd_curve takes them. gain: amplification of the difference picture.
    ShapeError for pictures of two shapes, InvalidArgument for what is no picture; both are ValueErrors."""
    original, decoded = picture(original), picture(decoded)
    if original.shape != decoded.shape:
        raise ShapeError(f"original and decoded differ in shape: {original.shape} and {decoded.shape}")
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
    if image.ndim != 3 or image.shape[2] != 3 or image.dtype != np.uint8 or image.size == 0:
        raise InvalidArgument(
            f"a picture is (H, W, 3) uint8, of pixels that are there, not {image.shape} {image.dtype}"
        )
    return image


def data_uri(image: np.ndarray) -> str:
    """A PNG of the picture, reduced to PREVIEW_SIDE, as a data: URI."""
    shown = need("PIL.Image").fromarray(np.ascontiguousarray(image))
    shown.thumbnail((PREVIEW_SIDE, PREVIEW_SIDE))
    buffer = io.BytesIO()
    shown.save(buffer, "PNG", optimize=False)
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode("ascii")

"""The charts of a report as plotly figures, without colours of their own for text and ground: the page sets those."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..viz.extras import need
from ..viz.plots import METRICS, flatten, line

BLUE, ORANGE, GREY = "#3b82f6", "#f59e0b", "#94a3b8"
CONFIG = {"displaylogo": False, "responsive": True, "displayModeBar": False}
Rows = Sequence[Mapping[str, Any]]


def parts_chart(parts: Rows) -> Any:
    """A bar for each part of the file, in bytes."""
    names = [part["name"] for part in parts]
    text = [f"{part['bytes']:,} B · {100 * part['share']:.1f} %" for part in parts]
    return bars(names, [("bytes", [part["bytes"] for part in parts], BLUE)], "bytes", text=text)


def seconds_chart(systems: Rows) -> Any:
    """A stacked bar for each system: inside session.run, reading and writing pixels, all the rest."""
    model = [1e3 * s["session_seconds"] for s in systems]
    pixels = [1e3 * s["pixel_seconds"] for s in systems]
    rest = [max(1e3 * s["seconds"] - m - p, 0.0) for s, m, p in zip(systems, model, pixels, strict=True)]
    series = [("model (session.run)", model, BLUE), ("pixels", pixels, ORANGE), ("vaerans", rest, GREY)]
    return bars([s["system"] for s in systems], series, "milliseconds", stacked=True)


def entropy_chart(steps: Rows) -> Any:
    """Bits per pixel that each step was given and gave, on a logarithmic axis."""
    series = [
        ("before", [step["before"]["bpp"] for step in steps], GREY),
        ("after", [step["after"]["bpp"] for step in steps], BLUE),
    ]
    figure = bars([f"{i}. {step['system']}" for i, step in enumerate(steps, 1)], series, "bits per pixel")
    figure.update_xaxes(type="log", dtick=1)
    return figure


def rate_chart(rd: Any, here: tuple[float, float] | None = None) -> Any:
    """PSNR over bits per pixel for the curves that rd_curve takes; `here` marks this file."""
    go = need("plotly.graph_objects")
    figure = go.Figure()
    for name, points in flatten(rd).items():
        if xy := line(points, "psnr"):
            x, y = zip(*xy, strict=True)
            figure.add_scatter(x=x, y=y, name=name or "this codec", mode="lines+markers")
    if here is not None:
        marker = {"symbol": "star", "size": 14, "color": ORANGE}
        figure.add_scatter(x=[here[0]], y=[here[1]], name="this file", mode="markers", marker=marker)
    figure.update_xaxes(title="bits per pixel", rangemode="tozero")
    figure.update_yaxes(title=METRICS["psnr"], automargin=True)
    return bare(figure, 380)


def bars(names: list[str], series: list[tuple[str, list[float], str]], unit: str, **options: Any) -> Any:
    """Horizontal bars from top to bottom; one colour and legend entry for each of `series`."""
    go = need("plotly.graph_objects")
    figure = go.Figure()
    for name, lengths, colour in series:
        bar = {"y": names, "x": lengths, "name": name, "orientation": "h", "marker": {"color": colour}}
        figure.add_bar(
            **bar, text=options.get("text"), hovertemplate="%{y}: %{x:.4g} " + unit + "<extra>%{fullData.name}</extra>"
        )
    figure.update_layout(barmode="stack" if options.get("stacked") else "group", showlegend=len(series) > 1)
    figure.update_yaxes(autorange="reversed", automargin=True, ticksuffix=" ")
    figure.update_xaxes(title=unit)
    return bare(figure, 130 + len(names) * (28 if len(series) == 1 or options.get("stacked") else 42))


def bare(figure: Any, height: int) -> Any:
    clear = "rgba(0,0,0,0)"
    figure.update_layout(
        template="none",
        height=height,
        paper_bgcolor=clear,
        plot_bgcolor=clear,
        font={"color": "#7c8694", "size": 12},
        margin={"l": 10, "r": 16, "t": 34, "b": 46},
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
    )
    figure.update_xaxes(gridcolor="rgba(128,128,128,.22)", zeroline=False)
    figure.update_yaxes(gridcolor="rgba(128,128,128,.12)", zeroline=False)
    return figure


def fragment(figure: Any, name: str) -> str:
    """HTML of one chart that expects plotly.js to be in the page already."""
    return figure.to_html(full_html=False, include_plotlyjs=False, div_id=name, config=CONFIG)


def plotly_js() -> str:
    """The whole of plotly.js, for a page that makes no request."""
    return need("plotly.offline").get_plotlyjs()

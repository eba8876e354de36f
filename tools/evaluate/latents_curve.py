"""Draws bits against error of bench/results/latents.json into docs/images/latents.svg, and docs/latents.md has a table.

    python tools/evaluate/latents_curve.py

Lines are the store at different targets, marks are other ways to keep the same latents, which have one error each.
`./dev bench --topic latents` measures both in one run; the same JSON gives the same SVG.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

ROOT = Path(__file__).resolve().parents[2]
MODELS = {"photo-f8c32": "#c1121f", "photo-f8c4": "#f08c3c"}
PEERS = {"bf16": "s", "block-INT8": "D", "INT8 per channel": "^", "fp8 e4m3": "v"}
DOCUMENT = ROOT / "docs" / "latents.md"
BEGIN, END = "<!-- bits:begin -->", "<!-- bits:end -->"
NAME = re.compile(r"(?P<model>photo-\w+) at (?P<error>[\d.]+) %")


def main() -> int:
    rows = json.loads((ROOT / "bench" / "results" / "latents.json").read_text("utf-8"))["rows"]
    target = ROOT / "docs" / "images" / "latents.svg"
    mpl.rcParams |= {"svg.hashsalt": "vaerans", "font.family": "DejaVu Sans", "font.size": 9}
    draw(points(rows)).savefig(target, metadata={"Date": None})
    write_table(points(rows))
    print(f"written: {target.relative_to(ROOT)}, {DOCUMENT.relative_to(ROOT)}")
    return 0


def write_table(rows: list[dict[str, Any]]) -> None:
    """Between the document's marks: bits at the targets, then what others take and what the store takes for it."""
    ours = {(row["model"], row["error"]): row["ours"] for row in rows if row["peer"] not in PEERS}
    errors = sorted({error for _, error in ours})
    lines = ["| error | " + " | ".join(f"{error:g} %" for error in errors) + " |", "|---" * (len(errors) + 1) + "|"]
    for model in MODELS:
        lines.append(f"| {model} | " + " | ".join(f"{ours[model, error]:.2f} b" for error in errors) + " |")
    lines += ["", "| instead of | bits, at the error | the store at this error |", "|---|---|---|"]
    for row in rows:
        if row["peer"] in PEERS:
            lines.append(
                f"| {row['peer']}, {row['model']} | {row['theirs']:g} b, {row['error']:g} % | {row['ours']:.2f} b |"
            )
    before, rest = DOCUMENT.read_text("utf-8").split(BEGIN)
    text = before + BEGIN + "\n" + "\n".join(lines) + "\n" + END + rest.split(END)[1]
    DOCUMENT.write_text(text, "utf-8")


def points(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each row with its model and its error in percent; those of other jobs are left out."""
    found = ((NAME.fullmatch(row["name"]), row) for row in rows)
    return [row | {"model": m["model"], "error": float(m["error"])} for m, row in found if m]


def draw(rows: list[dict[str, Any]]) -> Figure:
    figure = Figure(figsize=(6.4, 4.2), layout="constrained", facecolor="white")
    axes = figure.subplots()
    for model, color in MODELS.items():
        of_model = sorted((row for row in rows if row["model"] == model), key=lambda row: row["error"])
        errors, bits = zip(*((row["error"], row["ours"]) for row in of_model), strict=True)
        axes.plot(errors, bits, color=color, linewidth=2.2, marker="o", markersize=3, label=f"store, {model}")
        for row in of_model:
            if row["peer"] in PEERS:
                axes.plot(row["error"], row["theirs"], PEERS[row["peer"]], color=color, markersize=6)
    dress(axes)
    return figure


def dress(axes: Axes) -> None:
    axes.set_xscale("log")
    axes.set_xticks([0.2, 0.5, 1, 2, 3, 5, 7], ["0.2", "0.5", "1", "2", "3", "5", "7"])
    axes.minorticks_off()
    axes.set_xlabel("error relative to each channel's deviation / %")
    axes.set_ylabel("bits for each number")
    axes.set_ylim(0, 17)
    axes.grid(color="#dddddd", linewidth=0.6)
    for name, marker in PEERS.items():
        axes.plot([], [], marker, color="#555555", label=name)
    axes.legend(frameon=False, ncols=2, loc="upper right")


if __name__ == "__main__":
    raise SystemExit(main())

"""Writes the result of training.latents.check into docs/latents.md, between its marks.

python -m training.latents.table RESULT
"""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT, KEPT = ROOT / "docs" / "latents.md", ROOT / "docs" / "latent_training.json"
BEGIN, END = "<!-- training:begin -->", "<!-- training:end -->"


def table(result: dict[str, Any]) -> str:
    """A line for each run: what the store takes, the loss on the way, and what samples are like."""
    steps = [point["step"] for point in result["runs"][0]["curve"]]
    shown = [steps[len(steps) * part // 4 - 1] for part in (1, 2, 3, 4)]
    lines = [
        f"{result['items']} latents of photo-f8c4, {result['steps']} steps of {result['batch']}.",
        "",
        "| store | seed | bits | error | "
        + " | ".join(f"loss at {step}" for step in shown)
        + " | samples' deviation | of neighbours' differences | distance to held out | to fp16's samples |",
        "|---|---" + "|---:" * (len(shown) + 6) + "|",
    ]
    for run in result["runs"]:
        losses = {point["step"]: point["held out"] for point in run["curve"]}
        samples = run["samples"]
        cells = [run["store"], run["seed"], f"{run['bits']:.2f}", f"{100 * run['error']:.2f} %"]
        cells += [f"{losses[step]:.4f}" for step in shown]
        cells += [f"{samples[name]:.3f}" for name in ("deviation", "difference", "to held out", "to fp16's")]
        lines.append("| " + " | ".join(map(str, cells)) + " |")
    return "\n".join(lines)


def main() -> None:
    result = json.loads(Path(sys.argv[1]).read_text())
    text = DOCUMENT.read_text(encoding="utf-8")
    before, rest = text.split(BEGIN)
    DOCUMENT.write_text(before + BEGIN + "\n" + table(result) + "\n" + END + rest.split(END)[1], encoding="utf-8")
    if Path(sys.argv[1]).resolve() != KEPT:
        shutil.copyfile(sys.argv[1], KEPT)


if __name__ == "__main__":
    main()

"""Wavelets of four levels on one float32 plane, against PyWavelets and memcpy of the plane; int16 against float32."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pywt
from harness import PROCESSOR, Row, Run, best_of_rounds, less_is_better

NAME = "transforms"
TITLE = "Wavelets"
LIBRARIES = ("PyWavelets", "numpy")
THREADS, CLOCK = 1, PROCESSOR
LEVELS = 4
PEERS = {"cdf53": "bior2.2", "haar": "haar"}


def rows(run: Run) -> Iterator[Row]:
    side = run.scale.side
    plane = np.random.default_rng(1).integers(0, 256, (side, side)).astype(np.float32)
    jobs = {}
    for ours, theirs in PEERS.items():
        bands = pywt.wavedec2(plane, theirs, mode="symmetric", level=LEVELS)
        jobs[f"{ours} forward/PyWavelets"] = lambda t=theirs: pywt.wavedec2(plane, t, mode="symmetric", level=LEVELS)
        jobs[f"{ours} inverse/PyWavelets"] = lambda b=bands, t=theirs: pywt.waverec2(b, t, mode="symmetric")
    ms = {name: 1e3 * figures.seconds for name, figures in best_of_rounds(run, NAME, jobs).items()}
    copy = ms["copy/memcpy float32"]
    for job in [f"{wavelet} {way}" for wavelet in PEERS for way in ("forward", "inverse")]:
        name = f"{job}, {side}²"
        ours, whole = ms[f"{job}/vaerans float32"], ms[f"{job}/vaerans int16"]
        peer = f"PyWavelets {PEERS[job.split()[0]]}"
        yield less_is_better(f"{name} float32", "ms", ours, peer, ms[f"{job}/PyWavelets"])
        yield less_is_better(f"{name} float32", "ms", ours, "memcpy of the plane", copy)
        yield less_is_better(f"{name} int16", "ms", whole, "our float32", ours)

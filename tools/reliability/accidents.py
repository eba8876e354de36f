"""Kills and faults: a program that is killed, a disk that is full, memory that is not there."""

from __future__ import annotations

import os
import random
import resource
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import sandbox
import vaerans_ecs as v

ROOT = Path(__file__).resolve().parents[2]
LAKE = ROOT / "examples" / "pictures" / "lake.png"


def kills(program: str, count: int) -> dict[str, int]:
    """Killed while it replaces a file: what is there afterwards is the old file or the whole new one."""
    rng, counts = random.Random(3), {"old file": 0, "new file": 0, "neither": 0, "ended first": 0}
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "kept.vrs"
        new = v.compress(LAKE, mode="wavelet", step=40.0)
        words = [program, "compress", str(LAKE), "--mode", "wavelet", "--step", "40", "-f", "-o", str(target)]
        usual = statistics.median(seconds_of(words) for _ in range(5))
        while sum(counts.values()) - counts["ended first"] < count and counts["ended first"] < 5 * count:
            target.write_bytes(b"old")
            status = sandbox.kill_after(words, moment(rng, usual))
            there = target.read_bytes()
            kind = "old file" if there == b"old" else "new file" if there[:4] == new[:4] and whole(there) else "neither"
            counts["ended first" if status == 0 else kind] += 1
    print("kills", counts, file=sys.stderr)
    return counts


def seconds_of(words: list[str]) -> float:
    begin = time.monotonic()
    sandbox.run(words)
    return time.monotonic() - begin


def moment(rng: random.Random, usual: float) -> float:
    """Half of the kills come at any time, the others near the end, where the file is written."""
    return rng.uniform(0, usual) if rng.random() < 0.5 else rng.uniform(0.85, 1.05) * usual


def whole(data: bytes) -> bool:
    try:
        v.verify(data)
    except v.VaeransError:
        return False
    return True


def faults(program: str) -> dict[str, str]:
    """What cannot work ends in a typed error, and leaves nothing behind."""
    out = {}
    with tempfile.TemporaryDirectory() as folder:
        picture = Path(folder) / "in.npy.ppm"
        pixels = np.asarray(np.random.default_rng(1).integers(0, 256, (600, 800, 3)), np.uint8)
        picture.write_bytes(b"P6\n800 600\n255\n" + pixels.tobytes())
        target = Path(folder) / "out.vrs"
        lossless = [program, "compress", "--lossless", str(picture), "-o"]
        cases = {
            "a limit on file sizes": ([*lossless, str(target)], {resource.RLIMIT_FSIZE: 4096}),
            "a limit on file sizes, row by row": (
                [*lossless[:2], "--stream", *lossless[2:], str(target)],
                {resource.RLIMIT_FSIZE: 4096},
            ),
            "a full device": ([*lossless, "/dev/full", "-f"], {}),
            "a full pipe's reader gone": (
                ["/bin/bash", "-c", f"{' '.join(lossless)} - -f | true; exit ${{PIPESTATUS[0]}}"],
                {},
            ),
            "a folder that is not there": ([*lossless, f"{folder}/none/out.vrs"], {}),
            "a folder in the place of a file": ([*lossless[:3], folder, "-o", str(target)], {}),
            "no memory": ([*lossless, str(target)], {resource.RLIMIT_AS: 200 << 20}),
            "few open files": ([*lossless, str(target)], {resource.RLIMIT_NOFILE: 5}),
            "no TMPDIR, row by row": (
                ["/usr/bin/env", "TMPDIR=/nowhere", *lossless[:2], "--stream", *lossless[2:], str(target)],
                {},
            ),
        }
        for label, (words, limits) in cases.items():
            out[label] = outcome(words, limits)
            left = sorted(p.name for p in Path(folder).iterdir() if p != picture)
            if left and out[label] != "done":
                out[label] += f", left behind: {', '.join(left)}"
            target.unlink(missing_ok=True)
            print(label, out[label], file=sys.stderr)
    return out


def outcome(words: list[str], limits: dict[int, int]) -> str:
    def set_limits() -> None:
        for kind, value in limits.items():
            resource.setrlimit(kind, (value, value))

    done = subprocess.run(words, capture_output=True, text=True, preexec_fn=set_limits, timeout=120, env={**os.environ})
    if done.returncode in (-signal.SIGPIPE, 128 + signal.SIGPIPE):
        return "ended by SIGPIPE, as usual in pipes"
    if done.returncode < 0:
        return f"signal {-done.returncode}"
    error = done.stderr.partition("error[")[2].partition("]")[0]
    return "done" if done.returncode == 0 else f"error {error}" if error else f"exit {done.returncode}"

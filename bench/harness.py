"""Contenders, rounds, rows: what the topics of `./dev bench` have in common.

A contender is one way to do one job: a benchmark of the C++ program, or a Python function. Contenders take turns, round
after round, so that whatever else the machine does meets all of them; the best round of each counts.
"""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PROCESSOR, WALL = "processor time of the process", "wall clock"  # which clock a time was taken by


@dataclass(frozen=True)
class Scale:
    """How much work a run does."""

    name: str
    symbols: int  # length of each synthetic stream
    side: int  # side of the plane for the wavelets
    photos: int  # how many at most
    rounds: int
    least_seconds: float  # what each benchmark of the C++ program takes in a round


SCALES = {
    "full": Scale("full", 16 << 20, 4096, 24, 7, 0.05),
    "quick": Scale("quick", 2 << 20, 2048, 4, 2, 0.02),
    "tiny": Scale("tiny", 1 << 16, 512, 1, 1, 0.001),
}


@dataclass(frozen=True)
class Row:
    """One line of a result. ratio > 1: ours is better."""

    name: str
    unit: str
    ours: float
    peer: str
    theirs: float
    ratio: float

    def rounded(self) -> dict[str, object]:
        return {k: float(f"{v:.4g}") if isinstance(v, float) else v for k, v in asdict(self).items()}


def more_is_better(name: str, unit: str, ours: float, peer: str, theirs: float) -> Row:
    return Row(name, unit, ours, peer, theirs, ours / theirs)


def less_is_better(name: str, unit: str, ours: float, peer: str, theirs: float) -> Row:
    return Row(name, unit, ours, peer, theirs, theirs / ours)


@dataclass
class Figures:
    """What one contender gave: seconds of its best round, and its counters."""

    seconds: float
    counters: dict[str, float] = field(default_factory=dict)


@dataclass
class Run:
    """One run of the driver."""

    scale: Scale
    photos: Path  # the folder of test photos; may be missing
    work: Path  # for inputs
    program: Path  # vaerans_bench
    context: dict[str, str] = field(default_factory=dict)  # what the C++ program says of itself

    def data(self, topic: str) -> Path:
        folder = self.work / topic
        folder.mkdir(parents=True, exist_ok=True)
        return folder


def processor_seconds(work: Callable[[], object]) -> float:
    """Seconds that this process computed: the wall clock of an otherwise idle machine, for one thread."""
    begin = time.process_time()
    work()
    return time.process_time() - begin


def best_of_rounds(
    run: Run, topic: str, peers: dict[str, Callable[[], object]], repetitions: int = 0
) -> dict[str, Figures]:
    """All benchmarks of the C++ program under `topic`/ and all `peers`, in turns; names without the topic."""
    best: dict[str, Figures] = {}
    for _ in range(repetitions or run.scale.rounds):
        for name, figures in program_round(run, topic):
            keep_best(best, name, figures)
        for name, work in peers.items():
            keep_best(best, name, Figures(processor_seconds(work)))
    return best


def keep_best(best: dict[str, Figures], name: str, figures: Figures) -> None:
    if name not in best or figures.seconds < best[name].seconds:
        best[name] = figures


def program_round(run: Run, topic: str) -> Iterator[tuple[str, Figures]]:
    """Runs the topic's C++ benchmarks once, on the files in the topic's data folder."""
    least = f"--benchmark_min_time={run.scale.least_seconds}"
    command = [run.program, f"--benchmark_filter=^{topic}/", "--benchmark_format=json", least]
    size = {"VAERANS_BENCH_DATA": str(run.data(topic)), "VAERANS_BENCH_SIDE": str(run.scale.side)}
    done = subprocess.run(command, env=os.environ | size, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True)
    report = json.loads(done.stdout)
    run.context |= {k: v for k, v in report["context"].items() if k in ("htscodecs", "compiler")}
    for row in report["benchmarks"]:
        if "error_message" in row:
            raise RuntimeError(f"{row['name']}: {row['error_message']}")
        seconds = row["real_time"] * {"ns": 1e-9, "us": 1e-6, "ms": 1e-3, "s": 1.0}[row["time_unit"]]
        name = row["name"].removeprefix(f"{topic}/").removesuffix("/manual_time")
        yield name, Figures(seconds, {k: float(row[k]) for k in ("bytes", "value") if k in row})
